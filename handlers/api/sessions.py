"""Sessions: listed, opened, read, ended, taken up again."""

from __future__ import annotations

from handlers.api import models
from handlers.api.routing import PREFIX, Answer, Call, Precondition, Routes
from handlers.api.showing import SESSION, SESSIONS, session_answer, summary_model
from handlers.api.threads import with_thread
from services.accounts.types import Role, require_role
from services.pilot.types import SessionFilter

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
    sessions = [summary_model(each) for each in page.sessions]
    return Answer(models.SessionList(sessions=sessions, next_cursor=page.next_cursor))


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
