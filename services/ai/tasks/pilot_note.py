"""`pilot.note`: put the statements of a note or an escalation into an order that reads well (FLP-3.2, FLP-4.1).

What comes back is held against the statements by `services.pilot.notes.support`: this task alone proves nothing.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from services.ai.types import AiTask, Tier

MAX_STATEMENTS = 80
"""Longer notes are left as the rules write them: a model would tell them no better and cut them."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class NoteStatement(_Part):
    """Something that is recorded, in the section that it belongs to, with the labels of what it rests on."""

    section: str
    text: str
    cites: tuple[str, ...]


class NoteInput(_Part):
    """A note as rules write it; `sections` in the order of the note."""

    kind: Literal["resolution", "escalation"]
    sections: tuple[str, ...]
    statements: tuple[NoteStatement, ...]


class NoteSentence(BaseModel):
    """A sentence of the note."""

    model_config = ConfigDict(extra="forbid")

    section: str = Field(description="The section, exactly as named in the data.")
    text: str = Field(description="One sentence in plain text.")
    cites: list[str] = Field(description="Labels of the statements that it restates, such as F3; at least one.")


class NoteSentences(BaseModel):
    """The note."""

    model_config = ConfigDict(extra="forbid")

    sentences: list[NoteSentence] = Field(description="All sentences, in the order in which they are to be read.")


def sentences_by_rules(data: NoteInput) -> NoteSentences:
    """Return the statements as they are."""
    return NoteSentences(
        sentences=[
            NoteSentence(section=each.section, text=each.text, cites=list(each.cites)) for each in data.statements
        ]
    )


def problem_with(data: NoteInput, answer: NoteSentences) -> str:
    """Say what is wrong with an answer as a whole; single sentences that do not pass are left out later."""
    if not answer.sentences:
        return "sentences is empty: write the note."
    known = {label for statement in data.statements for label in statement.cites}
    usable = [
        each
        for each in answer.sentences
        if each.section in data.sections and each.text.strip() and each.cites and known.issuperset(each.cites)
    ]
    if not usable:
        return f"no sentence has a section of {', '.join(data.sections)} and cites only labels that are in the data."
    return ""


PILOT_NOTE: AiTask[NoteInput, NoteSentences] = AiTask(
    name="pilot.note",
    tier=Tier.STANDARD,
    prompt="pilot_note",
    output_type=NoteSentences,
    rules=sentences_by_rules,
    problem=problem_with,
    max_output_tokens=6000,
)
