"""The form in which a resolution note or an escalation package is read, edited and confirmed; and what came of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from blocks.pilot.parts import (
    AGAIN,
    ESCALATE,
    RESOLVE,
    SECTION_CHARACTERS,
    Block,
    actions,
    button,
    context,
    option,
    plain,
    section,
)
from blocks.receipts import receipt_blocks
from blocks.text import bold, escape, link, truncate
from services.effects.types import Receipt
from services.pilot.notes import Note, slack_sections
from services.pilot.types import Session, SessionStatus

CONFIRM_VIEW = "pilot.confirm_form"
STATUS = "status"
KEEP_STATUS = "keep"
KEPT = "kept"
"""Behind the id of the button that shows a text that was confirmed and not posted."""
LABELS = "What a line rests on: [P] the problem, [F1] facts, [L1] questions and checks, [X1] fixes, [S1] scripts."
MOST_NOTE_BLOCKS = 40
"""Slack takes 50 in a message, and receipts follow."""
MOST_SECTIONS, HEADING_CHARACTERS = 20, 2_000
"""A form has 100 blocks and carries 3,000 characters; a note that somebody pasted can have any number of headings."""
_PIECE = re.compile(r"note(?P<section>\d+)_(?P<page>\d+)(?P<continues>c?)(?:n\d+)?")
"""Inputs of a note that is shown anew have other ids, as Slack would keep in them what was written before."""
_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Confirmation:
    """What a form is bound to: the note as it was shown, the version, and the ticket's status then."""

    session_id: str
    kind: str
    version: int
    digest: str
    status: str
    statuses: tuple[str, ...]
    wanted: str
    ticket: str

    @property
    def is_resolution(self) -> bool:
        """Tell whether it resolves the session; otherwise it hands it on."""
        return self.kind == "resolution"


def loading_form(kind: str) -> Block:
    """Return what stands in the form's place while the note is written and the ticket read."""
    said = ":hourglass_flowing_sand: Writing the note from the session's facts and reading the ticket…"
    return {
        "type": "modal",
        "callback_id": "pilot.loading",
        "title": plain(_title(kind), 24),
        "close": plain("Cancel", 24),
        "blocks": [section(said)],
    }


def failed_form(kind: str, said: str) -> Block:
    """Return what stands there when that did not work."""
    return loading_form(kind) | {"blocks": [section(f":warning: {said}")]}


def confirm_form(text: str, bound: Confirmation, *, problem: str = "", round_: int = 0) -> Block:
    """Return the note with inputs for each section (several for a long one), and the ticket's status.

    `round_` counts how often it was shown anew in the same form, because of a `problem`.
    """
    where = (
        f"It goes to {bold(bound.ticket)} and is read back there." if bound.ticket else "It is kept with the session."
    )
    blocks = [section(where), context(LABELS)]
    if problem:
        blocks.append(section(f":warning: {problem}"))
    shown = _form_sections(text)
    for number, (heading, body) in enumerate(shown):
        blocks += _inputs(number, heading, body, round_)
    if bound.statuses:
        blocks.append(_status_select(bound))
    metadata = {
        "session": bound.session_id,
        "kind": bound.kind,
        "version": bound.version,
        "digest": bound.digest,
        "status": bound.status,
        "headings": [heading for heading, _ in shown],
        "round": round_,
    }
    return {
        "type": "modal",
        "callback_id": CONFIRM_VIEW,
        "title": plain(_title(bound.kind), 24),
        "submit": plain("Confirm & post" if bound.ticket else "Confirm", 24),
        "close": plain("Cancel", 24),
        "private_metadata": json.dumps(metadata),
        "blocks": blocks,
    }


def _title(kind: str) -> str:
    return "Resolve" if kind == "resolution" else "Escalate"


def _inputs(number: int, heading: str, body: str, round_: int) -> list[Block]:
    pieces = pieces_of(body)
    shown = []
    for page, (piece, continues) in enumerate(pieces):
        label = heading if len(pieces) == 1 else f"{heading} ({page + 1}/{len(pieces)})"
        element: Block = {
            "type": "plain_text_input",
            "action_id": "text",
            "multiline": True,
            "max_length": SECTION_CHARACTERS,
        }
        if piece:
            element["initial_value"] = piece
        shown.append(
            {
                "type": "input",
                "block_id": f"note{number}_{page}{'c' if continues else ''}" + (f"n{round_}" if round_ else ""),
                "label": plain(label, 2000),
                "element": element,
                "optional": True,
            }
        )
    return shown


def _status_select(bound: Confirmation) -> Block:
    keep = option(f"Leave it {bound.status}" if bound.status else "Leave it", KEEP_STATUS)
    options = [keep, *(option(name, f"to:{name}") for name in bound.statuses if name != bound.status)][:100]
    chosen = next((each for each in options if each["value"] == f"to:{bound.wanted}"), keep)
    return {
        "type": "input",
        "block_id": STATUS,
        "label": plain("Status of the ticket"),
        "element": {
            "type": "static_select",
            "action_id": "status",
            "options": options,
            "initial_option": chosen,
        },
    }


def sections_of(text: str) -> list[tuple[str, str]]:
    """Return a note's headings with what stands below each."""
    parts = _HEADING.split(text.strip())
    before = [("", parts[0].strip("\n"))] if parts[0].strip() else []
    return before + [(parts[at], parts[at + 1].strip("\n")) for at in range(1, len(parts), 2)]


def _form_sections(text: str) -> list[tuple[str, str]]:
    """Return what gets inputs of its own; of headings that a form cannot carry, the last one holds all of the rest."""
    shown: list[tuple[str, str]] = []
    is_full = False
    for heading, body in sections_of(text):
        headings = [each for each, _ in shown]
        is_full = is_full or len(shown) == MOST_SECTIONS or len(json.dumps([*headings, heading])) > HEADING_CHARACTERS
        if not is_full:
            shown.append((heading, body))
            continue
        last, before = shown.pop() if shown else ("", "")
        shown.append((last, f"{before}\n\n## {heading}\n\n{body.strip()}".strip()))
    return shown


def pieces_of(body: str) -> list[tuple[str, bool]]:
    """Cut a section at line ends into pieces that an input takes; true marks one that goes on in the same line."""
    pieces: list[tuple[str, bool]] = []
    for line in body.split("\n"):
        cuts = [line[at : at + SECTION_CHARACTERS] for at in range(0, len(line), SECTION_CHARACTERS)] or [""]
        for number, cut in enumerate(cuts):
            joined = f"{pieces[-1][0]}\n{cut}" if pieces and not number else ""
            if joined and len(joined) <= SECTION_CHARACTERS:
                pieces[-1] = (joined, pieces[-1][1])
            else:
                pieces.append((cut, bool(number)))
    return pieces


def text_of(headings: Sequence[str], held: Mapping[str, str]) -> str:
    """Put together what the inputs hold, by block id, as the note's Markdown; what was not touched is as it was."""
    bodies: dict[int, str] = {}
    found = [(match, held[match[0]]) for match in map(_PIECE.fullmatch, held) if match]
    for match, words in sorted(found, key=lambda each: (int(each[0]["section"]), int(each[0]["page"]))):
        number = int(match["section"])
        joint = "" if match["continues"] else "\n"
        bodies[number] = f"{bodies[number]}{joint}{words}" if number in bodies else words
    parts = [
        f"## {heading}\n\n{bodies.get(number, '')}".rstrip() if heading else bodies.get(number, "")
        for number, heading in enumerate(headings)
    ]
    return "\n\n".join(parts).strip()


def ended_said(
    session: Session, by: str, receipts: Sequence[Receipt], *, verified: str, kept: Note | None = None
) -> tuple[str, list[Block]]:
    """Return the receipt of an end: who, which ticket, what was read back there; a note that no ticket has, in full."""
    word = "Resolved" if session.status is SessionStatus.RESOLVED else "Escalated"
    icon = ":white_check_mark:" if session.status is SessionStatus.RESOLVED else ":arrow_up:"
    said = f"{icon} *{word}* by {by}. {verified}"
    blocks = [section(said), *(_note_blocks(kept) if kept is not None else [])]
    for receipt in receipts:
        blocks += receipt_blocks(receipt)
    return f"{word}: {escape(truncate(session.title, 150))}", blocks


def _note_blocks(note: Note) -> list[Block]:
    blocks: list[Block] = []
    for each in slack_sections(note):
        blocks += [section(bold(each.heading))] if each.heading else []
        blocks.append(section(each.text))
    return blocks[:MOST_NOTE_BLOCKS]


def verified_words(label: str, url: str, status_before: str | None, status_after: str | None) -> str:
    """Say what the ticket shows, read back."""
    where = link(url, label)
    if status_after and status_after != status_before:
        return f"{where} has the note and is {bold(status_after)} now (was {escape(status_before or '?')}), read back."
    return f"{where} has the note, read back; it stays {bold(status_after or status_before or 'as it was')}."


def incomplete_said(message: str, hint: str, value: str) -> tuple[str, list[Block]]:
    """Return for everybody what is missing, with the way to go on."""
    said = f":warning: *Not finished.* {message}" + (f"\n{hint}" if hint else "")
    return said, [
        section(said),
        context("The session stays open until the ticket shows what was confirmed."),
        actions("pilot.again", [button(AGAIN, "Try again", value, "primary")]),
    ]


def look_again_said(message: str, session_id: str, kind: str) -> tuple[str, list[Block]]:
    """Return for who confirmed why nothing was posted, with the way back to their words."""
    said = f":warning: {message} Your words are kept."
    action_id = RESOLVE if kind == "resolution" else ESCALATE
    look = button(f"{action_id}:{KEPT}", "Show them, with what is different", session_id, "primary")
    return said, [section(said), actions("pilot.look_again", [look])]


def bound_of(metadata: Mapping[str, Any]) -> Confirmation:
    """Read back what a form was bound to."""
    return Confirmation(
        session_id=str(metadata.get("session") or ""),
        kind=str(metadata.get("kind") or ""),
        version=int(metadata.get("version") or 0),
        digest=str(metadata.get("digest") or ""),
        status=str(metadata.get("status") or ""),
        statuses=(),
        wanted="",
        ticket="",
    )
