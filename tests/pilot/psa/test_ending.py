"""A session ends when its ticket shows what was confirmed, and not before."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from services.errors import ConflictError, NotAllowedError
from services.pilot.notes import (
    Note,
    NoteKind,
    as_stored,
    digest,
    edited,
    markdown,
    note_from_json,
    note_to_json,
    write_note,
)
from services.pilot.psa import WriteBackIncompleteError
from services.pilot.psa.ending import Ending, SessionEndings
from services.pilot.sessions import PilotSessions
from services.pilot.types import Session, SessionStatus, StaleSessionError, TicketRef
from tests.pilot.engine.conftest import Desk as People
from tests.pilot.engine.conftest import Ticking, make_desk
from tests.pilot.psa.conftest import Desk, Homes

TICKET = TicketRef("connectwise", "48213")


@dataclass
class Bench:
    """People who work in sessions, and the ticket's home."""

    people: People
    home: Desk
    endings: SessionEndings

    async def session(self, ticket: TicketRef | None = TICKET) -> Session:
        """Open a session in which something is known."""
        session = await self.people.sessions.open("Outlook keeps asking", self.people.alice, ticket=ticket)
        return await self.people.sessions.add_note(session.id, "The stored password is old", self.people.alice)

    async def resolve(self, note: Note) -> Ending:
        """Have Alice confirm a note that resolves the ticket."""
        return await self.endings.confirm(note, self.people.alice, status="Resolved", expected_status="In Progress")

    @property
    def notes(self) -> list[str]:
        """What stands on the ticket."""
        return self.home.notes


@pytest.fixture
async def bench(homes: Homes) -> Bench:
    people = await make_desk(homes.database)
    return Bench(people, homes.desk("connectwise"), SessionEndings(people.sessions, homes.write_back))


@pytest.mark.requirement("FLP-4.2", "FLP-4.3")
async def test_a_confirmed_note_resolves_ticket_and_session_and_a_second_confirmation_does_nothing(
    bench: Bench,
) -> None:
    session = await bench.session()
    note = write_note(session, NoteKind.RESOLUTION)
    ending = await bench.resolve(note)
    asked = [call.method for call in bench.home.sandbox.calls.since(0, "connectwise")]
    # ticket and notes together, the statuses; post; set; note and ticket read back together
    assert asked == ["GET", "GET", "GET", "POST", "PATCH", "GET", "GET"]
    (posted,) = bench.notes
    assert "The stored password is old" in posted
    assert "via FlowPilot for Alice" in posted
    assert ending.written is not None
    assert (ending.session.status, bench.home.status) == (SessionStatus.RESOLVED, "Resolved")
    assert ending.session.resolution_note_external_id == ending.written.note_id
    assert note_from_json(ending.session.artifacts["resolution_note"]) == note
    assert (await bench.resolve(note)).session.status is SessionStatus.RESOLVED
    assert len(bench.notes) == 1
    with pytest.raises(NotAllowedError):
        await bench.endings.confirm(note, bench.people.victor)
    reopened = await bench.people.sessions.reopen(session.id, bench.people.bob)
    bench.home.by_hand("In Progress")
    again = await bench.resolve(write_note(reopened, NoteKind.RESOLUTION))
    assert (again.session.status, len(bench.notes)) == (SessionStatus.RESOLVED, 2)


@pytest.mark.requirement("FLP-4.3", "TRUST-4")
async def test_a_session_stays_open_until_its_ticket_has_the_status(bench: Bench) -> None:
    session = await bench.session()
    note = write_note(session, NoteKind.RESOLUTION)
    bench.home.ignore_status()
    with pytest.raises(WriteBackIncompleteError, match=r"still In Progress, not Resolved\."):
        await bench.resolve(note)
    stuck = await bench.people.sessions.get(session.id)
    assert (stuck.status, len(bench.notes), bool(stuck.resolution_note_external_id)) == (SessionStatus.OPEN, 1, True)
    other_words = edited(note, "Other words", stuck, bench.people.alice.id)
    done = await bench.resolve(other_words)
    assert (done.session.status, len(bench.notes), bench.home.status) == (SessionStatus.RESOLVED, 1, "Resolved")
    # what is kept is what stands on the ticket
    assert note_from_json(done.session.artifacts["resolution_note"]) == note


@pytest.mark.requirement("FLP-4.2", "TRUST-3")
async def test_what_is_tried_again_is_what_was_confirmed_to_the_letter(bench: Bench) -> None:
    session = await bench.session()
    words = "## Resolution\n\n- Her password is Hunter22!x now, PIN: [redacted]; with password Winter2025 it *worked*\n"
    note = edited(write_note(session, NoteKind.RESOLUTION), words, session, bench.people.alice.id)
    bench.home.refuse_status()
    with pytest.raises(WriteBackIncompleteError):
        await bench.resolve(note)
    (posted,) = bench.notes
    bench.home.delete_notes()
    kept = (await bench.people.sessions.set_artifacts(session.id, {"again": note_to_json(as_stored(note))})).artifacts
    again = note_from_json(kept["again"])
    assert (again, digest(again)) == (as_stored(again), digest(as_stored(note)))
    assert again == note_from_json(kept["resolution_note"])
    assert ("Hunter22" in posted, "Winter2025" in posted, posted.count("[redacted]")) == (False, False, 3)
    assert markdown(again).split("\n")[2].removeprefix("- ") in posted


@pytest.mark.requirement("FLP-4.3", "TRUST-2")
async def test_two_who_confirm_make_one_note_and_a_stale_preview_makes_none(bench: Bench) -> None:
    session = await bench.session()
    stale = write_note(session, NoteKind.ESCALATION)
    session = await bench.people.sessions.add_note(session.id, "Webmail works", bench.people.bob)
    with pytest.raises(StaleSessionError, match="nothing was posted"):
        await bench.resolve(stale)
    assert bench.notes == []
    note = write_note(session, NoteKind.ESCALATION)
    people = (bench.people.alice, bench.people.bob)
    endings = await asyncio.gather(*(bench.endings.confirm(note, by, status="Closed") for by in people))
    assert {ending.session.status for ending in endings} == {SessionStatus.ESCALATED}
    assert (len(bench.notes), bench.home.status) == (1, "Closed")
    assert endings[0].session.escalation_package_external_id is not None
    with pytest.raises(ConflictError):
        await bench.resolve(write_note(session, NoteKind.RESOLUTION))


@pytest.mark.requirement("FLP-4.3")
async def test_without_a_ticket_the_note_is_kept_and_the_session_resolved(bench: Bench) -> None:
    session = await bench.session(ticket=None)
    note = write_note(session, NoteKind.RESOLUTION)
    ending = await bench.endings.confirm(note, bench.people.alice)
    assert (ending.session.status, ending.written, bench.notes) == (SessionStatus.RESOLVED, None, [])
    assert note_from_json(ending.session.artifacts["resolution_note"]) == note


@pytest.mark.requirement("FLP-4.2", "FLP-4.3")
async def test_a_ticket_of_another_board_takes_its_own_statuses_only_and_nothing_is_written_before(
    bench: Bench,
) -> None:
    session = await bench.session(TicketRef("connectwise", "48198"))
    ticket = bench.home.sandbox.connectwise.ticket(48198)
    note, alice = write_note(session, NoteKind.RESOLUTION), bench.people.alice
    with pytest.raises(
        ConflictError, match=r"\*Network\* cannot get the status \*Resolved\*; nothing was written"
    ) as caught:
        await bench.endings.confirm(note, alice, status="Resolved", expected_status="Unassigned")
    assert caught.value.hint == "It can get *Restored*."
    assert (len(ticket.notes), (await bench.people.sessions.get(session.id)).status) == (0, SessionStatus.OPEN)
    done = await bench.endings.confirm(note, alice, status="Restored", expected_status="Unassigned")
    assert (len(ticket.notes), ticket.status.name, done.session.status) == (1, "Restored", SessionStatus.RESOLVED)


@pytest.mark.requirement("FLP-4.2", "FLP-4.3")
async def test_a_ticket_that_was_closed_meanwhile_gets_nothing_until_somebody_says_so_again(bench: Bench) -> None:
    session = await bench.session()
    note = write_note(session, NoteKind.RESOLUTION)
    bench.home.by_hand("Closed")
    with pytest.raises(ConflictError, match="nothing was written"):
        await bench.resolve(note)
    assert (bench.notes, (await bench.people.sessions.get(session.id)).status) == ([], SessionStatus.OPEN)
    done = await bench.endings.confirm(note, bench.people.alice)
    assert (len(bench.notes), bench.home.status, done.session.status) == (1, "Closed", SessionStatus.RESOLVED)


@pytest.mark.requirement("FLP-4.3", "TRUST-4")
@pytest.mark.parametrize("home", ["connectwise", "jira"])
async def test_a_process_killed_between_the_post_and_its_record_makes_no_second_note(
    homes: Homes, bench: Bench, home: str
) -> None:
    desk = homes.desk(home)
    session = await bench.session(TicketRef(home, desk.ticket_id))
    note, alice = write_note(session, NoteKind.RESOLUTION), bench.people.alice

    class KilledError(BaseException):
        """The process ends."""

    class Killed(PilotSessions):
        async def set_artifacts(self, *_: Any, **__: Any) -> Session:
            raise KilledError

    dying = Killed(homes.database, bench.people.audit, Ticking())
    wanted = {"status": desk.done, "expected_status": desk.first}
    with pytest.raises(KilledError):
        await SessionEndings(dying, homes.write_back).confirm(note, alice, **wanted)
    stuck = await bench.people.sessions.get(session.id)
    assert (len(desk.notes), desk.status, stuck.status) == (1, desk.done, SessionStatus.OPEN)
    other = SessionEndings(bench.people.sessions, homes.another_write_back())
    done = await other.confirm(note, bench.people.bob, **wanted)
    assert (len(desk.notes), desk.status, done.session.status) == (1, desk.done, SessionStatus.RESOLVED)
    assert done.session.resolution_note_external_id
    assert "The stored password is old" in str(done.session.artifacts["resolution_note"])
