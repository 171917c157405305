"""The chart: a PNG with a transparent background that reads well on light and dark."""

from __future__ import annotations

import io
from datetime import date

import pytest
from PIL import Image

from services.charts.burn_up import ACTUAL, BUDGET, INK, BurnUp, BurnUpPoint, draw


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", [INK, BUDGET, ACTUAL])
@pytest.mark.parametrize("background", ["#ffffff", "#1a1d21"])
def test_each_colour_stands_out_on_light_and_dark(colour: str, background: str) -> None:
    light, dark = sorted((luminance(colour), luminance(background)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 3


@pytest.mark.requirement("PM-2.4")
def test_the_chart_is_transparent_and_shows_line_budget_and_band() -> None:
    logged = [(date(2026, 11, 1), 0.0), (date(2026, 11, 17), 147.0)]
    ahead = [BurnUpPoint(date(2026, 11, 17), 147, 147, 147), BurnUpPoint(date(2026, 11, 30), 160, 180, 205)]
    data = BurnUp("CARE", date(2026, 11, 1), date(2026, 11, 30), 160, logged, ahead, date(2026, 11, 20))
    picture = Image.open(io.BytesIO(draw(data))).convert("RGBA")
    assert picture.size == (1152, 576)
    assert picture.getpixel((1, 1))[3] == 0  # type: ignore[index]
    colours = {pixel[:3] for _, pixel in picture.getcolors(1_000_000) or [] if pixel[3] == 255}  # type: ignore[index]
    assert {tuple(int(each[n : n + 2], 16) for n in (1, 3, 5)) for each in (BUDGET, ACTUAL)} <= colours


def test_an_empty_month_is_drawn_as_well() -> None:
    assert draw(BurnUp("CARE", date(2026, 11, 1), date(2026, 11, 30), 10, [], [])).startswith(b"\x89PNG")
