"""Proposals of who somebody is in Jira, against a Jira on a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from db.engine import Database
from db.tenancy import account_scope
from services.accounts import AccountRef, Accounts, MemberRef, Role, SlackProfile
from services.accounts.changes import AccountChanges
from services.accounts.linking import propose_links
from services.clock import utc_now
from services.effects import AuditTrail
from services.errors import ConflictError, NotFoundError
from tests.vendors.site import ALICE, BOB, Site, running_site

PROFILES = {
    "U1": SlackProfile("U1", "A. Ames", "alice@harborline.test", "Europe/Berlin", True, False),
    "U2": SlackProfile("U2", "Bob", "someone@elsewhere.test", "Etc/UTC", False, False),
    "U3": SlackProfile("U3", "Zoe Zane", None, "Etc/UTC", False, False),
}


class Directory:
    """A Slack that knows three people."""

    async def profile(self, slack_user_id: str) -> SlackProfile:
        """Return one of them."""
        return PROFILES[slack_user_id]


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with running_site() as running:
        yield running


@pytest.fixture
def accounts(database: Database) -> Accounts:
    return Accounts(database, Directory(), utc_now)


@pytest.fixture
async def account(accounts: Accounts) -> AccountRef:
    return await accounts.account("T1", "Harborline")


async def people(accounts: Accounts, account: AccountRef) -> list[MemberRef]:
    return [await accounts.member(account, user) for user in PROFILES]


async def test_an_email_is_a_hint_and_so_is_a_name(accounts: Accounts, account: AccountRef, site: Site) -> None:
    alice, bob, zoe = await people(accounts, account)
    with account_scope(account.id):
        [first] = await propose_links(accounts, site.jira, alice)
        [second] = await propose_links(accounts, site.jira, bob)
        assert await propose_links(accounts, site.jira, zoe) == []
    assert (first.jira_account_id, first.because) == (ALICE, "Jira finds it by your e-mail address")
    assert (second.jira_account_id, second.because) == (BOB, "the names are alike")


async def test_nobody_is_offered_who_is_linked_to_somebody_else(
    accounts: Accounts, account: AccountRef, site: Site
) -> None:
    _, bob, zoe = await people(accounts, account)
    with account_scope(account.id):
        await accounts.link_jira(zoe.id, BOB)
        assert await propose_links(accounts, site.jira, bob) == []


async def test_a_link_is_on_the_trail_once_and_a_conflict_leaves_no_line(
    database: Database, accounts: Accounts, account: AccountRef
) -> None:
    alice, bob, _ = await people(accounts, account)
    audit = AuditTrail(database, utc_now)
    changes = AccountChanges(accounts, audit)
    with account_scope(account.id):
        await changes.link_jira(alice, alice, ALICE)
        await changes.link_jira(alice, alice, ALICE)
        with pytest.raises(ConflictError, match=r"A\. Ames"):
            await changes.link_jira(alice, bob, ALICE)
        lines = await audit.lines()
    assert [(line.action, line.target, line.before, line.after) for line in lines] == [
        ("link.jira", "member A. Ames", None, ALICE)
    ]


async def test_settings_are_on_the_trail_with_before_and_after(
    database: Database, accounts: Accounts, account: AccountRef
) -> None:
    alice, *_ = await people(accounts, account)
    audit = AuditTrail(database, utc_now)
    changes = AccountChanges(accounts, audit)
    with account_scope(account.id):
        await changes.set_settings(alice, account, {"alert_daily_cap": 7})
        await changes.set_settings(alice, account, {"alert_daily_cap": 7})
        await changes.set_settings(alice, account, {"alert_daily_cap": None})
        assert await accounts.settings() == {}
        lines = await audit.lines()
    assert [(line.before, line.after) for line in lines] == [
        ({"alert_daily_cap": None}, {"alert_daily_cap": 7}),
        ({"alert_daily_cap": 7}, {"alert_daily_cap": None}),
    ]


async def test_a_new_time_zone_is_told_to_the_clock_and_a_wrong_one_is_not(
    database: Database, accounts: Accounts, account: AccountRef
) -> None:
    alice, *_ = await people(accounts, account)
    told: list[str] = []

    async def clock(changed: AccountRef) -> None:
        told.append(changed.time_zone)

    accounts.on_change(clock)
    changes = AccountChanges(accounts, AuditTrail(database, utc_now))
    with account_scope(account.id):
        await changes.set_time_zone(alice, account, account.time_zone)
        await changes.set_time_zone(alice, account, "Europe/Berlin")
        with pytest.raises(NotFoundError):
            await changes.set_time_zone(alice, account, "Mars/Olympus")
    assert told == ["Europe/Berlin"]


async def test_new_members_get_the_role_that_admins_chose(accounts: Accounts, account: AccountRef) -> None:
    with account_scope(account.id):
        await accounts.set_settings({"default_role": "viewer"})
    alice, bob, _ = await people(accounts, account)
    assert (alice.role, bob.role) == (Role.ADMIN, Role.VIEWER)
