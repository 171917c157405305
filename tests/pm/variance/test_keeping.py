"""Insights of an epic: written anew per period, settled when it is back under; who got an alert is remembered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from db.engine import Database
from db.models.alerts import AlertDelivery
from db.repositories import pm_forecasts as repository
from services.pm.variance.assess import assess_variance
from services.pm.variance.reasons import reason_by_rules
from services.pm.variance.service import INSIGHT, ForecastVariance
from services.pm.variance.types import VarianceFindings
from tests.pm.variance.test_assess import NOVEMBER, data, forecast, hours

MONDAY = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
WEEK = timedelta(days=7)


class Clock:
    """A clock that is put forward by hand."""

    now = MONDAY

    def __call__(self) -> datetime:
        return self.now


def service(database: Database, clock: Clock) -> ForecastVariance:
    unused = cast(Any, SimpleNamespace())
    return ForecastVariance(database, unused, unused, unused, unused, unused, unused, clock)


def findings(at: datetime, worked: float) -> VarianceFindings:
    entries = (hours("SHOP-10", "SHOP-1", worked, NOVEMBER),)
    return assess_variance(data(at=at, day=at.date(), entries=entries, forecasts=(forecast("SHOP-1", 100),)))


async def keep(database: Database, clock: Clock, worked: float) -> list[tuple[str, datetime, bool, float]]:
    found = findings(clock(), worked)
    await service(database, clock).keep(found, {each.key: reason_by_rules(each) for each in found.flagged})
    async with database.transaction(write=False) as session:
        rows = await repository.insights(session, INSIGHT)
    ordered = sorted(rows, key=lambda row: row.period)
    return [(r.period, r.detected_at, r.resolved_at is not None, r.details["variance_percent"]) for r in ordered]


@pytest.mark.requirement("PM-3.5")
async def test_an_insight_is_written_anew_per_period_keeps_when_it_was_detected_and_is_settled(
    database: Database, in_account: str
) -> None:
    clock = Clock()
    assert await keep(database, clock, 125) == [("2026-W48", MONDAY, False, 25.0)]
    clock.now = MONDAY + timedelta(hours=2)
    assert await keep(database, clock, 127) == [("2026-W48", MONDAY, False, 27.0)]
    clock.now = MONDAY + WEEK
    assert await keep(database, clock, 140) == [("2026-W48", MONDAY, False, 27.0), ("2026-W49", MONDAY, False, 40.0)]
    clock.now = MONDAY + 2 * WEEK
    settled = await keep(database, clock, 110)
    assert [row[2] for row in settled] == [True, True]
    clock.now = MONDAY + 3 * WEEK
    again = await keep(database, clock, 131)
    assert again[-1] == ("2026-W51", MONDAY + 3 * WEEK, False, 31.0)


@pytest.mark.requirement("PM-3.5")
async def test_who_was_told_of_an_epic_is_remembered_but_not_what_was_only_recorded(
    database: Database, in_account: str
) -> None:
    async with database.transaction() as session:
        for status, key, days in (("sent", "a", 1), ("digested", "b", 2), ("shadow", "c", 1), ("sent", "d", 40)):
            session.add(
                AlertDelivery(
                    dedupe_key=f"forecast-variance:alert:{key}",
                    recipient="U1",
                    agent="forecast-variance",
                    severity="warning",
                    text="over",
                    status=status,
                    facts={"epic": key, "step": 40},
                    created_at=MONDAY - timedelta(days=days),
                )
            )
    async with database.transaction(write=False) as session:
        since = MONDAY - timedelta(days=30)
        rows = await repository.alerts_told(session, "forecast-variance", "forecast-variance:alert:", since)
    assert [row.facts["epic"] for row in rows] == ["b", "a"]
