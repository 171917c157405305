"""What is done in a session, step by step."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from services.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError
from services.pilot.markers import Marker, parse
from services.pilot.types import (
    Author,
    FactSource,
    FixDecision,
    ItemStatus,
    LaneKind,
    NewFix,
    NewItem,
    NewScript,
    Session,
    SessionStatus,
    StaleSessionError,
    TicketRef,
)
from tests.pilot.engine.conftest import Desk, restarted

SECRET = "Summer2026!x"


async def a_worked_on_session(desk: Desk) -> Session:
    """Do a bit of everything."""
    work, alice = desk.sessions, desk.alice
    session = await work.open("Outlook fails", alice, ticket=TicketRef("connectwise", "48213"), company="Acme")
    asked = [NewItem(LaneKind.CHECK, "Ping it"), NewItem(LaneKind.QUESTION, "Is the account locked?", ("Yes", "No"))]
    session = await work.add_items(session.id, asked)
    question, check = session.items
    await work.answer_item(session.id, question.id, "No", alice, promote=True)
    await work.complete_check(session.id, check.id, "4 replies, 0 lost", desk.bob, promote=True)
    await work.add_note(session.id, "مستخدم جديد with *stars*, _lines_, ~waves~ and `ticks`", alice)
    await work.add_synthesis(session.id, "The network is fine")
    session = await work.suggest_fix(session.id, NewFix("Clear it", "Clear the cache", fact_numbers=(1, 2)))
    await work.decide_fix(session.id, session.fixes[0].id, FixDecision.DRAFT_TEMPLATE, alice)
    script = NewScript("bash", "ls -l", "draft_template", ({"name": "path", "value": "/tmp"},), session.fixes[0].id)
    await work.add_script_generation(session.id, script, by=alice)
    await work.attach_thread(session.id, "C1", "1700.1")
    await work.set_lane_message(session.id, "1700.2")
    await work.set_artifacts(session.id, {"note": {"text": "Done [F1]"}}, by=alice)
    return await work.resolve(session.id, alice)


@pytest.mark.requirement("FLP-1.2", "FLP-2.1", "FLP-2.3")
async def test_everything_survives_a_restart(desk: Desk) -> None:
    session = await a_worked_on_session(desk)
    later = restarted(desk)
    assert await later.sessions.get(session.id) == session
    assert [fact.text for fact in session.known[:2]] == ["The account is not locked.", "Ping it: 4 replies, 0 lost."]
    assert [fact.source_ref for fact in session.facts] == [session.items[0].id, session.items[1].id, None, None]
    assert [item.fact_id for item in session.items] == [session.facts[0].id, session.facts[1].id]
    assert session.status is SessionStatus.RESOLVED
    assert (session.ticket, session.lane_ts) == (TicketRef("connectwise", "48213"), "1700.2")
    await later.database.close()
    # what people did is on the record, what FlowPilot did by itself is not
    assert await desk.actions(session) == [
        "pilot.open",
        "pilot.question.answer",
        "pilot.check.complete",
        "pilot.fact.add",
        "pilot.fix.decide",
        "pilot.script.add",
        "pilot.artifact",
        "pilot.resolved",
    ]
    lines = await desk.audit.lines()
    assert lines[1].after["F1"] == "The account is not locked."
    assert lines[4].before == {"fix 1": "suggested: Clear it"}


@pytest.mark.requirement("FLP-3.3")
async def test_each_change_is_one_version_and_the_same_wish_again_changes_nothing(desk: Desk) -> None:
    work, alice = desk.sessions, desk.alice
    session, item = await desk.asked("Is the account locked?")
    told: list[int] = []
    work.on_change(lambda changed: told.append(changed.state_version))
    noted = await work.add_note(session.id, "A note", alice)
    fact, ident = noted.facts[0], session.id
    fixed = await work.suggest_fix(ident, NewFix("Unlock", "Unlock it"))
    wishes: list[Callable[[], Awaitable[Session]]] = [
        lambda: work.add_items(ident, [NewItem(LaneKind.CHECK, "Ping it"), NewItem(LaneKind.CHECK, "ping  it.")]),
        lambda: work.answer_item(ident, item.id, "No", alice),
        lambda: work.promote(ident, item.id, alice),
        lambda: work.add_note(ident, "Another", alice),
        lambda: work.edit_fact(ident, fact.id, "Other words", alice),
        lambda: work.delete_fact(ident, fact.id, alice),
        lambda: work.restore_fact(ident, fact.id, alice),
        lambda: work.suggest_fix(ident, NewFix("Reset", "Reset it")),
        lambda: work.link_ticket(ident, TicketRef("jira", "A-1"), alice),
        lambda: work.unlink_ticket(ident, alice),
        lambda: work.close(ident, alice),
        lambda: work.reopen(ident, alice),
    ]
    version = fixed.state_version
    for wish in wishes:
        once, twice = await wish(), await wish()
        version += 1
        assert (once.state_version, twice) == (version, once)
    assert told == list(range(2, version + 1))


async def test_where_it_is_shown_and_what_is_said_is_no_new_state(desk: Desk) -> None:
    session = await desk.noted()
    await desk.sessions.attach_thread(session.id, "C1", "1.1")
    await desk.sessions.set_lane_message(session.id, "1.2")
    await desk.sessions.set_artifacts(session.id, {"preview": "text"})
    await desk.sessions.set_external_ids(session.id, resolution_note="n-1")
    said = [await desk.sessions.add_message(session.id, Author.PERSON, "Hi", by=desk.bob, slack_ts="1.3") for _ in "ab"]
    after = await desk.sessions.in_thread("C1", "1.1")
    assert after is not None
    assert (after.state_version, after.artifacts, after.lane_ts) == (session.state_version, {"preview": "text"}, "1.2")
    assert after.resolution_note_external_id == "n-1"
    assert said[0] == said[1]
    assert await desk.sessions.messages(session.id) == (said[0],)
    other = await desk.open()
    with pytest.raises(ConflictError, match="has a session already"):
        await desk.sessions.attach_thread(other.id, "C1", "1.1")
    moved = await desk.sessions.attach_thread(session.id, "C1", "2.1")
    assert (moved.thread_ts, moved.lane_ts) == ("2.1", None)


@pytest.mark.requirement("FLP-2.3")
async def test_facts_from_questions_and_checks_are_read_only_and_the_others_can_be_edited(desk: Desk) -> None:
    work, alice = desk.sessions, desk.alice
    session = await a_worked_on_session(desk)
    session = await work.reopen(session.id, alice)
    by_source = {fact.source_type: fact for fact in session.facts}
    for source in (FactSource.QUESTION, FactSource.CHECK):
        with pytest.raises(InvalidInputError, match=f"comes from a {source}"):
            await work.edit_fact(session.id, by_source[source].id, "Other words", alice)
    for source in (FactSource.MANUAL, FactSource.SYNTHESIS):
        edited = await work.edit_fact(session.id, by_source[source].id, f"Edited {source}", alice)
        assert edited.fact(by_source[source].id).text == f"Edited {source}"  # type: ignore[union-attr]


async def test_an_edit_of_what_changed_meanwhile_is_refused_and_shows_the_newer_state(desk: Desk) -> None:
    work, session = desk.sessions, await desk.noted()
    fact, seen = session.facts[0], session.state_version
    await work.edit_fact(session.id, fact.id, "Bob's words", desk.bob, seen=seen)
    with pytest.raises(StaleSessionError) as refused:
        await work.edit_fact(session.id, fact.id, "Alice's words", desk.alice, seen=seen)
    assert refused.value.session.facts[0].text == "Bob's words"
    with pytest.raises(StaleSessionError):
        await work.delete_fact(session.id, fact.id, desk.alice, seen=seen)
    with pytest.raises(StaleSessionError):
        await work.resolve(session.id, desk.alice, seen=seen)
    assert (await work.get(session.id)).status is SessionStatus.OPEN


async def test_a_question_taken_up_again_takes_its_fact_back_for_good(desk: Desk) -> None:
    work, alice = desk.sessions, desk.alice
    session, item = await desk.asked("Is the account locked?")
    session = await work.answer_item(session.id, item.id, "Yes", alice, promote=True)
    first = session.facts[0]
    session = await work.reopen_item(session.id, item.id, alice)
    assert (session.known, session.items[0].status, session.items[0].id) == ((), ItemStatus.OPEN, item.id)
    session = await work.answer_item(session.id, item.id, "No", alice)
    with pytest.raises(StaleSessionError):
        await work.restore_fact(session.id, first.id, alice)
    session = await work.promote(session.id, item.id, alice)
    assert [(fact.label, fact.text) for fact in session.known] == [("F2", "The account is not locked.")]
    session = await work.delete_fact(session.id, session.known[0].id, alice)
    session = await work.restore_fact(session.id, session.facts[1].id, alice)
    assert (session.items[0].fact_id, len(session.known)) == (session.facts[1].id, 1)


@pytest.mark.requirement("FLP-2.2")
async def test_doubt_is_an_answer_but_no_fact(desk: Desk) -> None:
    session, item = await desk.asked("Since when?")
    session = await desk.sessions.answer_item(session.id, item.id, "Not sure, maybe Monday", desk.alice, promote=True)
    assert (session.items[0].answer, session.facts) == ("Not sure, maybe Monday", ())
    with pytest.raises(InvalidInputError, match="not certain"):
        await desk.sessions.promote(session.id, item.id, desk.alice)


async def test_an_open_or_dismissed_item_is_no_fact_and_an_answered_one_is_not_dismissed(desk: Desk) -> None:
    work, alice = desk.sessions, desk.alice
    session, item = await desk.asked("Since when?")
    with pytest.raises(InvalidInputError):
        await work.complete_check(session.id, item.id, "x", alice)
    dismissed = await work.dismiss_item(session.id, item.id, alice)
    assert await work.dismiss_item(session.id, item.id, alice) == dismissed
    with pytest.raises(InvalidInputError):
        await work.promote(session.id, item.id, alice)
    await work.reopen_item(session.id, item.id, alice)
    await work.answer_item(session.id, item.id, "Monday", alice)
    with pytest.raises(StaleSessionError):
        await work.dismiss_item(session.id, item.id, alice)


@pytest.mark.requirement("FLP-3.1")
async def test_a_newer_fix_supersedes_the_one_before_which_stays_in_the_history(desk: Desk) -> None:
    work, session = desk.sessions, await desk.noted()
    first = (await work.suggest_fix(session.id, NewFix("One", "Do one", fact_numbers=(1,)))).fixes[0]
    session = await work.suggest_fix(session.id, NewFix("Two", "Do two"))
    assert [(fix.number, fix.is_active) for fix in session.fixes] == [(1, False), (2, True)]
    assert session.active_fix == session.fixes[1]
    with pytest.raises(StaleSessionError, match="newer suggestion"):
        await work.decide_fix(session.id, first.id, FixDecision.ONE_OFF, desk.alice)
    with pytest.raises(InvalidInputError, match="F9"):
        await work.suggest_fix(session.id, NewFix("Three", "Do three", fact_numbers=(9,)))
    assert (await work.get(session.id)).fixes == session.fixes


@pytest.mark.requirement("FLP-3.1")
async def test_a_decision_stands_until_somebody_who_saw_it_takes_another(desk: Desk) -> None:
    work, session = desk.sessions, await desk.open()
    session = await work.suggest_fix(session.id, NewFix("One", "Do one"))
    fix, decisions = session.fixes[0], list(FixDecision)
    session = await work.decide_fix(session.id, fix.id, decisions[0], desk.alice)
    for other in decisions[1:]:
        with pytest.raises(StaleSessionError):
            await work.decide_fix(session.id, fix.id, other, desk.bob)
        session = await work.decide_fix(session.id, fix.id, other, desk.bob, seen=session.state_version)
        assert (session.fixes[0].user_decision, session.fixes[0].decided_by_member_id) == (other, desk.bob.id)
    assert session.active_fix is None


async def test_a_viewer_reads_and_an_engineer_works(desk: Desk) -> None:
    session, item = await desk.asked("Is it on?")
    for attempt in (
        desk.sessions.open("Mine", desk.victor),
        desk.sessions.answer_item(session.id, item.id, "Yes", desk.victor),
        desk.sessions.add_note(session.id, "x", desk.victor),
        desk.sessions.add_message(session.id, Author.PERSON, "x", by=desk.victor),
        desk.sessions.resolve(session.id, desk.victor),
    ):
        with pytest.raises(NotAllowedError, match=r"\*engineer\*"):
            await attempt
    assert await desk.sessions.get(session.id) == session


@pytest.mark.requirement("FLP-3.1")
async def test_a_marker_that_names_an_item_of_another_session_does_nothing(desk: Desk) -> None:
    work = desk.sessions
    theirs, item = await desk.asked("Is the account locked?")
    await work.answer_item(theirs.id, item.id, "Yes", desk.alice)
    mine = await desk.open()
    (marker,) = parse(f'[PROMOTE id="{item.id}"]The account is locked.[/PROMOTE]')
    assert isinstance(marker, Marker)
    with pytest.raises(NotFoundError):
        await work.apply_marker(mine.id, marker, "a model")
    assert await work.get(mine.id) == mine
    session = await work.apply_marker(theirs.id, marker, "a model")
    assert [fact.text for fact in session.known] == ["The account is locked."]


@pytest.mark.requirement("FLP-2.2", "FLP-3.1")
async def test_a_models_markers_become_items_facts_and_a_fix(desk: Desk) -> None:
    work, session = desk.sessions, await desk.open()
    said = (
        'Look. [QUESTION options="Yes|No"]Is MFA on?[/QUESTION][CHECK]Ping it[/CHECK]'
        '[SUGGEST_FIX title="Reset" cause="Old token"]Reset it[/SUGGEST_FIX]'
    )
    for marker in [found for found in parse(said) if isinstance(found, Marker)]:
        session = await work.apply_marker(session.id, marker, "model-1")
    assert [(item.kind, item.options, item.origin) for item in session.items] == [
        (LaneKind.QUESTION, ("Yes", "No"), "model-1"),
        (LaneKind.CHECK, (), "model-1"),
    ]
    assert session.active_fix is not None
    assert (session.active_fix.root_cause, session.active_fix.proposed_by) == ("Old token", "model-1")
    item = session.items[0]
    await work.answer_item(session.id, item.id, "No", desk.alice)
    (invented,) = parse(f'[PROMOTE id="{item.id}"]MFA was disabled by the firewall.[/PROMOTE]')
    assert isinstance(invented, Marker)
    session = await work.apply_marker(session.id, invented, "model-1")
    assert [fact.text for fact in session.known] == ["Is MFA on? No."]


async def test_no_secret_reaches_the_database(desk: Desk) -> None:
    work, alice = desk.sessions, desk.alice
    session = await work.open(f"Login fails, the password is {SECRET}", alice, title=f"pw: {SECRET}")
    asked = [NewItem(LaneKind.QUESTION, "What is the new password?"), NewItem(LaneKind.CHECK, "Sign in")]
    session = await work.add_items(session.id, asked)
    question, check = session.items
    message = await work.add_message(session.id, Author.PERSON, f"I changed it: password = {SECRET}", by=alice)
    bare = await work.add_message(session.id, Author.PERSON, f"{SECRET} it is, since 2026-11-20", by=alice)
    session = await work.answer_item(session.id, question.id, SECRET, alice, promote=True)
    await work.complete_check(session.id, check.id, f"ok with password {SECRET}: works", alice, promote=True)
    await work.add_note(session.id, f"Her password was changed to {SECRET}", alice)
    await work.set_artifacts(session.id, {"note": [f"pwd: {SECRET}"]}, by=alice)
    await work.suggest_fix(session.id, NewFix("Use it", f"password: {SECRET}", script_body=f"$password = '{SECRET}'"))
    sensitive = {"name": "admin", "sensitive": True, "value": SECRET}
    session = await work.add_script_generation(session.id, NewScript("bash", "login", "one_off", (sensitive,)))
    assert session.scripts[0].parameters[0]["value"] == "secret:admin"
    assert session.item(question.id).answer == "[SECRET_1]"  # type: ignore[union-attr]
    assert bare.text == "[SECRET_1] it is, since 2026-11-20"
    assert message.text == "I changed it: password = [SECRET_1]"
    folder = desk.database.url.database
    assert folder is not None
    stored = b"".join(path.read_bytes() for path in Path(folder).parent.glob("flowpilot.sqlite*"))
    assert b"SECRET_1" in stored
    assert SECRET.encode() not in stored


async def test_a_session_that_ended_is_left_alone_until_it_is_reopened(desk: Desk) -> None:
    work, session = desk.sessions, await desk.noted()
    ended = await work.escalate(session.id, desk.alice, artifacts={"package": "text"})
    assert (ended.status, ended.closed_at is None, ended.artifacts) == ("escalated", False, {"package": "text"})
    for attempt in (work.add_note(session.id, "x", desk.bob), work.resolve(session.id, desk.bob)):
        with pytest.raises(StaleSessionError, match="escalated"):
            await attempt
    reopened = await work.reopen(session.id, desk.bob)
    assert (reopened.status, reopened.closed_at) == (SessionStatus.OPEN, None)
    assert (await work.resolve(session.id, desk.bob)).status is SessionStatus.RESOLVED


async def test_resolved_cases_tell_what_was_known_and_what_helped(desk: Desk) -> None:
    session = await a_worked_on_session(desk)
    await desk.noted("Still open")
    (case,) = await desk.sessions.resolved_cases()
    assert (case.session_id, case.company, case.fix_title) == (session.id, "Acme", "Clear it")
    assert case.facts == tuple(fact.text for fact in session.known)
    assert await desk.sessions.resolved_cases(since=session.updated_at) == (case,)


async def test_what_is_empty_endless_or_too_much_is_refused_with_what_to_do(desk: Desk) -> None:
    session = await desk.open()
    for text in ("", "   ", "\x00", "x" * 5000):
        with pytest.raises(InvalidInputError) as refused:
            await desk.sessions.add_note(session.id, text, desk.alice)
        assert refused.value.hint
    with pytest.raises(InvalidInputError, match="open items"):
        await desk.sessions.add_items(session.id, [NewItem(LaneKind.QUESTION, f"Why {n}?") for n in range(60)])
    assert await desk.sessions.get(session.id) == session
