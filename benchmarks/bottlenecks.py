"""Baselines of stuck work on real incidents, split in time, beside the usual rules; and a million transitions.

`python -m benchmarks.bottlenecks [--data FILE] [--train-share 0.7] [--transitions N]`: JSON on standard output.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.bottlenecks_data import INCIDENTS, MADE_UP_NOW, incident_visits, made_up_changelogs
from benchmarks.bottlenecks_measures import Later, coverage, early_warning, forest, weekend, what_rules_flag
from services.pm.bottlenecks.features import TableBuilder
from services.pm.bottlenecks.training import train, train_table
from services.pm.bottlenecks.types import Visit
from services.pm.bottlenecks.visits import ticket_visits

ACTIVE_WITHIN = timedelta(days=3)
EARLIER_CUTS = (0.35, 0.5)
"""Cuts that leave more time to see how later visits end, for comparison."""


def cut_at(visits: list[Visit], share: float) -> datetime:
    """Return when a share of the visits had begun."""
    began = sorted(visit.entered_at for visit in visits)
    return began[int(share * len(began))]


def other_readings(visits: list[Visit], share: float) -> dict[str, Any]:
    """Judge by other readings of "trained on the first part in time, evaluated on the rest".

    Part of the visits, of the cases, or of the calendar; the rest as what began later, or as all that was seen later,
    whose stays under way at the cut are longer than most, as such stays are wherever one looks.
    """
    first: dict[str, datetime] = {}
    for visit in visits:
        first[visit.item_key] = min(visit.entered_at, first.get(visit.item_key, visit.entered_at))
    cases, began = sorted(first.values()), min(first.values())
    cuts = {
        "visits": cut_at(visits, share),
        "cases": cases[int(share * len(cases))],
        "calendar": began + share * (max(visit.seen_at for visit in visits) - began),
    }
    report: dict[str, Any] = {}
    for name, cut in cuts.items():
        model = train(visits, cut)
        for rest, under_way in (("began later", False), ("seen later", True)):
            later = Later.of(model, visits, cut, under_way=under_way)
            found = coverage(later, visits, cut)
            kept = {fit: found[fit] for fit in ("this", "finished only, P90", "Kaplan-Meier, all history")}
            report[f"{share} of the {name}, {rest}"] = {
                "cut": cut.isoformat(), "trained": model.visits, "judged": len(later.table), "above_p90": kept
            }  # fmt: skip
    return report


def measure_cut(visits: list[Visit], share: float) -> dict[str, Any]:
    """Train on what was known when a share of the visits had begun, and judge the visits that began later."""
    cut = cut_at(visits, share)
    started = time.perf_counter()
    model = train(visits, cut)
    seconds = time.perf_counter() - started
    later = Later.of(model, visits, cut)
    seen_until = max(visit.seen_at for visit in visits)
    return {
        "cut": cut.isoformat(),
        "hours_seen_after_it": round((seen_until - cut).total_seconds() / 3600, 1),
        "visits_trained": model.visits,
        "visits_later": len(later.table),
        "train_s": round(seconds, 1),
        "window_days": None if model.tuning.window_days == float("inf") else model.tuning.window_days,
        "strength": model.tuning.strength,
        "above_p90": coverage(later, visits, cut),
        "early_warning_auc": early_warning(later),
        "forest": forest(later),
    }


def measure_incidents(path: Path, share: float) -> dict[str, Any]:
    """Measure with the organisation as the project, statuses as they are read from both columns, then variations."""
    visits = incident_visits(path)
    coarse = incident_visits(path, level="status")
    by_product = incident_visits(path, project="product")
    first = min(visit.entered_at for visit in visits)
    return {
        "visits": len(visits),
        "still_open": sum(visit.is_censored for visit in visits),
        "first_and_last": [first.isoformat(), max(visit.seen_at for visit in visits).isoformat()],
        "usual_rules_on_all": what_rules_flag(visits),
        "elapsed_or_weekdays": weekend(visits),
        f"split at {share}": measure_cut(visits, share),
        "other readings of the split": other_readings(visits, share),
        **{f"split at {earlier}": measure_cut(visits, earlier) for earlier in EARLIER_CUTS if earlier < share},
        f"split at {share}, main status only": measure_cut(coarse, share),
        f"split at {share}, product as project": measure_cut(by_product, share),
    }


def measure_made_up(share: float) -> dict[str, Any]:
    """Judge the same way where later visits can be followed for months, then on an extract as the incidents are one.

    The extract keeps the whole history of only those tickets that changed in the last three days.
    """
    visits: list[Visit] = []
    for issues, changes in made_up_changelogs(150_000, projects=6):
        visits += ticket_visits(issues, changes, MADE_UP_NOW)
    active = {visit.item_key for visit in visits if (visit.left_at or visit.entered_at) >= MADE_UP_NOW - ACTIVE_WITHIN}
    extract = [visit for visit in visits if visit.item_key in active]
    report = {}
    for name, chosen in (("everything", visits), ("extract of the active", extract)):
        found = measure_cut(chosen, share)
        kept = ("visits_trained", "visits_later", "hours_seen_after_it", "window_days", "strength")
        report[name] = {key: found[key] for key in kept} | {
            "above_p90": {fit: found["above_p90"][fit] for fit in ("this", "finished only, P90")}
        }
    return report


def train_made_up(transitions: int) -> dict[str, Any]:
    """Turn changelogs into visits and train on them, in this process, whose memory is measured."""
    builder = TableBuilder()
    counted = 0
    making = 0.0

    def visits() -> Iterator[Visit]:
        nonlocal counted, making
        changelogs = made_up_changelogs(round(transitions * 1.05))
        while True:
            started = time.perf_counter()
            part = next(changelogs, None)
            making += time.perf_counter() - started
            if part is None:
                return
            issues, changes = part
            counted += len(changes)
            yield from ticket_visits(issues, changes, MADE_UP_NOW)

    started = time.perf_counter()
    table = builder.build(visits())
    read = time.perf_counter()
    model = train_table(table, builder.vocabularies, MADE_UP_NOW)
    ended = time.perf_counter()
    return {
        "transitions": counted,
        "visits": model.visits,
        "baselines": len(model.book.all()),
        "changelogs_to_visits_s": round(read - started - making, 1),
        "train_s": round(ended - read, 1),
        "together_s": round(ended - started - making, 1),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def measure_speed(transitions: int) -> dict[str, Any]:
    """Train in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.bottlenecks", "--speed-only", "--transitions", str(transitions)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=INCIDENTS)
    parser.add_argument("--train-share", type=float, default=0.7)
    parser.add_argument("--transitions", type=int, default=1_000_000)
    parser.add_argument("--speed-only", action="store_true", help="train on made-up changelogs in this process")
    options = parser.parse_args()
    if options.speed_only:
        print(json.dumps(train_made_up(options.transitions)))
        return
    report: dict[str, Any] = {"benchmark": "bottlenecks"}
    if options.data.exists():
        report["incidents"] = measure_incidents(options.data, options.train_share)
    else:
        report["incidents"] = {"skipped": f"no {options.data.name} beside this repository"}
    report["made up, with known ends"] = measure_made_up(options.train_share)
    report["speed"] = measure_speed(options.transitions)
    json.dump(report, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
