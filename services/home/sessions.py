"""Redraw Home for those who take part in a session when it changes: soon, and not with every change."""

from __future__ import annotations

import asyncio

from db.tenancy import current_account_id
from services.home.homes import Homes
from services.pilot.types import Session

WAIT_S = 2.0
"""Sessions change several times a second while an answer comes; Home says which are open, and since when."""


def participants(session: Session) -> frozenset[int]:
    """Return the members who opened a session, answered, noted or decided in it."""
    ids = {
        session.opened_by_member_id,
        *(item.answered_by_member_id for item in session.items),
        *(fact.created_by_member_id for fact in session.facts),
        *(fix.decided_by_member_id for fix in session.fixes),
        *(script.created_by_member_id for script in session.scripts),
    }
    return frozenset(each for each in ids if each is not None)


class SessionHomes:
    """Gathers the changes of `WAIT_S` seconds into one redraw of each Home."""

    def __init__(self, homes: Homes, wait_s: float = WAIT_S) -> None:
        self._homes = homes
        self._wait_s = wait_s
        self._waiting: dict[str, set[int]] = {}

    def changed(self, session: Session) -> None:
        """Have the Homes of those who take part redrawn soon; the listener for `PilotSessions.on_change`."""
        account_id = current_account_id()
        if account_id not in self._waiting:
            self._waiting[account_id] = set()
            # the account stays the current one in what is called later
            asyncio.get_running_loop().call_later(self._wait_s, self._redraw, account_id)
        self._waiting[account_id] |= participants(session)

    def _redraw(self, account_id: str) -> None:
        self._homes.changed(self._waiting.pop(account_id))
