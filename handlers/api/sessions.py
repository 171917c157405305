"""Sessions and what was said in them."""

from __future__ import annotations

from handlers.api import models
from handlers.api.routing import PREFIX, Answer, Call, Precondition, Routes
from handlers.api.showing import SESSION, SESSIONS, session_answer, session_model
from handlers.api.threads import with_thread
from services.accounts.types import Role, require_role
from services.pilot.types import Author, Message, SessionFilter

ROUTES = Routes("Sessions")


@ROUTES.route("GET", SESSIONS, "List sessions, last changed first", models.SessionList, query=models.SessionQuery)
async def list_sessions(call: Call) -> Answer:
    """Return a page of the account's sessions."""
    asked = call.asked(models.SessionQuery)
    wanted = SessionFilter(
        statuses=tuple(asked.status),
        opened_by_member_id=call.member.id if asked.mine else None,
        team=asked.team,
        company=asked.company,
        ticket_id=asked.ticket_id,
        text=asked.text,
    )
    page = await call.services.pilot.list(wanted, limit=asked.limit, cursor=asked.cursor)
    return Answer(models.SessionList.model_validate(page))


@ROUTES.route(
    "POST", SESSIONS, "Open a session", models.Session, takes=models.NewSession, status=201, repeats_once=True
)
async def create_session(call: Call) -> Answer:
    """Open a session on a problem, with its ticket if one is named, and its thread where there is a channel for it."""
    require_role(call.member, Role.ENGINEER, "open a session")
    asked = call.asked(models.NewSession)
    ticket = await call.services.psa.linked(asked.ticket) if asked.ticket.strip() else None
    session = await call.services.pilot.open(
        asked.problem,
        call.member,
        title=asked.title,
        team=asked.team,
        company=asked.company or (ticket.company if ticket else ""),
        ticket=ticket.ref if ticket else None,
        session_id=call.operation_id,
    )
    content = await with_thread(call, session, asked.channel)
    return Answer(content, content.state_version, f"{PREFIX}{SESSIONS}/{session.id}")


@ROUTES.route("GET", SESSION, "Read a session with everything in it", models.Session)
async def get_session(call: Call) -> Answer:
    """Return one session."""
    return session_answer(await call.services.pilot.get(call.session_id))


@ROUTES.route(
    "POST",
    f"{SESSION}/close",
    "End a session without a result",
    models.Session,
    takes=models.Nothing,
    precondition=Precondition.OPTIONAL,
)
async def close_session(call: Call) -> Answer:
    """Close it; closed already, it stays as it is."""
    return session_answer(await call.services.pilot.close(call.session_id, call.member, seen=call.seen))


@ROUTES.route(
    "POST",
    f"{SESSION}/reopen",
    "Take an ended session up again",
    models.Session,
    takes=models.Nothing,
    precondition=Precondition.OPTIONAL,
)
async def reopen_session(call: Call) -> Answer:
    """Open it again; open already, it stays as it is."""
    return session_answer(await call.services.pilot.reopen(call.session_id, call.member, seen=call.seen))


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
    asked, pilot, own = call.asked(models.NewMessage), call.services.pilot, call.operation_id
    before = await pilot.messages(call.session_id, limit=1)
    if not asked.answer:
        await pilot.add_message(call.session_id, Author.PERSON, asked.text, by=call.member, slack_ts=own)
    elif not (call.is_again and _is_answered(await _since(call, None))):
        async for _piece in call.services.pilot_talks.turn(call.session_id, call.member, asked.text, slack_ts=own):
            pass
    new = await _since(call, before[-1].id if before else 0)
    session = await pilot.get(call.session_id)
    shown = [models.Message.model_validate(each) for each in new]
    return Answer(models.Turn(messages=shown, session=session_model(session)), session.state_version)


async def _since(call: Call, before_id: int | None) -> list[Message]:
    """Return what was said from one's own words on: those of an attempt before this one, else what came after."""
    said = await call.services.pilot.messages(call.session_id, limit=models.LARGEST_PAGE)
    own = next((each.id for each in said if call.operation_id and each.slack_ts == call.operation_id), None)
    if own is None and before_id is None:
        return []
    return [each for each in said if (each.id >= own if own is not None else each.id > (before_id or 0))]


def _is_answered(said: list[Message]) -> bool:
    return any(each.author is Author.PILOT for each in said)
