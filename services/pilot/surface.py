"""Where sessions are seen in Slack: their thread and its task lane, which is redrawn in place with each change."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import structlog

from db.base import canonical_json
from db.tenancy import account_scope, current_account_id
from services.accounts.types import MemberRef
from services.errors import VendorError
from services.pilot.notes.debounce import Debounce
from services.pilot.scripts.risk import assess
from services.pilot.scripts.types import Language, RiskReport
from services.pilot.sessions import PilotSessions
from services.pilot.types import Session
from services.slack.errors import SlackRefusedError
from services.slack.sender import Posted, SlackSender

Block = dict[str, Any]
Drawn = tuple[str, list[Block]]
DrawLane = Callable[[Session, RiskReport | None], Drawn]
DrawRoot = Callable[[Session, str], Drawn]
REMEMBERED = 2_000
GONE = frozenset({"message_not_found", "thread_not_found", "channel_not_found", "cant_update_message"})
log = structlog.get_logger(__name__)


def risk_of(session: Session) -> RiskReport | None:
    """Return what the active fix's script does, None without one."""
    fix = session.active_fix
    if fix is None or not fix.script_body:
        return None
    try:
        return assess(Language(fix.script_language.lower()), fix.script_body)
    except ValueError:
        return None


class PilotLanes:
    """The threads of sessions. A first change is shown at once, those that follow within 500 ms with one more edit."""

    def __init__(self, sessions: PilotSessions, slack: SlackSender, draw_lane: DrawLane, draw_root: DrawRoot) -> None:
        self._sessions = sessions
        self._slack = slack
        self._draw_lane = draw_lane
        self._draw_root = draw_root
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

        `look_first_since` (seconds since 1970): take the thread that an earlier attempt may have left since then.
        """
        text, blocks = self._draw_root(session, f"<@{by.slack_user_id}>")
        key = f"session:{session.id}"
        root = await self._slack.post_once(key, channel, text, blocks, look_first_since=look_first_since)
        session = await self._sessions.attach_thread(session.id, root.channel, root.ts)
        await self.redraw(session.id)
        return await self._sessions.get(session.id)

    async def redraw(self, session_id: str, *, is_asked_for: bool = False) -> None:
        """Show the lane as the session is now; one that somebody deleted is posted again.

        What shows it already is edited only if somebody asked: they may have deleted it.
        """
        lock = self._locks.setdefault(session_id, asyncio.Lock())
        async with lock:
            session = await self._sessions.get(session_id)
            if session.channel_id is None or session.thread_ts is None:
                return
            text, blocks = self._draw_lane(session, risk_of(session))
            drawn = canonical_json([session.lane_ts, text, blocks])
            if session.lane_ts is not None and self._shown.get(session_id) == drawn and not is_asked_for:
                return
            lane_ts = await self._show(session, session.channel_id, session.thread_ts, (text, blocks))
            self._remember(session_id, canonical_json([lane_ts, text, blocks]))
        if await self._sessions.version(session_id) != session.state_version:
            self.changed(session)

    async def _show(self, session: Session, channel: str, thread_ts: str, drawn: Drawn) -> str:
        if session.lane_ts is not None:
            try:
                return (await self._slack.update(channel, session.lane_ts, *drawn)).ts
            except SlackRefusedError as error:
                if error.code not in GONE:
                    raise
        posted = await self._posted(session, channel, thread_ts, drawn)
        await self._sessions.set_lane_message(session.id, posted.ts)
        await self._pin(posted)
        return posted.ts

    async def _posted(self, session: Session, channel: str, thread_ts: str, drawn: Drawn) -> Posted:
        try:
            return await self._slack.post(channel, *drawn, thread_ts=thread_ts)
        except SlackRefusedError as error:
            if error.code != "thread_not_found":
                raise
        # the thread was deleted: what is known is not lost with it
        text, blocks = self._draw_root(session, "somebody whose thread was deleted")
        root = await self._slack.post(channel, text, blocks)
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

    def _redraw_due(self, debounce: Debounce) -> None:
        loop = asyncio.get_running_loop()
        for key in debounce.due():
            task = loop.create_task(self._redraw_quietly(key))
            self._redraws.add(task)
            task.add_done_callback(self._redraws.discard)
        if self._timer is not None:
            self._timer.cancel()
        wait_s = debounce.next_in()
        self._timer = None if wait_s is None else loop.call_later(wait_s, self._redraw_due, debounce)

    async def _redraw_quietly(self, key: str) -> None:
        account_id, _, session_id = key.partition("/")
        try:
            with account_scope(account_id):
                await self.redraw(session_id)
        except Exception:
            log.exception("lane could not be redrawn", session=session_id)
