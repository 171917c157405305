"""`pm.variance_cause`: say why an epic is above its forecast, resting on figures that were measured (PM-3.3)."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from services.ai.types import AiTask, Tier

MAX_EXPLANATION_CHARACTERS = 400
NO_PATTERN = "no pattern"
_COMMENT_CITE = re.compile(r"comment:(\d{1,3})")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_BROADCAST = re.compile(r"<!|@(?:channel|here|everyone)\b|https?://")

CauseName = Literal[
    "scope creep", "under-estimation", "team change", "late start", "defects", "one large issue", "no pattern"
]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class EpicNamed(_Part):
    """The epic that it is about."""

    key: str
    summary: str
    status: str


class NamedFigure(_Part):
    """Something measured, in words, under a name by which it can be cited."""

    name: str
    says: str


class NamedPattern(_Part):
    """A cause that rules found, and the figures that it rests on."""

    kind: CauseName
    figures: tuple[str, ...]


class EpicComment(_Part):
    """A comment on the epic."""

    author: str
    written_at: str
    text: str


class CauseInput(_Part):
    """All that an explanation may rest on: patterns the strongest first, comments the oldest first."""

    epic: EpicNamed
    figures: tuple[NamedFigure, ...]
    patterns: tuple[NamedPattern, ...] = ()
    comments: tuple[EpicComment, ...] = ()


class CauseAnswer(BaseModel):
    """A cause, a sentence or two, and what they rest on."""

    model_config = ConfigDict(extra="forbid")

    cause: CauseName = Field(description="The cause that the figures support best.")
    explanation: str = Field(description="One or two sentences in plain text, at most 300 characters.")
    cites: list[str] = Field(description="Names of the figures, and comment:N, that the explanation rests on.")


def cause_by_rules(data: CauseInput) -> CauseAnswer:
    """Return the strongest pattern with its figures as they are; without one, the variance alone."""
    says = {figure.name: figure.says for figure in data.figures}
    if data.patterns:
        pattern = data.patterns[0]
        return CauseAnswer(
            cause=pattern.kind,
            explanation=" ".join(says[name] for name in pattern.figures)[:MAX_EXPLANATION_CHARACTERS],
            cites=list(pattern.figures),
        )
    explanation = "The numbers show no pattern; the people on it will know more."
    return CauseAnswer(cause=NO_PATTERN, explanation=explanation, cites=[figure.name for figure in data.figures[:1]])


def problem_with(data: CauseInput, answer: CauseAnswer) -> str:
    """Say what is wrong with a model's answer: empty, too long, not cited, or with numbers that nobody gave it."""
    text = answer.explanation.strip()
    if not text or len(text) > MAX_EXPLANATION_CHARACTERS:
        return f"explanation has to have 1 to {MAX_EXPLANATION_CHARACTERS} characters."
    if _BROADCAST.search(text):
        return "explanation addresses everybody or holds a link; leave that out."
    says = {figure.name: figure.says for figure in data.figures}
    if wrong := [cite for cite in answer.cites if cite not in says and not _is_comment(cite, data)]:
        return f"cites names parts that are not in the data: {', '.join(wrong)[:200]}."
    cited = [says[cite] for cite in answer.cites if cite in says]
    if not cited:
        return "cites names no figure: the explanation has to rest on at least one."
    # a comment may say any number; only what was measured may be repeated as one
    given = set(_NUMBER.findall(" ".join([*cited, data.epic.key, data.epic.summary])))
    if made_up := [number for number in _NUMBER.findall(text) if number not in given]:
        return f"explanation holds numbers that no cited figure gives: {', '.join(made_up)[:100]}."
    return ""


def _is_comment(cite: str, data: CauseInput) -> bool:
    numbered = _COMMENT_CITE.fullmatch(cite)
    return numbered is not None and 1 <= int(numbered[1]) <= len(data.comments)


VARIANCE_CAUSE: AiTask[CauseInput, CauseAnswer] = AiTask(
    name="pm.variance_cause",
    tier=Tier.STANDARD,
    prompt="pm_variance_cause",
    output_type=CauseAnswer,
    rules=cause_by_rules,
    problem=problem_with,
    max_output_tokens=1000,
)
