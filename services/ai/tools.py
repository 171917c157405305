"""Tools of MCP servers, under the rules of all else: what a server says is data, cut, redacted, recorded, waited for.

Imports Pydantic AI: only `services.ai.grants` (when a task is granted tools) and tests import this module.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import TYPE_CHECKING, Any, Self

import structlog
from pydantic_ai import RunContext
from pydantic_ai.framing import wrap
from pydantic_ai.toolsets import AbstractToolset, ToolsetTool, WrapperToolset
from pydantic_core import to_jsonable_python

from services.ai.grants import ToolCall
from services.ai.material import MAX_TEXT_CHARACTERS, cleaned, cut
from services.ai.provider import DATA_TAG
from services.ai.sanitise import Redactor, redact
from services.errors import NotConfiguredError, VendorUnavailableError
from services.settings import Settings

if TYPE_CHECKING:
    from pydantic_ai.mcp import MCPToolset

log = structlog.get_logger(__name__)

ToolsetFactory = Callable[[], AbstractToolset[None]]

MOST_TOOLS = 40
LONGEST_NAME = 64
"""Of a tool with its server's name before it, as vendors take them."""
LONGEST_DESCRIPTION = 1_000
LARGEST_SCHEMA = 6_000
MOST_TAKEN = 10 * MAX_TEXT_CHARACTERS
"""Of one answer (characters); the model sees less, and a server can send any amount."""
_PLACEHOLDER = re.compile(r"\[[A-Z]{2,8}_\d{1,6}\]")


@dataclass
class Patience:
    """How long a server is waited for in one turn, all of its answers together (seconds)."""

    left_s: float


@dataclass
class GuardedToolset(WrapperToolset[None]):
    """One server's tools in one turn; whatever the server does, the turn goes on.

    `heard` collects what it returned, with personal data as in the answer, for those who must know who said what.
    """

    server: str
    redactor: Redactor
    record: Callable[[ToolCall], Awaitable[None]]
    patience: Patience
    heard: list[str] = field(default_factory=list)
    is_connected: bool = False

    async def __aenter__(self) -> Self:
        """Connect; a server that does not answer has no tools."""
        self.is_connected = await self._waited("connect", self.wrapped.__aenter__()) is not None
        return self

    async def __aexit__(self, *args: Any) -> bool | None:
        """Hang up, without waiting long or minding how."""
        if self.is_connected:
            self.patience.left_s = max(self.patience.left_s, 1.0)
            await self._waited("disconnect", self.wrapped.__aexit__(*args))
        return None

    async def get_tools(self, ctx: RunContext[None]) -> dict[str, ToolsetTool[None]]:
        """Return the tools, always in the same order: they are part of the prefix that vendors cache."""
        if not self.is_connected:
            return {}
        found = await self._waited("list", self.wrapped.get_tools(ctx)) or {}
        names = [name for name in sorted(found) if _is_usable(found[name])][:MOST_TOOLS]
        return {name: _described(found[name]) for name in names}

    async def call_tool(
        self, name: str, tool_args: dict[str, Any], ctx: RunContext[None], tool: ToolsetTool[None]
    ) -> Any:
        """Call the tool; the arguments keep their placeholders, so nothing taken out of the prompt goes to a server."""
        result = await self._waited(name, self.wrapped.call_tool(name, tool_args, ctx, tool))
        if result is None:
            return wrap(DATA_TAG, "The tool gave no answer. Go on without it.", name=name)
        seen = _bounded(to_jsonable_python(result, fallback=str), [MOST_TAKEN])
        found = cleaned(seen, self.redactor)
        self.heard += [self.redactor.restore(text) for text in _texts(found)]
        text = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
        return wrap(DATA_TAG, cut(text), name=name)

    async def _waited(self, what: str, answer: Awaitable[Any]) -> Any:
        """Return what the server answers, None where it fails or takes too long; both are recorded."""
        started, problem, result = perf_counter(), "", None
        try:
            async with asyncio.timeout(self.patience.left_s):
                result = await answer
        except TimeoutError:
            problem = "it did not answer in time"
        except Exception as error:  # noqa: BLE001 - a server that is not ours can fail in any way
            problem = f"it failed ({type(error).__name__})"
        took_s = perf_counter() - started
        self.patience.left_s = max(0.0, self.patience.left_s - took_s)
        if problem:
            log.warning("tool_failed", server=self.server, tool=what, why=problem)
        if problem or what not in ("connect", "disconnect", "list"):
            await self.record(ToolCall(self.server, what, problem, round(took_s * 1000)))
        return result


def _is_usable(tool: ToolsetTool[None]) -> bool:
    definition = tool.tool_def
    is_small = len(json.dumps(definition.parameters_json_schema, default=str)) <= LARGEST_SCHEMA
    return is_small and re.fullmatch(rf"[\w-]{{1,{LONGEST_NAME}}}", definition.name, re.ASCII) is not None


def _described(tool: ToolsetTool[None]) -> ToolsetTool[None]:
    """Return the tool with a description without secrets; a placeholder in it would mean something of the prompt."""
    text = _PLACEHOLDER.sub("[removed]", redact((tool.tool_def.description or "")[:LONGEST_DESCRIPTION]))
    return replace(tool, tool_def=replace(tool.tool_def, description=text))


def _bounded(value: Any, room: list[int]) -> Any:
    """Return JSON-like data up to so many characters of text, and one more piece, by which it is seen to be cut."""
    if room[0] < 0:
        return None
    if isinstance(value, Mapping):
        kept = {}
        for name, item in value.items():
            if room[0] < 0:
                break
            room[0] -= len(str(name)) + 1
            kept[name] = _bounded(item, room)
        return kept
    if isinstance(value, list):
        items = []
        for item in value:
            if room[0] < 0:
                break
            items.append(_bounded(item, room))
        return items
    text = value if isinstance(value, str) else str(value)
    room[0] -= len(text) + 1
    return value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _texts(name)
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def guarded(
    connect: ToolsetFactory,
    server: str,
    redactor: Redactor,
    record: Callable[[ToolCall], Awaitable[None]],
    patience_s: float,
    heard: list[str],
) -> AbstractToolset[None]:
    """Return a server's tools for one turn, named after the server so that two may have tools of one name."""
    named = connect().prefixed(re.sub(r"\W", "_", server, flags=re.ASCII))
    return GuardedToolset(named, server, redactor, record, Patience(patience_s), heard)


def mcp_toolsets(servers: Mapping[str, str], tokens: Mapping[str, str]) -> dict[str, ToolsetFactory]:
    """Return how to connect to each MCP server by its URL, with its bearer token where it has one."""
    return {name: _connector(name, url, tokens.get(name, "")) for name, url in servers.items()}


def _connector(name: str, url: str, token: str) -> Callable[[], MCPToolset[None]]:
    def connect() -> MCPToolset[None]:
        try:
            from pydantic_ai.mcp import MCPToolset
        except ImportError as error:
            raise NotConfiguredError(
                f"The MCP server {name!r} cannot be used: the MCP client is not installed.",
                hint="Install FlowPilot with its extra [mcp], or take the server out of MCP_SERVERS.",
            ) from error
        return MCPToolset(url, auth=token or None)

    return connect


async def tool_names(settings: Settings, server: str) -> list[str]:
    """Ask a server of `MCP_SERVERS` which tools it has; `VendorUnavailableError` where it does not say."""
    token = settings.mcp_tokens.get(server)
    toolset = _connector(server, settings.mcp_servers[server], token.get_secret_value() if token else "")()
    try:
        async with asyncio.timeout(settings.mcp_timeout_s), toolset:
            return sorted(tool.name for tool in await toolset.list_tools())
    except Exception as error:  # a server that is not ours can fail in any way
        raise VendorUnavailableError(
            f"MCP server {server}",
            f"It does not say which tools it has ({type(error).__name__}).",
            hint="Check its address in MCP_SERVERS and its token in MCP_TOKENS; until then answers come without it.",
        ) from error
