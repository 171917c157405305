"""What people do about stuck work: ask somebody, comment, reassign, or say that it is not stuck (PM-5.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

from db.engine import Database
from db.repositories import alerts as alerts_repository
from db.repositories import pm_bottlenecks as repository
from services.accounts.types import MemberRef, Role, require_role
from services.alerts import Alerts, Finding, Outcome, Recipient, Status
from services.alerts.policy import severity_of
from services.alerts.thresholds import AlertThresholds
from services.alerts.types import Block
from services.clock import Now
from services.effects import Actor, Effects, Intent, Receipt
from services.errors import ConflictError, InvalidInputError, NotAllowedError
from services.pm.bottlenecks.listing import ASKED
from services.pm.bottlenecks.service import Bottlenecks
from services.pm.bottlenecks.stuck import AGENT, StuckItem
from services.pm.bottlenecks.types import ItemType

ASKED_KIND = "asked"


class AskRenderer(Protocol):
    """How a person is asked; `blocks.pm.bottlenecks` is one."""

    def asked(self, item: StuckItem, by: MemberRef, *, is_escalation: bool) -> tuple[str, tuple[Block, ...]]:
        """Return the message to who is asked."""
        ...


@dataclass(frozen=True)
class Asked:
    """Who was asked and how that went: `said` is "was asked", "is asked already", …; nobody when it had moved."""

    item: StuckItem
    people: tuple[tuple[MemberRef, str], ...] = ()

    @property
    def has_moved(self) -> bool:
        """Tell whether the item had moved, so that nobody was asked."""
        return self.item.resolved_at is not None


@dataclass(frozen=True)
class BottleneckActions:
    """Each checks the role, looks at the item in its system first, and does nothing to one that has moved."""

    database: Database
    stuck: Bottlenecks
    alerts: Alerts
    thresholds: AlertThresholds
    effects: Effects
    renderer: AskRenderer
    now: Now

    async def ping(self, stay_id: int, member: MemberRef, time_zone: str) -> Asked:
        """Ask who has the ball, once a day; its assignee may, and leads."""
        item = await self.stuck.fresh(stay_id, time_zone)
        check_right(item, member, "ask about this")
        people = [each for each in item.to_ask if each.id != member.id]
        if not people and item.resolved_at is None:
            hint = "“Reassign…” gives it to somebody, “Escalate to lead” asks their lead."
            raise InvalidInputError(f"There is nobody to ask about {item.key} but you.", hint=hint)
        return await self._ask(item, people, member, time_zone, is_escalation=False)

    async def escalate(self, stay_id: int, member: MemberRef, time_zone: str) -> Asked:
        """Ask the team's lead, or the PM where there is none or the lead asks; leads and PMs may."""
        require_role(member, Role.LEAD, "escalate stuck work")
        item = await self.stuck.fresh(stay_id, time_zone)
        above = [each for each in (item.people.lead, item.people.pm) if each is not None and each.id != member.id]
        if not above and item.resolved_at is None:
            raise InvalidInputError(
                f"{item.team or 'Its team'} has no lead, and {item.key} has no other PM.",
                hint="An admin can give somebody the role lead: `/flowpilot settings`.",
            )
        return await self._ask(item, above[:1], member, time_zone, is_escalation=True)

    async def _ask(
        self, item: StuckItem, people: Sequence[MemberRef], by: MemberRef, time_zone: str, *, is_escalation: bool
    ) -> Asked:
        if item.resolved_at is not None:
            return Asked(item)
        day = self.now().astimezone(ZoneInfo(time_zone)).date()
        text, blocks = self.renderer.asked(item, by, is_escalation=is_escalation)
        kind = "escalation" if is_escalation else "ping"
        findings = [
            Finding(
                dedupe_key=f"{ASKED}{item.id}:{kind}:{day}",
                agent=AGENT,
                severity=severity_of(AGENT, ASKED_KIND),
                recipient=Recipient.person(each),
                subject=f"{AGENT}:{item.key}",
                text=text,
                blocks=blocks,
                digestible=False,  # somebody waits for an answer
                facts={"item_key": item.key, "asked_by": by.id},
                kind=ASKED_KIND,
            )
            for each in people
        ]
        outcomes = await self.alerts.deliver(findings)
        return Asked(item, tuple((each, _said(o)) for each, o in zip(people, outcomes, strict=True)))

    async def comment(self, stay_id: int, member: MemberRef, time_zone: str) -> Receipt:
        """Comment on the ticket or pull request that it waits, once a day and person."""
        item = await self.stuck.fresh(stay_id, time_zone)
        check_right(item, member, "comment on this")
        self._still_there(item)
        is_ticket = item.item_type is ItemType.TICKET
        day = self.now().astimezone(ZoneInfo(time_zone)).date()
        return await self.effects.perform(
            Intent(
                operation="jira.comment" if is_ticket else "github.comment",
                target=item.key,
                arguments={"markdown": comment_text(item)},
                actor=Actor(member.id, member.display_name),
                reason=f"stuck in {item.status}",
                idempotency_key=f"{AGENT}:comment:{item.id}:{member.id}:{day}",
            )
        )

    async def reassign(
        self, stay_id: int, to: MemberRef, member: MemberRef, time_zone: str, idempotency_key: str
    ) -> Receipt:
        """Assign the ticket to somebody, or ask them to review the pull request; read back, with Undo.

        Raises `InvalidInputError` for somebody who is not linked there, and `ConflictError` when it has moved.
        """
        require_role(member, Role.LEAD, "reassign stuck work")
        item = await self.stuck.fresh(stay_id, time_zone)
        self._still_there(item)
        check_linked(item, to)
        is_ticket = item.item_type is ItemType.TICKET
        arguments = (
            {"account_id": to.jira_account_id, "name": to.display_name}
            if is_ticket
            else {"reviewers": [to.github_login]}
        )
        return await self.effects.perform(
            Intent(
                operation="jira.assign" if is_ticket else "github.request_reviewers",
                target=item.key,
                arguments=arguments,
                actor=Actor(member.id, member.display_name),
                reason=f"stuck in {item.status}",
                idempotency_key=idempotency_key,
            )
        )

    async def not_stuck(
        self, stay_id: int, member: MemberRef, time_zone: str, *, channel: str, ts: str
    ) -> tuple[StuckItem, bool]:
        """Note that a stay is not stuck, and that the alert was not useful; False when that was said before.

        The word counts for the alert on the item itself, else for the message in which it was said.
        """
        item = await self.stuck.item(stay_id, time_zone)
        check_right(item, member, "say that this is not stuck")
        is_new = await self.stuck.dismiss(stay_id, member.id, time_zone)
        if is_new:
            async with self.database.transaction(write=False) as session:
                told = await repository.told_of(session, f"{AGENT}:{item.key}", member.slack_user_id, ASKED)
                told = told or await repository.message_at(session, channel, ts)
            if told is not None and told.agent == AGENT:
                await self.alerts.record_feedback(told.id, member, useful=False)
                await self.thresholds.learn(AGENT)
        return await self.stuck.item(stay_id, time_zone), is_new

    async def stuck_after_all(self, stay_id: int, member: MemberRef, time_zone: str) -> tuple[StuckItem, bool]:
        """Take back that a stay is not stuck, and the word on its alert; False when that was done, or it has moved."""
        item = await self.stuck.item(stay_id, time_zone)
        check_right(item, member, "say that this is stuck")
        is_back = await self.stuck.restore(stay_id, time_zone)
        if is_back and item.dismissed_by is not None:
            async with self.database.transaction() as session:
                said_by = item.dismissed_by
                told = await repository.told_of(session, f"{AGENT}:{item.key}", said_by.slack_user_id, ASKED)
                word = await alerts_repository.feedback(session, told.id, said_by.id) if told else None
                if word is not None and not word.useful:
                    await session.delete(word)
        return await self.stuck.item(stay_id, time_zone), is_back

    @staticmethod
    def _still_there(item: StuckItem) -> None:
        if item.resolved_at is not None:
            raise ConflictError(f"{item.key} is no longer in {item.status}; nothing was changed.")


def check_right(item: StuckItem, member: MemberRef, what: str) -> None:
    """Raise `NotAllowedError` unless it is the member's own item, or they are a lead."""
    assignee = item.people.assignee
    is_own = assignee is not None and assignee.id == member.id
    if not is_own and not member.role.includes(Role.LEAD):
        raise NotAllowedError(f"Only who has {item.key}, leads and PMs can {what}; yours is the role *{member.role}*.")


def check_linked(item: StuckItem, to: MemberRef) -> None:
    """Raise `InvalidInputError` unless the person can be given the item."""
    is_ticket = item.item_type is ItemType.TICKET
    if not (to.jira_account_id if is_ticket else to.github_login):
        system = "Jira" if is_ticket else "GitHub"
        raise InvalidInputError(f"FlowPilot does not know the {system} account of {to.display_name}.")
    if not is_ticket and item.people.assignee and item.people.assignee.id == to.id:
        raise InvalidInputError(f"{to.display_name} opened it; GitHub lets nobody review their own pull request.")


def comment_text(item: StuckItem) -> str:
    """Return the comment in Markdown: whom it asks, and how long it waits."""
    is_ticket = item.item_type is ItemType.TICKET
    names = [each.display_name if is_ticket else f"@{each.github_login}" for each in item.to_ask]
    to = f"{', '.join(names)}: " if names else ""
    days = "1 day" if item.days == 1 else f"{item.days} days"
    return f"{to}this has been in {item.status} for {days}. Could you have a look, or say what it waits for?"


def _said(outcome: Outcome) -> str:
    why = outcome.decision.why
    if outcome.status is Status.SENT:
        return "was asked"
    if outcome.status is Status.HELD:
        return f"gets the message later ({why})"
    if outcome.status in (Status.FAILED, Status.RESERVED):
        return "gets the message as soon as Slack takes it"
    if why.startswith("snoozed"):
        return f"has {why} and was not asked"
    return "was asked today already"
