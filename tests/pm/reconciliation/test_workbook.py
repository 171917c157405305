"""The workbook: totals are formulas, they come out as Tempo has them, and what people wrote stays text."""

from __future__ import annotations

import csv
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from openpyxl import load_workbook

from services.pm.reconciliation.content import changes_since, totals_of
from services.pm.reconciliation.reconcile import reconcile
from services.pm.reconciliation.types import EpicName, ForecastRow, HoursRow, Reconciliation, ReconciliationData
from services.reports.reconciliation import Edition, build_workbook
from tests.pm.reconciliation.formulas import Calculated
from tests.pm.reconciliation.months import ANY_MONTH, HOUR, OCTOBER, data, project

SUMMARY, DETAILS, VARIANCES, TEAMS = "Executive Summary", "Epic Details", "Variance Analysis", "Team Performance"
MADE_AT = datetime(2026, 11, 1, 9, tzinfo=UTC)
HOSTILE = ('=HYPERLINK("http://x.test","y")', "+1+1", "-2", "@SUM(A1)", "'quoted", "a\x07b\x0bc", "x" * 40_000)


def built(month: Reconciliation) -> bytes:
    return build_workbook(month, Edition(1, MADE_AT))


def october() -> Reconciliation:
    """A month by hand: 113 h 48 min 36 s, with everything that is nobody's."""
    hours = [
        HoursRow("SHOP", "SHOP-1", "Atlas", 123_456),
        HoursRow("SHOP", "SHOP-1", "Borealis", 61 * 60),
        HoursRow("SHOP", "SHOP-2", "", 2 * HOUR),
        HoursRow("SHOP", "", "Atlas", HOUR),
        HoursRow("PORT", "PORT-1", "Cirrus", 25 * HOUR),
        HoursRow("", "", "Atlas", 1800),
        HoursRow("CARE", "", "Atlas", 50 * HOUR),
    ]
    forecasts = [
        ForecastRow("SHOP", "SHOP-1", OCTOBER, "", 30 * 60),
        ForecastRow("PORT", "PORT-1", OCTOBER, "Cirrus", 40 * 60),
        ForecastRow("PORT", "PORT-9", OCTOBER, "", 600),
        ForecastRow("SHOP", "SHOP-1", None, "", 90 * 60),
        ForecastRow("SHOP", "SHOP-2", OCTOBER, "", 0),
    ]
    return reconcile(data(hours, forecasts))


@given(ANY_MONTH)
@settings(max_examples=15)
@pytest.mark.requirement("PM-4.2")
def test_all_sheets_add_up_to_tempo_by_their_own_formulas(given_month: ReconciliationData) -> None:
    month = reconcile(given_month)
    sheets = Calculated(built(month))
    assert sheets.names == [SUMMARY, DETAILS, VARIANCES, TEAMS]
    for sheet, actual, planned, forecast in (
        (SUMMARY, "C4", "D4", "E4"),
        (DETAILS, "F3", "G3", "H3"),
        (TEAMS, "B3", "C3", "D3"),
    ):
        assert round(sheets.value(sheet, actual) * HOUR) == month.tempo_seconds
        assert round(sheets.value(sheet, planned) * HOUR) == month.portfolio.planned_seconds
        assert round(sheets.value(sheet, forecast) * 60) == month.portfolio.forecast_minutes
    assert "yes" in sheets.column(SUMMARY, "C", 6)
    assert "NO" not in sheets.column(SUMMARY, "C", 6)
    percent = month.portfolio.compared.variance_percent
    shown = sheets.value(SUMMARY, "G4")
    assert shown == ("no forecast" if percent is None else pytest.approx(float(percent) / 100))


@pytest.mark.requirement("PM-4.2")
def test_a_number_that_was_changed_by_hand_shows_in_the_total_and_in_the_check() -> None:
    book = load_workbook(BytesIO(built(october())))
    book[DETAILS]["F6"].value += 1
    changed = BytesIO()
    book.save(changed)
    sheets = Calculated(changed.getvalue())
    assert sheets.value(DETAILS, "F3") == pytest.approx(113.81 + 1)
    assert "NO" in sheets.column(SUMMARY, "C", 6)


@pytest.mark.requirement("PM-4.2")
def test_the_sheets_are_frozen_filtered_coloured_numbered_and_have_a_chart() -> None:
    content = built(october())
    book = load_workbook(BytesIO(content))
    for name, frozen in ((SUMMARY, "B6"), (DETAILS, "D5"), (VARIANCES, "C5"), (TEAMS, "B5")):
        sheet: Any = book[name]
        assert sheet.freeze_panes == frozen
        assert sheet.auto_filter.ref
        assert sheet.conditional_formatting
        assert sheet.page_setup.orientation == "landscape"
    assert book[SUMMARY]["C4"].number_format == "#,##0.00"
    assert book[SUMMARY]["G4"].number_format == "0.0%"
    assert book[DETAILS].row_dimensions[6].outlineLevel == 1
    assert book[VARIANCES]["B3"].value == "=COUNTA(A5:A7)"
    with zipfile.ZipFile(BytesIO(content)) as parts:
        assert "xl/charts/chart1.xml" in parts.namelist()


@pytest.mark.requirement("PM-4.2")
def test_what_people_wrote_never_becomes_a_formula() -> None:
    hours = [HoursRow("SHOP", f"SHOP-{n}", text[:90], HOUR) for n, text in enumerate(HOSTILE)]
    given_month = data(hours, [ForecastRow("SHOP", f"SHOP-{n}", OCTOBER, "", 30) for n in range(len(HOSTILE))])
    epics = {f"SHOP-{n}": EpicName(text) for n, text in enumerate(HOSTILE)}
    month = reconcile(replace(given_month, epics=epics, projects=(project("SHOP", "=1+1"),)))
    content = built(month)
    for sheet in load_workbook(BytesIO(content)):
        for row in sheet:
            for cell in row:
                assert "HYPERLINK" not in str(cell.value) or (cell.data_type == "s" and cell.quotePrefix)
    ours = {formula[1 : formula.index("(")] if "(" in formula else "" for formula in _formulas(content)}
    assert ours <= {"SUM", "SUMIF", "SUMIFS", "IF", "COUNTA", ""}


def _formulas(content: bytes) -> list[str]:
    sheets = Calculated(content)
    return [formula for name in sheets.names for formula in sheets.formulas(name)]


@pytest.mark.requirement("PM-4.2")
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed: nothing else can open it")
def test_libreoffice_opens_it_and_computes_the_same(tmp_path: Path) -> None:
    month = october()
    before = totals_of(reconcile(data([HoursRow("SHOP", "", "Atlas", HOUR)])))
    (tmp_path / "month.xlsx").write_bytes(build_workbook(month, Edition(2, MADE_AT, changes_since(1, before, month))))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    each_sheet = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    command = ["soffice", profile, "--headless", "--convert-to", each_sheet, "--outdir", str(tmp_path)]
    subprocess.run([*command, str(tmp_path / "month.xlsx")], check=True, capture_output=True, timeout=100)
    sheets = {
        name: list(csv.reader((tmp_path / f"month-{name}.csv").read_text().splitlines()))
        for name in (SUMMARY, DETAILS, VARIANCES, TEAMS)
    }
    assert [sheets[SUMMARY][3][2], sheets[DETAILS][2][5], sheets[TEAMS][2][1]] == ["113.81"] * 3
    assert sheets[SUMMARY][3][6].startswith("-24.6125")  # (60.31 - 80) / 80
    assert ["", "All agree to the minute", "yes"] in [row[:3] for row in sheets[SUMMARY]]
    assert [row[1] for row in sheets[VARIANCES][4:]] == ["PORT-1", "PORT-9", "SHOP-1"]
    assert not any("Err:" in cell or cell.startswith("#") for rows in sheets.values() for row in rows for cell in row)
