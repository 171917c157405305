"""How feedback moves a threshold: pure. Which thresholds there are, what may move, within which limits."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

TARGET_PRECISION = 0.7
"""The share of alerts that people should find useful."""

CERTAINTY = 0.9
MARGIN = 0.1
MINIMUM_VOTES = 8
REST = timedelta(days=7)
_LIMITS = re.compile(r"(\d+(?:\.\d+)?)\s*(?:to|-|–)\s*(\d+(?:\.\d+)?)(?:\s*(?:by|/)\s*(\d+(?:\.\d+)?))?")


class Direction(StrEnum):
    """Which way a threshold is stricter, so that fewer alerts pass it."""

    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True)
class Limits:
    """Between what a threshold may move, and by how much at a time; `is_on` False holds it where it is."""

    low: float
    high: float
    step: float
    is_on: bool = True

    def clamp(self, value: float) -> float:
        """Return the nearest value within the limits."""
        return min(max(value, self.low), self.high)


@dataclass(frozen=True)
class Threshold:
    """A threshold of an agent; without `limits` it is fixed: agreed with people, it is not for feedback to move."""

    agent: str
    name: str
    title: str
    default: float
    unit: str
    limits: Limits | None = None
    stricter: Direction = Direction.HIGHER

    @property
    def setting(self) -> str:
        """The account's setting that holds its limits."""
        return f"alerts.thresholds.{self.agent}.{self.name}"


SHARE = "of 1"
THRESHOLDS = (
    Threshold(
        "forecast-variance",
        "weekly_percent",
        "Variance of an epic that is reported weekly",
        20,
        "%",
        limits=Limits(20, 30, 2.5),
    ),
    Threshold(
        "bottlenecks",
        "deviation",
        "Deviation from what is usual in a status",
        2.0,
        "robust standard deviations",
        limits=Limits(2.0, 3.5, 0.25),
    ),
    Threshold(
        "epic-assignment",
        "confidence",
        "Confidence from which an epic is suggested",
        0.7,
        SHARE,
        limits=Limits(0.7, 0.9, 0.05),
    ),
    Threshold("retainer-budget", "percent_75", "Share of a retainer that is used: yellow", 75, "%"),
    Threshold("retainer-budget", "percent_90", "Share of a retainer that is used: orange", 90, "%"),
    Threshold("retainer-budget", "percent_100", "Share of a retainer that is used: red", 100, "%"),
    Threshold("forecast-variance", "alert_percent", "Variance that the PM hears of at once", 30, "%"),
    Threshold("forecast-variance", "stakeholder_percent", "Variance that stakeholders hear of too", 50, "%"),
    Threshold("bottlenecks", "stuck_days", "Days without movement: assignee and reviewer", 5, "days"),
    Threshold("bottlenecks", "escalation_days", "Days without movement: the PM", 10, "days"),
    Threshold("time-tracking", "compliant_share", "Share of the required hours: compliant", 0.8, SHARE),
    Threshold("time-tracking", "partial_share", "Share of the required hours: partial", 0.4, SHARE),
)
"""All of them. One at most moves per agent: votes are cast on an agent's alerts, not on its figures."""

TUNED = tuple(each for each in THRESHOLDS if each.limits is not None)


@dataclass(frozen=True)
class Move:
    """A step that feedback asks for."""

    value: float
    why: str


def share_above(useful: int, not_useful: int, share: float) -> float:
    """Return how certain it is (0 to 1) that more than `share` of an agent's alerts are useful.

    The posterior Beta(1 + useful, 1 + not useful) of a uniform prior: its tail is a sum over a binomial (Abramowitz and
    Stegun 26.5.24).
    """
    count = useful + not_useful + 1
    return math.fsum(math.comb(count, k) * share**k * (1 - share) ** (count - k) for k in range(useful + 1))


def decide_move(
    threshold: Threshold,
    limits: Limits,
    current: float,
    useful: int,
    not_useful: int,
    last_moved_at: datetime | None,
    now: datetime,
) -> Move | None:
    """Return the step that votes since the last one ask for, if any; one a week at most.

    Stricter when it is 90 % certain that fewer alerts than the target are useful; back towards the default, never past
    it, when it is as certain that clearly more are. In between it stays, so that it does not swing. Votes against count
    only for stricter: more of them never loosen anything.
    """
    if not limits.is_on or (last_moved_at is not None and now < last_moved_at + REST):
        return None
    sign = 1 if threshold.stricter is Direction.HIGHER else -1
    said = f"{useful} of {useful + not_useful} alerts were found useful"
    if useful + not_useful >= MINIMUM_VOTES and share_above(useful, not_useful, TARGET_PRECISION) <= 1 - CERTAINTY:
        value = limits.clamp(round(current + sign * limits.step, 6))
        return Move(value, f"{said}: fewer alerts") if (value - current) * sign > 0 else None
    if useful >= MINIMUM_VOTES and share_above(useful, not_useful, TARGET_PRECISION + MARGIN) >= CERTAINTY:
        default = limits.clamp(threshold.default)
        if (current - default) * sign <= 0:
            return None
        step = round(current - sign * limits.step, 6)
        return Move(max(step * sign, default * sign) * sign, f"{said}: back towards what is usual")
    return None


def read_limits(text: str, threshold: Threshold) -> Limits:
    """Read "20 to 30 by 2.5" or "off", of a share "70 % to 90 %"; raises `ValueError` with what is wrong."""
    assert threshold.limits is not None
    if text.strip().lower() == "off":
        return Limits(threshold.limits.low, threshold.limits.high, threshold.limits.step, is_on=False)
    found = _LIMITS.fullmatch(" ".join(text.replace("%", "").split()))
    if found is None:
        raise ValueError(f"Use limits such as “{show_limits(threshold.limits, threshold.unit)}”, or “off”.")
    scale = 100 if threshold.unit == SHARE and ("%" in text or float(found[2]) > 1) else 1
    low, high = float(found[1]) / scale, float(found[2]) / scale
    step = float(found[3]) / scale if found[3] else threshold.limits.step
    if not low <= high:
        raise ValueError("The first of the limits has to be the lower one.")
    if not 0 < step <= max(high - low, threshold.limits.step):
        raise ValueError("A step has to be above 0 and fit between the limits.")
    lowest, highest = threshold.default / 4, threshold.default * 4
    if threshold.unit == SHARE:
        highest = min(highest, 1.0)
    if low < lowest or high > highest:
        unit = threshold.unit
        raise ValueError(f"Use limits from {show_number(lowest, unit)} to {show_number(highest, unit)}.")
    return Limits(low, high, step)


def show_limits(limits: Limits, unit: str = "") -> str:
    """Return limits as they are typed."""
    low, high, step = (show_number(each, unit) for each in (limits.low, limits.high, limits.step))
    return f"{low} to {high} by {step}" if limits.is_on else "off"


def show_number(value: float, unit: str) -> str:
    """Return a threshold's number; a share as people say it, in per cent."""
    return f"{round(value * 100, 4):g} %" if unit == SHARE else f"{value:g}"
