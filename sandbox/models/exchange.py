"""What a stand-in has to know of a request, whichever vendor's form it came in, and what it answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

CHARACTERS_PER_TOKEN = 4
PIECE_CHARACTERS = 80
"""How much text comes at once in a stream."""
OUTPUT_TOOL_PREFIX = "final_result"


def count_tokens(text: str) -> int:
    """Estimate tokens by length; the vendors' tokenizers are not public."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def pieces_of(text: str) -> list[str]:
    """Cut a text as streams deliver it."""
    return [text[start : start + PIECE_CHARACTERS] for start in range(0, len(text), PIECE_CHARACTERS)]


@dataclass(frozen=True)
class ToolOffer:
    """A tool that the caller lets the model use."""

    name: str
    schema: dict[str, Any]


@dataclass(frozen=True)
class Exchange:
    """One request: the stable part, everything said since, and the form that the answer must take.

    `prefix` is what a vendor can cache without being told (tools and system text); `turns` is how often the model has
    answered already.
    """

    vendor: str
    model: str
    prefix: str
    conversation: str
    turns: int = 0
    tools: Sequence[ToolOffer] = ()
    must_call: bool = False
    named_tool: str = ""
    schema: dict[str, Any] | None = None

    @property
    def text(self) -> str:
        """Return all that the model reads."""
        return f"{self.prefix}\n{self.conversation}"

    @property
    def forced_tool(self) -> ToolOffer | None:
        """Return the tool that must be called, if any: the named one, else the one that carries the final answer."""
        if self.named_tool:
            return next((tool for tool in self.tools if tool.name == self.named_tool), None)
        if not self.must_call or not self.tools:
            return None
        final = (tool for tool in self.tools if tool.name.startswith(OUTPUT_TOOL_PREFIX))
        return next(final, self.tools[0])


@dataclass(frozen=True)
class ToolUse:
    """A call of a tool in an answer."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Usage:
    """Tokens as the vendor would bill them; `input` is all input, the cached part included."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0

    @property
    def cache_write(self) -> int:
        """Return what was written to either cache."""
        return self.cache_write_5m + self.cache_write_1h


@dataclass(frozen=True)
class Answer:
    """Text, or tool calls, or both."""

    text: str = ""
    tool_uses: Sequence[ToolUse] = field(default_factory=tuple)

    @property
    def tokens(self) -> int:
        """Estimate what it costs to say."""
        said = [self.text, *(tool.name + json.dumps(tool.arguments) for tool in self.tool_uses)]
        return sum(count_tokens(part) for part in said)


class RefusedError(Exception):
    """The vendor's no: HTTP status and message; each dialect puts it in its own form."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
