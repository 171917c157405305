"""The whole application: a token made in Slack, a session resolved over HTTP, its note in the ticket."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from db.tenancy import account_scope
from sandbox.client import visible_text
from services.accounts.settings import PILOT_CHANNEL
from services.pilot.types import NewFix
from tests.stories.stage import Stage, staged

OUTLOOK = 48213
TOKEN = re.compile(r"fp_\w+")


async def _call(stage: Stage, token: str, method: str, path: str, body: Any = None, **headers: str) -> Any:
    sent = {"Authorization": f"Bearer {token}"} | {name.replace("_", "-"): value for name, value in headers.items()}
    url = f"{stage.application.url}/api/v1/ai-sessions{path}"
    async with aiohttp.ClientSession() as http, http.request(method, url, json=body, headers=sent) as response:
        return {"status": response.status, "etag": response.headers.get("ETag")} | {"json": await response.json()}


@pytest.mark.requirement("FLP-1.3", "FLP-4.2", "FLP-4.3")
async def test_a_program_resolves_a_ticket_with_a_token_made_in_slack(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        luca = stage.person("luca")
        await luca.types("/flowpilot token create dashboard")
        shown = await luca.sees("dashboard.* is ready.*fp_")
        found = TOKEN.search(visible_text(shown))
        assert found is not None
        token = found[0]
        opened = await _call(
            stage, token, "POST", "", {"problem": "Outlook asks for it again", "ticket": f"#{OUTLOOK}"}
        )
        assert (opened["status"], opened["json"]["ticket"]["provider"]) == (201, "connectwise")
        session = opened["json"]["id"]
        await _call(stage, token, "POST", f"/{session}/facts", {"text": "The old credentials were stored"})
        preview = await _call(stage, token, "GET", f"/{session}/resolution-note/preview")
        status = opened["json"]["ticket"]["details"]["status"]
        note = {"markdown": preview["json"]["markdown"], "status": "Resolved", "expected_status": status}
        path = f"/{session}/resolution-note/post"
        stage.sandbox.connectwise.ignore_status_changes = 1
        half = await _call(stage, token, "POST", path, note, If_Match=preview["etag"], Idempotency_Key="once")
        assert half["status"] == 502
        assert half["json"]["written"]["note_id"]
        posted = await _call(stage, token, "POST", path, note, If_Match=preview["etag"], Idempotency_Key="once")
        assert (posted["status"], posted["json"]["session"]["status"]) == (200, "resolved")
        ticket = stage.sandbox.connectwise.ticket(OUTLOOK)
        assert ticket.status.name == "Resolved"
        notes = [each.text for each in ticket.notes.values() if "old credentials" in each.text]
        assert len(notes) == 1
        await _gets_its_thread(stage, token, session)
        await _is_told_in_the_thread(stage, token, session)
        listed = await _list(stage)
        await luca.clicks("Revoke", listed)
        await luca.sees("No tokens yet")
        assert (await _call(stage, token, "GET", f"/{session}"))["status"] == 401


async def _is_told_in_the_thread(stage: Stage, token: str, session: str) -> None:
    """Resolve it once more: the thread hears of it once, as after a click, and is asked about the draft."""
    luca, services = stage.person("luca"), stage.application.services
    await _call(stage, token, "POST", f"/{session}/reopen")
    with account_scope(stage.account.id):
        fix = NewFix("Clear them", "Again", script_language="powershell", script_body="Get-Date")
        fixed = await services.pilot.suggest_fix(session, fix)
        _, member = await services.accounts.identify(stage.account.slack_team_id, luca.id)
        await services.fix_paths.use_and_draft(session, fixed.fixes[-1].id, member)
        thread = str((await services.pilot.get(session)).thread_ts)
    preview = await _call(stage, token, "GET", f"/{session}/resolution-note/preview")
    note, path = {"markdown": preview["json"]["markdown"]}, f"/{session}/resolution-note/post"
    for _ in range(2):
        assert (await _call(stage, token, "POST", path, note, If_Match=preview["etag"]))["status"] == 200
    await luca.sees(f"Resolved\\* by <@{luca.id}> through a program.*has the note", thread_ts=thread)
    await luca.sees("Clear them.*template", thread_ts=thread)
    said = [visible_text(each) for each in await luca.messages(thread_ts=thread)]
    assert sum("Resolved* by" in each for each in said) == 1


async def _list(stage: Stage) -> Any:
    await stage.person("luca").types("/flowpilot token list")
    return await stage.person("luca").sees("1 token for the HTTP API.*dashboard.*last used")


async def _gets_its_thread(stage: Stage, token: str, session: str) -> None:
    """Give the session a thread in the account's channel, once; a link leads people there, also by its old address."""
    luca, thread = stage.person("luca"), f"/{session}/thread"
    general = await luca.channel("#general")
    services = stage.application.services
    with account_scope(stage.account.id):
        await services.accounts.set_setting(PILOT_CHANNEL, general)
    opened = await asyncio.gather(*(_call(stage, token, "POST", thread) for _ in range(2)))
    assert [each["json"]["slack"]["channel_id"] for each in opened] == [general] * 2
    root = opened[0]["json"]["slack"]["thread_ts"]
    assert opened[1]["json"]["slack"]["thread_ts"] == root
    assert len([each for each in await luca.messages() if "Outlook asks for it again" in str(each)]) == 1
    await luca.sees("old credentials", thread_ts=root)
    await luca.types("/pilot settings")
    await luca.sees(f"get their thread.*{general}")
    _, member = await services.accounts.identify(stage.account.slack_team_id, luca.id)
    await _call(stage, token, "POST", f"/{session}/messages", {"text": "Thanks, *Ann* is happy", "answer": False})
    await luca.sees(f"<@{luca.id}> said through a program:.*Ann", thread_ts=root)
    # the process died after it posted, before it noted where: the thread that stands is found
    with account_scope(stage.account.id):
        await services.pilot.attach_thread(session, general, "1.000001")
        found = await services.pilot_lanes.start(
            await services.pilot.get(session), general, member, look_first_since=0.0
        )
    assert found.thread_ts == root
    link = (await _call(stage, token, "GET", f"/{session}/link"))["json"]["url"]
    query = link.partition("?")[2]
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{stage.application.url}/assistant/{session}?{query}", allow_redirects=False) as old,
        http.get(f"{stage.application.url}{old.headers['Location']}", allow_redirects=False) as new,
    ):
        assert (old.status, old.headers["Location"], new.status) == (308, link, 302)
        assert new.headers["Location"].endswith(f"/{general}/p{root.replace('.', '')}")
    await stage.person("priya").types("/flowpilot links renew")
    await stage.person("priya").sees("open nothing now")
    async with aiohttp.ClientSession() as http, http.get(f"{stage.application.url}{link}") as ended:
        assert ended.status == 404
