"""What was said in sessions, and saying something."""

from __future__ import annotations

import uuid

import structlog

from blocks.pilot.relayed import relayed
from handlers.api import models
from handlers.api.routing import Answer, Call, Routes
from handlers.api.showing import SESSION, session_model
from services.errors import VendorError
from services.pilot.surface import look_from
from services.pilot.types import Author, Message, Session

ROUTES = Routes("Conversation")
log = structlog.get_logger(__name__)


@ROUTES.route("GET", f"{SESSION}/messages", "Read what was said", models.MessageList, query=models.MessageQuery)
async def list_messages(call: Call) -> Answer:
    """Return the newest turns, or those before one."""
    asked = call.asked(models.MessageQuery)
    found = await call.services.pilot.messages(call.session_id, limit=asked.limit + 1, before_id=asked.before_id)
    shown = found[-asked.limit :]
    before_id = shown[0].id if len(found) > asked.limit else None
    return Answer(
        models.MessageList(messages=[models.Message.model_validate(each) for each in shown], before_id=before_id)
    )


@ROUTES.route(
    "POST",
    f"{SESSION}/messages",
    "Say something, and get FlowPilot's answer",
    models.Turn,
    takes=models.NewMessage,
    status=201,
    repeats_once=True,
)
async def create_message(call: Call) -> Answer:
    """Take a turn of the conversation, as in the thread; secrets are taken out before anything is stored."""
    asked, pilot, own = call.asked(models.NewMessage), call.services.pilot, call.operation_id or str(uuid.uuid4())
    answers: list[int] = []
    if not asked.answer:
        await pilot.add_message(call.session_id, Author.PERSON, asked.text, by=call.member, slack_ts=own)
    elif not (call.is_again and _answer_in(await _since(call, own), answers)):
        async for _piece in call.services.pilot_talks.turn(
            call.session_id, call.member, asked.text, slack_ts=own, kept=answers, is_again=call.is_again
        ):
            pass
    new = await _since(call, own)
    session = await pilot.get(call.session_id)
    await _relay(call, session, new, _answer_in(new[1:], answers) if asked.answer else "")
    shown = [models.Message.model_validate(each) for each in new]
    return Answer(models.Turn(messages=shown, session=session_model(session)), session.state_version)


async def _relay(call: Call, session: Session, new: list[Message], answer: str) -> None:
    """Show in the session's thread, once, what was said here; what was said stands, whatever Slack says."""
    if not new or session.channel_id is None or session.thread_ts is None:
        return
    own = new[0]
    text, blocks = relayed(call.member.slack_user_id, call.member.display_name, own.text, answer)
    since = look_from(own.created_at) if call.is_again else None
    key, slack = f"message:{own.id}", call.services.slack
    try:
        await slack.post_once(
            key, session.channel_id, text, blocks, thread_ts=session.thread_ts, look_first_since=since
        )
    except VendorError as error:
        log.warning("message_not_relayed", session=session.id, error=error.message)


async def _since(call: Call, own: str) -> list[Message]:
    """Return what was said from one's own words on, those of an attempt before this one too; nothing without them."""
    said = await call.services.pilot.messages(call.session_id, limit=models.LARGEST_PAGE)
    first = next((each.id for each in said if each.slack_ts == own), None)
    return [] if first is None else [each for each in said if each.id >= first]


def _answer_in(said: list[Message], answers: list[int]) -> str:
    """Return the answer of that id; of an attempt before this one nobody knows it, so it is the first there is."""
    if answers:
        return next((each.text for each in said if each.id == answers[-1]), "")
    return next((each.text for each in said if each.author is Author.PILOT), "")
