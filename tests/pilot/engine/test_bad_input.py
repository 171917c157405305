"""What comes in without measure or in odd letters: notes and prompts stay bounded, whole and readable."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from blocks.pilot import draw_lane
from services.errors import InvalidInputError
from services.pilot.notes import Note, NoteKind, adf, editable, edited, markdown, slack_sections, write_note
from services.pilot.notes.edits import MAX_NOTE_CHARACTERS
from services.pilot.prompting import turn_input
from services.pilot.similar import Similar
from services.pilot.state import lane, proposals, standing
from services.pilot.state.moment import Moment
from services.pilot.types import ItemStatus, LaneKind, NewFix, NewItem, NewScript
from services.vendors.adf import text_from_adf
from tests.pilot.engine.conftest import Desk
from tests.pilot.notes.cases import fact, fix, item, session

NOW = datetime(2026, 11, 21, tzinfo=UTC)
LONG = "The *log* of _host_ `srv` says ~nothing~ " * 20
ODD = "تم تغيير كلمة المرور يوم الاثنين *bold* _it_ ~no~ `net use` <!channel> & 5 > 3"


def labels_told(note: Note) -> set[str]:
    return {label for _, sentence in note.all_sentences() for label in sentence.cites}


@pytest.mark.requirement("FLP-3.2", "FLP-4.1")
@pytest.mark.parametrize("kind", NoteKind)
def test_a_note_of_five_hundred_facts_fits_and_says_what_it_leaves_out(kind: NoteKind) -> None:
    # those that are told are as long as can be, the others short enough for their secrets to be looked for only once
    texts = [f"{number}: {LONG if number in (3, 7) or number > 470 else LONG[:480]}" for number in range(1, 501)]
    facts = [fact(number, text, ref=f"i{number}") for number, text in enumerate(texts, 1)]
    checks = [item(number, LaneKind.CHECK, f"Check {number}: {LONG[:200]}", "Yes") for number in range(1, 501)]
    full = session(*facts, problem="It fails. " * 1_100, fixes=[fix(1, 3, 7)], items=checks)
    note = write_note(full, kind)
    assert len(markdown(note)) < MAX_NOTE_CHARACTERS
    assert len(json.dumps(adf(note), ensure_ascii=False)) < 60_000
    assert {"F3", "F7", "F500"} <= labels_told(note), "what the fix rests on, and the newest"
    confirmed = note.sections[1]
    told = {label for sentence in confirmed.sentences for label in sentence.cites}
    assert f"{500 - len(told)} statements (facts F1 to F2, F4 to F6, F8 to" in confirmed.left_out
    assert all(confirmed.left_out in shown for shown in (markdown(note), text_from_adf(adf(note))))
    assert "Left out as the note" in "".join(section.text for section in slack_sections(note))
    assert edited(note, editable(note), full, 1) == note
    anew = edited(note, editable(note).replace("Left out", "Not told"), full, 1)
    assert "Not told as the note would be too long" in markdown(anew)
    assert not write_note(session(*facts[:10]), kind).sections[1].left_out


def test_a_prompt_of_five_hundred_facts_is_bounded_and_says_what_it_leaves_out() -> None:
    facts = [fact(number, f"{number}: {LONG}") for number in range(1, 501)]
    items = [item(number, LaneKind.QUESTION, f"Question {number}? {LONG[:500]}", LONG * 4) for number in range(1, 301)]
    full = session(*facts, fixes=[fix(number, 3) for number in range(1, 9)], items=items)
    told = turn_input(full, Similar(), [], "And now?")
    assert len(told.model_dump_json()) < 80_000
    assert {"F3", "F500"} <= set(told.state["facts"])
    assert told.state["left_out"]["facts"].startswith(f"{500 - len(told.state['facts'])} more, between F1 and F")
    assert told.state["left_out"]["items"].startswith(f"{300 - len(told.state['items'])} more")
    assert told.state["left_out"]["fixes"] == "3 older ones"
    assert "characters left out]" in told.state["items"][0]["answer"]
    assert turn_input(session(*facts[:9]), Similar(), [], "").state["left_out"] == {}


@pytest.mark.requirement("SLK-5")
async def test_arabic_signs_of_markup_and_turned_directions_are_shown_as_they_were_meant(desk: Desk) -> None:
    opened = await desk.open(f"Sign-in \u202efails\u202c for أحمد. {ODD}")
    opened = await desk.sessions.add_note(opened.id, f"\u2067{ODD}\u2069 \u202edrowssap", desk.alice)
    opened = await desk.sessions.add_items(
        opened.id, [NewItem(LaneKind.QUESTION, f"هل الحساب مقفل؟ {ODD}", ("نعم", "لا"))]
    )
    opened = await desk.sessions.answer_item(opened.id, opened.items[0].id, "نعم", desk.alice, promote=True)
    words, asked = (each.text for each in opened.known)
    assert words == f"{ODD} drowssap", "no sign that turns the direction of what follows is kept"
    assert asked == f"هل الحساب مقفل؟ {ODD}: نعم."
    note = write_note(opened, NoteKind.RESOLUTION)
    assert all(text in text_from_adf(adf(note)) for text in (words, asked))
    assert "\\*bold\\*" in markdown(note)
    shown = "".join(section.text for section in slack_sections(note))
    lane = json.dumps(draw_lane(opened, None)[1], ensure_ascii=False)
    for text in (shown, lane):
        assert "كلمة المرور يوم الاثنين \u200b*\u200bbold\u200b*" in text
        assert "&lt;!channel&gt; &amp; 5 &gt; 3" in text
        assert "<!channel>" not in text


def test_a_session_does_not_grow_without_end() -> None:
    moment = Moment(NOW, 1)
    made = standing.opened(moment, "Outlook asks again")
    with pytest.raises(InvalidInputError, match="cannot be one"):
        proposals.suggest_fix(made, moment, NewFix("Unlock", "It", template_id="an account's long name " * 3))
    for number in range(proposals.MOST_FIXES):
        made = proposals.suggest_fix(made, moment, NewFix(f"Fix {number}", "It"))
        made = proposals.add_script(made, moment, NewScript("bash", f"echo {number}", "one_off"))
    last = made.fixes[-1]
    assert proposals.suggest_fix(made, moment, NewFix(last.title, "It")) is made, "it is there already"
    with pytest.raises(InvalidInputError, match="300 suggested fixes"):
        proposals.suggest_fix(made, moment, NewFix("One more", "It"))
    with pytest.raises(InvalidInputError, match="300 scripts"):
        proposals.add_script(made, moment, NewScript("bash", "echo more", "one_off"))
    for first in range(0, lane.MOST_ITEMS, 40):
        made = lane.add_items(made, moment, [NewItem(LaneKind.ACTION, f"Do {first + n}") for n in range(40)])
        made = replace(made, items=tuple(replace(each, status=ItemStatus.DISMISSED) for each in made.items))
    with pytest.raises(InvalidInputError, match="1,000 questions"):
        lane.add_items(made, moment, [NewItem(LaneKind.CHECK, "Look again")])


def test_a_title_stays_as_long_as_its_column_when_something_stands_in_a_secrets_place() -> None:
    title = f"password: Hunter2x {'a' * 181}"
    made = proposals.suggest_fix(standing.opened(Moment(NOW), "It"), Moment(NOW), NewFix(title, "It"))
    assert "Hunter2x" not in made.fixes[0].title
    assert len(made.fixes[0].title) == proposals.LONGEST_TITLE == len(title)
