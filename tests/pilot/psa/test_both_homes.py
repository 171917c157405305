"""What holds for each home of tickets: the note is there once, the status is what was confirmed, or everybody hears."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from sandbox.core import Fault
from services.effects import Actor, EffectStatus
from services.errors import ConflictError, VendorError, VendorNotFoundError, VendorRejectedError
from services.pilot.psa import (
    Authorship,
    NoteKind,
    WriteBack,
    WriteBackIncompleteError,
    WriteBackResult,
    note_marker,
)
from services.pilot.types import TicketRef
from tests.pilot.psa.conftest import DANA, LUCA, Desk, Homes

MARKER = note_marker("5f0c", "resolution", TicketRef("jira", "APP-1"))
WORDS = "Root cause: an old password. Resolution: stored credentials removed."


def wish(desk: Desk, actor: Actor = LUCA, **changes: Any) -> WriteBack:
    """Return what a person confirmed."""
    values: dict[str, Any] = {
        "ticket": TicketRef(desk.provider.name, desk.ticket_id),
        "markdown": f"**Done**\n\n{WORDS}",
        "kind": NoteKind.RESOLUTION,
        "marker": MARKER,
        "status": desk.done,
        "expected_status": desk.first,
        "actor": actor,
        "reason": "resolved in Slack",
    }
    return WriteBack(**(values | changes))


def ours(desk: Desk) -> list[str]:
    """Return the notes that hold the words."""
    return [note for note in desk.notes if WORDS in note]


@pytest.mark.requirement("FLP-4.2", "FLP-4.3", "TRUST-4", "TRUST-1")
async def test_note_and_status_are_written_read_back_and_can_be_taken_back(desk: Desk) -> None:
    result = await desk.write_back.write(wish(desk))
    (note,) = ours(desk)
    assert "via FlowPilot for Luca Moretti" in note
    assert (desk.status, result.status_before, result.status_after) == (desk.done, desk.first, desk.done)
    assert result.note_id
    assert result.note_url is not None
    assert result.note_url.startswith("http")
    for receipt in (result.status_receipt, result.note_receipt):
        assert receipt is not None
        assert (receipt.status, receipt.undo_until is not None) == (EffectStatus.DONE, True)
        undone = await desk.effects.undo(receipt.effect_id, LUCA)
        assert undone.status is EffectStatus.DONE
    assert (ours(desk), desk.status) == ([], desk.first)
    again = await desk.write_back.write(wish(desk))
    assert (len(ours(desk)), desk.status, again.status_after) == (1, desk.done, desk.done)


@pytest.mark.requirement("FLP-4.3", "TRUST-4")
@pytest.mark.parametrize("kind", ["drop_after", "status_after", "drop"])
async def test_a_lost_answer_makes_no_second_note(desk: Desk, kind: str) -> None:
    desk.fail_post(kind)
    if kind == "drop":
        with pytest.raises(VendorError) as caught:
            await desk.write_back.write(wish(desk))
        assert (caught.value.outcome_unknown, ours(desk)) == (True, [])
        with pytest.raises(ConflictError, match="right now"):
            await desk.write_back.write(wish(desk))
        await desk.effects.recover(older_than=timedelta(0))
    result = await desk.write_back.write(wish(desk))
    assert (len(ours(desk)), desk.status, result.status_after) == (1, desk.done, desk.done)


@pytest.mark.requirement("FLP-4.3", "TRUST-4")
async def test_a_note_without_its_status_is_finished_by_the_status_alone(desk: Desk) -> None:
    desk.refuse_status()
    with pytest.raises(WriteBackIncompleteError, match="note is on") as caught:
        await desk.write_back.write(wish(desk))
    assert desk.done in caught.value.message
    assert (len(ours(desk)), desk.status, bool(caught.value.result.note_id)) == (1, desk.first, True)
    result = await desk.write_back.write(wish(desk))
    assert (len(ours(desk)), desk.status) == (1, desk.done)
    assert result.note_id == caught.value.result.note_id
    assert result.note_receipt is not None
    assert result.note_receipt.repeated


@pytest.mark.requirement("FLP-4.3")
async def test_a_status_that_was_accepted_and_is_not_there_is_an_error_that_names_both(desk: Desk) -> None:
    desk.ignore_status()
    with pytest.raises(WriteBackIncompleteError) as caught:
        await desk.write_back.write(wish(desk))
    assert desk.done in caught.value.message
    assert desk.first in caught.value.message
    result = await desk.write_back.write(wish(desk))
    assert (result.status_after, len(ours(desk))) == (desk.done, 1)


@pytest.mark.requirement("FLP-4.3")
async def test_a_refused_note_leaves_the_ticket_alone_and_may_be_tried_again(desk: Desk) -> None:
    desk.sandbox.faults.add(_refusal(desk))
    with pytest.raises(VendorRejectedError):
        await desk.write_back.write(wish(desk))
    assert (ours(desk), desk.status) == ([], desk.first)
    await desk.write_back.write(wish(desk))
    assert (len(ours(desk)), desk.status) == (1, desk.done)


def _refusal(desk: Desk) -> Fault:
    return Fault(desk.vendor, "status", desk.post_path, "POST", status=400)


@pytest.mark.requirement("FLP-4.3")
async def test_two_people_who_confirm_at_once_make_one_note(desk: Desk) -> None:
    wishes = [wish(desk), wish(desk, DANA, markdown=f"Mine. {WORDS}"), wish(desk)]
    results = await asyncio.gather(*(desk.write_back.write(each) for each in wishes))
    assert (len(ours(desk)), desk.status) == (1, desk.done)
    assert len({result.note_id for result in results if isinstance(result, WriteBackResult)}) == 1


async def test_what_changed_since_it_was_seen_is_asked_again_and_nothing_is_written(desk: Desk) -> None:
    desk.by_hand({"connectwise": "Closed", "jira": "Done"}[desk.vendor])
    now = desk.status
    wanted = {"connectwise": desk.done, "jira": desk.first}[desk.vendor]
    with pytest.raises(ConflictError, match=f"{now}.* now; nothing was written"):
        await desk.write_back.write(wish(desk, status=wanted, expected_status=desk.first + "!"))
    with pytest.raises(ConflictError, match="closed meanwhile; nothing was written"):
        await desk.write_back.write(wish(desk, status=wanted, expected_status=None))
    with pytest.raises(ConflictError, match=r"cannot get the status.*Nowhere"):
        await desk.write_back.write(wish(desk, status="Nowhere", expected_status=now))
    with pytest.raises(VendorNotFoundError):
        await desk.write_back.write(wish(desk, ticket=TicketRef(desk.provider.name, _missing(desk))))
    assert (ours(desk), desk.status) == ([], now)
    result = await desk.write_back.write(wish(desk, status=None))
    assert (len(ours(desk)), desk.status, result.status_receipt) == (1, now, None)


def _missing(desk: Desk) -> str:
    return {"connectwise": "77", "jira": "APP-77"}[desk.vendor]


async def test_a_note_that_somebody_deleted_there_is_not_taken_for_posted(desk: Desk) -> None:
    await desk.write_back.write(wish(desk))
    desk.delete_notes()
    with pytest.raises(WriteBackIncompleteError, match="deleted") as caught:
        await desk.write_back.write(wish(desk))
    assert caught.value.result.note_id is None
    anew = note_marker("5f0c", "resolution", TicketRef("jira", "APP-1"), 2)
    await desk.write_back.write(wish(desk, marker=anew))
    assert len(ours(desk)) == 1


async def test_a_ticket_is_read_searched_and_its_statuses_listed(desk: Desk) -> None:
    provider = desk.provider
    ticket = await provider.ticket(desk.ticket_id)
    assert (ticket.id, ticket.status, ticket.is_closed) == (desk.ticket_id, desk.first, False)
    assert ticket.ref == TicketRef(provider.name, desk.ticket_id, ticket.ref.details)
    assert ticket.ref.details["label"] == provider.label(desk.ticket_id)
    for text in ("outlook", desk.ticket_id, 'Outlook "keeps" (asking)'):
        assert desk.ticket_id in [each.id for each in await provider.search(text)] or "(" in text
    names = [each.name for each in await provider.statuses(desk.ticket_id)]
    assert {desk.first, desk.done} <= set(names)
    assert len(names) == len(set(names))
    assert await provider.note_by_marker(desk.ticket_id, MARKER) is None
    authorship = Authorship(LUCA, "said so", "k1")
    receipt = await provider.post_note(desk.ticket_id, WORDS, NoteKind.INTERNAL, MARKER, authorship)
    found = await provider.note_by_marker(desk.ticket_id, MARKER)
    assert found is not None
    assert (found.id, WORDS in found.text) == (receipt.after["note_id"], True)
    other_key = Authorship(LUCA, "said so", "k2")
    second = await provider.post_note(desk.ticket_id, WORDS, NoteKind.INTERNAL, MARKER, other_key)
    assert (second.status, second.after["note_id"], len(ours(desk))) == (EffectStatus.UNCHANGED, found.id, 1)


@pytest.mark.requirement("FLP-4.3", "TRUST-4")
async def test_a_process_that_dies_after_the_post_leaves_one_note_and_the_rest_to_the_next(
    homes: Homes, desk: Desk
) -> None:
    posted = asyncio.Event()
    homes.sandbox.bus.on_event(lambda _: posted.set() if ours(desk) else None)
    desk.fail_post("timeout_after")
    dying = asyncio.create_task(desk.write_back.write(wish(desk)))
    await posted.wait()
    dying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dying
    assert (len(ours(desk)), desk.status) == (1, desk.first)
    (settled,) = await homes.another_process().recover(older_than=timedelta(0))
    assert settled.status is EffectStatus.DONE
    result = await desk.write_back.write(wish(desk))
    assert (len(ours(desk)), desk.status) == (1, desk.done)
    assert str(result.note_id) in map(str, settled.after.values())


@pytest.mark.requirement("FLP-4.3")
async def test_two_replicas_that_confirm_at_once_make_one_note(homes: Homes) -> None:
    desk = homes.desk("connectwise")
    other = homes.another_write_back()
    results = await asyncio.gather(
        desk.write_back.write(wish(desk)), other.write(wish(desk, DANA)), return_exceptions=True
    )
    assert len(ours(desk)) == 1
    for problem in results:
        # the one who comes while the other is at it hears so, and finds it done a moment later
        assert isinstance(problem, WriteBackResult | ConflictError | WriteBackIncompleteError)
    again = await other.write(wish(desk, DANA))
    assert (len(ours(desk)), again.status_after) == (1, desk.done)
