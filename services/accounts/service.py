"""Find or make the account and the member behind whatever comes in; keep roles, links and settings."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from time import monotonic
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import Database
from db.models.accounts import Account, Member
from db.repositories import accounts as repository
from db.tenancy import account_scope
from services.accounts.types import DEFAULT_ROLE_PREFERENCE, AccountRef, MemberRef, Role, SlackProfile
from services.clock import Now
from services.errors import ConflictError, NotFoundError

CACHE_S = 30.0
OnChange = Callable[[AccountRef], Awaitable[None]]
"""Told of an account whose time zone has changed."""
Also = Callable[[AsyncSession, Any, Any], Awaitable[None]]
"""What belongs into the same transaction as a change: called with the session, what was, and what is."""


class SlackDirectory(Protocol):
    """Where profiles come from; `services.slack` implements it."""

    async def profile(self, slack_user_id: str) -> SlackProfile:
        """Return what Slack says of the user; raises `VendorError`."""
        ...


def _account_ref(row: Account) -> AccountRef:
    return AccountRef(id=row.id, slack_team_id=row.slack_team_id, name=row.name, time_zone=row.time_zone)


def _member_ref(row: Member) -> MemberRef:
    return MemberRef(
        id=row.id,
        slack_user_id=row.slack_user_id,
        display_name=row.display_name,
        role=Role(row.role),
        time_zone=row.time_zone,
        jira_account_id=row.jira_account_id,
        email=row.email,
        github_login=row.github_login,
    )


class Accounts:
    """Accounts, members, roles and settings; members are cached for `CACHE_S` seconds."""

    def __init__(
        self,
        database: Database,
        directory: SlackDirectory,
        now: Now,
        *,
        time_zone: str = "America/New_York",
        admin_slack_user_ids: Sequence[str] = (),
    ) -> None:
        self._database = database
        self._directory = directory
        self._now = now
        self._time_zone = time_zone
        self._admins = frozenset(admin_slack_user_ids)
        self._accounts: dict[str, AccountRef] = {}
        self._members: dict[tuple[str, str], tuple[float, MemberRef]] = {}
        self._on_change: list[OnChange] = []

    def on_change(self, callback: OnChange) -> None:
        """Call `callback` with every account whose time zone has changed (the clock works out its slots again)."""
        self._on_change.append(callback)

    async def account(self, slack_team_id: str, name: str = "") -> AccountRef:
        """Return the workspace's account, made on first sight."""
        if known := self._accounts.get(slack_team_id):
            return known
        try:
            async with self._database.system_transaction() as session:
                row = await repository.account_of_team(session, slack_team_id)
                if row is None:
                    row = Account(
                        id=f"acc_{uuid.uuid4().hex[:16]}",
                        slack_team_id=slack_team_id,
                        name=name or slack_team_id,
                        time_zone=self._time_zone,
                        created_at=self._now(),
                    )
                    session.add(row)
                    await session.flush()
                elif name and row.name != name:
                    row.name = name
        except IntegrityError:
            return await self.account(slack_team_id)  # another replica was first
        self._accounts[slack_team_id] = _account_ref(row)
        return self._accounts[slack_team_id]

    async def all_accounts(self) -> list[AccountRef]:
        """Return every account (for the clock and the sync loop)."""
        async with self._database.system_transaction(write=False) as session:
            return [_account_ref(row) for row in await repository.all_accounts(session)]

    async def identify(self, slack_team_id: str, slack_user_id: str) -> tuple[AccountRef, MemberRef]:
        """Return the account and the member behind a Slack payload; both are made on first sight."""
        account = await self.account(slack_team_id)
        return account, await self.member(account, slack_user_id)

    async def member(self, account: AccountRef, slack_user_id: str) -> MemberRef:
        """Return the member of `account` with that Slack id, made from their Slack profile on first sight."""
        cached = self._members.get((account.id, slack_user_id))
        if cached and cached[0] > monotonic():
            return cached[1]
        with account_scope(account.id):
            async with self._database.transaction(write=False) as session:
                row = await repository.member_of_slack_user(session, slack_user_id)
            member = _member_ref(row) if row else await self._make_member(account, slack_user_id)
        return self._remember(account.id, member)

    async def _make_member(self, account: AccountRef, slack_user_id: str) -> MemberRef:
        profile = await self._directory.profile(slack_user_id)
        role = Role(await self.get_setting(DEFAULT_ROLE_PREFERENCE, Role.ENGINEER))
        if profile.is_workspace_admin or slack_user_id in self._admins:
            role = Role.ADMIN
        elif profile.is_guest:
            role = Role.VIEWER
        row = Member(
            slack_user_id=slack_user_id,
            display_name=profile.display_name,
            email=profile.email,
            role=role,
            time_zone=profile.time_zone or account.time_zone,
            created_at=self._now(),
        )
        try:
            async with self._database.transaction() as session:
                session.add(row)
                await session.flush()
        except IntegrityError:
            async with self._database.transaction(write=False) as session:
                existing = await repository.member_of_slack_user(session, slack_user_id)
            if existing is None:
                raise
            return _member_ref(existing)
        return _member_ref(row)

    def _remember(self, account_id: str, member: MemberRef) -> MemberRef:
        self._members[account_id, member.slack_user_id] = (monotonic() + CACHE_S, member)
        return member

    def forget_cached_members(self) -> None:
        """Read members anew: somebody else, such as an import, has changed them."""
        self._members.clear()

    async def members(self) -> list[MemberRef]:
        """Return the current account's members by name."""
        async with self._database.transaction(write=False) as session:
            return [_member_ref(row) for row in await repository.members(session)]

    async def member_by_id(self, member_id: int) -> MemberRef | None:
        """Return one member of the current account."""
        async with self._database.transaction(write=False) as session:
            row = await repository.member(session, member_id)
            return _member_ref(row) if row else None

    async def member_of_jira_account(self, jira_account_id: str) -> MemberRef | None:
        """Return the member linked to that Jira account, if anyone is."""
        async with self._database.transaction(write=False) as session:
            row = await repository.member_of_jira_account(session, jira_account_id)
            return _member_ref(row) if row else None

    async def set_role(self, member_id: int, role: Role, *, also: Also | None = None) -> MemberRef:
        """Change a member's role; the last admin keeps theirs (`ConflictError`)."""
        async with self._database.transaction() as session:
            row = await _existing(session, member_id)
            before = row.role
            admins = [m for m in await repository.members(session) if m.role == Role.ADMIN]
            if admins == [row] and role is not Role.ADMIN:
                raise ConflictError(f"{row.display_name} is the only admin.", hint="Make somebody else admin first.")
            row.role = role
            if also and before != role:
                await also(session, before, str(role))
        return self._remember(row.account_id, _member_ref(row))

    async def link_jira(self, member_id: int, jira_account_id: str | None, *, also: Also | None = None) -> MemberRef:
        """Link a member to a Jira account, or unlink with None; an account has one member (`ConflictError`)."""
        async with self._database.transaction() as session:
            row = await _existing(session, member_id)
            before = row.jira_account_id
            if jira_account_id is not None:
                other = await repository.member_of_jira_account(session, jira_account_id)
                if other is not None and other.id != member_id:
                    raise ConflictError(
                        f"That Jira account is linked to {other.display_name} already.",
                        hint="They or an admin can unlink it first: `/flowpilot link`.",
                    )
            row.jira_account_id = jira_account_id
            if also and before != jira_account_id:
                await also(session, before, jira_account_id)
        return self._remember(row.account_id, _member_ref(row))

    async def settings(self) -> Mapping[str, Any]:
        """Return the current account's preferences; empty when nobody has changed any."""
        async with self._database.transaction(write=False) as session:
            row = await repository.settings_row(session)
            return dict(row.preferences) if row else {}

    async def get_setting(self, key: str, default: Any = None) -> Any:
        """Return one preference of the current account."""
        return (await self.settings()).get(key, default)

    async def set_setting(self, key: str, value: Any) -> None:
        """Set one preference of the current account; None removes it."""
        async with self._database.transaction() as session:
            await repository.write_setting(session, key, value, self._now())

    async def set_settings(
        self, values: Mapping[str, Any], *, also: Also | None = None, only_if: Mapping[str, Any] | None = None
    ) -> None:
        """Set several preferences of the current account at once; `also` gets those that change, None removes.

        Raises `ConflictError` when what changes is not as `only_if` says.
        """
        async with self._database.transaction() as session:
            known = dict((await repository.settings_row_to_change(session, self._now())).preferences)
            changed = {key: value for key, value in values.items() if known.get(key) != value}
            if only_if is not None and any(known.get(key) != only_if.get(key) for key in changed):
                raise ConflictError("Somebody has changed that in this moment.", hint="Look at it again.")
            for key, value in changed.items():
                await repository.write_setting(session, key, value, self._now())
            if also and changed:
                await also(session, {key: known.get(key) for key in changed}, changed)

    async def preferences(self, member_id: int) -> Mapping[str, Any]:
        """Return a member's own preferences; `NotFoundError` when there is no such member."""
        async with self._database.transaction(write=False) as session:
            return dict((await _existing(session, member_id)).preferences)

    async def set_preferences(self, member_id: int, values: Mapping[str, Any], *, also: Also | None = None) -> None:
        """Set a member's own preferences; `also` gets those that change, None removes one."""
        async with self._database.transaction() as session:
            row = await _existing(session, member_id)
            known = dict(row.preferences)
            changed = {key: value for key, value in values.items() if known.get(key) != value}
            row.preferences = {key: value for key, value in (known | changed).items() if value is not None}
            if also and changed:
                await also(session, {key: known.get(key) for key in changed}, changed)

    async def refresh_profile(self, member: MemberRef) -> MemberRef:
        """Take a member's name, e-mail and time zone from Slack again; raises `VendorError`."""
        profile = await self._directory.profile(member.slack_user_id)
        async with self._database.transaction() as session:
            row = await _existing(session, member.id)
            row.display_name, row.email = profile.display_name, profile.email
            row.time_zone = profile.time_zone or row.time_zone
        return self._remember(row.account_id, _member_ref(row))

    async def set_time_zone(self, account: AccountRef, time_zone: str) -> AccountRef:
        """Change the account's time zone (an IANA name; `NotFoundError` if there is no such zone)."""
        try:
            ZoneInfo(time_zone)
        except (KeyError, ValueError, OSError) as error:
            raise NotFoundError(
                f"There is no time zone {time_zone!r}.", hint="Use a name such as America/New_York or Europe/Berlin."
            ) from error
        async with self._database.system_transaction() as session:
            row = await session.get_one(Account, account.id)
            row.time_zone = time_zone
        changed = self._accounts[account.slack_team_id] = _account_ref(row)
        for callback in self._on_change:
            await callback(changed)
        return changed


async def _existing(session: AsyncSession, member_id: int) -> Member:
    row = await repository.member(session, member_id)
    if row is None:
        raise NotFoundError("That member is not in this workspace.")
    return row
