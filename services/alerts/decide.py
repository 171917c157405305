"""Who hears of what, when: pure rules, no clock, no database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.alerts.types import Absence, Action, Decision, Finding, Severity, Snooze

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
    snooze: Snooze | None = None
    absence: Absence | None = None

    def why_quiet(self, now: datetime) -> str:
        """Return why the person is to be left alone now; "" when they are not."""
        if self.absence is not None:
            return self.absence.why
        return "quiet hours" if self.quiet.include(now.astimezone(self.zone)) else ""


def decide(finding: Finding, state: RecipientState, now: datetime) -> Decision:
    """Return what to do with a finding now."""
    if state.already:
        return Decision(Action.DROP, f"already {state.already}")
    snoozed = state.snooze is not None and now < state.snooze.until
    if finding.severity is Severity.CRITICAL:
        return _critical(state) if snoozed else Decision(Action.SEND, "critical")
    if not finding.recipient.is_person:
        return Decision(Action.SEND, "a channel is told at once")
    if snoozed:
        return Decision(Action.DROP, f"snoozed {_until(state)}")
    if state.absence is not None and state.absence.is_leave and finding.stand_in is not None:
        return Decision(Action.DELEGATE, f"{state.absence.why}: somebody else is told")
    later = Action.FOLD if finding.digestible else Action.HOLD
    if why := state.why_quiet(now):
        return Decision(later, why)
    if state.sent_today >= state.daily_cap:
        return Decision(later, f"{state.daily_cap} messages today already")
    return Decision(Action.SEND, "within hours and cap")


def _critical(state: RecipientState) -> Decision:
    note = f"You snoozed this {_until(state)}. It is critical, so you hear of it all the same."
    return Decision(Action.SEND, f"critical, although snoozed {_until(state)}", note)


def _until(state: RecipientState) -> str:
    assert state.snooze is not None
    until = f"until {state.snooze.until.astimezone(state.zone):%Y-%m-%d %H:%M}"
    return f"{until} or until it changes" if state.snooze.fingerprint else until


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


def zone_named(*names: str) -> ZoneInfo:
    """Return the first of these time zones that exists, else UTC."""
    for name in names:
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            continue
    return ZoneInfo("UTC")


def start_of_day(zone: ZoneInfo, now: datetime) -> datetime:
    """Return the local midnight before `now`, from which messages count towards the cap."""
    return datetime.combine(now.astimezone(zone).date(), time(), tzinfo=zone)
