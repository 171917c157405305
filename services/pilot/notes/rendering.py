"""A note as text: Markdown for a PSA, the document format of Jira, plain text, and mrkdwn for Slack.

Words from the session appear exactly as they were recorded, whatever signs are in them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from services.pilot.notes.types import Note, Section, Sentence, SourceKind, digest_of
from services.slack.markup import escape, safe_cut
from services.vendors.adf import adf_from_markdown

SLACK_TEXT_CHARACTERS = 3000
"""Slack's limit for the text of a section."""
_LABELS = re.compile(r"(?:\s*\[(?:P|[FXSL]\d{1,5})\])+(?=\s*$)", re.MULTILINE)
_FORMATS = re.compile(
    r"\\(?=[!-/:-@\[-`{-~]|$)|`|\*(?=\S)|(?<=\S)\*|\[(?!redacted\](?![(:\[]))|<(?=[A-Za-z/!?])|(?<!\w)_|_(?!\w)"
    r"|~(?=~)|(?<=~)~|&(?=#?\w+;)|^\s*(?:[#>+*-]|\d{1,9}[.)](?=\s|$))"
)
"""Signs that Markdown would read, where it would: PSAs that show it as it is should show few backslashes."""
_MENTION = re.compile(r"\[~(?=accountid:)")


class Cites(StrEnum):
    """Which labels a rendering shows; facts can be looked up in the note itself, the rest only in the session."""

    NONE = "none"
    FACTS = "facts"
    ALL = "all"


@dataclass(frozen=True)
class SlackSection:
    """A heading and mrkdwn of at most 3,000 characters; a long section comes in several, the later without heading."""

    heading: str
    text: str


def markdown(note: Note, cites: Cites = Cites.FACTS) -> str:
    """Return the note as Markdown; what a person left is returned as they left it, but for the labels."""
    if note.is_edited:
        return _LABELS.sub(lambda match: _kept_labels(match[0], cites), note.edited_markdown)
    parts = []
    for section in note.sections:
        lines = [f"- {markdown_words(each.text)}{_labels(each, cites)}" for each in section.sentences]
        parts.append("\n".join([f"## {section.heading}", "", *_aside(section, lines, "_{}_")]))
    return "\n\n".join(parts) + "\n"


def plain(note: Note, cites: Cites = Cites.FACTS) -> str:
    """Return the note without any markup; of an edited one the Markdown, which is what the person saw."""
    if note.is_edited:
        return markdown(note, cites)
    parts = []
    for section in note.sections:
        lines = [f"- {each.text}{_labels(each, cites)}" for each in section.sentences]
        parts.append("\n".join([section.heading, *_aside(section, lines, "{}")]))
    return "\n\n".join(parts) + "\n"


def adf(note: Note, cites: Cites = Cites.FACTS) -> dict[str, Any]:
    """Return the note as a document for Jira; recorded words make no mention, no link text and no format in it."""
    if note.is_edited:
        return adf_from_markdown(markdown(note, cites))
    content: list[dict[str, Any]] = []
    for section in note.sections:
        content.append({"type": "heading", "attrs": {"level": 3}, "content": [_text(section.heading)]})
        items = [
            {"type": "listItem", "content": [_paragraph(_text(f"{each.text}{_labels(each, cites)}"))]}
            for each in section.sentences
        ]
        if items:
            content.append({"type": "bulletList", "content": items})
        if section.aside:
            content.append(_paragraph(_text(section.aside) | {"marks": [{"type": "em"}]}))
    return {"type": "doc", "version": 1, "content": content}


def slack_sections(note: Note) -> tuple[SlackSection, ...]:
    """Return the note as mrkdwn with all labels, in pieces that Slack takes; a person's sentences are marked."""
    pieces: list[SlackSection] = []
    for section in note.sections:
        lines = [f"• {slack_words(each.text)}{_slack_labels(each)}" for each in section.sentences]
        for number, text in enumerate(_pages(_aside(section, lines, "_{}_", escape))):
            pieces.append(SlackSection("" if number else section.heading, text))
    return tuple(pieces)


def _aside(
    section: Section, lines: Sequence[str], form: str, shown: Callable[[str], str] = lambda words: words
) -> list[str]:
    """Return a section's lines, and last what is said of the section itself."""
    return [*lines, form.format(shown(section.aside))] if section.aside else list(lines)


def digest(note: Note) -> str:
    """Return the fingerprint of the text that would be posted: an approval is bound to it (TRUST-2)."""
    return digest_of(note.session_id, note.kind, markdown(note, Cites.FACTS))


def slack_words(text: str) -> str:
    """Return recorded words as mrkdwn that shows them as they are; code in pairs of backticks stays code."""
    shown = re.sub(r"([*_~])", "\u200b\\1\u200b", escape(text))
    return shown if text.count("`") % 2 == 0 else shown.replace("`", "'")


def _slack_labels(sentence: Sentence) -> str:
    labels = " ".join(f"[{label}]" for label in sentence.cites)
    by = " _(edited)_" if sentence.origin == "person" else ""
    return f" {labels}{by}" if labels else by


def _labels(sentence: Sentence, cites: Cites) -> str:
    if cites is Cites.NONE:
        return ""
    shown = [label for label in sentence.cites if cites is Cites.ALL or label[0] == SourceKind.FACT]
    return "".join(f" [{label}]" for label in shown)


def _kept_labels(labels: str, cites: Cites) -> str:
    """Leave of the labels at a line's end those that are to be shown."""
    return _labels(Sentence("", tuple(re.findall(r"[PFXSL]\d*", labels))), cites)


def markdown_words(text: str) -> str:
    """Return recorded words with escapes where Markdown would read something in them.

    A mention for Jira is taken apart, as no escape keeps it from being one.
    """
    return _FORMATS.sub(lambda match: _escaped(match[0]), _MENTION.sub("[~ ", text))


def _escaped(signs: str) -> str:
    return f"{signs[:-1]}\\{signs[-1]}"


def _text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words.replace("\x00", "") or " "}


def _paragraph(text: dict[str, Any]) -> dict[str, Any]:
    return {"type": "paragraph", "content": [text]}


def _pages(lines: Sequence[str]) -> list[str]:
    """Put lines together up to Slack's limit; a line that is longer alone is cut."""
    pages: list[str] = []
    for line in lines:
        cut = line if len(line) <= SLACK_TEXT_CHARACTERS else line[: safe_cut(line, SLACK_TEXT_CHARACTERS - 1)] + "…"
        if pages and len(pages[-1]) + 1 + len(cut) <= SLACK_TEXT_CHARACTERS:
            pages[-1] += f"\n{cut}"
        else:
            pages.append(cut)
    return pages
