"""Who hears of what, when: pure rules, no clock, no database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.alerts.types import Action, Decision, Finding, Severity

SATURDAY = 5
DIGEST_AT = time(16)
LOOK_BACK_DAYS = 14


@dataclass(frozen=True)
class QuietHours:
    """When a person is left alone, on their own clock: from `start` to `end` (across midnight), and at weekends."""

    start: time = time(18)
    end: time = time(8)
    weekends: bool = True

    @classmethod
    def from_preference(cls, value: Mapping[str, Any] | None) -> QuietHours:
        """Read `{"start": "18:00", "end": "08:00", "weekends": true}`; what is missing or unreadable is the default."""
        given = value or {}
        return cls(
            start=_time(given.get("start"), cls.start),
            end=_time(given.get("end"), cls.end),
            weekends=bool(given.get("weekends", cls.weekends)),
        )

    def include(self, local: datetime) -> bool:
        """Tell whether a local time is quiet; with `start` equal to `end` only weekends are."""
        if self.weekends and local.weekday() >= SATURDAY:
            return True
        at = local.time()
        if self.start <= self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


def _time(value: object, default: time) -> time:
    try:
        return time.fromisoformat(str(value)) if value else default
    except ValueError:
        return default


@dataclass(frozen=True)
class RecipientState:
    """What is known of a recipient before deciding. `sent_today` counts single messages of their local day."""

    zone: ZoneInfo
    quiet: QuietHours
    daily_cap: int
    sent_today: int = 0
    already: str = ""
    snoozed_until: datetime | None = None


def decide(finding: Finding, state: RecipientState, now: datetime) -> Decision:
    """Return what to do with a finding now."""
    if state.already:
        return Decision(Action.DROP, f"already {state.already}")
    if finding.severity is Severity.CRITICAL:
        return Decision(Action.SEND, "critical")
    if not finding.recipient.is_person:
        return Decision(Action.SEND, "a channel is told at once")
    if state.snoozed_until is not None and now < state.snoozed_until:
        return Decision(Action.DROP, f"snoozed until {state.snoozed_until.astimezone(state.zone):%Y-%m-%d %H:%M}")
    later = Action.FOLD if finding.digestible else Action.HOLD
    if state.quiet.include(now.astimezone(state.zone)):
        return Decision(later, "quiet hours")
    if state.sent_today >= state.daily_cap:
        return Decision(later, f"{state.daily_cap} messages today already")
    return Decision(Action.SEND, "within hours and cap")


def last_digest_moment(state: RecipientState, now: datetime) -> datetime | None:
    """Return the latest instant up to `now` at which this person's digest is due: when quiet ends, and at 16:00."""
    return next((moment for moment in _moments_backwards(state, now) if moment <= now), None)


def _moments_backwards(state: RecipientState, now: datetime) -> Iterator[datetime]:
    today = now.astimezone(state.zone).date()
    at = {state.quiet.end, DIGEST_AT}
    for days in range(LOOK_BACK_DAYS):
        for moment in sorted(at, reverse=True):
            local = datetime.combine(today - timedelta(days=days), moment, tzinfo=state.zone)
            if not state.quiet.include(local):
                yield local


def start_of_day(zone: ZoneInfo, now: datetime) -> datetime:
    """Return the local midnight before `now`, from which messages count towards the cap."""
    return datetime.combine(now.astimezone(zone).date(), time(), tzinfo=zone)
