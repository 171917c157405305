"""Comments: added once, found again by a mark, deleted to undo."""

from __future__ import annotations

from services.effects.changes import Commenting, Deleting
from services.effects.jira.base import JiraOperation
from services.effects.types import EffectRecord, Json
from services.errors import VendorNotFoundError
from services.slack.markup import escape, truncate
from services.vendors.adf import Adf, adf_from_markdown, text_from_adf

MARK = "flowpilot.effect"
EXCERPT_CHARACTERS = 140


def footer(name: str) -> str:
    """Return the line under each comment that says for whom it was written."""
    return f"— via FlowPilot for {name}"


def comment_document(markdown: str, name: str) -> Adf:
    """Return the comment as ADF, with the footer; the name is text, whatever it holds."""
    document = adf_from_markdown(markdown)
    signed = {"type": "text", "text": footer(name), "marks": [{"type": "em"}]}
    return {**document, "content": [*document["content"], {"type": "paragraph", "content": [signed]}]}


class AddComment(Commenting, JiraOperation):
    """`jira.comment` {markdown}. An entity property holds the effect's key, so that a lost answer is found."""

    name = "jira.comment"
    deletion = "jira.delete_comment"

    async def read(self, effect: EffectRecord) -> Json:
        """Return whether the comment stands, once it has an id."""
        comment_id = (effect.after or {}).get("comment_id")
        if comment_id is None:
            return {}
        found = await self._jira.comments_by_ids([comment_id])
        return {"is_there": bool(found), "updated": found[0].updated_at.isoformat() if found else None}

    async def find(self, effect: EffectRecord) -> Json | None:
        """Look for the comment with this effect's mark."""
        found = await self._jira.find_comment(effect.target, MARK, effect.idempotency_key)
        return {"comment_id": found.id} if found else None

    async def _write(self, effect: EffectRecord) -> Json:
        document = comment_document(effect.arguments["markdown"], effect.actor.name)
        made = await self._jira.add_comment(effect.target, document, properties={MARK: effect.idempotency_key})
        return {"comment_id": made.id}

    def describe(self, effect: EffectRecord) -> str:
        """Say what was commented, in short and without Markdown's marks."""
        said = text_from_adf(adf_from_markdown(effect.arguments["markdown"]))
        words = truncate(" ".join(said.split()), EXCERPT_CHARACTERS)
        return f"Commented on *{effect.target}*: “{escape(words)}”"

    def url(self, effect: EffectRecord) -> str:
        """Return the address of the comment."""
        comment_id = (effect.after or {}).get("comment_id")
        return super().url(effect) + (f"?focusedCommentId={comment_id}" if comment_id else "")


class DeleteComment(Deleting, JiraOperation):
    """`jira.delete_comment` {comment_id}."""

    name = "jira.delete_comment"

    async def read(self, effect: EffectRecord) -> Json:
        """Return whether the comment is there."""
        return {"is_there": bool(await self._jira.comments_by_ids([effect.arguments["comment_id"]]))}

    async def _write(self, effect: EffectRecord) -> Json:
        try:
            await self._jira.delete_comment(effect.target, effect.arguments["comment_id"])
        except VendorNotFoundError:
            return {}  # somebody else deleted it since it was read: reading back says so
        return {}
