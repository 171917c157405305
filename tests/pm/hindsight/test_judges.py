"""Was it right? Each agent's claims against what happened, with numbers computed by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.pm import shadow as look
from services.pm.hindsight.judges import judge
from services.pm.hindsight.types import (
    EpicLater,
    Judgement,
    Later,
    LookBack,
    Sample,
    TrackRecord,
    Verdict,
    WeekCount,
    wilson,
)

TOLD = datetime(2026, 11, 16, 15, tzinfo=UTC)
HOUR = 3600
RIGHT, WRONG, OPEN = Verdict.RIGHT, Verdict.WRONG, Verdict.OPEN


def later(days: float, **known: Any) -> Later:
    now = TOLD + timedelta(days=days)
    return Later(now, now.date(), **known)


def verdict(agent: str, facts: dict[str, Any], known: Later, *, was_told: bool = False) -> Verdict:
    (judgement,) = judge(agent, facts, TOLD, was_told, known)
    assert judgement.because
    return judgement.verdict


@pytest.mark.requirement("JOIN-7")
@pytest.mark.parametrize(
    ("days", "logged_hours", "expected"), [(2, 26, RIGHT), (2, 25, OPEN), (14, 25, WRONG), (14, 40, RIGHT)]
)
def test_missing_hours_were_missing_when_half_of_them_is_logged_afterwards(
    days: int, logged_hours: int, expected: Verdict
) -> None:
    facts = {
        "member": 7,
        "week": "2026-11-09",
        "status": "non_compliant",
        "logged_seconds": 12 * HOUR,
        "required_seconds": 40 * HOUR,
    }
    known = later(days, logged={(7, "2026-11-09"): logged_hours * HOUR})
    assert verdict("time-tracking", facts, known) is expected
    summary = {"people": [facts, facts | {"status": "compliant", "member": 8}]}
    assert len(judge("time-tracking", summary, TOLD, False, known)) == 1


@pytest.mark.requirement("JOIN-7")
@pytest.mark.parametrize(
    ("today", "hours", "expected"),
    [
        (date(2026, 12, 3), 96, OPEN),
        (date(2026, 12, 4), 96, RIGHT),
        (date(2026, 12, 4), 111, WRONG),
        (date(2026, 12, 4), 89, WRONG),
    ],
)
def test_a_budget_alert_is_right_when_the_month_ends_in_its_range_and_over_its_threshold(
    today: date, hours: int, expected: Verdict
) -> None:
    facts = {
        "project": "ACME",
        "month": "2026-11",
        "threshold": 90,
        "consumed_seconds": 91 * HOUR,
        "retainer_seconds": 100 * HOUR,
        "projected_seconds": 100 * HOUR,
        "projected_low_seconds": 85 * HOUR,
        "projected_high_seconds": 110 * HOUR,
    }
    known = replace(later(0, month_seconds={("ACME", "2026-11"): hours * HOUR}), today=today)
    assert verdict("retainer-budget", facts, known) is expected


@pytest.mark.requirement("JOIN-7")
@pytest.mark.parametrize(
    ("window", "days", "hours", "is_done", "expected"),
    [
        ("since inception", 20, 130, False, OPEN),
        ("since inception", 21, 130, False, RIGHT),
        ("since inception", 1, 130, True, RIGHT),
        ("since inception", 21, 120, False, WRONG),
        ("month to date", 10, 130, False, OPEN),
        ("month to date", 18, 130, False, RIGHT),
    ],
)
def test_a_variance_is_judged_three_weeks_later_or_when_epic_or_month_end(
    window: str, days: int, hours: int, is_done: bool, expected: Verdict
) -> None:
    facts = {
        "epic": "SHOP-5",
        "window": window,
        "variance_percent": 25.0,
        "actual_seconds": 125 * HOUR,
        "forecast_seconds": 100 * HOUR,
    }
    known = later(days, epics={"SHOP-5": EpicLater(hours * HOUR, {"2026-11": hours * HOUR}, is_done)})
    assert verdict("forecast-variance", facts, known) is expected


@pytest.mark.requirement("JOIN-7")
@pytest.mark.parametrize(
    ("moved_after_days", "was_told", "expected"),
    [(3, False, RIGHT), (1, False, WRONG), (1, True, OPEN), (None, False, RIGHT), (2, True, RIGHT)],
)
def test_an_item_was_stuck_when_it_stayed_two_days_more_and_alerts_that_helped_do_not_count_against(
    moved_after_days: int | None, was_told: bool, expected: Verdict
) -> None:
    facts = {
        "item_key": "SHOP-12",
        "item_type": "jira_ticket",
        "project_key": "SHOP",
        "status": "QA",
        "entered_at": (TOLD - timedelta(days=5)).isoformat(),
        "seconds_in_status": 5 * 24 * HOUR,
        "p90_seconds": 7.5 * 24 * HOUR,
        "activity": "passively_stuck",
    }
    moved = None if moved_after_days is None else TOLD + timedelta(days=moved_after_days)
    known = later(4, moved_at={("SHOP-12", TOLD): moved})
    assert verdict("bottlenecks", facts, known, was_told=was_told) is expected
    assert verdict("bottlenecks", facts, later(1, moved_at={("SHOP-12", TOLD): None})) is OPEN
    slowest = facts | {"p90_seconds": 5.5 * 24 * HOUR}
    assert verdict("bottlenecks", slowest, later(1, moved_at={("SHOP-12", TOLD): None})) is RIGHT


@pytest.mark.requirement("JOIN-7")
def test_a_suggested_epic_is_right_when_the_ticket_got_it() -> None:
    suggestions = [{"ticket_key": f"SHOP-{n}", "epic_key": "SHOP-1", "confidence": 0.9} for n in (2, 3, 4)]
    known = later(1, epic_of={"SHOP-2": "SHOP-1", "SHOP-3": "SHOP-9", "SHOP-4": ""})
    found = judge("epic-assignment", {"project": "SHOP", "suggestions": suggestions}, TOLD, True, known)
    assert [each.verdict for each in found] == [RIGHT, WRONG, OPEN]
    assert found[1].because == "it got SHOP-9; SHOP-1 was suggested"


def test_what_claims_nothing_is_not_judged() -> None:
    assert judge("reconciliation", {"month": "2026-11"}, TOLD, True, later(9)) == []
    assert judge("retainer-budget", {"project": "ACME", "retainer_seconds": 0}, TOLD, True, later(9)) == []


def test_wilsons_interval_is_the_textbooks() -> None:
    low, high = wilson(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)


@given(st.integers(1, 500).flatmap(lambda count: st.tuples(st.integers(0, count), st.just(count))))
def test_the_interval_holds_the_share_and_stays_within_0_and_1(pair: tuple[int, int]) -> None:
    low, high = wilson(*pair)
    assert 0 <= low <= pair[0] / pair[1] + 1e-12
    assert pair[0] / pair[1] - 1e-12 <= high <= 1


def _look(samples: int) -> LookBack:
    shown = tuple(
        Sample(n, TOLD, "UPRIYA", f"Alert {n}", "would send", (Judgement("SHOP-1", RIGHT, "it stayed"),))
        for n in range(samples)
    )
    weeks = (WeekCount(date(2026, 11, 16), "UPRIYA", 2, 1), WeekCount(date(2026, 11, 16), "C1", 1, 0))
    return LookBack("bottlenecks", TOLD, weeks, shown, TrackRecord("bottlenecks", 1, 0, right=7, wrong=2, open=3))


@pytest.mark.requirement("JOIN-7")
def test_the_look_back_shows_how_right_it_was_whom_it_would_have_told_and_a_sample_to_page_through() -> None:
    text, blocks = look.overview("Stuck work", "shadow", _look(3), 1, may_change=True)
    assert "*80 %* right (49 to 94 with 95 % certainty): 7 of 9 claims came true, 1 of 1 were found useful" in text
    assert "from Mon Nov 16: <@UPRIYA> 2 messages and 1 line of a digest, <#C1> 1 message" in text
    assert "Alert 2 of 3" in str(blocks)
    labels = [element["text"]["text"] for element in blocks[-1]["elements"]]
    assert labels == ["Previous", "Next", "Go live", "Keep watching"]
    _, for_pm = look.overview("Stuck work", "shadow", _look(1), 9, may_change=False)
    assert "Go live" not in str(for_pm)
    nothing, _ = look.overview("Stuck work", "live", _look(0), 0, may_change=True)
    assert "has found nothing to tell since" in nothing
    listed, rows = look.modes([("a", "One", "live"), ("b", "Two", "shadow")])
    assert listed.startswith("*1 of 2 agents* is in shadow mode.\n*Two* (`b`) · shadow\n*One* (`a`) · live")
    assert next(row["accessory"]["value"] for row in rows if "accessory" in row) == '{"agent": "b", "page": 0}'
    assert look.record_text(TrackRecord("x", open=1)) == "Too early to say how right it is; 1 claim still open"
