"""What the Jira client asks, and how it reads the answers, over real sockets."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.errors import (
    InvalidInputError,
    VendorAuthError,
    VendorNotFoundError,
    VendorRejectedError,
)
from services.vendors.adf import adf_from_markdown
from services.vendors.jira import JiraClient, JiraLimits, done_for
from services.vendors.jira.search import jql_text, jql_time
from tests.vendors.settings import settings_for
from tests.vendors.site import ALICE, BOB, QUICK, Site


async def test_an_issue_is_read_with_its_parent_people_labels_and_links(site: Site) -> None:
    epic = site.create("APP", "The epic", "Epic")
    other = site.create("APP", "Comes first")
    issue = site.create(
        "APP",
        "Fix the printer",
        parent={"key": epic.key},
        labels=["hardware"],
        assignee={"accountId": BOB},
        description=adf_from_markdown("It **burns**.\n\n- again"),
    )
    site.sandbox.jira.add_link(ALICE, "Blocks", other, issue)
    found = await site.jira.issue(issue.key)
    assert (found.key, found.project_key, found.summary) == (issue.key, "APP", "Fix the printer")
    assert (found.issue_type, found.hierarchy_level) == ("Task", 0)
    assert found.description == "It burns.\n\n- again"
    assert found.parent is not None
    assert (found.parent.key, found.parent.hierarchy_level) == (epic.key, 1)
    assert found.assignee is not None
    assert (found.assignee.account_id, found.assignee.display_name) == (BOB, "Bob Brown")
    assert found.labels == ("hardware",)
    assert [(link.direction, link.phrase, link.key) for link in found.links] == [("inward", "is blocked by", other.key)]
    assert found.status.category == "new"
    assert found.updated_at == issue.updated.replace(microsecond=issue.updated.microsecond // 1000 * 1000)


async def test_an_unknown_key_is_said_plainly(site: Site) -> None:
    with pytest.raises(VendorNotFoundError, match=r"Jira knows no issue APP-999\.") as caught:
        await site.jira.issue("APP-999")
    assert caught.value.status == 404


@pytest.mark.parametrize("key", ["../myself", "APP-1/../../x", "", "APP", "APP-1?x=y", "💥"])
async def test_what_cannot_be_a_key_never_reaches_jira(site: Site, key: str) -> None:
    with pytest.raises(InvalidInputError):
        await site.jira.issue(key)
    assert site.calls() == []


async def test_a_search_for_ids_walks_all_pages(site: Site) -> None:
    keys = [site.create("APP", f"Issue {n}").key for n in range(7)]
    jira = JiraClient(site.jira._http, limits=JiraLimits(ids_per_page=3))
    pages = [page async for page in jira.search_ids("project = APP ORDER BY key ASC")]
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [ref.key for page in pages for ref in page] == keys
    assert all(ref.updated_at is None for page in pages for ref in page)


async def test_a_search_may_bring_the_updated_stamps(site: Site) -> None:
    old = site.create("APP", "Old")
    old.updated -= timedelta(days=3)
    new = site.create("APP", "New")
    since = jql_time(site.now() - timedelta(days=1))
    query = f"project in ({jql_text('APP')}) AND updated >= {since}"
    [page] = [page async for page in site.jira.search_ids(query, with_updated=True)]
    assert [ref.key for ref in page] == [new.key]
    assert page[0].updated_at is not None


async def test_an_unbounded_query_is_refused_in_jiras_words(site: Site) -> None:
    with pytest.raises(VendorRejectedError, match="Unbounded JQL"):
        await site.jira.count("ORDER BY key")


async def test_counting_and_parsing_jql(site: Site) -> None:
    site.create("APP", "One")
    assert await site.jira.count("project = APP") == 1
    good, bad = await site.jira.parse_jql("project = APP", "project = = APP")
    assert good.errors == ()
    assert bad.errors != ()


async def test_a_page_of_whole_issues(site: Site) -> None:
    for n in range(3):
        site.create("APP", f"Issue {n}")
    first = await site.jira.search_page("project = APP ORDER BY key", max_results=2)
    assert [issue.summary for issue in first.issues] == ["Issue 0", "Issue 1"]
    rest = await site.jira.search_page("project = APP ORDER BY key", max_results=2, token=first.next_page_token)
    assert [issue.summary for issue in rest.issues] == ["Issue 2"]
    assert rest.next_page_token is None


async def test_a_bulk_fetch_says_what_is_missing(site: Site) -> None:
    ids = [str(site.create("APP", f"Issue {n}").id) for n in range(3)]
    jira = JiraClient(site.jira._http, limits=JiraLimits(issues_per_fetch=2))
    result = await jira.bulk_fetch([*ids, "99999"])
    assert [issue.id for issue in result.issues] == ids
    assert result.missing == ("99999",)
    assert len(site.calls("bulkfetch")) == 2


async def test_changelogs_come_for_many_issues_by_pages(site: Site) -> None:
    issues = [site.create("APP", f"Issue {n}") for n in range(2)]
    for issue in issues:
        site.sandbox.jira.transition(BOB, issue, "11")
        site.sandbox.jira.edit(BOB, issue, {"summary": "Renamed"})
        site.sandbox.jira.assign(ALICE, issue, BOB)
    jira = JiraClient(site.jira._http, limits=JiraLimits(changes_per_page=1))
    changes = await jira.bulk_changelogs([str(issue.id) for issue in issues])
    assert {(c.issue_id, c.field) for c in changes} == {(str(i.id), f) for i in issues for f in ("status", "assignee")}
    status = next(change for change in changes if change.field == "status")
    assert (status.from_value, status.to_value, status.author_account_id) == ("To Do", "In Progress", BOB)
    assert abs(status.changed_at - site.now()) < timedelta(minutes=1)


async def test_only_offered_transitions_are_listed_and_one_is_done(site: Site) -> None:
    issue = site.create("APP", "Move me")
    offered = {transition.name: transition for transition in await site.jira.transitions(issue.key)}
    assert set(offered) == {"Start work", "Block"}
    assert offered["Start work"].to_status.name == "In Progress"
    await site.jira.transition(issue.key, offered["Start work"].id)
    assert issue.status.name == "In Progress"


async def test_an_impossible_transition_is_refused_in_jiras_words(site: Site) -> None:
    issue = site.create("APP", "Move me")
    with pytest.raises(VendorRejectedError, match="not valid for the current state") as caught:
        await site.jira.transition(issue.key, "31")
    assert not caught.value.outcome_unknown


async def test_edits_carry_who_is_behind_them(site: Site) -> None:
    issue, epic = site.create("APP", "Edit me"), site.create("APP", "Epic", "Epic")
    behind = done_for(actor_id="U1", actor_name="Alice", reason="took it over")
    await site.jira.edit_issue(
        issue.key,
        {"assignee": {"accountId": ALICE}, "priority": {"name": "High"}, "parent": {"key": epic.key}},
        history_metadata=behind,
    )
    found = await site.jira.issue(issue.key)
    assert found.assignee is not None
    assert found.parent is not None
    assert (found.assignee.account_id, found.priority, found.parent.key) == (ALICE, "High", epic.key)
    sent = site.calls(issue.key, method="PUT")[0].request
    assert sent["historyMetadata"]["description"] == "FlowPilot for Alice: took it over"
    await site.jira.edit_issue(issue.key, {"assignee": None})
    assert issue.assignee is None


async def test_a_refused_field_is_named(site: Site) -> None:
    issue = site.create("APP", "Edit me")
    with pytest.raises(VendorRejectedError, match="priority: "):
        await site.jira.edit_issue(issue.key, {"priority": {"name": "Nonsense"}})


async def test_a_comment_is_found_again_by_its_property(site: Site) -> None:
    issue = site.create("APP", "Talk")
    await site.jira.add_comment(issue.key, adf_from_markdown("Somebody else's"))
    mark = {"effect": "e-1"}
    added = await site.jira.add_comment(issue.key, adf_from_markdown("Ours *here*"), properties={"flowpilot": mark})
    found = await site.jira.find_comment(issue.key, "flowpilot", mark)
    assert found is not None
    assert (found.id, found.body) == (added.id, "Ours here")
    assert await site.jira.find_comment(issue.key, "flowpilot", {"effect": "e-2"}) is None


async def test_comments_are_changed_and_deleted(site: Site) -> None:
    issue = site.create("APP", "Talk")
    added = await site.jira.add_comment(issue.key, adf_from_markdown("First"))
    await site.jira.update_comment(issue.key, added.id, adf_from_markdown("Second"))
    assert [comment.body for comment in await site.jira.comments(issue.key)] == ["Second"]
    await site.jira.delete_comment(issue.key, added.id)
    assert await site.jira.comments(issue.key) == []
    with pytest.raises(VendorNotFoundError, match="Jira knows no comment"):
        await site.jira.delete_comment(issue.key, added.id)


async def test_comments_come_by_pages_newest_first(site: Site) -> None:
    issue = site.create("APP", "Talk")
    for n in range(5):
        await site.jira.add_comment(issue.key, adf_from_markdown(f"Number {n}"))
    jira = JiraClient(site.jira._http, limits=JiraLimits(comments_per_page=2))
    assert len(await jira.comments(issue.key)) == 5
    assert [comment.body for comment in await jira.comments(issue.key, limit=1)] == ["Number 4"]


async def test_issues_are_created_and_linked(site: Site) -> None:
    first = await site.jira.create_issue(
        {"project": {"key": "APP"}, "issuetype": {"name": "Task"}, "summary": "Blocker"}
    )
    second = site.create("APP", "Blocked")
    await site.jira.create_link("Blocks", from_key=first.key, to_key=second.key)
    found = await site.jira.issue(second.key)
    assert [(link.phrase, link.key) for link in found.links] == [("is blocked by", first.key)]


async def test_metadata_comes_through_the_library(site: Site) -> None:
    assert [priority.name for priority in await site.jira.priorities()][:2] == ["Highest", "High"]
    assert ("Blocks", "blocks") in [(kind.name, kind.outward) for kind in await site.jira.link_types()]
    assert "QA" in [status.name for status in await site.jira.statuses()]
    assert "summary" in [field.id for field in await site.jira.fields()]
    assert [user.account_id for user in await site.jira.find_users("bob@harborline.test")] == [BOB]
    assert await site.jira.find_users("nobody at all") == []


async def test_metadata_comes_through_our_client(site: Site) -> None:
    issue = site.create("APP", "Any")
    assert (await site.jira.myself()).account_id == "712020:flowpilot-service"
    info = await site.jira.server_info()
    assert info.server_time is not None
    assert abs(info.server_time - site.now()) < timedelta(minutes=1)
    assert [project.key for project in await site.jira.projects()] == ["APP", "OPS"]
    kinds = {kind.issue_type: kind for kind in await site.jira.project_statuses("APP")}
    assert "Code Review" in [status.name for status in kinds["Task"].statuses]
    assert {ALICE, BOB} <= {user.account_id for user in await site.jira.assignable_users(issue.key)}


@pytest.mark.parametrize("through_library", [True, False])
async def test_wrong_credentials_say_what_to_do_and_give_nothing_away(site: Site, through_library: bool) -> None:
    settings = settings_for(site.url, jira_api_token="wrong-secret")
    jira = JiraClient.from_settings(settings, policy=QUICK)
    with pytest.raises(VendorAuthError, match="JIRA_API_TOKEN") as caught:
        await (jira.priorities() if through_library else jira.myself())
    assert "wrong-secret" not in str(caught.value) + repr(caught.value.__cause__)
    await jira.close()


async def test_the_librarys_failures_have_the_same_kinds(site: Site) -> None:
    site.fail("status", path="/priority", status=500, times=None)
    with pytest.raises(Exception, match="Fault injected: 500") as caught:
        await site.jira.priorities()
    assert type(caught.value).__name__ == "VendorUnavailableError"
    assert len(site.calls("/priority")) == QUICK.attempts
