"""Issues that an entity property marks: what an earlier attempt to create one left."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.vendors.jira.base import API, JiraPart, issue_path
from services.vendors.jira.search import in_chunks, jql_text, jql_time

SEARCH_PAGE = 100
MAX_PAGES = 20


class JiraMarks(JiraPart):
    """Entity properties cannot be searched without an app that declares them, so candidates are looked through."""

    async def subtask_marks(self, parent_key: str, name: str) -> dict[str, Any]:
        """Return the property `name` of an issue's sub-tasks that have it, by key; as fresh as a read."""
        raw = await self._http.request(
            "GET", issue_path(parent_key), params={"fields": "subtasks"}, missing=f"issue {parent_key}"
        )
        keys = [subtask["key"] for subtask in (raw.get("fields") or {}).get("subtasks") or []]
        found: dict[str, Any] = {}
        for asked in in_chunks(keys, self._limits.issues_per_fetch):
            body = {"issueIdsOrKeys": asked, "fields": ["summary"], "properties": [name]}
            answer = await self._http.request("POST", f"{API}/issue/bulkfetch", body=body)
            found |= _marks(answer, name)
        return found

    async def created_marks(self, project_key: str, name: str, since: datetime) -> dict[str, Any]:
        """Return the property `name` of what FlowPilot's user created in a project since then, by key.

        A search, so it lags some seconds behind writes.
        """
        jql = (
            f"project = {jql_text(project_key)} AND creator = currentUser() "
            f"AND created >= {jql_time(since)} ORDER BY created DESC"
        )
        body: dict[str, Any] = {"jql": jql, "fields": ["summary"], "properties": [name], "maxResults": SEARCH_PAGE}
        found: dict[str, Any] = {}
        for _ in range(MAX_PAGES):
            answer = await self._http.request("POST", f"{API}/search/jql", body=body)
            found |= _marks(answer, name)
            if answer.get("isLast", True) or not answer.get("nextPageToken"):
                break
            body["nextPageToken"] = answer["nextPageToken"]
        return found


def _marks(answer: dict[str, Any], name: str) -> dict[str, Any]:
    issues = answer.get("issues") or []
    return {issue["key"]: issue["properties"][name] for issue in issues if name in (issue.get("properties") or {})}
