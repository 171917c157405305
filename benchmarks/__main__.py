"""Run every benchmark and print one JSON object: `python -m benchmarks [NAME…]`, or `make bench`."""

from __future__ import annotations

import json
import subprocess
import sys

BENCHMARKS = {
    "dispatch": ["benchmarks.dispatch"],
    "mirror_sync": ["benchmarks.mirror_sync"],
    "epic_suggestions": ["benchmarks.epic_suggestions"],
    "epic_agent_real": ["benchmarks.epic_agent_real"],
    "budget_projection": ["benchmarks.budget_projection"],
    "workbook": ["benchmarks.workbook"],
    "bottlenecks": ["benchmarks.bottlenecks"],
    "pilot_notes": ["benchmarks.pilot_notes"],
    "pilot_lane": ["benchmarks.pilot_lane"],
    "pilot_load": ["benchmarks.pilot_load"],
    "start_up": ["benchmarks.start_up"],
}


def main(names: list[str]) -> int:
    """Run the named benchmarks (all by default), each in a process of its own."""
    unknown = sorted(set(names) - set(BENCHMARKS))
    if unknown:
        sys.stderr.write(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}\n")
        return 2
    results = {}
    code = 0
    for name in names or list(BENCHMARKS):
        done = subprocess.run([sys.executable, "-m", *BENCHMARKS[name]], capture_output=True, text=True, check=False)
        code = code or done.returncode
        try:
            results[name] = json.loads(done.stdout)
        except ValueError:
            results[name] = {"error": (done.stderr or done.stdout)[-2000:]}
    sys.stdout.write(json.dumps(results, indent=1) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
