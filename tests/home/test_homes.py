"""Homes are redrawn for those who look at them, and only when they differ."""

from __future__ import annotations

import asyncio

import pytest

from db.tenancy import account_scope
from services.accounts import AccountRef
from services.home import Homes

ACCOUNT = AccountRef("acc", "T1", "Harborline", "Etc/UTC")
OTHER = AccountRef("other", "T2", "Elsewhere", "Etc/UTC")


class Drawn:
    """Homes whose drawing is written down."""

    def __init__(self, remembered: int = 10) -> None:
        self.homes = Homes(remembered)
        self.users: list[str] = []
        self.homes.draw_with(self._draw)

    async def _draw(self, account: AccountRef, slack_user_id: str) -> None:
        self.users.append(slack_user_id)
        if slack_user_id == "U-broken":
            raise RuntimeError("no")


async def test_only_opened_homes_of_the_current_account_are_redrawn() -> None:
    drawn = Drawn()
    drawn.homes.opened(ACCOUNT, 1, "U1")
    drawn.homes.opened(ACCOUNT, 2, "U2")
    drawn.homes.opened(OTHER, 1, "U3")
    with account_scope("acc"):
        await drawn.homes.refresh()
        await drawn.homes.refresh([2, 9])
    assert drawn.users == ["U1", "U2", "U2"]


async def test_who_looked_longest_ago_is_forgotten() -> None:
    drawn = Drawn(remembered=2)
    for number in (1, 2):
        drawn.homes.opened(ACCOUNT, number, f"U{number}")
    drawn.homes.opened(ACCOUNT, 1, "U1")
    drawn.homes.opened(ACCOUNT, 3, "U3")
    with account_scope("acc"):
        await drawn.homes.refresh()
    assert sorted(drawn.users) == ["U1", "U3"]


async def test_one_home_that_cannot_be_drawn_keeps_nobody_elses_from_it() -> None:
    drawn = Drawn()
    drawn.homes.opened(ACCOUNT, 1, "U-broken")
    drawn.homes.opened(ACCOUNT, 2, "U2")
    with account_scope("acc"):
        await drawn.homes.refresh()
    assert drawn.users == ["U-broken", "U2"]


async def test_a_change_waits_for_no_drawing_and_closing_stops_it() -> None:
    homes = Homes()
    started, never = asyncio.Event(), asyncio.Event()
    seen: list[str] = []

    async def draw(account: AccountRef, slack_user_id: str) -> None:
        started.set()
        try:
            await never.wait()
        except asyncio.CancelledError:
            seen.append("stopped")
            raise

    homes.draw_with(draw)
    homes.opened(ACCOUNT, 1, "U1")
    with account_scope("acc"):
        homes.changed()
    seen.append("went on")
    await started.wait()
    await homes.close()
    assert seen == ["went on", "stopped"]


async def test_a_view_is_new_once_and_again_after_it_was_opened_or_did_not_arrive() -> None:
    homes = Homes()
    homes.opened(ACCOUNT, 1, "U1")
    view = {"type": "home", "blocks": []}
    assert homes.is_new("acc", 1, view)
    assert not homes.is_new("acc", 1, view)
    homes.forget_shown("acc", 1)
    assert homes.is_new("acc", 1, view)
    homes.opened(ACCOUNT, 1, "U1")
    assert homes.is_new("acc", 1, view)


@pytest.mark.parametrize("account_id", ["acc", "other"])
async def test_an_agent_is_run_by_one_click_at_a_time_in_each_account(account_id: str) -> None:
    homes = Homes()
    assert homes.begin_run(account_id, "time-tracking")
    assert not homes.begin_run(account_id, "time-tracking")
    assert homes.begin_run("third", "time-tracking")
    assert homes.running(account_id) == {"time-tracking"}
    homes.end_run(account_id, "time-tracking")
    assert homes.begin_run(account_id, "time-tracking")
