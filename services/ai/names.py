"""What people call a model."""

from __future__ import annotations

import re

from services.ai.routing import VENDORS

_RELEASE_DATE = re.compile(r"[-@](?:\d{8}|\d{4}-\d{2}-\d{2}|latest)$")
_VERSION = re.compile(r"(?<=\d)-(?=\d{1,2}(?:-|$))")
_WORD_AND_NUMBER = re.compile(r"^([a-z]{3,})(\d[\d.]*)$")
_INITIALS = {"gpt": "GPT", "oss": "OSS", "ai": "AI"}


def name_for_people(label: str) -> str:
    """Return "Claude Sonnet 5.5" for "anthropic:claude-sonnet-5-5"; what is no model's label stays as it is."""
    vendor, _, model = label.partition(":")
    if vendor not in VENDORS or not model:
        return label
    plain = _VERSION.sub(".", _RELEASE_DATE.sub("", model.rpartition("/")[2]))
    words = [each for part in re.split(r"[-_: ]+", plain) for each in _WORD_AND_NUMBER.sub(r"\1 \2", part).split()]
    shown = " ".join(_INITIALS.get(word, word[:1].upper() + word[1:]) for word in words)
    return shown.replace("GPT ", "GPT-", 1) or label
