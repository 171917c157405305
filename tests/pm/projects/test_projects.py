"""Setting projects up: what may be put in, by whom, and never over somebody else's change."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from blocks.pm import projects as blocks
from db.engine import Database
from services.accounts import Accounts
from services.accounts.types import MemberRef, Role, SlackProfile
from services.effects import AuditTrail
from services.effects.own_changes import OvertakenError
from services.errors import ConflictError, NotAllowedError
from services.numbers import number_of
from services.pm import ProjectManagement
from services.pm.project_form import may_change, read_form, values_of, version_of
from services.pm.projects import ProjectSetup
from services.pm.types import ProjectRef, ProjectType
from services.slack.limits import fit_view

NOW = datetime(2026, 11, 18, tzinfo=UTC)
PRIYA = MemberRef(1, "U001", "Priya", Role.PM, "UTC")
MARCUS = MemberRef(2, "U002", "Marcus", Role.PM, "UTC")
ALICE = MemberRef(3, "U003", "Alice", Role.ENGINEER, "UTC")
ADA = MemberRef(4, "U004", "Ada", Role.ADMIN, "UTC")
MEMBERS = [PRIYA, MARCUS, ALICE, ADA]
FORM: dict[str, Any] = {"name": "Care  plan", "type": "retainer", "retainer": "37.5 h", "rate": "$92.50", "pm": "U001"}
pytestmark = pytest.mark.requirement("PM-7.3")


def test_a_form_is_read_whole() -> None:
    given = FORM | {
        "stakeholders": ["U003"],
        "repositories": "acme/care\nhttps://github.com/acme/site.git",
        "channel": "C1",
    }
    values, problems = read_form(given, MEMBERS)
    assert not problems
    assert values is not None
    assert (values.name, values.retainer_minutes, values.rate_cents) == ("Care plan", 2250, 9250)
    assert (values.pm_member_id, values.stakeholder_member_ids, values.channel_id) == (1, (3,), "C1")
    assert values.repositories == ("acme/care", "acme/site")


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"name": " "}, "name", "Give it a name"),
        ({"type": "gift"}, "type", "Choose"),
        ({"retainer": None}, "retainer", "A retainer has hours"),
        ({"retainer": "0"}, "retainer", "above 0"),
        ({"retainer": "many"}, "retainer", "above 0"),
        ({"rate": "-1"}, "rate", "above 0"),
        ({"rate": "9.999"}, "rate", "above 0"),
        ({"rate": "1,250"}, "rate", "above 0"),
        ({"retainer": "1.234,5"}, "retainer", "above 0"),
        ({"pm": "U003"}, "pm", "Alice has the role engineer"),
        ({"pm": "U009"}, "pm", "does not know"),
        ({"stakeholders": ["U003", "U009"]}, "stakeholders", "One of these people"),
        ({"repositories": "not a repository"}, "repositories", "“not” is not a repository"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(change: dict[str, Any], field: str, said: str) -> None:
    values, problems = read_form(FORM | change, MEMBERS)
    assert values is None
    assert list(problems) == [field]
    assert said in problems[field]


def test_a_decimal_comma_is_read_where_it_can_be_nothing_else() -> None:
    values, _ = read_form(FORM | {"retainer": "184,5", "rate": "92,50"}, MEMBERS)
    assert values is not None
    assert (values.retainer_minutes, values.rate_cents) == (184 * 60 + 30, 9250)
    assert [str(number_of(text)) for text in ("37,5", " 1.5 ", "-2,25", "1,250", "1.234,5", "1,234.5", "nan", "")] == [
        *("37.5", "1.5", "-2.25"),
        *["None"] * 5,
    ]


def test_a_project_without_retainer_needs_no_hours() -> None:
    values, problems = read_form({"name": "Shop", "type": "scope"}, MEMBERS)
    assert not problems
    assert values is not None
    assert values.retainer_minutes is None


def test_only_its_pm_and_admins_change_a_project_and_any_pm_sets_one_up() -> None:
    own = ProjectRef("CARE", "Care", ProjectType.SCOPE, PRIYA, None, None, ())
    assert [may_change(member, own) for member in MEMBERS] == [True, False, False, True]
    assert [may_change(member, None) for member in MEMBERS] == [True, True, False, True]
    assert may_change(MARCUS, replace(own, pm=None))


class Directory:
    """Knows everybody as an engineer."""

    async def profile(self, slack_user_id: str) -> SlackProfile:
        return SlackProfile(slack_user_id, slack_user_id, None, "UTC", False, False)


@pytest.fixture
async def setup(database: Database, in_account: str) -> SimpleNamespace:
    accounts = Accounts(database, Directory(), lambda: NOW)
    audit, nothing = AuditTrail(database, lambda: NOW), SimpleNamespace()
    pm = ProjectManagement(database, accounts, nothing, audit, lambda: NOW)  # type: ignore[arg-type]
    people = "email,name,slack_user_id,role\na@x.test,Ada,U004,admin\np@x.test,Priya,U001,pm\nm@x.test,Marcus,U002,pm\n"
    await pm.import_people(people)
    members = {member.display_name: member for member in await accounts.members()}
    projects = ProjectSetup(database, accounts, pm, audit, nothing)  # type: ignore[arg-type]
    return SimpleNamespace(projects=projects, audit=audit, accounts=accounts, **members)


async def test_each_change_is_on_the_record_with_names_and_nothing_different_leaves_no_line(
    setup: SimpleNamespace,
) -> None:
    members = await setup.accounts.members()
    values, _ = read_form(FORM, members)
    made = await setup.projects.save(setup.Priya, "CARE", values, "")
    assert made.is_new
    version = version_of(made.project)
    changed, _ = read_form(FORM | {"retainer": "40", "pm": "U002"}, members)
    done = await setup.projects.save(setup.Priya, "CARE", changed, version)
    assert done.changed == {
        "Retainer, hours a month": ("37.5 h", "40 h"),
        "Project manager": ("Priya", "Marcus"),
    }
    again = await setup.projects.save(setup.Marcus, "CARE", changed, version_of(done.project))
    assert not again.changed
    _, first, second = await setup.audit.lines()
    assert (first.action, first.actor_name, first.before, first.after["pm"]) == (
        "project.create",
        "Priya",
        None,
        "Priya",
    )
    words = [{f: said for f, said in side.items() if f != "kept"} for side in (second.before, second.after)]
    assert (second.action, words) == (
        "project.change",
        [{"retainer": "37.5 h", "pm": "Priya"}, {"retainer": "40 h", "pm": "Marcus"}],
    )


async def test_a_change_is_taken_back_unless_somebody_else_has_changed_the_same(setup: SimpleNamespace) -> None:
    projects, members = setup.projects, await setup.accounts.members()
    values, _ = read_form(FORM, members)
    made = await projects.save(setup.Priya, "CARE", values, "")
    assert made.line is None
    changed, _ = read_form(FORM | {"retainer": "40", "pm": "U002"}, members)
    done = await projects.save(setup.Priya, "CARE", changed, version_of(made.project))
    change = await projects.change(done.line.sequence)
    # what another person changes beside it is no hindrance and stays
    beside = replace(values_of(done.project), rate_cents=10000)
    await projects.save(setup.Ada, "CARE", beside, version_of(done.project))
    with pytest.raises(NotAllowedError, match="Only the PM of CARE"):
        await projects.take_back(replace(setup.Marcus, id=99), change, NOW)
    with pytest.raises(ConflictError, match="10 minutes"):
        await projects.take_back(setup.Priya, change, NOW + timedelta(minutes=11))
    undone = await projects.take_back(setup.Priya, change, NOW)
    assert undone.changed == {"Retainer, hours a month": ("40 h", "37.5 h"), "Project manager": ("Marcus", "Priya")}
    assert (undone.project.pm.id, undone.project.hourly_rate_cents) == (setup.Priya.id, 10000)
    assert await projects.take_back(setup.Priya, await projects.change(done.line.sequence), NOW) is None

    theirs = replace(values_of(undone.project), rate_cents=11000)
    third = await projects.save(setup.Priya, "CARE", theirs, version_of(undone.project))
    other = replace(values_of(third.project), rate_cents=12000)
    await projects.save(setup.Ada, "CARE", other, version_of(third.project))
    change = await projects.change(third.line.sequence)
    with pytest.raises(OvertakenError) as refusal:
        await projects.take_back(setup.Priya, change, NOW)
    why = blocks.overtaken(refusal.value)
    assert why == "Ada has changed this since: Hourly rate, US dollars is $120.00 now. Nothing was taken back."
    assert "$100.00 → $110.00" in blocks.kept("CARE", change, why)[0]


async def test_a_form_of_how_it_was_changes_nothing_any_more(setup: SimpleNamespace) -> None:
    members = await setup.accounts.members()
    values, _ = read_form(FORM, members)
    made = await setup.projects.save(setup.Priya, "CARE", values, "")
    old = version_of(made.project)
    theirs, _ = read_form(FORM | {"rate": "100"}, members)
    await setup.projects.save(setup.Ada, "CARE", theirs, old)
    assert "since you opened" in await setup.projects.conflict("CARE", old)
    mine, _ = read_form(FORM | {"retainer": "99"}, members)
    with pytest.raises(ConflictError, match="since you opened"):
        await setup.projects.save(setup.Priya, "CARE", mine, old)
    with pytest.raises(NotAllowedError, match="Only the PM of CARE"):
        await setup.projects.save(setup.Marcus, "CARE", mine, old)
    now = await setup.projects.project("CARE")
    assert (now.hourly_rate_cents, now.monthly_retainer_minutes) == (10000, 2250)


def test_the_list_has_pages_and_a_form_keeps_what_a_project_is() -> None:
    many = [ProjectRef(f"P{number}", "<!channel>", ProjectType.INTERNAL, None, None, None, ()) for number in range(45)]
    shown = blocks.list_view(blocks.ListShown(many, frozenset({"P40"}), page=5, may_add=True))
    assert fit_view(shown)["blocks"] == shown["blocks"]
    text = json.dumps(shown, ensure_ascii=False)
    assert "45 projects, page 5 of 5" in text
    assert "&lt;!channel&gt;" in text
    assert text.count("Change…") == 1
    care = ProjectRef("CARE", "Care", ProjectType.RETAINER, PRIYA, "C1", 2250, (3,), 9250, ("acme/care",))
    form = blocks.form_view("CARE", care, "Care", {m.id: m for m in MEMBERS}, may_change=True)
    inputs = {block["block_id"]: block["element"] for block in form["blocks"] if block["type"] == "input"}
    held = {
        "name": inputs["name"]["initial_value"],
        "type": inputs["type"]["initial_option"]["value"],
        "retainer": inputs["retainer"]["initial_value"],
        "rate": inputs["rate"]["initial_value"],
        "pm": inputs["pm"]["initial_user"],
        "channel": inputs["channel"]["initial_channel"],
        "stakeholders": inputs["stakeholders"]["initial_users"],
        "repositories": inputs["repositories"]["initial_value"],
    }
    assert read_form(held, MEMBERS)[0] == values_of(care), "saving without a change changes nothing"
    read_only = blocks.form_view("CARE", care, "Care", {}, may_change=False)
    assert "submit" not in read_only
