"""What a PM's click does in Jira and in the records; clicks that come late, twice or from others do no harm."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from services.errors import (
    ConflictError,
    FlowPilotError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    VendorError,
)
from services.pm.epic_assignment.types import DecisionKind
from tests.pm.epic_assignment.conftest import Bench


@pytest.mark.requirement("PM-6.4", "TRUST-1")
async def test_a_click_assigns_in_jira_reads_back_and_records_who(bench: Bench) -> None:
    await bench.keep(APP_3=0.95)
    done = await bench.epics.assign("APP-3", "APP-1", bench.people["priya"])
    assert done.note == ""
    assert bench.epic_in_jira("APP-3") == "APP-1"
    (row,) = await bench.suggestions("APP-3")
    assert (row.accepted, row.actual_epic, row.decided_by_member_id) == (True, "APP-1", bench.people["priya"].id)
    (write,) = await bench.writes()
    assert (write.status, write.actor_name, write.target) == ("done", "Priya", "APP-3")
    mirrored = await bench.mirror.issue("APP-3")
    assert mirrored is not None
    assert mirrored.epic_key == "APP-1"
    (item,) = (await bench.epics.list_of("APP")).items
    assert item.decision is not None
    assert (item.decision.kind, item.decision.by_slack_id) == (DecisionKind.ASSIGNED, "U0PRIYA")
    assert item.decision.effect_id == write.id


@pytest.mark.requirement("PM-6.4", "SLK-4")
async def test_a_second_click_changes_nothing_and_says_what_happened(bench: Bench) -> None:
    await bench.keep(APP_3=0.95)
    await bench.epics.assign("APP-3", "APP-1", bench.people["priya"])
    again = await bench.epics.assign("APP-3", "APP-2", bench.people["marcus"])
    assert again.note == "APP-3 was assigned to APP-1 by Priya already; nothing was changed."
    assert bench.epic_in_jira("APP-3") == "APP-1"
    assert len(await bench.writes()) == 1


@pytest.mark.requirement("PM-6.4")
async def test_two_people_who_click_different_epics_at_once_set_one(bench: Bench) -> None:
    await bench.keep(APP_3=0.95)
    answers = await asyncio.gather(
        bench.epics.assign("APP-3", "APP-1", bench.people["priya"]),
        bench.epics.assign("APP-3", "APP-2", bench.people["marcus"]),
    )
    assert [bool(answer.note) for answer in answers] == [False, True]
    assert bench.epic_in_jira("APP-3") == "APP-1"
    assert len(await bench.writes()) == 1


@pytest.mark.requirement("PM-6.4")
async def test_a_stale_click_leaves_the_epic_that_somebody_set_in_jira(bench: Bench) -> None:
    await bench.keep(APP_3=0.95)
    bench.moves_in_jira("APP-3", "APP-2")
    done = await bench.epics.assign("APP-3", "APP-1", bench.people["priya"])
    assert done.note == "APP-3 has the epic APP-2 already; nothing was changed."
    assert bench.epic_in_jira("APP-3") == "APP-2"
    assert await bench.writes() == []
    (row,) = await bench.suggestions("APP-3")
    assert (row.accepted, row.actual_epic, row.decided_by_member_id) == (False, "APP-2", None)


@pytest.mark.requirement("SLK-4")
async def test_without_the_right_nothing_happens(bench: Bench) -> None:
    await bench.keep(APP_3=0.95)
    bob = bench.people["bob"]
    with pytest.raises(NotAllowedError, match=r"role \*pm\*"):
        await bench.epics.assign("APP-3", "APP-1", bob)
    with pytest.raises(NotAllowedError):
        await bench.epics.take_for_review("APP-3", bob)
    with pytest.raises(NotAllowedError):
        await bench.epics.assign_all("APP", [("APP-3", "APP-1")], bob)
    assert bench.epic_in_jira("APP-3") is None
    assert (await bench.suggestions("APP-3"))[0].decided_at is None


@pytest.mark.parametrize(
    ("epic_key", "error", "words"),
    [
        ("OPS-1", InvalidInputError, "epic of OPS"),
        ("APP-99", NotFoundError, "no epic APP-99"),
        ("APP-4", NotFoundError, "no epic APP-4"),
        ("<!channel>", NotFoundError, "no epic &lt;!channel&gt;"),
    ],
)
async def test_what_is_no_epic_of_the_project_is_refused(
    bench: Bench, epic_key: str, error: type[FlowPilotError], words: str
) -> None:
    await bench.keep(APP_3=0.95)
    with pytest.raises(error, match=words):
        await bench.epics.assign("APP-3", epic_key, bench.people["priya"])
    assert bench.epic_in_jira("APP-3") is None
    assert (await bench.suggestions("APP-3"))[0].decided_at is None


async def test_a_ticket_that_nobody_asked_about_is_refused(bench: Bench) -> None:
    with pytest.raises(NotFoundError, match="no suggestion for APP-3"):
        await bench.epics.assign("APP-3", "APP-1", bench.people["priya"])


@pytest.mark.parametrize("status", [400, 503])
async def test_when_jira_fails_the_ticket_stays_open_and_the_click_can_be_repeated(bench: Bench, status: int) -> None:
    await bench.keep(APP_3=0.95)
    bench.site.fail("status", path="issue/APP-3", method="PUT", status=status, times=3)
    with pytest.raises(VendorError):
        await bench.epics.assign("APP-3", "APP-1", bench.people["priya"])
    assert (await bench.suggestions("APP-3"))[0].decided_at is None
    bench.site.sandbox.faults.clear()
    if status >= 500:  # nobody knows whether it happened: looked at again by `recover`, as at a start
        await bench.effects.recover(older_than=timedelta(0))
    await bench.epics.assign("APP-3", "APP-1", bench.people["priya"])
    assert bench.epic_in_jira("APP-3") == "APP-1"
    (row,) = await bench.suggestions("APP-3")
    assert (row.accepted, row.decided_by_member_id) == (True, bench.people["priya"].id)


@pytest.mark.requirement("PM-6.3")
async def test_a_review_is_noted_and_nothing_is_written_to_jira(bench: Bench) -> None:
    await bench.keep(APP_3=0.4)
    await bench.epics.take_for_review("APP-3", bench.people["priya"])
    (item,) = (await bench.epics.list_of("APP")).items
    assert item.decision is not None
    assert item.decision.kind is DecisionKind.REVIEW
    assert await bench.writes() == []
    again = await bench.epics.assign("APP-3", "APP-1", bench.people["marcus"])
    assert "taken for review by Priya" in again.note


@pytest.mark.requirement("PM-6.3")
async def test_other_offers_the_open_epics_of_the_tickets_project_by_what_is_typed(bench: Bench) -> None:
    await bench.keep(APP_3=0.4)
    assert [choice.key for choice in await bench.epics.open_epics("APP-3", "")] == ["APP-2", "APP-1"]
    assert [choice.key for choice in await bench.epics.open_epics("APP-3", "check")] == ["APP-1"]
    assert await bench.epics.open_epics("APP-3", "monitoring") == []


@pytest.mark.requirement("PM-6.3", "TRUST-2")
async def test_what_cannot_be_assigned_in_bulk_is_listed_and_can_be_tried_again(bench: Bench) -> None:
    await bench.keep(APP_3=0.95, APP_4=0.93, APP_5=0.92)
    approval = await bench.epics.approval("APP", bench.people["priya"])
    pairs = [(item.ticket_key, item.epic_key or "") for item in approval.items]
    assert pairs == [("APP-3", "APP-1"), ("APP-4", "APP-1"), ("APP-5", "APP-1")]
    bench.moves_in_jira("APP-5", "APP-2")
    bench.site.fail("status", path="issue/APP-4", method="PUT", status=400, times=1)
    outcome = await bench.epics.assign_all("APP", pairs, bench.people["priya"])
    assert outcome.assigned == ("APP-3",)
    assert [key for key, _ in outcome.skipped] == ["APP-5"]
    assert [key for key, _ in outcome.failed] == ["APP-4"]
    left = await bench.epics.approval("APP", bench.people["priya"])
    assert [item.ticket_key for item in left.items] == ["APP-4"]
    again = await bench.epics.assign_all("APP", [("APP-4", "APP-1")], bench.people["priya"])
    assert again.assigned == ("APP-4",)
    assert bench.epic_in_jira("APP-4") == "APP-1"


@pytest.mark.requirement("TRUST-2")
async def test_an_approval_is_bound_to_the_list_that_was_seen(bench: Bench) -> None:
    await bench.keep(APP_3=0.95, APP_4=0.93)
    first = await bench.epics.approval("APP", bench.people["priya"])
    assert (await bench.epics.approval("APP", bench.people["priya"])).digest == first.digest
    await bench.keep_run([("APP-3", "APP-1", 0.95), ("APP-4", "APP-2", 0.93)])
    assert (await bench.epics.approval("APP", bench.people["priya"])).digest != first.digest


@pytest.mark.requirement("TRUST-1")
async def test_an_assignment_taken_back_is_asked_again_by_the_next_run(bench: Bench) -> None:
    await bench.keep(APP_3=0.95)
    await bench.epics.assign("APP-3", "APP-1", bench.people["priya"])
    (write,) = await bench.writes()
    with pytest.raises(ConflictError):
        await bench.epics.undo("APP-3", write.id + 100, bench.people["priya"])
    await bench.epics.undo("APP-3", write.id, bench.people["priya"])
    assert bench.epic_in_jira("APP-3") is None
    (item,) = (await bench.epics.list_of("APP")).items
    assert item.decision is not None
    assert item.decision.kind is DecisionKind.UNDONE
    await bench.keep(APP_3=0.95)
    (item,) = (await bench.epics.list_of("APP")).items
    assert item.decision is None
    await bench.epics.assign("APP-3", "APP-1", bench.people["priya"])
    assert bench.epic_in_jira("APP-3") == "APP-1"
