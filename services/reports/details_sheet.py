"""Epic Details: every epic, and under it every team."""

from __future__ import annotations

from openpyxl import Workbook

from services.pm.reconciliation.types import EpicLine, Reconciliation, TeamLine
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

TITLE = "Epic Details"
EPIC, TEAM = "Epic", "Team"
TOTAL_ROW, HEADER_ROW, FIRST_ROW = 3, 4, 5
HEADERS = (
    ("Level", 8), ("Project", 10), ("Epic", 12), ("Summary", 44), ("Team", 28), ("Actual h", 12),
    ("of it with a forecast h", 13), ("Forecast h", 12), ("Variance h", 12), ("Variance %", 12),
    ("To date h", 12), ("Whole forecast h", 12), ("Used %", 10),
)  # fmt: skip
NO_PROJECT = "(not mirrored)"
NO_EPIC, NO_TEAM, NOBODY_YET = "(not in an epic)", "(in no team)", "(planned, nobody worked on it)"


def write_details(workbook: Workbook, styles: Styles, month: Reconciliation) -> None:
    """Write the sheet; the total above the header counts epics only, their teams are parts of them."""
    sheet = Sheet(
        workbook, styles, TITLE, [width for _, width in HEADERS], frozen_rows=HEADER_ROW, columns=3
    )  # fmt: skip
    count = sum(1 + len(epic.teams) for project in month.projects for epic in project.epics)
    last = max(FIRST_ROW + count - 1, FIRST_ROW)
    sheet.add((f"{TITLE}, {month.month.title}", "title"))
    sheet.add(("Epics are the sum of their teams. “To date” is all work up to the end of the month.", "note"))
    sheet.add(*_total(last))
    sheet.header(name for name, _ in HEADERS)
    for project in month.projects:
        for epic in project.epics:
            _write_epic(sheet, epic)
    sheet.filter(HEADER_ROW, len(HEADERS))
    sheet.colour("J", FIRST_ROW, OFF_FORECAST)
    sheet.colour("M", FIRST_ROW, USED_UP)


def _total(last: int) -> list[tuple[Value, str]]:
    def of_epics(column: str) -> Formula:
        return Formula(f'=SUMIF($A${FIRST_ROW}:$A${last},"{EPIC}",{column}${FIRST_ROW}:{column}${last})')

    apart, share = variance_formulas(f"G{TOTAL_ROW}", f"H{TOTAL_ROW}")
    to_date = f'=SUMIFS(K${FIRST_ROW}:K${last},$A${FIRST_ROW}:$A${last},"{EPIC}",L${FIRST_ROW}:L${last},">0")'
    return [
        ("Total", "total"),
        *((None, "total") for _ in range(4)),
        *((of_epics(column), "total hours") for column in "FGH"),
        (apart, "total hours"),
        (share, "total percent"),
        (Formula(to_date), "total hours"),
        (of_epics("L"), "total hours"),
        (_used(TOTAL_ROW), "total percent"),
    ]


def _used(row: int) -> Formula:
    return Formula(f'=IF(N(L{row})=0,"{NO_FORECAST}",K{row}/L{row})')


def _write_epic(sheet: Sheet, epic: EpicLine) -> None:
    row = sheet.row
    teams = f"{{0}}{row + 1}:{{0}}{row + len(epic.teams)}"
    apart, share = variance_formulas(f"F{row}", f"H{row}")

    def of_teams(column: str) -> Value:
        return Formula(f"=SUM({teams.format(column)})") if epic.teams else 0

    sheet.add(
        (EPIC, "strong"),
        (epic.project_key or NO_PROJECT, "strong"),
        (epic.epic_key or NO_EPIC, "strong"),
        (epic.name.summary, "strong"),
        (None, "strong"),
        (of_teams("F"), "strong hours"),
        (Formula(f"=IF(N(H{row})=0,0,F{row})"), "strong hours"),
        (None if epic.month.forecast_minutes is None else of_teams("H"), "strong hours"),
        (apart, "strong hours"),
        (share, "strong percent"),
        (hours(epic.to_date.actual_seconds), "strong hours"),
        (_minutes(epic.to_date.forecast_minutes), "strong hours"),
        (_used(row), "strong percent"),
    )
    for line in epic.teams:
        _write_team(sheet, epic, line, row)


def _write_team(sheet: Sheet, epic: EpicLine, line: TeamLine, epic_row: int) -> None:
    row = sheet.row
    apart, share = variance_formulas(f"F{row}", f"H{row}")
    sheet.add(
        (TEAM, "text"),
        (epic.project_key or NO_PROJECT, "text"),
        (epic.epic_key or NO_EPIC, "text"),
        (epic.name.summary, "text"),
        (team_name(line.team), "text"),
        (hours(line.figures.actual_seconds), "hours"),
        (Formula(f"=IF(N(H{epic_row})=0,0,F{row})"), "hours"),
        (_minutes(line.figures.forecast_minutes), "hours"),
        (apart, "hours"),
        (share, "percent"),
        below=True,
    )


def _minutes(minutes: int | None) -> float | None:
    return None if minutes is None else hours(60 * minutes)


def team_name(team: str | None) -> str:
    """Return how a team is called in the workbook."""
    return NOBODY_YET if team is None else team or NO_TEAM
