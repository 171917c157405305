"""What operations on Jira issues share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from services.effects.changes import VendorChange
from services.effects.types import EffectRecord, Json
from services.errors import VendorError
from services.slack.markup import bold
from services.vendors.jira import JiraClient, done_for

Refresh = Callable[[str], Awaitable[object]]
log = structlog.get_logger(__name__)


class JiraOperation(VendorChange):
    """One change of the issue `effect.target`; a subclass says which."""

    vendor = "Jira"

    def __init__(self, jira: JiraClient, refresh: Refresh | None = None) -> None:
        self._jira = jira
        self._refresh = refresh

    def touched(self, effect: EffectRecord, result: Json) -> list[str]:
        """Return the keys of the issues that the write changes."""
        return [effect.target]

    def url(self, effect: EffectRecord) -> str:
        """Return the issue's page."""
        return f"{self._jira.site_url}/browse/{effect.target}"

    async def follow(self, effect: EffectRecord, result: Json) -> None:
        """Bring the issues that were touched up to date in the mirror."""
        if self._refresh is None:
            return
        for key in self.touched(effect, result):
            try:
                await self._refresh(key)
            except VendorError as error:
                # the change stands whether or not the mirror could be brought up to date just now: the sync will
                log.warning("mirror_not_refreshed", issue=key, error=error.message)


def behind(effect: EffectRecord) -> dict[str, Any]:
    """Return what Jira's history says about who wanted the change (TRUST-1)."""
    actor = effect.actor
    return done_for(actor_id=str(actor.member_id or "flowpilot"), actor_name=actor.name, reason=effect.reason)


def shown(value: Any, nothing: str = "nothing") -> str:
    """Return a value from Jira in bold mrkdwn, escaped."""
    return bold(str(value) if value else "") or nothing
