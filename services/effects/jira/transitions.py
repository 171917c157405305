"""Moving an issue through its workflow: only where Jira lets it go, as it is at that moment."""

from __future__ import annotations

from collections.abc import Sequence

from services.effects.changes import StatusChange, was_so_already
from services.effects.jira.base import JiraOperation, behind, log, shown
from services.effects.types import EffectRecord, Json
from services.errors import ConflictError, InvalidInputError, VendorError
from services.slack.markup import escape
from services.vendors.types import JiraTransition


class TransitionMissingError(ConflictError):
    """Jira does not offer this move now; `possible` are the statuses that it does."""

    def __init__(self, key: str, current: str, wanted: str, possible: Sequence[str]) -> None:
        self.key = key
        self.possible = tuple(possible)
        offered = ", ".join(f"*{escape(status)}*" for status in possible)
        super().__init__(
            f"*{key}* is in *{escape(current)}* and cannot go to *{escape(wanted)}* from there; nothing was changed.",
            hint=f"It can go to {offered}." if offered else "Jira offers no move from there.",
        )


def targets(transitions: Sequence[JiraTransition]) -> list[str]:
    """Return the statuses that transitions lead to, each once."""
    return list(dict.fromkeys(transition.to_status.name for transition in transitions))


def transition_to(transitions: Sequence[JiraTransition], status: str) -> JiraTransition | None:
    """Return the transition into a status; of several, one that asks for nothing."""
    fitting = [transition for transition in transitions if transition.to_status.name.casefold() == status.casefold()]
    return min(fitting, key=lambda transition: len(transition.required_fields), default=None)


class MoveIssue(StatusChange, JiraOperation):
    """`jira.transition` {status: the name of the status to go to}."""

    name = "jira.transition"

    async def read(self, effect: EffectRecord) -> Json:
        """Read the status."""
        return {"status": (await self._jira.issue(effect.target)).status.name}

    async def find(self, effect: EffectRecord) -> Json | None:
        """Return the status if it has become the wanted one, and whether there is a way back."""
        state = await super().find(effect)
        return None if state is None else {**state, "way_back": await self._has_way_back(effect)}

    async def _write(self, effect: EffectRecord) -> Json:
        wanted = effect.arguments["status"]
        offered = await self._jira.transitions(effect.target)
        transition = transition_to(offered, wanted)
        if transition is None:
            raise TransitionMissingError(effect.target, effect.before["status"], wanted, targets(offered))
        if transition.required_fields:
            asked = ", ".join(field.name for field in transition.required_fields)
            raise InvalidInputError(
                f"Moving *{effect.target}* to *{escape(wanted)}* asks for {escape(asked)}.",
                hint=f"Move it in Jira, where you can fill that in: {self.url(effect)}",
            )
        await self._jira.transition(effect.target, transition.id, history_metadata=behind(effect))
        return {"way_back": await self._has_way_back(effect)}

    async def _has_way_back(self, effect: EffectRecord) -> bool:
        try:
            transition = transition_to(await self._jira.transitions(effect.target), effect.before["status"])
        except VendorError as error:
            # must not pass for a failed move: without an answer there is no Undo, that is all
            log.warning("way_back_unknown", issue=effect.target, error=error.message)
            return False
        return transition is not None and not transition.required_fields

    def describe(self, effect: EffectRecord) -> str:
        """Say from where to where."""
        wanted = shown(effect.arguments["status"])
        if was_so_already(effect):
            return f"*{effect.target}* had the status {wanted} already"
        moved = f"Moved *{effect.target}* from {shown((effect.before or {}).get('status'))} to {wanted}"
        # of the way back only what was seen after the write is known
        is_one_way = (effect.after or {}).get("way_back") is False and effect.undoes_id is None
        return f"{moved} (the workflow has no direct way back)" if is_one_way else moved
