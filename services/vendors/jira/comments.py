"""Comments of issues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.vendors.adf import Adf
from services.vendors.jira.base import API, JiraPart, issue_path
from services.vendors.jira.parse import parse_comment
from services.vendors.jira.search import in_chunks
from services.vendors.problems import Effect
from services.vendors.types import JiraComment

COMMENTS_PER_LIST = 1000


class JiraComments(JiraPart):
    """Comments are ADF documents (`adf_from_markdown`); an entity property on one lets it be found again."""

    async def comments(self, key: str, *, newest_first: bool = True, limit: int = 1000) -> list[JiraComment]:
        """Return up to `limit` comments of an issue, without their properties."""
        found: list[JiraComment] = []
        while len(found) < limit:
            size = min(self._limits.comments_per_page, limit - len(found))
            raw = await self._http.request(
                "GET",
                issue_path(key, "/comment"),
                params={
                    "startAt": len(found),
                    "maxResults": size,
                    "orderBy": "-created" if newest_first else "created",
                },
                missing=f"issue {key}",
            )
            page = raw.get("comments") or []
            found += [parse_comment(comment) for comment in page]
            if not page or len(found) >= int(raw.get("total", 0)):
                break
        return found

    async def comments_by_ids(self, ids: Sequence[str]) -> list[JiraComment]:
        """Return comments with their entity properties; those that do not exist are left out."""
        found: list[JiraComment] = []
        for asked in in_chunks(list(ids), COMMENTS_PER_LIST):
            body = {"ids": [int(comment_id) for comment_id in asked]}
            raw = await self._http.request("POST", f"{API}/comment/list", params={"expand": "properties"}, body=body)
            found += [parse_comment(comment) for comment in raw.get("values") or []]
        return found

    async def find_comment(self, key: str, property_key: str, value: Any, *, newest: int = 200) -> JiraComment | None:
        """Return the comment among the `newest` whose entity property equals `value`: what an earlier attempt left."""
        ids = [comment.id for comment in await self.comments(key, limit=newest)]
        for comment in await self.comments_by_ids(ids) if ids else []:
            if comment.properties.get(property_key) == value:
                return comment
        return None

    async def add_comment(self, key: str, body: Adf, *, properties: Mapping[str, Any] | None = None) -> JiraComment:
        """Add a comment, once: never sent again after it may have arrived."""
        payload: dict[str, Any] = {"body": body}
        if properties:
            payload["properties"] = [{"key": name, "value": value} for name, value in properties.items()]
        raw = await self._http.request(
            "POST", issue_path(key, "/comment"), effect=Effect.ONCE, body=payload, missing=f"issue {key}"
        )
        return parse_comment(raw)

    async def update_comment(self, key: str, comment_id: str, body: Adf) -> JiraComment:
        """Replace a comment's text."""
        raw = await self._http.request(
            "PUT",
            issue_path(key, f"/comment/{int(comment_id)}"),
            effect=Effect.REPEATABLE,
            body={"body": body},
            missing=f"comment {comment_id} on {key}",
        )
        return parse_comment(raw)

    async def delete_comment(self, key: str, comment_id: str) -> None:
        """Delete a comment; `VendorNotFoundError` when it was not there."""
        await self._http.request(
            "DELETE",
            issue_path(key, f"/comment/{int(comment_id)}"),
            effect=Effect.REPEATABLE,
            missing=f"comment {comment_id} on {key}",
            gone_is_done=True,
        )
