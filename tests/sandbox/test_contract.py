"""Every answer of the stand-ins for Jira and Tempo, held against the vendors' own API descriptions."""

from __future__ import annotations

import importlib.util
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.sandbox.vendor_server import BASIC, SHARED, Answer, Client, Vendors, running

CONTRACT = SHARED / "vendor" / "contract.py"
EXTRACTS = SHARED / "vendor" / "extracts"
pytestmark = pytest.mark.skipif(
    not CONTRACT.exists(), reason="../shared with the vendors' API descriptions is not there"
)

# What the descriptions get wrong: (method, part of the path, part of the violation) and why it is let pass.
WRONG_IN_EXTRACT: tuple[tuple[str, str, str, str], ...] = (
    (
        "GET",
        "/remotelink",
        "is not of type",
        "the answer is described as one link; the vendor's own example is a list of links",
    ),
    (
        "POST",
        "/jql/parse",
        "queries/0/structure/where: ",
        "a clause forbids every property beside its anyOf, so that no clause could ever pass",
    ),
)
DOCUMENT = {
    "type": "doc",
    "version": 1,
    "content": [{"type": "paragraph", "content": [{"type": "text", "text": "hi"}]}],
}
V3 = "/rest/api/3"


def load(extract: str) -> Any:
    """Return a Contract of an extract, from the module beside the extracts."""
    spec = importlib.util.spec_from_file_location("vendor_contract", CONTRACT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Contract(EXTRACTS / extract)


def days(start: str, end: str | None = None) -> dict[str, Any]:
    """Return `from` and, if given, `to` as query arguments."""
    return {"from": start} | ({"to": end} if end else {})


class Checked:
    """A client that holds each request and each answer against a contract."""

    def __init__(self, client: Client, contract: Any) -> None:
        self._client = client
        self._contract = contract
        self.operations: set[tuple[str, str]] = set()

    async def __call__(
        self, status: int, method: str, path: str, json: Any = None, bad: bool = False, **query: Any
    ) -> Answer:
        """Call, expect a status, and fail on any violation; a `bad` request is meant to violate its description."""
        answer = await self._client.call(method, path, json, **query)
        assert answer.status == status, f"{method} {path}: {answer.status} {answer.body}"
        template, operation, _ = self._contract.op(method, path)
        assert operation is not None, f"no operation {method} {path}"
        self.operations.add((method, template))
        violations = [] if bad else self._contract.request(method, path, query=query, body=json)
        violations += self._contract.response(method, path, status, answer.body)
        assert [v for v in violations if not _known(method, path, v)] == []
        return answer


def _known(method: str, path: str, violation: str) -> bool:
    return any(m == method and p in path and v in violation for m, p, v, _ in WRONG_IN_EXTRACT)


@pytest.fixture
async def vendors() -> AsyncIterator[Vendors]:
    async with running() as served:
        yield served


@pytest.fixture
def jira(vendors: Vendors) -> Checked:
    return Checked(vendors.jira, load("jira-v3.json"))


@pytest.fixture
def tempo(vendors: Vendors) -> Checked:
    return Checked(vendors.tempo, load("tempo-v4.json"))


async def test_jiras_description_of_the_site_keeps_the_contract(jira: Checked) -> None:
    for path in ("serverInfo", "myself", "status", "priority", "issuetype", "field", "events", "users/search"):
        await jira(200, "GET", f"{V3}/{path}")
    await jira(200, "GET", f"{V3}/project/search", maxResults=2, expand="description,lead")
    await jira(200, "GET", f"{V3}/project/SHOP", expand="description")
    await jira(404, "GET", f"{V3}/project/NOPE")
    for project in ("SHOP", "CPE", "TOOLS"):
        await jira(200, "GET", f"{V3}/project/{project}/statuses")
    await jira(200, "GET", f"{V3}/project/SHOP/versions")
    await jira(200, "GET", f"{V3}/mypermissions", permissions="BROWSE_PROJECTS,ADD_COMMENTS", projectKey="SHOP")
    await jira(400, "GET", f"{V3}/mypermissions")
    await jira(200, "GET", f"{V3}/issue/createmeta/SHOP/issuetypes")
    answer = await jira(200, "GET", f"{V3}/issue/createmeta/SHOP/issuetypes/10004")
    assert {"summary", "parent"} <= {field["key"] for field in answer.body["fields"]}


async def test_jiras_users_keep_the_contract(jira: Checked) -> None:
    await jira(200, "GET", f"{V3}/user", accountId="712020:bob")
    await jira(404, "GET", f"{V3}/user", accountId="nobody")
    await jira(200, "GET", f"{V3}/user/email", accountId="712020:bob")
    await jira(200, "GET", f"{V3}/user/search", query="bob")
    await jira(200, "GET", f"{V3}/user/assignable/search", project="SHOP", query="s")
    answer = await jira(200, "GET", f"{V3}/user/bulk", accountId=["712020:bob", "712020:sam", "nobody"])
    assert [user["accountId"] for user in answer.body["values"]] == ["712020:bob", "712020:sam"]


async def test_jiras_searches_keep_the_contract(jira: Checked) -> None:
    jql = "project = SHOP ORDER BY updated DESC"
    fields = ["*all"]
    first = await jira(
        200,
        "POST",
        f"{V3}/search/jql",
        {"jql": jql, "fields": fields, "maxResults": 30, "expand": "changelog,names,schema"},
    )
    token = first.body["nextPageToken"]
    second = await jira(200, "POST", f"{V3}/search/jql", {"jql": jql, "fields": fields, "nextPageToken": token})
    assert not {each["key"] for each in first.body["issues"]} & {each["key"] for each in second.body["issues"]}
    await jira(200, "GET", f"{V3}/search/jql", jql=jql, fields="summary,status", maxResults=5)
    await jira(400, "POST", f"{V3}/search/jql", {"jql": jql, "startAt": 0}, bad=True)
    await jira(400, "POST", f"{V3}/search/jql", {"jql": "order by key"})
    await jira(200, "POST", f"{V3}/search/approximate-count", {"jql": jql})
    queries = [
        "project = SHOP AND (parent is EMPTY OR NOT labels in (a, b)) ORDER BY key",
        "universe = 42",
        "summary in",
    ]
    await jira(200, "POST", f"{V3}/jql/parse", {"queries": queries}, validation="strict")
    await jira(200, "POST", f"{V3}/jql/match", {"issueIds": [10001, 10002], "jqls": ["project = SHOP", "nonsense"]})


async def test_jiras_bulk_answers_keep_the_contract(jira: Checked) -> None:
    keys = [f"SHOP-{n}" for n in range(1, 41)]
    expand = ["changelog", "transitions", "names", "schema", "editmeta"]
    body = {"issueIdsOrKeys": [*keys, "SHOP-99999"], "fields": ["*all"], "expand": expand}
    await jira(200, "POST", f"{V3}/issue/bulkfetch", body)
    await jira(400, "POST", f"{V3}/issue/bulkfetch", {"issueIdsOrKeys": [f"SHOP-{n}" for n in range(101)]})
    first = await jira(200, "POST", f"{V3}/changelog/bulkfetch", {"issueIdsOrKeys": keys, "maxResults": 20})
    token = first.body["nextPageToken"]
    again = {"issueIdsOrKeys": keys, "maxResults": 20, "nextPageToken": token, "fieldIds": ["status"]}
    second = await jira(200, "POST", f"{V3}/changelog/bulkfetch", again)
    histories = [each for issue in second.body["issueChangeLogs"] for each in issue["changeHistories"]]
    assert histories
    assert all("status" in {item["fieldId"] for item in each["items"]} for each in histories)


async def test_what_is_done_to_an_issue_keeps_the_contract(jira: Checked) -> None:
    made = await jira(201, "POST", f"{V3}/issue", {"fields": _fields("SHOP", "A new ticket", description=DOCUMENT)})
    issue = f"{V3}/issue/{made.body['key']}"
    await jira(400, "POST", f"{V3}/issue", {"fields": _fields("SHOP", "")})
    await jira(200, "GET", issue, expand="changelog,transitions,names,schema,editmeta")
    await jira(404, "GET", f"{V3}/issue/SHOP-99999")
    await jira(204, "PUT", issue, {"fields": {"summary": "Another title"}, "update": {"labels": [{"add": "x"}]}})
    await jira(200, "PUT", issue, {"fields": {"priority": {"name": "High"}}}, returnIssue="true")
    await jira(204, "PUT", f"{issue}/assignee", {"accountId": "712020:bob"})
    await jira(400, "PUT", f"{issue}/assignee", {"accountId": "nobody"})
    await jira(200, "GET", f"{issue}/transitions", expand="transitions.fields")
    await jira(204, "POST", f"{issue}/transitions", {"transition": {"id": "11"}})
    await jira(400, "POST", f"{issue}/transitions", {"transition": {"id": "31"}})
    await jira(200, "GET", f"{issue}/changelog", maxResults=2)
    link = {"object": {"url": "https://example.test/1", "title": "A page"}, "globalId": "page=1"}
    await jira(201, "POST", f"{issue}/remotelink", link)
    await jira(200, "POST", f"{issue}/remotelink", link)
    await jira(200, "GET", f"{issue}/remotelink")
    answer = await jira(200, "GET", f"{issue}/remotelink", globalId="page=1")
    assert answer.body["object"]["title"] == "A page"


def _fields(project: str, summary: str, **more: Any) -> dict[str, Any]:
    return {"project": {"key": project}, "issuetype": {"name": "Task"}, "summary": summary, **more}


async def test_comments_and_worklogs_keep_the_contract(jira: Checked) -> None:
    issue = f"{V3}/issue/SHOP-10"
    properties = [{"key": "flowpilot", "value": {"by": "U0BOB"}}]
    comment = await jira(
        201, "POST", f"{issue}/comment", {"body": DOCUMENT, "properties": properties}, expand="properties"
    )
    number = comment.body["id"]
    await jira(400, "POST", f"{issue}/comment", {"body": "plain"})
    await jira(200, "PUT", f"{issue}/comment/{number}", {"body": DOCUMENT})
    await jira(200, "GET", f"{issue}/comment", orderBy="-created", expand="renderedBody,properties")
    await jira(200, "POST", f"{V3}/comment/list", {"ids": [int(number)]})
    started = "2026-11-17T12:34:00.000+0000"
    worklog = await jira(
        201, "POST", f"{issue}/worklog", {"timeSpentSeconds": 1800, "started": started, "comment": DOCUMENT}
    )
    answer = await jira(200, "GET", f"{issue}/worklog")
    assert worklog.body["id"] in {each["id"] for each in answer.body["worklogs"]}
    await jira(200, "POST", f"{V3}/worklog/list", {"ids": [int(worklog.body["id"])]})
    await jira(200, "GET", f"{V3}/worklog/updated", since=0)
    await jira(200, "GET", f"{V3}/worklog/deleted", since=0)


async def test_attachments_keep_the_contract(vendors: Vendors, jira: Checked) -> None:
    form = aiohttp.FormData()
    form.add_field("file", b"hello", filename="note.txt", content_type="text/plain")
    address = f"{vendors.jira.base}{V3}/issue/SHOP-10/attachments"
    headers = {"Authorization": BASIC, "X-Atlassian-Token": "no-check"}
    async with vendors.session.post(address, data=form, headers=headers) as response:
        body = await response.json()
    assert load("jira-v3.json").response("POST", f"{V3}/issue/SHOP-10/attachments", response.status, body) == []


async def test_tempos_worklogs_keep_the_contract(vendors: Vendors, tempo: Checked) -> None:
    state = vendors.sandbox
    project, issue = int(state.jira.projects["SHOP"].id), state.jira.by_key["SHOP-10"].id
    first = await tempo(200, "GET", "/4/worklogs", limit=5, orderBy="UPDATED", **days("2026-01-01"))
    assert first.body["metadata"]["next"].startswith(vendors.url)
    await tempo(200, "GET", "/4/worklogs", projectId=[project], updatedFrom="2026-01-01T00:00:00Z", limit=5000)
    body = {"authorIds": ["712020:bob"], "from": "2026-01-01", "orderBy": [{"field": "ID", "order": "DESC"}]}
    await tempo(200, "POST", "/4/worklogs/search", body, limit=3)
    team = next(iter(state.tempo.teams))
    for path in ("user/712020:bob", f"issue/{issue}", f"project/{project}", f"team/{team}"):
        await tempo(200, "GET", f"/4/worklogs/{path}", limit=2)
    await tempo(404, "GET", "/4/worklogs/issue/1")
    values = {"authorAccountId": "712020:bob", "startDate": "2026-11-17", "timeSpentSeconds": 3600}
    made = await tempo(200, "POST", "/4/worklogs", {**values, "issueId": issue, "startTime": "09:30:00"})
    number = made.body["tempoWorklogId"]
    await tempo(400, "POST", "/4/worklogs", {"issueId": issue}, bad=True)
    await tempo(200, "GET", f"/4/worklogs/{number}")
    await tempo(200, "GET", f"/4/worklogs/{number}/work-attribute-values")
    await tempo(200, "PUT", f"/4/worklogs/{number}", {**values, "description": "changed"})
    mapped = await tempo(200, "POST", "/4/worklogs/tempo-to-jira", {"tempoWorklogIds": [number]})
    jira_id = mapped.body["results"][0]["jiraWorklogId"]
    await tempo(200, "POST", "/4/worklogs/jira-to-tempo", {"jiraWorklogIds": [jira_id]})
    await tempo(204, "DELETE", f"/4/worklogs/{number}")
    await tempo(404, "DELETE", f"/4/worklogs/{number}")
    search = {"from": "2026-01-01T00:00:00Z", "entityType": ["worklog"], "action": ["Created", "Deleted"]}
    await tempo(200, "POST", "/4/papertrail/search", search, limit=1)


async def test_tempos_schedules_plans_and_teams_keep_the_contract(vendors: Vendors, tempo: Checked) -> None:
    state = vendors.sandbox.tempo
    dates = days("2026-11-01", "2026-11-30")
    await tempo(200, "GET", "/4/user-schedule", **dates)
    await tempo(200, "GET", "/4/user-schedule/712020:fatima", **dates)
    holidays, workload = next(iter(state.holiday_schemes)), next(iter(state.workloads))
    for path in (
        "workload-schemes",
        "workload-schemes/users/712020:fatima",
        f"workload-schemes/{workload}",
        f"workload-schemes/{workload}/members",
        "holiday-schemes",
        "holiday-schemes/users/712020:bob",
        f"holiday-schemes/{holidays}",
        f"holiday-schemes/{holidays}/holidays",
        "timesheet-approvals/waiting",
        "globalconfiguration",
        "teams",
    ):
        await tempo(200, "GET", f"/4/{path}")
    await tempo(404, "GET", "/4/teams/999999")
    team = next(iter(state.teams))
    for path in (f"teams/{team}", f"teams/{team}/members", f"team-memberships/team/{team}"):
        await tempo(200, "GET", f"/4/{path}")
    await tempo(200, "GET", "/4/timesheet-approvals/user/712020:bob", **days("2026-11-09"))
    await tempo(200, "GET", f"/4/timesheet-approvals/team/{team}", **days("2026-11-09"))
    await tempo(200, "GET", "/4/periods", **dates)
    await tempo(200, "GET", "/4/plans", **days("2026-01-01", "2027-12-31"), accountIds=["712020:mei"])
    await tempo(200, "POST", "/4/plans/search", {"from": "2026-01-01", "to": "2027-12-31", "limit": 2})
    await tempo(200, "GET", "/4/plans/user/712020:mei", **days("2026-01-01", "2027-12-31"))
    await tempo(200, "GET", f"/4/plans/{next(iter(state.plans))}")
