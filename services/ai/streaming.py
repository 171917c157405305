"""Answers that are read while they are written: what is asked, what can go wrong, placeholders across pieces."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Generic

from pydantic import BaseModel

from services.ai.sanitise import Redactor
from services.ai.types import InputT, Outcome, Tier

_MAY_BEGIN_PLACEHOLDER = re.compile(r"\[(?:[A-Z]{1,8}(?:_\d{0,6})?)?\Z")


@dataclass(frozen=True)
class ChatTask(Generic[InputT]):
    """Something that a model says in free text; its caller answers by rules when it does not.

    `prompt` names a file in `prompts/`; `request_field` is the input field that holds the asking person's own words.
    """

    name: str
    tier: Tier
    prompt: str
    request_field: str = ""
    max_output_tokens: int = 3000


class Spoken(BaseModel):
    """What a model said, whole."""

    text: str


class NoAnswerError(Exception):
    """No model answers, or not to the end; the message says in plain words why, `outcome` as it was recorded."""

    def __init__(self, why: str, outcome: Outcome) -> None:
        super().__init__(why)
        self.outcome = outcome


class RestoringStream:
    """Puts personal data back into pieces of a text; a placeholder that is cut in two waits for its end."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._held = ""

    def feed(self, piece: str) -> str:
        """Return what can be read by now."""
        text = self._held + piece
        begin = _MAY_BEGIN_PLACEHOLDER.search(text)
        self._held = text[begin.start() :] if begin else ""
        return self._redactor.restore(text[: begin.start()] if begin else text)

    def finish(self) -> str:
        """Return the rest."""
        rest, self._held = self._held, ""
        return self._redactor.restore(rest)
