"""Read a forecasts file: epic, hours, and where given month, team and project; all that is wrong at once."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from services.errors import InvalidInputError
from services.mirror.types import IssueRow
from services.pm.forecasts.types import ForecastRow
from services.pm.months import Month
from services.pm.tables import Line, NumberedRow, Parsed, Problem, in_order, lines_of, minutes_of

COLUMNS = ("project_key", "epic_key", "hours", "month", "team")
REQUIRED = ("epic_key", "hours")
MOST_HOURS = 100_000
ISSUE_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{1,29}-[1-9][0-9]{0,9}")
_HOURS = re.compile(r"(?P<number>[0-9.,]+)\s*(?:h|hours?)?", re.IGNORECASE)


def read_hours(text: str) -> int | None:
    """Return hours as people write them ("120", "120h", "37.5 hours", "37,5") in minutes; None for anything else."""
    match = _HOURS.fullmatch(text.strip())
    if match is None:
        return None
    return minutes_of(match["number"], MOST_HOURS)


def parse_forecasts(
    rows: Iterable[NumberedRow], issues: Mapping[str, IssueRow], teams: Collection[str]
) -> Parsed[ForecastRow]:
    """Return the forecasts in a file and what is wrong; `issues` are those of the mirror by key."""
    lines, problems = lines_of(list(rows), COLUMNS, REQUIRED)
    named = {team.lower(): team for team in teams}
    forecasts = [_forecast(line, issues, named) for line in lines]
    problems += [problem for line in lines for problem in line.problems]
    return Parsed(tuple(forecasts), in_order(problems + _repeated(forecasts)))


def _forecast(line: Line, issues: Mapping[str, IssueRow], teams: Mapping[str, str]) -> ForecastRow:
    epic_key = line["epic_key"].upper()
    epic = issues.get(epic_key)
    problem = epic_problem(epic_key, epic)
    if problem:
        line.wrong("epic_key", problem)
    elif epic and line["project_key"] and line["project_key"].upper() != epic.project_key:
        line.wrong("project_key", f"is not the project of {epic_key}, which is {epic.project_key}")
    minutes = read_hours(line["hours"])
    if minutes is None:
        what = f"is not a number of hours from 0 to {MOST_HOURS:,}, such as 120 or 37.5"
        line.wrong("hours", what if line["hours"] else "is missing")
    team = line["team"]
    if team and teams and team.lower() not in teams:
        line.wrong("team", f"is not a team here; there are {', '.join(sorted(teams.values()))}")
    return ForecastRow(
        line=line.number,
        project_key=epic.project_key if epic else "",
        epic_key=epic_key,
        month=_month(line),
        team=teams.get(team.lower(), line.text("team", 100)),
        minutes=minutes or 0,
    )


def epic_problem(key: str, issue: IssueRow | None) -> str:
    """Say why a forecast cannot be of `key`; "" when it can."""
    if not key:
        return "is missing"
    if not ISSUE_KEY.fullmatch(key):
        return "is not a key such as SHOP-12"
    if issue is None:
        return "is not an issue that FlowPilot knows of"
    return "" if issue.is_epic else f"is not an epic but a {issue.issue_type}"


def _month(line: Line) -> Month | None:
    if not line["month"]:
        return None
    try:
        return Month.parse(line["month"])
    except InvalidInputError:
        line.wrong("month", "is not a month such as 2026-11")
        return None


def _repeated(forecasts: Iterable[ForecastRow]) -> list[Problem]:
    first: dict[tuple[str, str, str], int] = {}
    problems = []
    for row in forecasts:
        if row.epic_key and first.setdefault(row.key, row.line) != row.line:
            same = " with the same month and team"
            problems.append(Problem(row.line, "epic_key", row.epic_key, f"is in line {first[row.key]} already,{same}"))
    return problems
