"""FlowPilot sessions as people use them: from a problem in a channel to a resolved ticket."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from db.tenancy import account_scope
from sandbox.client import visible_text
from services.pilot.types import ItemStatus, NewFix, Session, SessionStatus
from services.settings import Settings
from tests.stories.stage import Stage, staged

PROBLEM = "Outlook keeps asking for the password at Acme"
WHERE = "#general"
VENDORS = ("anthropic", "openai", "gemini")
NO_MODEL: dict[str, Any] = {f"{vendor}_api_key": SecretStr("") for vendor in VENDORS} | {
    # one's own server needs no key: only without its address there is no model
    f"{vendor}_base_url": Settings.model_fields[f"{vendor}_base_url"].default
    for vendor in VENDORS
}


async def session_of(stage: Stage, person: Any) -> tuple[Session, str]:
    """Return the newest session and its thread, as the engine has them."""
    pilot = stage.application.services.pilot
    with account_scope(stage.account.id):
        page = await pilot.list(limit=1)
        session = await pilot.get(page.sessions[0].id)
    assert session.thread_ts is not None
    return session, session.thread_ts


SPEAKS_FOR_AN_OLD_PASSWORD = ("Works", "Modern window", "Not locked", "Only this machine", "Yes")


async def asked(stage: Stage, session_id: str) -> tuple[str, int]:
    """Return the answer that fits the story to what is asked just now, and its place among the options."""
    with account_scope(stage.account.id):
        session = await stage.application.services.pilot.get(session_id)
    item = next(item for item in session.items if item.status is ItemStatus.OPEN)
    answer = next(each for each in item.options if each in SPEAKS_FOR_AN_OLD_PASSWORD)
    return answer, item.options.index(answer)


@pytest.mark.requirement("FLP-1.1", "FLP-2.2", "FLP-3.1", "FLP-4.2", "FLP-4.3", "SLK-2", "SLK-3", "SLK-4")
async def test_a_problem_is_worked_in_its_thread_and_the_ticket_is_resolved_and_read_back(tmp_path: Path) -> None:
    async with staged(tmp_path, **NO_MODEL) as stage:
        await work_and_resolve(stage)


async def work_and_resolve(stage: Stage) -> None:
    """Do it without a model: the playbook asks."""
    luca, fatima = stage.person("luca"), stage.person("fatima")
    await luca.types(f"/pilot {PROBLEM}, ticket 48213")
    await luca.sees("Session open: .*Outlook keeps asking")
    session, thread = await session_of(stage, luca)
    assert session.ticket is not None
    assert session.ticket.ticket_id == "48213"
    assert session.company == "Acme Corp"
    root = await luca.sees(f"{PROBLEM}.*48213.*opened by")
    assert root["ts"] == thread
    lane = await luca.sees("Task lane.*What we know.*Nothing yet.*Questions.*Checks.*None yet", thread_ts=thread)
    channel = stage.sandbox.slack.channels[await luca.channel(WHERE)]
    assert lane["ts"] in channel.pins
    await fatima.types(".. Luca, lunch?", WHERE, thread)
    await luca.sees("Rule-based.*(Please check|Question):", thread_ts=thread)
    await luca.types((await asked(stage, session.id))[0], WHERE, thread)
    lane = await fatima.sees("What we know\\* \\(1\\).*F1.*• ", thread_ts=thread)
    await fatima.clicks((await asked(stage, session.id))[0], lane)
    lane = await luca.sees("F2.*• .*None yet", thread_ts=thread)
    for count in range(3, 6):
        _, number = await asked(stage, session.id)
        await luca.clicks("Answer…" if "Answer…" in visible_text(lane).splitlines() else "Done…", lane)
        await luca.submits(await luca.modal(), chosen={"selected_option": {"value": str(number)}})
        lane = await luca.sees(f"F{count}.*(• .*None yet|Fill in the script)", thread_ts=thread)
        if "Fill in the script…" in visible_text(lane):
            break
    assert re.search("Clear the saved Office sign-ins.*Rests on F1", visible_text(lane), re.S)
    with account_scope(stage.account.id):
        said = await stage.application.services.pilot.messages(session.id)
    assert not [each for each in said if "lunch" in each.text]
    lanes = [each for each in await luca.messages(WHERE, thread) if "Task lane" in visible_text(each)]
    assert [each["ts"] for each in lanes] == [lane["ts"]]
    await luca.clicks("Fill in the script…", lane)
    await luca.submits(await modal_with(luca, "Clear saved Office passwords"))
    lane = await luca.sees("Decided: filled in from a template", thread_ts=thread)
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
    async with asyncio.timeout(30):
        while True:
            view: dict[str, Any] = await person.modal()
            if re.search(words, str(view["blocks"])):
                return view
            await asyncio.sleep(0.02)


def chosen(status: str) -> dict[str, Any]:
    return {"selected_option": {"text": {"type": "plain_text", "text": status}, "value": f"to:{status}"}}


@pytest.mark.requirement("FLP-4.1", "FLP-4.3", "FLP-7.1", "TRUST-4", "SLK-1")
async def test_a_message_becomes_a_session_and_is_escalated_though_the_status_did_not_change_at_first(
    stage: Stage,
) -> None:
    luca, fatima = stage.person("luca"), stage.person("fatima")
    await fatima.types("VPN drops every ten minutes at Halcyon, ticket 48209")
    message = await luca.sees("VPN drops")
    where = {"channel": await luca.channel(WHERE), "message_ts": message["ts"]}
    await stage.client.post("slack/shortcut", user=luca.id, callback_id="pilot.start_from_message", **where)
    form = await luca.modal()
    assert "VPN drops every ten minutes" in str(form)
    refused = await luca.submits(form, problem="VPN drops", ticket="not a ticket")
    assert "is not a ticket" in str(refused)
    await luca.submits(form, problem="VPN drops every ten minutes at Halcyon", ticket="48209")
    await luca.sees("Session open: .*VPN drops", WHERE)
    assert not [each for each in await luca.messages("FlowPilot") if "Session open" in visible_text(each)]
    _, thread = await session_of(stage, luca)
    lane = await luca.sees("Task lane.*CW-48209.*Add a note", thread_ts=thread)
    dana = stage.person("dana")
    await dana.types("Here, too", WHERE, thread)
    await dana.sees("You need the role \\*engineer\\* to go on with a session; yours is", thread_ts=thread)
    await luca.clicks("Add a note", lane)
    await luca.submits(await luca.modal(), text="Only on the <guest> Wi-Fi; password is Sommer2026!")
    await luca.sees("narrow it down.*Useful", thread_ts=thread)
    lane = await luca.sees("F1.*guest.*Wi-Fi.*Questions\\* \\(", thread_ts=thread)
    assert "Sommer2026" not in str(lane)
    stage.sandbox.connectwise.ignore_status_changes = 1
    await luca.clicks("Escalate…", lane)
    form = await modal_with(luca, "Status of the ticket")
    assert "What we've tried" in str(form)
    await luca.submits(form, status=chosen("Escalated"))
    problem = await fatima.sees("Not finished.*status could not be set to .*Escalated.*Try again", thread_ts=thread)
    assert (await session_of(stage, luca))[0].status is SessionStatus.OPEN
    await asyncio.gather(fatima.clicks("Try again", problem), luca.clicks("Try again", problem))
    await fatima.sees("Tried again by .*what came of it is below", thread_ts=thread)
    await fatima.sees("Escalated\\* by .*is .*Escalated.* now", thread_ts=thread)
    ticket = stage.sandbox.connectwise.ticket(48209)
    assert ticket.status.name == "Escalated"
    assert sum("What we've tried" in note.text for note in ticket.notes.values()) == 1
    await luca.sees("Task lane.*escalated.*Open again", thread_ts=thread)
    assert (await session_of(stage, luca))[0].status is SessionStatus.ESCALATED


@pytest.mark.requirement("FLP-4.3", "FLP-6.1", "SLK-1", "SLK-2")
async def test_where_flowpilot_is_not_a_session_goes_on_in_a_dm_without_a_ticket_and_leaves_a_template(
    stage: Stage,
) -> None:
    luca, dana = stage.person("luca"), stage.person("dana")
    await dana.types("/pilot Printer is offline")
    await dana.sees("You need the role \\*engineer\\* to use")
    await luca.types("/pilot The badge printer jams", "#random")
    kept = await luca.sees("not in that channel.*is kept.*invite @FlowPilot", "#random")
    await luca.clicks("Go on in a direct message", kept, "#random")
    await luca.sees("Session open", "#random")
    session, thread = await session_of(stage, luca)
    with account_scope(stage.account.id):
        script = "Restart-Service -Name Spooler\nRemove-Printer -Name 'BADGE-01'\n"
        fix = NewFix("Reset the queue", "Restart the spooler.", "It hangs", (), "powershell", script)
        await stage.application.services.pilot.suggest_fix(session.id, fix)
    lane = await luca.sees("Reset the queue.*Way back.*Use now, template later", "FlowPilot", thread_ts=thread)
    await luca.clicks("Use now, template later", lane, "FlowPilot")
    lane = await luca.sees("Decided: used, and kept as a draft", "FlowPilot", thread_ts=thread)
    stage.sandbox.slack.messages.delete(stage.sandbox.slack.channels[session.channel_id or ""], lane["ts"])
    await luca.types("/pilot resume badge", "#random")
    await luca.sees("Session open", "#random")
    lane = await luca.sees("Task lane.*Decided: used, and kept as a draft", "FlowPilot", thread_ts=thread)
    await luca.clicks("Resolve…", lane, "FlowPilot")
    await luca.submits(await modal_with(luca, "kept with the session"))
    await luca.sees("Resolved\\* by .*No ticket is linked", "FlowPilot", thread_ts=thread)
    prompt = await luca.sees("become a template.*Don't ask again", "FlowPilot", thread_ts=thread)
    await luca.types("/pilot templates", "#random")
    await luca.sees("script templates.*1 draft waits", "#random")
    await luca.clicks("Accept", prompt, "FlowPilot")
    await luca.sees("is a template now", "FlowPilot", thread_ts=thread)
    await luca.types("/pilot templates", "#random")
    await luca.sees("script templates.* · 1 of your own", "#random")
    await luca.types("/pilot list", "#random")
    await luca.sees("You have no open session", "#random")
