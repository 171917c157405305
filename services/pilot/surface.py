"""Where sessions are seen in Slack: their thread and its task lane, which is redrawn in place with each change."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import structlog

from db.base import canonical_json
from db.tenancy import account_scope, current_account_id
from services.accounts.types import MemberRef
from services.errors import VendorError
from services.pilot.notes.debounce import Debounce
from services.pilot.scripts.types import RiskReport
from services.pilot.sessions import PilotSessions
from services.pilot.types import Session, SessionStatus
from services.slack.errors import SlackRefusedError
from services.slack.sender import Posted, SlackSender

Block = dict[str, Any]
Drawn = tuple[str, list[Block]]
DrawLane = Callable[[Session, RiskReport | None, int], Drawn]
"""Draws the lane; the number is what models have cost for the session, in microdollars."""
DrawRoot = Callable[[Session, str], Drawn]
"""Draws the message that starts the thread; the text is who opened it, as a mention."""
DrawLost = Callable[[Session, str, str], Drawn]
"""Draws that a session cannot go on where it is, with the way out; the texts are why, and what mends it there."""
REMEMBERED = 4_000
GONE = frozenset({"message_not_found", "thread_not_found", "channel_not_found", "cant_update_message"})
THREAD_GONE = frozenset({"thread_not_found", "cannot_reply_to_message"})
CLOSED_TO_US = frozenset({"not_in_channel", "channel_not_found", "is_archived", "restricted_action"})
"""Slack's words for conversations in which nothing can be posted, though all is well otherwise."""
CLOCK_TOLERANCE_S = 60.0
log = structlog.get_logger(__name__)


def look_from(instant: datetime) -> float:
    """Return since when (seconds since 1970) to look for what was posted after an instant: Slack's clock is another."""
    return instant.timestamp() - CLOCK_TOLERANCE_S


class People(Protocol):
    """Who opened a session."""

    async def member_by_id(self, member_id: int) -> MemberRef | None:
        """Return a member of the current account."""
        ...


RiskOf = Callable[[Session], Awaitable[RiskReport | None]]
Costs = Callable[[Collection[str]], Awaitable[Mapping[str, int]]]


@dataclass(frozen=True)
class Drawing:
    """How sessions look, and what is looked up for it: what a fix's script does, and what sessions have cost."""

    lane: DrawLane
    root: DrawRoot
    lost: DrawLost
    risk_of: RiskOf
    costs: Costs


class PilotLanes:
    """The threads of sessions. A first change is shown at once, those that follow within 500 ms with one more edit."""

    def __init__(self, sessions: PilotSessions, slack: SlackSender, people: People, drawing: Drawing) -> None:
        self._sessions = sessions
        self._slack = slack
        self._people = people
        self._drawing = drawing
        self._debounce: Debounce | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._redraws: set[asyncio.Task[None]] = set()
        self._locks: dict[str, asyncio.Lock] = {}
        self._shown: OrderedDict[str, str] = OrderedDict()

    def changed(self, session: Session) -> None:
        """Have the lane of a session redrawn soon; the listener for `PilotSessions.on_change`."""
        if session.thread_ts is None:
            return
        loop = asyncio.get_running_loop()
        if self._debounce is None:
            self._debounce = Debounce(loop.time)
        self._debounce.touch(f"{current_account_id()}/{session.id}")
        self._redraw_due(self._debounce)

    async def close(self) -> None:
        """Stop redrawing."""
        if self._timer is not None:
            self._timer.cancel()
        for task in self._redraws:
            task.cancel()
        await asyncio.gather(*self._redraws, return_exceptions=True)

    async def start(
        self, session: Session, channel: str, by: MemberRef, *, look_first_since: float | None = None
    ) -> Session:
        """Open a thread for a session in a channel, with its lane in it; `VendorError` when Slack refuses.

        The thread that somebody else gave it meanwhile is the one. `look_first_since` (seconds since 1970): take the
        thread that an earlier attempt may have left since then.
        """
        async with self._sessions.threads.held(session.id):
            now = await self._sessions.get(session.id)
            if now.thread_ts is None or now.thread_ts == session.thread_ts:
                text, blocks = await self._root(now, by)
                key = f"session:{session.id}"
                root = await self._slack.post_once(key, channel, text, blocks, look_first_since=look_first_since)
                self._remember(f"{session.id} root", canonical_json([root.ts, text, blocks]))
                await self._sessions.attach_thread(session.id, root.channel, root.ts)
        await self.redraw(session.id)
        return await self._sessions.get(session.id)

    async def redraw(self, session_id: str, *, is_asked_for: bool = False) -> None:
        """Show lane and root as the session is now; a lane that somebody deleted is posted again.

        What shows it already is edited only if somebody asked: they may have deleted it.
        """
        lock = self._locks.setdefault(session_id, asyncio.Lock())
        async with lock:
            session = await self._sessions.get(session_id)
            if session.channel_id is None or session.thread_ts is None:
                return
            risk, costs = await self._drawing.risk_of(session), await self._drawing.costs([session_id])
            text, blocks = self._drawing.lane(session, risk, costs.get(session_id, 0))
            drawn = canonical_json([session.lane_ts, text, blocks])
            if session.lane_ts is None or self._shown.get(session_id) != drawn or is_asked_for:
                lane_ts = await self._show(session, session.channel_id, session.thread_ts, (text, blocks))
                self._remember(session_id, canonical_json([lane_ts, text, blocks]))
            await self._redraw_root(session_id)
        if await self._sessions.version(session_id) != session.state_version:
            self.changed(session)

    async def _root(self, session: Session, by: MemberRef | None = None) -> Drawn:
        opener = await self._opener(session) or by
        return self._drawing.root(session, f"<@{opener.slack_user_id}>" if opener else "")

    async def _opener(self, session: Session) -> MemberRef | None:
        return await self._people.member_by_id(session.opened_by_member_id) if session.opened_by_member_id else None

    async def _redraw_root(self, session_id: str) -> None:
        """Say in the channel, too, how a session stands; a root that cannot be edited stays as it is."""
        # read again: a lane that was posted anew may have begun a new thread
        session = await self._sessions.get(session_id)
        text, blocks = await self._root(session)
        drawn, key = canonical_json([session.thread_ts, text, blocks]), f"{session_id} root"
        if self._shown.get(key) == drawn or session.channel_id is None or session.thread_ts is None:
            return
        try:
            await self._slack.update(session.channel_id, session.thread_ts, text, blocks)
        except SlackRefusedError as error:
            if error.code in CLOSED_TO_US:
                raise
            log.info("root_not_redrawn", session=session_id, error=error.message)
        self._remember(key, drawn)

    async def _show(self, session: Session, channel: str, thread_ts: str, drawn: Drawn) -> str:
        if session.lane_ts is not None:
            try:
                return (await self._slack.update(channel, session.lane_ts, *drawn)).ts
            except SlackRefusedError as error:
                if error.code not in GONE:
                    raise
        async with self._sessions.threads.held(session.id):
            now = await self._sessions.get(session.id)
            if now.lane_ts not in (None, session.lane_ts):
                # another process has posted it meanwhile; the next redraw brings it up to date
                self.changed(now)
                return str(now.lane_ts)
            where = (now.channel_id or channel, now.thread_ts or thread_ts)
            posted = await self._posted(now, *where, drawn)
            await self._sessions.set_lane_message(session.id, posted.ts)
        await self._pin(posted)
        return posted.ts

    async def _posted(self, session: Session, channel: str, thread_ts: str, drawn: Drawn) -> Posted:
        try:
            return await self._slack.post(channel, *drawn, thread_ts=thread_ts)
        except SlackRefusedError as error:
            if error.code not in THREAD_GONE:
                raise
        # the thread was deleted: what is known is not lost with it
        text, blocks = await self._root(session)
        root = await self._slack.post(channel, text, blocks)
        self._remember(f"{session.id} root", canonical_json([root.ts, text, blocks]))
        await self._sessions.attach_thread(session.id, root.channel, root.ts)
        return await self._slack.post(root.channel, *drawn, thread_ts=root.ts)

    async def _pin(self, posted: Posted) -> None:
        try:
            await self._slack.pin(posted)
        except VendorError as error:
            # a lane that is not pinned works all the same: a channel's hundred pins may be taken
            log.warning("lane_not_pinned", error=error.message)

    def _remember(self, session_id: str, drawn: str) -> None:
        self._shown[session_id] = drawn
        self._shown.move_to_end(session_id)
        while len(self._shown) > REMEMBERED:
            old, _ = self._shown.popitem(last=False)
            self._locks.pop(old, None)

    def look_again(self, session: Session) -> None:
        """Redraw where something beside the session is different, such as its cost; no change waits for this."""
        if session.thread_ts is not None:
            self._redraw_soon(f"{current_account_id()}/{session.id}")

    def _redraw_soon(self, key: str) -> None:
        task = asyncio.get_running_loop().create_task(self._redraw_quietly(key))
        self._redraws.add(task)
        task.add_done_callback(self._redraws.discard)

    def _redraw_due(self, debounce: Debounce) -> None:
        loop = asyncio.get_running_loop()
        for key in debounce.due():
            self._redraw_soon(key)
        if self._timer is not None:
            self._timer.cancel()
        wait_s = debounce.next_in()
        self._timer = None if wait_s is None else loop.call_later(wait_s, self._redraw_due, debounce)

    async def _redraw_quietly(self, key: str) -> None:
        account_id, _, session_id = key.partition("/")
        try:
            with account_scope(account_id):
                try:
                    await self.redraw(session_id)
                except SlackRefusedError as error:
                    if error.code not in CLOSED_TO_US:
                        raise
                    await self._say_lost(session_id, error)
        except Exception:
            log.exception("lane could not be redrawn", session=session_id)

    async def _say_lost(self, session_id: str, error: SlackRefusedError) -> None:
        """Tell who opened a session, once for each place, that it cannot go on there, and how it can."""
        session = await self._sessions.get(session_id)
        opener, key = await self._opener(session), f"{session_id} lost"
        if opener is None or session.status is not SessionStatus.OPEN or self._shown.get(key) == session.channel_id:
            return
        self._remember(key, str(session.channel_id))
        await self._slack.direct_message(opener.slack_user_id, *self._drawing.lost(session, error.message, error.hint))
