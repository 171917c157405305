"""What the stand-ins say is valid by the vendors' own schemas, where those are at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sandbox.models import anthropic, gemini
from sandbox.models.exchange import Answer, Exchange, ToolUse, Usage
from sandbox.models.schema_instance import instance_of
from sandbox.models.state import Served

SCHEMAS = Path(__file__).parents[4] / "shared" / "vendor" / "models"
needs_schemas = pytest.mark.skipif(not SCHEMAS.is_dir(), reason="the vendors' schemas are not beside the project")

ANSWERS = [
    Answer("Some text"),
    Answer("", [ToolUse("feel", {"mood": "calm"})]),
    Answer("Both", [ToolUse("a", {}), ToolUse("b", {"x": [1, None]})]),
]


def _served(answer: Answer, vendor: str) -> Served:
    usage = Usage(input=3000, output=answer.tokens, cache_read=1000, cache_write_5m=200, cache_write_1h=100)
    return Served(Exchange(vendor, "some-model", "prefix", "conversation"), answer, usage)


def _violations(name: str, value: Any) -> list[str]:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))
    return [
        f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in Draft202012Validator(schema).iter_errors(value)
    ]


@needs_schemas
@pytest.mark.parametrize("answer", ANSWERS)
def test_anthropic_messages_are_valid(answer: Answer) -> None:
    assert _violations("message.response", anthropic.message_of(_served(answer, "anthropic"))) == []


@needs_schemas
@pytest.mark.parametrize("answer", ANSWERS)
def test_anthropic_stream_events_are_valid(answer: Answer) -> None:
    events = list(anthropic.stream_of(anthropic.message_of(_served(answer, "anthropic"))))
    assert [v for event in events for v in _violations("stream_events", event)] == []
    assert [events[0]["type"], events[-1]["type"]] == ["message_start", "message_stop"]


@needs_schemas
@pytest.mark.parametrize("status", [400, 401, 404, 500])
def test_anthropic_errors_are_valid(status: int) -> None:
    assert _violations("error_response", anthropic.error_body(status, "No.")) == []


@needs_schemas
@pytest.mark.parametrize("answer", ANSWERS)
def test_gemini_answers_are_valid(answer: Answer) -> None:
    response = gemini.response_of(_served(answer, "gemini"))
    assert _violations("GenerateContentResponse", response) == []
    assert _violations("Content", response["candidates"][0]["content"]) == []


def test_a_generic_answer_satisfies_the_schema_that_it_is_asked_for() -> None:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {
            "name": {"type": "string", "minLength": 60, "maxLength": 70},
            "level": {"$ref": "#/$defs/Level"},
            "parts": {"type": "array", "minItems": 2, "items": {"$ref": "#/$defs/Part"}},
            "maybe": {"anyOf": [{"type": "null"}, {"type": "number", "exclusiveMinimum": 2, "maximum": 3}]},
            "at": {"type": "string", "format": "date-time"},
            "done": {"type": "boolean"},
            "fixed": {"const": "x"},
            "optional": {"type": "string"},
        },
        "required": ["name", "level", "parts", "maybe", "at", "done", "fixed"],
        "$defs": {
            "Level": {"enum": ["low", "high"]},
            "Part": {"type": "object", "properties": {"n": {"type": "integer", "maximum": -1}}, "required": ["n"]},
        },
    }
    value = instance_of(schema)
    Draft202012Validator(schema).validate(value)
    assert "optional" not in value
