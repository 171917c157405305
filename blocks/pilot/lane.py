"""The task lane: one message that shows what is known, asked, to be checked and proposed."""

from __future__ import annotations

import json
from collections.abc import Sequence

from blocks.pilot.fix import fix_blocks
from blocks.pilot.parts import (
    ANSWER,
    DONE,
    ESCALATE,
    FACT,
    FACTS,
    ITEM,
    NOTE,
    REOPEN,
    RESOLVE,
    SECTION_CHARACTERS,
    Block,
    actions,
    button,
    context,
    cost_part,
    overflow,
    section,
)
from blocks.text import bold, code, date_token, escape, link, truncate, truncate_markup
from services.pilot.notes.rendering import slack_words
from services.pilot.psa.refs import without_ref
from services.pilot.scripts.types import RiskReport
from services.pilot.types import Fact, FactSource, ItemStatus, LaneItem, LaneKind, Session, SessionStatus
from services.slack.limits import split_text

SHOWN_FACTS, SHOWN_ITEMS = 10, 6
"""What the message shows of each list; Slack takes 50 blocks, and the rest is behind [All facts…]."""
QUICK_OPTIONS, MENU_OPTIONS = 4, 3
"""Options of an item as buttons, where it is the newest of its list, and in the menu of any other one."""
ITEM_CHARACTERS, DETAIL_CHARACTERS, FACT_CHARACTERS = 250, 150, 300
STATUS_ICONS = {
    SessionStatus.OPEN: ":large_blue_circle:",
    SessionStatus.RESOLVED: ":white_check_mark:",
    SessionStatus.ESCALATED: ":arrow_up:",
    SessionStatus.CLOSED: ":black_square_for_stop:",
}
SOURCES = {
    FactSource.QUESTION: "asked",
    FactSource.CHECK: "checked",
    FactSource.MANUAL: "noted",
    FactSource.SYNTHESIS: "concluded",
}


def ticket_words(session: Session) -> str:
    """Return the session's ticket as a link, with the status that was read last while the session is open."""
    if session.ticket is None:
        return "no ticket"
    details = session.ticket.details
    label = str(details.get("label") or session.ticket.ticket_id)
    shown = link(str(details.get("url") or ""), label)
    status = str(details.get("status") or "")
    # ending the session changed the status, so what was read before says nothing any more
    return f"{shown} ({escape(status)})" if status and session.status is SessionStatus.OPEN else shown


def status_words(session: Session) -> str:
    """Return where a session stands, and since when if it has ended."""
    since = (
        f" {date_token(session.closed_at)}" if session.closed_at and session.status is not SessionStatus.OPEN else ""
    )
    return f"{STATUS_ICONS[session.status]} {session.status.value}{since}"


def root_text(session: Session) -> str:
    """Return a session's first line for notifications."""
    ended = "" if session.status is SessionStatus.OPEN else f" ({session.status.value})"
    return f"FlowPilot session: {escape(session.title)}{ended}"


def root_blocks(session: Session, opened_by: str) -> list[Block]:
    """Return the message that starts the thread; `opened_by` is mrkdwn, empty where nobody knows."""
    ticket, told = session.ticket, session.problem
    if ticket is not None:
        told = without_ref(told, ticket.provider, ticket.ticket_id)
    more = f"\n{escape(truncate(session.problem, 2500))}" if told != session.title else ""
    where = [status_words(session), ticket_words(session), escape(session.company)]
    by = [f"opened by {opened_by}"] if opened_by else []
    is_open = session.status is SessionStatus.OPEN
    how = (
        "The task lane is the first answer in the thread. Write there to go on; `..` before what is not for FlowPilot."
        if is_open
        else "[Open again] in the task lane takes it up."
    )
    return [
        section(f"{bold(truncate(session.title, 150))}{more}"),
        context(" · ".join(part for part in [*where, *by] if part)),
        context(how),
    ]


def lane_text(session: Session) -> str:
    """Return the lane for notifications and screen readers."""
    waiting = sum(item.status is ItemStatus.OPEN for item in session.items)
    known = _count(len(session.known), "fact")
    return f"Task lane of {escape(session.title)}: {known}, {waiting} open, {session.status.value}."


def lane_blocks(session: Session, risk: RiskReport | None = None, cost_microdollars: int = 0) -> list[Block]:
    """Return the lane; `risk` is what the active fix's script does, the cost what models took for the session."""
    is_open = session.status is SessionStatus.OPEN
    blocks = [
        section(f"*Task lane* · {bold(truncate(session.title, 100))}"),
        context(
            f"{status_words(session)} · {ticket_words(session)}"
            f" · {_count(len(session.known), 'fact')} · updated {date_token(session.updated_at, 'time')}"
            f"{cost_part(cost_microdollars)}"
        ),
        *_fact_blocks(session, is_open=is_open),
        *_item_blocks(session, (LaneKind.QUESTION,), "Questions", "Nothing is open to ask.", is_open=is_open),
        *_item_blocks(
            session, (LaneKind.CHECK, LaneKind.ACTION), "Checks", "Nothing is waiting to be checked.", is_open=is_open
        ),
        *(fix_blocks(session, risk, is_open=is_open) if is_open or session.active_fix else []),
    ]
    return [*blocks, *_buttons(session, is_open=is_open)]


def _fact_blocks(session: Session, *, is_open: bool) -> list[Block]:
    known = session.known
    if not known:
        empty = "Nothing yet: answers and checks become facts here." if is_open else "Nothing was recorded."
        return [section(f"*What we know*\n_{empty}_")]
    more = len(known) - SHOWN_FACTS
    head = section(f"*What we know* ({len(known)})" + (f", the latest {SHOWN_FACTS}" if more > 0 else ""))
    return [head, *(fact_block(session, fact, is_open=is_open) for fact in known[-SHOWN_FACTS:])]


def fact_block(session: Session, fact: Fact, *, is_open: bool) -> Block:
    """Return the start of a fact with what can be done about it."""
    shown = f"{code(fact.label)} {_words(fact.text, FACT_CHARACTERS)}  _{SOURCES[fact.source_type]}_"
    return _with_choices(session, fact, shown, is_open=is_open)


def whole_fact(session: Session, fact: Fact, *, is_open: bool) -> list[Block]:
    """Return a fact to its last word, with what can be done about it; a long one takes several blocks."""
    words = f"{code(fact.label)} {slack_words(fact.text)}  _{SOURCES[fact.source_type]}_"
    first, *more = split_text(words, SECTION_CHARACTERS)
    return [_with_choices(session, fact, first, is_open=is_open), *(section(piece) for piece in more)]


def _with_choices(session: Session, fact: Fact, shown: str, *, is_open: bool) -> Block:
    if not is_open:
        return section(shown)
    ids = f"{session.id}:{fact.id}"
    again = ("Edit…", "edit") if fact.source_type.is_editable else ("Answer anew", "reopen")
    return section(shown, overflow(f"{FACT}:{ids}", [again, ("Take back", "delete")]))


def _item_blocks(session: Session, kinds: Sequence[LaneKind], title: str, empty: str, *, is_open: bool) -> list[Block]:
    items = [item for item in session.items if item.kind in kinds]
    waiting = [item for item in items if item.status is ItemStatus.OPEN]
    uncertain = [item for item in items if item.status is ItemStatus.DONE and item.fact_id is None]
    if not waiting:
        blocks = [section(f"*{title}*\n_{empty}_")] if is_open else []
    else:
        blocks = [section(f"*{title}{'' if is_open else ' left open'}* ({len(waiting)})")]
        newest = max(
            (item for item in reversed(waiting) if item.options), key=lambda each: each.changed_in, default=None
        )
        shown = waiting[-SHOWN_ITEMS:]
        for item in shown if newest is None or newest in shown else [newest, *shown[1:]]:
            blocks += _item_block(session, item, is_open=is_open, has_buttons=item is newest)
    notes = [f"{len(waiting) - SHOWN_ITEMS} more wait"] if len(waiting) > SHOWN_ITEMS else []
    notes += [f"{len(uncertain)} answered without a certain fact"] if uncertain else []
    return [*blocks, context(" · ".join(notes))] if notes else blocks


def _item_block(session: Session, item: LaneItem, *, is_open: bool, has_buttons: bool) -> list[Block]:
    """Return an item with its menu; the newest one's first options are buttons under it, the menu has the others."""
    detail = f"\n{_words(item.detail, DETAIL_CHARACTERS)}" if item.detail else ""
    shown = f"• {_words(item.text, ITEM_CHARACTERS)}{detail}"
    if not is_open:
        return [section(shown)]
    ids = f"{ITEM}:{session.id}:{item.id}"
    options = [(answer, f"option{number}") for number, answer in enumerate(item.options)]
    quick = options[:QUICK_OPTIONS] if has_buttons else []
    own = "Answer…" if item.kind is LaneKind.QUESTION else "Done…"
    others = options[len(quick) : len(quick) + MENU_OPTIONS]
    block = section(shown, overflow(ids, [*others, (own, "answer"), ("Put aside", "dismiss")]))
    buttons = [button(f"{ids}:{value}", label, value) for label, value in quick]
    return [block, actions(f"pilot.options:{item.id}", buttons)] if buttons else [block]


def _buttons(session: Session, *, is_open: bool) -> list[Block]:
    if not is_open:
        is_cut = len(session.known) > SHOWN_FACTS or any(len(fact.text) > FACT_CHARACTERS for fact in session.known)
        more = [button(FACTS, "All facts…", session.id)] if is_cut else []
        return [actions("pilot.lane", [button(REOPEN, "Open again", session.id), *more])]
    waiting = [item for item in session.items if item.status is ItemStatus.OPEN]
    questions = [item for item in waiting if item.kind is LaneKind.QUESTION]
    first = []
    if questions:
        # where one click answers, it is not this button that people are to see first
        style = "" if any(item.options for item in questions) else "primary"
        first.append(button(ANSWER, "Answer…", session.id, style))
    if any(item.kind is not LaneKind.QUESTION for item in waiting):
        first.append(button(DONE, "Done…", session.id))
    first.append(button(NOTE, "Add a note", session.id))
    if session.known:
        first.append(button(FACTS, "Edit…" if len(session.known) <= SHOWN_FACTS else "All facts…", session.id))
    ends = [button(RESOLVE, "Resolve…", session.id), button(ESCALATE, "Escalate…", session.id)]
    return [actions("pilot.lane", [*first, *ends])]


def again_value(session_id: str, kind: str, status: str | None, expected: str | None, digest: str) -> str:
    """Return what [Try again] carries: which note was confirmed, by its fingerprint, and what was seen."""
    return json.dumps({"session": session_id, "kind": kind, "status": status, "seen": expected, "digest": digest})


def _words(text: str, limit: int) -> str:
    """Return recorded words on one line, as they are, whatever signs stand in them."""
    return truncate_markup(slack_words(" ".join(text.split())), limit)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
