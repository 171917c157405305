"""Markup from outside does no harm; long things are cut where they may be."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.help import help_blocks
from blocks.text import (
    bold,
    code,
    date_token,
    escape,
    link,
    markdown,
    mention,
    to_plain,
    truncate,
    truncate_markup,
    unescape,
)
from services.accounts.types import Role
from services.commands import Commands, Reply
from services.effects.jira.base import shown
from services.slack.limits import MESSAGE_BLOCK_CHARACTERS, characters, fit_blocks, fit_update, pages, split_text

SCHEMA = Path(__file__).resolve().parents[3] / "shared" / "vendor" / "slack" / "Blocks.schema.json"
markup = st.lists(
    st.sampled_from(["word ", "\n", "```", "<@U123|sam>", "<https://x.test/a?b=1|a link>", "&lt;", "&amp;", "x" * 50])
).map("".join)


@pytest.mark.requirement("SYS-8")
@given(st.text())
def test_escaped_text_holds_no_markup_and_comes_back_whole(text: str) -> None:
    assert "<" not in escape(text)
    assert unescape(escape(text)) == text


@pytest.mark.requirement("SYS-8")
@given(st.text(alphabet=st.sampled_from(list("*_`<>!&| \nab"))))
def test_text_from_outside_cannot_break_out_of_its_formatting(text: str) -> None:
    shown = bold(text)
    if shown:
        assert shown[0] == shown[-1] == "*"
        assert "<" not in shown
        assert "\n" not in shown
    assert code(text).count("`") in (0, 2)
    assert link("https://x.test/|<!channel>", text).count("<") == 1


@pytest.mark.parametrize("url", ["javascript:alert(1)", "", "ftp://x", "<!channel>"])
def test_only_web_addresses_become_links(url: str) -> None:
    assert link(url, "a <b>") == "a &lt;b&gt;"


def test_the_pieces_of_markup_are_what_slack_reads() -> None:
    assert mention("U1", "Sam") == "<@U1>"
    assert mention(None, "Sam <sam>") == "Sam &lt;sam&gt;"
    instant = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
    assert date_token(instant, "date") == "<!date^1795428000^{date_short_pretty}|2026-11-23 10:00 UTC>"
    with pytest.raises(ValueError, match="naive"):
        date_token(datetime(2026, 11, 23))  # noqa: DTZ001


def test_slacks_markup_is_read_as_plain_text_for_other_systems() -> None:
    typed = "<@U1|sam> and <@U2> see <#C1|general> &amp; <https://x.test|the page> <mailto:a@x.test|a@x.test> &lt;b&gt;"
    assert to_plain(typed, {"U2": "Lee"}) == "@sam and @Lee see #general & the page (https://x.test) a@x.test <b>"
    assert to_plain("<!channel>") == "@channel"


@given(st.text(max_size=200), st.integers(0, 60))
def test_shortened_text_is_never_too_long_and_short_text_is_left_alone(text: str, limit: int) -> None:
    assert len(truncate(text, limit)) <= limit
    assert len(truncate_markup(text, limit)) <= max(limit, 0)
    assert truncate(text, len(text)) == text


@given(markup, st.integers(60, 200))
def test_split_markup_keeps_every_character_and_cuts_no_link(text: str, limit: int) -> None:
    pieces = split_text(text, limit)
    assert all(len(piece) <= limit for piece in pieces)
    assert all(piece.count("<") == piece.count(">") for piece in pieces)
    assert _bare("".join(pieces)) == _bare(text)
    if text.count("```") % 2 == 0:
        assert all(piece.count("```") % 2 == 0 for piece in pieces)


def _bare(text: str) -> str:
    return text.replace("```", "").replace("\n", "")


def block_strategy() -> st.SearchStrategy[dict[str, Any]]:
    words = st.text("abc \n", min_size=1, max_size=9_000).filter(str.strip)
    section = words.map(lambda text: {"type": "section", "text": {"type": "mrkdwn", "text": text}})
    header = words.map(lambda text: {"type": "header", "text": {"type": "plain_text", "text": text}})
    fields = st.integers(1, 25).map(
        lambda n: {"type": "section", "fields": [{"type": "mrkdwn", "text": f"field {i}"} for i in range(n)]}
    )
    context = st.integers(1, 25).map(
        lambda n: {"type": "context", "elements": [{"type": "mrkdwn", "text": f"note {i}"} for i in range(n)]}
    )
    actions = st.integers(1, 30).map(
        lambda n: {
            "type": "actions",
            "elements": [
                {"type": "button", "action_id": f"go:{i}", "text": {"type": "plain_text", "text": "Go"}}
                for i in range(n)
            ],
        }
    )
    return st.one_of(section, header, fields, context, actions)


@pytest.mark.requirement("SLK-5")
@given(st.lists(block_strategy(), min_size=1, max_size=70))
def test_pages_keep_slacks_limits_and_every_button(blocks: list[dict[str, Any]]) -> None:
    shown = pages("Fallback", blocks)
    assert all(page.text.strip() and 1 <= len(page.blocks) <= 50 for page in shown)
    assert all(characters(page.blocks) <= MESSAGE_BLOCK_CHARACTERS for page in shown)
    assert buttons([block for page in shown for block in page.blocks]) == buttons(blocks)


@given(st.lists(block_strategy(), min_size=1, max_size=70))
def test_an_update_is_one_message_within_the_limits(blocks: list[dict[str, Any]]) -> None:
    page = fit_update("Fallback", blocks)
    assert len(page.blocks) <= 50
    assert characters(page.blocks) <= MESSAGE_BLOCK_CHARACTERS


def buttons(blocks: list[dict[str, Any]]) -> int:
    return sum(len(block["elements"]) for block in blocks if block["type"] == "actions")


@pytest.mark.skipif(not SCHEMA.is_file(), reason="Slack's documents are not beside the project")
@settings(max_examples=30)
@given(st.lists(block_strategy(), min_size=1, max_size=10))
def test_fitted_blocks_are_valid_by_slacks_schema(blocks: list[dict[str, Any]]) -> None:
    import jsonschema

    validator = jsonschema.Draft7Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    for page in pages("Fallback", blocks):
        assert not list(validator.iter_errors(list(page.blocks)))


def test_help_marks_what_the_role_may_not_do() -> None:
    commands = Commands()

    @commands.command("/pm", "run", summary="Run an agent", role=Role.PM, examples=("/pm run x",))
    async def run(request: object) -> Reply:
        return Reply("done")

    text = json.dumps(help_blocks(tuple(commands), Role.VIEWER))
    assert "needs the role pm" in text
    assert "needs the role" not in json.dumps(help_blocks(tuple(commands), Role.ADMIN))
    assert fit_blocks(help_blocks(tuple(commands), Role.PM))


def test_markdown_looks_in_slack_as_it_was_meant_and_calls_nobody() -> None:
    written = "# Now\n**Where this stands:** in *Done*, 2*3*4 <!channel>\n* one\n_two_"
    assert markdown(written) == "*Now*\n*Where this stands:* in _Done_, 2*3*4 &lt;!channel&gt;\n* one\n_two_"


def test_an_asterisk_in_a_title_does_not_end_its_bold() -> None:
    assert "*read*" not in bold("please *read* this")
    assert bold("please *read* this").replace("\u200b", "") == "*please *read* this*"


def test_a_name_from_jira_with_an_asterisk_keeps_its_bold_in_a_receipt() -> None:
    assert shown("In *hot* Review").replace("\u200b", "") == "*In *hot* Review*"
    assert "*hot*" not in shown("In *hot* Review")
    assert shown(None) == "nothing"
