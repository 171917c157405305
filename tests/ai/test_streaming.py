"""Text that is read while a model writes it: cached, recorded, kept within the budget, redacted and restored."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import timedelta

import pytest
from pydantic import BaseModel

from db.engine import Database
from sandbox.core import Fault
from sandbox.models.exchange import PIECE_CHARACTERS
from sandbox.models.scripts import Script
from services.ai import Outcome, Tier
from services.ai.sanitise import Redactor
from services.ai.streaming import ChatTask, NoAnswerError, RestoringStream
from tests.ai.conftest import CLAUDE, GEMINI, GPT, AiFactory, Vendors, calls_of


class Told(BaseModel):
    """What the model is told."""

    problem: str
    said: str = ""


TALK: ChatTask[Told] = ChatTask("test.talk", Tier.STANDARD, "ticket_draft_comment", "said", max_output_tokens=300)
LONG = " ".join(f"word{number}" for number in range(60)) + " for [EMAIL_1]."


def saying(vendors: Vendors, text: str) -> None:
    """Have the stand-ins say it to everybody."""
    vendors.sandbox.models.add_script(Script(when=["outside_data"], steps=[{"text": text}]))


@pytest.mark.requirement("FLP-0.1")
@pytest.mark.parametrize("label", [CLAUDE, GPT, "openai-responses:gpt-6.1-sol", GEMINI])
async def test_text_comes_in_pieces_and_is_recorded_once(
    vendors: Vendors, database: Database, ai_with: AiFactory, label: str
) -> None:
    saying(vendors, LONG)
    async with ai_with(model_standard=label) as ai:
        told = Told(problem="Ask jane.doe@acme.example about Outlook")
        pieces = [piece async for piece in ai.stream(TALK, told, subject="session-1")]
        costs = await ai.costs(["session-1", "session-2"])
        assert await ai.costs(["session-1"], since=vendors.sandbox.clock.now() + timedelta(days=1)) == {}
    assert "".join(pieces) == LONG.replace("[EMAIL_1]", "jane.doe@acme.example")
    assert len(pieces) > 1
    assert "jane.doe" not in vendors.sandbox.models.served[0].exchange.text
    (row,) = await calls_of(database)
    assert (row.task, row.model, row.outcome) == ("test.talk", label, "ok")
    assert row.input_tokens > 1000
    assert costs == {"session-1": row.cost_microdollars}
    assert row.cost_microdollars > 0


@pytest.mark.requirement("FLP-0.1")
async def test_of_two_identical_streams_within_five_minutes_the_second_reads_what_the_first_wrote(
    vendors: Vendors, database: Database, ai_with: AiFactory
) -> None:
    saying(vendors, LONG)
    async with ai_with() as ai:
        for minutes in (0, 4, 6):
            vendors.sandbox.clock.advance(timedelta(minutes=minutes))
            assert [piece async for piece in ai.stream(TALK, Told(problem="Outlook"))]
    first, second, third = await calls_of(database)
    assert (first.cache_read_tokens, second.cache_write_tokens) == (0, 0)
    assert second.cache_read_tokens == first.cache_write_tokens > 1000
    assert third.cache_write_tokens == first.cache_write_tokens, "after five minutes it is written anew"


async def test_without_a_model_or_money_or_with_one_that_fails_the_caller_is_told_why(
    vendors: Vendors, database: Database, ai_with: AiFactory
) -> None:
    async def why(**settings: object) -> NoAnswerError:
        async with ai_with(**settings) as ai:
            with pytest.raises(NoAnswerError) as refused:
                [piece async for piece in ai.stream(TALK, Told(problem="Outlook"))]
        return refused.value

    vendors.sandbox.faults.add(Fault("models", "status", status=500, times=2))
    assert (await why()).outcome is Outcome.ERROR
    saying(vendors, LONG * 5)
    assert "cut off" in str(await why())
    assert (await why(model_monthly_budget_usd=0.000001)).outcome is Outcome.BUDGET
    assert [row.outcome for row in await calls_of(database)] == ["error", "error", "budget"]


async def test_an_error_that_passes_before_the_first_word_is_not_noticed(vendors: Vendors, ai_with: AiFactory) -> None:
    saying(vendors, LONG)
    vendors.sandbox.faults.add(Fault("models", "status", status=503, times=1))
    async with ai_with() as ai:
        assert [piece async for piece in ai.stream(TALK, Told(problem="Outlook"))]


async def test_a_model_that_is_stopped_is_recorded_as_stopped(
    vendors: Vendors, database: Database, ai_with: AiFactory
) -> None:
    first = "Write to them. ".ljust(PIECE_CHARACTERS - 4)
    saying(vendors, f"{first}[EMAIL_7] and so on. {LONG}")
    held_back: list[str] = []
    told = Told(problem="Outlook")
    async with ai_with() as ai, aclosing(ai.stream(TALK, told, held_back=held_back)) as pieces:
        assert await anext(pieces) == first
    assert held_back == ["[EMA"], "what may begin a placeholder has come, too"
    (row,) = await calls_of(database)
    assert (row.outcome, "stopped" in row.detail) == ("error", True)
    assert row.input_tokens > 1000, "what was read is billed all the same"


async def test_a_silent_model_is_waited_for_no_longer_than_the_settings_say(
    vendors: Vendors, ai_with: AiFactory
) -> None:
    vendors.sandbox.faults.add(Fault("models", "timeout", times=None))
    async with ai_with(model_timeout_s=0.2) as ai, asyncio.timeout(4):
        with pytest.raises(NoAnswerError, match="did not answer"):
            [piece async for piece in ai.stream(TALK, Told(problem="Outlook"))]


def test_placeholders_that_are_cut_in_two_are_restored() -> None:
    redactor = Redactor()
    text = redactor.redact("Write to jane@acme.example [now] or jim@acme.example[")
    restoring = RestoringStream(redactor)
    said = "".join([*(restoring.feed(character) for character in text), restoring.finish()])
    assert said == "Write to jane@acme.example [now] or jim@acme.example["
