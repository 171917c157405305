"""Google's Gemini API: `generateContent` and its stream."""

from __future__ import annotations

import json
import uuid
from typing import Any

from aiohttp import web

from sandbox.core import Sandbox
from sandbox.models.exchange import Exchange, RefusedError, ToolOffer, pieces_of
from sandbox.models.prompt_cache import Breakpoint
from sandbox.models.state import Served

_STATUS_NAMES = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND"}


def error_body(status: int, message: str) -> dict[str, Any]:
    """Return an error in Google's form."""
    return {"error": {"code": status, "message": message, "status": _STATUS_NAMES.get(status, "INTERNAL")}}


def _part_text(part: dict[str, Any]) -> str:
    return str(part["text"]) if "text" in part else json.dumps(part, sort_keys=True, ensure_ascii=False)


def _content_text(content: dict[str, Any] | None) -> str:
    return "\n".join(_part_text(part) for part in (content or {}).get("parts", []))


def read_request(model: str, body: dict[str, Any]) -> Exchange:
    """Understand a request; raises `RefusedError` for what Google refuses."""
    contents = body.get("contents")
    if not contents:
        raise RefusedError(400, "GenerateContentRequest.contents: contents is not specified")
    declarations = [d for tool in body.get("tools") or [] for d in tool.get("functionDeclarations", [])]
    schema_names = ("parametersJsonSchema", "parameters_json_schema", "parameters")
    tools = [ToolOffer(d["name"], next((d[n] for n in schema_names if n in d), {})) for d in declarations]
    calling = (body.get("toolConfig") or {}).get("functionCallingConfig") or {}
    allowed = calling.get("allowedFunctionNames") or []
    config = body.get("generationConfig") or {}
    wants_json = config.get("responseMimeType") == "application/json"
    schema = config.get("responseJsonSchema") or config.get("responseSchema") or ({} if wants_json else None)
    return Exchange(
        vendor="gemini",
        model=model,
        prefix=json.dumps(declarations, sort_keys=True) + "\n" + _content_text(body.get("systemInstruction")),
        conversation="\n".join(f"{c.get('role', 'user')}: {_content_text(c)}" for c in contents),
        turns=sum(1 for content in contents if content.get("role") == "model"),
        tools=tools,
        must_call=calling.get("mode") == "ANY",
        named_tool=str(allowed[0]) if len(allowed) == 1 else "",
        schema=schema,
    )


def response_of(served: Served) -> dict[str, Any]:
    """Return the whole answer."""
    parts: list[dict[str, Any]] = [{"text": served.answer.text}] if served.answer.text else []
    parts += [{"functionCall": {"name": use.name, "args": use.arguments}} for use in served.answer.tool_uses]
    usage = {
        "promptTokenCount": served.usage.input,
        "candidatesTokenCount": served.usage.output,
        "totalTokenCount": served.usage.input + served.usage.output,
    }
    if served.usage.cache_read:
        usage["cachedContentTokenCount"] = served.usage.cache_read
    return {
        "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": usage,
        "modelVersion": served.exchange.model,
        "responseId": uuid.uuid4().hex[:22],
    }


def routes(sandbox: Sandbox) -> list[web.RouteDef]:
    """Serve `POST /gemini/{version}/models/{model}:generateContent` and `:streamGenerateContent`."""

    async def generate(request: web.Request) -> web.StreamResponse:
        model, _, method = request.match_info["call"].partition(":")
        try:
            key = request.headers.get("x-goog-api-key") or request.query.get("key", "")
            sandbox.models.check_key(key)
            if method not in ("generateContent", "streamGenerateContent"):
                raise RefusedError(404, f"models/{model}: method {method!r} is not found")
            exchange = read_request(model, await request.json())
            answer = response_of(sandbox.models.answer(exchange, key, [Breakpoint(exchange.prefix)]))
        except RefusedError as error:
            status = 400 if error.status == 401 else error.status  # Google answers 400 to a wrong key
            return web.json_response(error_body(status, error.message), status=status)
        if method == "generateContent":
            return web.json_response(answer)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        candidate = answer["candidates"][0]
        parts = [
            piece
            for part in candidate["content"]["parts"]
            for piece in ([{"text": text} for text in pieces_of(part["text"])] if "text" in part else [part])
        ]
        for number, part in enumerate(parts, start=1):
            chunk = candidate | {"content": {"role": "model", "parts": [part]}}
            if number < len(parts):
                chunk.pop("finishReason")
            await response.write(f"data: {json.dumps(answer | {'candidates': [chunk]})}\r\n\r\n".encode())
        return response

    return [web.post("/gemini/{version}/models/{call}", generate)]
