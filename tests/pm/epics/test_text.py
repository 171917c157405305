"""What of a ticket is compared."""

from __future__ import annotations

from services.pm.epics.text import MAX_DESCRIPTION_CHARACTERS, clean, content_hash, text_of
from tests.pm.epics.world import epic


def test_addresses_markup_and_control_characters_are_dropped() -> None:
    text = "See https://example.org/x?y=1 {code:java}int x;{code}\n[~ann] said\x00 {color:red}no{color}"
    assert clean(text) == "See int x; said no"


def test_unicode_forms_of_one_text_are_one_text() -> None:
    assert clean("cafe\u0301 ﬁx") == clean("café fix")


def test_the_summary_stands_twice_and_a_long_description_is_cut() -> None:
    made = epic("CPE-1", "Search")
    text = text_of(type(made)("CPE-1", "CPE", "Search", "word " * 10_000, made.created_at, None, False))
    assert text.startswith("Search. Search. word")
    assert len(text) < MAX_DESCRIPTION_CHARACTERS + 50


def test_text_without_words_is_empty() -> None:
    assert text_of(epic("CPE-1", " \n")) == ""


def test_a_hash_names_both_the_model_and_the_text() -> None:
    names = {content_hash(model, text) for model in ("a", "b") for text in ("x", "y", "\ud800")}
    assert len(names) == 6
