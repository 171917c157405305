"""Asking people to review, and asking them no longer."""

from __future__ import annotations

from typing import Any

from services.effects.changes import was_so_already
from services.effects.github.base import PullOperation, place, target
from services.effects.types import EffectRecord, Json, Undo
from services.slack.markup import escape


class ReviewersOperation(PullOperation):
    """Arguments {reviewers: logins, "@slug" for a team}."""

    async def read(self, effect: EffectRecord) -> Json:
        """Return who is asked."""
        return {"requested": sorted(await self._github.requested_reviewers(*place(effect.target)))}

    def wanted(self, effect: EffectRecord) -> list[str]:
        """Return whom the write is about."""
        return [str(login) for login in effect.arguments["reviewers"]]

    def named(self, effect: EffectRecord) -> str:
        """Name them for people."""
        return ", ".join(f"*{escape(login)}*" for login in self.wanted(effect))


class RequestReviewers(ReviewersOperation):
    """`github.request_reviewers`: ask for a review."""

    name = "github.request_reviewers"

    def is_satisfied(self, effect: EffectRecord, state: Json) -> bool:
        """Tell whether all of them are asked."""
        return not _missing(self.wanted(effect), state["requested"])

    async def _write(self, effect: EffectRecord) -> Json:
        await self._github.request_reviewers(*place(effect.target), self.wanted(effect))
        return {}

    def mismatch(self, effect: EffectRecord, after: Json) -> str | None:
        """Say so when somebody is not asked."""
        missing = _missing(self.wanted(effect), after.get("requested") or [])
        return f"GitHub does not show {', '.join(missing)} as asked on {effect.target}." if missing else None

    def undo(self, effect: EffectRecord) -> Undo | None:
        """Ask those no longer who were not asked before."""
        before: dict[str, Any] = effect.before or {}
        added = _missing(self.wanted(effect), before.get("requested") or [])
        return Undo(RemoveReviewers.name, {"reviewers": added}) if added else None

    def describe(self, effect: EffectRecord) -> str:
        """Say who was asked."""
        if was_so_already(effect):
            return f"{self.named(effect)} was asked to review {target(effect)} already"
        return f"Asked {self.named(effect)} to review {target(effect)}"


class RemoveReviewers(ReviewersOperation):
    """`github.remove_reviewers`: ask no longer."""

    name = "github.remove_reviewers"

    def is_satisfied(self, effect: EffectRecord, state: Json) -> bool:
        """Tell whether none of them is asked."""
        return len(_missing(self.wanted(effect), state["requested"])) == len(self.wanted(effect))

    async def _write(self, effect: EffectRecord) -> Json:
        await self._github.remove_reviewers(*place(effect.target), self.wanted(effect))
        return {}

    def mismatch(self, effect: EffectRecord, after: Json) -> str | None:
        """Say so when somebody is still asked."""
        if self.is_satisfied(effect, {"requested": after.get("requested") or []}):
            return None
        return f"GitHub still shows a request for a review on {effect.target}."

    def describe(self, effect: EffectRecord) -> str:
        """Say who is not asked any more."""
        return f"{self.named(effect)} is not asked to review {target(effect)} any more"


def _missing(wanted: list[str], requested: list[str]) -> list[str]:
    held = {login.casefold() for login in requested}
    return [login for login in wanted if login.casefold() not in held]
