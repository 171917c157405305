"""How long it takes from a click that makes a fact until the task lane shows it in Slack.

    python -m benchmarks.pilot_lane [--clicks 200] [--bursts 10]

The sandbox's Slack is a process of its own; the application is the demo's, without a model. A click on an answer in
the lane comes over Socket Mode; the time ends when the sandbox says that the lane's message was changed and shows the
new fact. Beside each, in turn, a bare `chat.update` of slack_sdk with the same blocks. Sessions take turns, so that
each had half a second of quiet; a burst answers five questions of one session one right after the other. Slack's own
pace (50 edits a minute) is off. Prints JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import structlog
from slack_sdk.web.async_client import AsyncWebClient

from application.demo import Demo, running_demo
from blocks.pilot.parts import ITEM
from db.tenancy import account_scope
from services.accounts.types import MemberRef
from services.pilot.types import LaneKind, NewItem, Session
from services.slack.pace import Pace, Rate

CHANNEL = "#general"
SESSIONS, BURST = 10, 5
QUIET_S, SETTLED_S = 0.6, 1.5
PATIENCE_S = 30.0
Json = dict[str, Any]


class NoPace(Pace):
    """Calls in order, but as fast as they are answered."""

    def turn(self, lane: str, rate: Rate | None = None) -> Any:
        """Wait for this call's turn, no longer."""
        return super().turn(lane, None)


@dataclass
class Room:
    """A running demo, somebody who clicks, and what the sandbox says that happens."""

    demo: Demo
    http: aiohttp.ClientSession
    member: MemberRef
    channel: str
    edits: dict[str, int] = field(default_factory=dict)
    _waiting: list[tuple[Callable[[Json], bool], asyncio.Future[tuple[float, Json]]]] = field(default_factory=list)

    async def listen(self) -> None:
        """Take in what happens, until cancelled."""
        async with self.http.ws_connect(f"{self.demo.sandbox_url}/sandbox/api/ws", max_msg_size=0) as socket:
            async for frame in socket:
                now, event = time.perf_counter(), json.loads(frame.data)
                if event["type"] == "message_changed":
                    self.edits[event["message"]["ts"]] = self.edits.get(event["message"]["ts"], 0) + 1
                for waiting in [each for each in self._waiting if each[0](event)]:
                    self._waiting.remove(waiting)
                    waiting[1].set_result((now, event))

    def when(self, matches: Callable[[Json], bool]) -> asyncio.Future[tuple[float, Json]]:
        """Return the next event that matches, and when it came."""
        future: asyncio.Future[tuple[float, Json]] = asyncio.get_running_loop().create_future()
        self._waiting.append((matches, future))
        return future

    async def choice(self, session: Session, item_id: str) -> Json:
        """Return what choosing the first answer of an item is: by its button, or in its menu."""
        ids, blocks = f"{ITEM}:{session.id}:{item_id}", await self.lane(session)
        container = {"type": "message", "channel": session.channel_id, "message_ts": session.lane_ts}
        body = {"user": self.member.slack_user_id, "container": container}
        for block in blocks:
            for element in block.get("elements", []):
                if str(element.get("action_id")).startswith(f"{ids}:"):
                    return {
                        **body,
                        "block_id": block["block_id"],
                        "action_id": element["action_id"],
                        "value": "option0",
                    }
        block_id = next(b["block_id"] for b in blocks if b.get("accessory", {}).get("action_id") == ids)
        return {**body, "block_id": block_id, "action_id": ids, "selected_option": {"value": "option0"}}

    async def lane(self, session: Session) -> list[Json]:
        """Return the blocks of the lane as Slack shows it."""
        query = {"as": self.member.slack_user_id, "channel": str(session.channel_id), "thread_ts": session.thread_ts}
        url = f"{self.demo.sandbox_url}/sandbox/api/slack/messages"
        async with self.http.get(url, params={k: str(v) for k, v in query.items()}) as response:
            found = (await response.json())["messages"]
        return list(next(message["blocks"] for message in found if message["ts"] == session.lane_ts))

    async def clicks(self, choice: Json) -> None:
        """Click."""
        url = f"{self.demo.sandbox_url}/sandbox/api/slack/action"
        async with self.http.post(url, json=choice, raise_for_status=True) as response:
            await response.read()


@asynccontextmanager
async def room() -> AsyncIterator[Room]:
    """Yield a demo without a model, in which Luca clicks."""
    with tempfile.TemporaryDirectory() as folder:
        async with running_demo(port=0, data_dir=Path(folder) / "data", say=lambda _: None, scheduled=()) as demo:
            services = demo.application.services
            services.slack.api.pace = NoPace()
            with account_scope(demo.account.id):
                member = await services.accounts.member(demo.account, "U0LUCA")
            async with aiohttp.ClientSession() as http:
                found = Room(demo, http, member, "C0GENERAL")
                listening = asyncio.create_task(found.listen())
                yield found
                listening.cancel()
                with suppress(asyncio.CancelledError):
                    await listening


async def open_session(place: Room, number: int, questions: int) -> Session:
    """Open a session in the channel, with questions that nobody answered."""
    services = place.demo.application.services
    session = await services.pilot.open(f"Workplace {number} has several faults", place.member)
    asked = [
        NewItem(LaneKind.QUESTION, f"Does device {each} of room {number} start?", ("Yes", "No"))
        for each in range(questions)
    ]
    await services.pilot.add_items(session.id, asked)
    return await services.pilot_lanes.start(await services.pilot.get(session.id), place.channel, place.member)


def shows(session: Session, number: int) -> Callable[[Json], bool]:
    """Tell the change of a session's lane that shows the fact of that number."""

    def matches(event: Json) -> bool:
        if event["type"] != "message_changed" or event["message"]["ts"] != session.lane_ts:
            return False
        return f"`F{number}`" in json.dumps(event["message"]["blocks"])

    return matches


async def one_click(place: Room, session: Session, number: int) -> float:
    """Answer one more of the session's questions, the newest first; return milliseconds until its lane shows the fact.

    What is said of it comes two seconds later, or is left to the next click.
    """
    choice = await place.choice(session, session.items[-1 - number].id)
    shown = place.when(shows(session, number + 1))
    started = time.perf_counter()
    await place.clicks(choice)
    at, _ = await asyncio.wait_for(shown, PATIENCE_S)
    return (at - started) * 1000


async def bare_update(place: Room, client: AsyncWebClient, ts: str, blocks: list[Json], text: str) -> float:
    """Return milliseconds of a `chat.update` until the sandbox says that the message was changed."""
    changed = place.when(lambda event: event["type"] == "message_changed" and event["message"]["ts"] == ts)
    started = time.perf_counter()
    await client.chat_update(channel=place.channel, ts=ts, text=text, blocks=blocks)
    at, _ = await asyncio.wait_for(changed, PATIENCE_S)
    return (at - started) * 1000


async def single_clicks(place: Room, clicks: int) -> dict[str, Any]:
    """Promote one fact after the other, and edit a message bare beside each."""
    per_session = -(-clicks // SESSIONS)
    sessions = [await open_session(place, number, per_session) for number in range(SESSIONS)]
    await asyncio.sleep(SETTLED_S)
    url = place.demo.application.services.settings.slack_api_url
    client = AsyncWebClient(token="xoxb-sandbox", base_url=url, session=place.http)
    reference = str((await client.chat_postMessage(channel=place.channel, text="Reference"))["ts"])
    took, bare, last = [], [], dict.fromkeys(range(SESSIONS), 0.0)
    for number in range(clicks):
        turn, question = number % SESSIONS, number // SESSIONS
        await asyncio.sleep(max(0.0, last[turn] + QUIET_S - time.perf_counter()))
        took.append(await one_click(place, sessions[turn], question))
        last[turn] = time.perf_counter()
        bare.append(await bare_update(place, client, reference, await place.lane(sessions[turn]), f"Edit {number}"))
    return {"clicks": clicks, "first_of_the_process_ms": round(took[0], 1), "ms": spread(took), "bare_ms": spread(bare)}


async def click_anew(place: Room, session: Session, item_id: str) -> None:
    """Click in the lane as it is; where it was redrawn just then, again."""
    for _ in range(10):
        with suppress(aiohttp.ClientResponseError):
            return await place.clicks(await place.choice(session, item_id))
    raise RuntimeError("the lane never stood still")


async def bursts(place: Room, count: int) -> dict[str, Any]:
    """Answer five questions of a session at once; the time is until the lane shows all five facts."""
    took, edits = [], []
    for number in range(count):
        session = await open_session(place, 100 + number, BURST)
        await asyncio.sleep(SETTLED_S)
        before = place.edits.get(str(session.lane_ts), 0)
        shown = place.when(shows(session, BURST))
        started = time.perf_counter()
        for item in session.items:
            await click_anew(place, session, item.id)
        at, _ = await asyncio.wait_for(shown, PATIENCE_S)
        took.append((at - started) * 1000)
        await asyncio.sleep(SETTLED_S)
        edits.append(place.edits[str(session.lane_ts)] - before)
    return {"bursts": count, "clicks_each": BURST, "ms_until_all_are_seen": spread(took), "edits": spread(edits)}


def spread(values: Sequence[float]) -> dict[str, float]:
    """Return median, 95th percentile and the largest."""
    p95 = statistics.quantiles(values, n=20)[18]
    return {"p50": round(statistics.median(values), 1), "p95": round(p95, 1), "most": round(max(values), 1)}


async def measure(clicks: int, count: int) -> dict[str, Any]:
    """Return everything."""
    async with room() as place:
        with account_scope(place.demo.account.id):
            single = await single_clicks(place, clicks)
            together = await bursts(place, count)
    targets = {"p95_under_300_ms": single["ms"]["p95"] < 300}
    return {"benchmark": "pilot_lane", "single": single, "burst": together, "targets": targets}


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clicks", type=int, default=200)
    parser.add_argument("--bursts", type=int, default=10)
    arguments = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    print(json.dumps(asyncio.run(measure(arguments.clicks, arguments.bursts)), indent=1))


if __name__ == "__main__":
    main()
