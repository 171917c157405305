"""How much a run may do; shared by agents, which are run in a mode, and by what they hand their findings to."""

from __future__ import annotations

from enum import StrEnum


class RunMode(StrEnum):
    """`LIVE` sends; `DRY_RUN` returns what would be sent; `SHADOW` only records it."""

    LIVE = "live"
    DRY_RUN = "dry_run"
    SHADOW = "shadow"
