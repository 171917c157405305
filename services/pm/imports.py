"""Read people.csv and projects.csv: everything that is wrong at once, and nothing half imported."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from zoneinfo import available_timezones

from services.accounts.types import Role
from services.numbers import number_of
from services.pm.tables import (
    EMAIL,
    ImportReport,
    Line,
    Parsed,
    Problem,
    csv_lines,
    duplicates,
    in_order,
    minutes_of,
)
from services.pm.types import ProjectType

__all__ = ["ImportReport", "Parsed", "PersonRow", "Problem", "ProjectRow", "parse_people", "parse_projects"]

PEOPLE_COLUMNS = (
    "email",
    "name",
    "slack_user_id",
    "jira_account_id",
    "team",
    "pm_email",
    "role",
    "time_zone",
    "hourly_rate",
    "github_login",
)
PROJECT_COLUMNS = (
    "project_key",
    "name",
    "type",
    "pm_email",
    "channel_id",
    "monthly_retainer_hours",
    "stakeholder_emails",
    "hourly_rate",
    "github_repositories",
)
SLACK_USER = re.compile(r"[UW][A-Z0-9]{2,39}")
SLACK_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,39}")
PROJECT_KEY = re.compile(r"[A-Z][A-Z0-9_]{1,19}")
GITHUB_LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62}[A-Za-z0-9])?(?:\[bot\])?")
GITHUB_REPOSITORY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}")
LONGEST_MONTH_HOURS = 24 * 31 * 100
HIGHEST_RATE = 100_000


@dataclass(frozen=True)
class PersonRow:
    """A line of people.csv and the columns that the file has; e-mail addresses are in small letters."""

    line: int
    email: str
    name: str
    slack_user_id: str
    jira_account_id: str | None
    team: str
    pm_email: str | None
    role: Role
    time_zone: str
    hourly_rate_cents: int | None = None
    github_login: str | None = None
    columns: frozenset[str] = frozenset(PEOPLE_COLUMNS)


@dataclass(frozen=True)
class ProjectRow:
    """A line of projects.csv and the columns that the file has."""

    line: int
    key: str
    name: str
    type: ProjectType
    pm_email: str | None
    channel_id: str | None
    monthly_retainer_minutes: int | None
    stakeholder_emails: tuple[str, ...]
    hourly_rate_cents: int | None = None
    github_repositories: tuple[str, ...] = ()
    columns: frozenset[str] = frozenset(PROJECT_COLUMNS)


def parse_people(text: str) -> Parsed[PersonRow]:
    """Read people.csv; e-mail, name and Slack user id are required, the role is engineer where it is empty."""
    lines, problems = csv_lines(text, PEOPLE_COLUMNS, required=("email", "name", "slack_user_id"))
    zones = available_timezones() if lines else set()
    rows = [_person(line, zones) for line in lines]
    problems += [problem for line in lines for problem in line.problems]
    for column in ("email", "slack_user_id", "jira_account_id", "github_login"):
        problems += duplicates(lines, column)
    return Parsed(tuple(rows), in_order(problems))


def _person(line: Line, zones: Collection[str]) -> PersonRow:
    role = line["role"].lower() or Role.ENGINEER
    if role not in set(Role):
        line.wrong("role", f"is not one of {', '.join(Role)}")
    if line["time_zone"] and line["time_zone"] not in zones:
        line.wrong("time_zone", "is not a time zone such as America/New_York")
    return PersonRow(
        line=line.number,
        email=line.email("email", required=True) or "",
        name=line.text("name", 200, required=True),
        slack_user_id=line.matching("slack_user_id", SLACK_USER, "is not a Slack user id (U…)", required=True) or "",
        jira_account_id=line.text("jira_account_id", 128) or None,
        team=line.text("team", 100),
        pm_email=line.email("pm_email"),
        role=Role(role) if role in set(Role) else Role.VIEWER,
        time_zone=line["time_zone"],
        hourly_rate_cents=_cents(line, "hourly_rate"),
        github_login=line.matching("github_login", GITHUB_LOGIN, "is not a GitHub login such as octocat"),
        columns=frozenset(line.values),
    )


def parse_projects(text: str) -> Parsed[ProjectRow]:
    """Read projects.csv; key, name and type are required, stakeholders are separated by semicolons."""
    lines, problems = csv_lines(text, PROJECT_COLUMNS, required=("project_key", "name", "type"))
    rows = [_project(line) for line in lines]
    problems += [problem for line in lines for problem in line.problems]
    return Parsed(tuple(rows), in_order(problems + duplicates(lines, "project_key")))


def _project(line: Line) -> ProjectRow:
    kind = line["type"].lower()
    if kind not in set(ProjectType):
        line.wrong("type", f"is not one of {', '.join(ProjectType)}")
    stakeholders = tuple(part.strip().lower() for part in line["stakeholder_emails"].split(";") if part.strip())
    if not all(EMAIL.fullmatch(email) for email in stakeholders):
        line.wrong("stakeholder_emails", "is not a list of e-mail addresses separated by semicolons")
    repositories = tuple(part.strip() for part in line["github_repositories"].split(";") if part.strip())
    if not all(GITHUB_REPOSITORY.fullmatch(name) for name in repositories):
        line.wrong("github_repositories", "is not a list of repositories such as owner/name separated by semicolons")
    minutes = _minutes(line, "monthly_retainer_hours")
    if kind == ProjectType.RETAINER and minutes is None:
        line.wrong("monthly_retainer_hours", "is missing, and a retainer has hours")
    key = line.matching("project_key", PROJECT_KEY, "is not a Jira project key such as SHOP", required=True)
    return ProjectRow(
        line=line.number,
        key=key or "",
        name=line.text("name", 200, required=True),
        type=ProjectType(kind) if kind in set(ProjectType) else ProjectType.INTERNAL,
        pm_email=line.email("pm_email"),
        channel_id=line.matching("channel_id", SLACK_CHANNEL, "is not a Slack channel id (C…)"),
        monthly_retainer_minutes=minutes,
        stakeholder_emails=stakeholders,
        hourly_rate_cents=_cents(line, "hourly_rate"),
        github_repositories=repositories,
        columns=frozenset(line.values),
    )


def _minutes(line: Line, column: str) -> int | None:
    if not line[column]:
        return None
    minutes = minutes_of(line[column], LONGEST_MONTH_HOURS)
    if not minutes:
        line.wrong(column, "is not a number of hours above 0, such as 160 or 37.5")
    return minutes or 0


def _cents(line: Line, column: str) -> int | None:
    if not line[column]:
        return None
    cents = cents_of(line[column])
    if cents is None:
        line.wrong(column, "is not an amount an hour above 0, such as 150 or 92.50")
    return cents


def cents_of(text: str) -> int | None:
    """Return an amount an hour as typed ("$92.50", "92,50") in cents; None for what is not above 0, up to a limit."""
    dollars = number_of(text.strip().removeprefix("$"))
    if dollars is None or not 0 < dollars <= HIGHEST_RATE or dollars * 100 != int(dollars * 100):
        return None
    return int(dollars * 100)
