"""Searching over the wire."""

from __future__ import annotations

import pytest

from tests.sandbox.vendor_server import Client, Vendors

SEARCH = "/rest/api/3/search/jql"
SHOP = "project = SHOP ORDER BY updated ASC"


async def test_walking_the_pages_gives_every_issue_once(jira: Client, vendors: Vendors) -> None:
    keys: list[str] = []
    body: dict[str, object] = {"jql": SHOP, "fields": ["updated"], "maxResults": 60}
    while True:
        answer = (await jira.post(SEARCH, body)).body
        keys += [issue["key"] for issue in answer["issues"]]
        assert answer["isLast"] == ("nextPageToken" not in answer)
        if answer["isLast"]:
            break
        body["nextPageToken"] = answer["nextPageToken"]
    assert len(keys) == len(set(keys))
    assert set(keys) == {issue.key for issue in vendors.sandbox.jira.by_project["SHOP"].values()}


async def test_pages_with_fields_end_at_100_and_pages_of_ids_at_5000(jira: Client) -> None:
    full = await jira.post(SEARCH, {"jql": "created <= now()", "fields": ["summary"], "maxResults": 5000})
    ids = await jira.post(SEARCH, {"jql": "created <= now()", "fields": ["key"], "maxResults": 5000})
    assert len(full.body["issues"]) == 100
    assert len(ids.body["issues"]) == 800


async def test_without_fields_there_is_only_an_id(jira: Client) -> None:
    answer = await jira.post(SEARCH, {"jql": SHOP, "maxResults": 1})
    assert set(answer.body["issues"][0]) == {"id"}
    assert not {"total", "startAt", "maxResults"} & answer.body.keys()


@pytest.mark.parametrize(
    "body",
    [
        {"jql": SHOP, "startAt": 0},
        {"jql": SHOP, "validateQuery": "strict"},
        {"jql": SHOP, "maxResults": 0},
        {"jql": SHOP, "maxResults": 5001},
        {"jql": SHOP, "fields": "summary"},
        {"jql": SHOP, "expand": ["changelog"]},
        {"jql": SHOP, "reconcileIssues": list(range(51))},
        {"jql": SHOP, "nextPageToken": "made-up"},
        {"jql": "order by updated"},
        {"jql": ""},
        {"jql": "project = "},
    ],
)
async def test_what_jira_refuses_is_refused(jira: Client, body: dict[str, object]) -> None:
    answer = await jira.post(SEARCH, body)
    assert answer.status == 400
    assert answer.body["errorMessages"]


async def test_a_token_belongs_to_its_query(jira: Client) -> None:
    first = await jira.post(SEARCH, {"jql": SHOP, "maxResults": 1})
    other = await jira.post(SEARCH, {"jql": "project = PORT", "nextPageToken": first.body["nextPageToken"]})
    assert other.status == 400


async def test_the_old_search_is_gone(jira: Client) -> None:
    for answer in (
        await jira.get("/rest/api/3/search", jql=SHOP),
        await jira.post("/rest/api/2/search", {"jql": SHOP}),
    ):
        assert answer.status == 410
        assert "CHANGE-2046" in answer.body["errorMessages"][0]


async def test_bulk_fetch_sorts_by_id_and_says_nothing_of_unseen_issues(jira: Client) -> None:
    keys = ["SHOP-9", "PORT-3", "SHOP-2", "SHOP-99999", "not a key"]
    answer = await jira.post("/rest/api/3/issue/bulkfetch", {"issueIdsOrKeys": keys, "fields": ["summary"]})
    ids = [int(issue["id"]) for issue in answer.body["issues"]]
    assert ids == sorted(ids)
    assert len(ids) == 3
    assert [error["id"] for error in answer.body["issueErrors"]] == ["not a key"]


async def test_bulk_fetch_takes_a_list_of_expands_and_100_issues(jira: Client) -> None:
    one = {"issueIdsOrKeys": ["SHOP-9"], "expand": "changelog"}
    many = {"issueIdsOrKeys": [str(n) for n in range(101)]}
    assert (await jira.post("/rest/api/3/issue/bulkfetch", one)).status == 400
    assert (await jira.post("/rest/api/3/issue/bulkfetch", many)).status == 400


async def test_changelogs_in_bulk_equal_the_changelogs_of_the_issues(jira: Client, vendors: Vendors) -> None:
    keys = [issue.key for issue in vendors.sandbox.jira.by_project["CPE"].values()]
    found: dict[str, list[str]] = {}
    body: dict[str, object] = {"issueIdsOrKeys": keys, "maxResults": 50}
    while True:
        answer = (await jira.post("/rest/api/3/changelog/bulkfetch", body)).body
        for entry in answer["issueChangeLogs"]:
            found.setdefault(entry["issueId"], []).extend(history["id"] for history in entry["changeHistories"])
        if "nextPageToken" not in answer:
            break
        body["nextPageToken"] = answer["nextPageToken"]
    issues = vendors.sandbox.jira.by_project["CPE"].values()
    assert found == {str(i.id): [str(h.id) for h in i.histories] for i in issues if i.histories}


async def test_wrong_credentials_get_401(jira: Client) -> None:
    jira.authorization = "Basic bm9ib2R5OnNlY3JldA=="
    assert (await jira.get("/rest/api/3/myself")).status == 401
