"""What the ticket service takes and gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from services.effects import Receipt
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


@dataclass(frozen=True)
class NewTicket:
    """A ticket that somebody wants; empty is what they left to FlowPilot, or left out."""

    project: str
    summary: str
    issue_type: str = ""
    description: str = ""
    epic: str = ""


class NewTicketError(InvalidInputError):
    """Jira would refuse a new ticket; `field` is what has to be changed."""

    def __init__(
        self, field: Literal["project", "type", "summary", "description", "epic"], message: str, *, hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.field = field


@dataclass(frozen=True)
class PhaseEntry:
    """What moving into a phase led to: sub-tasks created now, how many were there before, and what went wrong."""

    created: tuple[Receipt, ...] = ()
    present: int = 0
    problem: str = ""
