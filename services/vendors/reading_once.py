"""Within one piece of work, what was read is not read again until it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_Key = tuple[str, tuple[tuple[str, Any], ...]]
_held: ContextVar[dict[_Key, Any] | None] = ContextVar("reading_once", default=None)


@contextmanager
def reading_once() -> Iterator[None]:
    """Hold what is read by the clients that ask here, for this task and those that it waits for."""
    token = _held.set({})
    try:
        yield
    finally:
        _held.reset(token)


def hold(path: str, params: Mapping[str, Any], answer: Any) -> None:
    """Keep an answer; nothing happens outside `reading_once`."""
    if (answers := _held.get()) is not None:
        answers[_key(path, params)] = answer


def held(path: str, params: Mapping[str, Any]) -> Any | None:
    """Return the answer that is held, else None."""
    return (_held.get() or {}).get(_key(path, params))


def let_go(path: str) -> None:
    """Forget what was read of `path` and below: it is about to be written."""
    answers = _held.get() or {}
    for key in [each for each in answers if each[0] == path or each[0].startswith(f"{path}/")]:
        del answers[key]


def _key(path: str, params: Mapping[str, Any]) -> _Key:
    return path, tuple(sorted(params.items()))
