"""Project management: `/pm`, and what its messages' buttons do."""

from __future__ import annotations

from handlers.pm import alerts, commands, epics, reconciliation, time_tracking, worklog_drafts
from handlers.router import Router


def register(router: Router) -> None:
    """Add the feature's commands and actions."""
    router.commands.include(commands.COMMANDS)
    time_tracking.register(router)
    worklog_drafts.register(router)
    epics.register(router)
    reconciliation.register(router)
    alerts.register(router)
