"""What a person makes of a note is theirs; what was taken back under a stored note is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.errors import InvalidInputError
from services.pilot.notes import (
    NoteKind,
    Origin,
    adf,
    digest,
    editable,
    edited,
    markdown,
    note_from_json,
    note_to_json,
    staleness,
    write_note,
)
from services.vendors.adf import text_from_adf
from tests.pilot.notes.cases import AT, fact, fix, session

SESSION = session(fact(1, "Only *one* laptop asks"), fact(2, "Webmail works"), fixes=[fix(1, 1)])
NOTE = write_note(SESSION, NoteKind.RESOLUTION)


@pytest.mark.requirement("TRUST-3")
def test_taking_a_fact_back_marks_the_sentences_of_a_stored_note_that_rest_on_it() -> None:
    stored = note_from_json(note_to_json(NOTE))
    assert stored == NOTE
    assert not staleness(stored, SESSION).is_stale

    gone = replace(SESSION, facts=(replace(SESSION.facts[0], deleted_at=AT), SESSION.facts[1]))
    found = staleness(stored, gone)

    assert [(each.heading, each.sentence.text, each.reasons) for each in found.sentences] == [
        ("What we confirmed", "Only *one* laptop asks.", ("F1 was taken back",)),
        ("Root cause", "The cache is old.", ("F1 was taken back",)),
    ]


def test_changed_contradicting_and_new_facts_and_another_fix_are_named_too() -> None:
    changed = replace(
        SESSION,
        facts=(
            SESSION.facts[0],
            replace(SESSION.facts[1], text="Webmail works sometimes"),
            fact(3, "More than *one* laptop asks"),
        ),
        fixes=(replace(SESSION.fixes[0], superseded_at=AT), fix(2, 3)),
    )

    found = staleness(NOTE, changed)

    assert {reason for each in found.sentences for reason in each.reasons} == {"F2 was changed", "fix 1 was changed"}
    assert found.untold == ("F3",)
    denied = replace(SESSION, facts=(*SESSION.facts, fact(4, "Webmail does not work")))
    assert [each.reasons for each in staleness(NOTE, denied).sentences] == [("F4 contradicts F2",)]


def test_an_edit_is_the_persons_and_what_they_left_keeps_its_citations() -> None:
    text = editable(NOTE).replace("- Webmail works. [F2]", "- Webmail works for **Ana**. [F2]\n- I called her. [F77]")

    note = edited(NOTE, text, SESSION, 7)

    by = {each.text: (each.origin, each.cites) for _, each in note.all_sentences()}
    assert by["Only *one* laptop asks."] == (Origin.RULES, ("F1",))
    assert by["Webmail works for **Ana**."] == (Origin.PERSON, ("F2",))
    assert by["I called her."] == (Origin.PERSON, ())
    assert note.edited_by_member_id == 7
    assert "- Webmail works for **Ana**. [F2]\n- I called her. [F77]\n" in markdown(note)
    assert "- The cache is old. [F1]\n" in markdown(note)
    assert "Webmail works for Ana." in text_from_adf(adf(note))
    assert digest(note) != digest(NOTE)
    gone = replace(SESSION, facts=(SESSION.facts[0], replace(SESSION.facts[1], deleted_at=AT)))
    assert [each.sentence.text for each in staleness(note, gone).sentences] == ["Webmail works for **Ana**."]
    assert edited(note, editable(note), SESSION, 8) is note


def test_an_edit_keeps_secrets_out_and_may_not_be_empty() -> None:
    note = edited(NOTE, "She uses the password Winter2026! now", SESSION, 7)

    assert markdown(note) == "She uses the password [redacted] now\n"
    assert edited(NOTE, editable(NOTE), SESSION, 7) is NOTE
    for wrong in (" \n", "x" * 30_001):
        with pytest.raises(InvalidInputError):
            edited(NOTE, wrong, SESSION, 7)
    with pytest.raises(InvalidInputError):
        note_from_json({"kind": "poem"})
