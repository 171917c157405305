"""One issue: reading it, and changing it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.vendors.jira.base import API, JiraPart, issue_path
from services.vendors.jira.parse import parse_issue, parse_transition
from services.vendors.jira.search import ISSUE_FIELDS
from services.vendors.problems import Effect
from services.vendors.types import CreatedIssue, JiraIssueDetail, JiraTransition


class JiraIssues(JiraPart):
    """Reads of one issue are fresh, unlike a search. Each write can carry who is behind it (`done_for`)."""

    async def issue(self, key: str) -> JiraIssueDetail:
        """Read an issue by key or id; `VendorNotFoundError` when Jira knows none."""
        fields = [*ISSUE_FIELDS, *([self._epic_link_field] if self._epic_link_field else [])]
        raw = await self._http.request(
            "GET", issue_path(key), params={"fields": ",".join(fields)}, missing=f"issue {key}"
        )
        return parse_issue(raw, self._epic_link_field)

    async def transitions(self, key: str) -> list[JiraTransition]:
        """Return the transitions that Jira offers for the issue now; ids differ by workflow."""
        raw = await self._http.request(
            "GET",
            issue_path(key, "/transitions"),
            params={"expand": "transitions.fields"},
            missing=f"issue {key}",
        )
        return [parse_transition(transition) for transition in raw.get("transitions") or []]

    async def transition(
        self,
        key: str,
        transition_id: str,
        *,
        fields: Mapping[str, Any] | None = None,
        history_metadata: Mapping[str, Any] | None = None,
    ) -> None:
        """Move an issue; a failure may have `outcome_unknown`, then read the status before trying again."""
        body: dict[str, Any] = {"transition": {"id": str(transition_id)}}
        if fields:
            body["fields"] = dict(fields)
        if history_metadata:
            body["historyMetadata"] = dict(history_metadata)
        await self._http.request(
            "POST", issue_path(key, "/transitions"), effect=Effect.ONCE, body=body, missing=f"issue {key}"
        )

    async def edit_issue(
        self, key: str, fields: Mapping[str, Any], *, history_metadata: Mapping[str, Any] | None = None
    ) -> None:
        """Set fields as Jira names them: `assignee` {"accountId"} or None, `priority` {"name"}, `parent` {"key"}."""
        body: dict[str, Any] = {"fields": dict(fields)}
        if history_metadata:
            body["historyMetadata"] = dict(history_metadata)
        await self._http.request("PUT", issue_path(key), effect=Effect.REPEATABLE, body=body, missing=f"issue {key}")

    async def create_issue(
        self,
        fields: Mapping[str, Any],
        *,
        properties: Mapping[str, Any] | None = None,
        history_metadata: Mapping[str, Any] | None = None,
    ) -> CreatedIssue:
        """Create an issue; `properties` mark it, so that it can be found again after a crash."""
        body: dict[str, Any] = {"fields": dict(fields)}
        if properties:
            body["properties"] = [{"key": key, "value": value} for key, value in properties.items()]
        if history_metadata:
            body["historyMetadata"] = dict(history_metadata)
        raw = await self._http.request("POST", f"{API}/issue", effect=Effect.ONCE, body=body)
        return CreatedIssue(id=str(raw["id"]), key=raw["key"])

    async def create_link(self, link_type: str, *, from_key: str, to_key: str) -> None:
        """Link two issues so that `from_key` does the type's outward phrase: "Blocks" makes it "blocks" `to_key`.

        Jira calls the issue that a link starts from "inward". It does not make an equal link twice.
        """
        body = {"type": {"name": link_type}, "inwardIssue": {"key": from_key}, "outwardIssue": {"key": to_key}}
        await self._http.request(
            "POST", f"{API}/issueLink", effect=Effect.ONCE, body=body, missing=f"issue {from_key} or {to_key}"
        )

    async def delete_link(self, link_id: str) -> None:
        """Remove a link; `VendorNotFoundError` when it was not there."""
        await self._http.request(
            "DELETE",
            f"{API}/issueLink/{int(link_id)}",
            effect=Effect.REPEATABLE,
            missing="that link",
            gone_is_done=True,
        )
