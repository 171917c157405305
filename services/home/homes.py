"""Who has looked at their Home lately, and what it showed: so that it is redrawn for them and only when it differs."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field

import structlog

from db.base import canonical_json
from db.tenancy import current_account_id
from services.accounts.types import AccountRef

REMEMBERED = 500
LINKS_KEPT = 2_000
AT_ONCE = 5
Draw = Callable[[AccountRef, str], Awaitable[None]]
"""Draws the Home of a member (by Slack id) of the current account."""
log = structlog.get_logger(__name__)


async def thread_url(
    homes: Homes, ask: Callable[[str, str], Awaitable[str]], channel: str | None, thread_ts: str | None
) -> str:
    """Return the address that opens a thread, empty without one; `VendorError` when Slack does not say."""
    if channel is None or thread_ts is None:
        return ""
    # a root's own address only scrolls to it
    return f"{await homes.link(channel, thread_ts, ask)}?thread_ts={thread_ts}&cid={channel}"


@dataclass
class _Opened:
    account: AccountRef
    slack_user_id: str
    shown: str = ""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Homes:
    """The Homes opened lately, `REMEMBERED` at most; of other people's nobody notices that they are old."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._opened: OrderedDict[tuple[str, int], _Opened] = OrderedDict()
        self._draw: Draw | None = None
        self._running: set[tuple[str, str]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._links: OrderedDict[tuple[str, str], str] = OrderedDict()

    def draw_with(self, draw: Draw) -> None:
        """Have Homes drawn by this."""
        self._draw = draw

    def opened(self, account: AccountRef, member_id: int, slack_user_id: str) -> None:
        """Remember that a member looks at their Home; it is drawn next time whatever it showed."""
        key = (account.id, member_id)
        self._opened.setdefault(key, _Opened(account, slack_user_id)).shown = ""
        self._opened.move_to_end(key)
        while len(self._opened) > self._remembered:
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

    def changed(self, member_ids: Collection[int] | None = None) -> None:
        """Redraw soon, without being waited for, what `refresh` would; call it after a change."""
        if self._draw is not None and self._opened:
            task = asyncio.get_running_loop().create_task(self.refresh(member_ids))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def refresh(self, member_ids: Collection[int] | None = None) -> None:
        """Redraw opened Homes of the current account: these members', or everybody's. What fails is logged."""
        account_id = current_account_id()
        wanted = [
            opened
            for (account, member_id), opened in self._opened.items()
            if account == account_id and (member_ids is None or member_id in member_ids)
        ]
        turns = asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(*(self._redraw(opened, turns) for opened in wanted))

    async def _redraw(self, opened: _Opened, turns: asyncio.Semaphore) -> None:
        # one drawing at a time each: the older one must not arrive last
        async with opened.lock, turns:
            try:
                if self._draw is not None:
                    await self._draw(opened.account, opened.slack_user_id)
            except Exception:
                log.exception("home could not be drawn", user=opened.slack_user_id)

    async def close(self) -> None:
        """Stop redrawing."""
        self._draw = None
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def link(self, channel: str, ts: str, ask: Callable[[str, str], Awaitable[str]]) -> str:
        """Return the address of a message, which never changes, so that Slack is asked for it once."""
        known = self._links.get((channel, ts))
        if known is None:
            known = self._links[channel, ts] = await ask(channel, ts)
            if len(self._links) > LINKS_KEPT:
                self._links.popitem(last=False)
        return known

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
