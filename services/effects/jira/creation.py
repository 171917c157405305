"""New issues and sub-tasks: made once, found again by a mark."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from services.clock import Now
from services.effects.changes import was_so_already
from services.effects.jira.base import JiraOperation, Refresh, behind, shown
from services.effects.types import EffectRecord, Json
from services.errors import VendorNotFoundError, VendorUnavailableError
from services.vendors.adf import Adf, adf_from_markdown
from services.vendors.jira import JiraClient

MARK = "flowpilot.effect"
SEARCH_LAG = timedelta(seconds=30)
"""How long Jira's search may take to show what was created; not seen before that proves nothing."""
CLOCK_SKEW = timedelta(minutes=5)
"""How far Jira's clock may be behind ours."""


def created_for(name: str) -> str:
    """Return the last line of the description, which says for whom the issue was created."""
    return f"— created via FlowPilot for {name}"


def description_document(markdown: str, name: str) -> Adf:
    """Return the description as ADF, with for whom it was created; the name is text, whatever it holds."""
    written: list[Adf] = adf_from_markdown(markdown)["content"] if markdown.strip() else []
    signed = {"type": "text", "text": created_for(name), "marks": [{"type": "em"}]}
    return {"type": "doc", "version": 1, "content": [*written, {"type": "paragraph", "content": [signed]}]}


class CreateIssue(JiraOperation):
    """`jira.create` {project, type_id, type, summary, description, parent or null, is_subtask, marker}.

    `effect.target` is the project's key, or the parent's of a sub-task. An entity property holds the marker: it is
    looked for among the parent's sub-tasks before each write, and among what FlowPilot created lately after a lost
    answer. There is no undo: to delete an issue is a person's decision.
    """

    name = "jira.create"

    def __init__(self, jira: JiraClient, refresh: Refresh | None = None, *, now: Now) -> None:
        super().__init__(jira, refresh)
        self._now = now

    async def read(self, effect: EffectRecord) -> Json:
        """Return the issue once it has a key; a sub-task is looked for among its parent's."""
        if key := _key(effect.after):
            return await self._state(key)
        if not effect.arguments["is_subtask"]:
            return {}
        marks = await self._jira.subtask_marks(effect.arguments["parent"], MARK)
        found = _marked(marks, effect)
        return {"key": found} if found else {}

    async def _state(self, key: str) -> Json:
        try:
            issue = await self._jira.issue(key)
        except VendorNotFoundError:
            return {"key": key, "is_there": False}
        parent = issue.parent.key if issue.parent else issue.epic_link
        return {"key": key, "is_there": True, "type": issue.issue_type, "parent": parent, "summary": issue.summary}

    def is_satisfied(self, effect: EffectRecord, state: Json) -> bool:
        """Tell whether it was made before."""
        return bool(state.get("key"))

    async def find(self, effect: EffectRecord) -> Json | None:
        """Look for the mark; `VendorUnavailableError` while the search may not show it yet."""
        if effect.arguments["is_subtask"]:
            state = await self.read(effect)
            found = state.get("key")
        else:
            since = effect.created_at - CLOCK_SKEW
            found = _marked(await self._jira.created_marks(effect.arguments["project"], MARK, since), effect)
            if found is None and self._now() - effect.created_at < SEARCH_LAG:
                raise VendorUnavailableError("Jira", "Jira's search may not show yet what was created just now.")
        if found is None:
            return None
        made = {"key": found}
        await self.follow(effect, made)
        return made

    async def _write(self, effect: EffectRecord) -> Json:
        arguments = effect.arguments
        fields: dict[str, Any] = {
            "project": {"key": arguments["project"]},
            "issuetype": {"id": arguments["type_id"]},
            "summary": arguments["summary"],
            "description": description_document(arguments["description"], effect.actor.name),
        }
        if arguments["parent"]:
            fields["parent"] = {"key": arguments["parent"]}
        made = await self._jira.create_issue(
            fields, properties={MARK: arguments["marker"]}, history_metadata=behind(effect)
        )
        return {"key": made.key}

    def touched(self, effect: EffectRecord, result: Json) -> list[str]:
        """Return the new issue."""
        return [result["key"]]

    def mismatch(self, effect: EffectRecord, after: Json) -> str | None:
        """Say so when Jira does not show it, or made something else of it."""
        key = after["key"]
        if not after.get("is_there", True):
            return f"Jira said that it created {key}, but does not show it."
        for name in ("type", "parent"):
            if name in after and after[name] != effect.arguments[name]:
                return f"Jira created {key}, but its {name} is {after[name] or 'empty'}."
        return None

    def describe(self, effect: EffectRecord) -> str:
        """Say what was created, and that it stays."""
        key, arguments = shown(_key(effect.after), "an issue"), effect.arguments
        kind, summary = shown(arguments["type"]), shown(arguments["summary"])
        place = f" under *{arguments['parent']}*" if arguments["parent"] else f" in *{arguments['project']}*"
        if was_so_already(effect):
            return f"{key} ({summary}) was created{place} already"
        return f"Created {key} ({kind}){place}: {summary}. Creating has no Undo: close or delete it in Jira"

    def url(self, effect: EffectRecord) -> str:
        """Return the new issue's page."""
        key = _key(effect.after)
        return f"{self._jira.site_url}/browse/{key or effect.target}"


def _key(after: Json) -> str | None:
    return (after or {}).get("key")


def _marked(marks: dict[str, Any], effect: EffectRecord) -> str | None:
    return next((key for key, marker in marks.items() if marker == effect.arguments["marker"]), None)
