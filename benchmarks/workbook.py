"""How long the month's workbook takes, and how much memory: 100,000 rows in a process of its own.

    python -m benchmarks.workbook [--rows 100000]

Prints JSON. The floor is what the process holds before the workbook is begun, the month's data included.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
from datetime import UTC, datetime
from random import Random
from time import perf_counter

from services.pm.months import Month
from services.pm.reconciliation.reconcile import reconcile
from services.pm.reconciliation.types import EpicName, ForecastRow, HoursRow, ReconciliationData

TEAMS = ("Atlas", "Borealis", "Cirrus", "")
PROJECTS = 40
SEED = 7


def month_of(rows: int) -> ReconciliationData:
    """Return a month whose sheet of details has about so many rows: epics with four teams each."""
    random = Random(SEED)
    epics = [(f"P{number % PROJECTS:02}", f"P{number % PROJECTS:02}-{number}") for number in range(rows // 5)]
    hours = [HoursRow(*epic, team, random.randrange(60, 400_000, 60)) for epic in epics for team in TEAMS]
    month = Month(2026, 10)
    forecasts = [
        ForecastRow(*epic, month, "", random.randrange(600, 20_000)) for epic in epics if random.random() < 0.8
    ]
    return ReconciliationData(
        month=month,
        hours=tuple(hours),
        to_date=tuple(hours),
        forecasts=tuple(forecasts),
        projects=(),
        epics={key: EpicName(f"Epic number {key} of many, with a summary of the usual length") for _, key in epics},
        tempo_seconds=sum(row.seconds for row in hours),
        worklogs=len(hours) * 12,
    )


def measure(rows: int) -> dict[str, float]:
    """Build one workbook in this process."""
    from services.reports.reconciliation import Edition, build_workbook

    month = reconcile(month_of(rows))
    written = sum(1 + len(epic.teams) for project in month.projects for epic in project.epics)
    floor = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = perf_counter()
    content = build_workbook(month, Edition(1, datetime(2026, 11, 1, 9, tzinfo=UTC)))
    return {
        "rows": written,
        "seconds": round(perf_counter() - started, 2),
        "file_mb": round(len(content) / 2**20, 1),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "floor_rss_mb": round(floor / 1024, 1),
    }


def main() -> int:
    """Measure in a fresh process, so that the peak is this workbook's."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--here", action="store_true")
    given = parser.parse_args()
    if given.here:
        print(json.dumps(measure(given.rows)))
        return 0
    command = [sys.executable, "-m", "benchmarks.workbook", "--here", "--rows", str(given.rows)]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
