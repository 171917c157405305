"""Waiting items, people and days made up for tests: it is Wednesday, November 18, and the 11th was a holiday."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.accounts.types import MemberRef, Role
from services.pm.bottlenecks.context import Days
from services.pm.bottlenecks.stuck import People, Remark, Standing, StuckItem, WaitingItem
from services.pm.bottlenecks.types import Activity, ItemType, Visit

NOW = datetime(2026, 11, 18, 21, tzinfo=UTC)
ZONE = ZoneInfo("America/New_York")


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day != date(2026, 11, 11)


DAYS = Days(NOW, ZONE, is_working_day)


def member(number: int, name: str, role: Role = Role.ENGINEER) -> MemberRef:
    return MemberRef(number, f"U{number}", name, role, "America/New_York", f"712020:{number}", None, f"gh-{number}")


SAM, ALICE, PRIYA = member(1, "Sam"), member(2, "Alice", Role.LEAD), member(3, "Priya", Role.PM)
PEOPLE = People(SAM, "", (ALICE,), ALICE, PRIYA)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def visit(key: str = "SHOP-1", status: str = "Code Review", days: float = 9, **rest: Any) -> Visit:
    kind = ItemType.PULL_REQUEST if "#" in key else ItemType.TICKET
    values: dict[str, Any] = {"project_key": "SHOP", "priority": "High", "assignee": "712020:1", "team": "Storefront"}
    return Visit(
        item_key=key,
        item_type=kind,
        status=status,
        entered_at=ago(days),
        left_at=None,
        seen_at=NOW,
        **(values | rest),
    )


def waiting(key: str = "SHOP-1", status: str = "Code Review", days: float = 9, **rest: Any) -> WaitingItem:
    values: dict[str, Any] = {"title": "Vouchers", "url": f"https://jira.test/browse/{key}", "people": PEOPLE}
    return WaitingItem(visit=visit(key, status, days), **(values | rest))


def wrote(text: str, days: float, standing: Standing = Standing.ASSIGNEE, author: str = "Sam") -> Remark:
    return Remark(ago(days), author, standing, text)


def stuck(number: int, key: str = "", **rest: Any) -> StuckItem:
    key = key or f"SHOP-{number}"
    values: dict[str, Any] = {
        "id": number,
        "key": key,
        "item_type": ItemType.PULL_REQUEST if "#" in key else ItemType.TICKET,
        "project_key": "SHOP",
        "title": "Vouchers",
        "url": f"https://jira.test/browse/{key}",
        "status": "Code Review",
        "priority": "High",
        "team": "Storefront",
        "entered_at": ago(9),
        "seconds": 9 * 86_400,
        "days": 9,
        "working_days": 6,
        "expected_seconds": 9 * 3600,
        "p90_seconds": 2 * 86_400.0,
        "score": 2.6,
        "isolation": None,
        "risk": 0.9,
        "baseline": "SHOP · Code Review · High, 84 visits",
        "activity": Activity.PASSIVELY_STUCK,
        "context": "Nothing has happened for 6 working days.",
        "quote": "",
        "quoted": "",
        "blocker": "",
        "confidence": 0.85,
        "is_rule_based": True,
        "is_truly_stuck": True,
        "people": PEOPLE,
    }
    return StuckItem(**(values | rest))
