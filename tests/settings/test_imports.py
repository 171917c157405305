"""What is slow to load is loaded where it is used, so that a start is quick and an idle process small."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HEAVY = (
    "numpy",
    "scipy",
    "sklearn",
    "pydantic_ai",
    "anthropic",
    "openai",
    "google.genai",
    "jira",
    "dbos",
    "openpyxl",
    "google.auth",
    "aiosmtplib",
)


def test_composing_the_application_loads_nothing_heavy() -> None:
    code = f"import sys, app, application.running; print([n for n in {HEAVY!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr
