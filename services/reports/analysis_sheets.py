"""Variance Analysis and Team Performance."""

from __future__ import annotations

from openpyxl import Workbook

from services.pm.reconciliation.types import DEVIATION_PERCENT, Reconciliation
from services.reports.cells import OFF_FORECAST, Formula, Sheet, Styles, hours, variance_formulas
from services.reports.details_sheet import FIRST_ROW, HEADER_ROW, TOTAL_ROW, team_name

VARIANCES, TEAMS = "Variance Analysis", "Team Performance"
_VARIANCE_HEADERS = (
    ("Project", 10), ("Epic", 12), ("Summary", 44), ("Compared", 14), ("Actual h", 12), ("Forecast h", 12),
    ("Variance h", 12), ("Variance %", 12),
)  # fmt: skip
_TEAM_HEADERS = (
    ("Team", 32), ("Actual h", 12), ("of it with a forecast h", 14), ("Forecast h", 12), ("Variance h", 12),
    ("Variance %", 12),
)  # fmt: skip


def write_variances(workbook: Workbook, styles: Styles, month: Reconciliation) -> None:
    """Write what is more than 10 % off its forecast, most hours first."""
    sheet = Sheet(
        workbook, styles, VARIANCES, [width for _, width in _VARIANCE_HEADERS], frozen_rows=HEADER_ROW, columns=2
    )
    found = month.deviations
    sheet.add((f"{VARIANCES}, {month.month.title}", "title"))
    sheet.add(
        (
            f"More than {DEVIATION_PERCENT} % off; to date, an open epic counts once it is over its whole forecast.",
            "note",
        )
    )
    last = max(FIRST_ROW + len(found) - 1, FIRST_ROW)
    sheet.add(("Epics off", "total"), (Formula(f"=COUNTA(A{FIRST_ROW}:A{last})"), "total count"))
    sheet.header(name for name, _ in _VARIANCE_HEADERS)
    for deviation in found:
        apart, share = variance_formulas(f"E{sheet.row}", f"F{sheet.row}")
        sheet.add(
            (deviation.project.key, "text"),
            (deviation.epic.epic_key, "text"),
            (deviation.epic.name.summary, "text"),
            (deviation.basis.value, "text"),
            (hours(deviation.figures.actual_seconds), "hours"),
            (hours(60 * (deviation.figures.forecast_minutes or 0)), "hours"),
            (apart, "hours"),
            (share, "percent"),
        )
    sheet.filter(HEADER_ROW, len(_VARIANCE_HEADERS))
    sheet.colour("H", FIRST_ROW, OFF_FORECAST)


def write_teams(workbook: Workbook, styles: Styles, month: Reconciliation) -> None:
    """Write what each team worked against what was planned for it."""
    sheet = Sheet(workbook, styles, TEAMS, [width for _, width in _TEAM_HEADERS], frozen_rows=HEADER_ROW)
    last = max(FIRST_ROW + len(month.teams) - 1, FIRST_ROW)
    sheet.add((f"{TEAMS}, {month.month.title}", "title"))
    sheet.add(("A forecast without a team is shared by hours among the teams that worked on the epic.", "note"))
    apart, share = variance_formulas(f"C{TOTAL_ROW}", f"D{TOTAL_ROW}")
    sheet.add(
        ("Total", "total"),
        *((Formula(f"=SUM({column}{FIRST_ROW}:{column}{last})"), "total hours") for column in "BCD"),
        (apart, "total hours"),
        (share, "total percent"),
    )
    sheet.header(name for name, _ in _TEAM_HEADERS)
    for team in month.teams:
        apart, share = variance_formulas(f"C{sheet.row}", f"D{sheet.row}")
        sheet.add(
            (team_name(team.team), "text"),
            (hours(team.month.actual_seconds), "hours"),
            (hours(team.month.planned_seconds), "hours"),
            (hours(60 * team.month.forecast_minutes), "hours"),
            (apart, "hours"),
            (share, "percent"),
        )
    sheet.filter(HEADER_ROW, len(_TEAM_HEADERS))
    sheet.colour("F", FIRST_ROW, OFF_FORECAST)
