"""The account that the current work belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_current_account_id: ContextVar[str | None] = ContextVar("current_account_id", default=None)


class NoCurrentAccountError(RuntimeError):
    """Tenant data was touched outside `account_scope`."""


def current_account_id() -> str:
    """Return the current account's id, or raise `NoCurrentAccountError`."""
    account_id = _current_account_id.get()
    if account_id is None:
        raise NoCurrentAccountError("no current account: wrap the work in account_scope(account_id)")
    return account_id


def current_account_id_or_none() -> str | None:
    """Return the current account's id, or None outside any account's work."""
    return _current_account_id.get()


@contextmanager
def account_scope(account_id: str) -> Iterator[None]:
    """Make `account_id` current; set where work enters (handler, job, webhook, token, shell)."""
    token = _current_account_id.set(account_id)
    try:
        yield
    finally:
        _current_account_id.reset(token)
