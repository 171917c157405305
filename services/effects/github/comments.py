"""Comments on pull requests: added once, found again by a mark that nobody sees, deleted to undo."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta

from services.effects.changes import Commenting, Deleting
from services.effects.github.base import PullOperation, place, target
from services.effects.types import EffectRecord, Json
from services.errors import VendorNotFoundError
from services.slack.markup import escape, truncate

EXCERPT_CHARACTERS = 140
LOOK_BACK = timedelta(hours=1)
"""GitHub's clock may be behind ours when a comment is looked for by its time."""
_ACTIVE = re.compile(r"([\\`*_{}\[\]()<>#!|~])")


def mark(key: str) -> str:
    """Return the invisible mark of an effect: a hash, so that no key can end the HTML comment early."""
    return f"<!-- flowpilot:{hashlib.sha256(key.encode()).hexdigest()[:32]} -->"


def comment_text(markdown: str, name: str, key: str) -> str:
    """Return the comment with the line that says for whom, and its mark; the name is text, whatever it holds."""
    # GitHub finds mentions after it has taken backslashes away: only something between sign and name stops one
    shown = _ACTIVE.sub(r"\\\1", name).replace("@", "@\u200b")
    return f"{markdown.strip()}\n\n_— via FlowPilot for {shown}_\n{mark(key)}"


class CommentOnPull(Commenting, PullOperation):
    """`github.comment` {markdown}: GitHub's Markdown, with people as @login."""

    name = "github.comment"
    deletion = "github.delete_comment"

    async def read(self, effect: EffectRecord) -> Json:
        """Return whether the comment stands, once it has an id."""
        comment_id = (effect.after or {}).get("comment_id")
        if comment_id is None:
            return {}
        try:
            found = await self._github.comment(place(effect.target)[0], comment_id)
        except VendorNotFoundError:
            return {"is_there": False, "updated": None}
        return {"is_there": True, "updated": found.updated_at.isoformat()}

    async def find(self, effect: EffectRecord) -> Json | None:
        """Look for the comment with this effect's mark."""
        repository, number = place(effect.target)
        wanted = mark(effect.idempotency_key)
        comments = await self._github.comments(repository, number, since=effect.created_at - LOOK_BACK)
        found = next((comment for comment in comments if wanted in comment.body), None)
        return {"comment_id": found.id, "url": found.url} if found else None

    async def _write(self, effect: EffectRecord) -> Json:
        text = comment_text(effect.arguments["markdown"], effect.actor.name, effect.idempotency_key)
        made = await self._github.add_comment(*place(effect.target), text)
        return {"comment_id": made.id, "url": made.url}

    def describe(self, effect: EffectRecord) -> str:
        """Say what was commented, in short."""
        words = truncate(" ".join(effect.arguments["markdown"].split()), EXCERPT_CHARACTERS)
        return f"Commented on {target(effect)}: “{escape(words)}”"

    def url(self, effect: EffectRecord) -> str:
        """Return the address of the comment."""
        comment_id = (effect.after or {}).get("comment_id")
        return super().url(effect) + (f"#issuecomment-{comment_id}" if comment_id else "")


class DeletePullComment(Deleting, PullOperation):
    """`github.delete_comment` {comment_id}."""

    name = "github.delete_comment"

    async def read(self, effect: EffectRecord) -> Json:
        """Return whether the comment is there."""
        try:
            await self._github.comment(place(effect.target)[0], effect.arguments["comment_id"])
        except VendorNotFoundError:
            return {"is_there": False}
        return {"is_there": True}

    async def _write(self, effect: EffectRecord) -> Json:
        try:
            await self._github.delete_comment(place(effect.target)[0], effect.arguments["comment_id"])
        except VendorNotFoundError:
            return {}  # somebody else deleted it since it was read: reading back says so
        return {}
