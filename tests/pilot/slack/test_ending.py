"""Confirming what is not so any more, or twice at once, is said in plain words, and nothing written is lost."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from blocks.pilot.difference import difference_words
from blocks.pilot.note import look_again_said
from db.tenancy import account_scope
from handlers.session_ends import DRAFT_ARTIFACT, TOLD_AFTER, tell_ended, tell_left_over
from sandbox.client import visible_text
from sandbox.core import Fault
from services.pilot.notes import NoteKind, note_to_json, write_note
from services.pilot.psa.ending import TO_TELL
from services.pilot.types import LaneKind, NewItem, Session
from tests.pilot.slack.test_lane import NOW, fact, session
from tests.stories.stage import Stage, staged

WHERE = "#general"
CHOSEN = {"selected_option": {"text": {"type": "plain_text", "text": "Resolved"}, "value": "to:Resolved"}}


async def opened(stage: Stage, person: Any, problem: str, where: str = WHERE) -> Session:
    """Open a session and wait until its first turn is over."""
    await person.types(f"/pilot {problem}", where)
    root = await person.sees("opened by", where)
    await person.sees("Rule-based|Useful", where, thread_ts=root["ts"])
    with account_scope(stage.account.id):
        made = await stage.application.services.pilot.in_thread(await person.channel(where), root["ts"])
    assert made is not None
    return made


async def form_with(person: Any, words: str) -> dict[str, Any]:
    """Wait until the modal says something."""
    async with asyncio.timeout(20):
        while not re.search(words, str((view := await person.modal())["blocks"]), re.S):
            await asyncio.sleep(0.02)
    return dict(view)


@pytest.mark.requirement("TRUST-2")
def test_the_difference_names_what_happened_and_the_lines_that_it_changes() -> None:
    taken = replace(fact(2, "B"), deleted_at=NOW, changed_in=5)
    now = session(facts=(fact(1, "A"), taken), state_version=5)
    had = "## Problem\n\n- A [F1]\n- B <x> [F2]\n"
    words = difference_words(now, 4, had, "## Problem\n\n- A [F1]\n- C [F3]\n")
    assert "F2 was taken back" in words
    assert "F1" not in words
    assert "*Only in what you had:*\n&gt; - B &lt;x&gt; [F2]" in words
    assert "*Only in the note now:*\n&gt; - C [F3]" in words
    long = "\n".join(f"line {number} " + "x" * 500 for number in range(400))
    assert len(difference_words(now, 0, long, long.upper())) < 2_800


@pytest.mark.requirement("TRUST-2", "FLP-4.2", "SLK-4")
async def test_stale_forms_say_what_is_different_and_who_is_second_is_told_what_holds(tmp_path: Path) -> None:
    async with staged(tmp_path, anthropic_api_key=SecretStr("")) as stage:
        luca, fatima = stage.person("luca"), stage.person("fatima")
        made = await opened(stage, luca, "Outlook keeps asking for the password at Acme, ticket 48213")
        thread, pilot = str(made.thread_ts), stage.application.services.pilot
        await is_answered_by_both(stage, made)
        with account_scope(stage.account.id):
            members = {each.slack_user_id: each for each in await stage.application.services.accounts.members()}
            made = await pilot.add_note(made.id, "The cable is <loose>", members[luca.id])
            cable = next(each.id for each in made.known if "cable" in each.text)
        lane = await luca.sees("Task lane.*cable", WHERE, thread_ts=thread)
        await luca.clicks("Resolve…", lane)
        form = await form_with(luca, "Status of the ticket")
        with account_scope(stage.account.id):
            await pilot.delete_fact(made.id, cable, members[luca.id])
        await luca.submits(form, status=CHOSEN)
        form = await form_with(luca, "was taken back.*Only in what you had.*cable")
        ticket = stage.sandbox.connectwise.ticket(48213)
        ticket.status = next(each for each in ticket.board.statuses.values() if "ait" in each.name)
        await luca.submits(form, note3_0n1="- It was the plug.", status=CHOSEN)
        form = await form_with(luca, "The ticket is .*Your words are below.*It was the plug")
        await confirmed_before_it_changed(stage, made)
        other = await form_with(fatima, "shown as it was confirmed.*F.* was taken back.*cable.*Status of the ticket")
        await asyncio.gather(luca.submits(form, status=CHOSEN), fatima.submits(other, status=CHOSEN))
        first = await luca.sees("Resolved\\* by .*has the note", WHERE, thread_ts=thread)
        receipt = next(note for note in ticket.notes.values() if "What we confirmed" in note.text)
        second = fatima if "It was the plug" in receipt.text else luca
        told = "confirmed before you: that note is on .*48213|resolved already|session is resolved"
        await second.sees(told, WHERE, thread_ts=thread)
        assert (luca.id if second is fatima else fatima.id) in str(first)
        assert len([each for each in await luca.messages(WHERE, thread) if "Resolved* by" in visible_text(each)]) == 1
        assert sum("What we confirmed" in note.text for note in ticket.notes.values()) == 1
        await luca.sees("Outlook keeps.*resolved.*CW-48213", WHERE)
        await an_end_is_told_once_whatever_happens_between(stage, made)


async def an_end_is_told_once_whatever_happens_between(stage: Stage, made: Session) -> None:
    """End a session again while Slack takes nothing, and then lose what was told between the post and its record."""
    luca, services = stage.person("luca"), stage.application.services

    async def told() -> int:
        said = [visible_text(each) for each in await luca.messages(WHERE, str(made.thread_ts))]
        return sum("Resolved* by" in each for each in said) - 1

    with account_scope(stage.account.id):
        by = next(each for each in await services.accounts.members() if each.slack_user_id == luca.id)
        await services.pilot.reopen(made.id, by)
        note = await services.note_previews.preview(made.id, NoteKind.RESOLUTION)
        ending = await services.session_endings.confirm(note, by)
        stage.sandbox.faults.add(Fault("slack", "status", "chat.postMessage", times=None, status=400))
        assert await tell_ended(services, ending, NoteKind.RESOLUTION, by)
        stage.sandbox.faults.clear()
        assert await told() == 0
        await tell_left_over(services)
        assert await told() == 0
        left = (await services.pilot.get(made.id)).artifacts[TO_TELL]
        for _ in range(2):
            stage.advance(TOLD_AFTER * 2)
            await asyncio.gather(tell_left_over(services), tell_left_over(services))
            assert await told() == 1
            assert TO_TELL not in (await services.pilot.get(made.id)).artifacts
            await services.pilot.set_artifacts(made.id, {TO_TELL: left})


async def confirmed_before_it_changed(stage: Stage, before: Session) -> None:
    """Have somebody look at what they confirmed in the moment before the session changed."""
    kept = {DRAFT_ARTIFACT.format("resolution"): note_to_json(write_note(before, NoteKind.RESOLUTION))}
    with account_scope(stage.account.id):
        await stage.application.services.pilot.set_artifacts(before.id, kept)
    text, blocks = look_again_said("It changed.", before.id, "resolution")
    slack, fatima = stage.application.services.slack, stage.person("fatima")
    await slack.post(str(before.channel_id), text, blocks, thread_ts=before.thread_ts)
    told = await fatima.sees("It changed.*Your words are kept", WHERE, thread_ts=str(before.thread_ts))
    await fatima.clicks("Show them, with what is different", told)


async def is_answered_by_both(stage: Stage, made: Session) -> None:
    """Let two people give two answers to one question; the second one is told whose holds."""
    luca, fatima, pilot = stage.person("luca"), stage.person("fatima"), stage.application.services.pilot
    with account_scope(stage.account.id):
        made = await pilot.add_items(made.id, [NewItem(LaneKind.QUESTION, "Which floor is it on?")])
    item = next(each for each in made.items if "floor" in each.text)
    lane = await luca.sees("Task lane.*Which floor", WHERE, thread_ts=str(made.thread_ts))
    forms = []
    for person in (luca, fatima):
        await person.clicks(f"pilot.item:{made.id}:{item.id}", lane, selected_option={"value": "answer"})
        forms.append(await form_with(person, "Which floor"))
    await luca.submits(forms[0], text="The third floor")
    await luca.sees("F1.*third floor", WHERE, thread_ts=str(made.thread_ts))
    await fatima.submits(forms[1], text="The fourth floor")
    told = await fatima.sees(
        "was first: .*The third floor.*F1.*Your words were: .*fourth", WHERE, thread_ts=str(made.thread_ts)
    )
    assert f"<@{luca.id}>" in str(told)
