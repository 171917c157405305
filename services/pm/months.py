"""Months of the calendar, as budgets and reports count them."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from services.errors import InvalidInputError

_FORM = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True, order=True)
class Month:
    """A month; as text "2026-11", as it is stored."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= 12:
            raise ValueError(f"there is no month {self.number}")

    @classmethod
    def of(cls, day: date) -> Month:
        """Return the month that a day is in."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Month:
        """Read "2026-11"; raises `InvalidInputError` for anything else."""
        match = _FORM.fullmatch(text.strip())
        if match is None or not 1 <= int(match[2]) <= 12 or int(match[1]) < 1:
            raise InvalidInputError(f"“{text.strip()[:20]}” is not a month.", hint="Months look like 2026-11.")
        return cls(int(match[1]), int(match[2]))

    @property
    def start(self) -> date:
        """The first day."""
        return date(self.year, self.number, 1)

    @property
    def end(self) -> date:
        """The last day."""
        return date(self.year, self.number, calendar.monthrange(self.year, self.number)[1])

    @property
    def title(self) -> str:
        """The month in words, such as "November 2026"."""
        return f"{calendar.month_name[self.number]} {self.year}"

    def back(self, months: int) -> Month:
        """Return the month so many months earlier (later, where negative)."""
        year, index = divmod(self.year * 12 + self.number - 1 - months, 12)
        return Month(year, index + 1)

    @property
    def next(self) -> Month:
        """The month after it."""
        return self.back(-1)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    def __iter__(self) -> Iterator[date]:
        return (self.start + timedelta(days=number) for number in range((self.end - self.start).days + 1))

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and (day.year, day.month) == (self.year, self.number)
