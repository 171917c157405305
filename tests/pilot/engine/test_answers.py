"""Answers in sessions: a stop reaches whoever makes one, each person's word counts once, what is left over is found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from db.models.events import HandledEvent
from db.tenancy import account_scope
from services.errors import NotFoundError
from services.pilot.answers import ANSWER, LONGEST_ANSWER, PilotAnswers
from services.pilot.leases import EXPIRES
from services.pilot.types import Author
from tests.pilot.engine.conftest import NEXT_DOOR, Desk, Ticking, restarted


@pytest.mark.requirement("SLK-8", "SLK-10")
async def test_a_stop_reaches_the_process_that_answers_and_what_it_leaves_is_closed_once(either: Desk) -> None:
    session, clock = await either.open(), Ticking()
    other_desk = restarted(either)
    here, there = PilotAnswers(either.database, clock), PilotAnswers(other_desk.database, clock)
    assert not await there.stop(session.id, "U0BOB"), "nothing is being said"
    answer = await here.begin(session)
    async with here.alive(answer):
        assert await there.stop(session.id, "U0BOB")
        await here.look_for_stop(answer)
        assert answer.stopped.is_set() is not either.database.is_sqlite, "SQLite is one process' alone"
        assert await here.stop(session.id, "U0CARLA")
        assert answer.stopped.is_set()
        assert answer.stopped_by == ("U0CARLA" if either.database.is_sqlite else "U0BOB"), "who was first"
        clock.at += LONGEST_ANSWER
        assert await here.left_over() == [], "it is still being made here"
    await here.shown_at(answer, "17.5")
    (left,) = await PilotAnswers(either.database, clock).left_over(session.id)
    assert (left.id, left.ts, left.session_id) == (answer.id, "17.5", session.id)
    closer = here if either.database.is_sqlite else there
    async with here.closing(left) as is_ours, closer.closing(left) as is_second:
        assert (is_ours, is_second) == (True, False), "one closes it"
        await here.end(answer.id)
    async with closer.closing(left) as is_ours:
        assert not is_ours, "it is closed already"
    assert await here.left_over() == []
    await other_desk.database.close()


async def test_what_another_process_may_still_make_is_left_alone(either: Desk) -> None:
    clock = Ticking()
    answers = PilotAnswers(either.database, clock)
    answer = await answers.begin(await either.open())
    there = PilotAnswers(either.database, lambda: clock() + timedelta(days=1))
    assert await answers.left_over() == []
    if either.database.is_sqlite:
        clock.at += LONGEST_ANSWER - timedelta(minutes=1)
        assert await answers.left_over() == []
        clock.at += timedelta(minutes=2)
    else:
        assert await there.left_over() == [], "its clock is wrong, but the answer is claimed"
        async with either.database.transaction() as transaction:
            dead = datetime.now(UTC) - EXPIRES - timedelta(seconds=5)
            claims = update(HandledEvent).where(HandledEvent.source == ANSWER, HandledEvent.event_id == str(answer.id))
            await transaction.execute(claims.values(received_at=dead))
        assert len(await there.left_over()) == 1
    assert len(await answers.left_over()) == 1


@pytest.mark.requirement("SLK-4", "SLK-10")
async def test_each_persons_word_on_an_answer_counts_once_for_who_answered(either: Desk) -> None:
    session = await either.open()
    answers = PilotAnswers(either.database, lambda: session.created_at)
    made = []
    for label in ("rule-based", "rule-based", "a/model"):
        answer = await answers.begin(session)
        said = await either.sessions.add_message(session.id, Author.PILOT, f"By {label}", answered_by=label)
        await either.sessions.add_message(session.id, Author.PILOT, "To somebody else", answered_by="b/model")
        await answers.end(answer.id, "1.0", message_id=said.id)
        await answers.end(answer.id, "2.0")
        made.append(answer.id)
    assert await answers.judge(made[0], either.alice, useful=True)
    assert not await answers.judge(made[0], either.alice, useful=True)
    assert await answers.judge(made[0], either.bob, useful=True)
    assert await answers.judge(made[1], either.alice, useful=False)
    assert await answers.judge(made[2], either.victor, useful=True), "whoever reads may say what they think"
    assert await answers.judge(made[2], either.victor, useful=False), "and think better of it"
    counted = {each.agent: (each.useful, each.not_useful) for each in await answers.feedback()}
    assert counted == {"a/model": (0, 1), "rule-based": (2, 1)}
    with account_scope(NEXT_DOOR):
        assert await answers.feedback() == []
        with pytest.raises(NotFoundError):
            await answers.judge(made[0], either.alice, useful=True)
