"""Was it right? One pure judge per agent: a claim and what is known now in, a verdict with its numbers out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from services.pm.hindsight.facts import claims_of
from services.pm.hindsight.types import Judgement, Later, Verdict
from services.pm.months import Month

LOGGED_WITHIN = timedelta(days=14)
BOOKED_WITHIN = timedelta(days=3)
"""Hours of a month are booked some days late; until then its total is not judged."""

STILL_OVER_AFTER = timedelta(days=21)
MONTH_TO_DATE = "month to date"
WEEKLY_PERCENT = 20
STUCK_FOR = timedelta(days=2)
MADE_UP_SHARE = 0.5
"""From this share of the missing hours on a person had worked them and only not logged them."""

NOTHING_CLAIMED = ("compliant", "not_required")
"""A PM's summary lists these people too, as nothing is wrong with their week."""

Claim = Mapping[str, Any]
Judge = Callable[[Claim, datetime, bool, Later], Judgement]


def judge(agent: str, facts: Mapping[str, Any], told_at: datetime, was_told: bool, later: Later) -> list[Judgement]:
    """Return the verdict over each claim of an alert; `was_told` is False for one of shadow mode."""
    judge_one = JUDGES.get(agent)
    if judge_one is None:
        return []
    claims = [claim for claim in claims_of(agent, facts) if claim.get("status") not in NOTHING_CLAIMED]
    return [judge_one(claim, told_at, was_told, later) for claim in claims]


def judge_time_tracking(claim: Claim, told_at: datetime, was_told: bool, later: Later) -> Judgement:
    """Right when the person logged at least half of what was missing within two weeks: the hours were there."""
    subject = f"{later.names.get(claim['member'], 'somebody')}, week of {claim['week']}"
    missing = claim["required_seconds"] - claim["logged_seconds"]
    logged = later.logged.get((claim["member"], claim["week"]))
    if missing <= 0 or logged is None:
        return Judgement(subject, Verdict.OPEN, "nothing is known of the hours")
    added = max(0, logged - claim["logged_seconds"])
    said = f"{_hours(added)} of {_hours(missing)} missing hours were logged afterwards"
    if added >= MADE_UP_SHARE * missing:
        return Judgement(subject, Verdict.RIGHT, said)
    return Judgement(subject, Verdict.WRONG if later.now >= told_at + LOGGED_WITHIN else Verdict.OPEN, said)


def judge_retainer(claim: Claim, told_at: datetime, was_told: bool, later: Later) -> Judgement:
    """Right when the month ended within the projected range, and at or above the threshold."""
    month = Month.parse(claim["month"])
    subject = f"{claim['project']} {claim['month']}"
    total = later.month_seconds.get((claim["project"], claim["month"]))
    if total is None or later.today <= month.end + BOOKED_WITHIN:
        return Judgement(subject, Verdict.OPEN, "the month is not over yet")
    low, high = claim["projected_low_seconds"], claim["projected_high_seconds"]
    kept = total * 100 >= claim["threshold"] * claim["retainer_seconds"]
    said = f"the month ended with {_hours(total)} h, {_hours(low)} to {_hours(high)} h were projected"
    if not kept:
        said += f", and below {claim['threshold']} % of {_hours(claim['retainer_seconds'])} h"
    return Judgement(subject, Verdict.RIGHT if low <= total <= high and kept else Verdict.WRONG, said)


def judge_variance(claim: Claim, told_at: datetime, was_told: bool, later: Later) -> Judgement:
    """Right when the hours are over that forecast by the threshold still: three weeks later, or when epic or month end.

    Measured against the forecast of that day: one that was raised since shows that the warning was right.
    """
    subject, window = str(claim["epic"]), str(claim["window"])
    epic, forecast = later.epics.get(subject), claim["forecast_seconds"]
    if epic is None or forecast <= 0 or claim["variance_percent"] is None:
        return Judgement(subject, Verdict.OPEN, "there is nothing to compare with")
    month = Month.of(told_at.date())
    is_monthly = window == MONTH_TO_DATE
    seconds = epic.by_month.get(str(month), 0) if is_monthly else epic.actual_seconds
    percent = (seconds / forecast - 1) * 100
    said = f"{percent:+.0f} % {window} in the end, {claim['variance_percent']:+.0f} % when it was told"
    is_over = later.today > month.end + BOOKED_WITHIN if is_monthly else later.now >= told_at + STILL_OVER_AFTER
    if not is_over and not epic.is_done:
        return Judgement(subject, Verdict.OPEN, said.replace("in the end", "now"))
    threshold = claim.get("threshold_percent", WEEKLY_PERCENT)
    return Judgement(subject, Verdict.RIGHT if percent > threshold else Verdict.WRONG, said)


def judge_bottleneck(claim: Claim, told_at: datetime, was_told: bool, later: Later) -> Judgement:
    """Right when the item stayed two days more, or longer than nine of ten do.

    One that moved soon after people were told says nothing: it may have moved because of that.
    """
    subject = str(claim["item_key"])
    if (subject, told_at) not in later.moved_at:
        return Judgement(subject, Verdict.OPEN, "nothing is known of it any more")
    moved_at = later.moved_at[subject, told_at]
    waited = (moved_at or later.now) - told_at
    total = timedelta(seconds=claim["seconds_in_status"]) + waited
    said = f"{_days(total)} in {claim['status']}, {_days(waited)} of them after this"
    if waited >= STUCK_FOR or total.total_seconds() >= claim["p90_seconds"]:
        return Judgement(subject, Verdict.RIGHT, said)
    if moved_at is None:
        return Judgement(subject, Verdict.OPEN, f"{said}; it is still there")
    if was_told:
        return Judgement(subject, Verdict.OPEN, f"{said}; it moved when people had been told")
    return Judgement(subject, Verdict.WRONG, f"{said}; it moved by itself")


def judge_epic(claim: Claim, told_at: datetime, was_told: bool, later: Later) -> Judgement:
    """Right when the ticket got the suggested epic, wrong when it got another one."""
    subject = str(claim["ticket_key"])
    epic = later.epic_of.get(subject, "")
    if not epic:
        return Judgement(subject, Verdict.OPEN, f"it has no epic yet; {claim['epic_key']} was suggested")
    if epic == claim["epic_key"]:
        return Judgement(subject, Verdict.RIGHT, f"it got {epic}, as suggested")
    return Judgement(subject, Verdict.WRONG, f"it got {epic}; {claim['epic_key']} was suggested")


JUDGES: Mapping[str, Judge] = {
    "time-tracking": judge_time_tracking,
    "retainer-budget": judge_retainer,
    "forecast-variance": judge_variance,
    "bottlenecks": judge_bottleneck,
    "epic-assignment": judge_epic,
}


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.1f}".removesuffix(".0")


def _days(span: timedelta) -> str:
    days = span.total_seconds() / 86400
    return "1 day" if round(days, 1) == 1 else f"{days:.1f} days".replace(".0 ", " ")
