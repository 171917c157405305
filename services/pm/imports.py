"""Read people.csv and projects.csv: everything that is wrong at once, and nothing half imported."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Generic, TypeVar
from zoneinfo import available_timezones

from services.accounts.types import Role
from services.pm.types import ProjectType

PEOPLE_COLUMNS = ("email", "name", "slack_user_id", "jira_account_id", "team", "pm_email", "role", "time_zone")
PROJECT_COLUMNS = (
    "project_key",
    "name",
    "type",
    "pm_email",
    "channel_id",
    "monthly_retainer_hours",
    "stakeholder_emails",
)
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
SLACK_USER = re.compile(r"[UW][A-Z0-9]{2,39}")
SLACK_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,39}")
PROJECT_KEY = re.compile(r"[A-Z][A-Z0-9_]{1,19}")
LONGEST_MONTH_HOURS = 24 * 31 * 100

Row = TypeVar("Row")


@dataclass(frozen=True)
class Problem:
    """What is wrong in a line of a file; line 1 is the header."""

    line: int
    column: str
    value: str
    what: str

    def __str__(self) -> str:
        value = f" “{self.value}”" if self.value else ""
        return f"line {self.line}: {self.column}{value} {self.what}".replace(":  ", ": ")


@dataclass(frozen=True)
class PersonRow:
    """A line of people.csv; e-mail addresses are in small letters."""

    line: int
    email: str
    name: str
    slack_user_id: str
    jira_account_id: str | None
    team: str
    pm_email: str | None
    role: Role
    time_zone: str


@dataclass(frozen=True)
class ProjectRow:
    """A line of projects.csv."""

    line: int
    key: str
    name: str
    type: ProjectType
    pm_email: str | None
    channel_id: str | None
    monthly_retainer_minutes: int | None
    stakeholder_emails: tuple[str, ...]


@dataclass(frozen=True)
class Parsed(Generic[Row]):
    """The lines of a file that can be read, and what is wrong with the others."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class ImportReport:
    """What an import did; with any problem it did nothing."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: tuple[Problem, ...] = ()

    def __str__(self) -> str:
        if self.problems:
            return "\n".join(["Nothing was imported:", *(f"  {problem}" for problem in self.problems)])
        return f"{self.created} created, {self.updated} updated, {self.unchanged} unchanged"


@dataclass
class _Line:
    """One line of a file and the problems found in it."""

    number: int
    values: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)

    def __getitem__(self, column: str) -> str:
        return self.values.get(column, "")

    def wrong(self, column: str, what: str) -> None:
        """Note that a value cannot be used."""
        self.problems.append(Problem(self.number, column, self[column], what))

    def matching(self, column: str, pattern: re.Pattern[str], what: str, *, required: bool = False) -> str | None:
        """Return the value if it has the form; empty is None unless it is required."""
        value = self[column]
        if not value and not required:
            return None
        if not pattern.fullmatch(value):
            self.wrong(column, what if value else "is missing")
        return value

    def text(self, column: str, limit: int, *, required: bool = False) -> str:
        """Return the value if it is no longer than the limit."""
        if required and not self[column]:
            self.wrong(column, "is missing")
        if len(self[column]) > limit:
            self.wrong(column, f"is longer than {limit} characters")
        return self[column]

    def email(self, column: str, *, required: bool = False) -> str | None:
        """Return an e-mail address in small letters."""
        value = self.matching(column, EMAIL, "is not an e-mail address", required=required)
        return value.lower() if value else None


def parse_people(text: str) -> Parsed[PersonRow]:
    """Read people.csv; e-mail, name and Slack user id are required, the role is engineer where it is empty."""
    lines, problems = _lines(text, PEOPLE_COLUMNS, required=("email", "name", "slack_user_id"))
    zones = available_timezones() if lines else set()
    rows = [_person(line, zones) for line in lines]
    problems += [problem for line in lines for problem in line.problems]
    problems += _twice(lines, "email") + _twice(lines, "slack_user_id") + _twice(lines, "jira_account_id")
    return Parsed(tuple(rows), _sorted(problems))


def _person(line: _Line, zones: Collection[str]) -> PersonRow:
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
    )


def parse_projects(text: str) -> Parsed[ProjectRow]:
    """Read projects.csv; key, name and type are required, stakeholders are separated by semicolons."""
    lines, problems = _lines(text, PROJECT_COLUMNS, required=("project_key", "name", "type"))
    rows = [_project(line) for line in lines]
    problems += [problem for line in lines for problem in line.problems]
    return Parsed(tuple(rows), _sorted(problems + _twice(lines, "project_key")))


def _project(line: _Line) -> ProjectRow:
    kind = line["type"].lower()
    if kind not in set(ProjectType):
        line.wrong("type", f"is not one of {', '.join(ProjectType)}")
    stakeholders = tuple(part.strip().lower() for part in line["stakeholder_emails"].split(";") if part.strip())
    if not all(EMAIL.fullmatch(email) for email in stakeholders):
        line.wrong("stakeholder_emails", "is not a list of e-mail addresses separated by semicolons")
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
    )


def _minutes(line: _Line, column: str) -> int | None:
    if not line[column]:
        return None
    try:
        hours = Decimal(line[column])
    except InvalidOperation:
        hours = Decimal("NaN")
    if not hours.is_finite() or not 0 < hours <= LONGEST_MONTH_HOURS:
        line.wrong(column, "is not a number of hours above 0, such as 160 or 37.5")
        return 0
    return round(hours * 60)


def _lines(text: str, columns: Sequence[str], required: Sequence[str]) -> tuple[list[_Line], list[Problem]]:
    """Return the lines by column; without the required columns, or when it is no CSV at all, there are none."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=None))
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        rows = [(reader.line_num, [value.strip() for value in values]) for values in reader]
    except csv.Error as error:
        return [], [Problem(reader.line_num, "", "", f"cannot be read as CSV: {error}")]
    problems = [Problem(1, name, "", "is not a column of this file") for name in header if name not in columns]
    problems += [Problem(1, name, "", "is there twice") for name, count in Counter(header).items() if count > 1]
    problems += [Problem(1, name, "", "is a column that is missing") for name in required if name not in header]
    if problems:
        return [], problems
    lines = [_line(number, header, values) for number, values in rows if any(values)]
    return lines, [] if lines else [Problem(2, "", "", "the file has no lines below its header")]


def _line(number: int, header: Sequence[str], values: Sequence[str]) -> _Line:
    line = _Line(number, dict(zip(header, values, strict=False)))
    if len(values) != len(header):
        what = f"has {len(values)} values and the header names {len(header)}"
        line.problems.append(Problem(number, "", "", what))
    return line


def _twice(lines: Iterable[_Line], column: str) -> list[Problem]:
    first: dict[str, int] = {}
    problems = []
    for line in lines:
        value = line[column].lower()
        if value and first.setdefault(value, line.number) != line.number:
            problems.append(Problem(line.number, column, line[column], f"is in line {first[value]} already"))
    return problems


def _sorted(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: (problem.line, problem.column)))
