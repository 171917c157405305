"""`pm.stuck_context`: say what comments tell of work that waits, resting on a sentence that stands there (PM-5.4)."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from services.ai.tasks.stuck_words import Says, what_is_said
from services.ai.types import AiTask, Tier

QUOTE_CHARACTERS = 300
BLOCKER_CHARACTERS = 100
MIN_QUOTE_WORDS = 2
RULES_CONFIDENCE = 0.75
_PLACEHOLDER = re.compile(r"\\\[[a-z]+_\d+\\\]")
"""What took out personal data left in its place, escaped for a pattern and in lower case."""
_TAKEN_OUT = re.compile(r"\[[A-Z]+_\d+\]")
_SECRET = re.compile(r"\[SECRET_\d+\]")

WrittenBy = Literal["assignee", "reviewer", "colleague", "somebody"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class StuckNamed(_Part):
    """What waits; `working_days` is how long it has been in its status."""

    key: str
    title: str
    status: str
    working_days: int


class StuckComment(_Part):
    """A comment; `written_by` says what its author has to do with the item."""

    author: str
    written_by: WrittenBy
    working_days_ago: int
    text: str


class StuckInput(_Part):
    """The item, and the newest comments on it, oldest first."""

    item: StuckNamed
    comments: tuple[StuckComment, ...]


class StuckReading(BaseModel):
    """What the comments say, and the words of the comment it rests on."""

    model_config = ConfigDict(extra="forbid")

    says: Says = Field(description="working, waiting, unblocked, or nothing.")
    blocker: str = Field(default="", description="Whom or what it waits for, in the comment's words; else empty.")
    comment: int = Field(default=0, description="The number of the comment, from 1; 0 when says is nothing.")
    quote: str = Field(default="", description="The sentence of that comment, exactly as it stands there; else empty.")
    confidence: float = Field(ge=0, le=1, description="How sure this is, from 0 to 1.")


def reading_by_rules(data: StuckInput) -> StuckReading:
    """Return what the newest comment says that says anything; a stranger's word on our work is no word."""
    for number in range(len(data.comments), 0, -1):
        comment = data.comments[number - 1]
        words = what_is_said(comment.text)
        if words.says == "nothing" or comment.written_by == "somebody":
            continue
        return StuckReading(
            says=words.says,
            blocker=words.blocker[:BLOCKER_CHARACTERS],
            comment=number,
            quote=words.quote[:QUOTE_CHARACTERS],
            confidence=RULES_CONFIDENCE,
        )
    return StuckReading(says="nothing", confidence=RULES_CONFIDENCE)


def problem_with(data: StuckInput, answer: StuckReading) -> str:
    """Say what is wrong with a model's answer: words that stand nowhere, or those of a stranger."""
    if answer.says == "nothing":
        return "says is nothing, so comment has to be 0 and quote and blocker empty." if answer.quote else ""
    if not 1 <= answer.comment <= len(data.comments):
        return f"comment has to be the number of a comment, 1 to {len(data.comments)}."
    comment = data.comments[answer.comment - 1]
    if len(_TAKEN_OUT.sub(" ", answer.quote).split()) < MIN_QUOTE_WORDS or len(answer.quote) > QUOTE_CHARACTERS:
        return f"quote has to be a sentence of the comment, at most {QUOTE_CHARACTERS} characters."
    if _SECRET.search(answer.quote) or not _stands_in(answer.quote, comment.text):
        return f"quote does not stand in comment {answer.comment}: copy it exactly."
    if comment.written_by == "somebody":
        return "how the work stands can be said only by somebody who works here."
    if answer.blocker and answer.says != "waiting":
        return "blocker is only for waiting."
    if len(answer.blocker) > BLOCKER_CHARACTERS or (answer.blocker and not _stands_in(answer.blocker, comment.text)):
        return "blocker has to be words of that comment."
    return ""


def _stands_in(words: str, text: str) -> bool:
    """Look for words but for spaces and case; a placeholder stands for whatever was taken out before."""
    wanted = _PLACEHOLDER.sub(".{1,120}?", re.escape(" ".join(words.casefold().split())))
    return re.search(wanted, " ".join(text.casefold().split())) is not None


STUCK_CONTEXT: AiTask[StuckInput, StuckReading] = AiTask(
    name="pm.stuck_context",
    tier=Tier.FAST,
    prompt="pm_stuck_context",
    output_type=StuckReading,
    rules=reading_by_rules,
    problem=problem_with,
    max_output_tokens=600,
)
