"""The epic agent's message to a PM: tickets without an epic, one line of buttons each, ten to a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from blocks.elements import button, section_block
from blocks.text import bold, date_token, escape, italic, link, mention, truncate, truncate_markup
from services.pm.epic_assignment.types import (
    BULK_CONFIDENCE,
    Basis,
    BulkApproval,
    BulkOutcome,
    Decision,
    DecisionKind,
    EpicChoice,
    ProjectList,
    SuggestionItem,
    Tier,
)

ASSIGN = "epic_assign"
CHOOSE = "epic_choose"
REVIEW = "epic_review"
PAGE = "epic_page"
BULK = "epic_bulk"
BULK_VIEW = "epic_bulk_approve"
UNDO = "epic_undo"

INTRO_BLOCK = "epic_intro"
EMBEDDERS = {"tfidf": "TF-IDF"}
PER_PAGE = 10
SUMMARY_CHARACTERS = 160
REASONS_CHARACTERS = 400
BUTTON_CHARACTERS = 75
OPTION_CHARACTERS = 75

Block = dict[str, Any]


def page_count(listing: ProjectList) -> int:
    """Return how many pages a list has; an empty one has one."""
    return max(1, -(-len(listing.items) // PER_PAGE))


def page_of(listing: ProjectList, ticket_key: str) -> int:
    """Return the page (from 1) that shows a ticket; the first when none does."""
    places = [place for place, item in enumerate(listing.items) if item.ticket_key == ticket_key]
    return places[0] // PER_PAGE + 1 if places else 1


def message_text(listing: ProjectList) -> str:
    """Return the message for notifications and screen readers."""
    name = escape(listing.project_key)
    if not listing.undecided:
        return f"{name}: every open ticket has an epic or a decision."
    sure = sum(item.decision is None and item.tier is Tier.HIGH for item in listing.items)
    noun = "ticket has" if listing.undecided == 1 else "tickets have"
    review = listing.undecided - sure
    return f"{name}: {listing.undecided} open {noun} no epic; {sure} with a suggestion, {review} for your review."


def intro_blocks(listing: ProjectList, basis: Basis) -> list[Block]:
    """Return the top of the message: what was looked at, how fresh it is, who suggested (TRUST-7)."""
    fresh = f"as of {date_token(basis.fresh_at)}" if basis.fresh_at else "of unknown age"
    looked = f"Looked at {_tickets(basis.open_tickets, 'open ')} of {escape(listing.project_key)}, {fresh}"
    embedder = escape(EMBEDDERS.get(basis.embedder, basis.embedder))
    without = link(basis.search_url, f"{_count(basis.without_epic)} no epic")
    lines = [f"{looked}; {without}. Suggestions by {embedder}."]
    if basis.fallback_reason:
        lines.append(f":warning: TF-IDF stood in for the usual model: {escape(basis.fallback_reason)}")
    title = truncate(f"Tickets without an epic: {listing.project_name}", 150)
    return [
        {"type": "header", "block_id": INTRO_BLOCK, "text": {"type": "plain_text", "text": title}},
        {
            "type": "context",
            "block_id": f"{INTRO_BLOCK}_basis",
            "elements": [{"type": "mrkdwn", "text": truncate_markup(line, 2000)} for line in lines],
        },
    ]


def list_blocks(intro: Sequence[Block], listing: ProjectList, page: int = 1) -> list[Block]:
    """Return one page of the message below its intro; a page out of range is the nearest one."""
    page = min(max(page, 1), page_count(listing))
    shown = listing.items[(page - 1) * PER_PAGE : page * PER_PAGE]
    blocks = [*intro, *(block for item in shown for block in _item_blocks(item))]
    if not listing.items:
        blocks.append(section_block(":white_check_mark: Every open ticket has an epic."))
    elements = [*_bulk_button(listing), *_page_buttons(listing, page)]
    if elements:
        blocks.append({"type": "actions", "block_id": "epic_list", "elements": elements})
    if page_count(listing) > 1:
        where = f"Page {page} of {page_count(listing)}; {listing.undecided} of {len(listing.items)} tickets wait."
        blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": where}]})
    return blocks


def _item_blocks(item: SuggestionItem) -> list[Block]:
    title = f"{link(item.url, item.ticket_key)}  {_summary(item.summary)}"
    if item.decision is not None:
        section = section_block(f"{title}\n{_decision_line(item.decision)}")
        if item.decision.effect_id is not None:
            undo = button(f"{UNDO}:{item.ticket_key}", "Undo", f"{item.ticket_key} {item.decision.effect_id}")
            section["accessory"] = undo | {"accessibility_label": f"Undo the assignment of {item.ticket_key}"}
        return [section]
    actions = {"type": "actions", "block_id": f"epic:{item.ticket_key}", "elements": _item_buttons(item)}
    return [section_block(f"{title}\n{_suggestion_line(item)}"), actions]


def _suggestion_line(item: SuggestionItem) -> str:
    if item.epic_key is None:
        return ":grey_question: *Needs PM review*: no open epic is close enough."
    epic = f"{escape(item.epic_key)} {_summary(item.epic_name)} · {_percent(item.confidence)}"
    lead = ":bulb: Suggested: " if item.tier is Tier.HIGH else ":grey_question: *Needs PM review*; nearest: "
    reasons = italic(truncate("; ".join(item.reasons), REASONS_CHARACTERS))
    return f"{lead}{epic}" + (f"\n{reasons}" if reasons else "")


def _decision_line(decision: Decision) -> str:
    who = mention(decision.by_slack_id, decision.by_name)
    epic = f"*{escape(decision.epic_key or '')}* {_summary(decision.epic_name)}"
    match decision.kind:
        case DecisionKind.ASSIGNED:
            return f":white_check_mark: Assigned to {epic} by {who}"
        case DecisionKind.IN_JIRA:
            return f":white_check_mark: Assigned to {epic} in Jira"
        case DecisionKind.UNDONE:
            return f":leftwards_arrow_with_hook: Assignment to {epic} by {who} was undone; the next run asks again"
        case DecisionKind.REVIEW:
            return f":eyes: {who} reviews it in Jira"
        case DecisionKind.LAPSED:
            return ":heavy_minus_sign: Done or gone in Jira: needs no epic any more"


def _item_buttons(item: SuggestionItem) -> list[Block]:
    buttons: list[Block] = []
    if item.epic_key is not None:
        assign = button(
            f"{ASSIGN}:{item.ticket_key}",
            truncate(f"Assign to {item.epic_key}", BUTTON_CHARACTERS),
            f"{item.ticket_key} {item.epic_key}",
        )
        if item.tier is Tier.HIGH:
            assign["style"] = "primary"
        label = truncate(f"Assign {item.ticket_key} to {item.epic_key}", BUTTON_CHARACTERS)
        buttons.append(assign | {"accessibility_label": label})
    select = {
        "type": "external_select",
        "action_id": f"{CHOOSE}:{item.ticket_key}",
        "placeholder": {"type": "plain_text", "text": "Other…"},
        "min_query_length": 0,
    }
    review = button(f"{REVIEW}:{item.ticket_key}", "Review manually", item.ticket_key)
    return [*buttons, select, review | {"url": item.url}]


def _bulk_button(listing: ProjectList) -> list[Block]:
    if len(listing.bulk) < 2:  # one ticket has its own button
        return []
    label = f"Assign all above {_percent(BULK_CONFIDENCE)} ({len(listing.bulk)})…"
    return [button(BULK, label, listing.project_key)]


def _page_buttons(listing: ProjectList, page: int) -> list[Block]:
    wanted = [(page - 1, "Previous"), (page + 1, "Next")]
    return [
        button(f"{PAGE}:{number}", label, f"{listing.project_key} {number}")
        for number, label in wanted
        if 1 <= number <= page_count(listing)
    ]


def bulk_view(approval: BulkApproval, metadata: str, *, changes: Sequence[str] = ()) -> Block:
    """Return the modal that shows the whole list to approve; `changes` say how it differs from what was shown first."""
    count = len(approval.items)
    view: Block = {
        "type": "modal",
        "callback_id": BULK_VIEW,
        "private_metadata": metadata,
        "title": {"type": "plain_text", "text": "Assign epics"},
        "close": {"type": "plain_text", "text": "Cancel"},
    }
    if not count:
        return view | {"blocks": [section_block("Nothing above 90 % is left to assign.")]}
    blocks: list[Block] = []
    if changes:
        lines = "\n".join(f"• {change}" for change in changes)
        blocks.append(section_block(f":warning: *The list has changed since you opened it:*\n{lines}"))
    blocks.append(
        section_block(f"*{_tickets(count)} get an epic in Jira:*" if count > 1 else "*1 ticket gets an epic:*")
    )
    blocks += [section_block(_bulk_line(item)) for item in approval.items]
    return view | {"submit": {"type": "plain_text", "text": f"Assign {count}"}, "blocks": blocks}


def _bulk_line(item: SuggestionItem) -> str:
    epic = f"{escape(item.epic_key or '')} {_summary(item.epic_name)}"
    return f"{link(item.url, item.ticket_key)} {_summary(item.summary)} → {epic} · {_percent(item.confidence)}"


def change_lines(before: Sequence[tuple[str, str]], approval: BulkApproval) -> list[str]:
    """Return how the list to approve now differs from the (ticket, epic) pairs that were shown."""
    old, new = dict(before), {item.ticket_key: item.epic_key or "" for item in approval.items}
    lines = [f"{escape(key)} is no longer in it" for key in old if key not in new]
    lines += [f"{escape(key)} → {escape(epic)} is new" for key, epic in new.items() if key not in old]
    changed = [key for key in old if key in new and old[key] != new[key]]
    lines += [f"{escape(key)}: now {escape(new[key])} instead of {escape(old[key])}" for key in changed]
    return lines or ["titles or confidence of some tickets"]


def bulk_text(outcome: BulkOutcome) -> str:
    """Return what became of an approved list."""
    lines = [f":white_check_mark: {_tickets(len(outcome.assigned))} assigned in {escape(outcome.project_key)}."]
    lines += [f":heavy_minus_sign: {escape(note)}" for _, note in outcome.skipped]
    lines += [f":warning: {escape(key)} was not assigned: {escape(reason)}" for key, reason in outcome.failed]
    if outcome.failed:
        lines.append("What was not assigned is still in the list: use its button, or “Assign all” again, to retry.")
    return "\n".join(lines)


def epic_options(choices: Sequence[EpicChoice]) -> dict[str, Any]:
    """Return the answer to what was typed into [Other…]."""
    return {
        "options": [
            {
                "text": {"type": "plain_text", "text": truncate(f"{c.key} {c.summary}".strip(), OPTION_CHARACTERS)},
                "value": c.key,
            }
            for c in choices
        ]
    }


def _summary(text: str) -> str:
    return bold(truncate(text, SUMMARY_CHARACTERS)) if text else ""


def _percent(share: float) -> str:
    return f"{int(share * 100)} %"  # rounded down: 89.6 % is not above 90 %


def _tickets(count: int, kind: str = "") -> str:
    return f"1 {kind}ticket" if count == 1 else f"{count} {kind}tickets"


def _count(count: int) -> str:
    return "1 has" if count == 1 else f"{count} have"
