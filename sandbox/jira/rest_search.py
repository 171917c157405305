"""Searching: pages by token, counts, bulk fetches, and what JQL is worth."""

from __future__ import annotations

from collections import OrderedDict
from secrets import token_urlsafe
from typing import Any

from aiohttp import web

from sandbox.jira.errors import JiraError
from sandbox.jira.http import BAD_PAYLOAD, JiraCall, Route, answer
from sandbox.jira.jql import JqlError, compile_query, parse
from sandbox.jira.jql.structure import structure
from sandbox.jira.model import Issue
from sandbox.jira.render import Json
from sandbox.jira.render_issue import SEARCH_CHANGELOG_CAP, render_issue, render_properties, wanted_fields

REMOVED = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. "
    "A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)
UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
STALE_PAGE = "The provided next page token is invalid or has expired."
FULL_PAGE, ID_PAGE, BULK_LIMIT = 100, 5000, 100
TOKENS_KEPT = 500


class SearchPages:
    """The results that page tokens point into, so that a page costs no new search."""

    def __init__(self) -> None:
        self._results: OrderedDict[str, tuple[str, list[int], int]] = OrderedDict()

    def keep(self, jql: str, ids: list[int], position: int) -> str:
        """Keep a result and where its next page starts; return the token."""
        token = token_urlsafe(24)
        self._results[token] = (jql, ids, position)
        while len(self._results) > TOKENS_KEPT:
            self._results.popitem(last=False)
        return token

    def resume(self, token: str, jql: str) -> tuple[list[int], int]:
        """Return the result and where to go on; JiraError 400 for an unknown token or another query."""
        kept = self._results.get(token)
        if kept is None or kept[0] != jql:
            raise JiraError(400, STALE_PAGE)
        return kept[1], kept[2]


class SearchEndpoints:
    """Endpoints that find issues."""

    def __init__(self) -> None:
        self.pages = SearchPages()

    def routes(self) -> list[Route]:
        """Return what to serve."""
        return [
            ("GET", "search", self.removed),
            ("POST", "search", self.removed),
            ("GET", "search/jql", self.search_get),
            ("POST", "search/jql", self.search_post),
            ("POST", "search/approximate-count", self.count),
            ("POST", "jql/parse", self.parse),
            ("POST", "jql/match", self.match),
            ("POST", "issue/bulkfetch", self.bulk_fetch),
            ("POST", "changelog/bulkfetch", self.bulk_changelog),
        ]

    async def removed(self, call: JiraCall) -> web.StreamResponse:
        return answer({"errorMessages": [REMOVED], "errors": {}}, status=410)

    async def search_get(self, call: JiraCall) -> web.StreamResponse:
        if call.query.keys() & {"startAt", "validateQuery"}:
            raise JiraError(400, BAD_PAYLOAD)
        body: Json = {
            "jql": call.text("jql"),
            "fields": call.listed("fields"),
            "expand": ",".join(call.listed("expand")),
            "maxResults": call.number("maxResults", 50),
            "properties": call.listed("properties"),
            "reconcileIssues": [_whole(text) for text in call.listed("reconcileIssues")],
        }
        if token := call.text("nextPageToken"):
            body["nextPageToken"] = token
        return self._search(call, body)

    async def search_post(self, call: JiraCall) -> web.StreamResponse:
        body = call.object(
            "expand",
            "fields",
            "fieldsByKeys",
            "jql",
            "maxResults",
            "nextPageToken",
            "properties",
            "reconcileIssues",
        )
        _check_types(body)
        return self._search(call, {name: value for name, value in body.items() if value is not None})

    def _search(self, call: JiraCall, body: Json) -> web.StreamResponse:
        size = body.get("maxResults", 50)
        if not 1 <= size <= ID_PAGE:
            raise JiraError(400, f"The maxResults parameter must be between 1 and {ID_PAGE}.")
        if len(body.get("reconcileIssues", [])) > 50:
            raise JiraError(400, "The reconcileIssues parameter takes at most 50 issue ids.")
        if len(body.get("properties", [])) > 5:
            raise JiraError(400, "The properties parameter takes at most 5 properties.")
        jql = body.get("jql", "")
        token = body.get("nextPageToken")
        ids, start = self.pages.resume(token, jql) if token else ([issue.id for issue in found(call, jql)], 0)
        asked = body.get("fields") or ["id"]
        fields = wanted_fields(asked, "id")
        expand = [part.strip() for part in body.get("expand", "").split(",") if part.strip()]
        end = start + min(size, FULL_PAGE if fields or expand else ID_PAGE)
        issues = [call.state.issues[i] for i in ids[start:end] if i in call.state.issues]
        only_id = not expand and set(asked) == {"id"}
        rendered = [
            ({"id": str(i.id)} if only_id else render_issue(call.render, i, fields, expand, SEARCH_CHANGELOG_CAP))
            | render_properties(i, body.get("properties", []))
            for i in issues
        ]
        result: Json = {"issues": rendered, "isLast": end >= len(ids)}
        if end < len(ids):
            result["nextPageToken"] = self.pages.keep(jql, ids, end)
        return answer(result)

    async def count(self, call: JiraCall) -> web.StreamResponse:
        body = call.object("jql")
        if not isinstance(body.get("jql"), str):
            raise JiraError(400, BAD_PAYLOAD)
        return answer({"count": len(found(call, body["jql"]))})

    async def parse(self, call: JiraCall) -> web.StreamResponse:
        if call.text("validation", "strict") not in ("strict", "warn", "none"):
            raise JiraError(400, "The validation parameter must be strict, warn or none.")
        queries = call.object("queries").get("queries")
        if not isinstance(queries, list) or not queries or not all(isinstance(q, str) for q in queries):
            raise JiraError(400, "The queries parameter must be a list with at least one query.")
        return answer({"queries": [_parsed(call, query) for query in dict.fromkeys(queries)]})

    async def match(self, call: JiraCall) -> web.StreamResponse:
        body = call.object("issueIds", "jqls")
        ids, queries = body.get("issueIds"), body.get("jqls")
        if not isinstance(ids, list) or not isinstance(queries, list) or len(ids) > 1000 or len(queries) > 100:
            raise JiraError(400, BAD_PAYLOAD)
        issues = [call.state.issues[i] for i in ids if i in call.state.issues]
        matches: list[Json] = []
        for query in queries:
            try:
                test = compile_query(parse(query), call.state, call.asker()).matches
                matches.append({"matchedIssues": [issue.id for issue in issues if test(issue)], "errors": []})
            except JqlError as error:
                matches.append({"matchedIssues": [], "errors": error.messages})
        return answer({"matches": matches})

    async def bulk_fetch(self, call: JiraCall) -> web.StreamResponse:
        body = call.object("expand", "fields", "fieldsByKeys", "issueIdsOrKeys", "properties")
        keys, expand = body.get("issueIdsOrKeys"), body.get("expand") or []
        if not isinstance(keys, list) or not keys or not isinstance(expand, list):
            raise JiraError(400, BAD_PAYLOAD)
        if len(keys) > BULK_LIMIT:
            raise JiraError(400, f"The number of issues requested exceeds the limit of {BULK_LIMIT}.")
        issues = {issue.id: issue for key in keys if (issue := call.state.find(key))}
        fields = wanted_fields(body.get("fields") or [], "*navigable")
        properties = body.get("properties") or []
        rendered = [
            render_issue(call.render, issues[i], fields, expand) | render_properties(issues[i], properties)
            for i in sorted(issues)
        ]
        errors = [
            {"id": str(key), "errorMessage": f"Issue key '{key}' is not valid."}
            for key in keys
            if not _is_key(str(key))
        ]
        return answer({"issues": rendered, "issueErrors": errors})

    async def bulk_changelog(self, call: JiraCall) -> web.StreamResponse:
        body = call.object("fieldIds", "issueIdsOrKeys", "maxResults", "nextPageToken")
        keys, field_ids = body.get("issueIdsOrKeys"), body.get("fieldIds") or []
        size = body.get("maxResults", 1000)
        if not isinstance(keys, list) or not keys or not isinstance(size, int) or not 1 <= size <= 10_000:
            raise JiraError(400, BAD_PAYLOAD)
        if len(keys) > 1000 or len(field_ids) > 10:
            raise JiraError(400, "At most 1000 issues and 10 fields can be requested at once.")
        start = _whole(body.get("nextPageToken") or "0")
        issues = {issue.id: issue for key in keys if (issue := call.state.find(key))}
        entries = [
            (i, history)
            for i in sorted(issues)
            for history in issues[i].histories
            if not field_ids or any(item.field_id in field_ids for item in history.items)
        ]
        grouped: dict[int, list[Json]] = {}
        for issue_id, history in entries[start : start + size]:
            grouped.setdefault(issue_id, []).append(call.render.history(history))
        result: Json = {"issueChangeLogs": [{"issueId": str(i), "changeHistories": grouped[i]} for i in grouped]}
        if start + size < len(entries):
            result["nextPageToken"] = str(start + size)
        return answer(result)


def found(call: JiraCall, jql: str) -> list[Issue]:
    """Run a query; JiraError 400 with what is wrong with it."""
    try:
        query = parse(jql)
        if query.where is None:
            raise JiraError(400, UNBOUNDED)
        return compile_query(query, call.state, call.asker()).run()
    except JqlError as error:
        raise JiraError(400, *error.messages) from None


def _parsed(call: JiraCall, text: str) -> Json:
    try:
        query = parse(text)
        if call.text("validation", "strict") != "none":
            compile_query(query, call.state, call.asker())
    except JqlError as error:
        kind = "warnings" if call.text("validation") == "warn" else "errors"
        return {"query": text, kind: list(dict.fromkeys(error.messages))}
    return {"query": text, "structure": structure(query)}


def _check_types(body: Json) -> None:
    kinds: dict[str, type | tuple[type, ...]] = {
        "expand": str,
        "fields": list,
        "fieldsByKeys": bool,
        "jql": str,
        "maxResults": int,
        "nextPageToken": str,
        "properties": list,
        "reconcileIssues": list,
    }
    for name, value in body.items():
        if value is not None and not isinstance(value, kinds[name]):
            raise JiraError(400, BAD_PAYLOAD)


def _whole(text: Any) -> int:
    if not str(text).isdigit():
        raise JiraError(400, BAD_PAYLOAD)
    return int(text)


def _is_key(text: str) -> bool:
    project, dash, number = text.rpartition("-")
    return text.isdigit() or (bool(dash) and project.replace("_", "").isalnum() and number.isdigit())
