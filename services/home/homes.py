"""Who has looked at their Home lately, and what it showed: so that it is redrawn for them and only when it differs."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field

from db.base import canonical_json
from db.tenancy import account_scope, current_account_id
from services.accounts.types import AccountRef

REMEMBERED = 500
AT_ONCE = 5
Draw = Callable[[AccountRef, str], Awaitable[None]]
"""Draws the Home of a member (by Slack id) of an account."""


@dataclass
class _Opened:
    account: AccountRef
    slack_user_id: str
    member_id: int
    shown: str = ""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Homes:
    """The Homes opened lately, `REMEMBERED` at most; of other people's nobody notices that they are old."""

    def __init__(self) -> None:
        self._opened: OrderedDict[tuple[str, int], _Opened] = OrderedDict()
        self._draw: Draw | None = None
        self._running: set[tuple[str, str]] = set()

    def begin_run(self, account_id: str, agent: str) -> bool:
        """Note that a button started an agent's run; False when one that a button started is still under way."""
        if (account_id, agent) in self._running:
            return False
        self._running.add((account_id, agent))
        return True

    def end_run(self, account_id: str, agent: str) -> None:
        """Note that a run has ended."""
        self._running.discard((account_id, agent))

    def running(self, account_id: str) -> frozenset[str]:
        """Return the agents whose runs buttons have started."""
        return frozenset(agent for account, agent in self._running if account == account_id)

    def draw_with(self, draw: Draw) -> None:
        """Have `refresh` draw with this."""
        self._draw = draw

    def opened(self, account: AccountRef, member_id: int, slack_user_id: str) -> None:
        """Remember that a member looks at their Home; it is drawn next time whatever it showed."""
        key = (account.id, member_id)
        self._opened[key] = _Opened(account, slack_user_id, member_id)
        self._opened.move_to_end(key)
        while len(self._opened) > REMEMBERED:
            self._opened.popitem(last=False)

    def is_new(self, account_id: str, member_id: int, view: object) -> bool:
        """Tell whether `view` differs from what the Home shows, and remember it as shown."""
        opened = self._opened.get((account_id, member_id))
        shown = hashlib.sha256(canonical_json(view).encode()).hexdigest()
        if opened is None or opened.shown == shown:
            return opened is None
        opened.shown = shown
        return True

    def forget_shown(self, account_id: str, member_id: int) -> None:
        """Draw again next time, because what was to be shown did not arrive."""
        if opened := self._opened.get((account_id, member_id)):
            opened.shown = ""

    async def refresh(self, member_ids: Collection[int] | None = None) -> None:
        """Redraw opened Homes of the current account: these members', or everybody's; call it after a change."""
        draw = self._draw
        if draw is None:
            return
        account_id = current_account_id()
        wanted = [
            opened
            for (account, member_id), opened in self._opened.items()
            if account == account_id and (member_ids is None or member_id in member_ids)
        ]
        turns = asyncio.Semaphore(AT_ONCE)

        async def one(opened: _Opened) -> None:
            # one drawing at a time each: the older one must not arrive last
            async with turns, opened.lock:
                await draw(opened.account, opened.slack_user_id)

        with account_scope(account_id):
            await asyncio.gather(*(one(opened) for opened in wanted))
