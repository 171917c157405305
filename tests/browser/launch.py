"""How the tests start a browser."""

from __future__ import annotations

import os
import shutil

import pytest

FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


def chromium() -> str:
    """Return Chromium's path; without one skip, or fail in CI."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if found:
        return found
    if os.environ.get("CI"):
        pytest.fail("Chromium is missing: apt-get install chromium")
    pytest.skip("Chromium is not installed (apt-get install chromium)")
