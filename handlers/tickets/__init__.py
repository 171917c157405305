"""`/ticket`: act on single Jira tickets."""

from __future__ import annotations

from handlers.router import Router
from handlers.tickets import actions, commands, creation


def register(router: Router) -> None:
    """Declare the commands, and handle their buttons and forms."""
    router.commands.include(commands.COMMANDS)
    actions.register(router)
    creation.register(router)
