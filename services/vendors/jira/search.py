"""Finding issues, and fetching many at once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

from services.vendors.jira.base import API, JiraPart
from services.vendors.jira.parse import parse_bulk, parse_changes, parse_issue, parse_ref
from services.vendors.types import JiraBulkResult, JiraChange, JiraIssueDetail, JiraIssueRef, JiraSearchPage, ParsedJql

ISSUE_FIELDS = (
    "summary", "description", "issuetype", "project", "status", "priority", "assignee", "reporter", "parent",
    "labels", "components", "issuelinks", "created", "updated", "resolutiondate", "duedate",
)  # fmt: skip
CHANGELOG_FIELDS = ("status", "assignee", "parent", "priority")


def jql_time(instant: datetime) -> str:
    """Return a time for JQL: epoch milliseconds, which no user's time zone can bend."""
    return str(int(instant.timestamp() * 1000))


def jql_text(value: str) -> str:
    """Return a JQL string literal."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


class JiraSearch(JiraPart):
    """Search, count, bulk fetch. A search lags some seconds behind writes."""

    async def search_ids(self, jql: str, *, with_updated: bool = False) -> AsyncIterator[list[JiraIssueRef]]:
        """Yield pages of issue ids and keys; up to 5000 a page, or 100 when their `updated` is asked for too.

        `jql` must be bounded: Jira refuses a query without any condition.
        """
        fields = ["key", "updated"] if with_updated else ["key"]
        token: str | None = None
        while True:
            raw = await self._search(jql, fields, self._limits.ids_per_page, token)
            yield [parse_ref(issue) for issue in raw.get("issues") or []]
            token = _next_token(raw, token)
            if token is None:
                return

    async def search_page(
        self, jql: str, *, max_results: int | None = None, token: str | None = None
    ) -> JiraSearchPage:
        """Return one page of whole issues; pass its `next_page_token` for the next."""
        size = min(max_results or self._limits.issues_per_page, self._limits.issues_per_page)
        raw = await self._search(jql, self._fields(), size, token)
        issues = tuple(parse_issue(issue, self._epic_link_field) for issue in raw.get("issues") or [])
        return JiraSearchPage(issues, _next_token(raw, token))

    async def _search(self, jql: str, fields: Sequence[str], size: int, token: str | None) -> dict[str, Any]:
        body: dict[str, Any] = {"jql": jql, "fields": list(fields), "maxResults": size}
        if token is not None:
            body["nextPageToken"] = token
        raw: dict[str, Any] = await self._http.request("POST", f"{API}/search/jql", body=body)
        return raw

    async def count(self, jql: str) -> int:
        """Return about how many issues a bounded query finds (Jira's own approximation)."""
        raw = await self._http.request("POST", f"{API}/search/approximate-count", body={"jql": jql})
        return int(raw["count"])

    async def parse_jql(self, *queries: str) -> list[ParsedJql]:
        """Return what Jira makes of queries: errors and warnings each."""
        raw = await self._http.request(
            "POST", f"{API}/jql/parse", params={"validation": "strict"}, body={"queries": list(queries)}
        )
        return [
            ParsedJql(query["query"], tuple(query.get("errors") or ()), tuple(query.get("warnings") or ()))
            for query in raw.get("queries") or []
        ]

    async def bulk_fetch(self, ids_or_keys: Sequence[str], fields: Sequence[str] | None = None) -> JiraBulkResult:
        """Fetch issues, as many calls as needed; none is silently lost: see `errors` and `missing`."""
        issues: list[JiraIssueDetail] = []
        errors: dict[str, str] = {}
        missing: list[str] = []
        for asked in in_chunks(list(ids_or_keys), self._limits.issues_per_fetch):
            body = {"issueIdsOrKeys": asked, "fields": list(fields or self._fields())}
            raw = await self._http.request("POST", f"{API}/issue/bulkfetch", body=body)
            result = parse_bulk(raw, asked, self._epic_link_field)
            issues += result.issues
            errors |= result.errors
            missing += result.missing
        return JiraBulkResult(tuple(issues), errors, tuple(missing))

    async def bulk_changelogs(
        self, issue_ids: Sequence[str], fields: Sequence[str] = CHANGELOG_FIELDS
    ) -> list[JiraChange]:
        """Fetch the changes of some fields (at most 10) of issues, oldest first, as many calls as needed."""
        wanted = list(dict.fromkeys([*fields, *([self._epic_link_field] if self._epic_link_field else [])]))
        changes: list[JiraChange] = []
        for asked in in_chunks(list(issue_ids), self._limits.issues_per_changelog_call):
            token: str | None = None
            while True:
                body = {"issueIdsOrKeys": asked, "fieldIds": wanted, "maxResults": self._limits.changes_per_page}
                if token is not None:
                    body["nextPageToken"] = token
                raw = await self._http.request("POST", f"{API}/changelog/bulkfetch", body=body)
                for log in raw.get("issueChangeLogs") or []:
                    for history in log.get("changeHistories") or []:
                        found = parse_changes(str(log["issueId"]), history)
                        changes += [change for change in found if change.field in wanted]
                token = _next_token(raw, token)
                if token is None:
                    break
        return changes

    def _fields(self) -> list[str]:
        return [*ISSUE_FIELDS, *([self._epic_link_field] if self._epic_link_field else [])]


def _next_token(raw: dict[str, Any], current: str | None) -> str | None:
    token = raw.get("nextPageToken")
    # a token that does not move on would be read for ever
    return None if raw.get("isLast") or not token or token == current else str(token)


def in_chunks(items: list[str], size: int) -> list[list[str]]:
    """Return `items` in lists of at most `size`."""
    return [items[start : start + size] for start in range(0, len(items), size)]
