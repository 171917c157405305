"""Undo of what a settings form has changed: the values from before, unless somebody changed one of them since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.accounts.changes import AccountChanges
from services.accounts.service import Accounts
from services.accounts.types import AccountRef, MemberRef, Role, require_role
from services.effects.audit import AuditTrail
from services.effects.own_changes import OwnChange, own_change
from services.errors import NotAllowedError, NotFoundError

PREFERENCES = "member.preferences"


@dataclass(frozen=True)
class SettingsUndo:
    """Take back what one save has changed, all of it or nothing; a second time does no harm."""

    accounts: Accounts
    audit: AuditTrail

    async def changes(self, sequences: Sequence[int]) -> list[OwnChange]:
        """Return what the lines with these numbers tell, or raise `NotFoundError`."""
        return [await own_change(self.audit, sequence) for sequence in sequences]

    async def undo(self, by: MemberRef, account: AccountRef, changes: Sequence[OwnChange], at: datetime) -> bool:
        """Restore what was before; return False if that was done before.

        Raises `NotAllowedError` for who may not change it, `ConflictError` when the time is over, and
        `OvertakenError` when somebody has changed one of the values since.
        """
        for change in changes:
            _check_right(by, change)
        left = [change for change in changes if change.undone is None]
        for change in left:
            change.check(await self._now(account, change), at)
        for change in left:
            await self._restore(by, account, change)
        return bool(left)

    async def _now(self, account: AccountRef, change: OwnChange) -> Mapping[str, Any]:
        match change.line.action:
            case "account.settings":
                return await self.accounts.settings()
            case "account.time_zone":
                return {"time_zone": account.time_zone}
            case "member.role":
                member = await self._member(change.after["member_id"])
                return {"role": str(member.role), "member_id": member.id}
            case "member.preferences" if change.line.actor_member_id is not None:
                return await self.accounts.preferences(change.line.actor_member_id)
        raise NotFoundError("That change cannot be undone.", hint="Change it with a command instead.")

    async def _restore(self, by: MemberRef, account: AccountRef, change: OwnChange) -> None:
        changes = AccountChanges(self.accounts, self.audit, change.undo_reason)
        match change.line.action:
            case "account.settings":
                await changes.set_settings(by, account, change.before, only_if=change.after)
            case "account.time_zone":
                await changes.set_time_zone(by, account, change.before["time_zone"])
            case "member.role":
                member = await self._member(change.before["member_id"])
                await changes.set_role(by, member, Role(change.before["role"]))
            case _:
                await changes.set_preferences(by, by, change.before)

    async def _member(self, member_id: int) -> MemberRef:
        member = await self.accounts.member_by_id(member_id)
        if member is None:
            raise NotFoundError("That member is not in this workspace.")
        return member


def _check_right(by: MemberRef, change: OwnChange) -> None:
    if change.line.action != PREFERENCES:
        require_role(by, Role.ADMIN, "take back a change of the workspace's settings")
    elif change.line.actor_member_id != by.id:
        raise NotAllowedError("Only who changed their own settings can take that back. Nothing was changed.")
