"""Shares by week as lines, with their targets, from 0 to 100 per cent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from services.charts.burn_up import (
    ACTUAL,
    DOTS_PER_INCH,
    EPOCH,
    GRID,
    INK,
    SIZE_INCHES,
    fonts_lock,
    png_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = (ACTUAL, "#c2703d", "#7d8b2f")
"""Mid tones that read well on light and dark, told apart by people with colour blindness, and by their markers."""

MARKERS = ("o", "s", "^")


@dataclass(frozen=True)
class Line:
    """A share (0 to 100) by week; weeks of which nothing is known are left out. `target` is drawn dashed."""

    label: str
    points: Sequence[tuple[date, float]]
    target: float | None = None


async def trend_png(title: str, lines: Sequence[Line]) -> bytes:
    """Draw in a thread; the background is transparent."""
    return await asyncio.to_thread(draw, title, lines)


def draw(title: str, lines: Sequence[Line]) -> bytes:
    """Draw the lines as a PNG of 1152 x 576 dots."""
    with fonts_lock:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(figsize=SIZE_INCHES, dpi=DOTS_PER_INCH, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        for line, colour, marker in zip(lines, COLOURS, MARKERS, strict=False):
            _plot(axes, line, colour, marker)
        _dress(axes, title, lines)
        figure.legend(loc="outside lower left", frameon=False, labelcolor=INK, fontsize=9, ncols=3)
        return png_of(figure)


def _plot(axes: Axes, line: Line, colour: str, marker: str) -> None:
    days = [float((day - EPOCH).days) for day, _ in line.points]
    shares = [share for _, share in line.points]
    axes.plot(days, shares, color=colour, marker=marker, linewidth=2.5, markersize=6, label=line.label, clip_on=False)
    if line.target is not None:
        axes.axhline(line.target, color=colour, linestyle=(0, (4, 3)), linewidth=1.2, alpha=0.8)
    axes.annotate(
        f"{int(shares[-1])} %",
        (days[-1], shares[-1]),
        xytext=(8, 0),
        textcoords="offset points",
        va="center",
        color=colour,
        fontsize=11,
        fontweight="bold",
        annotation_clip=False,
    )


def _dress(axes: Axes, title: str, lines: Sequence[Line]) -> None:
    days = sorted({day for line in lines for day, _ in line.points})
    shown = days[:: max(len(days) // 6, 1)]
    axes.set_xticks([float((day - EPOCH).days) for day in shown], [f"{day:%b} {day.day}" for day in shown])
    axes.set_ylim(0, 105)
    axes.set_yticks(range(0, 101, 25))
    axes.set_title(title, color=INK, fontsize=12, loc="left", fontweight="bold")
    axes.set_ylabel("per cent", color=INK, fontsize=10)
    axes.tick_params(colors=INK, labelsize=10, length=0, pad=6)
    axes.grid(axis="y", color=GRID, alpha=0.25, linewidth=0.8)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(INK)
