"""Markers are found in any text, however it is cut, and nothing of the text is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import InvalidInputError
from services.pilot.marker_tokens import LONGEST_INLINE
from services.pilot.markers import (
    LONGEST_BODY,
    Event,
    Malformed,
    Marker,
    MarkerKind,
    MarkerStream,
    Text,
    merged,
    parse,
    shown_text,
)
from services.pilot.proposals import Promotion, proposal_of
from services.pilot.types import LaneKind, NewFix, NewItem

PIECES = [
    *("[PROMOTE", ' id="x"', "]", "[/PROMOTE]", "[QUESTION]", "[/QUESTION]", "[CHECK]", "[/CHECK]", "[/ACTION]"),
    *('[SUGGEST_FIX title="a"]', "[/SUGGEST_FIX]", "[NOTE]", "[", "[/", '="', '"', "\\", '\\"', " ", "\n", "\r\n"),
    *("`", "``", "```", "````", "~~~", "~", "```bash\n", "\n```\n", "*_~", "الحساب مقفل", "x", "QUEST", "\x00"),
]
TEXTS = st.one_of(st.lists(st.sampled_from(PIECES), max_size=25).map("".join), st.text(max_size=60))


def in_chunks(text: str, sizes: list[int]) -> list[Event]:
    """Parse a text cut into chunks of these sizes, again and again."""
    stream, events, position, turn = MarkerStream(), [], 0, 0
    while position < len(text):
        size = sizes[turn % len(sizes)]
        events += stream.feed(text[position : position + size])
        position, turn = position + size, turn + 1
    return merged([*events, *stream.finish()])


def only(text: str) -> Marker:
    """Return the one marker of a text."""
    (marker,) = (event for event in parse(text) if isinstance(event, Marker))
    return marker


@pytest.mark.requirement("FLP-3.1")
@given(TEXTS)
def test_any_text_comes_out_whole(text: str) -> None:
    assert "".join(event.source for event in parse(text)) == text


@given(TEXTS, st.lists(st.integers(1, 7), min_size=1, max_size=5))
def test_the_events_are_the_same_wherever_the_text_is_cut(text: str, sizes: list[int]) -> None:
    assert in_chunks(text, sizes) == parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "`a``[CHECK]b[/CHECK]``",
        "`a``b` [CHECK]c[/CHECK]",
        "``a```[CHECK]b[/CHECK]``",
        "```[CHECK]b[/CHECK]``` [CHECK]c[/CHECK]",
        "```[CHECK]b\n```[/CHECK] [CHECK]c[/CHECK]",
        "~~[CHECK]b[/CHECK]\n ~~~x\n[CHECK]b[/CHECK]\n~~\n~~~~\n[CHECK]c[/CHECK]",
        '[PROMOTE id="\\"]"\n ]x[/PROMOTE][/CHECK] [PROMOTE id="x"x]y',
        "[CHECK]`[/CHECK]\n[CHECK]a[/CHECKS][/CHECK]",
    ],
)
def test_each_place_to_cut_gives_the_same(text: str) -> None:
    whole = parse(text)
    assert in_chunks(text, [1]) == whole
    assert all(in_chunks(text, [cut, len(text)]) == whole for cut in range(1, len(text)))


@given(st.text(st.characters(exclude_characters="`~[", exclude_categories=["Cs"]), min_size=1).filter(str.strip))
def test_any_body_and_any_attribute_come_out_as_they_went_in(said: str) -> None:
    quoted = said.replace("\\", "\\\\").replace('"', '\\"')
    marker = only(f'before [SUGGEST_FIX title="{quoted}"]{said}[/SUGGEST_FIX] after')
    assert (marker.attributes["title"], marker.body) == (said, said.strip())


@given(TEXTS)
def test_what_is_in_a_code_block_is_text(text: str) -> None:
    fenced = "`````\n" + text.replace("`````", "") + "\n`````"
    assert [type(event) for event in parse(f"{fenced}\n")] == [Text]


def test_a_stream_gives_text_out_before_the_markers_end_has_come() -> None:
    stream = MarkerStream()
    assert stream.feed("Let us look. [QUES") == [Text("Let us look. ")]
    assert stream.feed("TION]Is it on?[/QUEST") == []
    (marker,) = stream.feed("ION]")
    assert marker == Marker(MarkerKind.QUESTION, {}, "Is it on?", "[QUESTION]Is it on?[/QUESTION]")
    assert stream.finish() == []


@pytest.mark.parametrize(
    "text",
    [
        "`[QUESTION]a[/QUESTION]`",
        "``[QUESTION]a`b[/QUESTION]``",
        "```\n[QUESTION]a[/QUESTION]\n```",
        "~~~ bash\n[QUESTION]a[/QUESTION]\n~~~",
        "Try: ```powershell\n[QUESTION]a[/QUESTION]",
        "```\n```python\n[QUESTION]a[/QUESTION]\n",
        "[NOTE]a[/NOTE] [question]a[/question] [QUESTIONS]a[/QUESTIONS] [QUESTION",
    ],
)
def test_in_code_and_with_unknown_names_there_are_no_markers(text: str) -> None:
    assert parse(text) == [Text(text)]


@pytest.mark.parametrize(
    "text",
    [
        "[QUESTION]never ends",
        "[QUESTION]a [CHECK]b[/CHECK] c[/QUESTION]",
        "[QUESTION]a [QUESTION]b[/QUESTION]",
        "[QUESTION]  [/QUESTION]",
        "[QUESTION]a[/CHECK] b[/QUESTION]",
        "[/PROMOTE]",
    ],
)
@pytest.mark.requirement("FLP-3.1")
def test_what_breaks_the_grammar_is_shown_and_does_nothing(text: str) -> None:
    assert parse(text) == [Malformed(text)]
    assert shown_text(parse(text)) == text


@pytest.mark.parametrize(
    "head",
    [
        "[PROMOTE]",
        '[PROMOTE id="a" id="b"]',
        '[PROMOTE ref="a"]',
        "[PROMOTE id=a]",
        '[PROMOTE id="a]',
        '[PROMOTE id"a"]',
        '[PROMOTE id="a"title="b"]',
        '[PROMOTE id="a" colour="b"]',
        f'[PROMOTE id="{"a" * 3000}"]',
    ],
)
def test_a_head_that_breaks_the_rules_opens_nothing(head: str) -> None:
    events = parse(f"{head}x[/PROMOTE] then [CHECK]y[/CHECK]")
    assert [event.body for event in events if isinstance(event, Marker)] in (["y"], [])
    assert not any(event.kind is MarkerKind.PROMOTE for event in events if isinstance(event, Marker))
    assert head in shown_text(events)


def test_a_lone_backtick_hides_no_marker() -> None:
    assert only("It's 5 ` o'clock [CHECK]the dns name[/CHECK]").body == "the dns name"


def test_a_marker_that_never_ends_does_not_swallow_what_follows_for_ever() -> None:
    text = f"[QUESTION]{'x' * (LONGEST_BODY + 10)} [CHECK]y[/CHECK]"
    events = parse(text)
    assert [type(event) for event in events] == [Malformed, Text, Marker]
    assert in_chunks(text, [1000, 7]) == events


def test_text_is_held_back_for_a_bounded_time_only() -> None:
    text = f"an odd ` {'x' * LONGEST_INLINE} `[CHECK]y[/CHECK]`"
    assert only(text.removesuffix("`").replace("`[", "[")).body == "y"
    for size in (1, 7, LONGEST_INLINE):
        assert in_chunks(text, [size]) == parse(text)
    stream = MarkerStream()
    shown = stream.feed("` " + "x" * LONGEST_INLINE)
    assert shown_text(shown) == "` " + "x" * LONGEST_INLINE


def test_long_answers_in_small_chunks_are_read_in_time_that_grows_with_their_length() -> None:
    text = '[SUGGEST_FIX title="t"]' + "word `code` [x] ~ \\ \n" * 900 + "[/SUGGEST_FIX]"
    assert len(text) < LONGEST_BODY
    assert in_chunks(text, [3]) == parse(text)


@pytest.mark.parametrize("gap", ["\n", "", "\n\n  "])
def test_a_fix_carries_its_script_which_may_hold_anything(gap: str) -> None:
    body = f"Clear it.{gap}```powershell\nWrite-Host '[/SUGGEST_FIX]'\n```{gap}"
    fix = proposal_of(only(f'[SUGGEST_FIX title="Clear  cache" facts="F1, 3" cause="old"]{body}[/SUGGEST_FIX]'), "m")
    assert isinstance(fix, NewFix)
    assert (fix.title, fix.fact_numbers, fix.root_cause, fix.proposed_by) == ("Clear cache", (1, 3), "old", "m")
    assert (fix.script_language, fix.script_body) == ("powershell", "Write-Host '[/SUGGEST_FIX]'\n")
    assert fix.description == "Clear it."


def test_a_script_may_begin_right_behind_the_head_in_either_fence() -> None:
    for fence in ("```", "~~~~"):
        said = f'[SUGGEST_FIX title="t"]{fence}bash\necho "[/SUGGEST_FIX]"\n{fence} [/SUGGEST_FIX]'
        fix = proposal_of(only(said), "m")
        assert isinstance(fix, NewFix)
        assert (fix.script_language, fix.script_body) == ("bash", 'echo "[/SUGGEST_FIX]"\n')


def test_a_fix_whose_code_is_no_script_stays_one_text() -> None:
    fix = proposal_of(only('[SUGGEST_FIX title="t"]Set\n```\nkey=1\n```\n[/SUGGEST_FIX]'), "m")
    assert isinstance(fix, NewFix)
    assert (fix.script_body, fix.description) == ("", "Set\n```\nkey=1\n```")


def test_items_and_promotions_come_out_typed() -> None:
    question = proposal_of(only('[QUESTION options="Yes | No" detail="why"]Is it on?[/QUESTION]'), "m")
    assert question == NewItem(LaneKind.QUESTION, "Is it on?", ("Yes", "No"), "why", "m")
    assert proposal_of(only('[PROMOTE id="u-1"]It is on.[/PROMOTE]'), "m") == Promotion("u-1", "It is on.")


@pytest.mark.parametrize(
    "text",
    ['[SUGGEST_FIX title="t" facts="some"]x[/SUGGEST_FIX]', '[QUESTION options="1|2|3|4|5|6|7|8|9|10|11"]x[/QUESTION]'],
)
def test_what_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        proposal_of(only(text), "m")
