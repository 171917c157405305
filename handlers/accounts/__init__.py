"""`/flowpilot`: who one is, settings, the audit trail, tokens."""

from __future__ import annotations

from handlers.accounts import audit, links, settings, tokens
from handlers.router import Router

__all__ = ["register"]


def register(router: Router) -> None:
    """Handle `/flowpilot` and what its cards and modals hold."""
    links.register(router)
    settings.register(router)
    audit.register(router)
    tokens.register(router)
