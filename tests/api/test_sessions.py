"""Sessions over HTTP: the same operations as in Slack."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime

import aiohttp
import pytest
from sqlalchemy import update

from db.models.pilot import ApiRequest
from db.tenancy import account_scope
from services.accounts.api_requests import LEASE, ApiRequests, KeptAnswer, RequestUnderWayError, TakenUp
from services.pilot.types import LaneKind, NewFix, NewItem, Session
from tests.api.conftest import HERE, Api


@pytest.mark.requirement("FLP-1.3", "FLP-2.3")
async def test_facts_are_noted_edited_taken_back_and_listed(api: Api) -> None:
    session = await api.session()
    noted = await api.call("POST", f"/{session}/facts", {"text": "The VPN is off"})
    assert (noted.status, noted.json["label"], noted.json["source_type"]) == (201, "F1", "manual")
    assert noted.headers["ETag"] == '"1"'
    assert noted.headers["Location"] == f"/api/v1/ai-sessions/{session}/facts/{noted.json['id']}"
    edited = await api.call("PATCH", f"/{session}/facts/{noted.json['id']}", {"text": "The VPN is on"}, If_Match='"1"')
    assert (edited.status, edited.json["text"], edited.headers["ETag"]) == (200, "The VPN is on", '"2"')
    stale = await api.call("PATCH", f"/{session}/facts/{noted.json['id']}", {"text": "No VPN"}, If_Match='"1"')
    assert (stale.status, stale.json["state_version"]) == (412, 2)
    assert [fact["text"] for fact in stale.json["session"]["facts"]] == ["The VPN is on"]
    listed = await api.call("GET", f"/{session}/facts")
    assert [fact["text"] for fact in listed.json["facts"]] == ["The VPN is on"]
    fact = f"/{session}/facts/{noted.json['id']}"
    left = await api.call("DELETE", fact)
    assert (left.status, left.json["facts"]) == (200, [])
    kept = (await api.call("GET", f"/{session}/facts?deleted=true")).json["facts"]
    assert [each["deleted_at"] is not None for each in kept] == [True]
    assert (await api.call("POST", f"{fact}/restore", If_Match='"2"')).status == 412
    assert (await api.call("POST", f"{fact}/restore", If_Match='"3"')).json["deleted_at"] is None
    with account_scope(HERE):
        actions = [line.action for line in await api.services.audit.lines(target=f"session {session}")]
    assert actions == ["pilot.open", *(f"pilot.fact.{what}" for what in ("add", "edit", "delete", "restore"))]


@pytest.mark.requirement("FLP-1.3", "FLP-2.2")
async def test_an_answer_becomes_a_fact_and_read_only(api: Api) -> None:
    session = await api.session()
    with account_scope(HERE):
        asked = await api.services.pilot.add_items(session, [NewItem(LaneKind.QUESTION, "Is the VPN on?")])
    promoted = await api.call("POST", f"/{session}/facts/promote", {"item_id": asked.items[0].id, "answer": "Yes"})
    assert promoted.status == 200
    assert promoted.json["item"]["status"] == "done"
    assert promoted.json["fact"]["source_ref"] == asked.items[0].id
    refused = await api.call("PATCH", f"/{session}/facts/{promoted.json['fact']['id']}", {"text": "No"})
    assert refused.status == 422
    item = f"/{session}/task-lane/{asked.items[0].id}"
    assert (await api.call("POST", f"{item}/dismiss")).status == 409, "it was answered"
    reopened = (await api.call("POST", f"{item}/reopen", If_Match=promoted.headers["ETag"])).json
    assert (reopened["task_lane"][0]["status"], reopened["facts"]) == ("open", [])
    assert (await api.call("POST", f"{item}/dismiss")).json["task_lane"][0]["status"] == "dismissed"
    assert (await api.call("POST", f"{item}/dismiss", by="Victor")).status == 403
    unknown = await api.call("POST", f"/{session}/facts/promote", {"item_id": str(uuid.uuid4()), "answer": "Yes"})
    assert unknown.status == 404


@pytest.mark.requirement("FLP-1.3", "FLP-3.1")
async def test_a_decision_on_a_fix_holds_until_somebody_who_saw_it_decides_otherwise(api: Api) -> None:
    session = await api.session()
    assert (await api.call("GET", f"/{session}/suggested-fixes/active")).json["fix"] is None
    with account_scope(HERE):
        await api.services.pilot.suggest_fix(session, NewFix("Clear the credentials", "Remove the stored ones."))
        await api.services.pilot.suggest_fix(session, NewFix("Rebuild the profile", "Make a new one."))
    history = (await api.call("GET", f"/{session}/suggested-fixes")).json["fixes"]
    assert [fix["superseded_at"] is None for fix in history] == [False, True]
    decision = f"/{session}/suggested-fixes/{history[1]['id']}/decision"
    decided = await api.call("POST", decision, {"decision": "one_off"})
    assert (decided.json["user_decision"], decided.json["decided_by_member_id"]) == ("one_off", api.alice.id)
    assert (await api.call("POST", decision, {"decision": "dismissed"})).status == 409
    again = await api.call("POST", decision, {"decision": "dismissed"}, If_Match=decided.headers["ETag"])
    assert again.status == 200
    assert (await api.call("GET", f"/{session}/suggested-fixes/active")).json["fix"] is None


@pytest.mark.requirement("FLP-1.3", "FLP-3.2")
async def test_a_note_is_posted_as_it_was_seen_and_resolves_the_session(api: Api) -> None:
    session = await api.session()
    await api.call("POST", f"/{session}/facts", {"text": "The stored password was an old one"})
    preview = await api.call("GET", f"/{session}/resolution-note/preview")
    assert "an old one. [F1]" in preview.json["markdown"]
    body = {"markdown": preview.json["markdown"] + "\nCleared it."}
    assert (await api.call("POST", f"/{session}/resolution-note/post", body)).status == 428
    await api.call("POST", f"/{session}/facts", {"text": "It happened before"})
    seen = preview.headers["ETag"]
    stale = await api.call("POST", f"/{session}/resolution-note/post", body, If_Match=seen)
    assert (stale.status, stale.json["state_version"]) == (412, 2)
    posted = await api.call("POST", f"/{session}/resolution-note/post", body, If_Match='"2"')
    assert (posted.status, posted.json["session"]["status"], posted.json["written"]) == (200, "resolved", None)
    again = await api.call("POST", f"/{session}/resolution-note/post", body, If_Match='"2"')
    assert again.status == 200
    other = await api.call("POST", f"/{session}/escalation-package/post", body, If_Match=posted.headers["ETag"])
    assert other.status == 409


async def test_scripts_are_made_of_templates_or_recorded_and_secrets_stay_references(api: Api) -> None:
    session = await api.session()
    script = {"kind": "one_off", "language": "bash", "body": "systemctl restart cups"}
    made = await api.call("POST", f"/{session}/script-generations", {"script": script})
    assert (made.status, made.json["path"], made.json["body"]) == (201, "one_off", "systemctl restart cups")
    unknown = {"kind": "template", "template_id": "none-of-ours"}
    assert (await api.call("POST", f"/{session}/script-generations", {"script": unknown})).status == 404
    with account_scope(HERE):
        template = (await api.services.script_templates.templates())[0]
    wrong = {"kind": "template", "template_id": template.id, "values": {"no_such": "x"}}
    assert (await api.call("POST", f"/{session}/script-generations", {"script": wrong})).status == 422
    assert (await api.call("GET", made.headers["Location"])).json == made.json
    await api.call("POST", f"/{session}/facts", {"text": "The service's name is “cups”"})
    linux = "builtin:restart-linux-service"
    form = (await api.call("GET", f"/{session}/script-templates/{linux}/values")).json["fields"]
    values = {each["parameter"]["name"]: each["chosen"]["value"] for each in form if each["chosen"]}
    assert {each["chosen"]["reference"] for each in form if each["chosen"]} >= {"F1"}
    filled = {"script": {"kind": "template", "template_id": linux, "values": values}}
    script = (await api.call("POST", f"/{session}/script-generations", filled)).json
    assert "from fact F1" in {each["source"] for each in script["parameters"]}
    listed = await api.call("GET", f"/{session}/script-generations")
    assert [each["path"] for each in listed.json["scripts"]] == ["one_off", "template"]
    like = (await api.call("GET", f"/{session}/similar")).json
    assert [each["template_id"] for each in like["templates"]][:1] == ["builtin:clear-cached-credentials"]


@pytest.mark.requirement("FLP-1.3", "FLP-5.1", "FLP-6.1")
async def test_a_fix_is_kept_as_a_draft_or_built_as_a_template_as_in_slack(api: Api) -> None:
    session, drafts = await api.session(), "/api/v1/draft-templates"

    async def suggested(title: str) -> str:
        fix = NewFix(title, "Restart the spooler.", script_language="bash", script_body="systemctl restart cups")
        with account_scope(HERE):
            fixes = (await api.services.pilot.suggest_fix(session, fix)).fixes
        return f"/{session}/suggested-fixes/{fixes[-1].id}/decision"

    decision = await suggested("Restart the spooler")
    assert (await api.call("POST", decision, {"decision": "one_off", "template": {}})).status == 422
    assert (await api.call("POST", decision, {"decision": "template"})).status == 422
    for _ in range(2):
        assert (await api.call("POST", decision, {"decision": "draft_template"})).status == 200
    draft = (await api.call("GET", f"{drafts}?session_id={session}")).json["drafts"][0]
    accept = f"{drafts}/{draft['id']}/accept"
    assert (await api.call("POST", accept, by="Victor")).status == 403
    made = await api.call("POST", accept, {"name": "Restart CUPS", "description": "On a print server"})
    assert (made.json["name"], made.json["source"]["session_id"]) == ("Restart CUPS", session)
    assert (await api.call("POST", accept)).json == made.json
    assert (await api.call("POST", f"{drafts}/{draft['id']}/reject")).status == 409
    await api.call("POST", await suggested("Restart it"), {"decision": "build_template", "template": {"name": "Built"}})
    await api.call("POST", await suggested("Try again"), {"decision": "draft_template"})
    note = await api.call("GET", f"/{session}/resolution-note/preview")
    post, body = f"/{session}/resolution-note/post", {"markdown": note.json["markdown"]}
    posted = await api.call("POST", post, body, If_Match=note.headers["ETag"])
    assert [each["title"] for each in posted.json["ask_about"]] == ["Try again"]
    rejected = posted.json["ask_about"][0]["id"]
    assert (await api.call("POST", f"{drafts}/{rejected}/reject")).json["status"] == "rejected"
    scripts = (await api.call("GET", f"/{session}/script-generations")).json["scripts"]
    assert [each["path"] for each in scripts] == ["draft_template", "build_template", "draft_template"]
    names, cursor = [], ""
    while cursor is not None:
        path = "/api/v1/script-templates?language=bash&limit=2" + (f"&cursor={cursor}" if cursor else "")
        page = (await api.call("GET", path)).json
        names += [each["name"] for each in page["templates"]]
        cursor = page["next_cursor"]
    assert (names[:2], len(names)) == (["Built", "Restart CUPS"], len(set(names)))
    best = (await api.call("GET", "/api/v1/script-templates?text=unlock+the+account&limit=1")).json["templates"][0]
    assert (await api.call("GET", f"/api/v1/script-templates/{best['id']}")).json == best


async def test_messages_and_sessions_come_in_pages_until_the_end(api: Api) -> None:
    sessions = [await api.session(f"Problem {number}") for number in range(3)]
    found, cursor = [], None
    while True:
        page = (await api.call("GET", "?limit=2&status=open&mine=true" + (f"&cursor={cursor}" if cursor else ""))).json
        found += [each["id"] for each in page["sessions"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert sorted(found) == sorted(sessions)
    for number in range(3):
        await api.call("POST", f"/{sessions[0]}/messages", {"text": f"Turn {number}", "answer": False})
    newest = (await api.call("GET", f"/{sessions[0]}/messages?limit=2")).json
    older = (await api.call("GET", f"/{sessions[0]}/messages?limit=2&before_id={newest['before_id']}")).json
    assert [each["text"] for each in (*older["messages"], *newest["messages"])] == ["Turn 0", "Turn 1", "Turn 2"]
    assert older["before_id"] is None
    assert (await api.call("GET", "?cursor=nonsense")).status == 422


async def test_what_is_said_is_answered_as_in_the_thread_and_no_password_is_kept(api: Api) -> None:
    session = await api.session()
    said = {"text": "She changed her password to Sommer2026! and it still asks"}
    turn = await api.call("POST", f"/{session}/messages", said)
    assert turn.status == 201
    mine, answer = turn.json["messages"]
    assert (mine["author"], mine["member_id"], answer["author"]) == ("person", api.alice.id, "pilot")
    assert "Sommer2026" not in str(turn.json)
    assert turn.json["session"]["task_lane"], "it asks or proposes something"
    assert turn.headers["ETag"] == f'"{turn.json["session"]["state_version"]}"'


async def test_closing_twice_is_closing_once(api: Api) -> None:
    session = await api.session()
    assert (await api.call("POST", f"/{session}/close", If_Match='"9"')).status == 412, "nobody can have seen that"
    assert (await api.call("POST", f"/{session}/close", If_Match='"0"')).status == 200
    closed = await api.call("POST", f"/{session}/close", {})
    assert (closed.status, closed.json["status"], closed.headers["ETag"]) == (200, "closed", '"1"')
    assert (await api.call("POST", f"/{session}/facts", {"text": "Too late"})).status == 409
    assert (await api.call("POST", f"/{session}/reopen", If_Match='"0"')).status == 412
    assert (await api.call("POST", f"/{session}/reopen", If_Match='"1"')).json["status"] == "open"


@pytest.mark.requirement("FLP-1.1", "FLP-1.3")
async def test_a_session_without_a_channel_says_how_it_gets_a_thread(api: Api) -> None:
    opened = (await api.call("POST", body={"problem": "The printer is offline"})).json
    thread = f"/{opened['id']}/thread"
    assert (opened["slack"], thread in opened["slack_hint"]) == (None, True)
    nowhere = await api.call("POST", thread)
    assert (nowhere.status, "/flowpilot settings" in nowhere.json["hint"]) == (422, True)
    refused = await api.call("POST", body={"problem": "The printer is offline", "channel": "C0PRIVATE"})
    assert (refused.status, refused.json["slack"]) == (201, None)
    assert "is not in that channel" in refused.json["slack_hint"]
    assert (await api.call("POST", thread, {"channel": "C0PRIVATE"})).status == 422
    assert (await api.call("POST", thread, {"channel": "D0SOMEBODY"})).json["errors"][0]["field"] == "channel"
    assert (await api.call("POST", thread, {"channel": "C0PRIVATE"}, by="Victor")).status == 403


async def test_facts_come_in_pages_that_outlast_what_is_taken_back(api: Api) -> None:
    session = await api.session()
    noted = [(await api.call("POST", f"/{session}/facts", {"text": f"Fact {n}"})).json["id"] for n in range(4)]
    page = (await api.call("GET", f"/{session}/facts?limit=2")).json
    await api.call("DELETE", f"/{session}/facts/{noted[1]}")
    rest = (await api.call("GET", f"/{session}/facts?limit=2&cursor={page['next_cursor']}")).json
    assert [each["id"] for each in (*page["facts"], *rest["facts"])] == noted
    assert rest["next_cursor"] is None
    for wrong in ("nonsense", "bnVsbA==", "WyJ4Il0="):
        assert (await api.call("GET", f"/{session}/facts?cursor={wrong}")).status == 422, wrong


@pytest.mark.requirement("FLP-1.3")
async def test_the_same_request_under_the_same_key_is_done_once(api: Api) -> None:
    problem = {"problem": "The printer is offline"}
    first, *rest = await asyncio.gather(*(api.call("POST", body=problem, Idempotency_Key="k1") for _ in range(3)))
    again = await api.call("POST", body=problem, Idempotency_Key="k1")
    created = [each for each in (first, *rest, again) if each.status == 201]
    assert {each.status for each in (first, *rest)} <= {201, 409}
    assert len({each.json["id"] for each in created}) == 1
    assert again.headers["Location"] == created[0].headers["Location"]
    assert len((await api.call("GET")).json["sessions"]) == 1
    other = await api.call("POST", body={"problem": "Something else"}, Idempotency_Key="k1")
    assert other.status == 422
    refused = await api.call("POST", body={"problem": "   "}, Idempotency_Key="k2")
    assert refused.status == 422
    assert (await api.call("POST", body=problem, Idempotency_Key="k2")).status == 201


@pytest.mark.requirement("FLP-1.3")
async def test_a_request_that_was_killed_on_its_way_is_taken_up_again_and_done_once(api: Api) -> None:
    session, killed = await api.session(), list[str]()

    def kill(changed: Session) -> None:
        if not killed:
            killed.append(changed.id)
            raise asyncio.CancelledError

    api.services.pilot.on_change(kill)
    script = {"script": {"kind": "one_off", "language": "bash", "body": "systemctl restart cups"}}
    requests = [
        ("", {"problem": "The printer is offline"}),
        (f"/{session}/facts", {"text": "It has paper"}),
        (f"/{session}/script-generations", script),
        (f"/{session}/messages", {"text": "It is out of paper"}),
    ]
    for number, (path, body) in enumerate(requests):
        killed.clear()
        with pytest.raises(aiohttp.ClientError):
            await api.call("POST", path, body, Idempotency_Key=f"k{number}")
        waiting = await api.call("POST", path, body, Idempotency_Key=f"k{number}")
        assert (waiting.status, 0 < int(waiting.headers["Retry-After"]) <= 120) == (409, True), path
        await _let_leases_lapse(api)
        done = await api.call("POST", path, body, Idempotency_Key=f"k{number}")
        again = await api.call("POST", path, body, Idempotency_Key=f"k{number}")
        assert (done.status, again.json) == (201, done.json), path
    sessions = (await api.call("GET")).json["sessions"]
    assert sorted(each["title"] for each in sessions).count("The printer is offline") == 1
    for part, name in (("facts", "facts"), ("script-generations", "scripts")):
        assert len((await api.call("GET", f"/{session}/{part}")).json[name]) == 1
    said = (await api.call("GET", f"/{session}/messages")).json["messages"]
    assert [each["author"] for each in said] == ["person", "pilot"]


@pytest.mark.requirement("FLP-1.3")
async def test_who_is_overtaken_does_not_answer_for_who_took_over(api: Api) -> None:
    now = datetime(2026, 11, 18, 15, 30, tzinfo=UTC)
    asked = ("key", api.alice.id, "create_session", b"{}")
    requests = ApiRequests(api.services.database, lambda: now)
    with account_scope(HERE):
        slow = await requests.begin(*asked)
        with pytest.raises(RequestUnderWayError):
            await requests.begin(*asked)
        now += LEASE
        second = await requests.begin(*asked)
        assert isinstance(slow, TakenUp)
        assert isinstance(second, TakenUp)
        assert (second.operation_id, second.attempt) == (slow.operation_id, 2)
        for taken, body in ((second, "second"), (slow, "slow")):
            await requests.finish(taken, KeptAnswer(201, body))
        await requests.drop(slow)
        assert await requests.begin(*asked) == KeptAnswer(201, "second")


async def _let_leases_lapse(api: Api) -> None:
    with account_scope(HERE):
        async with api.services.database.transaction() as transaction:
            await transaction.execute(update(ApiRequest).values(leased_until=api.services.now()))
