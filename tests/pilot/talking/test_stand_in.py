"""The model stand-in leads a session on any of the help desk's tickets, by what the prompt holds, for every vendor."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from db.engine import Database
from sandbox.world.psa import PLAN
from services.ai import AiTasks
from services.pilot.prompting import PILOT_TURN
from services.pilot.types import FixDecision, ItemStatus, LaneKind, Session
from tests.ai.conftest import CLAUDE, GEMINI, GPT, Vendors, calls_of, vendors
from tests.pilot.talking.conftest import Talk, make_talk

__all__ = ["vendors"]

TICKETS = [str(ticket["summary"]) for ticket in yaml.safe_load(PLAN.read_text())["tickets"]]
CANNED = ("no script matches", "Rule-based", "going on by rules", "[PROMOTE", "[QUESTION", "[CHECK", "[SUGGEST_FIX")
VENDORS: dict[str, dict[str, Any]] = {
    CLAUDE: {"openai_api_key": "", "gemini_api_key": ""},
    GPT: {"anthropic_api_key": "", "gemini_api_key": "", "model_standard": GPT},
    "openai-responses:gpt-6.1-sol": {"model_standard": "openai-responses:gpt-6.1-sol"},
    GEMINI: {"model_standard": GEMINI},
}


async def heard(talk: Talk, session: Session, said: str = "") -> Session:
    """Have the model answer what was said, or clicked; nothing of it may be canned or by rules."""
    if said:
        told = await talk.said(session.id, said)
    else:
        told = "".join([piece async for piece in talk.talks.go_on(session.id, talk.alice)])
    assert not [words for words in CANNED if words in told], told
    assert told.strip()
    return await talk.sessions.get(session.id)


async def worked_to_a_fix(talk: Talk, problem: str) -> Session:
    """Answer what is asked until a fix is proposed."""
    session = await talk.sessions.open(problem, talk.alice)
    session = await heard(talk, session, problem)
    assert len([item for item in session.items if item.status is ItemStatus.OPEN]) == 2
    for _ in range(6):
        waiting = next((item for item in session.items if item.status is ItemStatus.OPEN), None)
        if session.active_fix or waiting is None:
            break
        write = talk.sessions.answer_item if waiting.kind is LaneKind.QUESTION else talk.sessions.complete_check
        answer = waiting.options[0] if waiting.options else "Ana's laptop, 0x80070005"
        session = await heard(talk, await write(session.id, waiting.id, answer, talk.alice))
    assert session.active_fix is not None
    assert set(session.active_fix.fact_numbers) <= {fact.number for fact in session.known}
    assert len(session.active_fix.fact_numbers) >= 2
    return session


async def talk_with(vendors: Vendors, database: Database, label: str) -> tuple[Talk, AiTasks]:
    """Return a desk with the stand-in of one vendor."""
    ai = AiTasks(vendors.settings(**VENDORS[label]), database, vendors.sandbox.clock.now)
    await ai.warm(PILOT_TURN)
    return await make_talk(database, ai), ai


@pytest.mark.requirement("FLP-3.1")
@pytest.mark.parametrize("label", VENDORS)
async def test_every_vendor_leads_from_the_first_question_to_a_fix_and_to_another_where_that_did_not_help(
    vendors: Vendors, database: Database, in_account: str, label: str
) -> None:
    talk, ai = await talk_with(vendors, database, label)
    session = await worked_to_a_fix(talk, "Outlook keeps asking for the password at Acme")
    fix = session.active_fix
    assert fix is not None
    assert fix.proposed_by == label
    assert fix.template_id, "the template that was offered as similar"
    assert session.known[0].text == "The password was changed in the last days."
    await talk.sessions.decide_fix(session.id, fix.id, FixDecision.DISMISSED, talk.alice)
    session = await heard(talk, session, "that did not help")
    assert session.active_fix is None or session.active_fix.title != fix.title
    session = await heard(talk, session, "what do we know?")
    await ai.close()
    calls = await calls_of(database)
    assert {(call.model, call.outcome) for call in calls} == {(label, "ok")}
    assert all(call.cache_read_tokens > 1000 for call in calls[1:])


async def test_every_ticket_of_the_help_desk_can_be_walked_to_a_fix(
    vendors: Vendors, database: Database, in_account: str
) -> None:
    talk, ai = await talk_with(vendors, database, CLAUDE)
    titles = set()
    for problem in TICKETS:
        session = await worked_to_a_fix(talk, problem)
        assert session.active_fix is not None
        titles.add(session.active_fix.title)
        await talk.sessions.decide_fix(session.id, session.active_fix.id, FixDecision.ONE_OFF, talk.alice)
        session = await heard(talk, session, "it works now, thanks")
        assert session.known[-1].text.startswith("Result of “"), "the model made a fact of what was said"
    await ai.close()
    assert len(titles) >= 12, "each kind of problem has fixes of its own"
