"""Anthropic's Messages API: answers, tool use, streaming, prompt-cache accounting."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from aiohttp import web

from sandbox.core import Sandbox
from sandbox.models.exchange import (
    CHARACTERS_PER_TOKEN,
    Exchange,
    RefusedError,
    ToolOffer,
    Usage,
    count_tokens,
    pieces_of,
)
from sandbox.models.prompt_cache import FIVE_MINUTES, ONE_HOUR, Breakpoint
from sandbox.models.state import Served

MAX_BREAKPOINTS = 4
_ERROR_TYPES = {400: "invalid_request_error", 401: "authentication_error", 404: "not_found_error"}


def error_body(status: int, message: str) -> dict[str, Any]:
    """Return an error in Anthropic's form."""
    return {
        "type": "error",
        "error": {"type": _ERROR_TYPES.get(status, "api_error"), "message": message},
        "request_id": None,
    }


def _blocks(content: Any) -> list[dict[str, Any]]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content or [])


def _plain(block: dict[str, Any]) -> str:
    if block.get("type") == "text":
        return str(block.get("text", ""))
    return json.dumps({k: v for k, v in block.items() if k != "cache_control"}, sort_keys=True, ensure_ascii=False)


def _prompt_blocks(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for tool in body.get("tools") or []:
        yield "tool", tool
    for block in _blocks(body.get("system")):
        yield "system", block
    for message in body["messages"]:
        for block in _blocks(message["content"]):
            yield str(message["role"]), block


def _breakpoints(body: dict[str, Any]) -> list[Breakpoint]:
    points: list[Breakpoint] = []
    text = json.dumps(body.get("output_config"), sort_keys=True)
    for role, block in _prompt_blocks(body):
        text += f"\n{role}: {_plain(block)}"
        if control := block.get("cache_control"):
            points.append(Breakpoint(text, ONE_HOUR if control.get("ttl") == "1h" else FIVE_MINUTES))
    if control := body.get("cache_control"):
        points.append(Breakpoint(text, ONE_HOUR if control.get("ttl") == "1h" else FIVE_MINUTES))
    if len(points) > MAX_BREAKPOINTS:
        raise RefusedError(
            400, f"A maximum of {MAX_BREAKPOINTS} blocks with cache_control may be provided. Found {len(points)}."
        )
    return points


def read_request(body: dict[str, Any]) -> tuple[Exchange, list[Breakpoint]]:
    """Understand a request; raises `RefusedError` for what Anthropic refuses."""
    for name in ("model", "max_tokens", "messages"):
        if not body.get(name):
            raise RefusedError(400, f"{name}: Field required")
    if body["messages"][0]["role"] != "user":
        raise RefusedError(400, 'messages: first message must use the "user" role')
    tools = [ToolOffer(t["name"], t.get("input_schema", {})) for t in body.get("tools") or [] if "input_schema" in t]
    choice = body.get("tool_choice") or {}
    output = ((body.get("output_config") or {}).get("format") or {}).get("schema")
    stable = [_plain(block) for role, block in _prompt_blocks(body) if role in ("tool", "system")]
    said = [f"{role}: {_plain(block)}" for role, block in _prompt_blocks(body) if role not in ("tool", "system")]
    exchange = Exchange(
        vendor="anthropic",
        model=str(body["model"]),
        prefix="\n".join(stable),
        conversation="\n".join(said),
        turns=sum(1 for message in body["messages"] if message["role"] == "assistant"),
        tools=tools,
        must_call=choice.get("type") in ("any", "tool"),
        named_tool=str(choice.get("name", "")),
        schema=output,
    )
    return exchange, _breakpoints(body)


def _usage(usage: Usage) -> dict[str, Any]:
    return {
        "input_tokens": usage.input - usage.cache_read - usage.cache_write,
        "output_tokens": usage.output,
        "cache_read_input_tokens": usage.cache_read,
        "cache_creation_input_tokens": usage.cache_write,
        "cache_creation": {
            "ephemeral_5m_input_tokens": usage.cache_write_5m,
            "ephemeral_1h_input_tokens": usage.cache_write_1h,
        },
        "service_tier": "standard",
        "server_tool_use": None,
        "inference_geo": None,
        "output_tokens_details": None,
    }


def message_of(served: Served) -> dict[str, Any]:
    """Return the whole answer as a Message."""
    content: list[dict[str, Any]] = []
    if served.answer.text:
        content.append({"type": "text", "text": served.answer.text, "citations": None})
    content += [
        {
            "type": "tool_use",
            "id": f"toolu_{uuid.uuid4().hex[:24]}",
            "name": use.name,
            "input": use.arguments,
            "caller": {"type": "direct"},
        }
        for use in served.answer.tool_uses
    ]
    return {
        "id": f"msg_{uuid.uuid4().hex[:24]}",
        "type": "message",
        "role": "assistant",
        "model": served.exchange.model,
        "content": content,
        "stop_reason": "tool_use" if served.answer.tool_uses else "end_turn",
        "stop_sequence": None,
        "stop_details": None,
        "container": None,
        "usage": _usage(served.usage),
    }


def within(max_tokens: int, message: dict[str, Any]) -> dict[str, Any]:
    """Cut the text of a Message where the caller wants no more tokens."""
    text = "".join(block.get("text", "") for block in message["content"])
    if count_tokens(text) <= max_tokens:
        return message
    content = [block | {"text": text[: max_tokens * CHARACTERS_PER_TOKEN]} for block in message["content"][:1]]
    usage = message["usage"] | {"output_tokens": max_tokens}
    return message | {"content": content, "stop_reason": "max_tokens", "usage": usage}


def stream_of(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Cut a Message into the events of a stream."""
    usage = message["usage"]
    yield {
        "type": "message_start",
        "message": message | {"content": [], "stop_reason": None, "usage": usage | {"output_tokens": 1}},
    }
    for index, block in enumerate(message["content"]):
        if block["type"] == "text":
            yield {"type": "content_block_start", "index": index, "content_block": block | {"text": ""}}
            for piece in pieces_of(block["text"]):
                delta: dict[str, Any] = {"type": "text_delta", "text": piece}
                yield {"type": "content_block_delta", "index": index, "delta": delta}
        else:
            yield {"type": "content_block_start", "index": index, "content_block": block | {"input": {}}}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    totals = {k: v for k, v in usage.items() if k not in ("cache_creation", "service_tier", "inference_geo")}
    delta = {"stop_reason": message["stop_reason"], "stop_sequence": None, "stop_details": None, "container": None}
    yield {"type": "message_delta", "delta": delta, "usage": totals}
    yield {"type": "message_stop"}


def routes(sandbox: Sandbox) -> list[web.RouteDef]:
    """Serve `POST /anthropic/v1/messages`."""

    async def messages(request: web.Request) -> web.StreamResponse:
        try:
            authorization = request.headers.get("Authorization", "")
            key = request.headers.get("x-api-key") or authorization.removeprefix("Bearer ")
            sandbox.models.check_key(key)
            if "anthropic-version" not in request.headers:
                raise RefusedError(400, "anthropic-version: header is required")
            body = await request.json()
            exchange, breakpoints = read_request(body)
            message = within(body["max_tokens"], message_of(sandbox.models.answer(exchange, key, breakpoints)))
        except RefusedError as error:
            return web.json_response(error_body(error.status, error.message), status=error.status)
        if not body.get("stream"):
            return web.json_response(message)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
        await response.prepare(request)
        with suppress(ConnectionResetError):  # whoever asked may hang up in the middle
            for event in stream_of(message):
                await response.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
                if event["type"] == "content_block_delta" and sandbox.models.pause_s:
                    await asyncio.sleep(sandbox.models.pause_s)
        return response

    return [web.post("/anthropic/v1/messages", messages)]
