"""How long the application takes from its start to ready, and what it needs when idle.

    python -m benchmarks.start_up [--runs 5]

Runs `python app.py run --once` against a sandbox in another process: a first start on an empty data folder, then
starts on a migrated one. Memory is the resident set (RSS and, without pages shared with others, PSS) after `--idle`
seconds. Prints JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

from application.demo import demo_settings, sandbox_process

ROOT = Path(__file__).resolve().parents[1]


def environment(url: str, data_dir: Path) -> dict[str, str]:
    """Return the environment of an application against the sandbox, without model keys (nothing is warmed)."""
    settings = demo_settings(url, data_dir)
    wanted = {
        "SLACK_BOT_TOKEN": settings.slack_bot_token.get_secret_value(),
        "SLACK_APP_TOKEN": settings.slack_app_token.get_secret_value(),
        "SLACK_API_URL": settings.slack_api_url,
        "JIRA_URL": settings.jira_url,
        "JIRA_EMAIL": settings.jira_email,
        "JIRA_API_TOKEN": settings.jira_api_token.get_secret_value(),
        "TEMPO_URL": settings.tempo_url,
        "TEMPO_API_TOKEN": settings.tempo_api_token.get_secret_value(),
        "TEMPO_CALLS_PER_S": str(settings.tempo_calls_per_s),
        "DATA_DIR": str(data_dir),
        "HTTP_PORT": "0",
        "LOG_LEVEL": "WARNING",
        "SYNC_INTERVAL_S": "3600",
    }
    return {"PATH": os.environ["PATH"], **wanted}


async def start_once(url: str, data_dir: Path, idle_s: float) -> dict[str, float]:
    """Start, wait for ready, be idle, stop; return seconds to ready and mebibytes when idle."""
    started = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "app.py", "run", "--once", cwd=ROOT, env=environment(url, data_dir), stdout=PIPE
    )
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), 60)
    ready_s = time.monotonic() - started
    if not line:
        raise RuntimeError("the application did not get ready")
    await asyncio.sleep(idle_s)
    memory = _memory(process.pid)
    process.terminate()
    code = await asyncio.wait_for(process.wait(), 60)
    return {"ready_s": round(ready_s, 3), **memory, "exit_code": code}


def _memory(pid: int) -> dict[str, float]:
    fields = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        name, _, rest = line.partition(":")
        if name in ("Rss", "Pss"):
            fields[f"{name.lower()}_mib"] = round(int(rest.split()[0]) / 1024, 1)
    return fields


async def measure(runs: int, idle_s: float) -> dict[str, Any]:
    """Return the first start and the median of the later ones."""
    async with sandbox_process(0) as url:
        with tempfile.TemporaryDirectory() as folder:
            first = await start_once(url, Path(folder) / "data", idle_s)
            later = [await start_once(url, Path(folder) / "data", idle_s) for _ in range(runs)]
    median = {name: statistics.median(run[name] for run in later) for name in later[0]}
    targets = {"ready_under_2_s": median["ready_s"] < 2, "idle_under_160_mib": median["rss_mib"] < 160}
    return {"first_start": first, "later_starts_median": median, "runs": later, "targets": targets}


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--idle", type=float, default=5.0)
    options = parser.parse_args()
    sys.stdout.write(json.dumps(asyncio.run(measure(options.runs, options.idle)), indent=1) + "\n")


if __name__ == "__main__":
    main()
