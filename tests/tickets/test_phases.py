"""Moving into a phase creates that phase's sub-tasks once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from blocks.tickets import phase_blocks
from handlers.request import Kind
from handlers.tickets import commands
from sandbox.jira import catalog
from sandbox.jira.model import Issue
from services.accounts.settings import ACCOUNT_SETTINGS, WORKFLOWS, read_inputs
from services.commands import Reply, Rest, TicketKey
from services.effects import EffectStatus
from services.errors import NotConfiguredError
from services.tickets.workflows import load_templates
from tests.tickets.conftest import Desk, request_of
from tests.vendors.site import ALICE

TEMPLATE = "macos-remediation"
INVESTIGATION = [
    "Reproduce on a test device",
    "Collect logs and inventory of affected devices",
    "Write down the root cause",
]


@pytest.fixture
async def issue(desk: Desk) -> Issue:
    """REM-1, to do, in a project with the template."""
    desk.site.sandbox.jira.add_project("REM", "Remediation", ALICE, catalog.REMEDIATION)
    await desk.services.accounts.set_setting(WORKFLOWS, {"REM": TEMPLATE})
    return desk.site.create("REM", "Patch the fleet")


async def move(desk: Desk, to: str, delivery: str, key: str = "REM-1") -> Reply:
    """Type the move as Bob."""
    request = request_of(desk, "bob", Kind.COMMAND, "/ticket", delivery_id=delivery)
    return await commands.move(request, TicketKey(key), Rest(to))


def subtasks(desk: Desk, issue: Issue) -> list[str]:
    """Return the summaries of an issue's sub-tasks."""
    return [child.summary for child in desk.site.sandbox.jira.children.get(issue.id, {}).values()]


@pytest.mark.requirement("TKT-1.3")
async def test_moving_into_a_phase_creates_its_sub_tasks_and_lists_them(desk: Desk, issue: Issue) -> None:
    reply = await move(desk, "Investigation", "1")
    assert subtasks(desk, issue) == INVESTIGATION
    shown = json.dumps(reply.blocks)
    assert "Moved *REM-1*" in shown
    assert "New sub-tasks of Investigation" in shown
    assert all(f"REM-{number}|REM-{number}> {words}" in shown for number, words in enumerate(INVESTIGATION, 2))
    assert [(line.action, line.actor_name, line.target) for line in await desk.services.audit.lines()] == [
        ("jira.transition", "Bob Brown", "REM-1"),
        *[("jira.create", "Bob Brown", "REM-1")] * 3,
    ]


@pytest.mark.requirement("TKT-1.3")
async def test_back_and_forth_and_repeated_deliveries_make_no_second_ones(desk: Desk, issue: Issue) -> None:
    for delivery, to in enumerate(("Investigation", "Plan", "Investigation", "Investigation", "Plan")):
        reply = await move(desk, to, str(delivery))
    await move(desk, "Plan", "4")
    plan = [subtask.summary for subtask in load_templates()[TEMPLATE].phases[2].subtasks]
    assert subtasks(desk, issue) == [*INVESTIGATION, *plan]
    assert "3 sub-tasks of Plan were created before" in json.dumps(reply.blocks)


@pytest.mark.requirement("TKT-1.3")
async def test_what_an_account_without_memory_finds_in_jira_is_not_made_again(desk: Desk, issue: Issue) -> None:
    desk.site.sandbox.jira.create(
        ALICE,
        {
            "project": {"key": "REM"},
            "issuetype": {"name": "Sub-task"},
            "summary": "Renamed by somebody",
            "parent": {"key": "REM-1"},
        },
        properties={"flowpilot.effect": "phase:REM-1:Investigation:0"},
    )
    await move(desk, "Investigation", "1")
    assert subtasks(desk, issue) == ["Renamed by somebody", *INVESTIGATION[1:]]


@pytest.mark.requirement("TKT-1.3")
@pytest.mark.parametrize("fault", ["drop_after", "status_after"])
async def test_a_lost_answer_makes_no_second_sub_task(desk: Desk, issue: Issue, fault: str) -> None:
    desk.site.fail(fault, method="POST", path="/issue$")
    await move(desk, "Investigation", "1")
    assert subtasks(desk, issue) == INVESTIGATION


async def test_a_sub_task_that_jira_refused_is_said_and_made_by_moving_there_again(desk: Desk, issue: Issue) -> None:
    for delivery in ("1", "2"):
        desk.site.fail("status", status=400, method="POST", path="/issue$")
        reply = await move(desk, "Investigation", delivery)
        assert "could not be created" in json.dumps(reply.blocks, ensure_ascii=False)
        assert "/ticket move REM-1 to Investigation" in json.dumps(reply.blocks)
        assert issue.status.name == "Investigation"
    assert subtasks(desk, issue) == []
    await move(desk, "Investigation", "3")
    assert subtasks(desk, issue) == INVESTIGATION


async def test_a_sub_task_that_somebody_deleted_stays_deleted(desk: Desk, issue: Issue) -> None:
    await move(desk, "Investigation", "1")
    jira = desk.site.sandbox.jira
    jira.delete(ALICE, next(iter(jira.children[issue.id].values())))
    await move(desk, "Plan", "2")
    await move(desk, "Investigation", "3")
    assert subtasks(desk, issue)[:2] == INVESTIGATION[1:]
    assert INVESTIGATION[0] not in subtasks(desk, issue)


async def test_only_tickets_of_projects_with_a_template_get_sub_tasks(desk: Desk, issue: Issue) -> None:
    other = desk.site.create("APP", "Fix the login")
    epic = desk.site.create("REM", "All of it", "Epic")
    child = desk.site.create("REM", "Part", "Sub-task", parent={"key": issue.key})
    await move(desk, "In Progress", "1", other.key)
    await move(desk, "In Progress", "2", epic.key)
    await move(desk, "Investigation", "3", child.key)
    assert [subtasks(desk, each) for each in (other, epic, child)] == [[], [], []]
    assert child.status.name == "Investigation"


@pytest.mark.parametrize("setting", [{"REM": "gone-<!channel>"}, "nonsense"])
async def test_a_wrong_setting_does_not_fail_the_move_and_is_said(desk: Desk, issue: Issue, setting: object) -> None:
    await desk.services.accounts.set_setting(WORKFLOWS, setting)
    reply = await move(desk, "Investigation", "1")
    shown = json.dumps(reply.blocks)
    assert "Moved *REM-1*" in shown
    assert WORKFLOWS in shown
    assert "<!channel>" not in shown
    assert subtasks(desk, issue) == []


async def test_a_phase_that_cannot_be_looked_at_does_not_hide_the_receipt(desk: Desk, issue: Issue) -> None:
    receipt = await desk.tickets.move(desk.people["bob"], "REM-1", ("Investigation",), "w1")
    desk.site.fail("status", status=503, times=None)
    entry = await desk.tickets.phases.enter(desk.people["bob"], receipt)
    assert receipt.status is EffectStatus.DONE
    assert "could not be looked at" in json.dumps(phase_blocks(entry, "Investigation"))


def test_the_template_has_every_phase_of_the_workflow_with_some_sub_tasks_each() -> None:
    template = load_templates()[TEMPLATE]
    assert tuple(phase.status for phase in template.phases) == catalog.REMEDIATION.statuses
    assert all(2 <= len(phase.subtasks) <= 4 for phase in template.phases)
    assert template.phase("build & test") is template.phases[3]
    assert template.phase("QA") is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("title: x\nphases: []", "phases: "),
        ("title: x\nphases:\n  - status: To Do\n    tasks: []", "phases.0.tasks: "),
        ("title: x\nphases:\n  - status: To Do\n    subtasks:\n      - summary: ''", "phases.0.subtasks.0.summary: "),
        ("title: x\nphases:\n  - status: A\n  - status: a", "“a” is there twice"),
        ("title: [", "while parsing"),
        ("", "valid dictionary"),
    ],
)
def test_a_template_with_a_mistake_names_file_place_and_problem(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "mine.yml").write_text(text, encoding="utf-8")
    with pytest.raises(NotConfiguredError) as caught:
        load_templates(tmp_path)
    assert "mine.yml" in str(caught.value)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("typed", "stored", "problem"),
    [
        ("cpe = macos-remediation, REM=other\n", {"CPE": "macos-remediation", "REM": "other"}, ""),
        (None, None, ""),
        ("CPE", None, "“CPE” is not PROJECT=template, such as CPE=macos-remediation."),
    ],
)
def test_admins_say_which_project_follows_which_template(
    typed: str | None, stored: dict[str, str] | None, problem: str
) -> None:
    [spec] = [spec for spec in ACCOUNT_SETTINGS if spec.key == WORKFLOWS]
    values, problems = read_inputs([spec], {WORKFLOWS: typed})
    assert (values.get(WORKFLOWS), problems.get(WORKFLOWS, "")) == (stored, problem)
    assert read_inputs([spec], {WORKFLOWS: spec.show(stored)}) == ({WORKFLOWS: stored}, {})
