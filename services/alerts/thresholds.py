"""Thresholds that learn from what people say of alerts, each move on the record and with a way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import Database
from db.models.alerts import AlertThreshold
from db.repositories import alerts as repository
from services.accounts.types import MemberRef, Role, require_role
from services.alerts.service import Alerts
from services.alerts.tuning import THRESHOLDS, TUNED, Limits, Move, Threshold, decide_move, read_limits
from services.alerts.types import Block, Finding, Recipient, Severity
from services.clock import Now
from services.effects import Actor, AuditTrail
from services.errors import ConflictError, NotFoundError

AGENT = "alerts.thresholds"
VOTES_COUNT_FOR = timedelta(days=90)
FLOWPILOT = Actor(None, "FlowPilot")

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ThresholdState:
    """A threshold as it stands; `limits` is None for a fixed one, votes are those since its last move."""

    threshold: Threshold
    value: float
    limits: Limits | None
    useful: int = 0
    not_useful: int = 0
    changed_at: datetime | None = None
    why: str = ""


@dataclass(frozen=True)
class ThresholdMove:
    """A move that was made."""

    id: int
    threshold: Threshold
    previous: float
    value: float
    why: str


class MoveRenderer(Protocol):
    """How a move looks; `blocks.thresholds` is one."""

    def moved(self, move: ThresholdMove) -> tuple[str, list[Block]]:
        """Return the notice to the admins."""
        ...


class AlertThresholds:
    """What agents ask for their thresholds, and what feedback makes of them."""

    def __init__(self, database: Database, alerts: Alerts, audit: AuditTrail, renderer: MoveRenderer, now: Now) -> None:
        self._database = database
        self._alerts = alerts
        self._audit = audit
        self._renderer = renderer
        self._now = now

    async def value(self, agent: str, name: str, default: float) -> float:
        """Return a threshold as it stands, within the limits that admins set; `default` where nothing may move it."""
        threshold = next((each for each in TUNED if (each.agent, each.name) == (agent, name)), None)
        if threshold is None:
            return default
        async with self._database.transaction(write=False) as session:
            return (await self._state(session, threshold)).value

    async def states(self) -> list[ThresholdState]:
        """Return every threshold, those that may move first."""
        async with self._database.transaction(write=False) as session:
            tuned = [await self._state(session, each) for each in TUNED]
        return tuned + [ThresholdState(each, each.default, None) for each in THRESHOLDS if each.limits is None]

    async def learn(self, agent: str) -> ThresholdMove | None:
        """Move the agent's threshold if what people said since its last move asks for it, and tell the admins."""
        threshold = next((each for each in TUNED if each.agent == agent), None)
        if threshold is None:
            return None
        async with self._database.transaction() as session:
            await repository.lock_recipient(session, threshold.setting)
            state = await self._state(session, threshold)
            assert state.limits is not None
            votes = (state.useful, state.not_useful)
            move = decide_move(threshold, state.limits, state.value, *votes, state.changed_at, self._now())
            if move is None:
                return None
            made = await self._store(session, state, move, FLOWPILOT)
            admins = [Recipient(admin.slack_user_id, admin.id) for admin in await repository.admins(session)]
        text, blocks = self._renderer.moved(made)
        key, subject = f"threshold:{made.id}", f"{AGENT}:{agent}"
        findings = [
            Finding(key, AGENT, Severity.INFO, admin, subject, text, blocks, digestible=False) for admin in admins
        ]
        await self._alerts.deliver(findings)
        return made

    async def undo(self, move_id: int, member: MemberRef) -> ThresholdMove:
        """Take the last move of a threshold back; votes before that no longer count.

        Raises `NotAllowedError` for anybody but admins, `NotFoundError`, and `ConflictError` when it moved since.
        """
        require_role(member, Role.ADMIN, "change thresholds")
        async with self._database.transaction() as session:
            row = await repository.threshold_move(session, move_id)
            threshold = next((each for each in TUNED if row and (each.agent, each.name) == (row.agent, row.name)), None)
            if row is None or threshold is None:
                raise NotFoundError("That change of a threshold is no longer known.")
            await repository.lock_recipient(session, threshold.setting)
            newest = await repository.newest_threshold(session, row.agent, row.name)
            if newest is not None and newest.id != row.id:
                raise ConflictError("That threshold has changed since.", hint="`/pm thresholds` shows it.")
            state = await self._state(session, threshold)
            move = Move(row.previous, f"taken back by {member.display_name}")
            return await self._store(session, state, move, Actor(member.id, member.display_name))

    async def _state(self, session: AsyncSession, threshold: Threshold) -> ThresholdState:
        account = await repository.account(session)
        limits = limits_of(threshold, account.preferences)
        newest = await repository.newest_threshold(session, threshold.agent, threshold.name)
        since = self._now() - VOTES_COUNT_FOR
        if newest is not None:
            since = max(since, newest.changed_at + timedelta.resolution)
        counts = await repository.feedback_counts(session, threshold.agent, since)
        tally = {useful: count for _, useful, count in counts}
        return ThresholdState(
            threshold,
            limits.clamp(newest.value if newest else threshold.default),
            limits,
            tally.get(True, 0),
            tally.get(False, 0),
            newest.changed_at if newest else None,
            newest.why if newest else "",
        )

    async def _store(self, session: AsyncSession, state: ThresholdState, move: Move, actor: Actor) -> ThresholdMove:
        threshold = state.threshold
        row = AlertThreshold(
            agent=threshold.agent,
            name=threshold.name,
            value=move.value,
            previous=state.value,
            useful=state.useful,
            not_useful=state.not_useful,
            why=move.why,
            changed_at=self._now(),
        )
        session.add(row)
        await session.flush()
        await self._audit.append(
            session,
            actor=actor,
            action="alerts.threshold",
            target=f"{threshold.agent} {threshold.name}",
            result="done",
            reason=move.why,
            before=state.value,
            after=move.value,
        )
        return ThresholdMove(row.id, threshold, state.value, move.value, move.why)


def limits_of(threshold: Threshold, preferences: Mapping[str, Any]) -> Limits:
    """Return a threshold's limits as the account has them; what cannot be read is the default."""
    assert threshold.limits is not None
    stored = preferences.get(threshold.setting)
    if stored is None:
        return threshold.limits
    try:
        return read_limits(str(stored), threshold)
    except ValueError as error:
        log.warning("limits_unreadable", setting=threshold.setting, why=str(error))
        return threshold.limits
