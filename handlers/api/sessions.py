"""Sessions and what was said in them."""

from __future__ import annotations

from handlers.api import models
from handlers.api.routing import PREFIX, Answer, Call, Precondition, Routes
from services.pilot.types import Author, Session, SessionFilter

ROUTES = Routes("Sessions")
SESSIONS = "/ai-sessions"
SESSION = "/ai-sessions/{id}"


def session_model(session: Session) -> models.Session:
    """Return a session as callers get it; facts that were taken back are left out."""
    return models.Session(
        **{name: getattr(session, name) for name in models.Session.model_fields if name not in _MADE},
        task_lane=[models.LaneItem.model_validate(item) for item in session.items],
        facts=[models.Fact.model_validate(fact) for fact in session.known],
        active_fix=models.SuggestedFix.model_validate(session.active_fix) if session.active_fix else None,
        ticket=models.Ticket.model_validate(session.ticket) if session.ticket else None,
    )


_MADE = frozenset({"task_lane", "facts", "active_fix", "ticket"})


def session_answer(session: Session) -> Answer:
    """Answer with a session as it is now."""
    return Answer(session_model(session), session.state_version)


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
    """Open a session on a problem, with its ticket if one is named."""
    asked = call.asked(models.NewSession)
    ticket = await call.services.psa.linked(asked.ticket) if asked.ticket.strip() else None
    session = await call.services.pilot.open(
        asked.problem,
        call.member,
        title=asked.title,
        team=asked.team,
        company=asked.company or (ticket.company if ticket else ""),
        ticket=ticket.ref if ticket else None,
    )
    return Answer(session_model(session), session.state_version, f"{PREFIX}{SESSIONS}/{session.id}")


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
    asked, pilot = call.asked(models.NewMessage), call.services.pilot
    before = await pilot.messages(call.session_id, limit=1)
    if asked.answer:
        async for _piece in call.services.pilot_talks.turn(call.session_id, call.member, asked.text):
            pass
    else:
        await pilot.add_message(call.session_id, Author.PERSON, asked.text, by=call.member)
    said = await pilot.messages(call.session_id, limit=models.LARGEST_PAGE)
    new = [models.Message.model_validate(each) for each in said if not before or each.id > before[-1].id]
    session = await pilot.get(call.session_id)
    return Answer(models.Turn(messages=new, session=session_model(session)), session.state_version)
