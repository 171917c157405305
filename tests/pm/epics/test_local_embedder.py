"""The local sentence-transformers model; needs the extra `[embeddings]`."""

from __future__ import annotations

import importlib.util

import pytest

from services.errors import NotConfiguredError
from services.pm.epics.local_embedder import LocalEmbedder
from services.pm.epics.suggest import suggest_epics
from tests.pm.epics.world import CHILDREN, EPICS, NOW, ticket

INSTALLED = importlib.util.find_spec("sentence_transformers") is not None
needs_model = pytest.mark.skipif(not INSTALLED, reason="the extra [embeddings] is not installed")


@needs_model
async def test_texts_of_one_meaning_are_close_without_a_word_in_common() -> None:
    texts = ["Customers cannot log in", "Sign-on fails for users", "Water the office plants"]
    embedder = LocalEmbedder()
    await embedder.prepare(texts)
    login, sign_on, plants = embedder.vectors(texts)
    assert len(login) == 384
    assert login @ sign_on > login @ plants + 0.2


@needs_model
@pytest.mark.requirement("PM-6.2")
async def test_an_epic_is_found_without_a_word_in_common() -> None:
    orphan = ticket("CPE-50", "Customers cannot pay with Visa", 99)
    run = await suggest_epics(CHILDREN, EPICS, [orphan], NOW, LocalEmbedder())
    assert run.embedder == "local:all-minilm-l6-v2"
    assert run.suggestions[0].best is not None
    assert run.suggestions[0].best.epic_key == "CPE-1"


@needs_model
async def test_the_same_text_gives_the_same_vector_alone_and_in_company() -> None:
    alone, together = LocalEmbedder(), LocalEmbedder()
    await alone.prepare(["Search is slow"])
    await together.prepare(["Search is slow", "A much longer text about printers " * 20])
    assert alone.vectors(["Search is slow"])[0] == pytest.approx(together.vectors(["Search is slow"])[0], abs=1e-4)


@pytest.mark.skipif(INSTALLED, reason="the extra [embeddings] is installed")
async def test_without_the_extra_the_error_says_what_to_install() -> None:
    with pytest.raises(NotConfiguredError, match=r"requirements-embeddings\.lock"):
        await LocalEmbedder().prepare(["Search is slow"])
