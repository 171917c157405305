"""Keeping Jira's issues mirrored: the first time, then what changed, and what a census puts right."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from aiohttp import web

from db.engine import Database
from sandbox.jira.model import Issue
from services.clock import utc_now
from services.errors import VendorNotFoundError, VendorUnavailableError
from services.mirror import Mirror
from services.mirror.types import Source
from services.vendors.jira import JiraClient, JiraLimits
from tests.mirror.conftest import keys
from tests.vendors.faulty import vendor
from tests.vendors.site import ALICE, BOB, Site


def age(issue: Issue, by: timedelta) -> Issue:
    """Make an issue older than it is."""
    issue.created -= by
    issue.updated -= by
    return issue


def many(site: Site, count: int, *, spread: timedelta = timedelta(hours=1)) -> list[Issue]:
    """Make issues, each changed a little after the one before, all well in the past."""
    issues = [site.create("APP", f"Issue {n}") for n in range(count)]
    for n, issue in enumerate(issues):
        age(issue, timedelta(days=30) - n * spread)
    return issues


async def test_the_first_time_every_issue_of_every_visible_project_is_mirrored(site: Site, mirror: Mirror) -> None:
    epic = site.create("APP", "The epic", "Epic")
    child = site.create("APP", "Fix it", parent={"key": epic.key}, labels=["now"], assignee={"accountId": BOB})
    other = site.create("OPS", "Other")
    site.sandbox.jira.add_link(ALICE, "Blocks", other, child)
    report = await mirror.sync_jira()
    assert (report.is_first, report.found, report.stored, report.failed) == (True, 3, 3, ())
    assert sorted(await keys(mirror)) == sorted([epic.key, child.key, other.key])
    row = await mirror.issue(child.key)
    assert row is not None
    assert (row.epic_key, row.parent_key, row.labels, row.assignee_account_id) == (epic.key, epic.key, ("now",), BOB)
    assert [(link.phrase, link.key) for link in row.links] == [("is blocked by", other.key)]
    assert (row.status, row.status_category, row.is_done) == ("To Do", "new", False)


async def test_an_unchanged_site_costs_a_handful_of_calls(site: Site, mirror: Mirror) -> None:
    many(site, 250)
    await mirror.sync_jira()
    before = len(site.calls())
    report = await mirror.sync_jira()
    assert (report.is_first, report.stored) == (False, 0)
    assert [call.path.rpartition("/3/")[2] for call in site.calls()[before:]] == ["serverInfo", "search/jql"]


async def test_only_what_changed_is_fetched_again(site: Site, mirror: Mirror) -> None:
    issues = many(site, 5)
    await mirror.sync_jira()
    site.sandbox.jira.edit(ALICE, issues[2], {"summary": "Renamed"})
    new = site.create("OPS", "New")
    report = await mirror.sync_jira()
    assert (report.found, report.stored) == (2, 2)
    assert [call.request["issueIdsOrKeys"] for call in site.calls("issue/bulkfetch")][-1] == [
        str(issues[2].id),
        str(new.id),
    ]
    again = await mirror.sync_jira()
    assert (again.found, again.unchanged, again.stored) == (2, 2, 0), "the overlap finds them, their stamps say known"
    row = await mirror.issue(issues[2].key)
    assert row is not None
    assert row.summary == "Renamed"


async def test_field_changes_are_mirrored_in_order(site: Site, mirror: Mirror) -> None:
    issue = site.create("APP", "Moving")
    site.sandbox.jira.transition(ALICE, issue, "11")
    await mirror.sync_jira()
    site.sandbox.jira.transition(BOB, issue, "21")
    await mirror.sync_jira()
    changes = await mirror.field_changes([str(issue.id)], "status")
    assert [(c.from_value, c.to_value, c.author_account_id) for c in changes] == [
        ("To Do", "In Progress", ALICE),
        ("In Progress", "Code Review", BOB),
    ]
    assert await mirror.field_changes([str(issue.id)], "priority") == []


async def test_a_sub_task_has_its_parents_epic_whatever_came_first(site: Site, mirror: Mirror) -> None:
    task = site.create("APP", "Task")
    sub = site.create("APP", "Part", "Sub-task", parent={"key": task.key})
    await mirror.sync_jira()
    epic = site.create("APP", "Late epic", "Epic")
    site.sandbox.jira.edit(ALICE, task, {"parent": {"key": epic.key}})
    await mirror.sync_jira()
    row = await mirror.issue(sub.key)
    assert row is not None
    assert (row.parent_key, row.epic_key) == (task.key, epic.key)
    assert {child.key for child in await mirror.children(epic.key)} == {task.key, sub.key}
    assert [found.key for found in await mirror.epics(["APP"])] == [epic.key]


async def test_orphans_are_standard_issues_without_parent_and_epic(site: Site, mirror: Mirror) -> None:
    epic = site.create("APP", "Epic", "Epic")
    site.create("APP", "Has one", parent={"key": epic.key})
    orphan = site.create("APP", "Has none")
    site.create("APP", "Part", "Sub-task", parent={"key": orphan.key})
    done = site.create("APP", "Done without")
    site.sandbox.jira.transition(ALICE, done, "11")
    site.sandbox.jira.transition(ALICE, done, "41")
    await mirror.sync_jira()
    assert {i.key for i in await mirror.issues(["APP"], orphans_only=True)} == {orphan.key, done.key}
    assert [i.key for i in await mirror.issues(["APP"], orphans_only=True, open_only=True)] == [orphan.key]


@pytest.mark.parametrize("fault", [{"kind": "status", "status": 500}, {"kind": "drop"}])
async def test_a_first_sync_that_breaks_off_goes_on_where_it_was(
    site: Site, database: Database, in_account: str, fault: dict[str, object]
) -> None:
    issues = many(site, 250)
    site.jira._limits = JiraLimits(ids_per_page=100)
    mirror = Mirror(database, site.jira, None, site.now)
    served = 0

    def break_after_two(event: dict[str, object]) -> None:
        nonlocal served
        served += "changelog/bulkfetch" in str(event.get("path")) and event["type"] == "call"
        if served == 2 and not site.sandbox.faults.armed:
            site.fail(path="bulkfetch", times=None, **fault)  # type: ignore[arg-type]

    site.sandbox.bus.on_event(break_after_two)
    with pytest.raises(VendorUnavailableError):
        await mirror.sync_jira()
    freshness = await mirror.freshness(Source.JIRA)
    assert freshness.last_success_at is None
    assert freshness.error is not None
    assert len(await keys(mirror)) == 200
    served = 99
    site.sandbox.faults.clear()
    before = len(site.calls("issue/bulkfetch"))
    report = await mirror.sync_jira()
    assert len(await keys(mirror)) == len(issues)
    asked = [i for call in site.calls("issue/bulkfetch")[before:] for i in call.request["issueIdsOrKeys"]]
    assert report.is_first
    assert len(asked) < 60, "what was stored before the break is not fetched again, but for the overlap"
    assert (await mirror.freshness(Source.JIRA)).error is None


async def test_deleted_and_moved_issues_are_found_by_the_census(site: Site, mirror: Mirror) -> None:
    kept, gone, moved = many(site, 3)
    await mirror.sync_jira()
    jira = site.sandbox.jira
    jira.delete(ALICE, gone)
    del jira.by_key[moved.key], jira.by_project["APP"][moved.id]
    old_key, moved.project, moved.key = moved.key, jira.projects["OPS"], "OPS-1"
    jira.by_key["OPS-1"], jira.by_project["OPS"][moved.id] = moved, moved
    census = await mirror.census()
    assert (census.there, census.mirrored) == (2, 2)
    assert (census.deleted, census.moved) == ((gone.key,), (old_key,))
    assert str(census) == "Jira 2, mirror 2, oldest <1 min"
    assert sorted(await keys(mirror)) == sorted([kept.key, "OPS-1"])
    assert await mirror.issue(old_key) is None
    row = await mirror.issue("OPS-1")
    assert row is not None
    assert (row.jira_id, row.project_key) == (str(moved.id), "OPS")


async def test_the_children_of_a_deleted_epic_are_orphans(site: Site, mirror: Mirror) -> None:
    epic = site.create("APP", "Epic", "Epic")
    child = site.create("APP", "Child", parent={"key": epic.key})
    await mirror.sync_jira()
    site.sandbox.jira.delete(ALICE, epic)
    await mirror.census()
    assert [issue.key for issue in await mirror.issues(orphans_only=True)] == [child.key]


async def test_a_census_is_taken_once_a_day(site: Site, mirror: Mirror) -> None:
    [issue] = many(site, 1)
    await mirror.sync_jira()
    site.sandbox.jira.delete(ALICE, issue)
    assert (await mirror.sync_jira()).deleted == 0
    site.sandbox.clock.advance(timedelta(hours=25))
    assert (await mirror.sync_jira()).deleted == 1
    assert await keys(mirror) == []


async def test_an_empty_answer_of_a_search_deletes_nothing(site: Site, mirror: Mirror) -> None:
    issues = many(site, 3)
    await mirror.sync_jira()
    jira = site.sandbox.jira
    hidden, jira.by_project = jira.by_project, {key: {} for key in jira.by_project}
    census = await mirror.census()
    jira.by_project = hidden
    assert census.deleted == ()
    assert len(await keys(mirror)) == len(issues)


async def test_an_older_answer_never_replaces_a_newer_one(site: Site, mirror: Mirror, database: Database) -> None:
    issue = site.create("APP", "New words")
    await mirror.sync_jira()
    payload = {"id": str(issue.id), "key": issue.key, "fields": _fields("Old words", "2020-01-01T00:00:00.000+0000")}
    await mirror.handle_webhook("jira:issue_updated", {"issue": payload})
    row = await mirror.issue(issue.key)
    assert row is not None
    assert row.summary == "New words"


def _fields(summary: str, updated: str, **more: object) -> dict[str, object]:
    return {
        "summary": summary,
        "issuetype": {"name": "Task", "hierarchyLevel": 0},
        "project": {"key": "APP"},
        "status": {"id": "1", "name": "QA", "statusCategory": {"key": "indeterminate"}},
        "created": "2020-01-01T00:00:00.000+0000",
        "updated": updated,
        **more,
    }


async def test_two_replicas_at_once_do_no_harm(site: Site, database: Database, in_account: str) -> None:
    many(site, 120)
    one = Mirror(database, site.jira, None, site.now)
    two = Mirror(database, site.jira, None, site.now)
    await asyncio.gather(one.sync_jira(), two.sync_jira())
    assert len(await keys(one)) == 120
    assert (await one.sync_jira()).stored == 0


async def test_refreshing_reads_through_to_jira_and_forgets_what_is_gone(site: Site, mirror: Mirror) -> None:
    issue = site.create("APP", "Old")
    await mirror.sync_jira()
    site.sandbox.jira.edit(ALICE, issue, {"summary": "Fresh"})
    site.sandbox.jira.transition(ALICE, issue, "11")
    assert (await mirror.refresh_issue(issue.key)).summary == "Fresh"
    assert await mirror.field_changes([str(issue.id)]) == []
    await mirror.sync_jira()
    assert len(await mirror.field_changes([str(issue.id)], "status")) == 1, "the next pass completes the history"
    site.sandbox.jira.delete(ALICE, issue)
    with pytest.raises(VendorNotFoundError, match="Jira knows no issue"):
        await mirror.refresh_issue(issue.key)
    assert await mirror.issue(issue.key) is None


async def test_an_issue_that_jira_cannot_give_is_tried_again_and_stops_nothing(
    database: Database, in_account: str
) -> None:
    healthy = False

    async def serve(request: web.Request) -> web.StreamResponse:
        path = request.path.rpartition("/rest/api/3/")[2]
        fine, odd = _raw("10001", "APP-1"), _raw("10002", "APP-2")
        answers: dict[str, object] = {
            "serverInfo": {"serverTime": "2026-11-02T10:00:00.000+0000"},
            "field": [],
            "project/search": {"values": [{"id": "1", "key": "APP", "name": "App"}], "isLast": True},
            "search/jql": {"issues": [{"id": i["id"], "key": i["key"]} for i in (fine, odd)], "isLast": True},
            "issue/bulkfetch": {"issues": [fine], "issueErrors": [{"id": "10002", "errorMessage": "Try again"}]},
            "changelog/bulkfetch": {"issueChangeLogs": []},
            "issue/10002": odd,
        }
        is_refused = path == "issue/10002" and not healthy
        return web.json_response(answers[path], status=400 if is_refused else 200)

    async with vendor(serve) as (http, _, _changes):
        mirror = Mirror(database, JiraClient(http, credentials=("a", "b")), None, utc_now)
        report = await mirror.sync_jira()
        assert (report.stored, report.failed) == (1, ("10002",))
        assert await keys(mirror) == ["APP-1"]
        healthy = True
        await mirror.sync_jira()
        assert await keys(mirror) == ["APP-1", "APP-2"]


def _raw(jira_id: str, key: str) -> dict[str, object]:
    return {"id": jira_id, "key": key, "fields": _fields("Words", "2026-11-01T00:00:00.000+0000")}


async def test_freshness_tells_the_age_and_what_was_counted(site: Site, mirror: Mirror) -> None:
    site.create("APP", "One")
    before = await mirror.freshness("jira")
    assert (before.last_success_at, before.is_stale) == (None, True)
    await mirror.sync("jira")
    fresh = await mirror.freshness("jira")
    assert (fresh.is_stale, fresh.summary) == (False, "Jira 1, mirror 1, oldest <1 min")
    site.sandbox.clock.advance(timedelta(minutes=42))
    stale = await mirror.freshness("jira")
    assert (stale.is_stale, stale.summary) == (True, "Jira 1, mirror 1, oldest 42 min")


async def test_when_jiras_clock_goes_back_everything_is_looked_at_again(site: Site, mirror: Mirror) -> None:
    site.create("APP", "One")
    site.sandbox.clock.advance(timedelta(days=10))
    await mirror.sync_jira()
    site.sandbox.clock.advance(timedelta(days=-10))
    new = site.create("APP", "Two")
    assert (await mirror.sync_jira()).stored == 2
    assert new.key in await keys(mirror)
    site.create("APP", "Three")
    assert len(await keys(mirror)) == 2
    assert (await mirror.sync_jira()).stored == 1
