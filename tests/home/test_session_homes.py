"""Homes of those who take part in a session follow it, with one redraw for many changes."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from db.tenancy import account_scope
from services.home.sessions import SessionHomes
from services.pilot.types import ItemStatus, LaneItem, LaneKind
from tests.home.test_homes import ACCOUNT, OTHER, Drawn
from tests.pilot.slack.test_lane import fact, session


@pytest.mark.requirement("FLP-7.1")
async def test_many_changes_redraw_the_homes_of_those_who_take_part_once() -> None:
    drawn = Drawn()
    for number in (1, 2, 3, 4):
        drawn.homes.opened(ACCOUNT, number, f"U{number}")
    drawn.homes.opened(OTHER, 1, "U-other")
    homes = SessionHomes(drawn.homes, wait_s=0.01)
    answered = LaneItem("i", LaneKind.QUESTION, "Sure?", ItemStatus.DONE, answered_by_member_id=2)
    now = session(opened_by_member_id=1, items=(answered,))
    with account_scope("acc"):
        for _ in range(20):
            homes.changed(now)
        homes.changed(replace(now, facts=(replace(fact(1, "A"), created_by_member_id=3),)))
    async with asyncio.timeout(5):
        while len(drawn.users) < 3:
            await asyncio.sleep(0.005)
    await drawn.homes.close()
    assert sorted(drawn.users) == ["U1", "U2", "U3"]
