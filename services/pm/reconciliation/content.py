"""What makes one revision different from another."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from db.base import canonical_json
from services.pm.reconciliation.types import Changes, Figures, ProjectChange, Reconciliation

Totals = Mapping[str, tuple[int, int | None]]
"""Seconds worked and minutes planned in the month, by project."""


def content_hash(reconciliation: Reconciliation) -> str:
    """Return the SHA-256 of all figures; names may change without making another report."""
    figures = [
        [
            [epic.project_key, epic.epic_key, *_pair(epic.month), *_pair(epic.to_date)],
            [[line.team, *_pair(line.figures)] for line in epic.teams],
        ]
        for project in reconciliation.projects
        for epic in project.epics
    ]
    content = {"month": str(reconciliation.month), "epics": figures, "tempo": reconciliation.tempo_seconds}
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()


def _pair(figures: Figures) -> tuple[int, int | None]:
    return figures.actual_seconds, figures.forecast_minutes


def totals_of(reconciliation: Reconciliation) -> dict[str, tuple[int, int | None]]:
    """Return the figures by project that the next revision is compared with."""
    return {
        project.key: (project.month.actual_seconds, project.month.forecast_minutes)
        for project in reconciliation.projects
    }


def changes_since(revision: int, before: Totals, now: Reconciliation) -> Changes:
    """Return what is different by project, most hours first."""
    after = totals_of(now)
    names = {project.key: project.name for project in now.projects}
    found = [
        ProjectChange(key, names.get(key, key), _figures(before, key), _figures(after, key))
        for key in {*before, *after}
        if tuple(before.get(key, ())) != after.get(key, ())
    ]
    found.sort(key=lambda change: (-abs(change.delta_seconds), -abs(change.delta_minutes), change.key))
    return Changes(revision, tuple(found))


def _figures(totals: Totals, key: str) -> Figures | None:
    return Figures(*totals[key]) if key in totals else None
