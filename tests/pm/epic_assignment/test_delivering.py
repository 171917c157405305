"""When the agent runs, and what it does when there is nothing to tell or Jira is down."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from agents.catalogue import AGENTS
from agents.pm import epic_assignment as agent
from agents.schedule import slots_between
from agents.spec import RunMode, Slot
from services.errors import VendorUnavailableError
from services.pm.epic_assignment import EpicAssignments
from tests.pm.epic_assignment.conftest import Bench

if TYPE_CHECKING:
    from services.alerts import Finding, Outcome
    from services.container import Services


@dataclass
class Noted:
    """Alerts that note what they are given."""

    findings: list[Any] = field(default_factory=list)

    async def deliver(self, findings: list[Finding], mode: RunMode) -> list[Outcome]:
        self.findings += findings
        return []


@dataclass
class SmallServices:
    """The fields of `Services` that the agent uses when nothing is posted."""

    epic_assignments: EpicAssignments
    alerts: Noted


def services_of(bench: Bench) -> tuple[Services, Noted]:
    """Return services that post nothing, and what they were given to post."""
    noted = Noted()
    return cast("Services", SmallServices(bench.epics, noted)), noted


def slot_of(bench: Bench) -> Slot:
    """Return a slot at this moment."""
    return Slot(bench.site.now(), "America/New_York")


@pytest.mark.requirement("PM-6.1")
def test_the_agent_runs_daily_at_14_00_on_the_accounts_clock() -> None:
    assert agent.SPEC in AGENTS
    start = datetime(2026, 11, 19, 5, tzinfo=UTC)
    slots = slots_between(agent.SPEC.schedule, "America/New_York", start, start + timedelta(days=7))
    assert [(slot - timedelta(hours=5)).time().isoformat() for slot in slots] == ["14:00:00"] * 7


async def test_when_every_ticket_has_an_epic_nothing_is_posted_and_a_run_by_hand_says_so(bench: Bench) -> None:
    for key in ("APP-3", "APP-4", "APP-5"):
        bench.moves_in_jira(key, "APP-1")
    await bench.mirror.sync("jira")
    services, noted = services_of(bench)
    slot = slot_of(bench)
    findings = agent.assess(await agent.collect(services, slot), slot.at)
    delivery = await agent.deliver(services, findings, RunMode.LIVE)
    assert delivery.line == "Every ticket has an epic: 3 open tickets in APP"
    assert noted.findings == []


@pytest.mark.requirement("PM-6.3", "SLK-7")
async def test_each_project_gets_one_finding_a_day_that_is_not_folded_into_a_digest(bench: Bench) -> None:
    services, noted = services_of(bench)
    slot = slot_of(bench)
    findings = agent.assess(await agent.collect(services, slot), slot.at)
    await agent.deliver(services, findings, RunMode.LIVE)
    (finding,) = noted.findings
    assert finding.dedupe_key == f"epic-assignment:APP:{slot.day}"
    assert finding.recipient.slack_id == "U0PRIYA"
    assert not finding.digestible
    assert finding.text.startswith("APP: 3 open tickets have no epic")


async def test_a_dry_run_shows_the_message_and_keeps_nothing(bench: Bench) -> None:
    services, noted = services_of(bench)
    slot = slot_of(bench)
    findings = agent.assess(await agent.collect(services, slot), slot.at)
    await agent.deliver(services, findings, RunMode.DRY_RUN)
    assert len(noted.findings[0].blocks) > 3
    assert await bench.suggestions("APP-3") == []
    assert await bench.compliance() == []


async def test_with_jira_down_and_a_stale_mirror_the_run_waits_instead_of_guessing(bench: Bench) -> None:
    bench.site.sandbox.clock.advance(timedelta(hours=1))
    bench.site.fail("status", status=503, times=None)
    services, _ = services_of(bench)
    with pytest.raises(VendorUnavailableError):
        await agent.collect(services, slot_of(bench))
