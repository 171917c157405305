"""Whatever happens in whatever order: nothing twice, nothing lost, the cap kept, each folded finding in one digest."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from blocks import alerts as look
from db.base import Base
from db.engine import Database
from db.models.alerts import AlertDelivery
from db.tenancy import account_scope
from services.alerts import Alerts, Severity, Status
from tests.alerts.conftest import Clock, ProcessDiedError, Slack, finding, make_member
from tests.conftest import make_account

CAP = 2
_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["deliver", "deliver", "deliver", "flush", "early", "recover"]),
        st.integers(0, 5),
        st.sampled_from([Severity.INFO, Severity.WARNING, Severity.CRITICAL]),
        st.booleans(),
        st.sampled_from(["ok", "ok", "ok", "refused", "lost", "died", "died after"]),
        st.sampled_from([0, 0, 0, 1, 5, 9]),
    ),
    min_size=8,
    max_size=25,
)


class Seen(NamedTuple):
    """What a person was told, of what they were to be told, and what became of each delivery."""

    handed_over: set[str]
    told: Counter[str]
    given_up: set[str]
    states: set[str]
    singles: Counter[str]
    """Messages of their own, without the critical ones, by day."""


@pytest.mark.requirement("PM-7.1")
@given(steps=_STEPS)
@example(steps=[("deliver", 0, Severity.INFO, True, end, 1) for end in ("died after", "ok")])
@example(steps=[("deliver", 0, Severity.INFO, True, end, 1) for end in ("died", "ok")])
@example(steps=[("deliver", number, Severity.INFO, True, "ok", 0) for number in range(5)])
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_everything_handed_over_reaches_its_person_exactly_once(
    steps: list[tuple[str, int, Severity, bool, str, int]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        seen = asyncio.run(_run(steps, Path(folder)))
    assert {text for text in seen.handed_over if seen.told[text] != 1} <= seen.given_up
    assert all(count == 1 for count in seen.told.values())
    assert seen.states <= {Status.SENT, Status.DIGESTED, Status.FAILED}
    assert all(count <= CAP for count in seen.singles.values())


async def _run(steps: list[tuple[str, int, Severity, bool, str, int]], folder: Path) -> Seen:
    database, slack, clock = Database(f"sqlite+aiosqlite:///{folder / 'x.sqlite'}"), Slack(), Clock()
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    handed_over: set[str] = set()
    with account_scope(await make_account(database)):
        member = await make_member(database, preferences={"alert_daily_cap": CAP})
        alerts = Alerts(database, slack, look, clock.now)
        for what, number, severity, digestible, end, hours in steps:
            slack.next_ends = [end]
            try:
                if what == "deliver":
                    handed_over.add(f"About [{number}]")
                    await alerts.deliver([finding(member, f"[{number}]", severity, digestible=digestible)])
                elif what == "recover":
                    await alerts.recover()
                else:
                    await alerts.flush_digests(early=what == "early")
            except ProcessDiedError:
                pass
            clock.at += timedelta(hours=hours)
        slack.next_ends = []
        await _let_days_pass(alerts, clock)
        seen = await _seen(database, slack, handed_over)
    await database.close()
    return seen


async def _let_days_pass(alerts: Alerts, clock: Clock) -> None:
    await alerts.recover()
    clock.at = clock.at.replace(hour=8)
    for _ in range(16):  # two held messages a day, nothing at weekends
        clock.at += timedelta(days=1)
        await alerts.flush_digests()


async def _seen(database: Database, slack: Slack, handed_over: set[str]) -> Seen:
    told = Counter(line.removeprefix("• ") for m in slack.messages for line in m.text.splitlines() if "About" in line)
    async with database.transaction(write=False) as session:
        rows = (await session.scalars(select(AlertDelivery))).all()
    singles = Counter(
        f"{row.created_at:%Y-%m-%d}"
        for row in rows
        if row.status == Status.SENT and row.severity != Severity.CRITICAL and row.why == "within hours and cap"
    )
    given_up = {row.text for row in rows if row.status == Status.FAILED}
    return Seen(handed_over, told, given_up, {row.status for row in rows}, singles)
