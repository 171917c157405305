"""Drafts that wait for their person: they survive a restart, and each is posted once."""

from __future__ import annotations

import secrets

from services.accounts import Accounts, MemberRef
from services.errors import NotFoundError
from services.slack.markup import truncate
from services.tickets.types import Draft

PREFERENCE = "ticket_drafts"
KEPT = 5
MODAL_CHARACTERS = 3000
"""What fits into a text input of Slack's."""


class Drafts:
    """The last few drafts of each member."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def keep(self, member: MemberRef, key: str, text: str, *, answered_by: str, reason: str = "") -> Draft:
        """Store a draft; the oldest of more than `KEPT` goes."""
        draft = Draft(secrets.token_hex(6), key, truncate(text, MODAL_CHARACTERS), answered_by, reason)
        drafts = await self._of(member)
        drafts[draft.id] = {"key": key, "text": draft.text, "answered_by": answered_by, "reason": reason}
        await self._store(member, dict(list(drafts.items())[-KEPT:]))
        return draft

    async def get(self, member: MemberRef, draft_id: str) -> Draft:
        """Return a member's own draft; `NotFoundError` when it was posted, discarded or replaced."""
        stored = (await self._of(member)).get(draft_id)
        if stored is None:
            raise NotFoundError(
                "That draft is no longer there: it was posted, discarded, or is not yours.",
                hint="`/ticket draft KEY` makes a new one.",
            )
        return Draft(id=draft_id, **stored)

    async def discard(self, member: MemberRef, draft_id: str) -> None:
        """Forget a draft; harmless when it is gone."""
        drafts = await self._of(member)
        if drafts.pop(draft_id, None) is not None:
            await self._store(member, drafts)

    async def _of(self, member: MemberRef) -> dict[str, dict[str, str]]:
        return dict((await self._accounts.preferences(member.id)).get(PREFERENCE) or {})

    async def _store(self, member: MemberRef, drafts: dict[str, dict[str, str]]) -> None:
        await self._accounts.set_preferences(member.id, {PREFERENCE: drafts or None})
