"""Tools of a real MCP server: granted, cached, recorded, counted, redacted; a server that fails breaks nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from db.engine import Database
from sandbox.models.scripts import Script
from sandbox.models.state import Served
from services.ai.tasks.ticket_draft import DRAFT_COMMENT
from services.ai.types import Outcome
from tests.ai.conftest import CLAUDE, GEMINI, GPT, TICKET, AiFactory, Vendors, calls_of
from tests.ai.mcp_server import Wiki, running_wiki

TASK = "ticket.draft_comment"
TOOL = "wiki_find_page"


@pytest.fixture
async def wiki() -> AsyncIterator[Wiki]:
    async with running_wiki() as wiki:
        yield wiki


def granted(wiki: Wiki, **changes: Any) -> dict[str, Any]:
    """Return settings with the server, granted to the task."""
    return {"mcp_servers": {"wiki": wiki.url}, "mcp_grants": {TASK: ("wiki",)}, **changes}


def asks_for(vendors: Vendors, name: str = TOOL, **arguments: Any) -> None:
    """Have the model call the tool first, and answer then."""
    step = {"tools": [{"name": name, "arguments": arguments or {"title": "Printers of [EMAIL_1]"}}]}
    answer = {"answer": {"body_markdown": "See the page.", "cites": ["status"]}}
    vendors.sandbox.models.add_script(Script(when=["CPE-101"], steps=[step, answer]))


def offered(served: Served) -> list[str]:
    """Return the server's tools that a request offered."""
    return [tool.name for tool in served.exchange.tools if tool.name.startswith("wiki")]


@pytest.mark.requirement("FLP-0.2")
@pytest.mark.parametrize("label", [CLAUDE, GPT, "openai-responses:gpt-6.1-sol", GEMINI])
async def test_a_granted_server_is_asked_and_its_answer_is_data_without_secrets_recorded_and_counted(
    vendors: Vendors, database: Database, ai_with: AiFactory, wiki: Wiki, label: str
) -> None:
    asks_for(vendors)
    async with ai_with(model_standard=label, **granted(wiki, mcp_tokens={"wiki": "bearer-of-wiki"})) as ai:
        answer = await ai.run(DRAFT_COMMENT, TICKET.model_copy(update={"asked_by": "jane.doe@acme.example"}))
    assert (answer.outcome, answer.output.body_markdown) == (Outcome.OK, "See the page.")
    assert wiki.asked == ["Printers of [EMAIL_1]"], "what was taken out of the prompt does not go to a server either"
    assert "Bearer bearer-of-wiki" in wiki.tokens
    first, second = vendors.sandbox.models.served
    assert offered(first) == ["wiki_all_pages", TOOL]
    assert "ana.ruiz" not in first.exchange.text
    heard = second.exchange.conversation
    assert "Call Ana on [PHONE_1], password: [SECRET_1]" in heard
    assert "outside_data" in heard[heard.rindex("Call Ana") - 60 : heard.rindex("Call Ana")]
    used, call = await calls_of(database)
    assert (used.task, used.model, used.detail, used.outcome) == (TASK, "mcp:wiki", TOOL, "ok")
    assert call.input_tokens == first.usage.input + second.usage.input
    assert call.cost_microdollars > 0


@pytest.mark.requirement("FLP-0.2", "FLP-0.1")
async def test_the_prefix_with_tools_is_cached_and_a_long_answer_is_cut(
    vendors: Vendors, database: Database, ai_with: AiFactory, wiki: Wiki
) -> None:
    asks_for(vendors, "wiki_all_pages", none=None)
    async with ai_with(**granted(wiki)) as ai:
        for _ in range(2):
            await ai.run(DRAFT_COMMENT, TICKET)
    _, first, _, second = await calls_of(database)
    assert first.cache_write_tokens > 1000
    assert second.cache_read_tokens >= 2 * first.cache_write_tokens
    heard = vendors.sandbox.models.served[1].exchange.conversation
    assert "characters cut]" in heard
    assert len(heard) < 20_000


@pytest.mark.requirement("FLP-0.2", "SYS-3")
async def test_a_slow_a_failing_and_a_dead_server_are_recorded_and_break_no_turn(
    vendors: Vendors, database: Database, ai_with: AiFactory, wiki: Wiki
) -> None:
    asks_for(vendors)
    wiki.delay_s = 30
    async with ai_with(**granted(wiki, mcp_timeout_s=1.0)) as ai:
        assert (await ai.run(DRAFT_COMMENT, TICKET)).outcome is Outcome.OK
    wiki.delay_s, wiki.fails = 0, True
    async with ai_with(**granted(wiki)) as ai:
        assert (await ai.run(DRAFT_COMMENT, TICKET)).outcome is Outcome.OK
    assert "secret internals" not in "".join(served.exchange.text for served in vendors.sandbox.models.served)
    vendors.sandbox.models.scripts.pop(0)
    dead = {"wiki": "http://127.0.0.1:9/mcp"}
    async with ai_with(**granted(wiki) | {"mcp_servers": dead}) as ai:
        assert (await ai.run(DRAFT_COMMENT, TICKET)).outcome is Outcome.OK
    assert offered(vendors.sandbox.models.served[-1]) == []
    used = [call for call in await calls_of(database) if call.model == "mcp:wiki"]
    problems = [(call.outcome, call.detail.partition(" (")[0]) for call in used]
    assert problems == [
        ("error", f"{TOOL}: it did not answer in time"),
        ("error", f"{TOOL}: it failed"),
        ("error", "connect: it failed"),
    ]


@pytest.mark.requirement("FLP-0.2")
async def test_what_tools_could_make_an_answer_cost_is_set_aside_before(
    vendors: Vendors, database: Database, ai_with: AiFactory, wiki: Wiki
) -> None:
    async with ai_with(model_monthly_budget_usd=0.12) as ai:
        assert (await ai.run(DRAFT_COMMENT, TICKET)).outcome is Outcome.OK
    async with ai_with(model_monthly_budget_usd=0.12, **granted(wiki)) as ai:
        assert (await ai.run(DRAFT_COMMENT, TICKET)).outcome is Outcome.BUDGET
    assert wiki.asked == []
