"""Build the embedder that the settings name."""

from __future__ import annotations

from typing import Literal

from services.pm.epics.embedders import Embedder, EmbeddingCache
from services.pm.epics.tfidf import TfidfEmbedder


def build_embedder(
    name: Literal["tfidf", "local", "openai"],
    cache: EmbeddingCache | None = None,
    *,
    openai_api_key: str = "",
    openai_base_url: str = "https://api.openai.com/v1",
) -> Embedder:
    """Give the embedder; NotConfiguredError when its key is missing. A missing local model shows at first use."""
    if name == "local":
        from services.pm.epics.local_embedder import LocalEmbedder

        return LocalEmbedder(cache)
    if name == "openai":
        from services.pm.epics.openai_embedder import OpenAIEmbedder

        return OpenAIEmbedder(openai_api_key, openai_base_url, cache)
    return TfidfEmbedder()
