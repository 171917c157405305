"""What the ticket service takes and gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.errors import InvalidInputError


@dataclass(frozen=True)
class TicketCard:
    """A ticket as Jira has it now; `possible` are the statuses that it can go to."""

    key: str
    summary: str
    issue_type: str
    status: str
    priority: str | None
    assignee: str | None
    epic_key: str | None
    epic_summary: str
    url: str
    possible: tuple[str, ...]


@dataclass(frozen=True)
class Draft:
    """A comment that waits for its person; `answered_by` is "rule-based" or the model that wrote it."""

    id: str
    key: str
    text: str
    answered_by: str
    reason: str = ""


class ChoiceError(InvalidInputError):
    """What was typed names none of what there is, or several; `choices` are what can be meant."""

    def __init__(self, key: str, message: str, choices: Sequence[str], *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.key = key
        self.choices = tuple(choices)
