"""Executive Summary: projects, the portfolio, a chart, the check against Tempo, what changed since last time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference

from services.pm.reconciliation.types import Basis, Changes, ProjectLine, Reconciliation
from services.reports import analysis_sheets, details_sheet
from services.reports.cells import (
    NO_FORECAST,
    OFF_FORECAST,
    USED_UP,
    Formula,
    Sheet,
    Styles,
    Value,
    hours,
    variance_formulas,
)

if TYPE_CHECKING:
    from services.reports.reconciliation import Edition

TITLE = "Executive Summary"
TOTAL_ROW, HEADER_ROW, FIRST_ROW = 4, 5, 6
HEADERS = (
    ("Project", 12), ("Name", 34), ("Actual h", 12), ("of it with a forecast h", 14), ("Forecast h", 12),
    ("Variance h", 12), ("Variance %", 12), ("To date h, with a forecast", 14), ("Whole forecast h", 12),
    ("Used %", 10),
)  # fmt: skip
CHARTED = 12
CHART_ROWS = 16
_DETAILS = f"'{details_sheet.TITLE}'!"


def write_summary(
    workbook: Workbook, styles: Styles, month: Reconciliation, edition: Edition, places: Mapping[str, tuple[int, int]]
) -> None:
    """Write the sheet; `places` are the rows of each project on the sheet of details."""
    sheet = Sheet(workbook, styles, TITLE, [width for _, width in HEADERS], frozen_rows=HEADER_ROW)
    projects = sorted(month.projects, key=lambda project: (-project.month.actual_seconds, project.key))
    last = max(FIRST_ROW + len(projects) - 1, FIRST_ROW)
    sheet.add((f"Monthly reconciliation, {month.month.title}", "title"))
    sheet.add(
        (
            f"Revision {edition.revision}, made {edition.made_at:%Y-%m-%d %H:%M} "
            f"from {month.worklogs:,} Tempo worklogs. Only hours on epics with a forecast are compared with it.",
            "note",
        )
    )
    sheet.add((_note(month, edition), "note"))
    sheet.add(*_totals(last))
    sheet.header(name for name, _ in HEADERS)
    for project in projects:
        _write_project(sheet, project, places[project.key])
    sheet.filter(HEADER_ROW, len(HEADERS))
    sheet.colour("G", FIRST_ROW, OFF_FORECAST)
    sheet.colour("J", FIRST_ROW, USED_UP)
    _write_check(sheet, month)
    if edition.changes is not None:
        _write_changes(sheet, edition.changes)
    if projects:
        sheet.sheet.add_chart(_chart(sheet, month.basis, min(len(projects), CHARTED)), f"A{sheet.row + 1}")


def _note(month: Reconciliation, edition: Edition) -> str:
    parts = []
    if not month.worklogs:
        parts.append("No hours were logged in this month.")
    if month.without_forecast:
        parts.append(f"Epics worked on without any forecast: {len(month.without_forecast)}.")
    if edition.changes is not None:
        parts.append(f"What changed since revision {edition.changes.since_revision} is listed below.")
    return " ".join(parts)


def _totals(last: int) -> list[tuple[Value, str]]:
    apart, share = variance_formulas(f"D{TOTAL_ROW}", f"E{TOTAL_ROW}")

    def total(column: str) -> tuple[Value, str]:
        return Formula(f"=SUM({column}{FIRST_ROW}:{column}{last})"), "total hours"

    return [
        ("Portfolio", "total"),
        (None, "total"),
        *(total(column) for column in "CDE"),
        (apart, "total hours"),
        (share, "total percent"),
        *(total(column) for column in "HI"),
        (_used(TOTAL_ROW), "total percent"),
    ]


def _used(row: int) -> Formula:
    return Formula(f'=IF(N(I{row})=0,"{NO_FORECAST}",H{row}/I{row})')


def _write_project(sheet: Sheet, project: ProjectLine, place: tuple[int, int]) -> None:
    row, (first, last) = sheet.row, place
    levels = f"{_DETAILS}$A${first}:$A${last}"

    def of_epics(column: str, planned_only: str = "") -> Formula:
        cells = f"{_DETAILS}{column}${first}:{column}${last}"
        if planned_only:
            whole = f"{_DETAILS}{planned_only}${first}:{planned_only}${last}"
            return Formula(f'=SUMIFS({cells},{levels},"{details_sheet.EPIC}",{whole},">0")')
        return Formula(f'=SUMIF({levels},"{details_sheet.EPIC}",{cells})')

    apart, share = variance_formulas(f"D{row}", f"E{row}")
    sheet.add(
        (project.key or details_sheet.NO_PROJECT, "text"),
        (project.name, "text"),
        *((of_epics(column), "hours") for column in "FGH"),
        (apart, "hours"),
        (share, "percent"),
        (of_epics("K", planned_only="L"), "hours"),
        (of_epics("L"), "hours"),
        (_used(row), "percent"),
    )


def _write_check(sheet: Sheet, month: Reconciliation) -> None:
    """Show that every sheet adds up to what Tempo has."""
    sheet.add()
    sheet.add(("Check: hours of the month", "strong"), (None, "strong"), (None, "strong"))
    first = sheet.row
    sheet.add(("Tempo", "text"), ("worklogs, as they are", "text"), (hours(month.tempo_seconds), "hours"))
    level = f"{_DETAILS}A:A"
    for where, formula in (
        (details_sheet.TITLE, f"={_DETAILS}F{details_sheet.TOTAL_ROW}"),
        (f"{details_sheet.TITLE}, teams", f'=SUMIF({level},"{details_sheet.TEAM}",{_DETAILS}F:F)'),
        (analysis_sheets.TEAMS, f"='{analysis_sheets.TEAMS}'!B{details_sheet.TOTAL_ROW}"),
        (TITLE, f"=C{TOTAL_ROW}"),
    ):
        sheet.add((None, "text"), (where, "text"), (Formula(formula), "hours"))
    last = sheet.row - 1
    agrees = f'=IF(AND(ROUND((MAX(C{first}:C{last})-MIN(C{first}:C{last}))*60,0)=0),"yes","NO")'
    sheet.add((None, "text"), ("All agree to the minute", "strong"), (Formula(agrees), "strong hours"))


def _write_changes(sheet: Sheet, changes: Changes) -> None:
    sheet.add()
    sheet.add((f"Changed since revision {changes.since_revision}", "strong"), *((None, "strong") for _ in range(6)))
    if not changes.projects:
        sheet.add(("The projects' totals are the same; epics, teams or earlier months changed.", "text"))
        return
    names = ("Project", "Name", "Actual h before", "Actual h now", "Actual h, change", "Forecast h, change")
    sheet.header(names)
    for change in changes.projects:
        before, after = (figures.actual_seconds if figures else 0 for figures in (change.before, change.after))
        row = sheet.row
        sheet.add(
            (change.key or details_sheet.NO_PROJECT, "text"),
            (change.name, "text"),
            (hours(before), "hours"),
            (hours(after), "hours"),
            (Formula(f"=D{row}-C{row}"), "hours"),
            (hours(60 * change.delta_minutes), "hours"),
        )


def _chart(sheet: Sheet, basis: Basis, projects: int) -> Any:
    """Draw actual beside forecast for the projects with the most hours."""
    chart: Any = BarChart()
    chart.type, chart.grouping = "col", "clustered"
    chart.title = (
        "Actual and forecast, hours of the month" if basis is Basis.MONTH else "Used and forecast, hours to date"
    )
    columns = (3, 5) if basis is Basis.MONTH else (8, 9)
    last = FIRST_ROW + projects - 1
    for column, colour in zip(columns, ("24476B", "F0A63A"), strict=True):
        chart.add_data(Reference(sheet.sheet, column, HEADER_ROW, column, last), titles_from_data=True)
        chart.series[-1].graphicalProperties.solidFill = colour
    chart.set_categories(Reference(sheet.sheet, 1, FIRST_ROW, 1, last))
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.numFmt, chart.y_axis.title = "#,##0", "hours"
    chart.legend.position = "b"
    chart.width, chart.height = 26, CHART_ROWS * 0.5
    return chart
