"""Epic assignment: look, list, and carry out what a PM decides (PM-6)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any
from weakref import WeakValueDictionary

from db.base import canonical_json
from db.engine import Database
from db.models.alerts import AlertDelivery
from db.models.pm import EpicAssignmentSuggestion
from db.repositories import alerts as alert_repository
from db.repositories import epics as repository
from db.tenancy import current_account_id
from services.accounts import Accounts
from services.accounts.types import MemberRef, Role, require_role
from services.clock import Now
from services.effects import Actor, Effects, EffectStatus, Intent
from services.errors import ConflictError, FlowPilotError, InvalidInputError, NotFoundError, VendorNotFoundError
from services.mirror import IssueRow, Mirror
from services.pm.epic_assignment import collect as collecting
from services.pm.epic_assignment.listing import (
    OPERATION,
    Surroundings,
    effect_key,
    effects_of,
    preview,
    project_list,
)
from services.pm.epic_assignment.records import count_decisions, store_findings
from services.pm.epic_assignment.types import (
    Assignment,
    BulkApproval,
    BulkOutcome,
    EpicChoice,
    EpicFindings,
    MessageParts,
    ProjectFindings,
    ProjectList,
    Scan,
    SuggestionItem,
)
from services.pm.epics.types import SUGGESTION_THRESHOLD
from services.settings import Settings
from services.slack.markup import escape

BULK_LIMIT = 60
"""Tickets approved at once: what a modal shows in full and a person can read."""

CHOICES = 100
"""Slack's limit of options in a select."""


class EpicAssignments:
    """What handlers and the agent ask for. Every write needs the role pm."""

    def __init__(
        self,
        database: Database,
        mirror: Mirror,
        effects: Effects,
        accounts: Accounts,
        settings: Settings,
        now: Now,
        threshold: Callable[[], Awaitable[float]] | None = None,
    ) -> None:
        self._database = database
        self._mirror = mirror
        self._effects = effects
        self._accounts = accounts
        self._settings = settings
        self._now = now
        self._threshold = threshold
        self._locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def collect(self, at: datetime, day: str) -> Scan:
        """Look at all scope projects for a run; raises the `VendorError` kinds when a stale mirror cannot be synced."""
        scan = await collecting.collect(self._database, self._mirror, self._settings, self._now, at=at, day=day)
        return replace(scan, threshold=await self._suggestion_threshold())

    async def _suggestion_threshold(self) -> float:
        return await self._threshold() if self._threshold else SUGGESTION_THRESHOLD

    async def record(self, findings: EpicFindings) -> None:
        """Store suggestions and the week's compliance; the same findings again change nothing."""
        async with self._database.transaction() as session:
            await store_findings(session, findings, self._now())

    async def list_of(self, project_key: str) -> ProjectList:
        """Return a project's newest list as it stands now."""
        async with self._database.transaction(write=False) as session:
            rows = await repository.newest_run(session, project_key)
            project = await repository.project(session, project_key)
        around = await self._surroundings(rows)
        return project_list(project_key, project.name if project else project_key, rows, around)

    async def preview(self, findings: ProjectFindings) -> ProjectList:
        """Return the list that findings would give, without storing them."""
        around = await self._around({p.suggested_epic for p in findings.proposals if p.suggested_epic}, ())
        return preview(findings.project.key, findings.project.name, findings.proposals, around)

    async def _surroundings(self, rows: Sequence[EpicAssignmentSuggestion]) -> Surroundings:
        epics = {key for row in rows for key in (row.suggested_epic, row.actual_epic) if key}
        return await self._around(epics, [row.ticket_key for row in rows if row.decided_at is not None])

    async def _around(self, epic_keys: set[str], decided_tickets: Sequence[str]) -> Surroundings:
        names = {epic.key: epic.summary for epic in await self._mirror.issues(keys=epic_keys)}
        members = {member.id: member for member in await self._accounts.members()}
        async with self._database.transaction(write=False) as session:
            effects = await repository.effects_on(session, OPERATION, decided_tickets)
        site_url, threshold = self._settings.jira_url.rstrip("/"), await self._suggestion_threshold()
        return Surroundings(names, members, effects, site_url, self._now(), threshold)

    async def recipients(self, findings: ProjectFindings) -> list[MemberRef]:
        """Return whom a project's message is for: its PM, or the admins where it has none."""
        members = await self._accounts.members()
        pms = [member for member in members if member.id == findings.project.pm_member_id]
        return pms or [member for member in members if member.role is Role.ADMIN]

    async def message_at(self, channel: str, ts: str) -> MessageParts | None:
        """Return the alert that a Slack message is; None when it is none of ours.

        Its blocks are those of the person's newest message about the project: that is the list that an old one shows
        when it is used.
        """
        async with self._database.transaction(write=False) as session:
            row = await repository.message_at(session, channel, ts)
            if row is None:
                return None
            prefix = row.dedupe_key.rpartition(":")[0] + ":"
            newest = await repository.newest_message(session, prefix, row.recipient)
            return MessageParts(row.id, tuple((newest or row).blocks))

    async def message_for(self, dedupe_key: str, slack_id: str) -> AlertDelivery | None:
        """Return the alert that was made of a finding for somebody."""
        async with self._database.transaction(write=False) as session:
            return await alert_repository.delivery(session, dedupe_key, slack_id)

    async def rewrite_message(self, delivery_id: int, text: str, blocks: Sequence[dict[str, Any]]) -> None:
        """Keep what a message says now, for its next change (or its posting, where it still waits)."""
        async with self._database.transaction() as session:
            row = await alert_repository.delivery_by_id(session, delivery_id)
            if row is not None:
                row.text, row.blocks = text, list(blocks)

    async def open_epics(self, ticket_key: str, typed: str) -> list[EpicChoice]:
        """Return the open epics of a ticket's project whose key or summary holds what was typed, newest first."""
        row = await self._newest(ticket_key)
        words = typed.casefold().split()
        return [
            EpicChoice(epic.key, epic.summary)
            for epic in reversed(await self._mirror.epics([row.project_key]))
            if not epic.is_done and all(word in f"{epic.key} {epic.summary}".casefold() for word in words)
        ][:CHOICES]

    async def assign(self, ticket_key: str, epic_key: str, member: MemberRef) -> Assignment:
        """Put a ticket under an epic in Jira, read back, and record who; harmless when it is decided already.

        Raises `NotAllowedError`, `NotFoundError` (no such suggestion or epic), `InvalidInputError` (an epic that the
        ticket may not get), and the `VendorError` kinds when Jira does not do it.
        """
        require_role(member, Role.PM, "assign epics")
        lock = self._locks.setdefault((current_account_id(), ticket_key), asyncio.Lock())
        async with lock:
            row = await self._newest(ticket_key)
            if row.decided_at is not None:
                return Assignment(row.project_key, ticket_key, await self._already(row))
            epic = await self._checked_epic(row, epic_key)
            try:
                issue = await self._mirror.refresh_issue(ticket_key)
            except VendorNotFoundError:
                await self._decide(row.id, None, None)
                return Assignment(row.project_key, ticket_key, f"{ticket_key} is no longer in Jira; nothing was done.")
            if issue.epic_key is not None:
                return await self._found_assigned(row, issue.epic_key)
            await self._perform(row, epic.key, member)
            await self._decide(row.id, epic.key, member.id)
            return Assignment(row.project_key, ticket_key)

    async def _newest(self, ticket_key: str) -> EpicAssignmentSuggestion:
        async with self._database.transaction(write=False) as session:
            row = await repository.newest_of_ticket(session, ticket_key)
        if row is None:
            raise NotFoundError(
                f"FlowPilot has no suggestion for {escape(ticket_key)}.",
                hint="The next run of the epic agent makes new ones.",
            )
        return row

    async def _checked_epic(self, row: EpicAssignmentSuggestion, epic_key: str) -> IssueRow:
        epic = await self._mirror.issue(epic_key)
        if epic is None or not epic.is_epic:
            shown = escape(epic_key)
            raise NotFoundError(f"There is no epic {shown}; nothing was changed.", hint="Choose one with “Other…”.")
        candidates = {candidate["epic_key"] for candidate in row.candidates}
        if epic.project_key != row.project_key and epic.key not in candidates:
            raise InvalidInputError(
                f"{epic.key} is an epic of {epic.project_key}, and {row.ticket_key} is in {row.project_key}; "
                "nothing was changed.",
                hint="Choose an epic of the same project.",
            )
        if epic.is_done:
            raise ConflictError(f"{epic.key} is closed by now; nothing was changed.", hint="Choose another epic.")
        return epic

    async def _already(self, row: EpicAssignmentSuggestion) -> str:
        members = {member.id: member.display_name for member in await self._accounts.members()}
        who = members.get(row.decided_by_member_id or 0, "")
        if row.actual_epic is None:
            said = f"was taken for review by {who}" if who else "needs no epic any more"
        else:
            said = f"was assigned to {row.actual_epic} " + (f"by {who}" if who else "in Jira")
        return f"{row.ticket_key} {said} already; nothing was changed."

    async def _found_assigned(self, row: EpicAssignmentSuggestion, epic_key: str) -> Assignment:
        """Record an epic that was there before the click: set in Jira, or by a click whose record was lost."""
        async with self._database.transaction(write=False) as session:
            effects = effects_of(row.id, await repository.effects_on(session, OPERATION, [row.ticket_key]))
        ours = [effect for effect in effects if effect.arguments.get("parent") == epic_key]
        await self._decide(row.id, epic_key, ours[-1].actor_member_id if ours else None)
        return Assignment(
            row.project_key, row.ticket_key, f"{row.ticket_key} has the epic {epic_key} already; nothing was changed."
        )

    async def _perform(self, row: EpicAssignmentSuggestion, epic_key: str, member: MemberRef) -> None:
        async with self._database.transaction(write=False) as session:
            effects = effects_of(row.id, await repository.effects_on(session, OPERATION, [row.ticket_key]))
        failed = [e for e in effects if e.arguments.get("parent") == epic_key and e.status == EffectStatus.FAILED]
        share = next((c["confidence"] for c in row.candidates if c["epic_key"] == epic_key), None)
        chosen = "chosen by hand" if share is None else f"suggested with {int(share * 100)} %"
        await self._effects.perform(
            Intent(
                operation=OPERATION,
                target=row.ticket_key,
                arguments={"parent": epic_key},
                actor=Actor(member.id, member.display_name),
                reason=f"epic assignment, {chosen}",
                idempotency_key=effect_key(row.id, epic_key, len(failed)),
            )
        )

    async def _decide(self, suggestion_id: int, epic_key: str | None, member_id: int | None) -> None:
        async with self._database.transaction() as session:
            row = await repository.by_id(session, suggestion_id)
            if row is None or row.decided_at is not None:
                return
            row.actual_epic, row.decided_by_member_id, row.decided_at = epic_key, member_id, self._now()
            row.accepted = None if epic_key is None else epic_key == row.suggested_epic
            await session.flush()
            await count_decisions(session, row.project_key, self._now())

    async def undo(self, ticket_key: str, effect_id: int, member: MemberRef) -> Assignment:
        """Take an assignment back; the next run asks again. `ConflictError` when it is too late, or changed since."""
        require_role(member, Role.PM, "assign epics")
        row = await self._newest(ticket_key)
        async with self._database.transaction(write=False) as session:
            effects = effects_of(row.id, await repository.effects_on(session, OPERATION, [ticket_key]))
        if effect_id not in {effect.id for effect in effects}:
            raise ConflictError(f"That is not the last assignment of {ticket_key}; nothing was changed.")
        await self._effects.undo(effect_id, Actor(member.id, member.display_name))
        async with self._database.transaction() as session:
            if stored := await repository.by_id(session, row.id):
                stored.accepted, stored.actual_epic = None, None
                await session.flush()
                await count_decisions(session, row.project_key, self._now())
        return Assignment(row.project_key, ticket_key)

    async def take_for_review(self, ticket_key: str, member: MemberRef) -> Assignment:
        """Note that a person looks at a ticket in Jira, so that the list no longer asks."""
        require_role(member, Role.PM, "assign epics")
        row = await self._newest(ticket_key)
        if row.decided_at is not None:
            return Assignment(row.project_key, ticket_key, await self._already(row))
        await self._decide(row.id, None, member.id)
        return Assignment(row.project_key, ticket_key)

    async def approval(self, project_key: str, member: MemberRef) -> BulkApproval:
        """Return the list that [Assign all above 90 %] is about now, with the hash that binds the approval to it."""
        require_role(member, Role.PM, "assign epics")
        items = (await self.list_of(project_key)).bulk[:BULK_LIMIT]
        return BulkApproval(project_key, items, list_hash(items))

    async def assign_all(self, project_key: str, pairs: Iterable[tuple[str, str]], member: MemberRef) -> BulkOutcome:
        """Assign exactly the approved (ticket, epic) pairs, one after the other; one failure stops no other."""
        require_role(member, Role.PM, "assign epics")
        assigned: list[str] = []
        skipped: list[tuple[str, str]] = []
        failed: list[tuple[str, str]] = []
        for ticket_key, epic_key in pairs:
            try:
                done = await self.assign(ticket_key, epic_key, member)
            except FlowPilotError as error:
                failed.append((ticket_key, error.message))
                continue
            if done.note:
                skipped.append((ticket_key, done.note))
            else:
                assigned.append(ticket_key)
        return BulkOutcome(project_key, tuple(assigned), tuple(skipped), tuple(failed))


def list_hash(items: Sequence[SuggestionItem]) -> str:
    """Return the hash of the list as it is shown: tickets, titles, epics, their names and the confidence in percent."""
    shown = [(i.ticket_key, i.summary, i.epic_key, i.epic_name, round(i.confidence * 100)) for i in items]
    return sha256(canonical_json(shown).encode()).hexdigest()
