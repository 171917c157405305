"""Undo of settings: the values from before, all or nothing, never over somebody else's change."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

from agents.catalogue import AGENTS
from blocks import settings_receipts as receipts
from db.engine import Database
from db.tenancy import account_scope
from services.accounts import Accounts, Role, SlackProfile
from services.accounts.changes import AccountChanges
from services.accounts.settings import settings_with_agents
from services.accounts.undoing import SettingsUndo
from services.clock import utc_now
from services.effects import UNDO_WINDOW, AuditTrail
from services.effects.own_changes import OvertakenError, OwnChange
from services.errors import ConflictError, NotAllowedError, NotFoundError

SPECS = settings_with_agents([(spec.name, spec.title) for spec in AGENTS])


class Directory:
    """Ada administers the workspace; the others do not."""

    async def profile(self, slack_user_id: str) -> SlackProfile:
        return SlackProfile(slack_user_id, slack_user_id.title(), None, "UTC", slack_user_id == "ADA", False)


class Office:
    """An account with three people, and what they change in it."""

    def __init__(self, database: Database) -> None:
        self.accounts = Accounts(database, Directory(), utc_now)
        self.audit = AuditTrail(database, utc_now)
        self.undoing = SettingsUndo(self.accounts, self.audit)

    async def open(self) -> None:
        self.account = await self.accounts.account("T1", "Harborline")
        self.ada, self.bob, self.cem = [
            await self.accounts.member(self.account, name) for name in ("ADA", "BOB", "CEM")
        ]

    async def undo(self, sequences: list[int], by: str = "ada", **later: int) -> tuple[bool, list[OwnChange]]:
        self.account = await self.accounts.account("T1")
        changes = await self.undoing.changes(sequences)
        at = utc_now() + timedelta(**later)
        return await self.undoing.undo(getattr(self, by), self.account, changes, at), changes

    def changing(self) -> AccountChanges:
        return AccountChanges(self.accounts, self.audit)


@pytest.fixture
async def office(database: Database) -> Office:
    found = Office(database)
    await found.open()
    return found


def numbers(changes: AccountChanges) -> list[int]:
    return [line.sequence for line in changes.lines]


async def test_a_save_is_taken_back_whole_and_a_second_click_does_no_harm(office: Office) -> None:
    with account_scope(office.account.id):
        changes = office.changing()
        quiet = {"start": "20:00", "end": "08:00", "weekends": True}
        wanted = {"alert_daily_cap": 7, "quiet_hours": quiet, "agents.monday-card.mode": "shadow"}
        await changes.set_settings(office.ada, office.account, wanted)
        await changes.set_time_zone(office.ada, office.account, "Europe/Berlin")
        await changes.set_role(office.ada, office.bob, Role.LEAD)
        with pytest.raises(NotAllowedError, match="role \\*admin\\*"):
            await office.undo(numbers(changes), by="cem")
        is_news, told = await office.undo(numbers(changes))
        assert is_news
        assert await office.accounts.settings() == {}
        assert (await office.accounts.account("T1")).time_zone == "America/New_York"
        assert (await office.accounts.member_by_id(office.bob.id)).role is Role.ENGINEER  # type: ignore[union-attr]
        count = len(await office.audit.lines())
        assert await office.undo(numbers(changes), hours=5) == (False, await office.undoing.changes(numbers(changes)))
        assert len(await office.audit.lines()) == count
    text, _ = receipts.restored(told, SPECS, "<@ADA>", is_news=True)
    assert "• Alerts a day: 7 → 5" in text
    assert "• Quiet hours: 20:00 to 08:00 and at weekends → as usual" in text
    assert "• Monday card: shadow → live" in text
    assert "• Time zone: Europe/Berlin → America/New_York" in text
    assert "• Role of Bob: lead → engineer" in text


async def test_what_somebody_changed_since_stays_and_they_are_named(office: Office) -> None:
    with account_scope(office.account.id):
        changes = office.changing()
        await changes.set_settings(office.ada, office.account, {"alert_daily_cap": 7, "leadership": ["U1"]})
        await office.changing().set_settings(office.bob, office.account, {"leadership": ["U2"]})
        await office.changing().set_settings(office.cem, office.account, {"alerts_channel_id": "C1"})
        with pytest.raises(OvertakenError) as refusal:
            await office.undo(numbers(changes))
        assert (await office.accounts.settings())["alert_daily_cap"] == 7
        told = await office.undoing.changes(numbers(changes))
    why = receipts.overtaken(refusal.value, SPECS)
    assert why == "Bob has changed this since: Leadership is <@U2> now. Nothing was taken back."
    text, blocks = receipts.kept(told, SPECS, why)
    assert "Alerts a day: 5 → 7" in text
    assert not any(block["type"] == "actions" for block in blocks)


async def test_undo_ends_with_its_window_and_ones_own_settings_are_ones_own(office: Office) -> None:
    with account_scope(office.account.id):
        changes = office.changing()
        await changes.set_preferences(office.bob, office.bob, {"quiet_hours": {"start": "00:00", "end": "00:00"}})
        with pytest.raises(ConflictError, match="10 minutes"):
            await office.undo(numbers(changes), by="bob", seconds=int(UNDO_WINDOW.total_seconds()) + 5)
        with pytest.raises(NotAllowedError, match="their own settings"):
            await office.undo(numbers(changes))
        await office.undo(numbers(changes), by="bob")
        assert await office.accounts.preferences(office.bob.id) == {}
        with pytest.raises(NotFoundError):
            await office.undo([99])


def test_what_was_not_written_has_no_undo() -> None:
    [line] = receipts.saved({}, SPECS, [])[1]
    assert "nothing is changed" in line["text"]["text"]
    shown = receipts.saved({"alert_daily_cap": (5, 7)}, SPECS, [SimpleNamespace(sequence=4, at=utc_now(), target="x")])  # type: ignore[list-item]
    assert shown[1][-1]["elements"][0]["value"] == "4"
