"""The `jira` package, as it is, against the stand-in."""

from __future__ import annotations

import asyncio

import pytest
from jira import JIRA, Issue, JIRAError

from sandbox.jira.adf import adf_from_text
from tests.sandbox.vendor_server import Vendors


def connect(url: str, token: str = "jira-sandbox", version: str = "3") -> JIRA:
    """Connect as the service account."""
    return JIRA(
        server=f"{url}/jira",
        basic_auth=("flowpilot@sandbox.test", token),
        options={"rest_api_version": version},
        max_retries=0,
    )


async def test_the_library_works_unmodified(vendors: Vendors) -> None:
    def work() -> tuple[JIRA, Issue]:
        client = connect(vendors.url)
        fields = {"project": {"key": "SHOP"}, "issuetype": {"name": "Task"}, "summary": "From the library"}
        issue = client.create_issue(fields=fields)
        client.transition_issue(issue, "Start work")
        client.assign_issue(issue, "712020:bob")
        client.add_comment(issue, adf_from_text("hello"))
        issue.update(priority={"name": "High"})
        client.create_issue_link("Blocks", issue.key, "SHOP-10")
        return client, client.issue(issue.key, expand="changelog")

    client, read = await asyncio.to_thread(work)
    assert (read.fields.status.name, read.raw["fields"]["assignee"]["accountId"]) == ("In Progress", "712020:bob")
    assert read.fields.priority.name == "High"
    changed = [item.field for history in read.changelog.histories for item in history.items]
    assert {"status", "assignee", "priority"} <= set(changed)
    blocked = await asyncio.to_thread(client.issue, "SHOP-10")
    assert blocked.fields.issuelinks[0].inwardIssue.key == read.key
    found = await asyncio.to_thread(client.search_issues, "project = SHOP ORDER BY key", maxResults=0)
    assert len(found) == await asyncio.to_thread(client.approximate_issue_count, "project = SHOP")
    assert {project.key for project in await asyncio.to_thread(client.projects)} >= {"SHOP", "CPE"}
    assert (await asyncio.to_thread(client.myself))["displayName"] == "FlowPilot (service)"


async def test_the_library_sees_jiras_errors(vendors: Vendors) -> None:
    client = await asyncio.to_thread(connect, vendors.url)
    with pytest.raises(JIRAError, match="Comment body is not valid!"):
        await asyncio.to_thread(client.add_comment, "SHOP-10", "plain text")
    with pytest.raises(JIRAError, match="Issue does not exist") as missing:
        await asyncio.to_thread(client.issue, "SHOP-99999")
    assert missing.value.status_code == 404
    with pytest.raises(JIRAError) as refused:
        await asyncio.to_thread(connect, vendors.url, token="wrong")
    assert refused.value.status_code == 401


async def test_version_2_takes_and_gives_plain_text(vendors: Vendors) -> None:
    def talk() -> str:
        client = connect(vendors.url, version="2")
        client.add_comment("SHOP-11", "plain text")
        return str(client.comments("SHOP-11")[-1].body)

    assert await asyncio.to_thread(talk) == "plain text"
