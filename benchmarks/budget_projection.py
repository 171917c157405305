"""How well the month-end projection of retainers does, by back-test: coverage of its 80 % range, error of its point.

    python -m benchmarks.budget_projection [--projects 30]

Two sets, each project-month projected as of the end of each of its working days, knowing only what was logged for the
days until then, the months before, and the leave that was planned: the sandbox's world as of several days with all its
retainer projects, and generated histories of six regimes whose month-ends are known. Beside it, on the same cases, the
seed's formula (hours / days elapsed x days in the month) and hours / working days elapsed x working days. Errors are
shares of the month's true total. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.budget_histories import REGIMES, WORLD_DAYS, History, generated_history, world_history
from services.pm.budgets.months import BudgetMonth
from services.pm.budgets.projection import project_month

COVERAGE = (0.75, 0.85)
FIRST_GENERATED = 4
"""The months before it only serve as history."""


@dataclass(frozen=True)
class Case:
    """One projection against what came."""

    true: int
    low: int
    point: int
    high: int
    by_calendar: float
    by_working_days: float

    @property
    def is_covered(self) -> bool:
        """Tell whether the range held the truth."""
        return self.low <= self.true <= self.high


def cases_of(history: History, first: int) -> Iterator[Case]:
    """Project each month of each project from `first` on, as of each of its working days but the last."""
    for months in history.projects:
        others = [other for other in history.projects if other is not months]
        for number in range(first, len(months)):
            month = months[number]
            working = [day for day in month.month if history.is_worked(day)]
            for count, day in enumerate(working[:-1], 1):
                known = {d: s for d, s in month.logged.items() if d <= day}
                seen = BudgetMonth(month.month, known, month.capacity)
                found = project_month(seen, day, months[:number], others=[each[:number] for each in others])
                hours = sum(known.values())
                by_calendar = hours / day.day * month.month.end.day
                by_working_days = hours / count * len(working)
                yield Case(month.total, found.low, found.point, found.high, by_calendar, by_working_days)


def report(cases: Sequence[Case]) -> dict[str, Any]:
    """Return coverage and median absolute errors."""

    def error(value: Callable[[Case], float]) -> float:
        return round(statistics.median(abs(value(case) - case.true) / case.true for case in cases), 4)

    return {
        "cases": len(cases),
        "coverage": round(sum(case.is_covered for case in cases) / len(cases), 3),
        "median_width": round(statistics.median((case.high - case.low) / case.true for case in cases), 3),
        "error": error(lambda case: case.point),
        "error_of_seed_formula": error(lambda case: case.by_calendar),
        "error_by_working_days": error(lambda case: case.by_working_days),
    }


def measure(projects: int) -> dict[str, Any]:
    """Return both sets, each in parts and as a whole, and whether the targets are met."""
    worlds = {as_of: list(cases_of(world_history(as_of), 1)) for as_of in WORLD_DAYS}
    made = {
        name: [c for seed in range(projects) for c in cases_of(generated_history(name, seed), FIRST_GENERATED)]
        for name in REGIMES
    }
    sets = {"world": worlds, "generated": made}
    result: dict[str, Any] = {}
    for name, parts in sets.items():
        whole = report([case for cases in parts.values() for case in cases])
        result[name] = {"all": whole, "parts": {part: report(cases) for part, cases in parts.items()}}
        result[name]["targets"] = {
            "coverage_of_80_percent": COVERAGE[0] <= whole["coverage"] <= COVERAGE[1],
            "better_than_seed_formula": whole["error"] < whole["error_of_seed_formula"],
        }
    return result


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--projects", type=int, default=30, help="generated projects of each regime")
    options = parser.parse_args()
    sys.stdout.write(json.dumps(measure(options.projects), indent=1) + "\n")


if __name__ == "__main__":
    main()
