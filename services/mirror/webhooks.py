"""What Jira's webhooks tell: the mirror's fast path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from db.engine import Database
from db.repositories.mirror import issues as repository
from services.clock import Now
from services.errors import VendorNotFoundError
from services.mirror.jira_store import JiraStore
from services.mirror.rows import stored_change, stored_issue
from services.mirror.scope import Scopes
from services.vendors.jira import JiraClient
from services.vendors.jira.parse import parse_changes, parse_issue
from services.vendors.types import JiraChange, JiraIssueDetail

Json = dict[str, Any]
Outcome = Literal["stored", "deleted", "ignored"]
ISSUE_EVENTS = frozenset({"jira:issue_created", "jira:issue_updated"})
COMMENT_EVENTS = frozenset({"comment_created", "comment_updated", "comment_deleted"})


@dataclass(frozen=True, slots=True)
class JiraEvent:
    """What a webhook was about, and what the mirror did with it; `changes` are the fields that changed."""

    kind: str
    outcome: Outcome
    jira_id: str | None = None
    key: str | None = None
    changes: tuple[JiraChange, ...] = ()
    comment_id: str | None = None


class JiraWebhooks:
    """Takes webhooks in any order: the issue's own stamp decides, and the next pass completes its history."""

    def __init__(self, database: Database, jira: JiraClient, now: Now, store: JiraStore, scopes: Scopes) -> None:
        self._database = database
        self._jira = jira
        self._now = now
        self._store = store
        self._scopes = scopes

    async def handle(self, kind: str, payload: Json) -> JiraEvent:
        """Store what a webhook of `kind` (its webhookEvent) brings; one that concerns no issue is ignored."""
        raw = payload.get("issue")
        issue = raw if isinstance(raw, dict) else {}
        jira_id, key = str(issue.get("id") or ""), str(issue.get("key") or "")
        if kind == "jira:issue_deleted" and jira_id:
            async with self._database.transaction() as session:
                await repository.mark_deleted(session, [jira_id], self._now())
                await repository.orphan_children(session, [jira_id])
                await repository.relink(session)
            return JiraEvent(kind, "deleted", jira_id, key or None)
        if kind in ISSUE_EVENTS and jira_id:
            return await self._issue(kind, issue, jira_id, payload)
        if kind in COMMENT_EVENTS:
            comment_id = str((payload.get("comment") or {}).get("id") or "") or None
            found = await self._read(jira_id or _issue_of_comment(payload))
            outcome: Outcome = "stored" if found else "ignored"
            return JiraEvent(kind, outcome, jira_id or None, found.key if found else key or None, (), comment_id)
        return JiraEvent(kind, "ignored", jira_id or None, key or None)

    async def _issue(self, kind: str, raw: Json, jira_id: str, payload: Json) -> JiraEvent:
        read_at = self._now()
        changes = _changes(jira_id, payload)
        try:
            issue = parse_issue(raw, self._jira.epic_link_field)
        except (KeyError, ValueError, TypeError, AttributeError):
            # too little in the payload: Jira itself has it all
            found = await self._read(jira_id)
            return JiraEvent(kind, "stored" if found else "ignored", jira_id, found.key if found else None, changes)
        if not await self._is_ours(issue):
            return JiraEvent(kind, "ignored", issue.id, issue.key, changes)
        async with self._database.transaction() as session:
            await repository.store_issues(session, [stored_issue(issue, read_at=read_at, has_history=False)])
            await repository.store_changes(session, [stored_change(change) for change in changes])
            await repository.relink(session)
        return JiraEvent(kind, "stored", issue.id, issue.key, changes)

    async def _read(self, jira_id: str) -> JiraIssueDetail | None:
        read_at = self._now()
        if not jira_id:
            return None
        try:
            issue = await self._jira.issue(jira_id)
        except VendorNotFoundError:
            return None
        if not await self._is_ours(issue):
            return None
        await self._store.keep(issue, read_at)
        return issue

    async def _is_ours(self, issue: JiraIssueDetail) -> bool:
        scope = await self._scopes.current()
        if scope.project_keys is not None:
            return scope.covers(issue.project_key)
        # only a search can tell whether somebody's own JQL covers a new issue: the next pass brings it
        async with self._database.transaction(write=False) as session:
            return await repository.issue_of_id(session, issue.id) is not None


def _changes(jira_id: str, payload: Json) -> tuple[JiraChange, ...]:
    log = payload.get("changelog")
    if not isinstance(log, dict) or "id" not in log or "timestamp" not in payload:
        return ()
    history = {**log, "author": payload.get("user"), "created": payload["timestamp"]}
    return tuple(parse_changes(jira_id, history))


def _issue_of_comment(payload: Json) -> str:
    """Return the issue's id out of the comment's own address; "" where that does not tell."""
    parts = str((payload.get("comment") or {}).get("self", "")).split("/issue/")
    return parts[1].split("/")[0] if len(parts) == 2 and parts[1].split("/")[0].isdigit() else ""
