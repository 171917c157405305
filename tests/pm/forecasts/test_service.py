"""Forecasts in the database: imported once, changed as a whole, taken back as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import pytest

from db.engine import Database
from services.effects import Actor, AuditTrail, Effects
from services.errors import InvalidInputError
from services.mirror.types import IssueRow
from services.pm.forecasts import Forecasts, SetForecasts
from services.pm.months import Month
from tests.pm.forecasts.test_reading import ISSUES, NOW

PRIYA = Actor(None, "Priya")
FIRST = b"epic_key,hours,month\nSHOP-1,120,\nSHOP-1,40,2026-11\nPORT-1,10,\n"


class Site:
    """What forecasts ask of the mirror and of the people."""

    async def freshness(self, source: str) -> Any:
        return SimpleNamespace(last_success_at=NOW)

    async def issues(self) -> list[IssueRow]:
        return list(ISSUES.values())

    async def issue(self, key: str) -> IssueRow | None:
        return ISSUES.get(key)

    async def team_members(self) -> list[Any]:
        return []


@dataclass
class Desk:
    forecasts: Forecasts
    effects: Effects
    audit: AuditTrail

    async def kept(self) -> list[tuple[str, str, int]]:
        return [(f.epic_key, str(f.month or ""), f.minutes) for f in await self.forecasts.all()]


@pytest.fixture
def desk(database: Database, in_account: str) -> Desk:
    site = cast(Any, Site())
    audit = AuditTrail(database, lambda: NOW)
    effects = Effects(database, audit, lambda: NOW)
    effects.register([SetForecasts(database, lambda: NOW)])
    return Desk(Forecasts(database, site, site, effects, site), effects, audit)


@pytest.mark.requirement("PM-7.3")
async def test_an_import_is_counted_kept_on_record_and_taken_back_whole(desk: Desk) -> None:
    first = await desk.forecasts.import_file(FIRST, PRIYA)
    assert str(first.report) == "3 created, 0 updated, 0 unchanged"
    before = await desk.kept()
    assert before == [("PORT-1", "", 600), ("SHOP-1", "", 7200), ("SHOP-1", "2026-11", 2400)]

    again = await desk.forecasts.import_file(FIRST, PRIYA)
    assert str(again.report) == "0 created, 0 updated, 3 unchanged"
    assert again.receipt is None
    assert len(await desk.audit.lines()) == 1

    second = await desk.forecasts.import_file(b"epic_key,hours\nSHOP-1,100\nSHOP-2,5\nPORT-1,10\n", PRIYA)
    assert str(second.report) == "1 created, 1 updated, 1 unchanged"
    assert second.receipt is not None
    assert second.receipt.summary == "Set *2 forecasts* of SHOP: 105 h (before: 1 of them, 120 h)"
    line = (await desk.audit.lines())[-1]
    assert [[row["minutes"] for row in state["rows"]] for state in (line.before, line.after)] == [
        [7200, None],
        [6000, 300],
    ]
    await desk.effects.undo(second.receipt.effect_id, PRIYA)
    assert await desk.kept() == before


@pytest.mark.requirement("PM-7.3")
async def test_a_file_with_one_wrong_line_changes_nothing(desk: Desk) -> None:
    done = await desk.forecasts.import_file(b"epic_key,hours\nSHOP-1,100\nSHOP-9,5\n", PRIYA)
    assert [problem.line for problem in done.report.problems] == [3]
    assert await desk.kept() == []


@pytest.mark.requirement("PM-7.3")
async def test_a_forecast_typed_in_for_a_month_stands_beside_the_epics_own_and_can_be_taken_away(desk: Desk) -> None:
    await desk.forecasts.set("shop-1", 7200, None, PRIYA)
    receipt = await desk.forecasts.set("SHOP-1", 2400, Month(2026, 11), PRIYA)
    assert receipt.summary == "Set the forecast of *SHOP-1* in November 2026 to *40 h* (before: none)"
    await desk.forecasts.set("SHOP-1", None, None, PRIYA)
    assert await desk.kept() == [("SHOP-1", "2026-11", 2400)]
    with pytest.raises(InvalidInputError, match="is not an epic but a Story"):
        await desk.forecasts.set("SHOP-9", 60, None, PRIYA)
    with pytest.raises(InvalidInputError, match="not an issue that FlowPilot knows"):
        await desk.forecasts.set("SHOP-77", 60, None, PRIYA)
