"""Notes by rules say what is recorded, cite it, and say where nothing is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pilot.notes import Cites, Note, NoteKind, markdown, plain, write_note
from services.pilot.notes.conflicts import conflicts
from services.pilot.types import FixDecision, LaneKind, Session, TicketRef
from tests.pilot.notes.cases import fact, fix, item, script, session


def written(of: Session, kind: NoteKind = NoteKind.RESOLUTION) -> str:
    return plain(write_note(of, kind), Cites.ALL)


def lines(note: Note, heading: str) -> list[str]:
    return [each.text for section, each in note.all_sentences() if section.heading == heading]


@pytest.mark.requirement("FLP-3.2", "TRUST-3")
def test_a_resolution_note_has_four_sections_and_each_sentence_cites_what_it_rests_on() -> None:
    of = session(
        fact(1, "Only the laptop asks"),
        fact(2, "Webmail works"),
        fixes=[fix(1, 1)],
        items=[item(1, LaneKind.ACTION, "Delete the entries", "4 removed")],
        scripts=[script(1, user="ana", pw=("S3cret-x", True))],
    )

    assert markdown(write_note(of, NoteKind.RESOLUTION), Cites.ALL) == (
        "## Problem\n\n- Outlook asks for the password. [P]\n\n"
        "## What we confirmed\n\n- Only the laptop asks. [F1]\n- Webmail works. [F2]\n\n"
        "## Root cause\n\n- The cache is old. [X1] [F1]\n\n"
        "## Resolution\n\n- Chosen as a one-off: Clear the cache. [X1]\n- Delete the entries. [X1]\n"
        "- PowerShell script made, with user = ana, pw = [redacted]. [S1]\n"
        "- Done: Delete the entries (4 removed). [L1]\n"
    )


@pytest.mark.requirement("FLP-4.1")
def test_an_escalation_has_five_sections_and_keeps_what_is_open_apart_from_what_was_tried() -> None:
    items = [
        item(1, LaneKind.CHECK, "Is it locked?", "no", fact_id="f1"),
        item(2, LaneKind.ACTION, "Restart", "no change"),
        item(3, LaneKind.QUESTION, "Since when?"),
        item(4, LaneKind.CHECK, "Read the log"),
    ]
    old = fix(1, 1, title="Reinstall", decided=FixDecision.DISMISSED)
    of = session(fact(1, "The account is not locked"), items=items, fixes=[old, fix(2, 1, decided=None)])

    note = write_note(of, NoteKind.ESCALATION)

    assert [str(section.heading) for section in note.sections] == [
        "Problem", "What we've confirmed", "What we've tried", "Current hypothesis", "Suggested next steps",
    ]  # fmt: skip
    assert lines(note, "What we've tried") == [
        "Checked: Is it locked? (F1).",
        "Done: Restart (no change).",
        "Considered and dismissed: Reinstall.",
    ]
    assert lines(note, "Current hypothesis") == ["The cache is old."]
    assert lines(note, "Suggested next steps") == [
        "Suggested fix, not decided: Clear the cache.",
        "Delete the entries.",
        "To check: Read the log.",
        "To ask: Since when?",
    ]


def test_company_and_ticket_are_said_once() -> None:
    ticket = TicketRef("connectwise", "48204", {"summary": "VPN drops"})
    cases = {
        "The VPN of Acme drops, ticket 48204": ["The VPN of Acme drops, ticket 48204.", "Ticket: VPN drops."],
        "VPN drops": ["VPN drops.", "Company: Acme Corp.", "Ticket 48204."],
        "VPN drops at Acme Corp (CW-48204)": ["VPN drops at Acme Corp (CW-48204)."],
    }
    for problem, told in cases.items():
        made = replace(session(problem=problem), company="Acme Corp", ticket=ticket)
        assert lines(write_note(made, NoteKind.RESOLUTION), "Problem") == told


def test_empty_sections_say_so_and_cite_nothing() -> None:
    note = write_note(session(), NoteKind.RESOLUTION)

    assert [section.empty for section in note.sections if not section.sentences] == [
        "No facts are recorded.", "No root cause is recorded.", "No fix and no action is recorded.",
    ]  # fmt: skip
    assert "_No root cause is recorded._" in markdown(note)


@pytest.mark.requirement("TRUST-3")
def test_a_fact_that_was_taken_back_is_used_nowhere_nor_is_what_rested_on_it() -> None:
    of = session(
        fact(1, "Port 25 is blocked", gone=True, ref="i1"),
        fact(2, "The scanner times out"),
        items=[item(1, LaneKind.CHECK, "Is the port open?", "Port 25 is blocked", fact_id="f1")],
        fixes=[fix(1, 1, 2, root_cause="Port 25 is blocked.", description="As port 25 is blocked, open it.")],
    )

    for kind in NoteKind:
        assert "25" not in written(of, kind)
        assert "rested on F1, taken back since" in written(of, kind)


def test_of_contradicting_facts_all_are_named_and_none_is_chosen() -> None:
    of = session(
        fact(1, "Webmail works"), fact(2, "The webmail does not work"), fact(3, "It is slow"), fixes=[fix(1, 2)]
    )

    note = write_note(of, NoteKind.RESOLUTION)

    assert lines(note, "What we confirmed") == [
        "Not settled, the facts disagree: “Webmail works” (F1); “The webmail does not work” (F2).", "It is slow.",
    ]  # fmt: skip
    assert lines(note, "Root cause") == ["Not settled, as F1 and F2 disagree: The cache is old."]


@pytest.mark.parametrize(
    ("one", "other", "disagree"),
    [
        ("The account is locked", "The account is not locked", True),
        ("Ana can sign in", "Ana's sign-in fails", True),
        ("The service is disabled", "The service is enabled", True),
        ("The mailbox has 48 GB", "The mailbox has 52 GB", True),
        ("It works without VPN", "It works with VPN", False),
        ("Outlook does not start", "Outlook starts now", False),
        ("Server 1 is reachable", "Server 2 is reachable", False),
        ("Outlook works for Ana", "Outlook fails for Tom", False),
        ("It works from home", "It fails from the office", False),
        ("Outlook no longer starts", "Outlook starts", False),
    ],
)
def test_only_what_cannot_both_be_so_counts_as_a_contradiction(one: str, other: str, disagree: bool) -> None:
    assert (conflicts([fact(1, one), fact(2, other)]) == (frozenset({1, 2}),)) is disagree


def test_two_answers_to_one_question_disagree_whatever_their_words() -> None:
    asked = [fact(1, "Seen since Monday", source="question", ref="i1"), fact(2, "New", source="question", ref="i1")]

    assert conflicts(asked) == (frozenset({1, 2}),)


@pytest.mark.requirement("FLP-3.2")
def test_a_secret_is_taken_out_everywhere_once_one_place_gives_it_away() -> None:
    of = session(
        fact(1, "Her new password is Herbst2026!"),
        fact(2, "The PIN is 4471"),
        fact(3, "Tz8-lamp was typed by hand"),
        items=[item(1, LaneKind.ACTION, "Type it on the phone", "typed Herbst2026!, mail came")],
        scripts=[script(1, user="ana", AdminPassword="Tz8-lamp", token="secret:acme", path="/srv/data")],
    )

    for kind in NoteKind:
        text = written(of, kind)
        assert not any(secret in text for secret in ("Herbst2026", "4471", "Tz8-lamp", "secret:acme"))
        assert "user = ana, AdminPassword = [redacted], token = [redacted], path = /srv/data" in text


@pytest.mark.parametrize(
    "harmless",
    [
        "The password expires in 14 days",
        "The password was changed on 2026-11-16 at 10:15",
        "Password of ana@acme.example was reset",
        "Password hash sync runs every 30 minutes",
        "Error 0x8004010F in Outlook 16.0.17928 after KB5031354",
        "The server 10.0.4.12 answers on port 8443",
    ],
)
def test_words_about_passwords_are_not_taken_for_them(harmless: str) -> None:
    assert f"{harmless}." in written(session(fact(1, harmless)))


TEXTS = st.sampled_from(
    ["It works", "It does not work", "Drive D has 2 GB", "Drive D has 9 GB", "ضوء أحمر", "Since May"]
)


@given(st.lists(st.tuples(TEXTS, st.booleans()), max_size=8), st.sets(st.integers(1, 9), max_size=3))
@pytest.mark.requirement("TRUST-3")
def test_every_sentence_cites_something_that_stands_and_every_known_fact_is_told(
    drawn: list[tuple[str, bool]], rests: set[int]
) -> None:
    facts = [fact(number, text, gone=gone) for number, (text, gone) in enumerate(drawn, 1)]
    of = session(*facts, fixes=[fix(1, *sorted(rests))])
    standing = {each.label for each in of.known} | {"P", "X1"}

    for kind in NoteKind:
        note = write_note(of, kind)
        cited = [set(each.cites) for _, each in note.all_sentences()]
        assert all(cites and cites <= standing for cites in cited)
        assert {each.label for each in of.known} <= set().union(*cited)
        assert write_note(of, kind) == note


def test_500_facts_make_a_note_with_each_of_them_once() -> None:
    of = session(*[fact(number, f"Client PC-{number:04} has {number} updates") for number in range(1, 501)])

    note = write_note(of, NoteKind.RESOLUTION)

    assert len(lines(note, "What we confirmed")) == 500
