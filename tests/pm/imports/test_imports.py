"""people.csv and projects.csv: everything that is wrong at once, nothing half imported."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.engine import Database
from sandbox.world.export import people_csv, projects_csv
from sandbox.world.people import new_world
from services.accounts import Accounts
from services.accounts.types import MemberRef, Role, SlackProfile
from services.effects import AuditTrail
from services.pm import ProjectManagement
from services.pm.imports import PEOPLE_COLUMNS, PROJECT_COLUMNS, parse_people, parse_projects
from services.pm.types import ProjectType

NOW = datetime(2026, 11, 18, tzinfo=UTC)
PEOPLE, PROJECTS = people_csv(new_world()), projects_csv(new_world())
ANN = {"email": "Ann@example.test", "name": "Ann", "slack_user_id": "U0ANN"}
BEN = {"email": "ben@example.test", "name": "Ben", "slack_user_id": "U0BEN"}


class Directory:
    """Knows nobody."""

    async def profile(self, slack_user_id: str) -> SlackProfile:
        return SlackProfile(slack_user_id, slack_user_id, None, "UTC", False, False)


@pytest.fixture
def accounts(database: Database) -> Accounts:
    return Accounts(database, Directory(), lambda: NOW)


@pytest.fixture
def pm(database: Database, accounts: Accounts, in_account: str) -> ProjectManagement:
    nothing: Any = None  # imports never read the mirror
    return ProjectManagement(database, accounts, nothing, AuditTrail(database, lambda: NOW), lambda: NOW)


def table(columns: tuple[str, ...], *rows: dict[str, str]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def people(*rows: dict[str, str]) -> str:
    return table(PEOPLE_COLUMNS, *rows)


async def by_name(accounts: Accounts) -> dict[str, MemberRef]:
    return {member.display_name: member for member in await accounts.members()}


@pytest.mark.requirement("PM-1.3")
async def test_the_worlds_people_teams_and_projects_are_imported(pm: ProjectManagement, accounts: Accounts) -> None:
    assert (await pm.import_people(PEOPLE)).created == 12
    assert (await pm.import_projects(PROJECTS)).created == 6
    members = await by_name(accounts)
    team = {person.member.display_name: person for person in await pm.team_members()}
    assert (team["Bob Carter"].team, team["Bob Carter"].pm_member_id) == ("Storefront", members["Priya Shah"].id)
    assert (team["Dana Whitfield"].team, team["Dana Whitfield"].pm_member_id) == ("", None)
    assert members["Tomás Silva"].time_zone == "Europe/Lisbon"
    assert members["Priya Shah"].role is Role.ADMIN
    care = next(project for project in await pm.projects() if project.key == "CARE")
    assert (care.type, care.monthly_retainer_minutes, care.pm) == (ProjectType.RETAINER, 9600, members["Priya Shah"])
    assert care.stakeholder_member_ids == (members["Dana Whitfield"].id,)


async def test_a_second_import_changes_nothing_and_a_changed_line_only_itself(pm: ProjectManagement) -> None:
    await pm.import_people(PEOPLE)
    await pm.import_projects(PROJECTS)
    again = await pm.import_people(PEOPLE)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 12)
    moved = await pm.import_people(
        PEOPLE.replace("712020:bob,Storefront,priya.shah", "712020:bob,Platform,marcus.bell")
    )
    assert (moved.updated, moved.unchanged) == (1, 11)
    retainers = await pm.import_projects(PROJECTS.replace(",160,", ",37.5,"))
    assert (retainers.updated, retainers.unchanged) == (1, 5)
    assert {p.monthly_retainer_minutes for p in await pm.projects()} == {None, 2250, 4800}


async def test_one_wrong_line_keeps_the_whole_file_out(pm: ProjectManagement, accounts: Accounts) -> None:
    report = await pm.import_people(people(ANN, BEN | {"time_zone": "Mars/Olympus"}))
    assert [(problem.line, problem.column, problem.value) for problem in report.problems] == [
        (3, "time_zone", "Mars/Olympus")
    ]
    assert (report.created, await accounts.members()) == (0, [])


async def test_a_report_reads_as_a_list_of_what_is_wrong_or_of_what_was_done(pm: ProjectManagement) -> None:
    wrong = await pm.import_people(people(ANN | {"role": "boss"}, BEN | {"name": ""}))
    assert str(wrong).splitlines() == [
        "Nothing was imported:",
        "  line 2: role “boss” is not one of viewer, engineer, lead, pm, admin",
        "  line 3: name is missing",
    ]
    assert str(await pm.import_people(people(ANN, BEN))) == "2 created, 0 updated, 0 unchanged"


@pytest.mark.parametrize(
    ("change", "column", "what"),
    [
        ({"email": "ben"}, "email", "is not an e-mail address"),
        ({"name": ""}, "name", "is missing"),
        ({"slack_user_id": ""}, "slack_user_id", "is missing"),
        ({"slack_user_id": "ben"}, "slack_user_id", "is not a Slack user id (U…)"),
        ({"role": "boss"}, "role", "is not one of viewer, engineer, lead, pm, admin"),
        ({"pm_email": "nobody@example.test"}, "pm_email", "is nobody's e-mail address here"),
        ({"team": "x" * 101}, "team", "is longer than 100 characters"),
        ({"email": "ANN@example.test"}, "email", "is in line 2 already"),
        ({"slack_user_id": "U0ANN"}, "slack_user_id", "is in line 2 already"),
    ],
)
async def test_each_wrong_value_is_named_with_its_line(
    pm: ProjectManagement, change: dict[str, str], column: str, what: str
) -> None:
    report = await pm.import_people(people(ANN, BEN | change))
    assert [(p.line, p.column, p.what) for p in report.problems] == [(3, column, what)]


async def test_all_problems_come_at_once(pm: ProjectManagement) -> None:
    report = await pm.import_people(people(ANN | {"role": "boss"}, BEN | {"email": "ben", "pm_email": "x"}))
    assert [(p.line, p.column) for p in report.problems] == [
        (2, "role"),
        (3, "email"),
        (3, "pm_email"),
        (3, "pm_email"),
    ]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "is missing: add a column of that name"),
        ("email,name\n", "is missing: add a column of that name"),
        ("email,name,slack_user_id,shoe_size\n", "is no column that can be imported"),
        ("email,name,slack_user_id,name\n", "is there twice"),
        ("email,name,slack_user_id\n", "the file has no lines below its header"),
        ("email,name,slack_user_id\na@b.cd,Ann\n", "has 2 values and the header names 3"),
    ],
)
def test_a_file_of_the_wrong_shape_says_so(text: str, what: str) -> None:
    assert what in {problem.what for problem in parse_people(text).problems}


async def test_a_jira_account_has_one_member_and_two_people_may_swap_theirs(
    pm: ProjectManagement, accounts: Accounts
) -> None:
    await pm.import_people(people(ANN | {"jira_account_id": "j1"}, BEN | {"jira_account_id": "j2"}))
    taken = await pm.import_people(people(BEN | {"jira_account_id": "j1"}))
    assert [(p.column, p.what) for p in taken.problems] == [("jira_account_id", "is linked to Ann already")]
    kept = await pm.import_people(people(ANN, BEN | {"jira_account_id": "j1"}))
    assert [p.what for p in kept.problems] == ["is linked to Ann already"]
    swapped = await pm.import_people(people(ANN | {"jira_account_id": "j2"}, BEN | {"jira_account_id": "j1"}))
    assert swapped.updated == 2
    members = await by_name(accounts)
    assert (members["Ann"].jira_account_id, members["Ben"].jira_account_id) == ("j2", "j1")


async def test_an_empty_jira_account_leaves_a_link_that_the_person_confirmed(
    pm: ProjectManagement, accounts: Accounts
) -> None:
    await pm.import_people(people(ANN))
    await accounts.link_jira((await by_name(accounts))["Ann"].id, "j1")
    assert (await pm.import_people(people(ANN))).unchanged == 1
    assert (await by_name(accounts))["Ann"].jira_account_id == "j1"


async def test_no_import_takes_the_last_admin_away(pm: ProjectManagement) -> None:
    await pm.import_people(people(ANN | {"role": "admin"}, BEN))
    report = await pm.import_people(people(ANN | {"role": "pm"}))
    assert [p.what for p in report.problems] == ["nobody would be admin any more"]


async def test_projects_need_people_that_are_known(pm: ProjectManagement) -> None:
    report = await pm.import_projects(PROJECTS)
    assert {problem.column for problem in report.problems} == {"pm_email", "stakeholder_emails"}
    assert await pm.projects() == []


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"monthly_retainer_hours": "many"}, "monthly_retainer_hours"),
        ({"monthly_retainer_hours": "-1"}, "monthly_retainer_hours"),
        ({"monthly_retainer_hours": "NaN"}, "monthly_retainer_hours"),
        ({"monthly_retainer_hours": "1e999"}, "monthly_retainer_hours"),
        ({"monthly_retainer_hours": ""}, "monthly_retainer_hours"),
        ({"type": "free"}, "type"),
        ({"project_key": "ab c"}, "project_key"),
        ({"channel_id": "#care"}, "channel_id"),
        ({"stakeholder_emails": "a@b.cd;nobody"}, "stakeholder_emails"),
    ],
)
def test_wrong_values_of_a_project_are_named(change: dict[str, str], column: str) -> None:
    row = {"project_key": "CARE", "name": "Care", "type": "retainer", "monthly_retainer_hours": "160"}
    assert [p.column for p in parse_projects(table(PROJECT_COLUMNS, row | change)).problems] == [column]


cells = st.text(max_size=12)


@pytest.mark.parametrize("parse", [parse_people, parse_projects])
@given(text=st.one_of(cells, st.lists(st.lists(cells, max_size=9), max_size=5)))
def test_any_file_is_read_or_refused_with_reasons(parse: Callable[[str], Any], text: str | list[list[str]]) -> None:
    if isinstance(text, list):
        out = io.StringIO()
        csv.writer(out).writerows([PEOPLE_COLUMNS if parse is parse_people else PROJECT_COLUMNS, *text])
        text = out.getvalue()
    parsed = parse(text)
    assert parsed.rows or parsed.problems


@pytest.mark.requirement("PM-2.6")
async def test_rates_logins_and_repositories_are_read_and_a_file_without_their_columns_keeps_them(
    pm: ProjectManagement, accounts: Accounts
) -> None:
    await pm.import_people(people(ANN | {"hourly_rate": "92.50", "github_login": "ann-codes"}))
    project = {"project_key": "CARE", "name": "Care", "type": "retainer", "monthly_retainer_hours": "160"}
    rated = project | {"hourly_rate": "$150", "github_repositories": "acme/care; acme/site"}
    await pm.import_projects(table(PROJECT_COLUMNS, rated))
    without = "email,name,slack_user_id\nAnn@example.test,Ann,U0ANN\n"
    assert (await pm.import_people(without)).unchanged == 1
    assert (await pm.import_projects(table(tuple(project), project))).unchanged == 1
    (member,), (care,) = await pm.team_members(), await pm.projects()
    assert (member.hourly_rate_cents, member.member.github_login) == (9250, "ann-codes")
    assert (care.hourly_rate_cents, care.github_repositories) == (15000, ("acme/care", "acme/site"))


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"hourly_rate": "-1"}, "hourly_rate"),
        ({"hourly_rate": "9.999"}, "hourly_rate"),
        ({"github_login": "a b"}, "github_login"),
    ],
)
async def test_a_rate_or_login_that_cannot_be_is_named(
    pm: ProjectManagement, change: dict[str, str], column: str
) -> None:
    report = await pm.import_people(people(ANN | change))
    assert [problem.column for problem in report.problems] == [column]


async def test_an_import_leaves_a_line_of_what_it_changed_and_none_where_it_changed_nothing(
    pm: ProjectManagement, database: Database
) -> None:
    await pm.import_people(people(ANN, BEN))
    await pm.import_people(people(ANN | {"role": "lead"}, BEN))
    await pm.import_people(people(ANN | {"role": "lead"}, BEN))
    await pm.import_people(people(ANN | {"role": "boss"}))
    first, second = await AuditTrail(database, lambda: NOW).lines()
    assert (first.action, first.before["ann@example.test"]) == ("people.import", None)
    assert (second.before, second.after) == (
        {"ann@example.test": {"role": "engineer"}},
        {"ann@example.test": {"role": "lead"}},
    )
