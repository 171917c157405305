"""A task is answered by a model or by rules, says which, and every call is recorded."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from db.engine import Database
from db.models.accounts import AccountSettings
from db.tenancy import account_scope
from sandbox.core import Fault
from sandbox.models.scripts import Script
from services.ai import RULE_BASED, Outcome
from services.ai.budget import BUDGET_PREFERENCE
from services.ai.tasks.ticket_draft import DRAFT_COMMENT, draft_by_rules
from services.ai.types import Trouble
from services.errors import NotConfiguredError
from tests.ai.conftest import CLAUDE, GEMINI, GPT, TICKET, AiFactory, Vendors, calls_of
from tests.conftest import make_account

VENDOR_SCHEMAS = Path(__file__).parents[3] / "shared" / "vendor" / "models"
NO_MODEL = {"anthropic_api_key": "", "openai_api_key": "", "gemini_api_key": ""}
OWN_URLS = {
    "anthropic_base_url": "https://api.anthropic.com",
    "openai_base_url": "https://api.openai.com/v1",
    "gemini_base_url": "https://generativelanguage.googleapis.com",
}


@pytest.mark.requirement("SYS-3")
@pytest.mark.parametrize(
    ("label", "path"),
    [
        (CLAUDE, "/anthropic/v1/messages"),
        (GPT, "/openai/v1/chat/completions"),
        ("openai-responses:gpt-6.1-sol", "/openai/v1/responses"),
        (GEMINI, "/gemini/v1/models/gemini-3.8-flash:generateContent"),
    ],
)
async def test_each_vendor_answers_by_its_base_url(
    vendors: Vendors, database: Database, ai_with: AiFactory, label: str, path: str
) -> None:
    async with ai_with(model_standard=label) as ai:
        answer = await ai.run(DRAFT_COMMENT, TICKET)
    assert (answer.answered_by, answer.outcome) == (label, Outcome.OK)
    assert "CPE-101 (Printer prints blank pages) is in *In Progress*" in answer.output.body_markdown
    assert [call.path for call in vendors.sandbox.calls.since()] == [path]
    (row,) = await calls_of(database)
    assert (row.task, row.model, row.outcome) == ("ticket.draft_comment", label, "ok")
    assert row.input_tokens > 1000
    assert row.output_tokens > 0
    assert row.cost_microdollars == answer.cost_microdollars > 0


@pytest.mark.requirement("SYS-3")
async def test_a_local_server_needs_no_key(vendors: Vendors, ai_with: AiFactory) -> None:
    vendors.sandbox.models.check_key = lambda key: None  # type: ignore[method-assign]
    async with ai_with(openai_api_key="", model_standard="openai:llama3.3") as ai:
        answer = await ai.run(DRAFT_COMMENT, TICKET)
    assert answer.answered_by == "openai:llama3.3"
    assert answer.cost_microdollars == 0, "nobody sends a bill for one's own server"


@pytest.mark.requirement("FLP-0.1")
async def test_of_two_identical_calls_the_first_writes_the_cache_and_the_second_reads_it(
    vendors: Vendors, database: Database, ai_with: AiFactory
) -> None:
    async with ai_with() as ai:
        await ai.run(DRAFT_COMMENT, TICKET)
        vendors.sandbox.clock.advance(timedelta(minutes=4))
        await ai.run(DRAFT_COMMENT, TICKET)
    first, second = await calls_of(database)
    assert first.cache_write_tokens > 1000
    assert first.cache_read_tokens == 0
    assert second.cache_read_tokens == first.cache_write_tokens
    assert second.cache_write_tokens == 0
    assert second.input_tokens == first.input_tokens
    assert second.cost_microdollars < first.cost_microdollars


@pytest.mark.requirement("FLP-0.1")
async def test_another_ticket_reads_the_same_stable_prefix(database: Database, ai_with: AiFactory) -> None:
    other = TICKET.model_copy(update={"person_request": "Ask for the driver version."})
    async with ai_with() as ai:
        await ai.run(DRAFT_COMMENT, TICKET)
        await ai.run(DRAFT_COMMENT, other)
    first, second = await calls_of(database)
    assert second.cache_read_tokens == first.cache_write_tokens > 0


async def test_the_request_is_valid_by_anthropics_own_schema(vendors: Vendors, ai_with: AiFactory) -> None:
    schema_file = VENDOR_SCHEMAS / "MessageCreateParamsNonStreaming.request.schema.json"
    if not schema_file.is_file():
        pytest.skip("the vendors' schemas are not beside the project")
    async with ai_with() as ai:
        await ai.run(DRAFT_COMMENT, TICKET)
    (call,) = vendors.sandbox.calls.since()
    assert [
        e.message for e in Draft202012Validator(json.loads(schema_file.read_text())).iter_errors(call.request)
    ] == []


@pytest.mark.requirement("SYS-3")
async def test_without_any_key_rules_answer_and_say_so(database: Database, ai_with: AiFactory) -> None:
    async with ai_with(**NO_MODEL, **OWN_URLS) as ai:
        answer = await ai.run(DRAFT_COMMENT, TICKET)
    assert (answer.answered_by, answer.outcome) == (RULE_BASED, Outcome.FALLBACK)
    assert answer.output == draft_by_rules(TICKET)
    (row,) = await calls_of(database)
    assert (row.outcome, row.model, row.cost_microdollars) == ("fallback", RULE_BASED, 0)


async def test_a_task_whose_tier_has_no_key_uses_the_model_of_another_tier(ai_with: AiFactory) -> None:
    async with ai_with(anthropic_api_key="", anthropic_base_url=OWN_URLS["anthropic_base_url"]) as ai:
        answer = await ai.run(DRAFT_COMMENT, TICKET)
    assert answer.answered_by == GEMINI


@pytest.mark.requirement("FLP-0.2")
@pytest.mark.parametrize(("wish", "model"), [("fast", GEMINI), ("deep", GPT), (CLAUDE, CLAUDE)])
async def test_settings_choose_tier_or_model_for_a_single_task(ai_with: AiFactory, wish: str, model: str) -> None:
    async with ai_with(model_tasks={"ticket.draft_comment": wish}) as ai:
        assert (await ai.run(DRAFT_COMMENT, TICKET)).answered_by == model


def test_an_unknown_vendor_in_the_settings_is_named_at_the_start(vendors_settings_error: str) -> None:
    assert "'acme:large'" in vendors_settings_error


@pytest.fixture
async def vendors_settings_error(ai_with: AiFactory) -> str:
    with pytest.raises(NotConfiguredError) as refused:
        async with ai_with(model_fast="acme:large"):
            pass
    return str(refused.value)


@pytest.mark.requirement("SYS-3")
@pytest.mark.parametrize("label", [CLAUDE, GPT, GEMINI])
@pytest.mark.parametrize(
    ("status", "why", "trouble"),
    [
        (500, "500", Trouble.DOWN),
        (429, "rate-limiting", Trouble.BUSY),
        (401, "refused the key", Trouble.REFUSED),
    ],
)
async def test_a_vendor_that_refuses_leads_to_the_rules(
    vendors: Vendors, database: Database, ai_with: AiFactory, label: str, status: int, why: str, trouble: Trouble
) -> None:
    vendors.sandbox.faults.add(Fault("models", "status", status=status, retry_after_s=60, times=None))
    async with ai_with(model_standard=label) as ai:
        answer = await ai.run(DRAFT_COMMENT, TICKET)
    assert (answer.answered_by, answer.outcome) == (RULE_BASED, Outcome.ERROR)
    assert answer.reason == trouble
    assert answer.output == draft_by_rules(TICKET)
    (row,) = await calls_of(database)
    assert (row.outcome, row.model, row.detail) == ("error", label, answer.detail)
    assert why in row.detail


@pytest.mark.requirement("SYS-3")
@pytest.mark.parametrize("label", [CLAUDE, GPT, GEMINI])
@pytest.mark.parametrize("kind", ["timeout", "drop"])
async def test_a_vendor_that_hangs_or_hangs_up_leads_to_the_rules(
    vendors: Vendors, ai_with: AiFactory, label: str, kind: str
) -> None:
    vendors.sandbox.faults.add(Fault("models", kind, times=None))
    async with ai_with(model_standard=label, model_timeout_s=1.5) as ai:
        answer = await ai.run(DRAFT_COMMENT, TICKET)
    assert (answer.answered_by, answer.outcome) == (RULE_BASED, Outcome.ERROR)


@pytest.mark.parametrize("label", [CLAUDE, GPT, GEMINI])
async def test_one_passing_error_is_tried_again(vendors: Vendors, ai_with: AiFactory, label: str) -> None:
    vendors.sandbox.faults.add(Fault("models", "status", status=503, times=1))
    async with ai_with(model_standard=label) as ai:
        assert (await ai.run(DRAFT_COMMENT, TICKET)).answered_by == label


@pytest.mark.requirement("SYS-3")
@pytest.mark.parametrize("label", [CLAUDE, GPT, GEMINI])
async def test_nonsense_twice_leads_to_the_rules_and_is_still_paid_for(
    vendors: Vendors, database: Database, ai_with: AiFactory, label: str
) -> None:
    vendors.sandbox.models.add_script(Script(when=["CPE-101"], steps=[{"text": '{"body": 7,'}]))
    async with ai_with(model_standard=label) as ai:
        answer = await ai.run(DRAFT_COMMENT, TICKET)
    assert answer.is_rule_based
    assert answer.reason == Trouble.UNUSABLE
    assert "not of the wanted form" in answer.detail
    (row,) = await calls_of(database)
    assert len(vendors.sandbox.models.served) == 2
    assert row.input_tokens == sum(served.usage.input for served in vendors.sandbox.models.served)
    assert row.cost_microdollars > 0


async def test_nonsense_once_is_sent_back_and_the_second_answer_counts(vendors: Vendors, ai_with: AiFactory) -> None:
    vendors.sandbox.models.add_script(Script(when=["CPE-101"], steps=[{"text": "no JSON at all"}], times=1))
    async with ai_with() as ai:
        assert (await ai.run(DRAFT_COMMENT, TICKET)).answered_by == CLAUDE


async def test_a_draft_that_cites_what_is_not_there_is_sent_back(vendors: Vendors, ai_with: AiFactory) -> None:
    wrong = {"body_markdown": "It was the driver.", "cites": ["comment:9"]}
    vendors.sandbox.models.add_script(Script(when=["CPE-101"], steps=[{"answer": wrong}], times=1))
    async with ai_with() as ai:
        answer = await ai.run(DRAFT_COMMENT, TICKET)
    assert answer.answered_by == CLAUDE
    assert answer.output.cites == ["status", "summary"]
    assert "comment:9" in vendors.sandbox.models.served[1].exchange.conversation


@pytest.mark.parametrize("body", ["[]", "null", '{"choices": 3}', "<html>no</html>", '{"content": [{"type": "text"}]}'])
@pytest.mark.parametrize("label", [CLAUDE, GPT, "openai-responses:gpt-6.1-sol", GEMINI])
async def test_a_server_that_answers_200_with_nonsense_leads_to_the_rules(
    database: Database, ai_with: AiFactory, nonsense_url: dict[str, str], label: str, body: str
) -> None:
    url = f"{nonsense_url['url']}/{body.encode().hex()}"
    async with ai_with(
        model_standard=label, anthropic_base_url=url, openai_base_url=url, gemini_base_url=url, model_timeout_s=5
    ) as ai:
        answer = await ai.run(DRAFT_COMMENT, TICKET)
    assert (answer.answered_by, answer.outcome) == (RULE_BASED, Outcome.ERROR)
    assert len(await calls_of(database)) == 1


@pytest.mark.requirement("FLP-0.1")
async def test_over_the_monthly_budget_rules_answer_without_a_call(
    vendors: Vendors, database: Database, ai_with: AiFactory
) -> None:
    async with database.transaction() as session:
        session.add(AccountSettings(preferences={BUDGET_PREFERENCE: 0.053}, updated_at=vendors.sandbox.clock.now()))
    async with ai_with() as ai:
        answers = [await ai.run(DRAFT_COMMENT, TICKET) for _ in range(12)]
    outcomes = [answer.outcome for answer in answers]
    assert outcomes[0] is Outcome.OK
    assert outcomes[-1] is Outcome.BUDGET
    assert sum(answer.cost_microdollars for answer in answers) <= 53_000
    assert len(vendors.sandbox.models.served) == outcomes.count(Outcome.OK)
    assert (await calls_of(database))[-1].outcome == "budget"


async def test_calls_at_the_same_time_do_not_pass_the_budget_together(
    vendors: Vendors, database: Database, ai_with: AiFactory
) -> None:
    import asyncio

    async with ai_with(model_monthly_budget_usd=0.06) as ai:
        answers = await asyncio.gather(*(ai.run(DRAFT_COMMENT, TICKET) for _ in range(6)))
    assert {answer.outcome for answer in answers} == {Outcome.OK, Outcome.BUDGET}
    assert [answer.outcome for answer in answers].count(Outcome.OK) == 1, "the first call's highest cost fills it"


async def test_a_new_month_has_a_new_budget_and_another_account_its_own(
    vendors: Vendors, database: Database, ai_with: AiFactory
) -> None:
    now = vendors.sandbox.clock.now()
    vendors.sandbox.clock.set(now.replace(day=10))
    other = await make_account(database, "acc_other", "T0OTHER")
    async with ai_with(model_monthly_budget_usd=0.0455) as ai:
        first = await ai.run(DRAFT_COMMENT, TICKET)
        second = await ai.run(DRAFT_COMMENT, TICKET)
        with account_scope(other):
            elsewhere = await ai.run(DRAFT_COMMENT, TICKET)
        vendors.sandbox.clock.advance(timedelta(days=31))
        next_month = await ai.run(DRAFT_COMMENT, TICKET)
    assert [a.outcome for a in (first, second, elsewhere, next_month)] == [
        Outcome.OK,
        Outcome.BUDGET,
        Outcome.OK,
        Outcome.OK,
    ]
