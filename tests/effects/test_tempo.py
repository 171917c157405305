"""Time is logged once, whatever gets lost on the way, and can be taken back unless somebody changed it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import pytest

from db.engine import Database
from sandbox.jira.model import Issue, Worklog
from services.effects import Actor, AuditTrail, Effects, EffectStatus, Intent
from services.effects.tempo import LOG, tempo_operations
from services.errors import ConflictError, VendorError, VendorRejectedError
from services.mirror import Mirror
from tests.vendors.site import BOB, Site, running_site

DAY = date(2026, 11, 17)


@dataclass
class Bench:
    """Effects over a small Tempo, with an issue to log time on."""

    site: Site
    effects: Effects
    mirror: Mirror
    issue: Issue

    def intent(self, key: str = "k1", seconds: int = 5400) -> Intent:
        """Return Bob's wish to log an hour and a half."""
        arguments = {
            "issue_id": str(self.issue.id),
            "account_id": BOB,
            "day": DAY.isoformat(),
            "seconds": seconds,
            "description": "Work",
        }
        return Intent(LOG, self.issue.key, arguments, Actor(None, "Bob"), "approved", key)

    @property
    def there(self) -> list[Worklog]:
        """What Tempo holds."""
        return self.site.sandbox.tempo.worklogs(authors=[BOB])

    def logs_by_hand(self) -> Worklog:
        """Have Bob log the same in Tempo himself."""
        return self.site.sandbox.tempo.create_worklog(BOB, BOB, self.issue, datetime.combine(DAY, time()), 5400, "Work")


@pytest.fixture
async def bench(database: Database, in_account: str) -> AsyncIterator[Bench]:
    async with running_site() as site:
        mirror = Mirror(database, site.jira, site.tempo, site.now)
        effects = Effects(database, AuditTrail(database, site.now), site.now)
        effects.register(tempo_operations(site.tempo, site.jira.site_url, mirror.refresh_worklogs))
        yield Bench(site, effects, mirror, site.create("APP", "Slow"))


@pytest.mark.requirement("JOIN-1", "TRUST-1")
async def test_time_is_logged_read_back_mirrored_and_taken_out_again(bench: Bench) -> None:
    receipt = await bench.effects.perform(bench.intent())
    assert receipt.summary == f"Logged *1 h 30 min* on *{bench.issue.key}* for Tue Nov 17"
    assert (receipt.after["seconds"], receipt.after["day"], receipt.after["is_there"]) == (5400, "2026-11-17", True)
    assert [w.time_spent_seconds for w in await bench.mirror.worklogs(DAY, DAY, [BOB])] == [5400]
    again = await bench.effects.perform(bench.intent())
    assert (again.repeated, len(bench.there)) == (True, 1)
    undone = await bench.effects.undo(receipt.effect_id, Actor(None, "Bob"))
    assert (undone.status, bench.there) == (EffectStatus.DONE, [])
    assert await bench.mirror.worklogs(DAY, DAY, [BOB]) == []


@pytest.mark.requirement("JOIN-1", "TRUST-1")
async def test_a_lost_answer_is_looked_up_among_what_was_not_there_before(bench: Bench) -> None:
    bench.logs_by_hand()
    bench.site.fail("drop_after", vendor="tempo", method="POST", path="/4/worklogs$")
    receipt = await bench.effects.perform(bench.intent())
    assert (receipt.status, len(bench.there)) == (EffectStatus.DONE, 2)
    newest = max(bench.there, key=lambda worklog: worklog.id)
    assert receipt.after["worklog_id"] == newest.id - 10_000 + 700_001


async def test_a_call_that_never_arrived_is_made_once_by_the_recovery(bench: Bench) -> None:
    bench.site.fail("drop", vendor="tempo", method="POST", path="/4/worklogs$")
    with pytest.raises(VendorError) as caught:
        await bench.effects.perform(bench.intent())
    assert (caught.value.outcome_unknown, bench.there) == (True, [])
    (settled,) = await bench.effects.recover(older_than=timedelta(0))
    assert (settled.status, len(bench.there)) == (EffectStatus.DONE, 1)
    assert await bench.effects.recover(older_than=timedelta(0)) == []


@pytest.mark.requirement("TRUST-1")
async def test_a_worklog_that_was_edited_since_is_not_taken_back(bench: Bench) -> None:
    receipt = await bench.effects.perform(bench.intent())
    (worklog,) = bench.there
    bench.site.sandbox.clock.advance(timedelta(minutes=1))
    bench.site.sandbox.tempo.update_worklog(BOB, worklog, worklog.started, 60, "less")
    with pytest.raises(ConflictError):
        await bench.effects.undo(receipt.effect_id, Actor(None, "Bob"))
    assert len(bench.there) == 1


async def test_an_approved_timesheet_refuses_in_tempos_own_words(bench: Bench) -> None:
    bench.site.sandbox.tempo.set_approval(BOB, DAY, "APPROVED")
    with pytest.raises(VendorRejectedError, match="APPROVED"):
        await bench.effects.perform(bench.intent())
    assert bench.there == []
