"""A month's burn-up: hours logged by day, the budget as a line, and where the month is heading with its 80 % band."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, GRID, BUDGET, ACTUAL = "#80868d", "#80868d", "#e0483d", "#2f87d8"
"""Mid tones, each with a contrast of 3 or more on white and on Slack's dark background (#1a1d21)."""

SIZE_INCHES, DOTS_PER_INCH = (7.2, 3.6), 160

EPOCH = date(1970, 1, 1)
"""From when matplotlib counts days."""

fonts_lock = threading.Lock()
"""matplotlib's fonts and caches are not made for several threads."""


@dataclass(frozen=True)
class BurnUpPoint:
    """Hours of the month so far, expected by the end of a day: low, middle, high."""

    day: date
    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class BurnUp:
    """What the chart shows, in hours; `logged` and `ahead` are cumulative by day, one where the other ends."""

    title: str
    first: date
    last: date
    budget: float
    logged: Sequence[tuple[date, float]]
    ahead: Sequence[BurnUpPoint]
    ends_on: date | None = None
    pace: Sequence[tuple[date, float]] = ()
    """Where the pace so far would lead, drawn up to where it meets the budget."""


async def burn_up_png(data: BurnUp) -> bytes:
    """Draw in a thread; the background is transparent."""
    return await asyncio.to_thread(draw, data)


def draw(data: BurnUp) -> bytes:
    """Draw the chart as a PNG of 1152 x 576 dots."""
    with fonts_lock:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(figsize=SIZE_INCHES, dpi=DOTS_PER_INCH, layout="constrained")
        FigureCanvasAgg(figure)
        _plot(figure.add_subplot(), data)
        figure.legend(loc="outside lower left", frameon=False, labelcolor=INK, fontsize=9, ncols=5, columnspacing=1.4)
        return png_of(figure)


def png_of(figure: Figure) -> bytes:
    """Return a figure with a transparent background; the same figure gives the same bytes."""
    out = io.BytesIO()
    figure.savefig(out, format="png", transparent=True, metadata={"Software": None})
    return out.getvalue()


def _x(day: date) -> float:
    return float((day - EPOCH).days)


def _plot(axes: Axes, data: BurnUp) -> None:
    end = data.logged[-1][0] if data.logged else data.first
    if data.ahead:
        days = [_x(point.day) for point in data.ahead]
        low, high = [point.low for point in data.ahead], [point.high for point in data.ahead]
        axes.fill_between(days, low, high, color=ACTUAL, alpha=0.28, linewidth=0, label="80 % range")
        middle = [point.middle for point in data.ahead]
        axes.plot(days, middle, color=ACTUAL, linestyle=(0, (4, 2.5)), linewidth=2, label="projected")
    if data.pace:
        at, hours = [_x(day) for day, _ in data.pace], [each for _, each in data.pace]
        axes.plot(at, hours, color=INK, linestyle=":", linewidth=2, label="pace so far")
    axes.plot(
        [_x(day) for day, _ in data.logged],
        [hours for _, hours in data.logged],
        color=ACTUAL,
        linewidth=3,
        solid_capstyle="round",
        label=f"logged to {end:%b} {end.day}",
    )
    axes.axhline(data.budget, color=BUDGET, linewidth=2, label=f"budget, {data.budget:g} h")
    _mark_end(axes, data)
    _dress(axes, data)


def _mark_end(axes: Axes, data: BurnUp) -> None:
    if data.ends_on is None:
        return
    at = _x(data.ends_on)
    axes.plot([at], [data.budget], marker="o", markersize=9, color=BUDGET)
    is_right = at * 2 > _x(data.first) + _x(data.last)
    axes.annotate(
        f"{data.ends_on:%b} {data.ends_on.day}",
        (at, data.budget),
        xytext=(-9 if is_right else 9, 9),
        textcoords="offset points",
        ha="right" if is_right else "left",
        color=BUDGET,
        fontsize=12,
        fontweight="bold",
    )


def _dress(axes: Axes, data: BurnUp) -> None:
    from matplotlib.dates import DateFormatter, DayLocator

    highest = max([data.budget, *(p.high for p in data.ahead), *(hours for _, hours in data.logged)], default=1.0)
    axes.set_xlim(_x(data.first), _x(data.last))
    axes.set_ylim(0, highest * 1.15)
    axes.xaxis.set_major_locator(DayLocator(bymonthday=(1, 8, 15, 22, 29)))  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_formatter(DateFormatter("%b %-d"))  # type: ignore[no-untyped-call]
    axes.set_title(data.title, color=INK, fontsize=12, loc="left", fontweight="bold")
    axes.set_ylabel("hours", color=INK, fontsize=10)
    axes.tick_params(colors=INK, labelsize=10, length=0, pad=6)
    axes.grid(axis="y", color=GRID, alpha=0.25, linewidth=0.8)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(INK)
