"""TF-IDF: needs no model and no network, and is what runs unless another embedder is set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.pm.epics.embedders import Matrix, SimilarityRange


class TfidfEmbedder:
    """Words and pairs of words, weighed by how rare they are in the corpus it was fitted on."""

    name = "tfidf"
    similarity_range = SimilarityRange(floor=0.0, ceiling=0.4)

    def __init__(self) -> None:
        self._vectorizer: Any = None

    async def prepare(self, texts: Sequence[str]) -> None:
        """Do nothing: there is no model to ask."""

    def fit(self, texts: Sequence[str]) -> None:
        """Learn the vocabulary and how rare each word is."""
        import numpy as np
        from sklearn.feature_extraction.text import TfidfVectorizer

        vectorizer = TfidfVectorizer(
            sublinear_tf=True, stop_words="english", ngram_range=(1, 2), strip_accents="unicode", dtype=np.float32
        )
        try:
            self._vectorizer = vectorizer.fit(texts)
        except ValueError:  # not one word in the corpus
            self._vectorizer = None

    def vectors(self, texts: Sequence[str]) -> Matrix:
        from scipy.sparse import csr_matrix

        if self._vectorizer is None or not texts:
            width = 1 if self._vectorizer is None else len(self._vectorizer.vocabulary_)
            return csr_matrix((len(texts), width), dtype="float32")
        return self._vectorizer.transform(texts)
