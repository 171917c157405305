"""Turn a task's input into the volatile part of the prompt: cut, redacted, and marked as data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from services.ai.sanitise import Redactor

MAX_TEXT_CHARACTERS = 12_000
"""Longer texts are cut: what matters in a ticket stands at its start and in its newest comments."""


def cut(text: str) -> str:
    """Shorten a text, saying how much is missing."""
    if len(text) <= MAX_TEXT_CHARACTERS:
        return text
    return f"{text[:MAX_TEXT_CHARACTERS]} … [{len(text) - MAX_TEXT_CHARACTERS} characters cut]"


def cleaned(value: Any, redactor: Redactor) -> Any:
    """Return JSON-like data with every string cut and redacted, names included: they say what is a password."""
    if isinstance(value, str):
        return redactor.redact(cut(value))
    if isinstance(value, Mapping):
        return {cleaned(key, redactor): _named(key, item, redactor) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [cleaned(item, redactor) for item in value]
    return value


def _named(name: Any, value: Any, redactor: Redactor) -> Any:
    """Return a value of a mapping, cleaned: of {"password": "Winter26"} only the name tells that it is a secret."""
    if isinstance(name, str) and isinstance(value, str):
        said = redactor.redact(f"{name}: {cut(value)}")
        if said.startswith(f"{name}: "):
            return said.removeprefix(f"{name}: ")
    return cleaned(value, redactor)


def sections(data: BaseModel, redactor: Redactor) -> dict[str, str]:
    """Return the input's fields that hold anything, as text; structures as JSON."""
    fields = cleaned(data.model_dump(mode="json"), redactor)
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
        for name, value in fields.items()
        if value not in (None, "", [], {})
    }


def restored(value: Any, redactor: Redactor) -> Any:
    """Put personal data back into every string of an output; secrets stay out."""
    if isinstance(value, str):
        return redactor.restore(value)
    if isinstance(value, Mapping):
        return {key: restored(item, redactor) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [restored(item, redactor) for item in value]
    return value
