"""Who may call: tokens, roles, accounts, and what wrong requests are told."""

from __future__ import annotations

import uuid
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from application.build import build_services, close_services
from db.migrate import upgrade
from db.repositories import tokens as repository
from db.tenancy import account_scope
from handlers.api import ALL_ROUTES, serve_api
from handlers.api.problems import MEDIA_TYPE
from services.accounts.types import Role
from services.clock import utc_now
from services.errors import NotAllowedError, NotFoundError
from services.pilot.redaction import without_secrets
from tests.api.conftest import HERE, Api, _member, settings_in
from tests.conftest import make_account


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
        "Nothing": {},
    }
    for route in ALL_ROUTES:
        if "{id}" not in route.path:
            continue
        path = "/api/v1" + route.path.format(id=session, fact_id=uuid.uuid4(), fix_id=uuid.uuid4())
        body = bodies[route.takes.__name__] if route.takes else None
        answered = await api.call(route.method, path, body, by="Stranger", If_Match="*")
        assert (answered.status, answered.headers["Content-Type"]) == (404, MEDIA_TYPE), route.name
    assert (await api.call("GET", by="Stranger")).json["sessions"] == []
    mine = await api.call("GET", f"/{session}")
    assert (mine.json["state_version"], mine.json["facts"]) == (0, [])


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
    await upgrade(services.database)
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
async def test_the_old_address_leads_to_the_new_one_for_good(api: Api) -> None:
    session = await api.session()
    url = api.server.make_url(f"/assistant/{session}?next=//elsewhere.example")
    async with api.http.get(url, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (308, f"/pilot/{session}")
    for path in (f"/pilot/{session}", f"/pilot/{uuid.uuid4()}", "/assistant/..%2F..%2Felsewhere"):
        async with api.http.get(api.server.make_url(path), allow_redirects=False) as response:
            assert response.status == 404, path
            assert "There is no such session" in await response.text() or path.endswith(session)
