"""What the PM's message looks like, whatever the tickets are called."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.pm import epics as blocks
from services.pm.epic_assignment.service import list_hash
from services.pm.epic_assignment.types import (
    Basis,
    BulkApproval,
    BulkOutcome,
    Decision,
    DecisionKind,
    EpicChoice,
    ProjectList,
    SuggestionItem,
)
from services.slack.limits import MESSAGE_BLOCK_CHARACTERS, MESSAGE_BLOCKS, characters, fit_blocks

HOSTILE = "<!channel> *x* <@U0PRIYA> & `y` <https://evil.test|click>"
BASIS = Basis(66, 8, datetime(2026, 11, 18, 15, 30, tzinfo=UTC), "tfidf", "No key for OpenAI <here>.")


def item(number: int, confidence: float = 0.95, **changes: Any) -> SuggestionItem:
    """Return a ticket; below 0.3 without an epic."""
    made = SuggestionItem(
        ticket_key=f"SHOP-{number}",
        url=f"https://jira.test/browse/SHOP-{number}",
        summary=f"Ticket {number}",
        confidence=confidence,
        epic_key="SHOP-1" if confidence >= 0.3 else None,
        epic_name="Checkout",
        reasons=("text similarity 0.20",),
    )
    return replace(made, **changes)


def listing(*items: SuggestionItem) -> ProjectList:
    """Return a project's list."""
    return ProjectList("SHOP", "Storefront", items)


def shown(of: ProjectList, page: int = 1) -> list[dict[str, Any]]:
    """Return the whole message."""
    return blocks.list_blocks(blocks.intro_blocks(of, BASIS), of, page)


def labels(message: list[dict[str, Any]]) -> list[str]:
    """Return what can be clicked."""
    buttons = [e for b in message for e in [*b.get("elements", []), b.get("accessory") or {}]]
    return [button["text"]["text"] for button in buttons if button.get("type") == "button"]


@pytest.mark.requirement("PM-6.3")
def test_each_ticket_offers_its_epic_another_one_and_a_review() -> None:
    message = shown(listing(item(7, 0.1), item(8, 0.5), item(9)))
    assert labels(message) == [
        "Review manually", "Assign to SHOP-1", "Review manually", "Assign to SHOP-1", "Review manually",
    ]  # fmt: skip
    selects = [e for b in message for e in b.get("elements", []) if e["type"] == "external_select"]
    assert [select["action_id"] for select in selects] == [
        "epic_choose:SHOP-7",
        "epic_choose:SHOP-8",
        "epic_choose:SHOP-9",
    ]
    text = json.dumps(message)
    assert text.count("Needs PM review") == 2
    assert "95 %" in text


@pytest.mark.requirement("PM-6.3", "SLK-5")
@given(st.integers(0, 60), st.text(max_size=400), st.integers(-3, 12))
def test_a_page_of_any_list_fits_a_message_with_all_its_buttons(count: int, title: str, page: int) -> None:
    whole = listing(*(item(n, summary=title, epic_name=title, reasons=(title,) * 4) for n in range(count)))
    message = shown(whole, page)
    assert len(fit_blocks(message)) + 1 <= MESSAGE_BLOCKS
    assert characters(message) + 100 <= MESSAGE_BLOCK_CHARACTERS
    ids = [block["block_id"] for block in message if "block_id" in block]
    assert len(ids) == len(set(ids))
    assert all(len(label) <= 75 for label in labels(message))


@pytest.mark.requirement("SLK-5")
def test_a_long_list_is_paged_and_every_ticket_is_on_one_page() -> None:
    whole = listing(*(item(n) for n in range(23)))
    assert blocks.page_count(whole) == 3
    assert [label for label in labels(shown(whole, 1)) if label in ("Previous", "Next")] == ["Next"]
    assert [label for label in labels(shown(whole, 2)) if label in ("Previous", "Next")] == ["Previous", "Next"]
    assert [label for label in labels(shown(whole, 3)) if label in ("Previous", "Next")] == ["Previous"]
    pages = [{b["block_id"] for b in shown(whole, n) if b.get("block_id", "").startswith("epic:")} for n in (1, 2, 3)]
    assert len(set.union(*pages)) == sum(map(len, pages)) == 23
    assert blocks.page_of(whole, "SHOP-22") == 3


def test_markup_in_titles_is_inert() -> None:
    whole = listing(item(7, summary=HOSTILE, epic_name=HOSTILE), item(8))
    approval = BulkApproval("SHOP", whole.bulk, "")
    for message in (shown(whole), blocks.bulk_view(approval, "{}")["blocks"]):
        text = " ".join(b["text"]["text"] for b in message if b["type"] == "section")
        assert "<!channel>" not in text
        assert "<@U0PRIYA>" not in text
        assert "<https://evil" not in text
        assert "*x*" not in text


@pytest.mark.requirement("TRUST-7")
def test_the_message_says_what_it_rests_on() -> None:
    intro = json.dumps(blocks.intro_blocks(listing(item(7)), BASIS))
    assert "66 open tickets of SHOP" in intro
    assert "as of <!date^" in intro
    assert "TF-IDF stood in for the usual model: No key for OpenAI &lt;here&gt;." in intro


@pytest.mark.requirement("SLK-4")
def test_a_decision_takes_the_place_of_the_buttons() -> None:
    decision = Decision(DecisionKind.ASSIGNED, "SHOP-1", "Checkout", "U0PRIYA", "Priya", effect_id=5)
    message = shown(listing(item(7, decision=decision)))
    assert labels(message) == ["Undo"]
    assert "Assigned to *SHOP-1* *Checkout* by <@U0PRIYA>" in json.dumps(message)
    late = shown(listing(item(7, decision=replace(decision, effect_id=None))))
    assert labels(late) == []


def test_no_ticket_without_an_epic_is_said_so() -> None:
    assert "Every open ticket has an epic." in json.dumps(shown(listing()))
    assert blocks.message_text(listing()) == "SHOP: every open ticket has an epic or a decision."


@pytest.mark.requirement("PM-6.3")
def test_all_above_90_percent_counts_only_undecided_tickets_above_it() -> None:
    decided = item(1, decision=Decision(DecisionKind.REVIEW))
    whole = listing(decided, item(2, 0.9), item(3, 0.91), item(4, 0.99))
    assert "Assign all above 90 % (2)…" in labels(shown(whole))
    assert labels(shown(listing(item(3, 0.91))))[-1] == "Review manually"


@pytest.mark.requirement("TRUST-2")
def test_when_the_list_changed_only_the_difference_is_pointed_out() -> None:
    approval = BulkApproval("SHOP", (item(2), item(3, epic_key="SHOP-5")), "")
    lines = blocks.change_lines([("SHOP-2", "SHOP-1"), ("SHOP-3", "SHOP-1"), ("SHOP-4", "SHOP-1")], approval)
    assert lines == ["SHOP-4 is no longer in it", "SHOP-3: now SHOP-5 instead of SHOP-1"]
    assert list_hash([item(2)]) != list_hash([item(2, summary="Another title")])


def test_what_became_of_a_bulk_names_each_that_was_not_assigned() -> None:
    text = blocks.bulk_text(BulkOutcome("SHOP", ("SHOP-1",), (), (("SHOP-2", "Jira is down <now>"),)))
    assert text.splitlines()[0] == ":white_check_mark: 1 ticket assigned in SHOP."
    assert "SHOP-2 was not assigned: Jira is down &lt;now&gt;" in text
    assert "retry" in text


def test_options_fit_slacks_limit() -> None:
    (option,) = blocks.epic_options([EpicChoice("SHOP-1", "x" * 200)])["options"]
    assert len(option["text"]["text"]) <= 75
    assert option["value"] == "SHOP-1"
