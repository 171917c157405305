"""Deliveries in the database: what is known of a recipient, reservations, and their ends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.accounts import Member
from db.models.alerts import AlertDelivery
from db.repositories import alerts as repository
from services.alerts.decide import QuietHours, RecipientState, decide, start_of_day
from services.alerts.types import SETTLED, Action, Decision, Finding, Status
from services.modes import RunMode

DEFAULT_DAILY_CAP = 5
QUIET_PREFERENCE = "quiet_hours"
CAP_PREFERENCE = "alert_daily_cap"
DIGEST_AGENT = "alerts.digest"
_MAX_KEY, _MAX_SUBJECT = 200, 200

_STATUS_OF = {Action.SEND: Status.RESERVED, Action.HOLD: Status.HELD, Action.FOLD: Status.FOLDED}


def _zone(*names: str) -> ZoneInfo:
    for name in names:
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            continue
    return ZoneInfo("UTC")


def _cap(*preferences: Mapping[str, Any]) -> int:
    values = (each.get(CAP_PREFERENCE) for each in preferences)
    return next((v for v in values if isinstance(v, int) and v >= 0), DEFAULT_DAILY_CAP)


async def state_of(
    session: AsyncSession, recipient: str, now: datetime, *, mode: RunMode = RunMode.LIVE, member: Member | None = None
) -> RecipientState:
    """Return what is known of a recipient but for a certain finding; a person's preferences go before the account's."""
    account = await repository.account(session)
    member = member or await repository.member(session, recipient)
    own = member.preferences if member else {}
    zone = _zone(member.time_zone if member else account.time_zone, account.time_zone)
    counted = [Status.RESERVED, Status.SENT] + ([Status.SHADOW] if mode is RunMode.SHADOW else [])
    sent = await repository.sent_since(session, recipient, start_of_day(zone, now), counted, DIGEST_AGENT)
    quiet: Any = own.get(QUIET_PREFERENCE) or account.preferences.get(QUIET_PREFERENCE)
    return RecipientState(zone, QuietHours.from_preference(quiet), _cap(own, account.preferences), sent_today=sent)


async def decide_and_store(
    session: AsyncSession, finding: Finding, mode: RunMode, now: datetime
) -> tuple[Decision, AlertDelivery | None]:
    """Decide on a finding and keep the decision: a row `RESERVED` before it is posted, so that it is told once.

    Without a row the finding was known already, or this is a dry run.
    """
    recipient = finding.recipient.slack_id
    await repository.lock_recipient(session, recipient)
    row = await repository.delivery(session, finding.dedupe_key[:_MAX_KEY], recipient)
    decision = await _decide(session, finding, row, mode, now)
    is_known = row is not None and _is_settled(row, mode)
    if mode is RunMode.DRY_RUN or is_known:
        return decision, None
    if row is None:
        row = AlertDelivery(dedupe_key=finding.dedupe_key[:_MAX_KEY], recipient=recipient, created_at=now)
        session.add(row)
    _fill(row, finding, decision, mode, now)
    await session.flush()
    return decision, row


async def _decide(
    session: AsyncSession, finding: Finding, row: AlertDelivery | None, mode: RunMode, now: datetime
) -> Decision:
    state = await state_of(session, finding.recipient.slack_id, now, mode=mode)
    snooze = None
    if finding.recipient.member_id is not None:
        snooze = await repository.snooze(session, finding.recipient.member_id, finding.subject[:_MAX_SUBJECT])
    known = RecipientState(
        state.zone,
        state.quiet,
        state.daily_cap,
        state.sent_today,
        already=row.status if row is not None and _is_settled(row, mode) else "",
        snoozed_until=snooze.until if snooze else None,
    )
    return decide(finding, known, now)


def _is_settled(row: AlertDelivery, mode: RunMode) -> bool:
    # what was only recorded in shadow mode, or snoozed, may still be told
    return row.status in SETTLED or (mode is RunMode.SHADOW and row.status == Status.SHADOW)


def _fill(row: AlertDelivery, finding: Finding, decision: Decision, mode: RunMode, now: datetime) -> None:
    row.agent = finding.agent
    row.severity = finding.severity
    row.subject = finding.subject[:_MAX_SUBJECT]
    row.text = finding.text
    row.blocks = list(finding.blocks)
    row.facts = dict(finding.facts)
    row.why = decision.why
    if mode is RunMode.SHADOW:
        row.status = Status.SHADOW
        row.why = f"would {decision.action}: {decision.why}"
    else:
        row.status = _STATUS_OF.get(decision.action, Status.SNOOZED)
        row.created_at = now
    row.sent_at = now if decision.action is Action.SEND else None
