"""From what was read to what is told: pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from services.pm.budgets.money import price_of
from services.pm.budgets.months import BudgetMonth
from services.pm.budgets.projection import project_month
from services.pm.budgets.types import BudgetAlert, BudgetData, BudgetFindings, BudgetStatus, RetainerData

THRESHOLDS = (75, 90, 100)
"""Per cent of the retainer: yellow, orange, red (PM-2.3)."""


def assess_budgets(data: BudgetData) -> BudgetFindings:
    """Return where each retainer stands, the gravest first, and which alerts are due."""
    set_up = [each for each in data.retainers if each.project.monthly_retainer_minutes]
    statuses = sorted((status_of(each, data) for each in set_up), key=_trouble)
    return BudgetFindings(
        day=data.day,
        month=data.month,
        statuses=tuple(statuses),
        alerts=tuple(alert for status in statuses if (alert := alert_of(status)) is not None),
        without_retainer=tuple(r.project for r in data.retainers if not r.project.monthly_retainer_minutes),
        admins=data.admins,
        is_last_run=data.is_last_run,
        mirrored_at=data.mirrored_at,
    )


def _trouble(status: BudgetStatus) -> tuple[float, str]:
    worst = max(status.consumed_seconds, status.projection.point)
    return -worst / status.retainer_seconds, status.project.key


def status_of(retainer: RetainerData, data: BudgetData) -> BudgetStatus:
    """Return where a retainer stands; its hours must not be 0.

    The burn rate is what was logged for the days that are over, by the working days that are over.
    """
    seconds = (retainer.project.monthly_retainer_minutes or 0) * 60
    through = data.day - timedelta(days=1)
    others = [each.earlier for each in data.retainers if each is not retainer]
    projection = project_month(retainer.this, through, retainer.earlier, retainer_seconds=seconds, others=others)
    gone = data.working_days_gone
    burn = round(projection.logged / gone) if gone else None
    ahead = [day for day in data.working_days if day >= data.day]
    return BudgetStatus(
        project=retainer.project,
        month=data.month,
        day=data.day,
        retainer_seconds=seconds,
        consumed_seconds=retainer.this.total,
        burn_seconds_per_day=burn,
        pace_ends_on=pace_end(retainer.this, seconds, burn, ahead),
        working_days_gone=gone,
        working_days=len(data.working_days),
        projection=projection,
        this=retainer.this,
        earlier=retainer.earlier,
        entries=retainer.entries,
        price=price_of(retainer.project.hourly_rate_cents, retainer.entries, data.rates),
        passed=retainer.passed,
        mirrored_at=data.mirrored_at,
    )


def pace_end(this: BudgetMonth, retainer_seconds: int, burn_seconds: int | None, ahead: Sequence[date]) -> date | None:
    """Return the working day on which a budget ends at a rate of `burn_seconds` a day; None if it lasts the month.

    `ahead` are the month's working days still to come. A budget that is used up ended on the day that did it.
    """
    for day, _, logged in this.curve:
        if logged >= retainer_seconds:
            return day
    if not burn_seconds:
        return None
    days_needed = -(-(retainer_seconds - this.total) // burn_seconds)
    return ahead[days_needed - 1] if days_needed <= len(ahead) else None


def thresholds_passed(consumed_seconds: int, retainer_seconds: int) -> tuple[int, ...]:
    """Return the thresholds (per cent) that are reached, lowest first; to the second, and none without a retainer."""
    if retainer_seconds <= 0:
        return ()
    return tuple(each for each in THRESHOLDS if consumed_seconds * 100 >= each * retainer_seconds)


def due_threshold(reached: Iterable[int], passed: Iterable[int]) -> tuple[int, tuple[int, ...]] | None:
    """Return which threshold is to be told, and all that are to be recorded; None when nothing new was reached.

    A jump past several is told once, as the highest. One that lies below what was told before (hours that were moved
    away and came back) is no news.
    """
    known = set(passed)
    fresh = tuple(each for each in reached if each not in known)
    if not fresh or max(fresh) < max(known, default=0):
        return None
    return max(fresh), fresh


def alert_of(status: BudgetStatus) -> BudgetAlert | None:
    """Return the alert that a retainer's state asks for; None when all that it has reached was told."""
    reached = thresholds_passed(status.consumed_seconds, status.retainer_seconds)
    due = due_threshold(reached, status.passed)
    return BudgetAlert(status, *due) if due else None
