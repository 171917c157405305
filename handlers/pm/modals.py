"""Modals that open at once and are filled when what they show has been read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from handlers.request import Request
from services.errors import FlowPilotError

View = dict[str, Any]


async def open_filled(
    request: Request, loading: View, make: Callable[[], Awaitable[View]], failed: Callable[[str], View]
) -> None:
    """Open `loading` while the trigger is good, then show what `make` returns; an error takes its place, too."""
    view_id = await request.services.slack.open_view(request.trigger_id, loading)
    try:
        view = await make()
    except FlowPilotError as error:
        # the global handler answers beside the modal, which would go on saying that it reads
        await request.services.slack.update_view(view_id, failed(f"{error.message} {error.hint}".strip()))
        raise
    await request.services.slack.update_view(view_id, view)
