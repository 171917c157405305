"""Read what the Monday cards are composed from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from db.engine import Database
from services.accounts.settings import MONDAY_CHANNELS, is_in_shadow
from services.accounts.types import Role
from services.pm.bottlenecks.standing import stuck_now
from services.pm.bottlenecks.stuck import AGENT as BOTTLENECKS_AGENT
from services.pm.bottlenecks.types import Activity
from services.pm.monday.types import CardSource, ExtraLine, MondayData, StuckItem

if TYPE_CHECKING:
    from services.accounts import Accounts
    from services.pm import ProjectManagement
    from services.pm.budgets.service import RetainerBudgets
    from services.pm.variance.service import ForecastVariance


class MondayCards:
    """Projects with their budgets, variances and stuck items; `sources` are other features that add lines."""

    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        pm: ProjectManagement,
        budgets: RetainerBudgets,
        variance: ForecastVariance,
        *,
        has_tempo: bool,
        jira_url: str,
        sources: Sequence[CardSource] = (),
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._pm = pm
        self._budgets = budgets
        self._variance = variance
        self._has_tempo = has_tempo
        self._jira_url = jira_url
        self.sources = list(sources)

    async def data(self, at: datetime, day: date, zone: str) -> MondayData:
        """Read the state as of a day; raises `VendorUnavailableError` while Tempo is down."""
        projects = await self._pm.projects()
        members = await self._accounts.members()
        keys = [project.key for project in projects]
        return MondayData(
            day=day,
            at=at.astimezone(ZoneInfo(zone)),
            projects=tuple(projects),
            admins=tuple(member for member in members if member.role is Role.ADMIN),
            budgets=await self._budgets.data(day, zone) if self._has_tempo else None,
            variances=await self._variance.data(at, day) if self._has_tempo else None,
            stuck=tuple(await self._stuck(keys)),
            extras=await self._extras(keys, day),
            to_channels=await self._accounts.get_setting(MONDAY_CHANNELS, "no") == "yes",
        )

    async def _stuck(self, keys: Sequence[str]) -> list[StuckItem]:
        if is_in_shadow(await self._accounts.settings(), BOTTLENECKS_AGENT):
            return []
        async with self._database.transaction(write=False) as session:
            found = [each for each in await stuck_now(session) if each.project_key in keys]
        browse = f"{self._jira_url.rstrip('/')}/browse/"
        return [
            StuckItem(
                each.key,
                each.project_key,
                each.status,
                each.since,
                each.activity is Activity.BLOCKED,
                each.blocker,
                each.url or browse + each.key,
                each.id,
            )
            for each in found
        ]

    async def _extras(self, keys: Sequence[str], day: date) -> dict[str, list[ExtraLine]]:
        found: dict[str, list[ExtraLine]] = {}
        for source in self.sources:
            for key, lines in (await source.lines(keys, day)).items():
                found.setdefault(key, []).extend(lines)
        return found
