"""How tickets and receipts look: whole, escaped, within Slack's limits."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.receipts import kept_blocks, receipt_blocks, receipt_text, undone_blocks
from blocks.tickets import MOVE_TO_ACTION, card_blocks, card_text, choice_blocks, comment_modal, draft_blocks
from services.effects import Actor, EffectStatus, Receipt
from services.tickets import Draft, TicketCard

AT = datetime(2026, 11, 18, 15, 30, tzinfo=UTC)
RECEIPT = Receipt(
    effect_id=7,
    operation="jira.priority",
    target="APP-1",
    summary="Set the priority of *APP-1* from *Medium* to *High*",
    url="https://site.test/browse/APP-1",
    actor=Actor(3, "Bob <!here>"),
    status=EffectStatus.DONE,
    before={"priority": "Medium"},
    after={"priority": "High"},
    at=AT,
    undo_until=AT + timedelta(minutes=10),
)
CARD = TicketCard(
    key="APP-1",
    summary="<!channel> fix",
    issue_type="Task",
    status="To Do",
    priority=None,
    assignee=None,
    epic_key=None,
    epic_summary="",
    url="https://site.test/browse/APP-1",
    possible=("In Progress", "Blocked"),
)


def texts(node: Any) -> list[str]:
    """Return every text in blocks."""
    if isinstance(node, list):
        return [text for part in node for text in texts(part)]
    if not isinstance(node, dict):
        return []
    own = [node["text"]] if isinstance(node.get("text"), str) else []
    return own + [text for value in node.values() for text in texts(value)]


@pytest.mark.requirement("TRUST-1")
def test_a_receipt_says_what_where_by_whom_when_and_offers_undo() -> None:
    what, who, actions = receipt_blocks(RECEIPT)
    assert what["text"]["text"] == (
        ":white_check_mark: Set the priority of *APP-1* from *Medium* to *High*  "
        "<https://site.test/browse/APP-1|APP-1 in Jira>"
    )
    [context] = texts(who)
    assert context.startswith("by Bob &lt;!here&gt; · <!date^1795015800^")
    assert [element["action_id"] for element in actions["elements"]] == ["receipt.undo:7"]
    assert "APP-1" in receipt_text(RECEIPT)


@pytest.mark.parametrize("status", [EffectStatus.UNCHANGED, EffectStatus.DONE])
def test_without_a_way_back_there_is_no_button(status: EffectStatus) -> None:
    blocks = receipt_blocks(replace(RECEIPT, undo_until=None, status=status))
    assert "actions" not in [block["type"] for block in blocks]


def test_what_became_of_an_undo_takes_the_buttons_place() -> None:
    for blocks in (
        undone_blocks(RECEIPT, replace(RECEIPT, effect_id=8, actor=Actor(4, "Alice"))),
        kept_blocks(RECEIPT, "Too late."),
    ):
        assert "actions" not in [block["type"] for block in blocks]
    assert "Too late." in "".join(texts(kept_blocks(RECEIPT, "Too late.")))


def test_a_card_without_possible_moves_has_no_select() -> None:
    with_moves, without = card_blocks(CARD)[1], card_blocks(replace(CARD, possible=()))[1]
    assert [element["type"] for element in with_moves["elements"]] == ["static_select", "button", "button", "button"]
    assert [element["type"] for element in without["elements"]] == ["button", "button", "button"]


@given(st.text(max_size=4000), st.text(min_size=1, max_size=300))
def test_nothing_calls_anybody_or_outgrows_slack_whatever_a_ticket_holds(text: str, name: str) -> None:
    card = replace(CARD, summary=text, assignee=name, epic_key="APP-2", epic_summary=text, possible=(name,))
    draft = Draft("d1", "APP-1", text[:3000], "rule-based", text)
    modal = comment_modal("APP-1", text=text)
    for blocks in (card_blocks(card), draft_blocks(draft, CARD.url), choice_blocks("No", "APP-1", [name], "x")):
        for block in blocks:
            said = texts(block)
            assert all(len(shown) <= 3000 for shown in said)
            if block["type"] in ("section", "context"):
                assert not any("<!" in shown.replace("<!date", "") or "<@" in shown for shown in said)
    assert "<!channel" not in card_text(CARD)
    assert len(modal["blocks"][0]["element"].get("initial_value", "")) <= 3000


def test_choices_are_buttons_that_know_the_ticket() -> None:
    [_, actions] = choice_blocks("Which?", "APP-1", ["QA", "Done"], MOVE_TO_ACTION)
    assert [json.loads(button["value"]) for button in actions["elements"]] == [
        {"key": "APP-1", "choice": "QA"},
        {"key": "APP-1", "choice": "Done"},
    ]
    assert len({button["action_id"] for button in actions["elements"]}) == 2
    assert len(choice_blocks("None", "APP-1", [], MOVE_TO_ACTION)) == 1


def test_a_draft_reads_in_slack_as_it_will_in_jira_and_names_its_model() -> None:
    draft = Draft("d1", "APP-1", "**Next:** wait for *QA*", "anthropic:claude-sonnet")
    said = [str(block) for block in draft_blocks(draft, "https://jira.test/browse/APP-1")]
    assert "'*Next:* wait for _QA_'" in said[1]
    assert "By Claude Sonnet. Check it" in said[2]
