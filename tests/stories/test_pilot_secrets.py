"""With a model from problem to fix; a password told on the way is in no database, log, prompt or note afterwards."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import structlog

from db.tenancy import account_scope
from sandbox.client import visible_text
from services.pilot.types import SessionStatus
from tests.stories.stage import Stage
from tests.stories.test_pilot import modal_with

TOLD, SAID, NOTED, WRITTEN = "Hunter22!xk", "Winter#2026kv", "Blue82Skyline!", "Sommer#2026zz"


def kept_in(folder: Path) -> bytes:
    """Return all that the application keeps on disk."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.mark.requirement("TRUST-3", "FLP-3.2")
async def test_a_password_that_is_told_is_stored_logged_sent_and_posted_nowhere(stage: Stage, tmp_path: Path) -> None:
    lines: list[str] = []

    def keep(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        lines.append(repr(event))
        raise structlog.DropEvent

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG), processors=[keep])
    luca = stage.person("luca")
    await luca.types(f"/pilot Outlook asks for her password, it is {TOLD}: password: {TOLD}, ticket 48213")
    root = await luca.sees("Outlook asks for her password.*opened by")
    thread = root["ts"]
    await luca.sees("Let us narrow it down", thread_ts=thread)
    lane = await luca.sees("Task lane", thread_ts=thread)
    await luca.types(f"I changed her password to {SAID} and signed in with password {NOTED}", "#general", thread)
    await luca.sees("Still open", thread_ts=thread)
    pilot = stage.application.services.pilot
    with account_scope(stage.account.id):
        session = await pilot.get((await pilot.list(limit=1)).sessions[0].id)
        said = "".join(message.text for message in await pilot.messages(session.id))
    assert "[SECRET_1]" in session.problem
    assert "[SECRET_2]" in said
    await luca.types("Works", "#general", thread)
    await luca.sees("F1 is noted", thread_ts=thread)
    await luca.types("Yes", "#general", thread)
    lane = await luca.sees("Task lane.*F2.*Clear the saved Office sign-ins", thread_ts=thread)
    await luca.clicks("Resolve…", lane)
    form = await modal_with(luca, "Status of the ticket")
    written = {
        block["block_id"]: f"Her password is {WRITTEN} now." for block in form["blocks"] if block["type"] == "input"
    }
    written = {name: words for name, words in written.items() if name.startswith("note")}
    await luca.submits(form, **written)
    await luca.sees("Resolved\\* by ", thread_ts=thread)
    with account_scope(stage.account.id):
        assert (await pilot.get(session.id)).status is SessionStatus.RESOLVED
    (note, *_) = [
        each.text for each in stage.sandbox.connectwise.ticket(48213).notes.values() if "FlowPilot" in each.text
    ]
    assert "Her password is [redacted]" in note
    prompts = "".join(served.exchange.text for served in stage.sandbox.models.served)
    assert "Outlook asks" in prompts
    posted = "".join(visible_text(m) for m in await luca.messages("#general", thread) if m.get("bot_id"))
    disk = kept_in(tmp_path)
    assert b"Outlook asks for her password" in disk
    assert len(lines) > 10, "there is a log to look into"
    for secret in (TOLD, SAID, NOTED, WRITTEN):
        places = {"log": "".join(lines), "prompts": prompts, "note": note, "thread": posted}
        assert [name for name, text in places.items() if secret in text] == []
        assert secret.encode() not in disk
