"""What alerts did with findings, as a run records it."""

from __future__ import annotations

from collections.abc import Iterable

from agents.spec import Message, RunMode
from services.alerts import Action, Outcome, Status

ON_ITS_WAY = frozenset({Status.SENT, Status.HELD, Status.FOLDED})
"""Statuses after which alerts see to it themselves that the person is told."""

_TOLD_BEFORE = frozenset(f"already {status}" for status in (*ON_ITS_WAY, Status.DIGESTED))


def is_told(outcome: Outcome) -> bool:
    """Tell whether the person was told, now or by an earlier run, or will be when their quiet hours end."""
    return outcome.status in ON_ITS_WAY or outcome.decision.why in _TOLD_BEFORE


def messages_of(outcomes: Iterable[Outcome], mode: RunMode) -> tuple[Message, ...]:
    """Return each finding as a message that was sent, would be sent, or was held back, and why."""
    return tuple(
        Message(o.finding.recipient.slack_id, o.finding.text, _said(o, mode), tuple(o.finding.blocks)) for o in outcomes
    )


def _said(outcome: Outcome, mode: RunMode) -> str:
    decision = outcome.decision
    if decision.action is Action.DROP:
        return f"not sent: {decision.why}"
    if mode is not RunMode.LIVE:
        return "would send" if decision.action is Action.SEND else f"would wait: {decision.why}"
    if outcome.status is Status.FAILED:
        return "not posted yet, will be tried again"
    return "sent" if decision.action is Action.SEND else f"held back: {decision.why}"
