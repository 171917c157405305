"""Answers in sessions: streamed where Slack streams, edited elsewhere, stopped, judged, closed after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.running import Application
from blocks.pilot.answer import STREAM_PAGE_CHARACTERS, feedback_buttons, growing, next_piece, streamable, written
from db.tenancy import account_scope
from handlers.sorting import sort
from handlers.work import WorkPool
from sandbox.client import visible_text
from sandbox.models.scripts import Script
from services.pilot.answers import PilotAnswers
from services.pilot.types import Author, LaneKind, Session
from services.slack.limits import FENCE, MARKDOWN_CHARACTERS, pages
from services.slack.pace import Pace
from services.slack.streaming import START_RATE, Recipient
from tests.stories.stage import Stage, staged

WHERE = "#general"
NUMBERS = [f"Step {number} is to look at the log of machine {number}." for number in range(1, 120)]
LONG = '[QUESTION options="Yes|No"]Is the account locked?[/QUESTION]' + "\n".join(NUMBERS)
text_with_marks = st.text(alphabet="ab \n`<!@#>", max_size=300)


def grown(text: str, chunk: int) -> list[str]:
    """Return the messages that a text makes when it comes in chunks."""
    done, page, taken = [], "", 0
    for end in [*range(chunk, len(text), chunk), len(text)]:
        is_whole = end == len(text)
        words = streamable(text[:end], is_whole=is_whole)
        while fresh := words[taken:]:
            piece, closing, opening = next_piece(page, fresh, is_whole=is_whole)
            if not piece and closing is None:
                break
            page, taken = page + piece, taken + len(piece)
            if closing is not None:
                done.append(page + closing)
                page = opening
    return [*done, page]


@pytest.mark.requirement("SLK-5", "SLK-10")
@given(text_with_marks, st.integers(1, 40), st.booleans())
def test_a_long_answer_goes_on_in_further_messages_and_loses_nothing(part: str, size: int, fenced: bool) -> None:
    text = f"{FENCE}\nrun({part})\n" * size * 3 if fenced else f"{part} word\n" * size * 8
    shown = grown(text, 700)
    assert all(len(page) <= MARKDOWN_CHARACTERS for page in shown)
    assert [character for page in shown for character in page if character in "abrunwod()"] == [
        character for character in text if character in "abrunwod()"
    ]


def test_a_code_block_that_is_longer_than_a_message_is_closed_and_opened_again() -> None:
    first, second, third = grown(f"Run:\n{FENCE}\n" + "Restart-Service Spooler\n" * 1000, 500)
    assert len(first) <= STREAM_PAGE_CHARACTERS + 10
    assert first.endswith(f"Spooler\n\n{FENCE}")
    assert second.startswith(f"{FENCE}\nRestart")
    assert (first + second + third).count("Restart-Service Spooler") == 1000
    assert len(grown("x" * 25_000, 900)) == 3, "a text without line ends is cut where it must be"


@given(text_with_marks, st.integers(1, 30))
def test_what_is_streamed_in_pieces_calls_nobody(part: str, chunk: int) -> None:
    whole = f"{part}<!channel> <@U0LUCA> <#C012345> <# .SYNOPSIS #> <!-- -->{part}"
    assert "".join(grown(whole, chunk)) == streamable(whole, is_whole=True)
    told = streamable(whole, is_whole=True)
    assert not any(call in told for call in ("<!channel", "<@U0LUCA", "<#C012345"))
    assert "<# .SYNOPSIS #> <!-- -->" in told


@pytest.mark.requirement("SLK-5")
def test_a_long_answer_without_streaming_keeps_all_its_text_and_its_buttons() -> None:
    notice, blocks = written("& " * 9_000 + "the end", [feedback_buttons(7, is_native=False)])
    shown = [block for page in pages(notice, blocks) for block in page.blocks]
    assert sum(visible_text({"blocks": [block]}).count("&") for block in shown) == 9_000
    assert [block["type"] for block in shown][-1] == "actions"


@pytest.mark.requirement("SLK-9")
async def test_no_more_than_slack_allows_begin_in_a_minute() -> None:
    pace = Pace()
    begun = 0
    while pace.has_room("chat.startStream", START_RATE) and begun < 50:
        async with pace.turn("chat.startStream", START_RATE):
            begun += 1
    assert begun == START_RATE.calls == 10


@pytest.mark.requirement("SLK-8")
async def test_a_stop_does_not_wait_behind_what_it_stops() -> None:
    pool, stopped, ended = WorkPool(1), asyncio.Event(), asyncio.Event()

    async def answer() -> None:
        await stopped.wait()
        ended.set()

    async def stop() -> None:
        stopped.set()

    event = {"type": "message", "channel": "C1", "channel_type": "channel", "user": "U1", "ts": "2", "thread_ts": "1"}
    orders = []
    for work, text in ((answer, "and then?"), (stop, "Stop!")):
        delivery = sort({"type": "event_callback", "event": event | {"text": text}})
        assert delivery is not None
        orders.append(delivery.order_key)
        pool.submit(work, delivery.order_key, at_once=delivery.asks_to_stop)
    await asyncio.wait_for(ended.wait(), 5)
    assert orders == [("C1", "1"), None]


@pytest.fixture
async def slow(tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage whose model takes its time."""
    async with staged(tmp_path) as stage:
        stage.sandbox.models.pause_s = 0.1
        saying(stage, LONG)
        yield stage


def saying(stage: Stage, text: str) -> None:
    stage.sandbox.models.add_script(Script(when=["Task: pilot\\.turn"], steps=[{"text": text}]))


async def begun(stage: Stage, person: Any) -> tuple[Session, str]:
    """Open a session whose first answer comes slowly, and return it with its thread."""
    await person.types("/pilot Outlook keeps asking for the password at Acme")
    await person.sees("Session open")
    pilot = stage.application.services.pilot
    with account_scope(stage.account.id):
        session = await pilot.get((await pilot.list(limit=1)).sessions[0].id)
    return session, session.thread_ts or ""


async def status_seen(stage: Stage, person: Any, place: dict[str, str]) -> str:
    """Wait until Slack shows in a thread that FlowPilot is at work, and return how."""
    async with asyncio.timeout(10):
        while True:
            shown = await stage.client.get("slack/messages", **{"as": person.id}, **place)
            if status := shown.get("status"):
                return str(status["text"])


async def said(stage: Stage, session: Session) -> list[tuple[Author, str]]:
    with account_scope(stage.account.id):
        messages = await stage.application.services.pilot.messages(session.id)
    return [(message.author, message.text) for message in messages]


def calls(stage: Stage, method: str) -> int:
    return sum(each.path.endswith(method) for each in stage.sandbox.calls.since(vendor="slack"))


@pytest.mark.requirement("SLK-1", "SLK-3", "SLK-4", "SLK-8", "SLK-10")
async def test_an_answer_is_streamed_stopped_and_judged(slow: Stage) -> None:
    stage, luca, fatima = slow, slow.person("luca"), slow.person("fatima")
    session, thread = await begun(stage, luca)
    live = await luca.sees("Step 1 is .*Step 9 is", thread_ts=thread)
    assert live["streaming"]

    await fatima.types("stop", WHERE, thread)
    stopped = await luca.sees("Step 1 is .*Stopped by .*What was done before stays", thread_ts=thread)
    assert stopped["ts"] == live["ts"], "one message, edited in place"
    assert not stopped.get("streaming")
    assert "Step 119" not in visible_text(stopped)
    heard = await said(stage, session)
    assert [author for author, _ in heard] == [Author.PERSON, Author.PILOT, Author.SYSTEM]
    assert "Step 1 is" in heard[1][1]
    with account_scope(stage.account.id):
        (item,) = (await stage.application.services.pilot.get(session.id)).items
    assert (item.kind, item.text) == (LaneKind.QUESTION, "Is the account locked?"), "what it did before stays"

    await luca.types("stop", WHERE, thread)
    await luca.sees("No answer is coming just now", thread_ts=thread)
    await luca.types("go on please", WHERE, thread)
    await luca.sees("Step 1 is .*Step 9 is", thread_ts=thread)
    place = {"channel": await luca.channel(WHERE), "thread_ts": thread}
    await stage.client.post("slack/stop_stream", user=luca.id, **place)
    await luca.sees("Step 9 is .*Stopped by", thread_ts=thread)

    stage.sandbox.models.pause_s = 0.3
    saying(stage, "Look at the saved passwords first.\n\n" + " ".join(NUMBERS[:5]))
    stage.fault("models", "latency", latency_s=1.5)
    await luca.types("what first?", WHERE, thread)
    assert await status_seen(stage, luca, place) == "is thinking…", "while nothing is said yet"
    whole = await luca.sees("saved passwords first.*Step 5 is", thread_ts=thread)
    while not any(block["type"] == "context_actions" for block in whole["blocks"]):
        whole = next(each for each in await luca.messages(WHERE, thread) if each["ts"] == whole["ts"])
    for verdict, answer in (("useful", "Noted: useful"), ("useful", "noted already"), ("not_useful", "Noted: not")):
        await luca.clicks(whole["blocks"][-1]["elements"][0]["action_id"], whole, value=verdict)
        await luca.sees(answer, thread_ts=thread)
    with account_scope(stage.account.id):
        (precision,) = await stage.application.services.pilot_answers.feedback()
    assert (precision.useful, precision.not_useful) == (0, 1), "one word of each person on each answer"
    assert precision.agent.startswith("anthropic"), "counted for who answered"


@pytest.mark.requirement("SLK-1", "SLK-3", "SLK-10")
async def test_where_slack_does_not_stream_one_message_is_edited_and_a_restart_leaves_none_hanging(slow: Stage) -> None:
    stage, luca, services = slow, slow.person("luca"), slow.application.services
    stage.sandbox.slack.streams.refusal = "channel_type_not_supported"
    session, thread = await begun(stage, luca)
    first = await luca.sees("Step 1 is .*Stop$", thread_ts=thread)
    await luca.clicks("Stop", first)
    stopped = await luca.sees("Step 1 is .*Stopped by", thread_ts=thread)
    assert stopped["ts"] == first["ts"]
    saying(stage, "Look at the saved passwords first.")
    await luca.types("what first?", WHERE, thread)
    whole = await luca.sees("saved passwords first.*Useful", thread_ts=thread)
    await luca.clicks("Not useful", whole)
    await luca.sees("Noted: not useful", thread_ts=thread)
    assert calls(stage, "chat.startStream") == 1, "what a channel refuses is tried once"

    saying(stage, LONG)
    await luca.types("and then?", WHERE, thread)
    edited = await luca.sees("Step 1 is .*Stop$", thread_ts=thread)
    stage.sandbox.slack.streams.refusal = ""
    killed = PilotAnswers(services.database, services.now)
    with account_scope(stage.account.id):
        answer = await killed.begin(session)
        recipient = Recipient(stage.account.slack_team_id, luca.id)
        stream = await services.slack.streams.start(session.channel_id or "", thread, recipient, "Half an ans")
        assert stream is not None
        await killed.shown_at(answer, stream.ts)
        plain = await services.slack.post(stream.channel, *growing("Half a word", session.id, 0), thread_ts=thread)
        await killed.shown_at(await killed.begin(session), plain.ts)
    await stage.application.stop(0)
    shown = {message["ts"]: message for message in await luca.messages(WHERE, thread)}
    assert "A restart cut this answer off" in visible_text(shown[edited["ts"]])
    assert shown[stream.ts]["streaming"]

    again = await Application.create(stage.settings, stage.sandbox.clock.now)
    await again.start()
    await again.stop(0)
    shown = {message["ts"]: message for message in await luca.messages(WHERE, thread)}
    assert not any(message.get("streaming") for message in shown.values())
    for ts, words in ((stream.ts, "Half an ans"), (plain.ts, "Half a word")):
        assert words in visible_text(shown[ts])
        assert "A restart cut this answer off" in visible_text(shown[ts])
        assert not visible_text(shown[ts]).endswith("Stop")


def test_an_edited_answer_shows_lists_with_bullets_and_leaves_code_as_it_is() -> None:
    _, blocks = written("Tried:\n- **one**\n  - two\n```yaml\n- three\n```\n- four")
    assert blocks[0]["text"]["text"] == "Tried:\n• *one*\n  • two\n```\n- three\n```\n• four"
