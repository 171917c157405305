"""What is known: facts of a session."""

from __future__ import annotations

from handlers.api import models
from handlers.api.routing import PREFIX, Answer, Call, Precondition, Routes
from handlers.api.showing import facts_answer
from services.errors import NotFoundError
from services.pilot.state.knowledge import LONGEST_FACT
from services.pilot.state.moment import clean
from services.pilot.types import Fact, FactSource, LaneKind, Session

ROUTES = Routes("Facts")
FACTS = "/ai-sessions/{id}/facts"
FACT = "/ai-sessions/{id}/facts/{fact_id}"


def _answer(session: Session, fact: Fact, location: str = "") -> Answer:
    return Answer(models.Fact.model_validate(fact), session.state_version, location)


@ROUTES.route("GET", FACTS, "List what is known", models.FactList, query=models.FactQuery)
async def list_facts(call: Call) -> Answer:
    """Return a page of the facts, by number."""
    return facts_answer(await call.services.pilot.get(call.session_id), call.asked(models.FactQuery))


@ROUTES.route("POST", FACTS, "Add a note", models.Fact, takes=models.FactText, status=201, repeats_once=True)
async def create_fact(call: Call) -> Answer:
    """Note something in a person's own words; what is noted word by word already is that fact."""
    text = call.asked(models.FactText).text
    session = await call.services.pilot.add_note(call.session_id, text, call.member)
    noted = clean(text, "The note", longest=LONGEST_FACT)
    fact = next(each for each in session.known if each.text == noted and each.source_type is FactSource.MANUAL)
    return _answer(session, fact, f"{PREFIX}{FACTS.format(id=session.id)}/{fact.id}")


@ROUTES.route("POST", f"{FACTS}/promote", "Make a fact of an answered item", models.Promoted, takes=models.Promotion)
async def promote_fact(call: Call) -> Answer:
    """Promote a question or check of the task lane, answering it first where an answer is given."""
    asked, pilot = call.asked(models.Promotion), call.services.pilot
    if asked.answer is None:
        session = await pilot.promote(call.session_id, asked.item_id, call.member)
    else:
        item = (await pilot.get(call.session_id)).item(asked.item_id)
        is_question = item is None or item.kind is LaneKind.QUESTION
        answer = pilot.answer_item if is_question else pilot.complete_check
        session = await answer(call.session_id, asked.item_id, asked.answer, call.member, promote=True)
    item = session.item(asked.item_id)
    if item is None:
        raise NotFoundError("This session has no such item.")
    fact = session.fact(item.fact_id) if item.fact_id else None
    content = models.Promoted(
        item=models.LaneItem.model_validate(item),
        fact=models.Fact.model_validate(fact) if fact and fact.deleted_at is None else None,
        state_version=session.state_version,
    )
    return Answer(content, session.state_version)


@ROUTES.route(
    "PATCH",
    FACT,
    "Edit a manual or synthesised fact",
    models.Fact,
    takes=models.FactText,
    precondition=Precondition.OPTIONAL,
)
async def edit_fact(call: Call) -> Answer:
    """Change a fact's words; those from questions and checks are read-only."""
    fact_id, text = call.ids["fact_id"], call.asked(models.FactText).text
    session = await call.services.pilot.edit_fact(call.session_id, fact_id, text, call.member, seen=call.seen)
    return _answer(session, _fact(session, fact_id))


@ROUTES.route("DELETE", FACT, "Take a fact back", models.FactList, precondition=Precondition.OPTIONAL)
async def delete_fact(call: Call) -> Answer:
    """Take a fact back and return the first page of those that are left; it can be restored."""
    fact_id = call.ids["fact_id"]
    session = await call.services.pilot.delete_fact(call.session_id, fact_id, call.member, seen=call.seen)
    return facts_answer(session, models.FactQuery())


@ROUTES.route(
    "POST",
    f"{FACT}/restore",
    "Bring a fact back",
    models.Fact,
    takes=models.Nothing,
    precondition=Precondition.OPTIONAL,
)
async def restore_fact(call: Call) -> Answer:
    """Bring a fact back that was taken back, unless what it came from was answered anew since."""
    fact_id = call.ids["fact_id"]
    session = await call.services.pilot.restore_fact(call.session_id, fact_id, call.member, seen=call.seen)
    return _answer(session, _fact(session, fact_id))


def _fact(session: Session, fact_id: str) -> Fact:
    fact = session.fact(fact_id)
    if fact is None:
        raise NotFoundError("This session has no such fact.")
    return fact
