"""Worklogs over the wire."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.sandbox.vendor_server import Client, Vendors

BOB, SAM = "712020:bob", "712020:sam"


async def every(tempo: Client, path: str, **query: Any) -> list[dict[str, Any]]:
    """Follow `next` to the end."""
    answer = await tempo.get(path, **query)
    found = list(answer.body["results"])
    while "next" in answer.body["metadata"]:
        answer = await tempo.get(answer.body["metadata"]["next"].removeprefix(tempo.base))
        found += answer.body["results"]
    return found


def issue_id(vendors: Vendors, key: str = "SHOP-10") -> int:
    """Return an issue's id."""
    return vendors.sandbox.jira.by_key[key].id


async def log(vendors: Vendors, **more: Any) -> dict[str, Any]:
    """Log an hour of Bob's and return the worklog."""
    values = {"issueId": issue_id(vendors), "authorAccountId": BOB, "startDate": "2026-11-17", "timeSpentSeconds": 3600}
    answer = await vendors.tempo.post("/4/worklogs", {**values, **more})
    assert answer.status == 200, answer.body
    body: dict[str, Any] = answer.body
    return body


async def test_following_next_gives_every_worklog_once(tempo: Client, vendors: Vendors) -> None:
    found = await every(tempo, "/4/worklogs", limit=700)
    ids = [worklog["tempoWorklogId"] for worklog in found]
    assert len(ids) == len(set(ids)) == len(vendors.sandbox.jira.worklogs)


async def test_days_are_included_at_both_ends(vendors: Vendors) -> None:
    await log(vendors, startDate="2026-01-05")
    await log(vendors, startDate="2026-01-06")
    await log(vendors, startDate="2026-01-07")
    found = await every(vendors.tempo, f"/4/worklogs/user/{BOB}", **{"from": "2026-01-05", "to": "2026-01-06"})
    assert [worklog["startDate"] for worklog in found] == ["2026-01-05", "2026-01-06"]


async def test_updated_from_finds_what_changed_since(vendors: Vendors) -> None:
    vendors.sandbox.clock.set(datetime(2031, 1, 1, 12, tzinfo=UTC))
    old = next(iter(vendors.sandbox.jira.worklogs.values()))
    vendors.sandbox.tempo.update_worklog(BOB, old, old.started, 60, "short")
    made = await log(vendors)
    found = await every(vendors.tempo, "/4/worklogs", updatedFrom="2031-01-01T00:00:00Z", orderBy="UPDATED")
    assert {w["tempoWorklogId"] for w in found} == {made["tempoWorklogId"], old.id - 10_000 + 700_001}


async def test_a_search_takes_several_authors_and_issues(vendors: Vendors) -> None:
    await log(vendors, startDate="2020-01-01")
    await log(vendors, startDate="2020-01-01", authorAccountId=SAM, issueId=issue_id(vendors, "SHOP-11"))
    await log(vendors, startDate="2020-01-01", authorAccountId="712020:mei")
    body = {"authorIds": [BOB, SAM], "to": "2020-12-31", "issueIds": [issue_id(vendors), issue_id(vendors, "SHOP-11")]}
    found = (await vendors.tempo.post("/4/worklogs/search", body)).body["results"]
    assert {w["author"]["accountId"] for w in found} == {BOB, SAM}


async def test_put_replaces_everything(vendors: Vendors) -> None:
    made = await log(vendors, description="a note", startTime="09:30:00")
    path = f"/4/worklogs/{made['tempoWorklogId']}"
    changed = {"authorAccountId": BOB, "startDate": "2026-11-18", "timeSpentSeconds": 60}
    body = (await vendors.tempo.put(path, changed)).body
    assert (body["description"], body["startTime"], body["timeSpentSeconds"]) == ("", "00:00:00", 60)


async def test_the_utc_start_follows_the_authors_zone(vendors: Vendors) -> None:
    made = await log(vendors, authorAccountId="712020:mei", startTime="09:30:00")
    assert made["startDateTimeUtc"] == "2026-11-17T17:30:00Z"


async def test_a_worklog_is_the_same_in_jira(vendors: Vendors) -> None:
    made = await log(vendors)
    mapped = await vendors.tempo.post("/4/worklogs/tempo-to-jira", {"tempoWorklogIds": [made["tempoWorklogId"]]})
    number = mapped.body["results"][0]["jiraWorklogId"]
    held = (await vendors.jira.get("/rest/api/3/issue/SHOP-10/worklog")).body["worklogs"]
    assert number in {int(worklog["id"]) for worklog in held}


async def test_a_deleted_worklog_is_told_by_the_audit_log_and_by_jira(vendors: Vendors) -> None:
    made = await log(vendors)
    assert (await vendors.tempo.delete(f"/4/worklogs/{made['tempoWorklogId']}")).status == 204
    search = {"from": "2020-01-01T00:00:00Z", "entityType": ["worklog"], "action": ["Deleted"]}
    (event,) = (await vendors.tempo.post("/4/papertrail/search", search)).body["results"]
    assert (event["entityId"], event["worker"]) == (str(made["tempoWorklogId"]), BOB)
    gone = (await vendors.jira.get("/rest/api/3/worklog/deleted", since=0)).body["values"]
    assert len(gone) == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"timeSpentSeconds": 0}, "timeSpentSeconds must be greater than 0"),
        ({"timeSpentSeconds": None}, "timeSpentSeconds must not be null"),
        ({"timeSpentSeconds": 90_000}, "must not exceed 24 hours"),
        ({"authorAccountId": "nobody"}, "User is invalid"),
        ({"issueId": 1}, "Issue with id 1 does not exist"),
        ({"startDate": "17.11.2026"}, "not a valid date"),
        ({"startTime": "late"}, "startTime is not valid"),
    ],
)
async def test_a_bad_worklog_is_refused_and_not_kept(vendors: Vendors, change: dict[str, Any], words: str) -> None:
    before = len(vendors.sandbox.jira.worklogs)
    values = {"issueId": issue_id(vendors), "authorAccountId": BOB, "startDate": "2026-11-17", "timeSpentSeconds": 3600}
    answer = await vendors.tempo.post("/4/worklogs", {**values, **change})
    assert answer.status == 400
    assert words in answer.body["errors"][0]["message"]
    assert len(vendors.sandbox.jira.worklogs) == before


@pytest.mark.parametrize(
    "query",
    [{"limit": 5001}, {"limit": 0}, {"from": "today"}, {"updatedFrom": "x"}, {"orderBy": "NAME"}, {"issueId": "a"}],
)
async def test_a_bad_filter_is_refused(tempo: Client, query: dict[str, Any]) -> None:
    assert (await tempo.get("/4/worklogs", **query)).status == 400


async def test_a_wrong_token_gets_a_page_of_html(tempo: Client) -> None:
    tempo.authorization = "Bearer wrong"
    answer = await tempo.get("/4/worklogs")
    assert answer.status == 401
    assert answer.body.startswith("<!doctype html>")


async def test_the_page_sees_and_edits_worklogs(vendors: Vendors) -> None:
    row = {"user": "U0BOB", "issue_key": "SHOP-10", "date": "2020-01-01"}
    made = await vendors.control.post("/tempo/worklog", {"op": "create", **row, "seconds": 1800, "description": "x"})
    number = made.body["id"]
    await vendors.control.post("/tempo/worklog", {"op": "update", "id": number, "seconds": 3600})
    listed = (await vendors.control.get("/tempo/worklogs", user="U0BOB", to="2020-01-31")).body
    assert listed["worklogs"] == [{"id": number, **row, "seconds": 3600, "description": "x"}]
    assert listed["totals"] == [{"user": "U0BOB", "date": "2020-01-01", "seconds": 3600}]
    await vendors.control.post("/tempo/worklog", {"op": "delete", "id": number})
    assert (await vendors.tempo.get(f"/4/worklogs/{number}")).status == 404
    refused = await vendors.control.post("/tempo/worklog", {"op": "create", **row, "seconds": -1})
    assert (refused.status, "seconds" in refused.body["error"]) == (400, True)


async def test_a_submitted_timesheet_takes_no_worklog_and_gives_none_away(vendors: Vendors) -> None:
    made = await log(vendors)
    day = datetime(2026, 11, 19, tzinfo=UTC).date()
    vendors.sandbox.tempo.set_approval(BOB, day, "IN_REVIEW")
    body = {"issueId": issue_id(vendors), "authorAccountId": BOB, "startDate": "2026-11-20", "timeSpentSeconds": 60}
    refused = await vendors.tempo.post("/4/worklogs", body)
    assert (refused.status, "IN_REVIEW" in str(refused.body)) == (400, True)
    path = f"/4/worklogs/{made['tempoWorklogId']}"
    assert (await vendors.tempo.put(path, {**body, "startDate": "2026-12-01"})).status == 400
    assert (await vendors.tempo.delete(path)).status == 400
    await log(vendors, startDate="2026-11-23")
    shown = await vendors.tempo.get(f"/4/timesheet-approvals/user/{BOB}", **{"from": "2026-11-20"})
    assert shown.body["status"]["key"] == "IN_REVIEW"
