"""Project management: `/pm`, and what its messages' buttons do."""

from __future__ import annotations

from handlers.pm import (
    alerts,
    bottlenecks,
    budgets,
    commands,
    epics,
    forecasts,
    metrics,
    projects,
    reconciliation,
    rollup,
    settings,
    time_tracking,
    variance,
    worklog_drafts,
)
from handlers.router import Router


def register(router: Router) -> None:
    """Add the feature's commands and actions."""
    router.commands.include(commands.COMMANDS)
    time_tracking.register(router)
    worklog_drafts.register(router)
    epics.register(router)
    forecasts.register(router)
    variance.register(router)
    budgets.register(router)
    reconciliation.register(router)
    bottlenecks.register(router)
    alerts.register(router)
    metrics.register(router)
    rollup.register(router)
    projects.register(router)
    settings.register(router)
