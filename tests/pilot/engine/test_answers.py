"""Answers in sessions: a stop reaches whoever makes one, each person's word counts once, what is left over is found."""

from __future__ import annotations

from datetime import timedelta

import pytest

from db.tenancy import account_scope
from services.errors import NotFoundError
from services.pilot.answers import LONGEST_ANSWER, PilotAnswers
from services.pilot.types import Author
from tests.pilot.engine.conftest import NEXT_DOOR, Desk, Ticking, restarted


@pytest.mark.requirement("SLK-8", "SLK-10")
async def test_a_stop_reaches_the_process_that_answers_and_what_it_leaves_is_closed_once(either: Desk) -> None:
    session, clock = await either.open(), Ticking()
    other_desk = restarted(either)
    here, there = PilotAnswers(either.database, clock), PilotAnswers(other_desk.database, clock)
    assert not await there.stop(session.id, "U0BOB"), "nothing is being said"
    answer = await here.begin(session)
    with here.alive(answer):
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
    await here.end(answer.id)
    assert await here.left_over() == []
    await other_desk.database.close()


async def test_what_another_process_may_still_make_is_left_alone(either: Desk) -> None:
    clock = Ticking()
    answers = PilotAnswers(either.database, clock)
    await answers.begin(await either.open())
    assert await answers.left_over() == []
    clock.at += LONGEST_ANSWER - timedelta(minutes=1)
    assert await answers.left_over() == []
    clock.at += timedelta(minutes=2)
    assert len(await answers.left_over()) == 1


@pytest.mark.requirement("SLK-4", "SLK-10")
async def test_each_persons_word_on_an_answer_counts_once_for_who_answered(either: Desk) -> None:
    session = await either.open()
    answers = PilotAnswers(either.database, lambda: session.created_at)
    made = []
    for label in ("rule-based", "rule-based", "a/model"):
        answer = await answers.begin(session)
        await either.sessions.add_message(session.id, Author.PILOT, f"By {label}", answered_by=label)
        await answers.end(answer.id, "1.0")
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
