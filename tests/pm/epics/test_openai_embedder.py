"""OpenAI's embeddings over a real socket, against a server that speaks its wire format."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from services.errors import (
    VendorAuthError,
    VendorError,
    VendorRateLimitedError,
    VendorRejectedError,
    VendorUnavailableError,
)
from services.pm.epics.openai_embedder import OpenAIEmbedder


class EmbeddingServer:
    """Answers `POST /v1/embeddings` with the text's length, last text first; fails on demand."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.authorizations: list[str | None] = []
        self.failures: list[web.Response] = []
        self.forget = 0

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.requests.append(body)
        self.authorizations.append(request.headers.get("Authorization"))
        if self.failures:
            return self.failures.pop(0)
        data = [
            {"object": "embedding", "index": index, "embedding": [float(len(text)), 1.0]}
            for index, text in enumerate(body["input"])
        ]
        usage = {"prompt_tokens": 7, "total_tokens": 7}
        answer = {"object": "list", "data": data[self.forget :][::-1], "model": body["model"], "usage": usage}
        return web.json_response(answer)


def failure(status: int, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response({"error": {"message": "no", "type": "x", "code": None}}, status=status, headers=headers)


@pytest.fixture
async def vendor() -> AsyncIterator[tuple[EmbeddingServer, str]]:
    server = EmbeddingServer()
    app = web.Application()
    app.router.add_post("/v1/embeddings", server.answer)
    async with TestServer(app) as running:
        yield server, str(running.make_url("/v1"))


@pytest.fixture
async def embedder(vendor: tuple[EmbeddingServer, str]) -> AsyncIterator[OpenAIEmbedder]:
    made = OpenAIEmbedder("key-1", vendor[1], retries=0, timeout_s=5)
    yield made
    await made.close()


async def test_vectors_belong_to_their_texts_whatever_the_order_of_the_answer(
    vendor: tuple[EmbeddingServer, str], embedder: OpenAIEmbedder
) -> None:
    await embedder.prepare(["a", "bbb"])
    ratios = [row[0] / row[1] for row in embedder.vectors(["bbb", "a"])]
    assert ratios == pytest.approx([3.0, 1.0])
    [request] = vendor[0].requests
    assert request["model"] == "text-embedding-3-small"
    assert request["encoding_format"] == "float"
    assert vendor[0].authorizations == ["Bearer key-1"]
    assert embedder.tokens_used == 7


async def test_personal_data_does_not_leave(vendor: tuple[EmbeddingServer, str], embedder: OpenAIEmbedder) -> None:
    await embedder.prepare(["Ann's mail is ann.smith@acme-corp.com"])
    [request] = vendor[0].requests
    assert "ann.smith@acme-corp.com" not in request["input"][0]
    assert "mail is" in request["input"][0]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, VendorAuthError),
        (403, VendorAuthError),
        (429, VendorRateLimitedError),
        (500, VendorUnavailableError),
        (400, VendorRejectedError),
    ],
)
async def test_each_refusal_has_its_error(
    vendor: tuple[EmbeddingServer, str], embedder: OpenAIEmbedder, status: int, error: type[VendorError]
) -> None:
    vendor[0].failures.append(failure(status))
    with pytest.raises(error):
        await embedder.prepare(["a"])


@pytest.mark.parametrize(("header", "seconds"), [("12", 12.0), ("Wed, 21 Oct 2026 07:28:00 GMT", 60.0), (None, 60.0)])
async def test_a_rate_limit_says_how_long_to_wait(
    vendor: tuple[EmbeddingServer, str], embedder: OpenAIEmbedder, header: str | None, seconds: float
) -> None:
    vendor[0].failures.append(failure(429, {"Retry-After": header} if header else None))
    with pytest.raises(VendorRateLimitedError) as caught:
        await embedder.prepare(["a"])
    assert caught.value.retry_after_s == seconds


async def test_one_failure_is_retried(vendor: tuple[EmbeddingServer, str]) -> None:
    vendor[0].failures.append(failure(500))
    patient = OpenAIEmbedder("key-1", vendor[1], retries=1)
    await patient.prepare(["a"])
    await patient.close()
    assert len(vendor[0].requests) == 2


async def test_a_missing_vector_is_an_error_not_a_shift(
    vendor: tuple[EmbeddingServer, str], embedder: OpenAIEmbedder
) -> None:
    vendor[0].forget = 1
    with pytest.raises(VendorError, match="1 embeddings for 2 texts"):
        await embedder.prepare(["a", "b"])


async def test_nobody_listening_is_a_vendor_that_is_unavailable() -> None:
    lonely = OpenAIEmbedder("key-1", "http://127.0.0.1:9/v1", retries=0, timeout_s=2)
    with pytest.raises(VendorUnavailableError):
        await lonely.prepare(["a"])
    await lonely.close()


@pytest.mark.live
async def test_the_real_service_finds_like_texts_alike() -> None:
    key = os.environ.get("OPENAI_API_KEY")
    if not key:
        pytest.skip("OPENAI_API_KEY is not set")
    real = OpenAIEmbedder(key, os.environ.get("OPENAI_BASE_URL", "https://api.openai.com/v1"))
    texts = ["The card payment was declined", "Credit card refused at checkout", "Water the office plants"]
    await real.prepare(texts)
    await real.close()
    card, credit, plants = real.vectors(texts)
    assert card @ credit > card @ plants + 0.1
