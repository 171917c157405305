"""Jira as the ticket's home: a note is a comment, a status a move that the workflow allows."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from services.commands.types import TicketKey
from services.effects import Effects, Intent, Receipt
from services.effects.jira.comments import MARK
from services.pilot.psa.types import Authorship, NoteKind, PsaNote, PsaStatus, PsaTicket
from services.vendors.jira import JiraClient
from services.vendors.jira.search import jql_text
from services.vendors.types import JiraIssueDetail

DONE = "done"


class JiraPsa:
    """Issues by their keys."""

    name = "jira"
    title = "Jira"

    def __init__(self, jira: JiraClient, effects: Effects) -> None:
        self._jira = jira
        self._effects = effects

    def label(self, ticket_id: str) -> str:
        """Return how people write the issue."""
        return ticket_id

    async def ticket(self, ticket_id: str) -> PsaTicket:
        """Read an issue; `VendorNotFoundError` when there is none."""
        return self._ticket(await self._jira.issue(ticket_id))

    @asynccontextmanager
    async def at_work(self, ticket_id: str, marker: str) -> AsyncIterator[PsaTicket]:
        """Yield the issue as it is now."""
        yield await self.ticket(ticket_id)

    async def search(self, text: str, *, limit: int = 20) -> list[PsaTicket]:
        """Return open issues whose words or key fit, the newest change first."""
        words = " ".join(re.sub(r"[^\w\s-]", " ", text).split())
        if (key := TicketKey.read(words)) is not None:
            fits = f"key = {key} AND "
        else:
            fits = f"text ~ {jql_text(words)} AND " if words else ""
        jql = f"{fits}statusCategory != Done ORDER BY updated DESC"
        page = await self._jira.search_page(jql, max_results=limit)
        return [self._ticket(issue) for issue in page.issues]

    async def statuses(self, ticket_id: str) -> list[PsaStatus]:
        """Return the issue's own status and those that its workflow leads to without asking for anything."""
        issue = await self._jira.issue(ticket_id)
        found = [PsaStatus(issue.status.name, issue.status.category == DONE)]
        for transition in await self._jira.transitions(ticket_id):
            target = transition.to_status
            if not transition.required_fields and all(each.name != target.name for each in found):
                found.append(PsaStatus(target.name, target.category == DONE))
        return found

    async def post_note(
        self, ticket_id: str, markdown: str, kind: NoteKind, marker: str, authorship: Authorship
    ) -> Receipt:
        """Comment on the issue unless a comment with the marker is there; Jira's comments are of one kind."""
        receipt = await self._perform("jira.note", ticket_id, {"markdown": markdown, "marker": marker}, authorship)
        return replace(receipt, after={**receipt.after, "note_id": str(receipt.after["comment_id"])})

    async def set_status(self, ticket_id: str, status: str, authorship: Authorship) -> Receipt:
        """Move the issue to a status."""
        return await self._perform("jira.transition", ticket_id, {"status": status}, authorship)

    async def _perform(
        self, operation: str, ticket_id: str, arguments: dict[str, Any], authorship: Authorship
    ) -> Receipt:
        intent = Intent(operation, ticket_id, arguments, authorship.actor, authorship.reason, authorship.key)
        return await self._effects.perform(intent)

    async def note_by_marker(self, ticket_id: str, marker: str) -> PsaNote | None:
        """Read the comment with that marker."""
        found = await self._jira.find_comment(ticket_id, MARK, marker)
        return PsaNote(found.id, self.url(ticket_id, found.id), found.body) if found else None

    def url(self, ticket_id: str, note_id: str | None = None) -> str:
        """Return the issue's page, or a comment on it."""
        page = f"{self._jira.site_url}/browse/{ticket_id}"
        return f"{page}?focusedCommentId={note_id}" if note_id else page

    def _ticket(self, issue: JiraIssueDetail) -> PsaTicket:
        return PsaTicket(
            provider=self.name,
            id=issue.key,
            label=issue.key,
            summary=issue.summary,
            status=issue.status.name,
            board=issue.project_key,
            company="",
            contact=issue.reporter.display_name if issue.reporter else "",
            priority=issue.priority or "",
            is_closed=issue.status.category == DONE,
            url=self.url(issue.key),
        )
