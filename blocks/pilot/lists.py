"""Lists of sessions and of script templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from blocks.pilot.lane import STATUS_ICONS
from blocks.pilot.parts import ACCEPT, OPEN_DM, RESUME, SKIP, STOP_ASKING, Block, actions, button, context, section
from blocks.text import bold, date_token, escape, link, truncate
from services.pilot.scripts.types import PendingDraft, Template
from services.pilot.types import SessionStatus, SessionSummary

SHOWN_TEMPLATES = 25
Said = tuple[str, list[Block]]


def session_line(session: SessionSummary, url: str) -> str:
    """Return a session on one line, linked to its thread."""
    title = truncate(session.title, 120)
    shown = link(url, title) if url else bold(title)
    ticket = ""
    if session.ticket is not None:
        ticket = f" · {escape(str(session.ticket.details.get('label') or session.ticket.ticket_id))}"
    changed = date_token(session.updated_at)
    return f"{STATUS_ICONS[session.status]} {shown}{ticket} · {session.status.value} · {changed}"


def sessions_said(sessions: Sequence[SessionSummary], urls: Mapping[str, str], *, more: bool) -> Said:
    """Return a list of sessions, each with what takes it up again."""
    if not sessions:
        said = "You have no open session. `/pilot` and the problem in your words starts one."
        return said, [section(said)]
    blocks = [section(f"*{len(sessions)}{'+' if more else ''} open*")]
    for each in sessions:
        label = "Go on" if each.status is SessionStatus.OPEN else "Open again"
        blocks.append(section(session_line(each, urls.get(each.id, "")), button(f"{RESUME}:{each.id}", label, each.id)))
    if more:
        blocks.append(context("The newest are shown; `/pilot list WORDS` narrows the list."))
    return f"{len(sessions)} FlowPilot sessions", blocks


def opened_said(title: str, url: str) -> Said:
    """Return that a session has a thread, and where."""
    said = f"Session open: {link(url, truncate(title, 120))}. Go on in its thread."
    return said, [section(said)]


def no_thread_said(title: str, session_id: str, why: str) -> Said:
    """Return that a session was kept, though it cannot have its thread where it was asked for."""
    said = f":warning: {why} The session “{escape(truncate(title, 100))}” is kept; nothing you wrote is lost."
    help_ = "Invite FlowPilot with `/invite @FlowPilot` and run `/pilot resume` there, or go on just with FlowPilot:"
    choice = actions("pilot.no_thread", [button(OPEN_DM, "Go on in a direct message", session_id, "primary")])
    return said, [section(said), section(help_), choice]


def templates_said(templates: Sequence[Template], drafts: Sequence[PendingDraft]) -> Said:
    """Return the library, with the number of drafts that wait."""
    own = sum(not each.is_builtin for each in templates)
    waiting = f"{len(drafts)} {'draft waits' if len(drafts) == 1 else 'drafts wait'}"
    blocks = [section(f"*{len(templates)} script templates* · {own} of your own · {waiting}")]
    blocks += [block for draft in drafts[:5] for block in draft_blocks(draft)]
    lines = [
        f"• {bold(each.name)} · {each.language.label} · {each.risk.label}"
        + ("" if each.is_builtin else " · yours")
        + (f"\n   {escape(truncate(each.description, 140))}" if each.description else "")
        for each in templates[:SHOWN_TEMPLATES]
    ]
    blocks += [section("\n".join(lines[start : start + 8])) for start in range(0, len(lines), 8)]
    if not templates:
        blocks.append(section("_None yet: a resolved session's script can become the first._"))
    if len(templates) > SHOWN_TEMPLATES:
        blocks.append(context(f"And {len(templates) - SHOWN_TEMPLATES} more; sessions find them by the problem."))
    return f"{len(templates)} script templates, {waiting}.", blocks


def draft_blocks(draft: PendingDraft) -> list[Block]:
    """Return a draft that somebody may accept or skip."""
    names = ", ".join(parameter.title for parameter in draft.parameters) or "no parameters"
    return [
        section(f"Draft: {bold(truncate(draft.title, 150))} · {draft.language.label}\n{escape(truncate(names, 500))}"),
        actions(
            f"pilot.draft:{draft.id}",
            [button(ACCEPT, "Accept", draft.id, "primary"), button(SKIP, "Skip", draft.id)],
        ),
    ]


def prompt_said(draft: PendingDraft) -> Said:
    """Return the question whether a resolved session's script becomes a template."""
    said = f"Shall the script of this session become a template? {bold(truncate(draft.title, 150))}"
    first, choices = draft_blocks(draft)
    stop = button(STOP_ASKING, "Don't ask again for this team", draft.id)
    return said, [section(said), first, choices | {"elements": [*choices["elements"], stop]}]
