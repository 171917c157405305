"""What is read of retainers, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from services.accounts.types import MemberRef
from services.pm.budgets.money import Price
from services.pm.budgets.months import BudgetMonth
from services.pm.budgets.projection import Projection
from services.pm.hours import LoggedTime
from services.pm.months import Month
from services.pm.types import ProjectRef


@dataclass(frozen=True)
class RetainerData:
    """One retainer: its month, the months before (oldest first), and which thresholds were passed before."""

    project: ProjectRef
    this: BudgetMonth
    earlier: tuple[BudgetMonth, ...]
    entries: tuple[LoggedTime, ...]
    passed: frozenset[int] = frozenset()


@dataclass(frozen=True)
class BudgetData:
    """What an assessment reads. `day` is today to it, which counts as still to come; `rates` are cents an hour."""

    day: date
    month: Month
    working_days: tuple[date, ...]
    retainers: tuple[RetainerData, ...]
    rates: Mapping[str, int]
    admins: tuple[MemberRef, ...] = ()
    is_last_run: bool = False
    mirrored_at: datetime | None = None

    @property
    def working_days_gone(self) -> int:
        """How many working days of the month are over."""
        return sum(day < self.day for day in self.working_days)


@dataclass(frozen=True)
class BudgetStatus:
    """Where a retainer stands. Seconds; `burn_seconds_per_day` is by working day, None before the first is over.

    `pace_ends_on` is when that rate, kept up, uses the budget up within the month (or when it was used up): the one
    date that messages and Home name. `projection.exhausted_on` is the same by the projection, which knows how earlier
    months went on; it is for the numbers.
    """

    project: ProjectRef
    month: Month
    day: date
    retainer_seconds: int
    consumed_seconds: int
    burn_seconds_per_day: int | None
    pace_ends_on: date | None
    working_days_gone: int
    working_days: int
    projection: Projection
    this: BudgetMonth
    earlier: tuple[BudgetMonth, ...]
    entries: tuple[LoggedTime, ...]
    price: Price | None
    passed: frozenset[int]
    mirrored_at: datetime | None = None

    @property
    def share(self) -> Fraction:
        """The share of the retainer that is used; 1 is all of it."""
        return Fraction(self.consumed_seconds, self.retainer_seconds)

    @property
    def percent(self) -> int:
        """The whole per cent, rounded down so that 100 means all of it."""
        return int(self.share * 100)

    @property
    def left_seconds(self) -> int:
        """What is left; below 0 when it is over."""
        return self.retainer_seconds - self.consumed_seconds

    @property
    def ends_early(self) -> bool:
        """Tell whether the budget is used up, or will be at this pace, within the month."""
        return self.pace_ends_on is not None


@dataclass(frozen=True)
class BudgetAlert:
    """The highest threshold passed and not recorded yet, and all that are to be recorded with it."""

    status: BudgetStatus
    threshold: int
    passed_now: tuple[int, ...]


@dataclass(frozen=True)
class BudgetFindings:
    """What a run found: every retainer by trouble, the alerts, and those without hours to go by."""

    day: date
    month: Month
    statuses: tuple[BudgetStatus, ...]
    alerts: tuple[BudgetAlert, ...]
    without_retainer: tuple[ProjectRef, ...]
    admins: tuple[MemberRef, ...]
    is_last_run: bool
    mirrored_at: datetime | None
