"""How fast slash commands and clicks are taken in, beside a Bolt app that does nothing but acknowledge.

    python -m benchmarks.dispatch [--count 1000] [--rounds 5]

Every app runs in a process of its own with the same event loop, and gets the same envelopes from the same server, in
turns. FlowPilot's handlers do nothing, so what is measured is the intake: sorting, routing, deduplication stored in
SQLite, account and member, the tracked task. Prints JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import signal
import statistics
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, cast

import structlog
import uvloop
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from benchmarks.slack_load import LoadServer, Measured, Payload, button_click, slash_command
from db.engine import Database
from db.migrate import upgrade
from handlers import build_router
from handlers.connection import SlackConnection
from handlers.request import Request
from handlers.router import Router
from services.accounts.service import Accounts
from services.clock import utc_now
from services.commands import Reply, Rest, TicketKey
from services.container import Services
from services.effects import AuditTrail
from services.home.homes import Homes
from services.memory import keep_startup_objects
from services.settings import Settings
from services.slack.api import SlackApi, build_session, build_web_client
from services.slack.directory import SlackProfiles
from services.slack.sender import SlackSender

VARIANTS = ("bare", "flowpilot", "flowpilot_100_more")
IN_FLIGHT = (1, 10, 100)
# work goes on after the last acknowledgement; it must not take the processor from the next app's turn
SETTLE_S = 0.4
KINDS: dict[str, tuple[str, Callable[[str], Payload]]] = {
    "slash_command": ("slash_commands", lambda url: slash_command(url, "/ticket", "ping ABC-1 to QA")),
    "button_click": ("interactive", lambda url: button_click(url, "ping:7")),
}


async def bare_app(url: str) -> Callable[[], int]:
    """Connect a Bolt app with an empty listener and return its counter."""
    handled = [0]
    client = AsyncWebClient("xoxb-bench", base_url=f"{url}/api/")
    app = AsyncApp(client=client, process_before_response=True, logger=_quiet_logger())

    async def acknowledge(ack: Any) -> None:
        await ack()
        handled[0] += 1

    app.command("/ticket")(acknowledge)
    app.action("ping:7")(acknowledge)
    await AsyncSocketModeHandler(app, "bare").connect_async()  # type: ignore[no-untyped-call]
    return lambda: handled[0]


def _quiet_logger() -> logging.Logger:
    logger = logging.getLogger("bench")
    logger.setLevel(logging.INFO)
    return logger


async def flowpilot_app(url: str, name: str, more: int, folder: str) -> Callable[[], int]:
    """Connect FlowPilot's intake with handlers that do nothing and return their counter."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    settings = Settings.model_validate(
        {"slack_bot_token": "xoxb-bench", "slack_app_token": name, "slack_api_url": f"{url}/api/"}
    )
    database = Database(f"sqlite+aiosqlite:///{Path(folder) / name}.sqlite")
    await upgrade(database)
    api = SlackApi(build_web_client(settings, build_session()))
    used: dict[str, Any] = {
        "settings": settings,
        "now": utc_now,
        "database": database,
        "accounts": Accounts(database, SlackProfiles(api), utc_now),
        "audit": AuditTrail(database, utc_now),
        "slack": SlackSender(api),
        "homes": Homes(),
    }
    absent: dict[str, Any] = dict.fromkeys(Services.__dataclass_fields__)
    services = Services(**absent | used)
    handled = [0]

    async def ping(request: Request, key: TicketKey | None, to: Rest) -> Reply:
        handled[0] += 1
        return cast(Reply, None)  # an answer would measure the way out

    async def clicked(request: Request) -> None:
        handled[0] += 1

    def feature(router: Router) -> None:
        for number in range(more):
            router.commands.command("/ticket", f"other{number}", summary="Another command")(ping)
            router.action(f"other{number}")(clicked)
        router.commands.command("/ticket", "ping", summary="Do nothing")(ping)
        router.action("ping")(clicked)

    await SlackConnection(services, build_router([feature])).start()
    keep_startup_objects()
    return lambda: handled[0]


async def run_app(variant: str, url: str, folder: str) -> None:
    """Run one app until it is told to stop, then print how many envelopes its handlers saw."""
    if variant == "bare":
        counted = await bare_app(url)
    else:
        counted = await flowpilot_app(url, variant, 100 if variant.endswith("more") else 0, folder)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    sys.stdout.write(json.dumps({"handled": counted()}) + "\n")


async def measure(count: int, rounds: int) -> dict[str, Any]:
    """Run all variants in turns and return medians, ratios and whether the targets are met."""
    server = LoadServer()
    await server.start()
    measured: dict[tuple[str, str, int], list[Measured]] = {}
    with tempfile.TemporaryDirectory() as folder:
        apps: dict[str, Process] = {}
        for variant in VARIANTS:
            arguments = ("-m", "benchmarks.dispatch", "--app", variant, "--url", server.url, "--folder", folder)
            apps[variant] = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=PIPE)
            await server.connected(variant)
        for round_number in range(rounds + 1):  # the first round warms up
            for kind, (type_, make) in KINDS.items():
                for in_flight in IN_FLIGHT:
                    for variant in VARIANTS:
                        result = await server.run(variant, type_, partial(make, server.response_url), count, in_flight)
                        await asyncio.sleep(SETTLE_S)
                        if round_number:
                            measured.setdefault((kind, variant, in_flight), []).append(result)
        handled = {}
        for variant, process in apps.items():
            process.terminate()
            output, _ = await process.communicate()
            handled[variant] = json.loads(output)["handled"]
    await server.stop()
    sent = count * (rounds + 1) * len(KINDS) * len(IN_FLIGHT)
    return {"count": count, "rounds": rounds, "sent": sent, "handled": handled, "results": _summary(measured)}


def _summary(measured: dict[tuple[str, str, int], list[Measured]]) -> list[dict[str, Any]]:
    rows = []
    for (kind, variant, in_flight), runs in measured.items():
        bare = measured[kind, "bare", in_flight]
        ratio = statistics.median(run.per_second / other.per_second for run, other in zip(runs, bare, strict=True))
        rows.append(
            {
                "kind": kind,
                "app": variant,
                "in_flight": in_flight,
                "per_second": round(statistics.median(run.per_second for run in runs)),
                "p50_ms": round(statistics.median(run.p50_ms for run in runs), 2),
                "p99_ms": round(statistics.median(run.p99_ms for run in runs), 2),
                "ratio_to_bare": round(ratio, 2),
                "meets_target": ratio >= 0.7 and (in_flight < 100 or statistics.median(r.p99_ms for r in runs) < 100),
            }
        )
    return rows


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--app", choices=VARIANTS, help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.app:
        uvloop.run(run_app(options.app, options.url, options.folder))
    else:
        print(json.dumps(uvloop.run(measure(options.count, options.rounds)), indent=2))


if __name__ == "__main__":
    main()
