"""What operations on Jira issues share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from services.effects.types import EffectRecord, EffectStatus, Json, Undo
from services.errors import VendorError
from services.slack.markup import bold
from services.vendors.jira import JiraClient, done_for

Refresh = Callable[[str], Awaitable[object]]
log = structlog.get_logger(__name__)


class JiraOperation(ABC):
    """One change of the issue `effect.target`; a subclass says which."""

    name = ""

    def __init__(self, jira: JiraClient, refresh: Refresh | None = None) -> None:
        self._jira = jira
        self._refresh = refresh

    @abstractmethod
    async def read(self, effect: EffectRecord) -> Json:
        """Return the state that the write changes."""

    @abstractmethod
    def is_satisfied(self, effect: EffectRecord, state: Json) -> bool:
        """Tell whether nothing needs doing."""

    async def find(self, effect: EffectRecord) -> Json | None:
        """Return the state if it has become what was wanted: an answer got lost, the change did not."""
        state = await self.read(effect)
        if not self.is_satisfied(effect, state):
            return None
        await self._refresh_mirror(*self.touched(effect, state))
        return state

    async def write(self, effect: EffectRecord) -> Json:
        """Change the issue, then bring the mirror up to date."""
        result = await self._write(effect)
        await self._refresh_mirror(*self.touched(effect, result))
        return result

    def touched(self, effect: EffectRecord, result: Json) -> list[str]:
        """Return the keys of the issues that the write changes."""
        return [effect.target]

    @abstractmethod
    async def _write(self, effect: EffectRecord) -> Json:
        """Change the issue; return what only the write can tell."""

    @abstractmethod
    def mismatch(self, effect: EffectRecord, after: Json) -> str | None:
        """Say so when the issue is not as it was wanted."""

    def undo(self, effect: EffectRecord) -> Undo | None:
        """Return nothing: a subclass knows what takes it back."""
        return None

    @abstractmethod
    def describe(self, effect: EffectRecord) -> str:
        """Say what was done."""

    def url(self, effect: EffectRecord) -> str:
        """Return the issue's page."""
        return f"{self._jira.site_url}/browse/{effect.target}"

    async def _refresh_mirror(self, *keys: str) -> None:
        if self._refresh is None:
            return
        for key in keys:
            try:
                await self._refresh(key)
            except VendorError as error:
                # the change stands whether or not the mirror could be brought up to date just now: the sync will
                log.warning("mirror_not_refreshed", issue=key, error=error.message)


def behind(effect: EffectRecord) -> dict[str, Any]:
    """Return what Jira's history says about who wanted the change (TRUST-1)."""
    actor = effect.actor
    return done_for(actor_id=str(actor.member_id or "flowpilot"), actor_name=actor.name, reason=effect.reason)


def was_so_already(effect: EffectRecord) -> bool:
    """Tell whether nothing had to be done."""
    return effect.status is EffectStatus.UNCHANGED


def shown(value: Any, nothing: str = "nothing") -> str:
    """Return a value from Jira in bold mrkdwn, escaped."""
    return bold(str(value) if value else "") or nothing
