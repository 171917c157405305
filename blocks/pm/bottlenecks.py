"""Stuck work: the alerts, the PM's digest, the list, and how a person is asked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from blocks.elements import button, context_block, header_block, plain_text, section_block
from blocks.pm.stuck_words import age_text, length_text, trend_lines
from blocks.pm.words import counted, day_text, listed
from blocks.text import bold, escape, link, mention, truncate
from services.accounts.types import MemberRef, Role
from services.pm.bottlenecks.stuck import (
    ESCALATION_DAYS,
    STUCK_DAYS,
    Digest,
    StuckItem,
    WaitsFor,
)
from services.pm.bottlenecks.types import Activity, ItemType

PING = "pm.bottlenecks.ping"
ESCALATE = "pm.bottlenecks.escalate"
REASSIGN = "pm.bottlenecks.reassign"
NUMBERS = "pm.bottlenecks.numbers"
NUMBERS_OF = "pm.bottlenecks.numbers_of"
DISMISS = "pm.bottlenecks.dismiss"
COMMENT = "pm.bottlenecks.comment"
UNDO_DISMISS = "pm.bottlenecks.undo_dismiss"
PAGE = "pm.bottlenecks.page"
OPEN = "pm.bottlenecks.open"
ITEM_BLOCK = "bottleneck:"

PER_PAGE = 8
TITLE_CHARACTERS, QUOTE_CHARACTERS = 160, 200
ICONS = {
    Activity.BLOCKED: ":no_entry:",
    Activity.PASSIVELY_STUCK: ":snail:",
    Activity.ACTIVELY_WORKED: ":hammer_and_wrench:",
}

Block = dict[str, Any]
Shown = tuple[str, tuple[Block, ...]]


def blocked(item: StuckItem, reader: MemberRef) -> Shown:
    """Return what is told at once of something blocked."""
    by = f" by {item.blocker}" if item.blocker else ""
    return _alert(f"{item.key} is blocked{by}", item, reader)


def stuck(item: StuckItem, reader: MemberRef) -> Shown:
    """Return what assignee and reviewer are told after 5 working days."""
    waits = " waits for your review" if _is_reviewer(item, reader) else " is stuck"
    return _alert(f"{item.key}{waits}, for more than {STUCK_DAYS} working days", item, reader)


def escalation(item: StuckItem, reader: MemberRef) -> Shown:
    """Return what the PM is told after 10 working days."""
    return _alert(f"{item.key} is stuck for more than {ESCALATION_DAYS} working days", item, reader)


def _is_reviewer(item: StuckItem, reader: MemberRef) -> bool:
    return item.waits_for is WaitsFor.REVIEWER and reader.id in {each.id for each in item.people.reviewers}


def _alert(title: str, item: StuckItem, reader: MemberRef) -> Shown:
    text = f"{escape(title)}: {escape(item.status)} for {_age(item)}{usual_text(item)}. {escape(item.context)}"
    return text, tuple(item_blocks(item, reader, title=bold(title)))


def item_blocks(item: StuckItem, reader: MemberRef, *, title: str = "") -> list[Block]:
    """Return an item with what one can do about it, as far as the reader may."""
    lines = [f"{ICONS[item.activity]} {title}"] if title else []
    name = f"{link(item.url, item.key)}  {bold(truncate(item.title, TITLE_CHARACTERS)) if item.title else ''}".rstrip()
    lines += [name if title else f"{ICONS[item.activity]} {name}", f"{where(item)}", said(item)]
    lines += [f"with {each}" for each in [_people(item)] if each]
    for pull in item.joined:
        since = f"{escape(pull.status)}, {_age(pull)}{usual_text(pull)}"
        lines.append(f"↳ {link(pull.url, pull.key)} {since}")
    blocks = [section_block("\n".join(lines))]
    if item.asked and item.resolved_at is None:
        blocks.append(context_block(f":speech_balloon: {item.asked}"))
    if item.id and item.resolved_at is None and item.dismissed_by is None:
        blocks.append(_actions(item, reader))
    return blocks


def where(item: StuckItem) -> str:
    """Return status and time in it against what is usual, and how often it came back."""
    came = f" · here for the {_nth(item.returns + 1)} time" if item.returns else ""
    baseline = f" ({escape(item.baseline)})" if item.baseline else ""
    return f"*{escape(item.status)}* for *{_age(item)}*{usual_text(item)}{baseline}{came}"


def usual_text(item: StuckItem) -> str:
    """Return what is usual, to follow a length; "" where nothing is known."""
    if not item.baseline:
        return ""
    return f", usually {length_text(item.expected_seconds)}, 90 % within {length_text(item.p90_seconds)}"


def _age(item: StuckItem) -> str:
    return age_text(item.seconds, item.days)


def said(item: StuckItem) -> str:
    """Return the context in one sentence, with the words it rests on."""
    if item.dismissed_by is not None:
        return f"{escape(item.dismissed_by.display_name)} said that it is not stuck."
    context = escape(item.context)
    if not item.quote:
        return context
    quote = f"“{escape(truncate(' '.join(item.quote.split()), QUOTE_CHARACTERS))}”"
    if item.quoted and item.quoted in item.context:
        return context.replace(escape(item.quoted) + ".", f"{escape(item.quoted)}: {quote}")
    return f"{context} {escape(item.quoted)}: {quote}"


def _people(item: StuckItem) -> str:
    people = item.people
    holder = people.assignee.display_name if people.assignee else people.assignee_name
    parts = [escape(holder) if holder else "nobody"]
    waiting = [each.display_name for each in item.to_ask if each.display_name != holder]
    if waiting:
        parts.append(f"waits for {escape(listed(waiting))}")
    return " · ".join(parts)


def _nth(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number % 100 not in (11, 12, 13) else 0, "th")
    return f"{number}{ending}"


def _actions(item: StuckItem, reader: MemberRef) -> Block:
    is_own = item.people.assignee is not None and item.people.assignee.id == reader.id
    may_all = reader.role.includes(Role.LEAD)
    elements = []
    asks_lead = may_all and item.waits_for is WaitsFor.LEAD  # which “Escalate” does
    if (may_all or is_own) and not asks_lead and any(each.id != reader.id for each in item.to_ask):
        names = listed([each.display_name for each in item.to_ask if each.id != reader.id])
        ping = _button(PING, f"Ping {item.waits_for}", item, f"Ask {names} to look at {item.key}")
        elements.append(ping | {"style": "primary"})
    if may_all:
        lead = item.people.lead
        above = "lead" if lead and lead.id != reader.id else "PM"
        elements.append(_button(ESCALATE, f"Escalate to {above}", item, f"Ask the {above} to look at {item.key}"))
        elements.append(_button(REASSIGN, "Reassign…", item, f"Give {item.key} to somebody else"))
    elements.append(_button(NUMBERS, "Show the numbers", item, f"Show what the figures of {item.key} rest on"))
    if may_all or is_own:
        elements.append(_button(DISMISS, "Not stuck", item, f"Say that {item.key} is not stuck"))
    return {"type": "actions", "block_id": f"{ITEM_BLOCK}{item.id}", "elements": elements}


def digest(found: Digest, reader: MemberRef, page: int = 1) -> Shown:
    """Return one page of a PM's digest: what is stuck, the riskiest first, and the trend."""
    count = len(found.items)
    title = f"{counted(count, 'stuck item')}, {day_text(found.day)}" if count else "Nothing is stuck"
    longest = max(found.items, key=lambda each: each.seconds, default=None)
    text = title if longest is None else f"{title}; the longest is {escape(longest.key)}, {_age(longest)}."
    shown, page, pages = page_of(found.items, page)
    blocks: list[Block] = [header_block(title), context_block("\n".join(trend_lines(found.trend)))]
    blocks += [context_block(escape(note)) for note in found.notes]
    blocks += [block for item in shown for block in item_blocks(item, reader)]
    return text, (*blocks, *_paging({"of": "digest"}, page, pages))


def stuck_list(
    items: Sequence[StuckItem], reader: MemberRef, project: str | None, readiness: str, page: int = 1
) -> Shown:
    """Return what is stuck now, in all projects or in one."""
    inside = f" in {escape(project)}" if project else ""
    if not items:
        text = f":white_check_mark: Nothing is stuck{inside}."
        note = readiness or "Work counts as stuck when it waits for unusually long and nobody works on it."
        return text, (section_block(text), context_block(escape(note)))
    blocked_items = sum(each.activity is Activity.BLOCKED for each in items)
    also = f", {blocked_items} of them blocked" if blocked_items else ""
    text = f"{counted(len(items), 'item is', 'items are')} stuck{inside}{also}."
    shown, page, pages = page_of(items, page)
    blocks = [section_block(f"*{text}*"), *(block for item in shown for block in item_blocks(item, reader))]
    return text, (*blocks, *_paging({"of": "list", "project": project or ""}, page, pages))


def how_many(stuck: int, blocked: int) -> str:
    """Return "3 stuck (1 blocked)": what is blocked is stuck too."""
    return f"{stuck} stuck ({blocked} blocked)" if blocked else f"{stuck} stuck"


def page_of(items: Sequence[StuckItem], page: int) -> tuple[Sequence[StuckItem], int, int]:
    """Return the items of a page, its number (the nearest where there is none such), and how many there are."""
    pages = max(-(-len(items) // PER_PAGE), 1)
    page = min(max(page, 1), pages)
    return items[(page - 1) * PER_PAGE : page * PER_PAGE], page, pages


def _paging(place: dict[str, str], page: int, pages: int) -> list[Block]:
    if pages == 1:
        return []
    buttons = [
        button(f"{PAGE}:{number}", label, json.dumps(place | {"page": number}))
        for number, label in ((page - 1, "Previous"), (page + 1, "Next"))
        if 1 <= number <= pages
    ]
    return [{"type": "actions", "elements": buttons}, context_block(f"Page {page} of {pages}")]


def asked(item: StuckItem, by: MemberRef, *, is_escalation: bool) -> Shown:
    """Return the message to somebody who is asked to look at an item."""
    who = mention(by.slack_user_id, by.display_name)
    wish = "needs your help with" if is_escalation else "asks you to look at"
    text = f"{escape(by.display_name)} {wish} {escape(item.key)}: {escape(item.status)} for {_age(item)}."
    lines = [f":wave: {who} {wish} {link(item.url, item.key)} {bold(truncate(item.title, TITLE_CHARACTERS))}".rstrip()]
    lines += [where(item), said(item)]
    numbers = _button(NUMBERS, "Show the numbers", item, f"Show what the figures of {item.key} rest on")
    look: Block = {"type": "button", "action_id": f"{OPEN}:{item.id}", "text": plain_text("Open it"), "url": item.url}
    elements = [look | {"style": "primary"}, numbers] if item.url else [numbers]
    return text, (section_block("\n".join(lines)), {"type": "actions", "elements": elements})


def asked_receipt(item: StuckItem, people: Sequence[tuple[MemberRef, str]]) -> Shown:
    """Return to who asked what became of it, with the way to say it on the item too."""
    lines = [f":white_check_mark: {escape(each.display_name)} {escape(how)}" for each, how in people]
    text = "\n".join([f"{lines[0]}: {link(item.url, item.key)}", *lines[1:]])
    label = f"Comment on {item.key} too" if item.item_type is ItemType.TICKET else "Comment on it too"
    comment = _button(COMMENT, truncate(label, 75), item, f"Add a comment to {item.key} that asks the same")
    return text, (section_block(text), {"type": "actions", "elements": [comment]})


def not_stuck(item: StuckItem, who: str, *, is_new: bool) -> Shown:
    """Return that somebody said that an item is not stuck, with the way back."""
    line = not_stuck_line(item, who)
    if not is_new:
        return f"{line} already.", (section_block(f"{line} already."),)
    text = f"{line}. Nobody is told of it again while it stays in {escape(item.status)}."
    undo = _button(UNDO_DISMISS, "Undo", item, f"Take back that {item.key} is not stuck")
    return text, (section_block(text) | {"accessory": undo},)


def not_stuck_line(item: StuckItem, who: str) -> str:
    """Return what stands in the place of an item's buttons."""
    return f":ok_hand: {escape(who)} said that {escape(item.key)} is not stuck"


def stuck_again(item: StuckItem, *, is_back: bool) -> str:
    """Return that an item is on the list again."""
    if item.resolved_at is not None:
        return moved(item)
    again = "again" if is_back else "already"
    return f":leftwards_arrow_with_hook: {link(item.url, item.key)} is on the list of stuck work {again}."


def moved(item: StuckItem) -> str:
    """Return that an item has moved meanwhile."""
    return f":white_check_mark: {link(item.url, item.key)} is no longer in {escape(item.status)}; nothing is to do."


def with_said(blocks: Sequence[Block], block_id: str, line: str) -> tuple[Block, ...]:
    """Return a message's blocks with an item's buttons replaced by what was done."""
    return tuple(context_block(line) if block.get("block_id") == block_id else block for block in blocks)


def _button(action: str, label: str, item: StuckItem, description: str) -> Block:
    return button(f"{action}:{item.id}", label, str(item.id), description=description)
