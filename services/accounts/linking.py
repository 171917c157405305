"""Which Jira account a member may be: FlowPilot proposes, a person confirms."""

from __future__ import annotations

from typing import Protocol

from services.accounts.service import Accounts
from services.accounts.types import LinkProposal, MemberRef
from services.vendors.types import JiraUser

MAX_PROPOSALS = 3


class JiraPeople(Protocol):
    """The part of `JiraClient` that linking needs."""

    async def find_users(self, query: str) -> list[JiraUser]:
        """Return people by name or e-mail."""
        ...


async def propose_links(accounts: Accounts, jira: JiraPeople, member: MemberRef) -> list[LinkProposal]:
    """Return who in Jira the member may be, the likeliest first.

    An e-mail address is only a hint: both sides let people change it. Inactive accounts and those of other members are
    left out. Raises the `VendorError` kinds.
    """
    found: dict[str, LinkProposal] = {}
    for query, because in _hints(member):
        for user in await jira.find_users(query):
            if user.is_active and user.account_id not in found and not await _is_taken(accounts, user, member):
                found[user.account_id] = LinkProposal(user.account_id, user.display_name, user.email, because)
    return list(found.values())[:MAX_PROPOSALS]


def _hints(member: MemberRef) -> list[tuple[str, str]]:
    hints = [(member.email, "Jira finds it by your e-mail address")] if member.email else []
    return [*hints, (member.display_name, "the names are alike")]


async def _is_taken(accounts: Accounts, user: JiraUser, member: MemberRef) -> bool:
    owner = await accounts.member_of_jira_account(user.account_id)
    return owner is not None and owner.id != member.id
