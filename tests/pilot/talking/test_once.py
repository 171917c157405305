"""A message that Slack delivers twice is answered once."""

from __future__ import annotations

import pytest

from services.pilot.types import Author
from tests.pilot.talking.conftest import Talk


@pytest.mark.requirement("SLK-2")
async def test_a_message_that_comes_again_is_not_answered_again(talk: Talk) -> None:
    session = await talk.sessions.open("The badge printer jams", talk.alice)

    async def said(ts: str) -> str:
        turn = talk.talks.turn(session.id, talk.alice, "It jams", slack_ts=ts)
        return "".join([piece async for piece in turn])

    assert await said("17.1")
    before = await talk.sessions.messages(session.id)
    assert await said("17.1") == ""
    assert await talk.sessions.messages(session.id) == before
    assert sum(each.author is Author.PERSON for each in before) == 1
    assert await said("17.2")


async def test_who_takes_up_what_somebody_took_in_before_they_died_answers_it(talk: Talk) -> None:
    session = await talk.sessions.open("The badge printer jams", talk.alice)
    assert await talk.sessions.turns.is_new(session.id, "17.1")
    await talk.sessions.add_message(session.id, Author.PERSON, "It jams", by=talk.alice, slack_ts="17.1")
    kept: list[int] = []
    turn = talk.talks.turn(session.id, talk.alice, "It jams", slack_ts="17.1", kept=kept, is_again=True)
    told = "".join([piece async for piece in turn])
    said = await talk.sessions.messages(session.id)
    assert [each.author for each in said] == [Author.PERSON, Author.PILOT], "what was said is there once"
    assert (kept, said[1].text) == ([said[1].id], told.strip())
