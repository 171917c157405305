"""Hours by epic, month and team: kept to the second, written anew while the mirror covers a month."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from db.engine import Database
from services.accounts.types import MemberRef, Role
from services.mirror.types import WorklogRow
from services.pm.epic_hours import EpicHoursLedger
from services.pm.months import Month
from services.pm.types import TeamMember

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
NOVEMBER, OCTOBER, LONG_AGO = Month(2026, 11), Month(2026, 10), Month(2025, 8)


def worklog(number: int, epic: str | None, day: date, seconds: int, who: str = "ann") -> WorklogRow:
    return WorklogRow(number, str(number), f"SHOP-{number}", "SHOP", epic, who, day, seconds, 0, "", NOW)


@dataclass
class Books:
    """The mirror and the people as the ledger sees them."""

    worklogs_held: list[WorklogRow] = field(default_factory=list)
    read_at: datetime | None = NOW

    async def freshness(self, source: str) -> Any:
        return SimpleNamespace(last_success_at=self.read_at)

    async def worklogs(self, first: date, last: date) -> list[WorklogRow]:
        return [worklog for worklog in self.worklogs_held if first <= worklog.start_date <= last]

    async def team_members(self) -> list[TeamMember]:
        ann = MemberRef(1, "U1", "Ann", Role.ENGINEER, "UTC", "ann")
        return [TeamMember(ann, "Storefront")]


def ledger(database: Database, books: Books) -> EpicHoursLedger:
    return EpicHoursLedger(database, cast(Any, books), cast(Any, books), lambda: NOW)


async def rows(kept: EpicHoursLedger) -> list[tuple[str, str, str, int]]:
    return [(str(row.month), row.epic_key, row.team, row.seconds) for row in await kept.hours()]


@pytest.mark.requirement("PM-3.1")
async def test_hours_are_kept_to_the_second_and_what_was_moved_away_leaves_no_row(
    database: Database, in_account: str
) -> None:
    books = Books(
        [
            worklog(1, "SHOP-9", date(2026, 10, 31), 3601),
            worklog(2, "SHOP-9", date(2026, 11, 1), 59),
            worklog(3, "SHOP-9", date(2026, 11, 2), 1, "somebody else"),
            worklog(4, None, date(2026, 11, 2), 7200),
        ]
    )
    kept = ledger(database, books)
    assert await kept.refresh([OCTOBER, NOVEMBER]) == 4
    first = [
        ("2026-10", "SHOP-9", "Storefront", 3601),
        ("2026-11", "", "Storefront", 7200),
        ("2026-11", "SHOP-9", "", 1),
        ("2026-11", "SHOP-9", "Storefront", 59),
    ]
    assert await rows(kept) == first
    assert await kept.refresh([OCTOBER, NOVEMBER]) == 0
    books.worklogs_held[1] = worklog(2, "SHOP-8", date(2026, 11, 1), 59)
    assert await kept.refresh() == 2
    assert ("2026-11", "SHOP-9", "Storefront", 59) not in await rows(kept)
    assert ("2026-11", "SHOP-8", "Storefront", 59) in await rows(kept)
    assert [row.seconds for row in await kept.hours([OCTOBER])] == [3601]


async def test_a_month_older_than_the_mirror_stays_as_it_was_kept(database: Database, in_account: str) -> None:
    books = Books([worklog(1, "SHOP-9", date(2025, 8, 3), 3600)])
    kept = ledger(database, books)
    await kept.refresh([LONG_AGO])
    books.worklogs_held.clear()
    assert await kept.refresh([LONG_AGO]) == 0
    assert await rows(kept) == [("2025-08", "SHOP-9", "Storefront", 3600)]


async def test_before_tempo_was_ever_read_nothing_is_thrown_away(database: Database, in_account: str) -> None:
    books = Books([worklog(1, "SHOP-9", date(2026, 11, 3), 3600)])
    kept = ledger(database, books)
    await kept.refresh([NOVEMBER])
    books.worklogs_held.clear()
    books.read_at = None
    assert await kept.refresh([NOVEMBER]) == 0
    assert len(await kept.hours()) == 1
