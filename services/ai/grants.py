"""Which MCP servers a task may use: none, until settings or the account say so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from db.engine import Database
from db.repositories import ai as repository
from services.ai.material import MAX_TEXT_CHARACTERS
from services.ai.sanitise import Redactor
from services.errors import NotConfiguredError
from services.settings import Settings

if TYPE_CHECKING:
    from pydantic_ai.toolsets import AbstractToolset

    from services.ai.tools import ToolsetFactory

log = structlog.get_logger(__name__)

GRANTS_PREFERENCE = "mcp_grants"
MOST_REQUESTS, MOST_TOOL_CALLS = 6, 8
"""Of one answer; what they could cost at most is set aside before it begins."""


def most_read(characters: int) -> int:
    """Return how much a model reads at most for an answer with tools: all of it again with each request."""
    return MOST_REQUESTS * (characters + MOST_TOOL_CALLS * MAX_TEXT_CHARACTERS)


@dataclass(frozen=True)
class ToolCall:
    """One call of a tool; `problem` is "" where it answered."""

    server: str
    tool: str
    problem: str
    latency_ms: int


class ToolGrants:
    """Connects tasks with the servers that they are granted."""

    def __init__(
        self, settings: Settings, database: Database, toolsets: Mapping[str, ToolsetFactory] | None = None
    ) -> None:
        self._settings = settings
        self._database = database
        self._toolsets = toolsets

    async def servers(self, task: str) -> list[str]:
        """Return the names of the servers that a task of the current account may use, of those that there are."""
        async with self._database.transaction(write=False) as session:
            preference = await repository.preference(session, GRANTS_PREFERENCE, {})
        known = self._settings.mcp_servers if self._toolsets is None else self._toolsets
        return [name for name in preference.get(task, self._settings.mcp_grants.get(task, ())) if name in known]

    async def toolsets(
        self,
        servers: Sequence[str],
        redactor: Redactor,
        record: Callable[[ToolCall], Awaitable[None]],
        heard: list[str],
    ) -> list[AbstractToolset[None]]:
        """Return the servers' tools for one turn; one that cannot be used is left out, and recorded."""
        if not servers:
            return []
        from services.ai.tools import guarded, mcp_toolsets

        tokens = {name: token.get_secret_value() for name, token in self._settings.mcp_tokens.items()}
        known = mcp_toolsets(self._settings.mcp_servers, tokens) if self._toolsets is None else self._toolsets
        made = []
        for name in servers:
            try:
                made.append(guarded(known[name], name, redactor, record, self._settings.mcp_timeout_s, heard))
            except (NotConfiguredError, ValueError) as error:
                log.warning("tools_left_out", server=name, why=str(error))
                await record(ToolCall(name, "connect", "it cannot be used as it is set up", 0))
        return made
