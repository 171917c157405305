"""Tools of MCP servers for tasks that are granted them, under the same rules as all else: what they return is redacted.

Imports Pydantic AI: only `services.ai.provider` and tests import this module.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_ai import RunContext
from pydantic_ai.toolsets import AbstractToolset, ToolsetTool, WrapperToolset
from pydantic_core import to_jsonable_python

from services.ai.material import cleaned
from services.ai.sanitise import Redactor
from services.errors import NotConfiguredError

ToolsetFactory = Callable[[], AbstractToolset[None]]


@dataclass
class RedactingToolset(WrapperToolset[None]):
    """Passes calls on; results come back cut and redacted."""

    redactor: Redactor

    async def call_tool(
        self, name: str, tool_args: dict[str, Any], ctx: RunContext[None], tool: ToolsetTool[None]
    ) -> Any:
        """Call the tool; the arguments keep their placeholders, so nothing taken out of the prompt goes to a server."""
        result = await super().call_tool(name, tool_args, ctx, tool)
        return cleaned(to_jsonable_python(result, fallback=str), self.redactor)


def mcp_toolsets(servers: Mapping[str, str]) -> dict[str, ToolsetFactory]:
    """Return how to connect to each MCP server by its URL."""
    return {name: _connector(name, url) for name, url in servers.items()}


def _connector(name: str, url: str) -> ToolsetFactory:
    def connect() -> AbstractToolset[None]:
        try:
            from pydantic_ai.mcp import MCPToolset
        except ImportError as error:
            raise NotConfiguredError(
                f"The MCP server {name!r} cannot be used: the MCP client is not installed.",
                hint='Run pip install "pydantic-ai-slim[mcp]", or take the server out of MCP_SERVERS.',
            ) from error
        return MCPToolset(url)

    return connect
