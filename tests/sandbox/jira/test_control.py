"""Jira as the page shows it and as people act in it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.vendor_server import Client, Vendors


@pytest.fixture
def control(vendors: Vendors) -> Client:
    return vendors.control


async def shown(control: Client, key: str) -> dict[str, Any]:
    """Return an issue as the page gets it."""
    body: dict[str, Any] = (await control.get(f"/jira/issue/{key}")).body
    return body


async def test_the_board_has_a_column_per_status_with_the_last_changed_first(control: Client, vendors: Vendors) -> None:
    projects = (await control.get("/jira/projects")).body["projects"]
    statuses = next(p["statuses"] for p in projects if p["key"] == "CPE")
    columns = (await control.get("/jira/board", project="CPE", limit=5)).body["columns"]
    assert [c["status"] for c in columns][: len(statuses)] == [s["name"] for s in statuses]
    assert sum(column["total"] for column in columns) == len(vendors.sandbox.jira.by_project["CPE"])
    for column in columns:
        stamps = [issue["updated"] for issue in column["issues"]]
        assert len(stamps) <= 5
        assert stamps == sorted(stamps, reverse=True)


async def test_the_board_can_be_searched(control: Client) -> None:
    columns = (await control.get("/jira/board", project="SHOP", q="gift card balance is charged")).body["columns"]
    assert [issue["epic"] for column in columns for issue in column["issues"]] == [None]


async def test_a_person_makes_and_changes_a_ticket(control: Client) -> None:
    new = {"user": "U0PRIYA", "project": "SHOP", "type": "Task", "summary": "By hand", "description": "Some words"}
    key = (await control.post("/jira/create", new)).body["key"]
    for operation, value in (
        ("assign", "U0SAM"),
        ("priority", "High"),
        ("parent", "SHOP-1"),
        ("summary", "By hand, better"),
        ("comment", "<!channel> look"),
        ("transition", "In Progress"),
    ):
        body = {"user": "U0BOB", "op": operation, "value": value}
        assert (await control.post(f"/jira/issue/{key}", body)).body == {"ok": True}
    issue = await shown(control, key)
    assert (issue["status"], issue["assignee"], issue["reporter"]) == ("In Progress", "Sam Okafor", "Priya Shah")
    assert (issue["priority"], issue["epic"], issue["summary"]) == ("High", "SHOP-1", "By hand, better")
    assert issue["description_text"] == "Some words"
    assert [(comment["author"], comment["text"]) for comment in issue["comments"]] == [
        ("Bob Carter", "<!channel> look")
    ]
    assert issue["history"][0]["items"] == [{"field": "status", "from": "To Do", "to": "In Progress"}]
    assert "Code Review" in {step["to"] for step in issue["transitions"]}
    assert (await control.post(f"/jira/issue/{key}", {"user": "U0BOB", "op": "delete"})).body == {"ok": True}
    assert (await control.get(f"/jira/issue/{key}")).status == 404


@pytest.mark.parametrize(
    "body",
    [
        {"user": "U0NOBODY", "op": "comment", "value": "x"},
        {"user": "U0BOB", "op": "dance"},
        {"user": "U0BOB", "op": "transition", "value": "Nowhere"},
        {"user": "U0BOB", "op": "priority", "value": "Urgent"},
        {"user": "U0BOB", "op": "parent", "value": "SHOP-99999"},
    ],
)
async def test_what_cannot_be_done_is_said_and_changes_nothing(control: Client, body: dict[str, Any]) -> None:
    before = await shown(control, "SHOP-10")
    answer = await control.post("/jira/issue/SHOP-10", body)
    assert answer.status == 400
    assert answer.body["error"]
    assert await shown(control, "SHOP-10") == before
