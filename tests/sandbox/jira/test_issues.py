"""What can be done to issues, and what Jira refuses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sandbox.jira.adf import adf_from_text, is_adf, text_from_adf
from tests.sandbox.vendor_server import Client, Vendors

API = "/rest/api/3"


def fields(**more: Any) -> dict[str, Any]:
    """Return a body that creates a task in SHOP."""
    return {"fields": {"project": {"key": "SHOP"}, "issuetype": {"name": "Task"}, "summary": "A task", **more}}


async def make(jira: Client, **more: Any) -> str:
    """Create an issue and return its path."""
    answer = await jira.post(f"{API}/issue", fields(**more))
    assert answer.status == 201, answer.body
    return f"{API}/issue/{answer.body['key']}"


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"project": {"key": "NOPE"}}, "project", "Specify a valid project ID or key"),
        ({"issuetype": {"name": "Saga"}}, "issuetype", "Specify a valid issue type"),
        ({"summary": " "}, "summary", "You must specify a summary of the issue."),
        ({"summary": "a\nb"}, "summary", "newline characters"),
        ({"summary": "x" * 256}, "summary", "less than 255 characters"),
        ({"description": "plain"}, "description", "Operation value must be an Atlassian Document"),
        ({"priority": {"name": "Urgent"}}, "priority", "Priority name 'Urgent' is not valid"),
        ({"assignee": {"accountId": "nobody"}}, "assignee", "User 'nobody' does not exist."),
        ({"labels": ["two words"]}, "labels", "contains spaces which is invalid"),
        ({"parent": {"key": "SHOP-99999"}}, "parent", "Could not find issue by id or key."),
        ({"issuetype": {"name": "Sub-task"}}, "issuetype", "sub-task but parent issue key or id not specified"),
        ({"customfield_99999": 1}, "customfield_99999", "It is not on the appropriate screen, or unknown."),
    ],
)
async def test_a_bad_value_names_its_field_and_creates_nothing(
    jira: Client, vendors: Vendors, change: dict[str, Any], field: str, words: str
) -> None:
    before = len(vendors.sandbox.jira.issues)
    answer = await jira.post(f"{API}/issue", fields(**change))
    assert answer.status == 400
    assert answer.body["errorMessages"] == []
    assert words in answer.body["errors"][field]
    assert len(vendors.sandbox.jira.issues) == before


async def test_a_parent_of_the_wrong_level_is_refused(jira: Client) -> None:
    task = (await make(jira)).rpartition("/")[2]
    answer = await jira.post(f"{API}/issue", fields(parent={"key": task}))
    assert "appropriate hierarchy" in answer.body["errors"]["parentId"]


async def test_a_sub_task_shows_on_its_parent(jira: Client) -> None:
    parent = await make(jira)
    child = await make(jira, issuetype={"name": "Sub-task"}, parent={"key": parent.rpartition("/")[2]})
    shown = (await jira.get(parent)).body["fields"]["subtasks"]
    assert [issue["key"] for issue in shown] == [child.rpartition("/")[2]]


async def test_an_edit_is_written_to_the_changelog_and_moves_updated(jira: Client, vendors: Vendors) -> None:
    path = await make(jira, labels=["a"])
    before = (await jira.get(path)).body["fields"]["updated"]
    vendors.sandbox.clock.advance(timedelta(minutes=5))
    body = {"fields": {"parent": {"key": "SHOP-1"}}, "update": {"labels": [{"add": "b"}, {"remove": "a"}]}}
    assert (await jira.put(path, body)).status == 204
    issue = (await jira.get(path, expand="changelog")).body
    assert issue["fields"]["labels"] == ["b"]
    assert issue["fields"]["parent"]["key"] == "SHOP-1"
    assert issue["fields"]["updated"] > before
    items = issue["changelog"]["histories"][0]["items"]
    assert {item["field"] for item in items} == {"IssueParentAssociation", "labels"}


async def test_an_edit_with_one_bad_field_changes_nothing(jira: Client) -> None:
    path = await make(jira)
    answer = await jira.put(path, {"fields": {"summary": "New", "priority": {"name": "Urgent"}}})
    assert answer.status == 400
    assert set(answer.body["errors"]) == {"priority"}
    assert (await jira.get(path)).body["fields"]["summary"] == "A task"


async def test_only_the_workflows_steps_are_offered_and_taken(jira: Client) -> None:
    path = await make(jira)
    offered = (await jira.get(f"{path}/transitions")).body["transitions"]
    assert {step["to"]["name"] for step in offered} == {"In Progress", "Blocked"}
    refused = await jira.post(f"{path}/transitions", {"transition": {"id": "31"}})
    assert refused.status == 400
    assert "not valid for the current state of this issue" in refused.body["errorMessages"][0]
    unknown = await jira.post(f"{path}/transitions", {"transition": {"id": "999"}})
    assert unknown.status == 400
    assert (await jira.get(path)).body["fields"]["status"]["name"] == "To Do"


async def test_done_sets_a_resolution_and_reopening_takes_it_back(jira: Client) -> None:
    path = await make(jira)
    for step in ("11", "41"):
        assert (await jira.post(f"{path}/transitions", {"transition": {"id": step}})).status == 204
    done = (await jira.get(path)).body["fields"]
    assert (done["resolution"]["name"], done["status"]["statusCategory"]["key"]) == ("Done", "done")
    assert done["resolutiondate"]
    await jira.post(f"{path}/transitions", {"transition": {"id": "91"}})
    assert (await jira.get(path)).body["fields"]["resolution"] is None


@pytest.mark.parametrize(
    ("project", "way"),
    [
        ("CPE", ["Investigation", "Plan", "Build & Test", "Pilot", "Rollout", "Verify", "Done"]),
        ("TOOLS", ["Plan Review", "In Progress", "In Testing", "Done"]),
    ],
)
async def test_each_workflow_can_be_walked_to_its_end(jira: Client, project: str, way: list[str]) -> None:
    path = await make(jira, project={"key": project})
    for status in way:
        offered = (await jira.get(f"{path}/transitions")).body["transitions"]
        step = next(s["id"] for s in offered if s["to"]["name"] == status)
        assert (await jira.post(f"{path}/transitions", {"transition": {"id": step}})).status == 204
    assert (await jira.get(path)).body["fields"]["status"]["name"] == "Done"


async def test_a_transition_with_a_bad_comment_moves_nothing(jira: Client) -> None:
    path = await make(jira)
    update = {"comment": [{"add": {"body": "plain"}}]}
    assert (await jira.post(f"{path}/transitions", {"transition": {"id": "11"}, "update": update})).status == 400
    shown = (await jira.get(path)).body["fields"]
    assert (shown["status"]["name"], shown["comment"]["total"]) == ("To Do", 0)


@pytest.mark.parametrize("body", ["plain", None, {}, {"type": "doc", "version": 1}, {"type": "doc", "content": []}])
async def test_a_comment_must_be_a_document(jira: Client, body: Any) -> None:
    path = await make(jira)
    answer = await jira.post(f"{path}/comment", {"body": body})
    assert answer.status == 400
    assert answer.body["errors"]["comment"] == "Comment body is not valid!"
    assert (await jira.get(f"{path}/comment")).body["total"] == 0


async def test_comments_come_in_the_order_asked_for_and_with_their_properties(jira: Client) -> None:
    path = await make(jira)
    for text in ("first", "second"):
        properties = [{"key": "marker", "value": text}]
        await jira.post(f"{path}/comment", {"body": adf_from_text(text), "properties": properties})
    newest = (await jira.get(f"{path}/comment", orderBy="-created", expand="properties")).body["comments"]
    assert [text_from_adf(comment["body"]) for comment in newest] == ["second", "first"]
    assert newest[0]["properties"] == [{"key": "marker", "value": "second"}]


async def test_an_issue_with_sub_tasks_is_deleted_only_with_them(jira: Client) -> None:
    parent = await make(jira)
    child = await make(jira, issuetype={"name": "Sub-task"}, parent={"key": parent.rpartition("/")[2]})
    assert (await jira.delete(parent)).status == 400
    assert (await jira.delete(parent, deleteSubtasks="true")).status == 204
    for path in (parent, child):
        gone = await jira.get(path)
        assert gone.status == 404
        assert gone.body["errorMessages"] == ["Issue does not exist or you do not have permission to see it."]


async def test_a_link_is_seen_from_both_ends_and_made_once(jira: Client) -> None:
    one, two = await make(jira), await make(jira)
    keys = {name: {"key": path.rpartition("/")[2]} for name, path in (("inwardIssue", one), ("outwardIssue", two))}
    for _ in range(2):
        assert (await jira.post(f"{API}/issueLink", {"type": {"name": "Blocks"}, **keys})).status == 201
    (link,) = (await jira.get(one)).body["fields"]["issuelinks"]
    assert (link["type"]["outward"], link["outwardIssue"]["key"]) == ("blocks", keys["outwardIssue"]["key"])
    (back,) = (await jira.get(two)).body["fields"]["issuelinks"]
    assert back["inwardIssue"]["key"] == keys["inwardIssue"]["key"]
    assert (await jira.delete(f"{API}/issueLink/{link['id']}")).status == 204
    assert (await jira.get(two)).body["fields"]["issuelinks"] == []


def test_text_survives_the_way_through_a_document() -> None:
    text = "One line\nand its second\n\nA paragraph"
    assert is_adf(adf_from_text(text))
    assert text_from_adf(adf_from_text(text)) == text
