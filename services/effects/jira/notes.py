"""Notes of a session on an issue: comments of which one marker makes only one."""

from __future__ import annotations

from services.effects.changes import was_so_already
from services.effects.jira.comments import MARK, AddComment, comment_document
from services.effects.types import EffectRecord, Json


class PostNote(AddComment):
    """`jira.note` {markdown, marker}: the marker, not the wish, names the comment, so that no second one is made."""

    name = "jira.note"

    async def read(self, effect: EffectRecord) -> Json:
        """Return the comment: by its id once it has one, before by its marker."""
        if (effect.after or {}).get("comment_id") is not None:
            return await super().read(effect)
        found = await self._jira.find_comment(effect.target, MARK, effect.arguments["marker"])
        return {"comment_id": found.id} if found else {}

    def is_satisfied(self, effect: EffectRecord, state: Json) -> bool:
        """Tell whether a comment with the marker is there."""
        return state.get("comment_id") is not None

    async def find(self, effect: EffectRecord) -> Json | None:
        """Look for the comment with the marker."""
        state = await self.read(effect)
        return state if self.is_satisfied(effect, state) else None

    async def _write(self, effect: EffectRecord) -> Json:
        document = comment_document(effect.arguments["markdown"], effect.actor.name)
        made = await self._jira.add_comment(effect.target, document, properties={MARK: effect.arguments["marker"]})
        return {"comment_id": made.id}

    def describe(self, effect: EffectRecord) -> str:
        """Say what was posted."""
        if was_so_already(effect):
            return f"The note was on *{effect.target}* already"
        return f"Posted the note on *{effect.target}*"
