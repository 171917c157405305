"""From hours and forecasts to the tree: pure, in seconds and minutes, so that every total agrees with every other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from services.pm.reconciliation.types import (
    EpicLine,
    EpicName,
    Figures,
    ForecastRow,
    HoursRow,
    ProjectLine,
    Reconciliation,
    ReconciliationData,
    Rollup,
    TeamLine,
    TeamTotal,
)

NO_PROJECT = "Issues outside of the mirror"
EpicKey = tuple[str, str]
"""Project and epic."""


def reconcile(data: ReconciliationData) -> Reconciliation:
    """Join hours with forecasts by project, epic and team."""
    worked = _by_epic(data.hours)
    so_far = _by_epic(data.to_date)
    home = _home_projects(data)
    of_month = _forecasts((row for row in data.forecasts if row.month == data.month), home)
    of_all = _forecasts((row for row in data.forecasts if row.month is None), home)
    still_open = {key for key in of_all if not data.epics.get(key[1], EpicName("")).is_done}
    lines: dict[str, list[EpicLine]] = defaultdict(list)
    for key in sorted({*worked, *of_month, *still_open}):
        project_key, epic_key = key
        teams = team_lines(worked.get(key, {}), of_month.get(key))
        whole = of_all.get(key)
        lines[project_key].append(
            EpicLine(
                project_key=project_key,
                epic_key=epic_key,
                name=data.epics.get(epic_key, EpicName("")),
                teams=teams,
                month=Figures(sum(worked.get(key, {}).values()), planned_minutes(of_month.get(key))),
                to_date=Figures(sum(so_far.get(key, {}).values()), planned_minutes(whole)),
            )
        )
    names = {project.key: project.name for project in data.projects}
    projects = tuple(
        ProjectLine(
            key, names.get(key, key) or NO_PROJECT, tuple(sorted(epics, key=lambda e: (not e.epic_key, e.epic_key)))
        )
        for key, epics in sorted(lines.items(), key=lambda item: (not item[0], item[0]))
    )
    return Reconciliation(
        data.month, projects, team_totals(projects), data.tempo_seconds, data.worklogs, data.mirrored_at
    )


def _by_epic(rows: Iterable[HoursRow]) -> dict[EpicKey, dict[str, int]]:
    found: dict[EpicKey, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        found[row.project_key, row.epic_key][row.team] += row.seconds
    return {key: dict(teams) for key, teams in found.items()}


def _home_projects(data: ReconciliationData) -> dict[str, set[str]]:
    """Return the projects in which each epic was worked on: an epic may hold issues of several."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in (*data.to_date, *data.hours):
        if row.epic_key:
            found[row.epic_key].add(row.project_key)
    return found


def _forecasts(rows: Iterable[ForecastRow], home: Mapping[str, set[str]]) -> dict[EpicKey, dict[str, int]]:
    """Return minutes by epic and team ("" for everybody).

    A forecast whose project is not one in which the epic was worked on (the epic moved) goes to one that is.
    """
    found: dict[EpicKey, dict[str, int]] = defaultdict(dict)
    for row in rows:
        known = home.get(row.epic_key, set())
        project = row.project_key if not known or row.project_key in known else min(known)
        found[project, row.epic_key][row.team] = row.minutes
    return dict(found)


def planned_minutes(by_team: Mapping[str, int] | None) -> int | None:
    """Return what is planned for an epic: what everybody is to do, or what the teams are if that is more."""
    if by_team is None:
        return None
    return max(by_team.get("", 0), sum(minutes for team, minutes in by_team.items() if team))


def team_lines(worked: Mapping[str, int], by_team: Mapping[str, int] | None) -> tuple[TeamLine, ...]:
    """Return each team's part of an epic: its own forecast, and its share of what was planned without a team.

    That share is by the hours worked, among the teams without a forecast of their own; where nobody worked it stays
    with no team (None). Minutes stay whole, and add up to the epic's.
    """
    planned = {team: minutes for team, minutes in (by_team or {}).items() if team}
    rest = (planned_minutes(by_team) or 0) - sum(planned.values())
    sharing = {team: seconds for team, seconds in worked.items() if team not in planned and seconds > 0}
    planned |= split(rest, sharing)
    lines = [
        TeamLine(team, Figures(worked.get(team, 0), planned.get(team)))
        for team in sorted({*worked, *planned}, key=lambda team: (not team, team))
    ]
    if rest and not sharing:
        lines.append(TeamLine(None, Figures(0, rest)))
    return tuple(lines)


def split(minutes: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Share whole minutes by weight; what is left by rounding down goes to the largest remainders."""
    total = sum(weights.values())
    if not minutes or not total:
        return {}
    shares = {name: minutes * weight // total for name, weight in weights.items()}
    by_remainder = sorted(weights, key=lambda name: (-(minutes * weights[name] % total), name))
    for name in by_remainder[: minutes - sum(shares.values())]:
        shares[name] += 1
    return shares


def team_totals(projects: Iterable[ProjectLine]) -> tuple[TeamTotal, ...]:
    """Return each team over all projects; compared are its hours on epics that have a forecast."""
    found: dict[str | None, Rollup] = defaultdict(lambda: Rollup(0, 0, 0))
    for project in projects:
        for epic in project.epics:
            for line in epic.teams:
                seconds = line.figures.actual_seconds
                planned = seconds if epic.month.has_forecast else 0
                found[line.team] += Rollup(seconds, planned, line.figures.forecast_minutes or 0)
    ordered = sorted(found, key=lambda team: (team is None, not team, team or ""))
    return tuple(TeamTotal(team, found[team]) for team in ordered)
