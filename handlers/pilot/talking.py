"""What is said in a session's thread goes into its conversation."""

from __future__ import annotations

import re
from collections.abc import Sequence

import structlog

from blocks.pilot.answer import FEEDBACK, NOT_USEFUL, STOP, USEFUL, YES, feedback_said
from blocks.text import to_plain
from handlers.errors import explain
from handlers.permissions import require
from handlers.pilot.streaming import speak
from handlers.request import Request
from handlers.router import Router
from handlers.work import let_next
from services.accounts.types import Role, require_role
from services.commands.types import Reply
from services.errors import FlowPilotError, InvalidInputError
from services.pilot.types import Session, SessionStatus

log = structlog.get_logger(__name__)
ASIDE = ("..", "//", "&gt;")
"""What is said aside, and quotations; `//` comes only after a blank, as Slack takes it for a command."""
ONLY_MENTIONS_OTHERS = re.compile(r"\s*<@(?P<user>[UW][A-Z0-9]+)(?:\|[^>]*)?>")
NAMES_OTHERS = re.compile(r"(?i)\s*(?:@(?!flow ?pilot\b)[^\W\d_]|<!(?:here|channel|everyone|subteam\b))")
"""A name that was typed without becoming a mention, or a whole group, where a message begins."""


def register(router: Router) -> None:
    """Handle messages in threads, those of direct conversations first; [Stop], and what people think of answers."""
    router.event("message.thread")(said_in_channel)
    router.event("agent_session_stopped")(stopped_in_slack)
    router.action(STOP)(stop_clicked)
    router.action(FEEDBACK)(judged)
    router.action(USEFUL)(judged)
    router.action(NOT_USEFUL)(judged)
    router.thread_handler = said_to_app


async def said_in_channel(request: Request) -> None:
    """Take what was said in a channel's thread, if the thread is a session's and FlowPilot is meant."""
    session = await _session_of(request)
    if session is not None and is_meant(request):
        await _take(request, session)


async def said_to_app(request: Request) -> bool:
    """Take what was said to the app in a thread; a mention in a channel comes as a message as well."""
    session = await _session_of(request)
    if session is None:
        return False
    if request.event.get("type") == "message" and is_meant(request):
        await _take(request, session)
    return True


def is_meant(request: Request) -> bool:
    """Tell whether a message in a session's thread is for FlowPilot: not an aside, a quotation or to somebody else."""
    event, text = request.event, request.text.strip()
    if event.get("bot_id") or event.get("subtype") == "bot_message" or not text or text.startswith(ASIDE):
        return False
    if NAMES_OTHERS.match(text):
        return False
    addressed = ONLY_MENTIONS_OTHERS.match(text)
    own = {str(each.get("user_id")) for each in request.payload.get("authorizations") or []}
    return addressed is None or addressed["user"] in own


async def _session_of(request: Request) -> Session | None:
    if request.channel is None or request.thread_ts is None:
        return None
    return await request.services.pilot.in_thread(request.channel, request.thread_ts)


async def _take(request: Request, session: Session) -> None:
    try:
        await _continue(request, session)
    except FlowPilotError as error:
        await _tell(request, explain(error, request.correlation_id).text)


async def _continue(request: Request, session: Session) -> None:
    await require(request, Role.ENGINEER, "go on with a session", action="pilot", target=session.id)
    if request.delivery.asks_to_stop:
        if not await request.services.pilot_answers.stop(session.id, request.member.slack_user_id):
            await _tell(request, "No answer is coming just now. `/pilot close` ends the session.")
        return
    if session.status is not SessionStatus.OPEN:
        await _tell(request, f"This session is {session.status.value}. [Open again] in the task lane takes it up.")
        return
    await take_turn(request, session, to_plain(request.text), request.message_ts)


async def first_turn(request: Request, session: Session) -> None:
    """Begin, once: the problem is the first thing that was said."""
    await take_turn(request, session, session.problem, session.id)


async def take_turn(request: Request, session: Session, text: str, slack_ts: str | None) -> None:
    """Put what was said into the conversation, and show the answer in the thread as it comes."""
    kept: list[int] = []
    talks, member = request.services.pilot_talks, request.member
    # what is said next in the thread is taken in while this is answered, or waits to be
    turn = talks.turn(session.id, member, text, slack_ts=slack_ts, kept=kept, on_taken=let_next)
    await speak(request, session, turn, kept)
    _look_again(request, session, kept)


async def go_on(request: Request, session: Session) -> None:
    """Say what comes next after a click."""
    if session.status is SessionStatus.OPEN and session.thread_ts is not None:
        # the next click of the same person must not wait for all that is said to this one
        let_next()
        kept: list[int] = []
        answer = request.services.pilot_talks.go_on(session.id, request.member, kept=kept)
        await speak(request, session, answer, kept)
        _look_again(request, session, kept)


def _look_again(request: Request, session: Session, kept: Sequence[int]) -> None:
    """Have the lane show what an answer cost, which is known when it has ended; nothing was said, nothing was paid."""
    if kept:
        request.services.pilot_lanes.look_again(session)


async def stopped_in_slack(request: Request) -> None:
    """End what is being said after Slack's own Stop: its message has stopped growing already."""
    session = await _session_of(request)
    if session is not None:
        await request.services.pilot_answers.stop(session.id, request.member.slack_user_id)


async def stop_clicked(request: Request) -> Reply | None:
    """End what is being said; a click after its end says so."""
    require_role(request.member, Role.ENGINEER, "stop an answer")
    session = await request.services.pilot.get(request.value)
    if await request.services.pilot_answers.stop(session.id, request.member.slack_user_id):
        return None
    return Reply("That answer has ended already.")


async def judged(request: Request) -> Reply:
    """Keep what somebody thinks of an answer; others may say something else."""
    is_pair = request.delivery.id == FEEDBACK
    answer_id = request.suffix if is_pair else request.value
    if not answer_id.isdigit():
        raise InvalidInputError("That button is from an older version.")
    useful = request.value == YES if is_pair else request.delivery.id == USEFUL
    is_new = await request.services.pilot_answers.judge(int(answer_id), request.member, useful)
    return Reply(feedback_said(useful, is_new=is_new))


async def _tell(request: Request, said: str) -> None:
    await request.services.slack.ephemeral(
        request.channel or "", request.member.slack_user_id, said, thread_ts=request.thread_ts
    )
