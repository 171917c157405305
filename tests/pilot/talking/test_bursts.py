"""Who says or clicks several things in a row gets one answer, and nothing of it is lost."""

from __future__ import annotations

import asyncio

import pytest

from db.engine import Database
from services.ai import AiTasks
from services.clock import utc_now
from services.pilot.talking import PilotTalks
from services.pilot.types import LaneKind, NewItem
from services.settings import Settings
from tests.ai.conftest import Vendors
from tests.pilot.talking.conftest import NO_MODELS, Talk
from tests.pilot.talking.test_with_a_model import led, saying, vendors

__all__ = ["led", "vendors"]

ASKED = {"Red": "Green", "Hot": "Cold", "Loud": "Quiet", "Near": "Far", "Wet": "Dry"}


async def asked_five(talk: Talk) -> str:
    """Open a session with five questions, each with options of its own."""
    session = await talk.sessions.open("The badge printer jams", talk.alice)
    items = [NewItem(LaneKind.QUESTION, f"Is it {one} or {other}?", (one, other)) for one, other in ASKED.items()]
    await talk.sessions.add_items(session.id, items)
    return session.id


async def said_while_another_turn_lasts(talk: Talk, session_id: str, texts: list[str]) -> list[str]:
    """Say things while FlowPilot still answers something; return the answers."""
    async with talk.sessions.turns.held(session_id):
        saying_it: list[asyncio.Task[str]] = []
        for text in texts:
            taken = asyncio.Event()

            async def say(text: str = text, taken: asyncio.Event = taken) -> str:
                turn = talk.talks.turn(session_id, talk.alice, text, on_taken=taken.set)
                return "".join([piece async for piece in turn])

            saying_it.append(asyncio.create_task(say()))
            await taken.wait()
    return await asyncio.gather(*saying_it)


@pytest.mark.requirement("SLK-3")
async def test_five_answers_in_a_row_get_one_answer_and_are_five_facts(talk: Talk) -> None:
    session_id = await asked_five(talk)
    *earlier, last = await said_while_another_turn_lasts(talk, session_id, list(ASKED))
    assert earlier == [""] * 4
    assert "noted as F1" in last
    assert all(f"Noted as F{number}" in last for number in range(2, 6))
    session = await talk.sessions.get(session_id)
    assert len(session.known) == 5
    assert all(item.answer in ASKED for item in session.items if item.options[0] in ASKED)


@pytest.mark.requirement("SLK-3")
async def test_a_model_is_asked_once_and_told_all_that_was_said_meanwhile(led: Talk, vendors: Vendors) -> None:
    session_id = await asked_five(led)
    saying(vendors, "It is the roller.")
    *earlier, last = await said_while_another_turn_lasts(led, session_id, ["Red", "It smells", "Cold"])
    assert (earlier, last) == (["", ""], "It is the roller.")
    (asked,) = vendors.sandbox.models.served
    assert "Red\nIt smells\nCold" in asked.exchange.text
    session = await led.sessions.get(session_id)
    assert {item.answer for item in session.items} == {"Red", "Cold", ""}


@pytest.mark.requirement("SLK-3")
async def test_of_messages_typed_quickly_the_first_is_answered_at_once_and_the_others_together(
    talk: Talk, database: Database
) -> None:
    session_id = await asked_five(talk)
    ai = AiTasks(Settings(_env_file=None, **NO_MODELS), database, utc_now)
    patient = PilotTalks(talk.sessions, ai, talk.similar, talk.library, quiet_s=600)

    async def said(text: str, taken: asyncio.Event) -> str:
        turn = patient.turn(session_id, talk.alice, text, on_taken=taken.set)
        return "".join([piece async for piece in turn])

    assert "noted as F1" in await said("Red", asyncio.Event())
    taken = [asyncio.Event(), asyncio.Event()]
    second = asyncio.create_task(said("Hot", taken[0]))
    await taken[0].wait()
    third = asyncio.create_task(said("Loud", taken[1]))
    assert await second == ""
    assert not third.done(), "more may come"
    third.cancel()
    with pytest.raises(asyncio.CancelledError):
        await third
    facts = (await talk.sessions.get(session_id)).known
    assert [fact.number for fact in facts] == [1, 2]
    await ai.close()


@pytest.mark.requirement("SLK-3")
async def test_a_click_that_leaves_more_to_answer_waits_for_the_next_one(talk: Talk, database: Database) -> None:
    session_id = await asked_five(talk)
    ai = AiTasks(Settings(_env_file=None, **NO_MODELS), database, utc_now)
    patient = PilotTalks(talk.sessions, ai, talk.similar, talk.library, quiet_s=600)

    async def clicked() -> str:
        return "".join([piece async for piece in patient.go_on(session_id, talk.alice)])

    first = asyncio.create_task(clicked())
    await asyncio.sleep(0)
    second = asyncio.create_task(clicked())
    assert await first == ""
    for item in (await talk.sessions.get(session_id)).items:
        await talk.sessions.dismiss_item(session_id, item.id, talk.alice)
    assert "Rule-based" in await clicked(), "nothing is left to wait for"
    assert await second == ""
    await ai.close()
