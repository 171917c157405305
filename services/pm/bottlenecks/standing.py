"""What is stuck now, counted as `/pm stuck` lists it, for Home and the Monday card."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from db.repositories import pm_overview
from services.pm.bottlenecks.assess import told_with
from services.pm.bottlenecks.types import Activity, ItemType


@dataclass(frozen=True)
class StuckNow:
    """A stay that goes on; `url` is a pull request's, `ticket_keys` are those that it names."""

    id: int
    key: str
    item_type: ItemType
    project_key: str
    status: str
    since: datetime
    activity: Activity
    blocker: str = ""
    ticket_keys: tuple[str, ...] = ()
    url: str = ""


async def stuck_now(session: AsyncSession) -> list[StuckNow]:
    """Return what is stuck now in all projects, the longest first; what is told together once."""
    return counted_once(
        StuckNow(
            row.id,
            row.item_key,
            ItemType(row.item_type),
            row.project_key,
            row.status,
            row.entered_at,
            Activity(row.activity),
            row.blocker,
            tuple(pull.jira_keys) if pull else (),
            pull.url if pull else "",
        )
        for row, pull in await pm_overview.stuck_items(session)
    )


def counted_once(items: Iterable[StuckNow]) -> list[StuckNow]:
    """Leave out the pull requests that are told with their ticket."""
    known = list(items)
    told = told_with(known)
    return [each for each in known if each.key not in told]
