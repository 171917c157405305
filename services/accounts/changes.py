"""Changes to members and settings, each on the audit trail in the transaction that makes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.accounts.service import Accounts, Also
from services.accounts.types import AccountRef, MemberRef, Role
from services.effects.audit import AuditLine, AuditTrail
from services.effects.types import Actor


@dataclass(frozen=True)
class AccountChanges:
    """What people change about accounts and members; a change that changes nothing leaves no line.

    `lines` are those that were written, for [Undo].
    """

    accounts: Accounts
    audit: AuditTrail
    reason: str = ""
    lines: list[AuditLine] = field(default_factory=list)

    async def link_jira(self, by: MemberRef, member: MemberRef, jira_account_id: str | None) -> MemberRef:
        """Link a member to a Jira account, or unlink with None; `ConflictError` when it is another member's."""
        action = "link.jira" if jira_account_id else "unlink.jira"
        also = self._line(by, action, _target(member))
        return await self.accounts.link_jira(member.id, jira_account_id, also=also)

    async def set_role(self, by: MemberRef, member: MemberRef, role: Role) -> MemberRef:
        """Give a member a role; the last admin keeps theirs (`ConflictError`)."""
        append = self._line(by, "member.role", _target(member))

        async def also(session: AsyncSession, before: Any, after: Any) -> None:
            await append(session, *({"role": each, "member_id": member.id} for each in (before, after)))

        return await self.accounts.set_role(member.id, role, also=also)

    async def set_preferences(self, by: MemberRef, member: MemberRef, values: Mapping[str, Any]) -> None:
        """Change a member's own preferences; None removes one."""
        also = self._line(by, "member.preferences", _target(member))
        await self.accounts.set_preferences(member.id, values, also=also)

    async def set_settings(
        self,
        by: MemberRef,
        account: AccountRef,
        values: Mapping[str, Any],
        *,
        only_if: Mapping[str, Any] | None = None,
    ) -> None:
        """Change settings of the account; None removes one; `ConflictError` unless they are as `only_if` says."""
        also = self._line(by, "account.settings", account.name)
        await self.accounts.set_settings(values, also=also, only_if=only_if)

    async def set_time_zone(self, by: MemberRef, account: AccountRef, time_zone: str) -> AccountRef:
        """Change the account's time zone, and tell whoever asked `Accounts.on_change`."""
        if time_zone == account.time_zone:
            return account
        changed = await self.accounts.set_time_zone(account, time_zone)
        line = await self.audit.record(
            actor=Actor(by.id, by.display_name),
            action="account.time_zone",
            target=account.name,
            result="done",
            reason=self.reason,
            before=account.time_zone,
            after=time_zone,
        )
        self.lines.append(line)
        return changed

    def _line(self, by: MemberRef, action: str, target: str) -> Also:
        async def append(session: AsyncSession, before: Any, after: Any) -> None:
            actor = Actor(by.id, by.display_name)
            line = await self.audit.append(
                session,
                actor=actor,
                action=action,
                target=target,
                result="done",
                reason=self.reason,
                before=before,
                after=after,
            )
            self.lines.append(line)

        return append


def _target(member: MemberRef) -> str:
    return f"member {member.display_name}"
