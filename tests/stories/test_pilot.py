"""FlowPilot sessions as people use them: from a problem in a channel to a resolved ticket."""

from __future__ import annotations

import re
from typing import Any

import pytest

from db.tenancy import account_scope
from sandbox.client import visible_text
from services.pilot.types import LaneKind, NewFix, NewItem, Session
from tests.stories.stage import Stage

PROBLEM = "Outlook keeps asking for the password at Acme"
WHERE = "#general"


async def session_of(stage: Stage, person: Any) -> tuple[Session, str]:
    """Return the newest session and its thread, as the engine has them."""
    pilot = stage.application.services.pilot
    with account_scope(stage.account.id):
        page = await pilot.list(limit=1)
        session = await pilot.get(page.sessions[0].id)
    assert session.thread_ts is not None
    return session, session.thread_ts


async def asked(stage: Stage, session: Session, *items: NewItem) -> Session:
    with account_scope(stage.account.id):
        return await stage.application.services.pilot.add_items(session.id, items)


@pytest.mark.requirement("FLP-1.1", "FLP-2.2", "FLP-4.2", "FLP-4.3", "SLK-2", "SLK-3", "SLK-4")
async def test_a_problem_is_worked_in_its_thread_and_the_ticket_is_resolved_and_read_back(stage: Stage) -> None:
    luca, fatima = stage.person("luca"), stage.person("fatima")
    await luca.types(f"/pilot {PROBLEM}, ticket 48213")
    await luca.sees("Session open: .*Outlook keeps asking")
    session, thread = await session_of(stage, luca)
    assert session.ticket is not None
    assert session.ticket.ticket_id == "48213"
    assert session.company == "Acme Corp"
    root = await luca.sees(f"{PROBLEM}.*48213.*opened by")
    assert root["ts"] == thread
    lane = await luca.sees("Task lane.*What we know.*Nothing yet.*Questions.*Checks.*Suggested fix", thread_ts=thread)
    channel = stage.sandbox.slack.channels[await luca.channel(WHERE)]
    assert lane["ts"] in channel.pins
    question = NewItem(LaneKind.QUESTION, "Does webmail work?", ("Yes", "No"))
    session = await asked(stage, session, question, NewItem(LaneKind.CHECK, "Does the phone get mail?"))
    lane = await luca.sees("Does webmail work\\?.*Does the phone get mail", thread_ts=thread)
    await luca.clicks("pilot.item", lane, selected_option={"value": "option0"})
    lane = await luca.sees("What we know\\* \\(1\\).*F1.*Nothing is open to ask", thread_ts=thread)
    await fatima.clicks("Done…", lane)
    await fatima.submits(await fatima.modal(), text="Yes, the phone gets mail")
    lane = await fatima.sees("F2.*Nothing is waiting to be checked", thread_ts=thread)
    assert len([each for each in await luca.messages(WHERE, thread) if "Task lane" in visible_text(each)]) == 1
    with account_scope(stage.account.id):
        fix = NewFix("Delete the stale credential", "Delete the entry in Credential Manager.", "An old password", (1,))
        await stage.application.services.pilot.suggest_fix(session.id, fix)
    lane = await luca.sees("Delete the stale credential.*Rests on F1.*Use as one-off", thread_ts=thread)
    await luca.clicks("Use as one-off", lane)
    lane = await luca.sees("Decided: used as a one-off", thread_ts=thread)
    await luca.clicks("Resolve…", lane)
    await fatima.clicks("Resolve…", lane)
    form, other = await modal_with(luca, "Status of the ticket"), await modal_with(fatima, "Status of the ticket")
    assert [block["label"]["text"] for block in form["blocks"] if block["type"] == "input"] == [
        *("Problem", "What we confirmed", "Root cause", "Resolution"),
        "Status of the ticket",
    ]
    await luca.submits(form, note3_0="- Deleted the stale credential; Outlook is quiet.", status=chosen("Resolved"))
    await fatima.sees("Resolved\\* by .*has the note and is .*Resolved.* now .*read back", thread_ts=thread)
    await fatima.submits(other, status=chosen("Resolved"))
    await fatima.sees("resolved already; nothing was posted a second time", thread_ts=thread)
    ticket = stage.sandbox.connectwise.ticket(48213)
    assert ticket.status.name == "Resolved"
    notes = [note.text for note in ticket.notes.values() if "What we confirmed" in note.text]
    assert len(notes) == 1
    assert "Outlook is quiet" in notes[0]
    await luca.sees("Task lane.*resolved.*Open again", thread_ts=thread)


async def modal_with(person: Any, words: str) -> dict[str, Any]:
    """Wait until the modal shows what is looked for in the place of the hourglass."""
    for _ in range(400):
        view: dict[str, Any] = await person.modal()
        if re.search(words, str(view["blocks"])):
            return view
    raise AssertionError(f"no modal with {words}")


def chosen(status: str) -> dict[str, Any]:
    return {"selected_option": {"text": {"type": "plain_text", "text": status}, "value": f"to:{status}"}}
