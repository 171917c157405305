"""Deliveries in the database: what is known of a recipient, reservations, and their ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.accounts import Member
from db.models.alerts import AlertDelivery
from db.repositories import alerts as repository
from services.alerts.decide import QuietHours, RecipientState, decide, start_of_day, zone_named
from services.alerts.snoozing import covering
from services.alerts.types import (
    MAX_WHOLE_BLOCKS,
    SETTLED,
    Absence,
    Action,
    AlertRenderer,
    Decision,
    DigestEntry,
    Finding,
    Severity,
    Snooze,
    Status,
    blocks_in_full,
    is_person,
)
from services.modes import RunMode

DEFAULT_DAILY_CAP = 5
QUIET_PREFERENCE = "quiet_hours"
CAP_PREFERENCE = "alert_daily_cap"
DIGEST_AGENT = "alerts.digest"
BUNDLE_AGENT = "alerts.bundle"
WHOLE_MESSAGES = frozenset({DIGEST_AGENT, BUNDLE_AGENT})
"""Deliveries that hold others: their blocks are all of the message."""

MAX_KEY, MAX_SUBJECT = 200, 200

_STATUS_OF = {Action.SEND: Status.RESERVED, Action.HOLD: Status.HELD, Action.FOLD: Status.FOLDED}


@dataclass
class Stored:
    """A finding, what was decided, and the delivery that is to be posted or waits; none in a dry run or when known."""

    finding: Finding
    decision: Decision
    row: AlertDelivery | None = None


def _cap(*preferences: Mapping[str, Any]) -> int:
    values = (each.get(CAP_PREFERENCE) for each in preferences)
    return next((v for v in values if isinstance(v, int) and v >= 0), DEFAULT_DAILY_CAP)


async def state_of(
    session: AsyncSession,
    recipient: str,
    now: datetime,
    *,
    absences: Mapping[str, Absence],
    mode: RunMode = RunMode.LIVE,
    member: Member | None = None,
) -> RecipientState:
    """Return what is known of a recipient but for a certain finding; a person's preferences go before the account's."""
    account = await repository.account(session)
    member = member or await repository.member(session, recipient)
    own = member.preferences if member else {}
    zone = zone_named(member.time_zone if member else account.time_zone, account.time_zone)
    counted = [Status.RESERVED, Status.SENT] + ([Status.SHADOW] if mode is RunMode.SHADOW else [])
    sent = await repository.sent_since(session, recipient, start_of_day(zone, now), counted, DIGEST_AGENT)
    quiet: Any = own.get(QUIET_PREFERENCE) or account.preferences.get(QUIET_PREFERENCE)
    return RecipientState(
        zone,
        QuietHours.from_preference(quiet),
        _cap(own, account.preferences),
        sent_today=sent,
        absence=absences.get(recipient),
    )


async def decide_and_store(
    session: AsyncSession,
    findings: Sequence[Finding],
    mode: RunMode,
    now: datetime,
    absences: Mapping[str, Absence],
    renderer: AlertRenderer,
) -> tuple[list[Stored], list[AlertDelivery]]:
    """Decide on an agent's findings for one recipient and keep the decisions: rows `RESERVED` before they are posted.

    Of several that are to be told now one message is made, which counts once for the cap. There are more bundles than
    one only where findings that have to be told in full do not fit into one.
    """
    recipient = findings[0].recipient
    await repository.lock_recipient(session, recipient.slack_id)
    state = await state_of(session, recipient.slack_id, now, mode=mode, absences=absences)
    snoozes: list[Snooze] = []
    if recipient.member_id is not None:
        rows = await repository.snoozes(session, recipient.member_id, now)
        snoozes = [Snooze(row.subject, row.until, row.fingerprint) for row in rows]
    stored: list[Stored] = []
    for finding in findings:
        # what goes into the same message takes one place in the day's cap together
        known = replace(state, snooze=covering(finding, snoozes, now))
        stored.append(await _store(session, finding, known, mode, now, renderer))
    sending = [each for each in stored if each.row is not None and each.decision.action is Action.SEND]
    sending = await _without_told_in_others(session, sending, mode)
    if mode is RunMode.SHADOW:
        _bundle_shadows(sending)
        return stored, []
    parts = [part for part in _parts(sending) if len(part) > 1]
    return stored, [await _bundle(session, part, now, renderer) for part in parts]


async def _without_told_in_others(session: AsyncSession, sending: Sequence[Stored], mode: RunMode) -> list[Stored]:
    """Settle what another message of the same moment says too, and return what is left to post."""
    rows = {each.finding.dedupe_key: each.row for each in sending}
    left: list[Stored] = []
    for each in sending:
        whole = rows.get(each.finding.told_in)
        if whole is None or each.row is None:
            left.append(each)
            continue
        each.row.bundled_in_id = whole.id
        if mode is RunMode.LIVE:
            each.row.status, each.row.why = Status.DIGESTED, "in a message that tells it too"
        else:
            each.row.sent_at = None
    await session.flush()
    return left


def _parts(sending: Sequence[Stored]) -> list[list[Stored]]:
    """Return what shares a message: all, unless they are too many and have to be in full."""
    in_full = [each for each in sending if not each.finding.digestible]
    if not in_full or _size(sending) <= MAX_WHOLE_BLOCKS:
        return [list(sending)]
    parts: list[list[Stored]] = [[each for each in sending if each.finding.digestible], []]
    for each in in_full:
        if _size([*parts[-1], each]) > MAX_WHOLE_BLOCKS:
            parts.append([])
        parts[-1].append(each)
    return parts


def _size(parts: Sequence[Stored]) -> int:
    return sum(blocks_in_full(each.finding.blocks) for each in parts) + 1


async def _store(
    session: AsyncSession,
    finding: Finding,
    state: RecipientState,
    mode: RunMode,
    now: datetime,
    renderer: AlertRenderer,
) -> Stored:
    key, recipient = finding.dedupe_key[:MAX_KEY], finding.recipient.slack_id
    row = await repository.delivery(session, key, recipient)
    is_known = row is not None and _is_settled(row, mode)
    decision = decide(finding, replace(state, already=row.status if row is not None and is_known else ""), now)
    # one that somebody else hears of is settled when they have been told
    if mode is RunMode.DRY_RUN or is_known or decision.action is Action.DELEGATE:
        return Stored(finding, decision)
    if row is None:
        row = AlertDelivery(dedupe_key=key, recipient=recipient, created_at=now)
        session.add(row)
    _fill(row, finding, decision, mode, now, renderer)
    await session.flush()
    return Stored(finding, decision, row)


def _is_settled(row: AlertDelivery, mode: RunMode) -> bool:
    # what was only recorded in shadow mode, or snoozed, may still be told
    return row.status in SETTLED or (mode is RunMode.SHADOW and row.status == Status.SHADOW)


def _fill(
    row: AlertDelivery, finding: Finding, decision: Decision, mode: RunMode, now: datetime, renderer: AlertRenderer
) -> None:
    row.agent = finding.agent
    row.severity = finding.severity
    row.subject = finding.subject[:MAX_SUBJECT]
    row.text = f"{finding.text}\n{decision.note}" if decision.note else finding.text
    row.blocks = list(finding.blocks)
    if decision.note:
        row.blocks = renderer.noted_blocks(finding.text, finding.blocks, decision.note)
    row.facts = dict(finding.facts)
    row.why = decision.why
    row.bundled_in_id = None
    if mode is RunMode.SHADOW:
        row.status = Status.SHADOW
        row.why = f"would {decision.action}: {decision.why}"
    else:
        row.status = _STATUS_OF.get(decision.action, Status.SNOOZED)
        row.created_at = now
    row.sent_at = now if decision.action is Action.SEND else None


def _bundle_shadows(together: Sequence[Stored]) -> None:
    first = together[0].row if together else None
    for each in together[1:]:
        assert first is not None
        assert each.row is not None
        each.row.bundled_in_id, each.row.sent_at = first.id, None


async def _bundle(
    session: AsyncSession, together: Sequence[Stored], now: datetime, renderer: AlertRenderer
) -> AlertDelivery:
    rows = [each.row for each in together if each.row is not None]
    agent, entries = rows[0].agent, [entry_of(row) for row in rows]
    gravest = max(entries, key=lambda entry: list(Severity).index(entry.severity)).severity
    bundle = AlertDelivery(
        dedupe_key=f"bundle:{rows[0].id}",
        recipient=rows[0].recipient,
        agent=BUNDLE_AGENT,
        severity=gravest,
        text=renderer.bundle_text(agent, entries),
        blocks=renderer.bundle_blocks(agent, entries, is_personal=is_person(rows[0].recipient)),
        status=Status.RESERVED,
        why=f"{len(rows)} of {agent} in one message",
        created_at=now,
        sent_at=now,
    )
    return await told_together(session, bundle, rows)


async def told_together(session: AsyncSession, message: AlertDelivery, rows: Sequence[AlertDelivery]) -> AlertDelivery:
    """Store a message with the deliveries that it tells, in the transaction that fixes it: each is in exactly one."""
    session.add(message)
    await session.flush()
    for row in rows:
        row.status, row.bundled_in_id = Status.DIGESTED, message.id
    await session.flush()
    return message


def entry_of(row: AlertDelivery) -> DigestEntry:
    """Return a delivery as an entry of a message that tells several."""
    return DigestEntry(row.id, row.agent, Severity(row.severity), row.subject, row.text, tuple(row.blocks))


async def store_delegated(session: AsyncSession, findings: Sequence[Finding], now: datetime) -> None:
    """Note that others were told of findings in a person's place, so that the person is not told of them again."""
    for finding in findings:
        key, recipient = finding.dedupe_key[:MAX_KEY], finding.recipient.slack_id
        row = await repository.delivery(session, key, recipient)
        if row is None:
            row = AlertDelivery(dedupe_key=key, recipient=recipient, created_at=now)
            session.add(row)
        elif _is_settled(row, RunMode.LIVE):
            continue
        row.agent, row.severity, row.subject = finding.agent, finding.severity, finding.subject[:MAX_SUBJECT]
        row.text, row.blocks, row.facts = finding.text, list(finding.blocks), {}
        row.status, row.why, row.sent_at, row.bundled_in_id = Status.DELEGATED, "somebody else was told", None, None
    await session.flush()
