"""One interface over the ways to turn text into vectors, and what the costly ones share: the cache."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from services.pm.epics.text import content_hash

Matrix = Any
"""Rows of length one: a SciPy CSR matrix (TF-IDF) or a NumPy array of float32 (the others)."""


class SimilarityRange(NamedTuple):
    """Which cosines an embedder gives to unrelated (`floor`) and to closely related texts (`ceiling`)."""

    floor: float
    ceiling: float


class Embedder(Protocol):
    """Vectors for texts. Call `prepare` (slow, maybe remote) first, then `fit`, then `vectors` (pure, quick)."""

    @property
    def name(self) -> str:
        """Name the model; it is part of each cache key."""

    @property
    def similarity_range(self) -> SimilarityRange:
        """Let cosines of different embedders be compared."""

    async def prepare(self, texts: Sequence[str]) -> None:
        """Have the vectors of `texts` at hand. Raises VendorError when a service does not answer."""

    def fit(self, texts: Sequence[str]) -> None:
        """Learn from a corpus (vocabulary, rarity of words); pretrained models have nothing to learn."""

    def vectors(self, texts: Sequence[str]) -> Matrix:
        """Give one row of length one (or zero, for text without words) per text."""


class EmbeddingCache(Protocol):
    """Vectors kept by content hash, so that no text is embedded twice by the same model."""

    async def get_many(self, hashes: Sequence[str]) -> dict[str, bytes]:
        """Give what is known of `hashes`; the others are absent."""

    async def put_many(self, vectors: Mapping[str, bytes]) -> None:
        """Keep vectors: little-endian float32, as `DenseEmbedder` packs them."""


class MemoryEmbeddingCache:
    """An embedding cache that lives as long as the process."""

    def __init__(self) -> None:
        self._vectors: dict[str, bytes] = {}

    async def get_many(self, hashes: Sequence[str]) -> dict[str, bytes]:
        return {name: self._vectors[name] for name in hashes if name in self._vectors}

    async def put_many(self, vectors: Mapping[str, bytes]) -> None:
        self._vectors.update(vectors)


class DenseEmbedder:
    """What the pretrained models share: cache look-up, batches, packing. Subclasses give `name` and `_embed`."""

    name: str
    similarity_range: SimilarityRange
    batch_size = 256

    def __init__(self, cache: EmbeddingCache | None = None) -> None:
        self._cache: EmbeddingCache = cache if cache is not None else MemoryEmbeddingCache()
        self._packed: dict[str, bytes] = {}

    async def _embed(self, texts: list[str]) -> Matrix:
        """Ask the model for one vector per text; at most `batch_size` texts, none of them empty."""
        raise NotImplementedError

    async def prepare(self, texts: Sequence[str]) -> None:
        """Fill from the cache, then from the model; each batch is kept at once, so that a failure loses little."""
        wanted = {content_hash(self.name, text): text for text in texts if text}
        wanted = {name: text for name, text in wanted.items() if name not in self._packed}
        self._packed.update(await self._cache.get_many(list(wanted)))
        missing = sorted((name for name in wanted if name not in self._packed), key=lambda name: len(wanted[name]))
        for start in range(0, len(missing), self.batch_size):
            names = missing[start : start + self.batch_size]
            packed = dict(zip(names, _pack(await self._embed([wanted[name] for name in names])), strict=True))
            await self._cache.put_many(packed)
            self._packed.update(packed)

    def fit(self, texts: Sequence[str]) -> None:
        """Do nothing: the model is trained."""

    def vectors(self, texts: Sequence[str]) -> Matrix:
        """Give the prepared vectors; LookupError for a text that was not prepared."""
        import numpy as np

        rows = [np.frombuffer(self._packed[content_hash(self.name, text)], "<f4") if text else None for text in texts]
        width = len(next(iter(self._packed.values()), b"1234")) // 4  # the same for no texts as for many
        return np.array([np.zeros(width, "<f4") if row is None else row for row in rows]).reshape(len(rows), width)


def _pack(vectors: Matrix) -> list[bytes]:
    """Scale rows to length one and write each as little-endian float32."""
    import numpy as np

    rows = np.asarray(vectors, dtype="<f4")
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return [row.tobytes() for row in (rows / np.where(lengths > 0, lengths, 1)).astype("<f4")]
