"""The tree as the rows of the PMs' spreadsheet (PM-4.3)."""

from __future__ import annotations

from services.pm.reconciliation.sheet import SheetRow
from services.pm.reconciliation.types import Reconciliation

NOBODY_YET = "(planned, nobody worked on it)"


def sheet_rows(month: Reconciliation) -> list[SheetRow]:
    """Return a row for each project, epic and team."""
    return [
        SheetRow(
            month=month.month,
            project_key=epic.project_key,
            project_name=project.name,
            epic_key=epic.epic_key,
            epic_name=epic.name.summary,
            team=NOBODY_YET if line.team is None else line.team,
            actual_minutes=line.figures.actual_seconds / 60,
            forecast_minutes=line.figures.forecast_minutes,
        )
        for project in month.projects
        for epic in project.epics
        for line in epic.teams
    ]
