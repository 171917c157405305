"""Epic suggestion on real issues: accuracy in time order, calibration, speed. JSON on standard output.

`python -m benchmarks.epic_suggestions [--data DIR] [--embedder tfidf|local|openai] [--childless] [--orphans N]`
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.epic_replay import accuracy, cuts, honesty, next_run, replay_at_creation, replay_baselines, replay_daily
from benchmarks.real_epics import DEFAULT_DATA, RealIssues, load
from services.errors import FlowPilotError
from services.pm.epics.choose import build_embedder
from services.pm.epics.embedders import Embedder
from services.pm.epics.features import FEATURES
from services.pm.epics.suggest import EpicSuggester
from services.pm.epics.text import text_of
from services.pm.epics.types import Suggestion, TicketText

HOLD_OUT_SHARE = 0.2
"""The last links, which were not looked at while the method was made."""


def measure_accuracy(data: RealIssues, embedder: Embedder) -> dict[str, Any]:
    """Replay all links; three readings of "right": of all, where the epic was open, where it also had a child."""
    linked = data.linked
    hold_out_from = round(len(linked) * (1 - HOLD_OUT_SHARE))
    periods = cuts(len(linked), hold_out_from)
    held = {ticket.key for ticket in linked[hold_out_from:]}
    epics = {epic.key: epic for epic in data.epics}
    first_child = {ticket.epic_key: ticket.created_at for ticket in reversed(linked)}

    def is_open(ticket: TicketText) -> bool:
        return ticket.epic_key in epics and epics[ticket.epic_key].is_open(ticket.created_at)

    def is_warm(ticket: TicketText) -> bool:
        return is_open(ticket) and first_child[ticket.epic_key] < ticket.created_at

    def open_at_run(ticket: TicketText) -> bool:
        return ticket.epic_key in epics and epics[ticket.epic_key].is_open(next_run(ticket.created_at))

    replays = {"suggester": replay_at_creation(data, embedder, periods), **replay_baselines(data, embedder, periods)}
    daily = replay_daily(data, embedder, periods)
    report: dict[str, Any] = {}
    for period in ("development", "hold-out", "both"):
        belongs = _belongs(period, held)
        report[period] = {
            "at creation": {
                name: {
                    "all links": accuracy(answers, belongs),
                    "epic open": accuracy([a for a in answers if is_open(a[0])], belongs),
                    "epic open, has a child": accuracy([a for a in answers if is_warm(a[0])], belongs),
                }
                for name, answers in replays.items()
            },
            "next daily run": {
                "all links": accuracy(daily, belongs),
                "epic open": accuracy([a for a in daily if open_at_run(a[0])], belongs),
            },
            "calibration, all links": honesty(replays["suggester"], belongs),
            "calibration, epic open": honesty([a for a in replays["suggester"] if is_open(a[0])], belongs),
            "calibration, next daily run, all links": honesty(daily, belongs),
        }
    return report


def _belongs(period: str, held: set[str]) -> Callable[[TicketText], bool]:
    return lambda ticket: period == "both" or (ticket.key in held) == (period == "hold-out")


def orphans_of(data: RealIssues, limit: int) -> list[TicketText]:
    """List issues without an epic, or an even sample of them."""
    orphans = [ticket for ticket in data.tickets if not ticket.epic_key]
    return orphans[:: max(1, len(orphans) // limit)] if limit else orphans


def measure_all_issues(data: RealIssues, embedder: Embedder, limit: int) -> dict[str, Any]:
    """Suggest for every issue without an epic, as on the day after the last one, and time it."""
    now = next_run(data.tickets[-1].created_at)
    orphans = orphans_of(data, limit)
    started = time.perf_counter()
    suggester = EpicSuggester(embedder).fit(data.tickets, data.epics, now)
    fit_s = time.perf_counter() - started
    started = time.perf_counter()
    suggestions = suggester.suggest(orphans, now)
    all_s = time.perf_counter() - started
    sample = random.Random(1).sample(orphans, min(1_000, len(orphans)))
    thousand_s = median(_timed(suggester, sample, now) for _ in range(5))
    open_ones = [found for found in suggestions if found.ticket_key not in data.done]
    elsewhere = [replace(t, project_key="TIMOB", created_at=now) for t in orphans if t.project_key == "AC"][-1_000:]
    return {
        "fit_s": round(fit_s, 2),
        "suggest_all_s": round(all_s, 2),
        "suggest_per_s": round(len(orphans) / all_s),
        "suggest_1000_orphans_s": round(thousand_s, 3),
        "open_epics": sum(epic.is_open(now) for epic in data.epics),
        "all issues without an epic": _distribution(suggestions),
        "those not done": _distribution(open_ones),
        "each as of its creation": _distribution(suggester.suggest_at_creation(orphans)),
        "tickets of another project, as if new in TIMOB": _distribution(suggester.suggest(elsewhere, now)),
        "weights": {name: round(float(weight), 2) for name, weight in zip(FEATURES, suggester.weights, strict=True)},
        "calibration": [round(suggester.calibration.scale, 2), round(suggester.calibration.none_shift, 2)],
    }


def _timed(suggester: EpicSuggester, tickets: list[TicketText], now: Any) -> float:
    started = time.perf_counter()
    suggester.suggest(tickets, now)
    return time.perf_counter() - started


def _distribution(suggestions: list[Suggestion]) -> dict[str, Any]:
    best = sorted(found.best.confidence for found in suggestions if found.best)
    quantiles = {f"p{share}": round(best[min(len(best) - 1, len(best) * share // 100)], 3) for share in (50, 90, 99)}
    return {
        "tickets": len(suggestions),
        "with candidates": len(best),
        "above 0.7": sum(confidence >= 0.7 for confidence in best),
        "above 0.9": sum(confidence >= 0.9 for confidence in best),
        **(quantiles if best else {}),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--embedder", choices=["tfidf", "local", "openai"], default="tfidf")
    parser.add_argument("--childless", action="store_true", help="let epics that never got a child compete as well")
    parser.add_argument("--orphans", type=int, default=0, help="take a sample of the issues without an epic (0: all)")
    options = parser.parse_args()
    if not (options.data / "issues.csv.gz").exists():
        print(json.dumps({"benchmark": "epic_suggestions", "skipped": f"no issues.csv.gz in {options.data.name}"}))
        return
    data = load(options.data, options.childless)
    try:
        embedder = build_embedder(
            options.embedder,
            openai_api_key=os.environ.get("OPENAI_API_KEY", ""),
            openai_base_url=os.environ.get("OPENAI_BASE_URL", "https://api.openai.com/v1"),
        )
        started = time.perf_counter()
        texts = [text_of(item) for item in (*data.linked, *orphans_of(data, options.orphans))]
        asyncio.run(embedder.prepare([*map(text_of, data.epics), *texts]))
    except FlowPilotError as error:
        print(json.dumps({"benchmark": "epic_suggestions", "embedder": options.embedder, "skipped": str(error)}))
        return
    report = {
        "benchmark": "epic_suggestions",
        "embedder": embedder.name,
        "tickets": len(data.tickets),
        "epics": len(data.epics),
        "links": len(data.linked),
        "texts": len(texts) + len(data.epics),
        "embed_s": round(time.perf_counter() - started, 1),
        "accuracy": measure_accuracy(data, embedder),
        "throughput": measure_all_issues(data, embedder, options.orphans),
    }
    json.dump(report, sys.stdout, indent=1, ensure_ascii=False)
    print()


if __name__ == "__main__":
    main()
