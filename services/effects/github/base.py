"""What operations on pull requests share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable

import structlog

from services.effects.types import EffectRecord, EffectStatus, Json, Undo
from services.errors import FlowPilotError, InvalidInputError
from services.slack.markup import escape
from services.vendors.github import GithubClient

RefreshPull = Callable[[str, int], Awaitable[object]]
log = structlog.get_logger(__name__)


def place(reference: str) -> tuple[str, int]:
    """Return repository and number of "owner/name#12"; `InvalidInputError` for anything else."""
    repository, _, number = reference.rpartition("#")
    if not repository or not number.isdigit():
        raise InvalidInputError(f"“{reference[:80]}” is not a pull request.", hint="One looks like owner/name#12.")
    return repository, int(number)


class PullOperation(ABC):
    """One change of the pull request `effect.target` ("owner/name#12"); a subclass says which."""

    name = ""

    def __init__(self, github: GithubClient, refresh: RefreshPull | None = None) -> None:
        self._github = github
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
        return state if self.is_satisfied(effect, state) else None

    async def write(self, effect: EffectRecord) -> Json:
        """Change it, then bring the mirror up to date."""
        result = await self._write(effect)
        if self._refresh is not None:
            try:
                await self._refresh(*place(effect.target))
            except FlowPilotError as error:
                # the change stands whether or not the mirror could be brought up to date just now: the sync will
                log.warning("mirror_not_refreshed", pull_request=effect.target, error=error.message)
        return result

    @abstractmethod
    async def _write(self, effect: EffectRecord) -> Json:
        """Change the pull request; return what only the write can tell."""

    @abstractmethod
    def mismatch(self, effect: EffectRecord, after: Json) -> str | None:
        """Say so when it is not as it was wanted."""

    def undo(self, effect: EffectRecord) -> Undo | None:
        """Return nothing: a subclass knows what takes it back."""
        return None

    @abstractmethod
    def describe(self, effect: EffectRecord) -> str:
        """Say what was done."""

    def url(self, effect: EffectRecord) -> str:
        """Return the pull request's page."""
        repository, number = place(effect.target)
        return f"{self._github.site_url}/{repository}/pull/{number}"


def was_so_already(effect: EffectRecord) -> bool:
    """Tell whether nothing had to be done."""
    return effect.status is EffectStatus.UNCHANGED


def target(effect: EffectRecord) -> str:
    """Return the pull request in bold mrkdwn."""
    return f"*{escape(effect.target)}*"
