"""A whole session is worked by playbooks: questions, facts, a fix, and what comes after it."""

from __future__ import annotations

import pytest

from services.errors import NotAllowedError
from services.pilot.notes.rules import write_note
from services.pilot.notes.types import NoteKind
from services.pilot.types import Author, FixDecision, ItemStatus
from tests.pilot.talking.conftest import Talk

PROBLEM = "Outlook keeps asking for the password at Acme"

ANSWERS = {
    "Was the password changed in the last days?": "Yes",
    "Sign in to the webmail with the same account": "it works there",
    "Are other machines of the user affected too?": "only this machine",
    "Look whether the account is locked": "not locked",
    "Look which sign-in Outlook shows": "the modern window",
}


async def worked(talk: Talk, session_id: str) -> str:
    """Answer what is asked until a fix is proposed; return what was said last."""
    last = ""
    for _ in ANSWERS:
        session = await talk.sessions.get(session_id)
        if session.active_fix:
            break
        waiting = [item for item in session.items if item.status is ItemStatus.OPEN]
        assert len(waiting) == 1, "one thing is asked at a time"
        last = await talk.said(session_id, ANSWERS[waiting[0].text])
    return last


@pytest.mark.requirement("SYS-3")
@pytest.mark.requirement("FLP-2.2")
async def test_a_session_goes_from_problem_to_fix_by_rules_alone(talk: Talk) -> None:
    session = await talk.sessions.open(PROBLEM, talk.alice)
    first = await talk.said(session.id, PROBLEM)
    assert "Rule-based" in first
    assert "Outlook keeps asking for the password" in first
    last = await worked(talk, session.id)
    session = await talk.sessions.get(session.id)
    fix = session.active_fix
    assert fix is not None
    assert fix.title == "Clear the saved Office sign-ins"
    assert fix.proposed_by == "rule-based"
    assert "Suggested fix" in last
    template = await talk.library.named("Clear saved Office passwords of a user")
    assert template is not None
    assert fix.template_id == template.id
    assert len(fix.fact_numbers) >= 2
    assert {fact.number for fact in session.known} >= set(fix.fact_numbers)

    assert "Resolve" in await talk.said(session.id, "that worked, thanks")
    assert (await talk.sessions.get(session.id)).known == session.known, "nobody took it"
    messages = await talk.sessions.messages(session.id)
    assert {message.answered_by for message in messages if message.author is Author.PILOT} == {"rule-based"}


@pytest.mark.requirement("FLP-2.2")
async def test_what_came_of_a_fix_that_was_taken_is_known_in_the_persons_words(talk: Talk) -> None:
    session = await talk.sessions.open(PROBLEM, talk.alice)
    await talk.said(session.id, PROBLEM)
    await worked(talk, session.id)
    fix = (await talk.sessions.get(session.id)).active_fix
    assert fix is not None
    await talk.sessions.decide_fix(session.id, fix.id, FixDecision.ONE_OFF, talk.alice)
    before = len((await talk.sessions.get(session.id)).known)
    assert "best guess" in await talk.said(session.id, "it worked for a minute")
    told = await talk.said(session.id, "That fixed it. Thanks!")
    session = await talk.sessions.get(session.id)
    helped = session.known[-1]
    assert len(session.known) == before + 1
    assert helped.text == f"Result of “{fix.title}”: “That fixed it” (Alice Ames)."
    assert helped.created_by_member_id == talk.alice.id
    assert f"That is {helped.label} now" in told
    assert helped.text in str(write_note(session, NoteKind.RESOLUTION))
    assert f"F{helped.number + 1} says why" in await talk.said(session.id, "no, it still asks for the password")
    session = await talk.sessions.get(session.id)
    assert helped.id not in {fact.id for fact in session.known}, "what was said first does not hold any more"
    assert "still asks" in session.known[-1].text


async def test_a_fix_that_did_not_help_is_put_aside_and_the_next_question_comes(talk: Talk) -> None:
    session = await talk.sessions.open(PROBLEM, talk.alice)
    await talk.said(session.id, PROBLEM)
    await worked(talk, session.id)
    assert (await talk.sessions.get(session.id)).active_fix is not None
    answer = await talk.said(session.id, "did not help, still asking")
    session = await talk.sessions.get(session.id)
    assert session.fixes[0].user_decision is FixDecision.DISMISSED
    assert "off the table" in answer
    assert session.active_fix is None or session.active_fix.title != session.fixes[0].title
    assert any(item.status is ItemStatus.OPEN for item in session.items) or "nothing more to ask" in answer


async def test_a_viewer_says_nothing_in_a_session_and_an_ended_one_answers_that_it_is(talk: Talk) -> None:
    session = await talk.sessions.open(PROBLEM, talk.alice)
    with pytest.raises(NotAllowedError):
        [piece async for piece in talk.talks.turn(session.id, talk.vera, "hello")]
    await talk.sessions.close(session.id, talk.alice)
    assert "closed" in await talk.said(session.id, "one more thing")


async def test_a_password_in_an_answer_reaches_neither_store_nor_reply(talk: Talk) -> None:
    session = await talk.sessions.open("Nothing like anything", talk.alice)
    await talk.said(session.id, "it says odd things")
    reply = await talk.said(session.id, "The password is sunshine")
    stored = await talk.sessions.get(session.id)
    told = [message.text for message in await talk.sessions.messages(session.id)]
    assert "sunshine" not in f"{reply}{stored}{told}"
