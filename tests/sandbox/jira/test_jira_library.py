"""The `jira` package, as it is, against the stand-in."""

from __future__ import annotations

import asyncio

import pytest
from jira import JIRA, JIRAError

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
    await asyncio.to_thread(_work, vendors.url)


def _work(url: str) -> None:
    client = connect(url)
    assert client.myself()["displayName"] == "FlowPilot (service)"
    fields = {"project": {"key": "SHOP"}, "issuetype": {"name": "Task"}, "summary": "From the library"}
    issue = client.create_issue(fields=fields)
    client.transition_issue(issue, "Start work")
    client.assign_issue(issue, "712020:bob")
    client.add_comment(issue, adf_from_text("hello"))
    issue.update(priority={"name": "High"})
    read = client.issue(issue.key, expand="changelog")
    assert (read.fields.status.name, read.raw["fields"]["assignee"]["accountId"]) == ("In Progress", "712020:bob")
    assert read.fields.priority.name == "High"
    assert [item.field for history in read.changelog.histories for item in history.items][-1] == "status"
    client.create_issue_link("Blocks", issue.key, "SHOP-10")
    assert client.issue("SHOP-10").fields.issuelinks[0].inwardIssue.key == issue.key
    found = client.search_issues("project = SHOP ORDER BY key", maxResults=0)
    assert len(found) == client.approximate_issue_count("project = SHOP")
    assert {project.key for project in client.projects()} >= {"SHOP", "CPE"}


async def test_the_library_sees_jiras_errors(vendors: Vendors) -> None:
    await asyncio.to_thread(_fail, vendors.url)


def _fail(url: str) -> None:
    client = connect(url)
    with pytest.raises(JIRAError, match="Comment body is not valid!"):
        client.add_comment("SHOP-10", "plain text")
    with pytest.raises(JIRAError, match="Issue does not exist") as missing:
        client.issue("SHOP-99999")
    assert missing.value.status_code == 404
    with pytest.raises(JIRAError) as refused:
        connect(url, token="wrong")
    assert refused.value.status_code == 401


async def test_version_2_takes_and_gives_plain_text(vendors: Vendors) -> None:
    def talk() -> str:
        client = connect(vendors.url, version="2")
        client.add_comment("SHOP-11", "plain text")
        return str(client.comments("SHOP-11")[-1].body)

    assert await asyncio.to_thread(talk) == "plain text"
