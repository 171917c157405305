"""`/pilot`: start sessions, find them, end them; the library of scripts."""

from __future__ import annotations

from blocks.pilot import lists
from blocks.text import escape, unescape
from handlers.pilot import drafts, library
from handlers.pilot.opening import may_work, open_session, thread_url
from handlers.pilot.opening import resume as take_up
from handlers.request import Request
from services.accounts.types import Role
from services.commands import Commands, Reply, Rest, Word
from services.errors import InvalidInputError
from services.pilot.types import SessionFilter, SessionPage, SessionStatus, SessionSummary

COMMANDS = Commands()
SHOWN = 15


@COMMANDS.command(
    "/pilot",
    "list",
    summary="List your open sessions, or those of all that have some words",
    role=Role.ENGINEER,
    examples=("/pilot list", "/pilot list outlook"),
    reads_only=True,
)
async def list_sessions(request: Request, words: Rest | None) -> Reply:
    """List sessions."""
    page = await _found(request, words)
    if not page.sessions:
        return _reply(lists.none_said(unescape(words or "").strip()))
    urls = {each.id: await thread_url(request, each.channel_id, each.thread_ts) for each in page.sessions}
    costs = await request.services.ai.costs([each.id for each in page.sessions])
    return _reply(lists.sessions_said(page.sessions, urls, costs, more=page.next_cursor is not None))


@COMMANDS.command(
    "/pilot",
    "resume",
    summary="Go on with a session: its thread and task lane, here where it has none",
    role=Role.ENGINEER,
    examples=("/pilot resume", "/pilot resume outlook"),
    description="Without words it is your latest open one. An ended session is opened again.",
)
async def resume(request: Request, words: Rest | None) -> Reply | None:
    """Go on with a session."""
    page = await _found(request, words, ended_too=bool(words))
    if not page.sessions:
        return _reply(lists.none_said(unescape(words or "").strip(), ended_too=True))
    if len(page.sessions) > 1 and words:
        return await list_sessions(request, words)
    session = await request.services.pilot.get(page.sessions[0].id)
    return await take_up(request, session, str(request.channel))


@COMMANDS.command(
    "/pilot",
    "close",
    summary="Close a session without a result",
    role=Role.ENGINEER,
    examples=("/pilot close outlook",),
    description="Words of its title say which; [Resolve…] in its task lane is what ends one with a note.",
)
async def close(request: Request, words: Rest | None) -> Reply:
    """Close a session."""
    page = await _found(request, words)
    if not page.sessions:
        return _reply(lists.none_said(unescape(words or "").strip()))
    if len(page.sessions) > 1:
        raise InvalidInputError(
            f"That could be {len(page.sessions)} sessions; none was closed.",
            hint=f"Say which: {'; '.join(_close_hint(each) for each in page.sessions[:3])}",
        )
    session = await request.services.pilot.close(page.sessions[0].id, request.member)
    return Reply(f"Closed: “{escape(session.title)}”. `/pilot resume` and its words open it again.")


def _close_hint(session: SessionSummary) -> str:
    return f"`/pilot close {escape(session.title[:60])}`"


@COMMANDS.command(
    "/pilot",
    "templates",
    summary="Show the library of script templates, or what of it fits some words, and drafts that wait",
    role=Role.ENGINEER,
    examples=("/pilot templates", "/pilot templates printer"),
    reads_only=True,
)
async def templates(request: Request, words: Rest | None) -> Reply:
    """Show the library."""
    return await library.listing(request, words or "")


@COMMANDS.command(
    "/pilot",
    "settings",
    summary="Show how sessions are set up, or ask about templates again",
    role=Role.ENGINEER,
    usage="[ask on|off]",
    examples=("/pilot settings", "/pilot settings ask on"),
)
async def settings(request: Request, name: Word | None, to: Word | None) -> Reply:
    """Show the settings, or change whether people are asked after resolving."""
    if name is not None:
        if name.lower() != "ask" or (to or "").lower() not in ("on", "off"):
            raise InvalidInputError("That setting is not known.", hint="It goes `/pilot settings ask on` or `… off`.")
        is_on = (to or "").lower() == "on"
        await request.services.template_drafts.set_asking(request.member, is_on=is_on)
    return await drafts.settings_reply(request)


@COMMANDS.command(
    "/pilot",
    summary="Start a session on a problem, in a thread here",
    role=Role.ENGINEER,
    usage="PROBLEM [ticket NUMBER]",
    examples=("/pilot Outlook keeps asking for the password at Acme, ticket 48213",),
    description="A ticket that the words name (ticket 48213, ABC-123) is linked.",
)
async def start(request: Request, problem: Rest | None) -> Reply | None:
    """Start a session; without a problem, say what is open."""
    if not (problem or "").strip():
        return await list_sessions(request, None)
    return await open_session(request, str(problem), str(request.channel))


async def _found(request: Request, words: Rest | None, *, ended_too: bool = False) -> SessionPage:
    """Return the sessions that words mean: of everybody with them, otherwise one's own open ones."""
    await may_work(request, "see sessions")
    text = unescape(words or "").strip()
    statuses = () if ended_too else (SessionStatus.OPEN,)
    own = None if text else request.member.id
    wanted = SessionFilter(statuses=statuses, opened_by_member_id=own, text=text)
    return await request.services.pilot.list(wanted, limit=SHOWN)


def _reply(said: lists.Said) -> Reply:
    text, blocks = said
    return Reply(text, tuple(blocks))
