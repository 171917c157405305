"""The task lane and the forms: within Slack's limits, whatever stands in a session."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.pilot import draw_lane, draw_root
from blocks.pilot.answer import effort_note, growing
from blocks.pilot.forms import answer_form, edit_form, edited_text, facts_view
from blocks.pilot.lists import none_said
from blocks.pilot.note import Confirmation, confirm_form, pieces_of, sections_of, text_of
from sandbox.client import blocks_text
from services.pilot.notes import NoteKind, editable, write_note
from services.pilot.scripts.risk import assess
from services.pilot.scripts.types import Language
from services.pilot.state.moment import Moment
from services.pilot.state.standing import opened
from services.pilot.types import (
    Fact,
    FactSource,
    FixDecision,
    ItemStatus,
    LaneItem,
    LaneKind,
    Session,
    SessionStatus,
    SuggestedFix,
    TicketRef,
)
from services.slack.limits import MESSAGE_BLOCK_CHARACTERS, MESSAGE_BLOCKS, VIEW_BLOCKS, characters

NOW = datetime(2026, 11, 18, 15, 30, tzinfo=UTC)
HOSTILE = "<!channel> *_~`" * 20 + " الطابعة لا تعمل"


def fact(number: int, text: str, source: FactSource = FactSource.MANUAL) -> Fact:
    return Fact(f"fact-{number:032}", number, text, source, None, 1, NOW, NOW)


def item(number: int, kind: LaneKind, text: str, *options: str) -> LaneItem:
    return LaneItem(f"item-{number:032}", kind, text, options=options, detail="How: " + text)


def session(**changes: Any) -> Session:
    return replace(opened(Moment(NOW, 1), "Outlook keeps asking"), **changes)


def fix(**changes: Any) -> SuggestedFix:
    made = SuggestedFix(
        id="fix-1",
        title="Restart the spooler",
        description="Restart it.",
        root_cause="It hangs.",
        fact_numbers=(1, 2),
        script_language="powershell",
        script_body="Restart-Service Spooler",
        template_id=None,
        proposed_by="rule-based",
        user_decision=None,
        decided_by_member_id=None,
        decided_at=None,
        superseded_at=None,
        created_at=NOW,
    )
    return replace(made, **changes)


def labels(blocks: list[dict[str, Any]]) -> list[str]:
    return [each["text"]["text"] for block in blocks if block["type"] == "actions" for each in block["elements"]]


@pytest.mark.requirement("FLP-7.1", "SLK-7")
def test_each_section_of_an_empty_lane_says_what_will_stand_there() -> None:
    text, blocks = draw_lane(session(), None)
    shown = blocks_text(blocks)
    for words in ("Nothing yet", "Nothing is open to ask", "Nothing is waiting to be checked", "None yet"):
        assert words in shown
    assert "0 facts" in text
    assert labels(blocks) == ["Add a note", "Resolve…", "Escalate…"]


@pytest.mark.requirement("SLK-5")
def test_a_lane_of_500_hostile_facts_and_many_tasks_fits_one_message_with_all_its_buttons() -> None:
    facts = tuple(fact(number, HOSTILE) for number in range(1, 501))
    kinds = (LaneKind.QUESTION, LaneKind.CHECK)
    items = tuple(item(number, kinds[number % 2], HOSTILE, "Yes", "No", "Perhaps") for number in range(60))
    full = session(facts=facts, items=items, fixes=(fix(description=HOSTILE, root_cause=HOSTILE),))
    _, blocks = draw_lane(full, assess(Language.POWERSHELL, "Restart-Service Spooler"))
    assert len(blocks) <= MESSAGE_BLOCKS
    assert characters(blocks) <= MESSAGE_BLOCK_CHARACTERS
    assert "<!channel>" not in json.dumps(blocks)
    assert {"Answer…", "Done…", "All facts…", "Resolve…", "Escalate…", "Use as one-off", "Dismiss"} <= set(
        labels(blocks)
    )
    assert "`F500`" in blocks_text(blocks)
    pages = int(blocks_text(facts_view(full)["blocks"]).split("Page 1 of ")[1].split()[0])
    seen = [facts_view(full, page) for page in range(pages)]
    assert all(len(view["blocks"]) <= VIEW_BLOCKS for view in seen)
    assert sum("`F" in blocks_text([block]) for view in seen for block in view["blocks"]) == 500


@pytest.mark.requirement("FLP-2.3", "SLK-5")
def test_a_long_fact_is_read_and_edited_to_its_last_word() -> None:
    longest = fact(7, "word " * 799 + "\nlast <&>")
    shown = facts_view(session(facts=(longest,) * 60))["blocks"]
    assert len(shown) <= VIEW_BLOCKS
    assert "last &lt;&amp;&gt;" in blocks_text(shown)
    form = edit_form(session(facts=(longest,)), longest)
    held = {block["block_id"]: block["element"]["initial_value"] for block in form["blocks"]}
    assert all(len(value) <= 3000 for value in held.values())
    assert all(block["element"]["multiline"] for block in form["blocks"])
    assert edited_text(json.loads(form["private_metadata"])["inputs"], held.get) == longest.text


@pytest.mark.requirement("SLK-4")
def test_values_of_menus_and_ids_keep_slacks_limits() -> None:
    full = session(facts=(fact(1, "A"),), items=(item(1, LaneKind.QUESTION, "Why?", *("x" * 200 for _ in range(3))),))
    _, blocks = draw_lane(full, None)
    menus = [block["accessory"] for block in blocks if "accessory" in block]
    assert len(menus) == 2
    for menu in menus:
        assert len(menu["action_id"]) <= 255
        assert 2 <= len(menu["options"]) <= 5
        for option in menu["options"]:
            assert len(option["value"]) <= 75
            assert len(option["text"]["text"]) <= 75


@pytest.mark.requirement("FLP-7.1", "SLK-4")
def test_the_newest_question_and_check_have_their_options_as_buttons_and_the_others_in_their_menus() -> None:
    many = tuple("ABCDEF")
    items = (
        item(1, LaneKind.QUESTION, "Old?", "Yes", "No"),
        replace(item(2, LaneKind.QUESTION, "Asked anew?", *many), changed_in=9),
        item(3, LaneKind.QUESTION, "Any words?"),
        *(item(number, LaneKind.CHECK, f"Look {number}", "Works", "Fails") for number in range(4, 14)),
    )
    _, blocks = draw_lane(session(items=items), None)
    rows = {block["block_id"]: block["elements"] for block in blocks if block["type"] == "actions"}
    assert [each["text"]["text"] for each in rows[f"pilot.options:{items[1].id}"]] == list("ABCD")
    assert [each["text"]["text"] for each in rows[f"pilot.options:{items[-1].id}"]] == ["Works", "Fails"]
    assert len(rows) == 3
    ids = [each["action_id"] for elements in rows.values() for each in elements]
    assert len(ids) == len(set(ids))
    menus = {
        block["accessory"]["action_id"]: [
            (each["text"]["text"], each["value"]) for each in block["accessory"]["options"]
        ]
        for block in blocks
        if "accessory" in block
    }
    shown = {item_id: menu for item_id, menu in menus.items() if items[0].id in item_id or items[1].id in item_id}
    assert list(shown.values()) == [
        [("Yes", "option0"), ("No", "option1"), ("Answer…", "answer"), ("Put aside", "dismiss")],
        [("E", "option4"), ("F", "option5"), ("Answer…", "answer"), ("Put aside", "dismiss")],
    ]
    assert "Look 13" in blocks_text(blocks)
    assert "4 more wait" in blocks_text(blocks)


@pytest.mark.requirement("FLP-2.3", "SLK-4")
def test_facts_from_questions_offer_no_edit_and_an_ended_session_offers_only_to_open_it_again() -> None:
    facts = (fact(1, "Asked", FactSource.QUESTION), fact(2, "Noted"))
    answered = LaneItem("i", LaneKind.QUESTION, "Sure?", ItemStatus.DONE, answer="not sure")
    _, blocks = draw_lane(session(facts=facts, items=(answered,)), None)
    offered = [[o["text"]["text"] for o in b["accessory"]["options"]] for b in blocks if "accessory" in b]
    assert offered == [["Answer anew", "Take back"], ["Edit…", "Take back"]]
    assert "1 answered without a certain fact" in blocks_text(blocks)
    ended = session(facts=facts, fixes=(fix(user_decision=FixDecision.ONE_OFF),), status="resolved")
    _, blocks = draw_lane(replace(ended, status=type(session().status)("resolved")), None)
    assert labels(blocks) == ["Open again"]
    for dead in ("Nothing yet", "to ask", "to be checked", "None yet"):
        assert dead not in blocks_text(blocks)
    assert "Decided: used as a one-off" in blocks_text(blocks)


@pytest.mark.requirement("TRUST-6", "FLP-3.1")
def test_the_fix_shows_cause_facts_risk_and_the_way_back_before_its_buttons() -> None:
    _, blocks = draw_lane(session(fixes=(fix(),)), assess(Language.POWERSHELL, "Restart-Service Spooler"))
    shown = blocks_text(blocks)
    for words in ("Cause: It hangs.", "Rests on F1, F2", "Changes settings", "Way back", "Build template…"):
        assert words in shown


@pytest.mark.requirement("SLK-8")
def test_costs_and_long_answers_are_told_in_small_print_and_nothing_where_rules_answered() -> None:
    for cost, words in ((23_456, "· $0.02"), (900, "· under $0.01")):
        assert words in blocks_text(draw_lane(session(), None, cost)[1])
    assert "$" not in blocks_text(draw_lane(session(), None)[1])
    assert blocks_text([effort_note(102.4, 12_345)]) == "Took 1 min 42 s · $0.01"
    assert blocks_text([effort_note(12.0, 0)]) == "Took 12 s"
    assert "12 s" in blocks_text(growing("It may be the cable", "s-1", 12.3)[1])
    assert " s" not in blocks_text(growing("Cable?", "s-1", 3.0)[1])


@pytest.mark.requirement("FLP-7.1", "SLK-3")
def test_the_root_says_how_the_session_stands() -> None:
    ticket = TicketRef("connectwise", "1", {"label": "CW-1", "url": "https://cw/1", "status": "In Progress"})
    for status, words in ((SessionStatus.OPEN, "open · <https://cw/1|CW-1> (In Progress)"), ("escalated", "escalated")):
        text, blocks = draw_root(session(status=SessionStatus(status), ticket=ticket, closed_at=NOW), "<@U1>")
        assert words in blocks_text(blocks)
    assert "In Progress" not in blocks_text(blocks)
    assert "Open again" in blocks_text(blocks)
    assert "(escalated)" in text


def test_a_search_that_finds_nothing_says_what_was_looked_for() -> None:
    assert "You have no open session" in none_said("")[0]
    assert "No open session has the words “a &lt;b&gt;”" in none_said("a <b>")[0]
    assert "resume" not in none_said("vpn", ended_too=True)[0]


def test_a_problem_of_one_line_is_said_once_in_the_root() -> None:
    linked = session(problem="Outlook keeps asking, ticket 12", ticket=TicketRef("connectwise", "12"))
    for each in (session(), linked):
        text, blocks = draw_root(each, "<@U1>")
        assert blocks_text(blocks).count("Outlook keeps asking") == 1
    assert "Outlook" in text


def test_one_item_is_answered_by_its_options_or_in_words_several_are_chosen_from() -> None:
    items = [item(1, LaneKind.QUESTION, "Why?", "This", "That"), item(2, LaneKind.QUESTION, "When?")]
    single = answer_form(session(), items[:1], items[0])
    assert [block["block_id"] for block in single["blocks"] if block["type"] == "input"] == ["chosen", "text"]
    several = answer_form(session(), items, items[1])
    assert [block["block_id"] for block in several["blocks"] if block["type"] == "input"] == ["which", "text"]


@pytest.mark.requirement("FLP-4.2", "SLK-5")
@pytest.mark.parametrize("kind", list(NoteKind))
def test_a_note_that_nobody_touched_comes_back_from_the_form_as_it_was(kind: NoteKind) -> None:
    facts = tuple(fact(number, f"{number} " + "long " * 700) for number in range(1, 4))
    note = editable(write_note(session(facts=facts), kind)).strip()
    sections = sections_of(note)
    held = {
        f"note{number}_{page}{'c' if continues else ''}": piece
        for number, (_, body) in enumerate(sections)
        for page, (piece, continues) in enumerate(pieces_of(body))
    }
    assert len(held) > len(sections)
    assert text_of([heading for heading, _ in sections], held) == note


@pytest.mark.requirement("SLK-5")
@pytest.mark.parametrize("heading", ["A heading", "A heading that is long " * 9, "Very long " * 250])
def test_a_note_with_any_number_of_headings_fits_its_form_and_comes_back(heading: str) -> None:
    note = "\n\n".join(f"## {heading}{number}\n\nwords" for number in range(150))
    note = note[: note.rindex("\n\n## ", 0, 24_000)]
    form = confirm_form(note, Confirmation("s", "resolution", 1, "d", "", (), "", ""))
    assert len(form["blocks"]) < VIEW_BLOCKS
    assert len(form["private_metadata"]) < 3_000
    inputs = [block for block in form["blocks"] if block["type"] == "input"]
    held = {block["block_id"]: block["element"].get("initial_value", "") for block in inputs}
    again = text_of(json.loads(form["private_metadata"])["headings"], held)
    assert [line for line in again.split("\n") if line] == [line for line in note.split("\n") if line]


@given(st.text(alphabet="ab \n", max_size=8000).map(lambda text: text.strip("\n")), st.integers(1, 4000))
def test_pieces_of_a_section_fit_inputs_and_lose_nothing(body: str, width: int) -> None:
    pieces = pieces_of(body + "x" * width)
    assert all(len(piece) <= 3000 for piece, _ in pieces)
    joined = "".join(("" if continues or not at else "\n") + piece for at, (piece, continues) in enumerate(pieces))
    assert joined == body + "x" * width
