"""What operations on pull requests share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from services.effects.changes import VendorChange
from services.effects.types import EffectRecord, Json
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


class PullOperation(VendorChange):
    """One change of the pull request `effect.target` ("owner/name#12"); a subclass says which."""

    vendor = "GitHub"

    def __init__(self, github: GithubClient, refresh: RefreshPull | None = None) -> None:
        self._github = github
        self._refresh = refresh

    async def follow(self, effect: EffectRecord, result: Json) -> None:
        """Bring the pull request up to date in the mirror."""
        if self._refresh is None:
            return
        try:
            await self._refresh(*place(effect.target))
        except FlowPilotError as error:
            # the change stands whether or not the mirror could be brought up to date just now: the sync will
            log.warning("mirror_not_refreshed", pull_request=effect.target, error=error.message)

    def url(self, effect: EffectRecord) -> str:
        """Return the pull request's page."""
        repository, number = place(effect.target)
        return f"{self._github.site_url}/{repository}/pull/{number}"


def target(effect: EffectRecord) -> str:
    """Return the pull request in bold mrkdwn."""
    return f"*{escape(effect.target)}*"
