"""The Slack threads of sessions that programs open, and links that lead people there."""

from __future__ import annotations

import asyncio
from weakref import WeakValueDictionary

from handlers.api import models
from handlers.api.routing import Answer, Call, Routes
from handlers.api.showing import SESSION, THREAD, session_answer, session_model
from services.accounts.settings import PILOT_CHANNEL
from services.accounts.types import Role, require_role
from services.errors import ConflictError, FlowPilotError, InvalidInputError
from services.pilot.surface import look_from
from services.pilot.types import Session

ROUTES = Routes("Threads")
_STARTING: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()


@ROUTES.route("POST", THREAD, "Give a session its Slack thread", models.Session, takes=models.ThreadStart)
async def start_thread(call: Call) -> Answer:
    """Open the thread with its task lane; a session that has one keeps it."""
    require_role(call.member, Role.ENGINEER, "open a session's thread")
    session = await call.services.pilot.get(call.session_id)
    started = await _started(call, session, call.asked(models.ThreadStart).channel, may_be_there=True)
    return session_answer(started)


@ROUTES.route("GET", f"{SESSION}/link", "Get an address that leads people to the thread", models.SessionLink)
async def session_link(call: Call) -> Answer:
    """Return a signed address: good without a token, for ticket notes and mails."""
    session = await call.services.pilot.get(call.session_id)
    return Answer(models.SessionLink(url=await call.services.session_links.url(session.id)), session.state_version)


async def with_thread(call: Call, session: Session, channel: str | None) -> models.Session:
    """Return a new session with its thread; where there can be none, without one, and why."""
    try:
        return session_model(await _started(call, session, channel, may_be_there=call.is_again))
    except FlowPilotError as error:
        # the session is there whatever Slack says: its caller learns of both
        why = f"{error.message} {error.hint}".strip()
        return session_model(await call.services.pilot.get(session.id), no_thread=why)


async def _started(call: Call, session: Session, channel: str | None, *, may_be_there: bool) -> Session:
    services = call.services
    lock = _STARTING.setdefault(session.id, asyncio.Lock())
    async with lock:
        session = await services.pilot.get(session.id)
        if session.thread_ts is not None:
            if channel not in (None, session.channel_id):
                raise ConflictError(f"The session has its thread in {session.channel_id}.", hint="It stays there.")
            return session
        wanted = channel or await services.accounts.get_setting(PILOT_CHANNEL)
        if not wanted:
            raise InvalidInputError(
                "No channel is named, and this account has no channel for sessions.",
                hint="Name one, or have an admin set one: `/flowpilot settings`.",
            )
        since = look_from(session.created_at) if may_be_there else None
        return await services.pilot_lanes.start(session, wanted, call.member, look_first_since=since)
