"""The parts around a call: the rule-based draft, prices, prompt files."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pydantic import SecretStr

from services.ai.prices import UNKNOWN_PRICE, Prices
from services.ai.routing import ModelChoice
from services.ai.tasks.ticket_draft import (
    DRAFT_COMMENT,
    CommentDraft,
    DraftInput,
    TicketFacts,
    draft_by_rules,
    problem_with,
)
from services.ai.types import TokenUse, stable_prompt
from services.settings import ModelPrice
from tests.ai.conftest import TICKET

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def _choice(label: str, *, is_own_server: bool = False) -> ModelChoice:
    vendor, _, name = label.partition(":")
    protocol = {"anthropic": "anthropic", "openai": "openai-chat", "google": "google"}[vendor]
    return ModelChoice(label, protocol, name, "", SecretStr(""), is_own_server)  # type: ignore[arg-type]


def test_the_rule_based_draft_states_facts_only() -> None:
    draft = draft_by_rules(TICKET)
    assert draft.body_markdown == (
        "Status: In Progress since 2026-11-18, assigned to Sam Okafor.\n\n"
        "Waiting for NET-88 (In Progress).\n\n"
        "Last comment: Sam Okafor, 2026-11-19."
    )
    assert draft.cites == ["status", "status_since", "assignee", "blockers", "comment:1"]


def test_the_rule_based_draft_starts_with_the_persons_own_words() -> None:
    draft = draft_by_rules(TICKET.model_copy(update={"person_request": "We need the logs."}))
    assert draft.body_markdown.startswith("We need the logs.\n\nStatus: In Progress")
    assert draft.cites[0] == "request"


def test_a_ticket_with_nothing_but_a_status_gets_a_draft_that_its_own_check_accepts() -> None:
    bare = DraftInput(ticket=TicketFacts(key="A-1", summary="x", status="Open"), asked_by="Ana")
    draft = draft_by_rules(bare)
    assert draft == CommentDraft(body_markdown="Status: Open.", cites=["status"])
    assert problem_with(bare, draft) == ""


@pytest.mark.parametrize(
    ("draft", "wrong"),
    [
        (CommentDraft(body_markdown=" ", cites=["status"]), "empty"),
        (CommentDraft(body_markdown="Hello <!channel>", cites=["status"]), "everybody"),
        (CommentDraft(body_markdown="Hello @here", cites=["status"]), "everybody"),
        (CommentDraft(body_markdown="x" * 4001, cites=["status"]), "more than"),
        (CommentDraft(body_markdown="Fine", cites=[]), "cites is empty"),
        (CommentDraft(body_markdown="Fine", cites=["comment:2"]), "comment:2"),
        (CommentDraft(body_markdown="Fine", cites=["request"]), "request"),
        (CommentDraft(body_markdown="Fine", cites=["common sense"]), "common sense"),
    ],
)
def test_a_models_draft_is_refused_for_what_a_person_would_not_post(draft: CommentDraft, wrong: str) -> None:
    assert wrong in problem_with(TICKET, draft)


@pytest.mark.requirement("FLP-0.1")
def test_the_stable_prompt_is_long_enough_for_vendors_to_cache_and_holds_no_ticket() -> None:
    prompt = stable_prompt(DRAFT_COMMENT.prompt)
    assert len(prompt) / 5 > 1024, "vendors cache from 1,024 tokens on"
    assert f"Task: {DRAFT_COMMENT.name}" in prompt
    assert prompt.index("# Who you are") < prompt.index("# Task:")


def test_a_listed_price_counts_cache_reads_and_writes_apart() -> None:
    choice = _choice("anthropic:claude-sonnet-5-5")
    prices = Prices({})
    plain = prices.cost_microdollars(choice, TokenUse(input=10_000), NOW)
    written = prices.cost_microdollars(choice, TokenUse(input=10_000, cache_write=10_000), NOW)
    read = prices.cost_microdollars(choice, TokenUse(input=10_000, cache_read=10_000), NOW)
    assert read < plain < written


def test_ones_own_price_goes_before_the_list() -> None:
    own = {
        "anthropic:claude-sonnet-5-5": ModelPrice(input=Decimal(1), output=Decimal("2.5"), cache_read=Decimal("0.1"))
    }
    tokens = TokenUse(input=1000, output=100, cache_read=600, cache_write=300)
    cost = Prices(own).cost_microdollars(_choice("anthropic:claude-sonnet-5-5"), tokens, NOW)
    assert cost == 100 * 1 + 600 * 0.1 + 300 * 1 + 100 * 2.5


def test_an_unlisted_model_is_dear_at_a_vendor_and_free_on_ones_own_server() -> None:
    tokens = TokenUse(input=1000, output=10)
    prices = Prices({})
    assert prices.cost_microdollars(_choice("openai:brand-new"), tokens, NOW) == 1000 * UNKNOWN_PRICE.input + 750
    assert prices.cost_microdollars(_choice("openai:brand-new", is_own_server=True), tokens, NOW) == 0


def test_a_cost_is_rounded_up() -> None:
    own = {"openai:tiny": ModelPrice(input=Decimal("0.0001"), output=Decimal(0))}
    assert Prices(own).cost_microdollars(_choice("openai:tiny"), TokenUse(input=1), NOW) == 1
