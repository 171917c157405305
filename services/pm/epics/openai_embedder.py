"""OpenAI's text-embedding-3-small, or any server that speaks `POST /embeddings`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.ai.sanitise import redact
from services.errors import (
    NotConfiguredError,
    VendorAuthError,
    VendorError,
    VendorRateLimitedError,
    VendorRejectedError,
    VendorUnavailableError,
)
from services.pm.epics.embedders import DenseEmbedder, EmbeddingCache, Matrix, SimilarityRange

if TYPE_CHECKING:
    from openai import APIStatusError, AsyncOpenAI

MODEL = "text-embedding-3-small"
DEFAULT_RETRY_AFTER_S = 60.0


class OpenAIEmbedder(DenseEmbedder):
    """1,536 numbers per text, sent without personal data and secrets; `tokens_used` counts what is charged."""

    name = f"openai:{MODEL}"
    similarity_range = SimilarityRange(floor=0.15, ceiling=0.65)
    batch_size = 96
    """A request may hold 300,000 tokens; this many texts of 2,500 characters stay below in any script."""

    def __init__(
        self,
        api_key: str,
        base_url: str,
        cache: EmbeddingCache | None = None,
        *,
        timeout_s: float = 30.0,
        retries: int = 2,
    ) -> None:
        if not api_key:
            raise NotConfiguredError("OPENAI_API_KEY is not set.", hint="Set it, or set EMBEDDER=tfidf.")
        super().__init__(cache)
        self._api_key, self._base_url, self._timeout_s, self._retries = api_key, base_url, timeout_s, retries
        self._client: AsyncOpenAI | None = None
        self.tokens_used = 0

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _embed(self, texts: list[str]) -> Matrix:
        import openai

        texts = [redact(text) for text in texts]
        try:
            # "float", as servers other than OpenAI's seldom know the SDK's default, base64
            response = await self._connected().embeddings.create(model=MODEL, input=texts, encoding_format="float")
        except openai.APIConnectionError as error:  # a timeout is one as well
            raise VendorUnavailableError("openai", "OpenAI did not answer the request for embeddings.") from error
        except openai.APIStatusError as error:
            raise _refusal(error) from error
        self.tokens_used += response.usage.prompt_tokens
        if len(response.data) != len(texts):
            raise VendorError("openai", f"OpenAI gave {len(response.data)} embeddings for {len(texts)} texts.")
        return [item.embedding for item in sorted(response.data, key=lambda item: item.index)]

    def _connected(self) -> AsyncOpenAI:
        if self._client is None:
            from openai import AsyncOpenAI

            self._client = AsyncOpenAI(
                api_key=self._api_key, base_url=self._base_url, timeout=self._timeout_s, max_retries=self._retries
            )
        return self._client


def _refusal(error: APIStatusError) -> VendorError:
    status = error.status_code
    if status in (401, 403):
        return VendorAuthError("openai", "OpenAI refused the API key.", hint="Check OPENAI_API_KEY.", status=status)
    if status == 429:
        return VendorRateLimitedError(
            "openai",
            "OpenAI asks to slow down.",
            retry_after_s=_retry_after_s(error.response.headers.get("retry-after")),
        )
    if status >= 500:
        return VendorUnavailableError("openai", f"OpenAI failed with status {status}.", status=status)
    return VendorRejectedError("openai", f"OpenAI rejected the request: {error.message}", status=status)


def _retry_after_s(header: str | None) -> float:
    try:
        return float(header) if header else DEFAULT_RETRY_AFTER_S
    except ValueError:  # the header may also be a date
        return DEFAULT_RETRY_AFTER_S
