"""Start sessions, and take them up again: a thread in the channel, with its lane."""

from __future__ import annotations

from typing import Any

import structlog

from blocks.pilot import lists
from blocks.pilot.forms import CHANNEL, PROBLEM, START_VIEW, TICKET, start_form
from blocks.pilot.parts import OPEN_DM, REOPEN, RESUME
from blocks.text import to_plain
from handlers.permissions import require
from handlers.pilot.talking import first_turn
from handlers.request import Request
from handlers.router import Router, errors
from services.accounts.types import Role
from services.commands.types import Reply
from services.errors import FlowPilotError, InvalidInputError, VendorError, VendorNotFoundError
from services.home import homes
from services.pilot.psa.refs import without_ref
from services.pilot.surface import CLOSED_TO_US, look_from
from services.pilot.types import Session, SessionStatus, TicketRef
from services.slack.errors import SlackRefusedError

log = structlog.get_logger(__name__)


def register(router: Router) -> None:
    """Handle the shortcuts, the form, and what opens a thread."""
    router.shortcut("pilot.start_from_message")(start_from_message)
    router.shortcut("pilot.start")(start_from_nothing)
    router.view(START_VIEW, validate=check_form)(start_from_form)
    router.action(RESUME)(resume_clicked)
    router.action(REOPEN)(reopen)
    router.action(OPEN_DM)(open_in_dm)


async def open_session(request: Request, problem: str, channel: str, ticket_text: str = "") -> Reply | None:
    """Open a session on a problem in the channel's thread; a ticket that the text names is linked."""
    await may_work(request, "open a session")
    words = to_plain(problem)
    ticket, company = await _ticket(request, words, ticket_text)
    # the ticket has its own place beside the title; the problem keeps every word
    first_line = words.strip().split("\n")[0]
    title = without_ref(first_line, ticket.provider, ticket.ticket_id) if ticket else ""
    session = await request.services.pilot.open(words, request.member, title=title, ticket=ticket, company=company)
    return await show(request, session, channel, is_new=True)


async def show(request: Request, session: Session, channel: str, *, is_new: bool = False) -> Reply | None:
    """Give a session its thread in a channel, or say where it is and why it is not there."""
    services = request.services
    try:
        # who opened it may have died before they noted where its thread is
        since = None if is_new or session.thread_ts else look_from(session.created_at)
        session = await services.pilot_lanes.start(session, channel, request.member, look_first_since=since)
    except SlackRefusedError as error:
        return not_there(session, error)
    reply = await where_it_is(request, session)
    if not is_new:
        return reply
    # where it is comes first: the first turn may take a model's time
    await _say(request, reply)
    await first_turn(request, session)
    return None


async def _say(request: Request, reply: Reply) -> None:
    """Answer where the form was opened on a message, to the person only; everything else as it came."""
    channel = str(request.private_metadata.get("channel") or "")
    if channel:
        try:
            await request.services.slack.ephemeral(channel, request.member.slack_user_id, reply.text, reply.blocks)
            await request.responder.done()
        except VendorError as error:
            log.info("answered by a direct message", why=error.message)
        else:
            return
    await request.reply(reply)


def not_there(session: Session, error: SlackRefusedError) -> Reply:
    """Say why a session cannot go on in a conversation, and how it can; any other refusal is raised again."""
    if error.code not in CLOSED_TO_US:
        raise error
    text, blocks = lists.no_thread_said(session.title, session.id, error.message, error.hint)
    return Reply(text, tuple(blocks))


async def where_it_is(request: Request, session: Session) -> Reply:
    """Return a link to a session's thread."""
    url = await thread_url(request, session.channel_id, session.thread_ts)
    text, blocks = lists.opened_said(session.title, url)
    return Reply(text, tuple(blocks))


async def thread_url(request: Request, channel: str | None, thread_ts: str | None) -> str:
    """Return the address of a thread; empty when Slack does not say."""
    services = request.services
    try:
        return await homes.thread_url(services.homes, services.slack.permalink, channel, thread_ts)
    except VendorError:
        return ""


async def _ticket(request: Request, words: str, typed: str) -> tuple[TicketRef | None, str]:
    """Return the ticket that is meant and its company; a system that is down is no reason not to begin."""
    psa = request.services.psa
    ref = await psa.read(typed) if typed.strip() else await psa.mentioned(words)
    if ref is None:
        return None, ""
    try:
        ticket = await psa.ticket(ref)
    except VendorNotFoundError:
        if typed.strip():
            raise
        return None, ""
    except VendorError:
        return ref, ""
    return ticket.ref, ticket.company


async def start_from_message(request: Request) -> None:
    """Open the form with a message's words."""
    await may_work(request, "open a session")
    message: dict[str, Any] = request.payload.get("message") or {}
    form = start_form(to_plain(str(message.get("text") or "")), request.channel or "")
    await request.services.slack.open_view(request.trigger_id, form)


async def start_from_nothing(request: Request) -> None:
    """Open the empty form."""
    await may_work(request, "open a session")
    await request.services.slack.open_view(request.trigger_id, start_form())


async def check_form(request: Request) -> dict[str, Any] | None:
    """Say in the form what is wrong with the ticket, so that nothing written is lost."""
    if typed := (request.input(TICKET) or "").strip():
        try:
            await request.services.psa.read(typed)
        except FlowPilotError as error:
            return errors(**{TICKET: f"{error.message} {error.hint}".strip()})
    return None


async def start_from_form(request: Request) -> None:
    """Open the session that the form describes."""
    problem, channel = request.input(PROBLEM) or "", str(request.input(CHANNEL) or "")
    if reply := await open_session(request, problem, channel, request.input(TICKET) or ""):
        await _say(request, reply)


async def resume(request: Request, session: Session, channel: str) -> Reply | None:
    """Show the lane of a session again, and open a thread where it has none."""
    await may_work(request, "go on with a session")
    if session.status is not SessionStatus.OPEN:
        session = await request.services.pilot.reopen(session.id, request.member)
    if session.thread_ts is None or not await _is_shown(request, session):
        return await show(request, session, channel)
    return await where_it_is(request, await request.services.pilot.get(session.id))


async def _is_shown(request: Request, session: Session) -> bool:
    """Show the lane where the session is; False when it cannot go on there."""
    slack, channel = request.services.slack, session.channel_id or ""
    try:
        await request.services.pilot_lanes.redraw(session.id, is_asked_for=True)
        session = await request.services.pilot.get(session.id)
        # edits work in archived channels too, so only this tells whether answers will
        said = "Here it goes on: write in this thread, or use the task lane."
        await slack.ephemeral(channel, request.member.slack_user_id, said, thread_ts=session.thread_ts)
    except SlackRefusedError as error:
        if error.code in CLOSED_TO_US:
            return False
        if error.code != "user_not_in_channel":
            raise
    return True


async def resume_clicked(request: Request) -> Reply | None:
    """Go on with the session of a list's line."""
    session = await request.services.pilot.get(request.suffix)
    channel = request.channel or await request.services.slack.direct_channel(request.member.slack_user_id)
    reply = await resume(request, session, channel)
    now = await request.services.pilot.get(session.id)
    # Home's [Go on] leads into the thread by itself
    return None if request.view and session.thread_ts and now.thread_ts == session.thread_ts else reply


async def open_in_dm(request: Request) -> Reply | None:
    """Give a session its thread in the conversation with FlowPilot."""
    await may_work(request, "open a session")
    session = await request.services.pilot.get(request.value)
    if session.thread_ts is not None and await _is_shown(request, session):
        return await where_it_is(request, await request.services.pilot.get(session.id))
    channel = await request.services.slack.direct_channel(request.member.slack_user_id)
    return await show(request, session, channel, is_new=session.thread_ts is None)


async def reopen(request: Request) -> None:
    """Take an ended session up again."""
    await may_work(request, "open a session again")
    await request.services.pilot.reopen(request.value, request.member)


async def may_work(request: Request, what: str) -> None:
    """Raise `NotAllowedError` unless the member may work in sessions; a refusal is on the record."""
    await require(request, Role.ENGINEER, what, action="pilot", target=request.value or request.text[:100])


def ids_of(text: str) -> tuple[str, str]:
    """Return the two ids that a button carries, or raise `InvalidInputError` for one from elsewhere."""
    session_id, _, thing_id = text.partition(":")
    if not session_id or not thing_id:
        raise InvalidInputError("That button is from an older version.", hint="`/pilot resume` shows a fresh one.")
    return session_id, thing_id
