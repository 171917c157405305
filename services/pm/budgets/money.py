"""What retainer hours cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from services.pm.hours import LoggedTime, seconds_by

HOUR_S = 3600


@dataclass(frozen=True)
class Price:
    """Cents an hour; `is_blended` when it comes from the rates of the people who logged."""

    cents_an_hour: Fraction
    is_blended: bool

    def cents(self, seconds: int) -> int:
        """Return what so many seconds cost, in whole cents."""
        return round(seconds * self.cents_an_hour / HOUR_S)


def price_of(project_rate: int | None, entries: Iterable[LoggedTime], rates: Mapping[str, int]) -> Price | None:
    """Return at which price a retainer's hours are shown; None where there is none, then hours have to do.

    The project's rate goes first: a retainer is sold at one price, and so money and hours have the same per cent.
    Without it, it is the mean of the people's rates by what they logged this month, if each of them has one.
    """
    if project_rate:
        return Price(Fraction(project_rate), is_blended=False)
    seconds = seconds_by(entries, lambda entry: entry.jira_account_id)
    total = sum(seconds.values())
    if total <= 0 or not all(rates.get(person) for person in seconds):
        return None
    return Price(Fraction(sum(rates[person] * each for person, each in seconds.items()), total), is_blended=True)
