"""Links between issues: one blocks another."""

from __future__ import annotations

from services.effects.changes import was_so_already
from services.effects.jira.base import JiraOperation, shown
from services.effects.types import EffectRecord, Json, Undo
from services.errors import VendorNotFoundError


class LinkOperation(JiraOperation):
    """`effect.target` is blocked; arguments {type: the link type's name, by: the key of the issue that blocks}."""

    async def read(self, effect: EffectRecord) -> Json:
        """Return the id of the link, None where there is none."""
        issue = await self._jira.issue(effect.target)
        wanted = (effect.arguments["type"], "inward", effect.arguments["by"])
        ids = [link.id for link in issue.links if (link.type, link.direction, link.key) == wanted]
        return {"link_id": ids[0] if ids else None}

    def touched(self, effect: EffectRecord, result: Json) -> list[str]:
        """Return both ends."""
        return [effect.target, effect.arguments["by"]]


class LinkIssues(LinkOperation):
    """`jira.link`: make it so."""

    name = "jira.link"

    def is_satisfied(self, effect: EffectRecord, state: Json) -> bool:
        """Tell whether the link is there."""
        return state["link_id"] is not None

    async def _write(self, effect: EffectRecord) -> Json:
        arguments = effect.arguments
        await self._jira.create_link(arguments["type"], from_key=arguments["by"], to_key=effect.target)
        return {}

    def mismatch(self, effect: EffectRecord, after: Json) -> str | None:
        """Say so when the link is gone, or is another one than was made."""
        if after["link_id"] is None:
            return f"Jira does not show that {effect.arguments['by']} blocks {effect.target}."
        made = (effect.after or {}).get("link_id")
        return f"{effect.target} was linked anew since." if made not in (None, after["link_id"]) else None

    def undo(self, effect: EffectRecord) -> Undo | None:
        """Remove it."""
        return Undo(UnlinkIssues.name, dict(effect.arguments))

    def describe(self, effect: EffectRecord) -> str:
        """Say who waits for whom."""
        blocker = shown(effect.arguments["by"])
        if was_so_already(effect):
            return f"*{effect.target}* was blocked by {blocker} already"
        return f"Linked *{effect.target}* as blocked by {blocker}"


class UnlinkIssues(LinkOperation):
    """`jira.unlink`: take it away."""

    name = "jira.unlink"

    def is_satisfied(self, effect: EffectRecord, state: Json) -> bool:
        """Tell whether there is no link."""
        return state["link_id"] is None

    async def _write(self, effect: EffectRecord) -> Json:
        try:
            await self._jira.delete_link(effect.before["link_id"])
        except VendorNotFoundError:
            return {}  # somebody else removed it since it was read: reading back says so
        return {}

    def mismatch(self, effect: EffectRecord, after: Json) -> str | None:
        """Say so when the link is still there."""
        if after["link_id"] is None:
            return None
        return f"Jira still shows that {effect.arguments['by']} blocks {effect.target}."

    def describe(self, effect: EffectRecord) -> str:
        """Say that it waits no longer."""
        return f"*{effect.target}* is not blocked by {shown(effect.arguments['by'])} any more"
