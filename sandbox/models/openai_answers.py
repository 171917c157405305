"""Say answers in OpenAI's two forms, whole and streamed."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

from sandbox.models.exchange import pieces_of
from sandbox.models.state import Served


def chat_completion(served: Served, created: int) -> dict[str, Any]:
    """Return a `chat.completion`."""
    calls = [
        {
            "id": f"call_{uuid.uuid4().hex[:24]}",
            "type": "function",
            "function": {"name": use.name, "arguments": json.dumps(use.arguments)},
        }
        for use in served.answer.tool_uses
    ]
    message: dict[str, Any] = {"role": "assistant", "content": served.answer.text or None, "refusal": None}
    if calls:
        message["tool_calls"] = calls
    usage = served.usage
    return {
        "id": f"chatcmpl-{uuid.uuid4().hex[:24]}",
        "object": "chat.completion",
        "created": created,
        "model": served.exchange.model,
        "choices": [
            {"index": 0, "message": message, "logprobs": None, "finish_reason": "tool_calls" if calls else "stop"}
        ],
        "usage": {
            "prompt_tokens": usage.input,
            "completion_tokens": usage.output,
            "total_tokens": usage.input + usage.output,
            "prompt_tokens_details": {"cached_tokens": usage.cache_read, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0},
        },
    }


def chat_chunks(completion: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Cut a `chat.completion` into `chat.completion.chunk`s; the usage comes last."""
    common = {name: completion[name] for name in ("id", "created", "model")} | {"object": "chat.completion.chunk"}
    choice = completion["choices"][0]
    message = choice["message"]
    first, *others = pieces_of(message["content"] or "") or [""]
    delta: dict[str, Any] = {"role": "assistant", "content": first}
    if "tool_calls" in message:
        delta["tool_calls"] = [{"index": index, **call} for index, call in enumerate(message["tool_calls"])]
    yield common | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}], "usage": None}
    for piece in others:
        yield common | {"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}], "usage": None}
    yield common | {"choices": [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}], "usage": None}
    yield common | {"choices": [], "usage": completion["usage"]}


def response_object(served: Served, created: int) -> dict[str, Any]:
    """Return a `response` (the Responses API)."""
    output: list[dict[str, Any]] = [
        {
            "type": "function_call",
            "id": f"fc_{uuid.uuid4().hex[:24]}",
            "call_id": f"call_{uuid.uuid4().hex[:24]}",
            "name": use.name,
            "arguments": json.dumps(use.arguments),
            "status": "completed",
        }
        for use in served.answer.tool_uses
    ]
    if served.answer.text:
        content = [{"type": "output_text", "text": served.answer.text, "annotations": [], "logprobs": []}]
        message = {"type": "message", "id": f"msg_{uuid.uuid4().hex[:24]}", "role": "assistant", "status": "completed"}
        output.insert(0, message | {"content": content})
    usage = served.usage
    return {
        "id": f"resp_{uuid.uuid4().hex[:24]}",
        "object": "response",
        "created_at": created,
        "completed_at": created,
        "status": "completed",
        "model": served.exchange.model,
        "output": output,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "parallel_tool_calls": True,
        "temperature": None,
        "top_p": None,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": usage.input,
            "input_tokens_details": {"cached_tokens": usage.cache_read, "cache_write_tokens": usage.cache_write},
            "output_tokens": usage.output,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": usage.input + usage.output,
        },
    }


def response_events(response: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Cut a `response` into the events of a stream, numbered."""
    for number, event in enumerate(_events(response)):
        yield event | {"sequence_number": number}


def _events(response: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"type": "response.created", "response": response | {"status": "in_progress", "output": [], "usage": None}}
    for index, item in enumerate(response["output"]):
        where = {"output_index": index, "item_id": item["id"]}
        if item["type"] == "message":
            part = item["content"][0]
            empty = part | {"text": ""}
            yield {"type": "response.output_item.added", "output_index": index, "item": item | {"content": []}}
            yield {"type": "response.content_part.added", **where, "content_index": 0, "part": empty}
            for delta in pieces_of(part["text"]):
                yield {
                    "type": "response.output_text.delta",
                    **where,
                    "content_index": 0,
                    "delta": delta,
                    "logprobs": [],
                }
            yield {
                "type": "response.output_text.done",
                **where,
                "content_index": 0,
                "text": part["text"],
                "logprobs": [],
            }
            yield {"type": "response.content_part.done", **where, "content_index": 0, "part": part}
        else:
            arguments = item["arguments"]
            yield {"type": "response.output_item.added", "output_index": index, "item": item | {"arguments": ""}}
            yield {"type": "response.function_call_arguments.delta", **where, "delta": arguments}
            yield {
                "type": "response.function_call_arguments.done",
                **where,
                "name": item["name"],
                "arguments": arguments,
            }
        yield {"type": "response.output_item.done", "output_index": index, "item": item}
    yield {"type": "response.completed", "response": response}
