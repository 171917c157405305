"""FlowPilot sessions: a thread with its task lane, from a problem to a resolved ticket."""

from __future__ import annotations

from handlers.pilot import building, commands, drafts, ending, filling, fixes, lane, library, opening, talking
from handlers.router import Router


def register(router: Router) -> None:
    """Declare `/pilot`, and handle its messages, buttons and forms."""
    router.commands.include(commands.COMMANDS)
    for part in (opening, lane, talking, ending, fixes, building, filling, drafts, library):
        part.register(router)
