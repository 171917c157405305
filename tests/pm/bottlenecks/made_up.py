"""Visits to learn from, drawn the same way every time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from services.pm.bottlenecks.types import ItemType, Visit

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def visit(
    hours: float | None,
    days_ago: float = 50,
    *,
    status: str = "QA",
    project: str = "SHOP",
    priority: str = "High",
    assignee: str = "ann",
    automatic: bool = False,
    number: int = 0,
) -> Visit:
    """Make one that lasted `hours`, or still goes on where that is None."""
    entered = NOW - timedelta(days=days_ago)
    left = None if hours is None else entered + timedelta(hours=hours)
    return Visit(
        f"{project}-{number}", ItemType.TICKET, project, status, priority, assignee, "team", entered,
        left if left is None or left <= NOW else None, NOW, automatic,
    )  # fmt: skip


def log_normal(
    count: int,
    median_hours: float,
    *,
    seed: int = 0,
    spread: float = 1.0,
    status: str = "QA",
    project: str = "SHOP",
    priority: str = "High",
    assignee: str = "ann",
    days: tuple[float, float] = (1, 200),
) -> list[Visit]:
    """Make visits of log-normal length that began on days spread evenly."""
    generator = np.random.default_rng(seed)
    lengths = generator.lognormal(np.log(median_hours), spread, count)
    ago = generator.uniform(*days, count)
    return [
        visit(hours, back, status=status, project=project, priority=priority, assignee=assignee, number=number)
        for number, (hours, back) in enumerate(zip(lengths.tolist(), ago.tolist(), strict=True))
    ]
