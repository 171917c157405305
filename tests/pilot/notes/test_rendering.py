"""Recorded words show as they are, wherever a note goes."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from services.pilot.notes import Cites, NoteKind, adf, digest, markdown, plain, slack_sections, write_note
from services.vendors.adf import adf_from_markdown, text_from_adf
from tests.pilot.notes.cases import fact, session

SIGNS = st.text(st.sampled_from("ab 1.#>-+*_~`[]()<>&;!|\\\"'ضé"), min_size=1, max_size=30)


@given(SIGNS)
def test_any_words_come_through_markdown_and_the_documents_of_jira_unchanged(text: str) -> None:
    words = " ".join(f"a {text} z".split())
    note = write_note(session(fact(1, words)), NoteKind.RESOLUTION)

    assert words in plain(note)
    assert words in text_from_adf(adf(note))
    assert words in text_from_adf(adf_from_markdown(markdown(note)))


@given(SIGNS)
def test_words_at_the_start_of_a_line_make_no_heading_and_no_list(text: str) -> None:
    words = " ".join(f"{text} z".split())
    note = write_note(session(fact(1, words)), NoteKind.RESOLUTION)

    assert f"- {words}" in text_from_adf(adf_from_markdown(markdown(note)))


def test_nobody_is_mentioned_by_what_was_recorded() -> None:
    note = write_note(session(fact(1, "Ask [~accountid:5b10] and <!channel> <@U1>")), NoteKind.RESOLUTION)

    assert '"mention"' not in json.dumps([adf(note), adf_from_markdown(markdown(note))])
    assert "<" not in "".join(section.text for section in slack_sections(note))


def test_slack_gets_pieces_that_it_takes_with_all_labels() -> None:
    many = [fact(number, f"Fact {number} " + "*long* words " * 9) for number in range(1, 101)]

    sections = slack_sections(write_note(session(*many), NoteKind.RESOLUTION))

    assert all(0 < len(section.text) <= 3000 for section in sections)
    assert [section.heading for section in sections if section.heading] == [
        "Problem", "What we confirmed", "Root cause", "Resolution",
    ]  # fmt: skip
    shown = "".join(section.text for section in sections)
    assert all(f"[F{number}]" in shown for number in range(1, 101))


def test_labels_are_shown_as_asked_for_and_the_digest_is_that_of_what_is_posted() -> None:
    note = write_note(session(fact(1, "It works")), NoteKind.RESOLUTION)
    other = write_note(session(fact(1, "It fails")), NoteKind.RESOLUTION)

    assert "works. [F1]" in markdown(note)
    assert "[P]" not in markdown(note)
    assert "[" not in markdown(note, Cites.NONE)
    assert digest(note) == digest(write_note(session(fact(1, "It works"), version=9), NoteKind.RESOLUTION))
    assert digest(note) != digest(other)
