"""Forecasts: the minutes planned for an epic, in all or in a month, by everybody or by one team."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.effects import Receipt
from services.pm.months import Month
from services.pm.tables import ImportReport

Key = tuple[str, str, str]
"""Epic key, month as text ("" for the epic in all), team ("" for everybody)."""


class Source(StrEnum):
    """Where a forecast came from."""

    FILE = "file"
    TYPED = "typed"


@dataclass(frozen=True, slots=True)
class Forecast:
    """Minutes planned; `month` None is the epic in all, `team` "" everybody."""

    project_key: str
    epic_key: str
    month: Month | None
    team: str
    minutes: int
    source: Source
    changed_at: datetime
    changed_by_member_id: int | None = None

    @property
    def key(self) -> Key:
        """What there is one of."""
        return self.epic_key, str(self.month or ""), self.team


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """A line of a forecasts file that can be read."""

    line: int
    project_key: str
    epic_key: str
    month: Month | None
    team: str
    minutes: int

    @property
    def key(self) -> Key:
        """What there is one of."""
        return self.epic_key, str(self.month or ""), self.team


@dataclass(frozen=True)
class ForecastImport:
    """What an import did, with its receipt when anything changed."""

    report: ImportReport
    receipt: Receipt | None = None


class Basis(StrEnum):
    """What a planned figure is added up from."""

    EPIC = "the epic's forecast"
    TEAMS = "the teams' forecasts together"
    MONTHS = "the months' forecasts together"


@dataclass(frozen=True, slots=True)
class Planned:
    """Minutes planned for an epic in some time, and what they are added up from."""

    minutes: int
    basis: Basis


def planned_in(forecasts: Iterable[Forecast], month: Month | None) -> Planned | None:
    """Return what is planned for an epic in a month (None: without a month): everybody's, else the teams'."""
    own = [forecast for forecast in forecasts if forecast.month == month]
    whole = [forecast for forecast in own if not forecast.team]
    if whole:
        return Planned(whole[0].minutes, Basis.EPIC)
    return Planned(sum(forecast.minutes for forecast in own), Basis.TEAMS) if own else None


def planned_in_all(forecasts: Sequence[Forecast]) -> Planned | None:
    """Return what is planned for an epic since its inception: its own figure, else the sum of its months."""
    total = planned_in(forecasts, None)
    if total is not None:
        return total
    months = {forecast.month for forecast in forecasts if forecast.month is not None}
    planned = [planned_in(forecasts, month) for month in months]
    return Planned(sum(each.minutes for each in planned if each), Basis.MONTHS) if months else None
