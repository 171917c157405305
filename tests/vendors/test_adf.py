"""Markdown to ADF and ADF to text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.jira.adf import is_adf
from services.vendors.adf import adf_from_markdown, text_from_adf


def paragraph(*content: dict[str, Any]) -> dict[str, Any]:
    """Return a paragraph."""
    return {"type": "paragraph", "content": list(content)}


def text(words: str, *marks: str) -> dict[str, Any]:
    """Return a text node."""
    node: dict[str, Any] = {"type": "text", "text": words}
    return node | ({"marks": [{"type": mark} for mark in marks]} if marks else {})


def item(*content: dict[str, Any]) -> dict[str, Any]:
    """Return a list item."""
    return {"type": "listItem", "content": list(content)}


def blocks(markdown: str) -> list[dict[str, Any]]:
    """Return the blocks of a Markdown text."""
    document = adf_from_markdown(markdown)
    assert is_adf(document)
    content: list[dict[str, Any]] = document["content"]
    return content


def test_words_marks_and_line_breaks() -> None:
    assert blocks("A **b** *c* ~~d~~ `e`\nnext") == [
        paragraph(
            text("A "), text("b", "strong"), text(" "), text("c", "em"), text(" "), text("d", "strike"), text(" "),
            text("e", "code"), {"type": "hardBreak"}, text("next"),
        )
    ]  # fmt: skip


def test_code_carries_no_other_mark_for_jira_refuses_that() -> None:
    assert blocks("**`x`**") == [paragraph(text("x", "code"))]


def test_links_bare_urls_and_mentions() -> None:
    [block] = blocks("See [here](https://a.test/x) and https://b.test/y?q=1. Ask [~accountid:712020:bob]!")
    found = {n.get("text"): n["marks"][0]["attrs"]["href"] for n in block["content"] if n.get("marks")}
    assert found == {"here": "https://a.test/x", "https://b.test/y?q=1": "https://b.test/y?q=1"}
    assert {"type": "mention", "attrs": {"id": "712020:bob"}} in block["content"]


@pytest.mark.parametrize("markdown", ["[x](javascript:alert(1))", "[x](data:text/html,hi)", "[x](/relative)"])
def test_a_link_that_is_no_web_address_is_only_text(markdown: str) -> None:
    assert "href" not in str(blocks(markdown))


def test_raw_html_is_text() -> None:
    assert text_from_adf(adf_from_markdown("<b>x</b> <script>")) == "<b>x</b> <script>"


def test_blocks() -> None:
    kinds = [
        block["type"] for block in blocks("# H\n\ntext\n\n- a\n\n3. b\n\n```py\nx\n```\n\n> q\n\n---\n\n|a|\n|-|\n|1|")
    ]
    assert kinds == ["heading", "paragraph", "bulletList", "orderedList", "codeBlock", "blockquote", "rule", "table"]


def test_what_a_list_item_may_not_hold_is_flattened() -> None:
    [block] = blocks("- # head\n- > quoted\n  > more\n- x\n\n  ***\n-")
    inner = [[child["type"] for child in item["content"]] for item in block["content"]]
    assert inner == [["paragraph"], ["paragraph"], ["paragraph"], ["paragraph"]]


def test_nothing_gives_an_empty_document() -> None:
    assert adf_from_markdown("  \n ") == {"type": "doc", "version": 1, "content": []}


@given(st.text(alphabet=st.sampled_from("ab *_`~[]()#>-+1.\n\t|!<&\\\x00:/"), max_size=200))
def test_any_text_gives_a_document_that_jira_takes(markdown: str) -> None:
    assert is_adf(adf_from_markdown(markdown))


@given(st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=1, max_size=20))
def test_plain_words_come_back_as_they_went(words: list[str]) -> None:
    line = " ".join(words)
    assert text_from_adf(adf_from_markdown(line)) == line


def test_reading_lists_tables_cards_and_what_is_unknown() -> None:
    done = {"type": "taskItem", "attrs": {"state": "DONE"}, "content": [text("did")]}
    document = {
        "type": "doc",
        "version": 1,
        "content": [
            {
                "type": "orderedList",
                "attrs": {"order": 3},
                "content": [
                    item(paragraph(text("three"))),
                    {
                        "type": "listItem",
                        "content": [
                            paragraph(text("four")),
                            {
                                "type": "bulletList",
                                "content": [{"type": "listItem", "content": [paragraph(text("in"))]}],
                            },
                        ],
                    },
                ],
            },
            {
                "type": "taskList",
                "content": [done],
            },
            {"type": "panel", "content": [paragraph(text("note "), {"type": "mention", "attrs": {"text": "@Al"}})]},
            {"type": "futureThing", "content": [paragraph(text("kept"))]},
            {"type": "blockCard", "attrs": {"url": "https://a.test"}},
            paragraph({"type": "date", "attrs": {"timestamp": "1767225600000"}}),
            {"type": "mediaSingle", "content": [{"type": "media", "attrs": {"alt": "shot.png"}}]},
        ],
    }
    assert text_from_adf(document) == (
        "3. three\n4. four\n   - in\n\n[x] did\n\nnote @Al\n\nkept\n\nhttps://a.test\n\n2026-01-01\n\n[shot.png]"
    )


def test_wiki_markup_of_webhooks_and_nothing_are_read_too() -> None:
    assert text_from_adf("h1. Wiki\x00") == "h1. Wiki"
    assert text_from_adf(None) == ""
