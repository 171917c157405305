"""What comes in: Slack commands, actions, views, events; HTTP."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from handlers import accounts, alerts, commands, home, pilot, pm, receipts, tickets
from handlers.router import Router

Register = Callable[[Router], None]
FEATURES: tuple[Register, ...] = (
    *(tickets.register, pilot.register, pm.register, accounts.register),
    *(home.register, receipts.register, alerts.register),
)
"""Each feature's `register(router)`, in the order in which help lists them."""


def build_router(features: Sequence[Register] = FEATURES) -> Router:
    """Return the router with everything that `features` handle, and the commands they declare."""
    router = Router()
    for register in features:
        register(router)
    commands.register(router)
    return router
