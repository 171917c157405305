"""Vectors: prepared once, kept by content hash, of length one."""

from __future__ import annotations

import numpy as np
import pytest

from services.errors import NotConfiguredError, VendorUnavailableError
from services.pm.epics.choose import build_embedder
from services.pm.epics.embedders import DenseEmbedder, Embedder, Matrix, MemoryEmbeddingCache, SimilarityRange
from services.pm.epics.suggest import suggest_epics
from services.pm.epics.tfidf import TfidfEmbedder
from tests.pm.epics.world import CHILDREN, EPICS, NOW, ticket


class LetterEmbedder(DenseEmbedder):
    """Counts letters, and what it was asked."""

    name = "letters"
    similarity_range = SimilarityRange(0.5, 1.0)
    batch_size = 2

    def __init__(self, cache: MemoryEmbeddingCache | None = None, fail_after: int = 99) -> None:
        super().__init__(cache)
        self.batches: list[list[str]] = []
        self.fail_after = fail_after

    async def _embed(self, texts: list[str]) -> Matrix:
        if len(self.batches) >= self.fail_after:
            raise VendorUnavailableError("letters", "No letters today.")
        self.batches.append(texts)
        return [[text.count(letter) + 1.0 for letter in "abcdefghij"] for text in texts]


async def test_a_text_is_embedded_once_and_in_batches() -> None:
    embedder = LetterEmbedder()
    await embedder.prepare(["a", "b", "a", "", "cc"])
    await embedder.prepare(["a", "dd"])
    assert embedder.batches == [["a", "b"], ["cc"], ["dd"]]


async def test_vectors_have_length_one_and_empty_text_has_none() -> None:
    embedder = LetterEmbedder()
    await embedder.prepare(["abc", "jjj"])
    vectors = embedder.vectors(["abc", "", "jjj"])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1.0, 0.0, 1.0])
    assert embedder.vectors([]).shape[0] == 0


async def test_a_second_process_with_the_same_cache_asks_the_model_for_nothing() -> None:
    cache = MemoryEmbeddingCache()
    first, second = LetterEmbedder(cache), LetterEmbedder(cache)
    await first.prepare(["abc", "jjj"])
    await second.prepare(["abc", "jjj"])
    assert second.batches == []
    assert (first.vectors(["abc"]) == second.vectors(["abc"])).all()


async def test_what_was_embedded_before_a_failure_is_kept() -> None:
    cache = MemoryEmbeddingCache()
    with pytest.raises(VendorUnavailableError):
        await LetterEmbedder(cache, fail_after=1).prepare(["a", "b", "c"])
    retry = LetterEmbedder(cache)
    await retry.prepare(["a", "b", "c"])
    assert retry.batches == [["c"]]


def test_a_text_that_was_not_prepared_is_an_error_not_a_guess() -> None:
    with pytest.raises(LookupError):
        LetterEmbedder().vectors(["never seen"])


def test_words_that_two_texts_share_make_them_similar() -> None:
    embedder = TfidfEmbedder()
    embedder.fit(["search catalogue", "card payment", "printer driver"])
    vectors = embedder.vectors(["the search", "catalogue search", "card", ""])
    similarity = (vectors @ vectors.T).toarray()
    assert similarity[0, 1] > 0.4
    assert similarity[0, 2] == similarity[3].sum() == 0.0


def test_a_corpus_without_words_gives_empty_vectors() -> None:
    embedder = TfidfEmbedder()
    embedder.fit(["", "the"])
    assert embedder.vectors(["search", ""]).nnz == 0


@pytest.mark.parametrize("embedder", [TfidfEmbedder(), LetterEmbedder()], ids=lambda embedder: embedder.name)
async def test_any_embedder_serves_a_whole_run(embedder: Embedder) -> None:
    run = await suggest_epics(CHILDREN, EPICS, [ticket("CPE-50", "Card payment fails", 99)], NOW, embedder)
    assert (run.embedder, run.fallback_reason) == (embedder.name, None)
    assert len(run.suggestions[0].candidates) == 3


@pytest.mark.parametrize("embedder", [TfidfEmbedder(), LetterEmbedder()], ids=lambda embedder: embedder.name)
@pytest.mark.parametrize("summary", ["Card payment fails", ""])
async def test_epics_without_children_and_tickets_without_text_are_served_too(embedder: Embedder, summary: str) -> None:
    run = await suggest_epics([], EPICS, [ticket("CPE-50", summary, 99)], NOW, embedder)
    assert len(run.suggestions[0].candidates) == 3


@pytest.mark.requirement("PM-6.2")
async def test_tfidf_answers_when_the_vendor_of_vectors_does_not_and_the_run_says_so() -> None:
    orphans = [ticket("CPE-50", "Card payment fails", 99)]
    run = await suggest_epics(CHILDREN, EPICS, orphans, NOW, LetterEmbedder(fail_after=0))
    assert (run.embedder, run.fallback_reason) == ("tfidf", "No letters today.")
    assert run.suggestions[0].best is not None
    assert run.suggestions[0].best.epic_key == "CPE-1"


def test_the_setting_names_the_embedder() -> None:
    assert build_embedder("tfidf").name == "tfidf"
    assert build_embedder("local").name == "local:all-minilm-l6-v2"
    assert build_embedder("openai", openai_api_key="k").name == "openai:text-embedding-3-small"
    with pytest.raises(NotConfiguredError, match="OPENAI_API_KEY"):
        build_embedder("openai")
