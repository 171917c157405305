"""Who may call: tokens, roles, accounts, and what wrong requests are told."""

from __future__ import annotations

import uuid
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from application.build import build_services, close_services
from db.repositories import tokens as repository
from db.tenancy import account_scope
from handlers.api import ALL_ROUTES, serve_api
from handlers.api.problems import MEDIA_TYPE
from services.accounts.types import Role
from services.clock import utc_now
from services.errors import NotAllowedError, NotFoundError
from services.pilot.redaction import without_secrets
from services.pilot.types import NewFix
from tests.api.conftest import HERE, Api, _member, settings_in
from tests.conftest import make_account
from tests.databases import make_ready


@pytest.mark.requirement("FLP-1.3")
async def test_only_a_token_that_is_right_in_every_part_lets_somebody_in(api: Api) -> None:
    right = api.tokens["Alice"]
    swapped = right.replace("acc_here", "acc_next_door")
    wrong = [right[:-1] + ("0" if right[-1] != "0" else "1"), swapped, "fp_x", "", "é", right + " x"]
    for token in wrong:
        answered = await api.call("GET", Authorization=f"Bearer {token}".strip())
        assert (answered.status, answered.headers["WWW-Authenticate"]) == (401, 'Bearer realm="FlowPilot"'), token
        assert answered.headers["Content-Type"].startswith(MEDIA_TYPE)
    assert (await api.call("GET", by="")).status == 401
    assert (await api.call("GET", Authorization=f"Basic {right}")).status == 401
    assert (await api.call("GET", Authorization=f"bearer {right}")).status == 200


@pytest.mark.requirement("FLP-1.3")
async def test_a_token_is_kept_as_a_hash_and_ends_when_it_is_revoked(api: Api) -> None:
    with account_scope(HERE):
        made = await api.services.api_tokens.create(api.alice, "dashboard")
        async with api.services.database.transaction(write=False) as session:
            row = await repository.token(session, made.token.id)
        assert row is not None
        assert made.secret not in str(vars(row))
        assert made.secret[-64:] not in without_secrets(f"I use {made.secret} for it")
        with pytest.raises(NotFoundError):
            await api.services.api_tokens.revoke(api.victor, made.token.label)
    assert (await api.call("GET", Authorization=f"Bearer {made.secret}")).status == 200
    with account_scope(HERE):
        used = {each.name: each.last_used_at for each in await api.services.api_tokens.list(api.alice)}
        assert used["dashboard"] is not None
        await api.services.api_tokens.revoke(api.alice, made.token.label)
        lines = [line.action for line in await api.services.audit.lines(target=f"token {made.token.label}")]
        assert lines == ["token.create", "token.revoke"]
    assert (await api.call("GET", Authorization=f"Bearer {made.secret}")).status == 401
    with account_scope(HERE), pytest.raises(NotAllowedError):
        await api.services.api_tokens.create(api.victor, "mine")


@pytest.mark.requirement("FLP-1.3", "FLP-2.3")
async def test_another_accounts_sessions_do_not_exist_whatever_the_route(api: Api) -> None:
    session = await api.session()
    bodies = {
        "NewMessage": {"text": "Hello"},
        "FactText": {"text": "Mine now"},
        "Promotion": {"item_id": str(uuid.uuid4())},
        "Decision": {"decision": "dismissed"},
        "NotePost": {"markdown": "Mine"},
        "NewScript": {"script": {"kind": "one_off", "language": "bash", "body": "ls"}},
        "ThreadStart": {"channel": "C0HERE"},
        "TicketLink": {"ticket": "ABC-1"},
        "TemplateEdit": {"name": "Mine"},
        "Nothing": {},
    }
    ids = dict.fromkeys(("fact_id", "fix_id", "item_id", "script_id", "template_id"), str(uuid.uuid4()))
    ids |= {"id": session, "draft_id": await _draft_in(api, session)}
    for route in ALL_ROUTES:
        if "{" not in route.path:
            continue
        path = "/api/v1" + route.path.format_map(ids)
        body = bodies[route.takes.__name__] if route.takes else None
        answered = await api.call(route.method, path, body, by="Stranger", If_Match="*")
        assert (answered.status, answered.headers["Content-Type"]) == (404, MEDIA_TYPE), route.name
    assert (await api.call("GET", by="Stranger")).json["sessions"] == []
    assert (await api.call("GET", "/api/v1/draft-templates", by="Stranger")).json["drafts"] == []
    mine = await api.call("GET", f"/{session}")
    assert (mine.json["state_version"], mine.json["facts"]) == (2, [])
    assert [each["status"] for each in (await api.call("GET", "/api/v1/draft-templates")).json["drafts"]] == ["pending"]


async def _draft_in(api: Api, session: str) -> str:
    fix = NewFix("Restart it", "Restart the spooler.", script_language="bash", script_body="systemctl restart cups")
    with account_scope(HERE):
        fix_id = (await api.services.pilot.suggest_fix(session, fix)).fixes[0].id
        await api.services.fix_paths.use_and_draft(session, fix_id, api.alice)
        return (await api.services.template_drafts.pending(session))[0].id


@pytest.mark.requirement("FLP-1.3")
async def test_viewers_read_and_a_refusal_is_on_the_record(api: Api) -> None:
    session = await api.session()
    assert (await api.call("GET", f"/{session}", by="Victor")).status == 200
    refused = await api.call("POST", f"/{session}/facts", {"text": "I say so"}, by="Victor")
    assert refused.status == 403
    assert refused.json["detail"] == "You need the role engineer to work on sessions; yours is viewer."
    with account_scope(HERE):
        last = (await api.services.audit.lines(target=f"session {session}"))[-1]
    assert (last.action, last.result, last.actor_name) == ("api.create_fact", "refused", "Victor")


@pytest.mark.requirement("FLP-1.3")
async def test_wrong_requests_are_told_what_is_wrong_with_them(api: Api) -> None:
    session = await api.session()
    unknown = await api.call("POST", body={"problem": "x", "admin": True})
    assert (unknown.status, unknown.json["errors"][0]["field"]) == (422, "admin")
    assert (await api.call("GET", "?sort=title")).json["errors"][0]["field"] == "sort"
    assert (await api.call("GET", "?limit=5&limit=6")).status == 422
    assert (await api.call("GET", "?status=open&status=closed")).status == 200
    assert (await api.call("GET", "?text=%00")).status == 422
    assert (await api.call("POST", body={"problem": 7})).status == 422
    assert (await api.call("POST", body={"problem": "x" * 600_000})).status == 413
    assert (await api.call("GET", "/not-a-uuid")).status == 404
    assert (await api.call("GET", "/%00")).status == 404
    assert (await api.call("PATCH", f"/{session}/facts/{uuid.uuid4()}", {"text": "x"}, If_Match="7")).status == 400
    nowhere = await api.call("GET", "/api/v1/nowhere")
    assert (nowhere.status, nowhere.headers["Content-Type"]) == (404, f"{MEDIA_TYPE}")
    unusual = await api.call("PUT", f"/{session}")
    assert (unusual.status, unusual.headers["Allow"]) == (405, "GET")
    url = api.server.make_url("/api/v1/ai-sessions")
    bearer = {"Authorization": f"Bearer {api.tokens['Alice']}"}
    for content, kind, status in (
        (b"{", "application/json", 400),
        (b'{"problem": "\\ud800"}', "application/json", 400),
        (b"problem=x", "application/x-www-form-urlencoded", 415),
    ):
        async with api.http.post(url, data=content, headers=bearer | {"Content-Type": kind}) as response:
            assert (response.status, response.content_type) == (status, MEDIA_TYPE), content


async def test_a_token_may_be_used_so_often_and_no_more(tmp_path: Path) -> None:
    services = await build_services(settings_in(tmp_path, api_calls_per_minute=2), utc_now)
    await make_ready(services.database)
    with account_scope(await make_account(services.database, HERE, "T0HERE")):
        alice = await _member(services, "Alice", Role.ENGINEER)
        one, other = [(await services.api_tokens.create(alice, name)).secret for name in ("one", "other")]
    app = web.Application()
    serve_api(app, services)
    async with TestServer(app) as server, aiohttp.ClientSession() as http:
        answers = []
        for token in (one, one, one, other):
            bearer = {"Authorization": f"Bearer {token}"}
            async with http.get(server.make_url("/api/v1/ai-sessions"), headers=bearer) as response:
                answers.append((response.status, response.headers.get("Retry-After")))
    await close_services(services)
    assert answers == [(200, None), (200, None), (429, "30"), (200, None)]


@pytest.mark.requirement("FLP-1.3")
async def test_an_address_leads_to_a_thread_only_for_who_has_its_signed_link_or_a_token(api: Api) -> None:
    session, other = await api.session(), await api.session("The printer is offline")
    link = (await api.call("GET", f"/{session}/link")).json["url"]
    path, _, key = link.partition("?")
    with account_scope(HERE):
        await api.services.pilot.attach_thread(session, "C0HERE", "1700000000.000100")
        await api.services.homes.link("C0HERE", "1700000000.000100", _permalink)

    async def get(address: str, by: str = "") -> tuple[int, str, str]:
        bearer = {"Authorization": f"Bearer {api.tokens.get(by, by)}"} if by else {}
        url = URL(str(api.server.make_url("/")).rstrip("/") + address, encoded=True)
        async with api.http.get(url, headers=bearer, allow_redirects=False) as response:
            return response.status, response.headers.get("Location", ""), await response.text()

    assert (await get(link))[:2] == (302, PERMALINK)
    assert (await get(path, by="Victor"))[:2] == (302, PERMALINK)
    assert (await get(f"/assistant/{session}?{key}&next=//else.example"))[:2] == (308, f"{link}&next=//else.example")
    unknown = await get(f"/pilot/{uuid.uuid4()}")
    assert unknown[0] == 404
    for nothing in (path, f"{path}?key=", f"{link}x", f"{path}?key=AAAA", f"/pilot/{other}?{key}", "/pilot/x"):
        assert await get(nothing) == unknown, nothing
    assert (await get("/assistant/..%2F..%2Felsewhere"))[0] == 404
    assert (await get(path, by="Stranger"))[0] == 404
    assert (await get(path, by="fp_wrong"))[0] == 401
    no_thread = await get((await api.call("GET", f"/{other}/link")).json["url"])
    assert (no_thread[0], "no Slack thread" in no_thread[2]) == (404, True)
    with account_scope(HERE):
        with pytest.raises(NotAllowedError):
            await api.services.session_links.renew(api.alice)
        await api.services.session_links.renew(replace(api.alice, role=Role.ADMIN))
    assert await get(link) == unknown


PERMALINK = "https://here.slack.com/archives/C0HERE/p1700000000000100"


async def _permalink(_channel: str, _ts: str) -> str:
    return PERMALINK


@pytest.mark.requirement("FLP-1.3", "TRUST-6")
async def test_tokens_of_somebody_who_left_the_workspace_end(api: Api) -> None:
    async def has_left(slack_user_id: str) -> bool:
        return slack_user_id == api.alice.slack_user_id

    with account_scope(HERE):
        assert await api.services.api_tokens.end_for_leavers(has_left) == 1
        assert await api.services.api_tokens.end_for_leavers(has_left) == 0
        (line,) = [each for each in await api.services.audit.lines() if each.action == "token.revoke"]
    assert (line.actor_name, line.actor_member_id) == ("FlowPilot", None)
    assert (await api.call("GET")).status == 401
    assert (await api.call("GET", by="Victor")).status == 200
