"""The hand-made sessions: nothing unsupported, nothing left out, no secret out, whoever writes."""

from __future__ import annotations

import pytest

from benchmarks.pilot_note_judge import is_supported
from benchmarks.pilot_note_models import MODELS
from benchmarks.pilot_note_sessions import load_cases
from benchmarks.pilot_notes import judge_note
from services.pilot.notes import NoteKind, Sentence, write_note
from services.pilot.notes.conflicts import conflicts
from services.pilot.notes.support import compose

CASES = load_cases()


def test_the_judge_refuses_all_that_was_marked_as_wrong_and_takes_all_that_was_marked_as_good() -> None:
    bad = [(case.name, said.text) for case in CASES for said in case.expected.bad if is_supported(said, case.expected)]
    good = [said.text for case in CASES for said in case.expected.good if not is_supported(said, case.expected)]

    assert (bad, good) == ([], [])
    assert len(CASES) >= 30


@pytest.mark.requirement("FLP-3.2", "FLP-4.1", "TRUST-3")
@pytest.mark.parametrize("model", ["rules", *MODELS])
def test_notes_of_all_sessions_say_only_what_is_recorded_all_of_it_and_no_secret(model: str) -> None:
    wrong = []
    for case in CASES:
        disputed = frozenset(f"F{number}" for group in conflicts(case.session.known) for number in group)
        for kind in NoteKind:
            note = write_note(case.session, kind)
            if model != "rules":
                said = MODELS[model](case, note)
                note = compose(
                    note, [(each.section, Sentence(each.text, each.cites)) for each in said], disputed, model
                )
            verdict = judge_note(case, note)
            if verdict.unsupported or verdict.omitted or verdict.leaked or verdict.cause_missing:
                wrong.append((case.name, kind, verdict))
    assert wrong == []
