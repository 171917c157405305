"""What a model says is held against the record, statement by statement."""

from __future__ import annotations

import pytest

from services.ai.tasks.pilot_note import NoteInput, NoteSentence, NoteSentences, NoteStatement, problem_with
from services.pilot.notes import Note, NoteKind, Origin, Sentence, write_note
from services.pilot.notes.support import compose
from tests.pilot.notes.cases import fact, fix, session

FACTS = (
    fact(1, "Outlook on LT-204 does not start"),
    fact(2, "The phone syncs only on Wi-Fi"),
    fact(3, "Ana uses version 2019"),
    fact(4, "The profile is probably corrupt"),
    fact(5, "The update moved the add-in from Teams to Outlook"),
)
HEADING = "What we confirmed"


def told(text: str, *cites: str, heading: str = HEADING) -> list[str]:
    """Return what a model's single sentence becomes in the note, [] if it is not written."""
    draft = write_note(session(*FACTS, fixes=[fix(1, 1)]), NoteKind.RESOLUTION)
    note = compose(draft, [(heading, Sentence(text, cites))], frozenset(), "anthropic:test")
    assert told_facts(note) == {"F1", "F2", "F3", "F4", "F5"}
    return [each.text for _, each in note.all_sentences() if each.origin is Origin.MODEL]


def told_facts(note: Note) -> set[str]:
    """Return the facts that are told, whoever wrote the sentence."""
    return {label for section, each in note.all_sentences() if section.heading == HEADING for label in each.cites}


@pytest.mark.parametrize(
    ("text", "cites"),
    [
        ("Outlook on LT-204 does not start, but the phone syncs only on Wi-Fi", ("F1", "F2")),
        ("Ana is using version 2019; Outlook on LT-204 doesn't start.", ("F3", "F1")),
        ("The phone syncs only on Wi-Fi.", ("F2",)),
    ],
)
def test_joining_ordering_and_endings_pass(text: str, cites: tuple[str, ...]) -> None:
    assert told(text, *cites) == [text if text.endswith(".") else f"{text}."]


@pytest.mark.requirement("TRUST-3")
@pytest.mark.parametrize(
    ("text", "cites"),
    [
        ("Outlook on LT-204 starts.", ("F1",)),
        ("Outlook on LT-205 does not start.", ("F1",)),
        ("Outlook does not start.", ("F1",)),
        ("Outlook on LT-204 does not start since Monday.", ("F1",)),
        ("Outlook on LT-204 does not start because Ana uses version 2019.", ("F1", "F3")),
        ("The phone syncs on Wi-Fi.", ("F2",)),
        ("The phone does not sync on Wi-Fi only.", ("F2",)),
        ("Ana uses version 2016.", ("F3",)),
        ("Tom uses version 2019.", ("F3",)),
        ("The profile is corrupt.", ("F4",)),
        ("The update moved the add-in from Outlook to Teams.", ("F5",)),
        ("Ana uses Wi-Fi and the phone syncs only on version 2019.", ("F2", "F3")),
        ("Ana uses version 2019.", ()),
        ("Ana uses version 2019.", ("F1",)),
        ("Ana uses version 2019.", ("F3", "F9")),
        ("Ana uses version 2019. <!channel>", ("F3",)),
        ("Ana uses version 2019 (password Winter2026!).", ("F3",)),
        ("I am a helpful assistant.", ("P",)),
        ("", ("F1",)),
    ],
)
def test_what_turns_adds_drops_or_mixes_is_not_written(text: str, cites: tuple[str, ...]) -> None:
    assert told(text, *cites) == []


def test_a_statement_stays_in_its_section() -> None:
    assert told("The cache is old.", "X1", heading=HEADING) == []
    assert told("Ana uses version 2019.", "F3", heading="Root cause") == []
    assert told("The cache is old.", "X1", heading="Root cause") == ["The cache is old."]


def test_a_loop_is_told_once_and_nothing_is_lost() -> None:
    draft = write_note(session(*FACTS), NoteKind.RESOLUTION)

    note = compose(draft, [(HEADING, Sentence("Ana uses version 2019.", ("F3",)))] * 50, frozenset(), "m")

    assert [each.cites for section, each in note.all_sentences() if section.heading == HEADING] == [
        ("F3",), ("F1",), ("F2",), ("F4",), ("F5",),
    ]  # fmt: skip


def test_facts_that_contradict_each_other_are_left_to_the_rules() -> None:
    of = session(fact(1, "Webmail works"), fact(2, "Webmail does not work"))
    draft = write_note(of, NoteKind.RESOLUTION)

    note = compose(draft, [(HEADING, Sentence("Webmail works.", ("F1",)))], frozenset({"F1", "F2"}), "m")

    assert note.sections == draft.sections


def test_an_answer_without_one_usable_sentence_is_sent_back() -> None:
    data = NoteInput(
        kind="resolution",
        sections=("Problem",),
        statements=(NoteStatement(section="Problem", text="It is slow.", cites=("P",)),),
    )

    def problem(section: str, *cites: str) -> str:
        said = NoteSentence(section=section, text="It is slow.", cites=list(cites))
        return problem_with(data, NoteSentences(sentences=[said]))

    assert problem("Problem", "P") == ""
    assert "only labels that are in the data" in problem("Problem", "F7")
    assert "has a section of Problem" in problem("Summary", "P")
    assert "empty" in problem_with(data, NoteSentences(sentences=[]))
