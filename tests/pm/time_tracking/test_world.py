"""What the agent finds in the world is what the world says is there."""

from __future__ import annotations

import pytest

from agents.pm.time_tracking import assess, collect
from agents.spec import Slot
from tests.pm.time_tracking.conftest import MONDAY_TEN, NEW_YORK, Office

SLOT = Slot(MONDAY_TEN, NEW_YORK)


@pytest.mark.requirement("PM-1.1", "PM-1.2", "PM-1.3", "PM-1.5")
async def test_the_week_is_judged_as_the_world_says(office: Office) -> None:
    findings = assess(await collect(office.whole, SLOT), MONDAY_TEN)
    facts = office.world.story("week").facts
    by_slack = {week.person.member.slack_user_id: week for week in findings.people}
    assert facts["from"] == findings.week.start.isoformat()
    for key, expected in facts["people"].items():
        found = by_slack[office.world.person(key).slack_id]
        assert found.logged_seconds == expected["hours"] * 3600, key
        assert found.required_seconds == expected["required_hours"] * 3600, key
        assert found.status.value.replace("_", "-") == expected["status"], key
        assert [day.isoformat() for day in found.missing_days] == expected["missing_days"], key
        assert found.weeks_in_a_row == expected["weeks_in_a_row"], key
        assert found.person.team == office.world.person(key).team
