"""What a command takes and gives: argument types, and the reply."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

TICKET_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{1,29}-[1-9][0-9]{0,9}")
BROWSE_LINK = re.compile(rf"<https?://[^|>\s]*/browse/({TICKET_KEY.pattern})(?:[?#][^|>]*)?(?:\|[^>]*)?>")
MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|([^>]*))?>")


class TicketKey(str):
    """A Jira issue key in capitals, such as ABC-123; typed as the key or as a link to the issue."""

    __slots__ = ()

    @classmethod
    def read(cls, text: str) -> TicketKey | None:
        """Return the key that `text` is, or None."""
        if TICKET_KEY.fullmatch(text):
            return cls(text.upper())
        link = BROWSE_LINK.fullmatch(text)
        return cls(link[1].upper()) if link else None


class Word(str):
    """One word, or several in quotes (which are taken off)."""

    __slots__ = ()


class Rest(str):
    """The rest of the line as typed, quotes kept; `full` also has the connecting word that was left out ("to Do")."""

    full: str

    def __new__(cls, text: str, full: str | None = None) -> Rest:
        """Make the text; `full` defaults to it."""
        rest = super().__new__(cls, text)
        rest.full = text if full is None else full
        return rest


@dataclass(frozen=True)
class MemberMention:
    """A person as typed: `<@U1|sam>` (with an id), `@sam`, `Sam Reyes` or `me` (with a name)."""

    text: str
    slack_user_id: str | None
    name: str

    @property
    def is_me(self) -> bool:
        """Tell whether the person named themselves."""
        return self.slack_user_id is None and self.name.lower() in {"me", "myself"}

    @classmethod
    def read(cls, text: str) -> MemberMention:
        """Read a mention; any text is one, whether anybody is called so is the directory's to say."""
        mention = MENTION.fullmatch(text)
        if mention:
            return cls(text, mention[1], mention[2] or "")
        return cls(text, None, text.removeprefix("@"))


class Visibility(StrEnum):
    """Who sees a reply."""

    PRIVATE = "private"
    CHANNEL = "channel"


@dataclass(frozen=True)
class Reply:
    """What a handler answers; `text` is what notifications and screen readers get, so it is never empty.

    `replace` puts it in the place of the message whose button was clicked.
    """

    text: str
    blocks: tuple[dict[str, Any], ...] = ()
    visibility: Visibility = Visibility.PRIVATE
    replace: bool = False

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise ValueError("a reply needs text: notifications and screen readers have nothing else")
        object.__setattr__(self, "blocks", tuple(self.blocks))
