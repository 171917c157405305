"""Turn tickets and epics into the text that is compared."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from services.pm.epics.types import EpicText, TicketText

MAX_DESCRIPTION_CHARACTERS = 2_000
"""Later parts are mostly logs and stack traces; the local model reads about 1,000 characters anyway."""

MAX_SUMMARY_CHARACTERS = 250

_URL = re.compile(r"https?://\S+")
_MARKUP = re.compile(r"\{(?:code|noformat|quote|color|panel)[^}]{0,80}\}|\[~[^\]]{1,80}\]")
_SPACE = re.compile(r"\s+")


def clean(text: str) -> str:
    """Drop addresses, wiki markup and control characters; normalise Unicode and white space."""
    text = unicodedata.normalize("NFKC", text)
    text = _MARKUP.sub(" ", _URL.sub(" ", text))
    text = "".join(character if character.isprintable() else " " for character in text)
    return _SPACE.sub(" ", text).strip()


def text_of(item: TicketText | EpicText) -> str:
    """Join summary (twice: it says most in the fewest words) and the start of the description."""
    summary = clean(item.summary[:MAX_SUMMARY_CHARACTERS])
    description = clean(item.description[:MAX_DESCRIPTION_CHARACTERS])
    return f"{summary}. {summary}. {description}" if summary else description


def content_hash(model: str, text: str) -> str:
    """Name the vector that `model` gives to `text`, for the embedding cache."""
    return hashlib.sha256(f"{model}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()
