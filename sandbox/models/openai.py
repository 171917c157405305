"""OpenAI's API: Chat Completions, Responses, embeddings and the list of models."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterable
from typing import Any

from aiohttp import web

from sandbox.core import Sandbox
from sandbox.models.exchange import Exchange, RefusedError, count_tokens
from sandbox.models.openai_answers import chat_chunks, chat_completion, response_events, response_object
from sandbox.models.openai_requests import read_chat, read_responses
from sandbox.models.prompt_cache import Breakpoint
from sandbox.models.state import Served

MODELS = ("gpt-6.1-sol", "text-embedding-3-small", "text-embedding-3-large")


def error_body(status: int, message: str) -> dict[str, Any]:
    """Return an error in OpenAI's form."""
    kind = "invalid_request_error" if status < 500 else "server_error"
    return {
        "error": {"message": message, "type": kind, "param": None, "code": "invalid_api_key" if status == 401 else None}
    }


class OpenAiEndpoints:
    """The handlers; each turns a refusal into OpenAI's form."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def _key(self, request: web.Request) -> str:
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        self._sandbox.models.check_key(key)
        return key

    def _answer(self, exchange: Exchange, key: str) -> tuple[Served, int]:
        served = self._sandbox.models.answer(exchange, key, [Breakpoint(exchange.prefix)])
        return served, int(self._sandbox.clock.now().timestamp())

    async def chat(self, request: web.Request) -> web.StreamResponse:
        """`POST /chat/completions`."""
        key, body = self._key(request), await request.json()
        completion = chat_completion(*self._answer(read_chat(body), key))
        if not body.get("stream"):
            return web.json_response(completion)
        return await _stream(
            request, (f"data: {json.dumps(c)}\n\n" for c in chat_chunks(completion)), "data: [DONE]\n\n"
        )

    async def responses(self, request: web.Request) -> web.StreamResponse:
        """`POST /responses`."""
        key, body = self._key(request), await request.json()
        response = response_object(*self._answer(read_responses(body), key))
        if not body.get("stream"):
            return web.json_response(response)
        return await _stream(
            request, (f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in response_events(response))
        )

    async def embeddings(self, request: web.Request) -> web.StreamResponse:
        """`POST /embeddings`."""
        self._key(request)
        body = await request.json()
        texts = [body["input"]] if isinstance(body.get("input"), str) else body.get("input")
        if not texts or not all(isinstance(text, str) and text for text in texts):
            raise RefusedError(400, "Invalid 'input': expected a non-empty string or a list of them.")
        vectors = [self._sandbox.models.embed(body["model"], text, body.get("dimensions")) for text in texts]
        in_base64 = body.get("encoding_format") == "base64"
        data = [
            {"object": "embedding", "index": index, "embedding": _packed(vector) if in_base64 else vector}
            for index, vector in enumerate(vectors)
        ]
        tokens = sum(count_tokens(text) for text in texts)
        usage = {"prompt_tokens": tokens, "total_tokens": tokens}
        return web.json_response({"object": "list", "data": data, "model": body["model"], "usage": usage})

    async def models(self, request: web.Request) -> web.StreamResponse:
        """`GET /models`."""
        self._key(request)
        data = [{"id": name, "object": "model", "created": 0, "owned_by": "sandbox"} for name in MODELS]
        return web.json_response({"object": "list", "data": data})


def _packed(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


async def _stream(request: web.Request, lines: Iterable[str], last: str = "") -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    for line in lines:
        await response.write(line.encode())
    if last:
        await response.write(last.encode())
    return response


def routes(sandbox: Sandbox) -> list[web.RouteDef]:
    """Serve `/openai/v1/…`."""
    endpoints = OpenAiEndpoints(sandbox)

    def refusing(handler: Any) -> Any:
        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                answer: web.StreamResponse = await handler(request)
            except RefusedError as error:
                return web.json_response(error_body(error.status, error.message), status=error.status)
            return answer

        return handle

    return [
        web.post("/openai/v1/chat/completions", refusing(endpoints.chat)),
        web.post("/openai/v1/responses", refusing(endpoints.responses)),
        web.post("/openai/v1/embeddings", refusing(endpoints.embeddings)),
        web.get("/openai/v1/models", refusing(endpoints.models)),
    ]
