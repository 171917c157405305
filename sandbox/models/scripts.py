"""Scripts: what the stand-ins say to requests that somebody thought of beforehand."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.models.exchange import Answer, Exchange, ToolUse
from sandbox.models.schema_instance import LABEL, instance_of

SCRIPTS = Path(__file__).parent / "scripts"
_GAP = re.compile(r"\{\{(\w+)\}\}")


@dataclass
class Script:
    """Answers for requests whose text matches every pattern of `when`.

    `steps` are taken in turn as the conversation grows (the last one repeats); each is `{"answer": object}` (given by
    output tool or as JSON, as the request wants), `{"text": str}` (said as it is, valid or not) or
    `{"tools": [{"name", "arguments"}]}`. `{{name}}` in any string is filled from the patterns' named groups. `times`
    limits how often the script answers; None is for ever.
    """

    when: list[str]
    steps: list[dict[str, Any]]
    vendor: str = ""
    times: int | None = None
    label: str = ""
    _patterns: list[re.Pattern[str]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._patterns = [re.compile(pattern, re.DOTALL) for pattern in self.when]

    def groups(self, exchange: Exchange) -> dict[str, str] | None:
        """Return the named groups when the script is for this request, else None."""
        if self.vendor and self.vendor != exchange.vendor:
            return None
        found: dict[str, str] = {}
        for pattern in self._patterns:
            match = pattern.search(exchange.text)
            if match is None:
                return None
            found |= {name: value for name, value in match.groupdict().items() if value is not None}
        return found


def load_scripts(folder: Path = SCRIPTS) -> list[Script]:
    """Read all `*.json` of a folder: each a list of scripts."""
    return [Script(**entry) for path in sorted(folder.glob("*.json")) for entry in json.loads(path.read_text("utf-8"))]


def _fill(value: Any, groups: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _GAP.sub(lambda gap: groups.get(gap[1], gap[0]), value)
    if isinstance(value, list):
        return [_fill(item, groups) for item in value]
    if isinstance(value, dict):
        return {key: _fill(item, groups) for key, item in value.items()}
    return value


def play(script: Script, groups: Mapping[str, str], exchange: Exchange) -> Answer:
    """Answer with the step that fits how far the conversation is."""
    step = _fill(script.steps[min(exchange.turns, len(script.steps) - 1)], groups)
    if "tools" in step:
        return Answer(
            step.get("text", ""), [ToolUse(tool["name"], tool.get("arguments", {})) for tool in step["tools"]]
        )
    if "text" in step:
        return Answer(str(step["text"]))
    return in_wanted_form(step["answer"], exchange)


def in_wanted_form(value: Any, exchange: Exchange) -> Answer:
    """Give `value` as the request wants it: as a tool call, as JSON, else as text."""
    if tool := exchange.forced_tool:
        return Answer(tool_uses=[ToolUse(tool.name, value if isinstance(value, dict) else {"value": value})])
    return Answer(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def generic_answer(exchange: Exchange) -> Answer:
    """Answer a request that nobody thought of: labelled, and valid for the schema that it asks for."""
    tool = exchange.forced_tool
    schema = tool.schema if tool else exchange.schema
    return in_wanted_form(instance_of(schema) if schema else LABEL, exchange)
