"""Forecast files: everything that is wrong at once, whatever made the file."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import InvalidInputError
from services.mirror.types import IssueRow
from services.pm.forecasts import Basis, Forecast, planned_in, planned_in_all
from services.pm.forecasts.reading import parse_forecasts, read_hours
from services.pm.forecasts.sheets import MAX_BYTES, rows_of
from services.pm.forecasts.types import ForecastRow, Source
from services.pm.months import Month
from services.pm.tables import Parsed

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
NOVEMBER = Month(2026, 11)


def issue(key: str, level: int = 1, kind: str = "Epic") -> IssueRow:
    project = key.partition("-")[0]
    rest: dict[str, Any] = dict.fromkeys(
        ("priority", "assignee_account_id", "reporter_account_id", "parent_key", "epic_key", "resolved_at")
    )
    return IssueRow(
        jira_id=key,
        key=key,
        project_key=project,
        issue_type=kind,
        hierarchy_level=level,
        summary=key,
        description="",
        status="Open",
        status_category="new",
        labels=(),
        components=(),
        links=(),
        created_at=NOW,
        updated_at=NOW,
        synced_at=NOW,
        **rest,
    )


ISSUES = {i.key: i for i in (issue("SHOP-1"), issue("SHOP-2"), issue("PORT-1"), issue("SHOP-9", 0, "Story"))}


def parsed(text: str | bytes) -> Parsed[ForecastRow]:
    content = text.encode() if isinstance(text, str) else text
    return parse_forecasts(rows_of(content), ISSUES, {"Storefront", "Platform"})


def workbook(*rows: list[Any]) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def with_part(content: bytes, name: str, text: bytes) -> bytes:
    """Return a workbook one of whose parts is replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, text if part == name else old.read(part))
    return out.getvalue()


@pytest.mark.requirement("PM-7.3")
def test_all_that_is_wrong_in_a_file_is_said_at_once_with_line_and_column() -> None:
    text = """epic_key,hours,month,team,project_key
SHOP-1,120,2026-11,Storefront,SHOP
SHOP-1,80,2026-11,storefront,
SHOP-9,5,,,
SHOP-77,5,,,
nonsense,5,,,
SHOP-2,-1,,,
SHOP-2,NaN,2026-10,,
SHOP-2,1e9,2026-09,,
SHOP-2,5,2026-13,,
SHOP-2,5,2026-08,Stroefront,PORT
,5,,,
SHOP-2,,2026-07,,
"""
    assert [str(problem) for problem in parsed(text).problems] == [
        "line 3: epic_key “SHOP-1” is in line 2 already, with the same month and team",
        "line 4: epic_key “SHOP-9” is not an epic but a Story",
        "line 5: epic_key “SHOP-77” is not an issue that FlowPilot knows of",
        "line 6: epic_key “nonsense” is not a key such as SHOP-12",
        "line 7: hours “-1” is not a number of hours from 0 to 100,000, such as 120 or 37.5",
        "line 8: hours “NaN” is not a number of hours from 0 to 100,000, such as 120 or 37.5",
        "line 9: hours “1e9” is not a number of hours from 0 to 100,000, such as 120 or 37.5",
        "line 10: epic_key “SHOP-2” is in line 7 already, with the same month and team",
        "line 10: month “2026-13” is not a month such as 2026-11",
        "line 11: project_key “PORT” is not the project of SHOP-2, which is SHOP",
        "line 11: team “Stroefront” is not a team here; there are Platform, Storefront",
        "line 12: epic_key is missing",
        "line 13: hours is missing",
    ]


@pytest.mark.requirement("PM-7.3")
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("epic,hours\nSHOP-1,5\n", "line 1: epic is no column that can be imported"),
        ("epic_key\nSHOP-1\n", "line 1: hours is missing: add a column of that name"),
        ("epic_key,hours,hours\nSHOP-1,5,5\n", "line 1: hours is there twice"),
        ("epic_key,hours\n", "line 2: the file has no lines below its header"),
        ("", "line 1: epic_key is missing: add a column of that name"),
        ("epic_key,hours\nSHOP-1,5,6\n", "line 2: has 3 values and the header names 2"),
    ],
)
def test_a_file_of_the_wrong_shape_is_explained(text: str, says: str) -> None:
    assert says in [str(problem) for problem in parsed(text).problems]


@pytest.mark.requirement("PM-7.3")
def test_a_workbook_says_the_same_as_a_csv_file() -> None:
    csv_rows = parsed("\ufeffepic_key;hours;month\r\nshop-1;120;2026-11\r\nSHOP-2;37,5;\r\n")
    book = workbook(
        ["epic_key", "hours", "month", None],
        ["SHOP-1", 120, date(2026, 11, 1)],
        ["SHOP-2", 37.5],
        [None, None],
    )
    assert not csv_rows.problems
    assert parsed(book) == csv_rows
    assert [(row.epic_key, row.minutes, str(row.month or "")) for row in csv_rows.rows] == [
        ("SHOP-1", 7200, "2026-11"),
        ("SHOP-2", 2250, ""),
    ]


def test_a_formula_counts_as_the_value_it_last_had() -> None:
    sheet = b"""<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>epic_key</t></is></c><c r="B1" t="inlineStr"><is><t>hours</t></is>
</c></row><row r="2"><c r="A2" t="inlineStr"><is><t>SHOP-1</t></is></c><c r="B2"><f>60+60</f><v>120</v></c></row>
</sheetData></worksheet>"""
    [row] = parsed(with_part(workbook(["epic_key", "hours"]), "xl/worksheets/sheet1.xml", sheet)).rows
    assert row.minutes == 7200


@pytest.mark.requirement("PM-7.3")
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"x" * (MAX_BYTES + 1), "2 MB is the most"),
        (b"\xd0\xcf\x11\xe0 old", "old .xls kind"),
        (b"PK\x03\x04 torn", "damaged"),
        (b"epic_key,hours\n\xff\xfe", "neither a workbook"),
        (b"epic_key,hours\n" + b"SHOP-1,1\n" * 5_002, "more than 5,000 lines"),
        (
            with_part(workbook(["epic_key"]), "xl/worksheets/sheet1.xml", b" " * 31_000_000),
            "unpacks to far more",
        ),
        (
            with_part(workbook(["epic_key"]), "xl/workbook.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a xmlns="x">&b;</a>'),
            "declares things of its own",
        ),
    ],
    ids=["too big", "old excel", "torn", "bytes", "too long", "bomb", "entities"],
)
def test_a_hostile_file_ends_in_a_clear_refusal(content: bytes, says: str) -> None:
    with pytest.raises(InvalidInputError, match=says):
        rows_of(content)


@given(st.binary(max_size=300))
def test_whatever_the_bytes_a_file_is_read_or_refused(content: bytes) -> None:
    with suppress(InvalidInputError):
        assert parsed(content).problems


@given(st.integers(0, 6_000_000))
def test_hours_of_whole_minutes_come_back_as_they_were_typed(minutes: int) -> None:
    assert read_hours(f"{minutes / 60:.4f} h") == minutes


@pytest.mark.parametrize("text", ["", "h", "1,000", "١٢", "1e3", "-5", "100001", "inf", "12 days"])
def test_what_is_no_number_of_hours_is_none(text: str) -> None:
    assert read_hours(text) is None


def forecast(month: str, team: str, minutes: int) -> Forecast:
    return Forecast("SHOP", "SHOP-1", Month.parse(month) if month else None, team, minutes, Source.FILE, NOW)


@pytest.mark.requirement("PM-3.1")
def test_what_is_planned_is_everybodys_figure_else_the_teams_else_the_months() -> None:
    whole, team = forecast("", "", 600), forecast("", "Platform", 60)
    november = [forecast("2026-11", "Platform", 90), forecast("2026-11", "Storefront", 30)]
    october = forecast("2026-10", "", 50)
    every = [whole, team, *november, october]
    planned = planned_in_all(every)
    assert planned is not None
    assert (planned.minutes, planned.basis) == (600, Basis.EPIC)
    in_month = planned_in(every, NOVEMBER)
    assert in_month is not None
    assert (in_month.minutes, in_month.basis) == (120, Basis.TEAMS)
    months = planned_in_all([*november, october])
    assert months is not None
    assert (months.minutes, months.basis) == (170, Basis.MONTHS)
    assert planned_in([whole], NOVEMBER) is None
    assert planned_in_all([]) is None
