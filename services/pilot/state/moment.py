"""When a change happens and by whom; what all changes of a session check."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.errors import InvalidInputError
from services.pilot.redaction import without_secrets
from services.pilot.types import Session, SessionStatus, StaleSessionError
from services.slack.markup import escape, truncate

SHOWN_CHARACTERS = 80


def new_uuid() -> str:
    """Return a new random id."""
    return str(uuid.uuid4())


@dataclass(frozen=True)
class Moment:
    """One change: `member_id` is None for FlowPilot itself; `seen_version` what they had before them."""

    at: datetime
    member_id: int | None = None
    seen_version: int | None = None
    new_id: Callable[[], str] = new_uuid


def next_version(session: Session) -> int:
    """Return the version that a change of `session` makes."""
    return session.state_version + 1


def require_open(session: Session) -> None:
    """Raise `StaleSessionError` unless the session may still be worked on."""
    if session.status is not SessionStatus.OPEN:
        raise StaleSessionError(
            f"This session is {session.status}; nothing was changed.", session, hint="Reopen it to go on working on it."
        )


def require_unseen_unchanged(session: Session, moment: Moment, changed_in: int, what: str) -> None:
    """Raise `StaleSessionError` when a thing changed after the version that the person saw."""
    if moment.seen_version is not None and changed_in > moment.seen_version:
        raise StaleSessionError(
            f"Somebody changed {what} after you opened it; nothing of yours was saved over it.",
            session,
            hint="Look at it as it is now and try again.",
        )


def clean(text: str, what: str, *, longest: int, question: str = "") -> str:
    """Return what somebody wrote without secrets; `InvalidInputError` when it is empty or too long (characters)."""
    text = text.replace("\x00", "").strip()
    check_length(text, what, longest=longest)
    return without_secrets(text, question=question)


def check_length(text: str, what: str, *, longest: int) -> None:
    """Raise `InvalidInputError` when a text holds nothing, or more than `longest` characters."""
    if not text.strip():
        raise InvalidInputError(f"{what} is empty.", hint="Write something first.")
    if len(text) > longest:
        raise InvalidInputError(f"{what} has {len(text):,} characters; {longest:,} is the most.", hint="Shorten it.")


def check_room(number: int, most: int, what: str) -> None:
    """Raise `InvalidInputError` when a session holds as many of a thing as it may."""
    if number >= most:
        raise InvalidInputError(f"A session holds {most:,} {what}.", hint="Close it and start another.")


def shown(text: str) -> str:
    """Return the start of a text as messages quote it."""
    return escape(truncate(" ".join(text.split()), SHOWN_CHARACTERS))
