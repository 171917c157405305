"""The rules of who hears of what, when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.alerts import Absence, Action, Finding, QuietHours, Recipient, RecipientState, Severity, Snooze, decide
from services.alerts.decide import last_digest_moment

UTC_ZONE = ZoneInfo("UTC")
PERSON, CHANNEL = Recipient("U1", 1), Recipient("C1")


def _finding(
    severity: Severity = Severity.WARNING, recipient: Recipient = PERSON, *, digestible: bool = True
) -> Finding:
    return Finding("k", "agent", severity, recipient, "s", "text", digestible=digestible)


def _state(zone: str = "UTC", sent: int = 0, already: str = "", absence: Absence | None = None) -> RecipientState:
    return RecipientState(ZoneInfo(zone), QuietHours(), 5, sent, already, absence=absence)


@pytest.mark.requirement("PM-7.1")
@pytest.mark.parametrize(
    ("local", "is_quiet"),
    [
        ("2026-11-18 07:59", True),
        ("2026-11-18 08:00", False),
        ("2026-11-18 17:59", False),
        ("2026-11-18 18:00", True),
        ("2026-11-18 00:00", True),
        ("2026-11-21 12:00", True),
        ("2026-11-22 12:00", True),
    ],
)
def test_nights_and_weekends_are_quiet(local: str, is_quiet: bool) -> None:
    assert QuietHours().include(datetime.fromisoformat(local)) is is_quiet


def test_quiet_hours_may_lie_within_a_day_and_weekends_may_be_open() -> None:
    lunch = QuietHours(time(12), time(13), weekends=False)
    assert lunch.include(datetime(2026, 11, 21, 12, 30, tzinfo=UTC))
    assert not lunch.include(datetime(2026, 11, 21, 13, 0, tzinfo=UTC))


def test_an_unreadable_preference_is_the_default() -> None:
    assert QuietHours.from_preference({"start": "late", "end": "09:30"}) == QuietHours(time(18), time(9, 30))
    assert QuietHours.from_preference(None) == QuietHours()


@pytest.mark.requirement("PM-7.1", "SYS-10")
def test_quiet_hours_are_on_the_persons_own_clock() -> None:
    noon = datetime(2026, 11, 18, 12, tzinfo=UTC)
    assert decide(_finding(), _state("Europe/Berlin"), noon).action is Action.SEND
    assert decide(_finding(), _state("America/Los_Angeles"), noon).action is Action.FOLD


def test_what_cannot_be_in_a_digest_is_held() -> None:
    night = datetime(2026, 11, 18, 22, tzinfo=UTC)
    assert decide(_finding(digestible=False), _state(), night).action is Action.HOLD
    assert decide(_finding(digestible=False), _state(sent=5), night.replace(hour=12)).action is Action.HOLD


def test_a_channel_is_told_at_any_hour() -> None:
    night = datetime(2026, 11, 21, 3, tzinfo=UTC)
    assert decide(_finding(recipient=CHANNEL), _state(sent=99), night).action is Action.SEND


_INSTANTS = st.integers(0, 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
_ZONES = st.sampled_from(["UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Pacific/Apia"])
_STATES = st.builds(
    RecipientState,
    zone=_ZONES.map(ZoneInfo),
    quiet=st.builds(QuietHours, st.times(), st.times(), st.booleans()),
    daily_cap=st.integers(0, 8),
    sent_today=st.integers(0, 12),
    already=st.just(""),
    snooze=st.none() | _INSTANTS.map(lambda until: Snooze("s", until)),
    absence=st.sampled_from([None, None, Absence("on leave", is_leave=True), Absence("a public holiday")]),
)
_FINDINGS = st.builds(
    _finding, st.sampled_from(list(Severity)), st.sampled_from([PERSON, CHANNEL]), digestible=st.booleans()
)


@pytest.mark.requirement("PM-7.1")
@given(finding=_FINDINGS, state=_STATES, now=_INSTANTS)
def test_critical_always_passes_and_a_person_gets_nothing_else_in_quiet_hours_or_over_the_cap(
    finding: Finding, state: RecipientState, now: datetime
) -> None:
    decision = decide(finding, state, now)
    if finding.severity is Severity.CRITICAL or finding.recipient == CHANNEL:
        assert decision.action is Action.SEND
    elif decision.action is Action.SEND:
        assert state.absence is None
        assert not state.quiet.include(now.astimezone(state.zone))
        assert state.sent_today < state.daily_cap
    elif decision.action is Action.DROP:
        assert state.snooze is not None
        assert now < state.snooze.until
    assert decision.why


@given(finding=_FINDINGS, now=_INSTANTS, status=st.sampled_from(["sent", "folded", "held", "reserved"]))
def test_what_was_told_or_waits_is_not_told_again(finding: Finding, now: datetime, status: str) -> None:
    assert decide(finding, _state(already=status), now).action is Action.DROP


@given(state=_STATES, now=_INSTANTS)
def test_a_digest_moment_is_past_and_outside_quiet_hours(state: RecipientState, now: datetime) -> None:
    moment = last_digest_moment(state, now)
    if moment is not None:
        assert moment <= now
        assert not state.quiet.include(moment.astimezone(state.zone))


@pytest.mark.requirement("PM-7.1")
def test_leave_has_others_stand_in_where_there_are_any_and_a_holiday_only_waits() -> None:
    noon = datetime(2026, 11, 18, 12, tzinfo=UTC)
    away, holiday = Absence("on leave", is_leave=True), Absence("a public holiday")
    urgent = replace(_finding(), stand_in=Recipient("U2", 2))
    assert decide(urgent, _state(absence=away), noon).action is Action.DELEGATE
    assert decide(_finding(), _state(absence=away), noon).action is Action.FOLD
    assert decide(urgent, _state(absence=holiday), noon).action is Action.FOLD
    assert decide(urgent, _state(), noon).action is Action.SEND
    assert decide(replace(urgent, severity=Severity.CRITICAL), _state(absence=away), noon).action is Action.SEND


def test_digests_are_due_when_quiet_hours_end_and_in_the_afternoon() -> None:
    thursday = datetime(2026, 11, 19, tzinfo=UTC)
    expected = {7: "2026-11-18T16", 8: "2026-11-19T08", 15: "2026-11-19T08", 16: "2026-11-19T16", 23: "2026-11-19T16"}
    moments = {hour: last_digest_moment(_state(), thursday + timedelta(hours=hour)) for hour in expected}
    assert {hour: f"{moment:%Y-%m-%dT%H}" for hour, moment in moments.items() if moment} == expected


def test_over_a_weekend_the_last_moment_is_fridays() -> None:
    moment = last_digest_moment(_state(), datetime(2026, 11, 22, 12, tzinfo=UTC))
    assert moment == datetime(2026, 11, 20, 16, tzinfo=UTC_ZONE)
