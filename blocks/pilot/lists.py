"""Lists of sessions, and where one is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from blocks.pilot.lane import STATUS_ICONS
from blocks.pilot.parts import OPEN_DM, RESUME, Block, actions, button, context, cost_part, section
from blocks.text import bold, date_token, escape, link, truncate
from services.pilot.types import SessionStatus, SessionSummary

Said = tuple[str, list[Block]]


def session_line(session: SessionSummary, url: str, cost_microdollars: int = 0) -> str:
    """Return a session on one line, linked to its thread, with what models took for it."""
    title = truncate(session.title, 120)
    shown = link(url, title) if url else bold(title)
    ticket = ""
    if session.ticket is not None:
        ticket = f" · {escape(str(session.ticket.details.get('label') or session.ticket.ticket_id))}"
    changed = date_token(session.updated_at)
    cost = cost_part(cost_microdollars)
    return f"{STATUS_ICONS[session.status]} {shown}{ticket} · {session.status.value} · {changed}{cost}"


def none_said(words: str, *, ended_too: bool = False) -> Said:
    """Return that there is no such session, and what else can be done; `words` is what was looked for."""
    if not words:
        said = "You have no open session. `/pilot` and the problem in your words starts one."
    elif ended_too:
        said = f"No session has the words “{escape(truncate(words, 100))}”. `/pilot list` shows your open ones."
    else:
        shown = escape(truncate(words, 100))
        said = f"No open session has the words “{shown}”. `/pilot resume {shown}` looks among the ended ones, too."
    return said, [section(said)]


def sessions_said(
    sessions: Sequence[SessionSummary], urls: Mapping[str, str], costs: Mapping[str, int], *, more: bool
) -> Said:
    """Return a list of sessions, each with what takes it up again; urls and costs by session."""
    blocks = [section(f"*{len(sessions)}{'+' if more else ''} open*")]
    for each in sessions:
        label = "Go on" if each.status is SessionStatus.OPEN else "Open again"
        line = session_line(each, urls.get(each.id, ""), costs.get(each.id, 0))
        blocks.append(section(line, button(f"{RESUME}:{each.id}", label, each.id)))
    if more:
        blocks.append(context("The newest are shown; `/pilot list WORDS` narrows the list."))
    return f"{len(sessions)} FlowPilot sessions", blocks


def opened_said(title: str, url: str) -> Said:
    """Return that a session has a thread, and where."""
    said = f"Session open: {link(url, truncate(title, 120))}. Go on in its thread."
    return said, [section(said)]


def no_thread_said(title: str, session_id: str, why: str, hint: str = "") -> Said:
    """Return that a session is kept, though not where it was wanted, or was; `hint` is what mends it there."""
    said = f":warning: {why} The session “{escape(truncate(title, 100))}” is kept; nothing you wrote is lost."
    there = f"{hint} Then `/pilot resume` there goes on. Or go on just with FlowPilot:" if hint else "Go on elsewhere:"
    choice = actions("pilot.no_thread", [button(OPEN_DM, "Go on in a direct message", session_id, "primary")])
    return said, [section(said), section(there), choice]
