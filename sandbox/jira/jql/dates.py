"""Points in time as JQL writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.jira.jql.syntax import Function, JqlError

_PERIOD = re.compile(r"^([+-]?)\s*((?:\d+\s*[wdhmy]\s*)+)$", re.IGNORECASE)
_PART = re.compile(r"(\d+)\s*([wdhmy])", re.IGNORECASE)
_UNITS = {"w": timedelta(weeks=1), "d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}
_FORMATS = ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d")


def instant(text: str, field: str, now: datetime, zone: ZoneInfo) -> datetime:
    """Read epoch milliseconds, "yyyy-MM-dd HH:mm" in the caller's zone, or a period such as -7d."""
    if re.fullmatch(r"-?\d{5,}", text):
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    if match := _PERIOD.match(text.strip()):
        length = _period(match.group(2))
        return now - length if match.group(1) == "-" else now + length
    for form in _FORMATS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=zone)
        except ValueError:
            continue
    raise JqlError(
        f"Date value '{text}' for field '{field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', "
        "'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
    )


def _period(text: str) -> timedelta:
    total = timedelta()
    for count, unit in _PART.findall(text):
        total += timedelta(days=365 * int(count)) if unit.lower() == "y" else int(count) * _UNITS[unit.lower()]
    return total


def date_function(call: Function, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return now(), startOf…() or endOf…(); None for a function that is not about time."""
    name = call.name.lower()
    if name == "now":
        return now
    if not name.startswith(("startof", "endof")):
        return None
    unit = name.removeprefix("startof").removeprefix("endof")
    steps, shift = _increment(call.arguments[0] if call.arguments else "0", unit)
    start = _start(unit, now.astimezone(zone), steps if name.startswith("start") else steps + 1)
    if start is None:
        return None
    return start + shift - (timedelta() if name.startswith("start") else timedelta(seconds=1))


def _increment(text: str, unit: str) -> tuple[int, timedelta]:
    if re.fullmatch(r"[+-]?\d+", text):
        return int(text), timedelta()
    match = re.fullmatch(r"([+-]?\d+)([wdhmMy])", text)
    if match is None:
        raise JqlError(
            f"Duration for function 'startOf{unit}' should have the format (+/-)n(yMwdm), e.g -1M for 1 month."
        )
    count, letter = int(match.group(1)), match.group(2)
    if letter == {"month": "M", "year": "y"}.get(unit):
        return count, timedelta()
    return 0, count * (
        timedelta(days=30) if letter == "M" else timedelta(days=365) if letter == "y" else _UNITS[letter]
    )


def _start(unit: str, local: datetime, steps: int) -> datetime | None:
    day = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "day":
        return day + timedelta(days=steps)
    if unit == "week":
        return day - timedelta(days=(day.weekday() + 1) % 7) + timedelta(weeks=steps)
    if unit == "month":
        months = day.year * 12 + day.month - 1 + steps
        return day.replace(year=months // 12, month=months % 12 + 1, day=1)
    if unit == "year":
        return day.replace(year=day.year + steps, month=1, day=1)
    return None
