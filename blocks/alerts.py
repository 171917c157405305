"""Alerts, bundles and digests, with what one can say about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from blocks.elements import SECTION_CHARACTERS, context_block, plain_text, section_block
from blocks.text import bold, code, date_token, escape, mention, truncate_markup
from services.alerts.snoozing import SnoozeChoice
from services.alerts.types import MAX_WHOLE_BLOCKS, DigestEntry, Severity, Snooze, blocks_in_full

FEEDBACK_BLOCK = "alert_feedback"
ENTRY_BLOCK = "alert_entry"
USEFUL = "alert_useful"
NOT_USEFUL = "alert_not_useful"
SNOOZE = "alert_snooze"
MORE = "alert_more"
WAKE = "alert_wake"

MAX_DIGEST_TEXT_CHARACTERS = 3000
_ICONS = {
    Severity.CRITICAL: ":red_circle:",
    Severity.WARNING: ":large_orange_circle:",
    Severity.NOTICE: ":large_yellow_circle:",
    Severity.INFO: ":white_circle:",
}
_RANKS = {severity: rank for rank, severity in enumerate(_ICONS)}
_SNOOZE_LABELS = {
    SnoozeChoice.DAY: "For a day",
    SnoozeChoice.THREE_DAYS: "For 3 days",
    SnoozeChoice.WEEK: "For a week",
    SnoozeChoice.UNTIL_CHANGED: "Until it changes",
}
_MORE_LABELS = {
    "show": "Show it in full",
    "useful": "Useful",
    "not_useful": "Not useful",
    SnoozeChoice.DAY.value: "Snooze for a day",
    SnoozeChoice.UNTIL_CHANGED.value: "Snooze until it changes",
}

Block = dict[str, Any]
Shown = tuple[str, tuple[Block, ...]]


def alert_blocks(
    delivery_id: int, text: str, blocks: Sequence[Block], *, is_personal: bool = True, said: bool | None = None
) -> list[Block]:
    """Return the alert's own blocks (its text without any), with the feedback below: its buttons, or what was said.

    Only what went to one person can be snoozed.
    """
    feedback = feedback_buttons(delivery_id, is_personal=is_personal) if said is None else _said(delivery_id, said)
    return [*(blocks or [section_block(text)]), feedback]


def feedback_buttons(delivery_id: int, *, is_personal: bool = True) -> Block:
    """Return the [Useful] and [Not useful] buttons of an alert, and [Snooze]."""
    elements = [
        _button(USEFUL, "Useful", delivery_id, "Say that this alert was useful"),
        _button(NOT_USEFUL, "Not useful", delivery_id, "Say that this alert was not useful"),
    ]
    if is_personal:
        elements.append(
            {
                "type": "static_select",
                "action_id": f"{SNOOZE}:{delivery_id}",
                "placeholder": plain_text("Snooze"),
                "options": [_option(label, choice.value) for choice, label in _SNOOZE_LABELS.items()],
            }
        )
    return {"type": "actions", "block_id": f"{FEEDBACK_BLOCK}:{delivery_id}", "elements": elements}


def _said(delivery_id: int, useful: bool) -> Block:
    text = feedback_said(useful)
    return {
        "type": "context",
        "block_id": f"{FEEDBACK_BLOCK}:{delivery_id}",
        "elements": [{"type": "mrkdwn", "text": text}],
    }


def feedback_given(blocks: Sequence[Block], delivery_id: int, useful: bool) -> list[Block]:
    """Return a message's blocks with one alert's feedback buttons replaced by what was said."""
    shown: list[Block] = []
    for block in blocks:
        block_id = str(block.get("block_id", ""))
        if block_id == f"{FEEDBACK_BLOCK}:{delivery_id}":
            shown.append(_said(delivery_id, useful))
        elif block_id == f"{ENTRY_BLOCK}:{delivery_id}":
            first = str(block["text"]["text"]).removesuffix(_suffix(True)).removesuffix(_suffix(False))
            text = truncate_markup(first, SECTION_CHARACTERS - len(_suffix(False))) + _suffix(useful)
            shown.append(block | {"text": {"type": "mrkdwn", "text": text}})
        else:
            shown.append(block)
    return shown


def _suffix(useful: bool) -> str:
    return f"\n_{feedback_said(useful)}_"


def feedback_said(useful: bool) -> str:
    """Return what was said, for who said it."""
    return "You found this useful. Thank you." if useful else "You did not find this useful. Thank you for saying so."


def noted_blocks(text: str, blocks: Sequence[Block], note: str, *, first: bool = False) -> list[Block]:
    """Return an alert's own blocks (its text without any) with a note below, or above."""
    own = list(blocks) or [section_block(text)]
    context = context_block(note)
    return [context, *own] if first else [*own, context]


def stand_in_note(slack_id: str, why: str) -> str:
    """Return why somebody hears of what was meant for another."""
    return f":palm_tree: {mention(slack_id, slack_id)} is {why}, so you hear of this."


def bundle_text(agent: str, entries: Sequence[DigestEntry]) -> str:
    """Return what an agent found for one person as text."""
    return _listing(_bundle_title(agent, entries), entries)


def bundle_blocks(agent: str, entries: Sequence[DigestEntry], *, is_personal: bool) -> list[Block]:
    """Return what an agent found for one person: each in full, with its buttons, or if they are many a line of each."""
    title = _header(_bundle_title(agent, entries))
    ordered = _by_severity(entries)
    if sum(blocks_in_full(entry.blocks) for entry in entries) + 1 > MAX_WHOLE_BLOCKS:
        return [title, *(_entry(entry, is_personal=is_personal) for entry in ordered)]
    blocks = [title]
    for entry in ordered:
        blocks += [
            *alert_blocks(entry.delivery_id, entry.text, entry.blocks, is_personal=is_personal),
            {"type": "divider"},
        ]
    return _with_unique_ids(blocks[:-1])


def _bundle_title(agent: str, entries: Sequence[DigestEntry]) -> str:
    return f"{agent.replace('-', ' ').replace('.', ' ').capitalize()}: {len(entries)} alerts"


def _with_unique_ids(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks with ids that Slack would refuse as doubles left to Slack to choose."""
    seen: set[str] = set()
    shown = []
    for block in blocks:
        block_id = str(block.get("block_id", ""))
        shown.append({k: v for k, v in block.items() if k != "block_id"} if block_id in seen else block)
        seen |= {block_id} - {""}
    return shown


def digest_text(entries: Sequence[DigestEntry]) -> str:
    """Return all of a digest as text; the list is cut only where Slack's limit is, which the blocks do not share."""
    return _listing(_title(len(entries)), entries)


def digest_blocks(entries: Sequence[DigestEntry]) -> list[Block]:
    """Return a digest: the gravest first, a section each."""
    return [_header(_title(len(entries))), *(_entry(entry) for entry in _by_severity(entries))]


def _entry(entry: DigestEntry, *, is_personal: bool = True) -> Block:
    choices = ["show"] if entry.blocks else []
    choices += ["useful", "not_useful"]
    if is_personal:
        choices += [SnoozeChoice.DAY.value, SnoozeChoice.UNTIL_CHANGED.value]
    return section_block(f"{_ICONS[entry.severity]} {entry.text}") | {
        "block_id": f"{ENTRY_BLOCK}:{entry.delivery_id}",
        "accessory": {
            "type": "overflow",
            "action_id": f"{MORE}:{entry.delivery_id}",
            "options": [_option(_MORE_LABELS[value], value) for value in choices],
        },
    }


def snoozed(snooze: Snooze) -> Shown:
    """Return what is snoozed from now on, with [Wake]."""
    text = f":zzz: {_snooze_line(snooze)}. What is critical reaches you all the same."
    return text, (section_block(text) | {"accessory": _wake(snooze)},)


def snooze_list(snoozes: Sequence[Snooze]) -> Shown:
    """Return what a person does not hear of at present, each with [Wake]."""
    usage = "Snooze a project, a ticket or an agent: `/pm snooze SHOP 3d`, `/pm snooze SHOP-12 1w`."
    if not snoozes:
        text = f"You hear of everything: nothing is snoozed. {usage}"
        return text, (section_block(text),)
    lines = [_snooze_line(snooze) for snooze in snoozes]
    sections = [section_block(line) | {"accessory": _wake(snooze)} for line, snooze in zip(lines, snoozes, strict=True)]
    return "\n".join([*lines, usage]), (*sections, context_block(usage))


def woken(subject: str) -> str:
    """Return that a snooze is over."""
    return f":alarm_clock: You hear of {bold(_topic(subject))} again."


def _snooze_line(snooze: Snooze) -> str:
    until = date_token(snooze.until)
    if snooze.fingerprint:
        until = f"it changes, {until} at the latest"
    return f"{code(_topic(snooze.subject))} is snoozed until {until}"


def _topic(subject: str) -> str:
    """Return what people call the subject: "SHOP-13" of "forecast-variance:SHOP-13"."""
    agent, _, rest = subject.partition(":")
    return agent if rest in ("", "summary") else f"{rest} ({agent})"


def _wake(snooze: Snooze) -> Block:
    label = truncate_markup(f"Hear of {_topic(snooze.subject)} again", 75)
    return {
        "type": "button",
        "action_id": WAKE,
        "text": plain_text("Wake"),
        "value": snooze.subject,
        "accessibility_label": label,
    }


def _listing(title: str, entries: Sequence[DigestEntry]) -> str:
    lines = "\n".join(f"• {entry.text}" for entry in _by_severity(entries))
    return truncate_markup(f"{escape(title)}:\n{lines}", MAX_DIGEST_TEXT_CHARACTERS)


def _by_severity(entries: Sequence[DigestEntry]) -> list[DigestEntry]:
    return sorted(entries, key=lambda entry: (_RANKS[entry.severity], entry.delivery_id))


def _title(count: int) -> str:
    return "1 thing that could wait" if count == 1 else f"{count} things that could wait"


def _header(text: str) -> Block:
    return {"type": "header", "text": plain_text(text)}


def _option(label: str, value: str) -> Block:
    return {"text": plain_text(label), "value": value}


def _button(action_id: str, label: str, delivery_id: int, description: str) -> Block:
    return {
        "type": "button",
        "action_id": action_id,
        "text": plain_text(label),
        "value": str(delivery_id),
        "accessibility_label": description,
    }
