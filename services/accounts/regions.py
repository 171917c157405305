"""Countries: the one of a time zone, and those whose public holidays are known."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

USUAL_COUNTRY = "US"


@lru_cache(maxsize=32)
def country_of(time_zone: str) -> str:
    """Return the country (ISO 3166) of a time zone by the tz database's zone.tab; "US" where it names none."""
    try:
        table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    except (ModuleNotFoundError, FileNotFoundError):
        return USUAL_COUNTRY
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return next((row[0] for row in rows if row[2] == time_zone), USUAL_COUNTRY)


def is_holiday_region(country: str, subdivision: str | None = None) -> bool:
    """Tell whether public holidays are known of a country or a part of it."""
    from holidays import list_supported_countries

    parts = list_supported_countries().get(country)
    return parts is not None and (subdivision is None or subdivision in parts)
