"""Feedback moves a threshold: within limits, slowly, on the record, and back again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from blocks import thresholds as look
from db.engine import Database
from db.models.accounts import AccountSettings
from db.models.alerts import AlertThreshold
from services.accounts.settings import settings_with_agents
from services.accounts.types import MemberRef, Role
from services.alerts import Alerts
from services.alerts.thresholds import AlertThresholds, ThresholdState
from services.alerts.tuning import (
    THRESHOLDS,
    TUNED,
    Direction,
    Limits,
    Threshold,
    decide_move,
    read_limits,
    share_above,
    show_limits,
)
from services.effects import AuditTrail
from services.errors import ConflictError, NotAllowedError
from tests.alerts.conftest import Clock, Slack, finding, make_member

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
HIGHER = next(each for each in TUNED if each.name == "deviation")
LOWER = Threshold("agent", "name", "Title", 0.7, "of 1", Limits(0.4, 0.9, 0.05), Direction.LOWER)
_VOTES = st.integers(0, 40)


def _sign(threshold: Threshold) -> int:
    return 1 if threshold.stricter is Direction.HIGHER else -1


@st.composite
def _standing(draw: st.DrawFn) -> tuple[Threshold, Limits, float]:
    threshold = draw(st.sampled_from([HIGHER, LOWER]))
    assert threshold.limits is not None
    low = threshold.default * draw(st.floats(0.3, 1.5))
    limits = Limits(low, low + draw(st.floats(0, 2)), draw(st.floats(0.01, 1)))
    return threshold, limits, limits.clamp(draw(st.floats(0, 5)))


@pytest.mark.requirement("PM-7.1")
@given(standing=_standing(), useful=_VOTES, not_useful=_VOTES)
def test_a_threshold_never_leaves_its_limits_nor_passes_its_default_when_it_loosens(
    standing: tuple[Threshold, Limits, float], useful: int, not_useful: int
) -> None:
    threshold, limits, current = standing
    move = decide_move(threshold, limits, current, useful, not_useful, None, NOW)
    if move is None:
        return
    assert limits.low <= move.value <= limits.high
    assert move.value != current
    if (move.value - current) * _sign(threshold) < 0:
        assert (move.value - limits.clamp(threshold.default)) * _sign(threshold) >= 0


@pytest.mark.requirement("PM-7.1")
@given(standing=_standing(), useful=_VOTES, not_useful=_VOTES, more=st.integers(1, 20))
def test_more_votes_against_never_loosen_it(
    standing: tuple[Threshold, Limits, float], useful: int, not_useful: int, more: int
) -> None:
    threshold, limits, current = standing

    def strictness(against: int) -> float:
        move = decide_move(threshold, limits, current, useful, against, None, NOW)
        return (move.value if move else current) * _sign(threshold)

    assert strictness(not_useful + more) >= strictness(not_useful)


def test_the_certainty_is_the_tail_of_the_beta_posterior() -> None:
    # Beta(1, 1) is uniform, Beta(2, 1) has the distribution function x², Beta(3, 2) is 4x³ - 3x⁴
    assert share_above(0, 0, 0.7) == pytest.approx(0.3)
    assert share_above(1, 0, 0.7) == pytest.approx(1 - 0.49)
    assert share_above(2, 1, 0.5) == pytest.approx(1 - (4 / 8 - 3 / 16))


@pytest.mark.parametrize(
    ("votes", "value"),
    [((0, 7), None), ((0, 8), 2.75), ((5, 5), 2.75), ((7, 3), None), ((20, 0), 2.25), ((7, 0), None)],
)
def test_it_takes_votes_enough_and_a_clear_word(votes: tuple[int, int], value: float | None) -> None:
    assert HIGHER.limits is not None
    move = decide_move(HIGHER, HIGHER.limits, 2.5, *votes, None, NOW)
    assert (move.value if move else None) == value
    assert decide_move(HIGHER, HIGHER.limits, 2.5, *votes, NOW - timedelta(days=6), NOW) is None


def test_one_threshold_of_an_agent_moves_and_what_was_agreed_is_fixed() -> None:
    assert len({each.agent for each in TUNED}) == len(TUNED)
    fixed = {each.agent for each in THRESHOLDS} - {each.agent for each in TUNED}
    assert fixed == {"retainer-budget", "time-tracking"}


def test_limits_are_read_as_they_are_shown_and_wrong_ones_say_why() -> None:
    assert read_limits("1.5 to 4", HIGHER) == Limits(1.5, 4, 0.25)
    assert read_limits("off", HIGHER).is_on is False
    for limits in (Limits(1, 3, 0.5), Limits(2, 3.5, 0.25, is_on=False)):
        assert read_limits(show_limits(limits), HIGHER).is_on == limits.is_on
    for wrong in ("3 to 2", "1 to 3 by 9", "many", "1 to 900"):
        with pytest.raises(ValueError, match=r"[A-Z]"):
            read_limits(wrong, HIGHER)
    spec = next(each for each in settings_with_agents([]) if each.key == HIGHER.setting)
    assert spec.read("2-4/0.5") == "2 to 4 by 0.5"


@pytest.fixture
def thresholds(database: Database, alerts: Alerts, clock: Clock) -> AlertThresholds:
    return AlertThresholds(database, alerts, AuditTrail(database, clock.now), look, clock.now)


async def _vote(alerts: Alerts, member: MemberRef, count: int, *, useful: bool, prefix: str) -> None:
    outcomes = await alerts.deliver([finding("C1", f"{prefix}{n}", agent="bottlenecks") for n in range(count)])
    for outcome in outcomes:
        await alerts.record_feedback(outcome.delivery_id or 0, member, useful)


@pytest.mark.requirement("PM-7.1", "TRUST-1")
async def test_votes_move_it_once_a_week_admins_hear_and_undo_puts_it_back(
    database: Database, alerts: Alerts, slack: Slack, clock: Clock, thresholds: AlertThresholds, priya: MemberRef
) -> None:
    admin = await make_member(database, "UADMIN", role=Role.ADMIN)
    assert await thresholds.value("bottlenecks", "deviation", 2.0) == 2.0
    await _vote(alerts, priya, 7, useful=False, prefix="a")
    assert await thresholds.learn("bottlenecks") is None
    await _vote(alerts, priya, 1, useful=False, prefix="b")
    move = await thresholds.learn("bottlenecks")
    assert move is not None
    assert await thresholds.learn("bottlenecks") is None
    assert await thresholds.value("bottlenecks", "deviation", 2.0) == 2.25
    (notice,) = [m for m in slack.messages if m.channel == "D-UADMIN"]
    assert notice.text == (
        "*Deviation from what is usual in a status* is now 2.25 robust standard deviations "
        "(was 2 robust standard deviations): 0 of 8 alerts were found useful: fewer alerts."
    )
    with pytest.raises(NotAllowedError):
        await thresholds.undo(move.id, priya)
    await thresholds.undo(move.id, admin)
    assert await thresholds.value("bottlenecks", "deviation", 2.0) == 2.0
    with pytest.raises(ConflictError):
        await thresholds.undo(move.id, admin)
    clock.at += timedelta(days=8)
    assert await thresholds.learn("bottlenecks") is None, "votes before the Undo no longer count"
    trail = await AuditTrail(database, clock.now).lines(target="bottlenecks deviation")
    assert sorted((line.before, line.after) for line in trail) == [(2.0, 2.25), (2.25, 2.0)]
    async with database.transaction(write=False) as session:
        assert len((await session.scalars(select(AlertThreshold))).all()) == 2


async def test_the_admins_limits_hold_also_for_what_was_moved_before(
    database: Database, alerts: Alerts, thresholds: AlertThresholds, clock: Clock, priya: MemberRef
) -> None:
    async with database.transaction() as session:
        session.add(AccountSettings(preferences={HIGHER.setting: "2.5 to 3 by 0.5"}, updated_at=clock.at))
    assert await thresholds.value("bottlenecks", "deviation", 2.0) == 2.5
    await _vote(alerts, priya, 8, useful=False, prefix="a")
    move = await thresholds.learn("bottlenecks")
    assert move is not None
    assert move.value == 3
    assert await thresholds.value("retainer-budget", "percent_75", 75) == 75
    text, _ = look.overview(await thresholds.states())
    assert "3 robust standard deviations, may move from 2.5 to 3 by 0.5" in text


def test_a_share_is_shown_and_typed_in_per_cent() -> None:
    limits = LOWER.limits
    assert limits is not None
    assert show_limits(limits, LOWER.unit) == "40 % to 90 % by 5 %"
    for typed in ("40 % to 90 % by 5 %", "40% to 90%", "40 to 90 by 5", "0.4 to 0.9 by 0.05"):
        assert read_limits(typed, LOWER) == limits
    with pytest.raises(ValueError, match=r"from 17\.5 % to 100 %"):
        read_limits("10 % to 90 %", LOWER)
    fixed = [ThresholdState(each, each.default, each.limits) for each in THRESHOLDS]
    text = look.overview(fixed)[0]
    assert "Share of the required hours: compliant (`time-tracking`): 80 %" in text
    assert "(`epic-assignment`): 70 %, may move from 70 % to 90 % by 5 %" in text
    assert "2 robust standard deviations, may move from 2 to 3.5 by 0.25" in text
