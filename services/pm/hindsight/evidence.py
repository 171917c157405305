"""What has become of what alerts claimed: read from the mirror and from what agents keep."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from db.engine import Database
from db.repositories import hindsight as repository
from services.accounts import Accounts
from services.clock import Now
from services.mirror import Mirror
from services.pm.epic_hours import EpicHoursLedger
from services.pm.hindsight.types import EpicLater, Later
from services.pm.months import Month
from services.pm.types import Week

Claim = Mapping[str, Any]


@dataclass(frozen=True)
class Evidence:
    """Reads all that the claims of one agent need, in few queries."""

    database: Database
    accounts: Accounts
    mirror: Mirror
    epic_hours: EpicHoursLedger
    now: Now

    async def of(self, agent: str, claims: Sequence[tuple[datetime, Claim]]) -> Later:
        """Return what is known now of claims and when they were made; nothing for an agent that claims nothing."""
        now = self.now()
        later: dict[str, Any] = {"now": now, "today": now.date()}
        only = [claim for _, claim in claims]
        if only and agent == "time-tracking":
            later["logged"] = await self._logged(only)
            later["names"] = {member.id: member.display_name for member in await self.accounts.members()}
        elif only and agent == "retainer-budget":
            later["month_seconds"] = await self._month_seconds(only)
        elif only and agent == "forecast-variance":
            later["epics"] = await self._epics({str(claim["epic"]) for claim in only})
        elif only and agent == "bottlenecks":
            later["moved_at"] = await self._moved_at(claims)
        elif only and agent == "epic-assignment":
            issues = await self.mirror.issues(keys={str(claim["ticket_key"]) for claim in only})
            later["epic_of"] = {issue.key: issue.epic_key or "" for issue in issues}
        return Later(**later)

    async def _logged(self, claims: Sequence[Claim]) -> dict[tuple[int, str], int]:
        accounts = {member.id: member.jira_account_id for member in await self.accounts.members()}
        weeks = sorted({Week(date.fromisoformat(claim["week"])) for claim in claims})
        seconds: dict[tuple[str, Week], int] = defaultdict(int)
        for worklog in await self.mirror.worklogs(weeks[0].start, weeks[-1].end):
            seconds[worklog.author_account_id, Week.before(worklog.start_date).back(-1)] += worklog.time_spent_seconds
        return {
            (claim["member"], claim["week"]): seconds[account, Week(date.fromisoformat(claim["week"]))]
            for claim in claims
            if (account := accounts.get(claim["member"]))
        }

    async def _month_seconds(self, claims: Sequence[Claim]) -> dict[tuple[str, str], int]:
        wanted = {(str(claim["project"]), str(claim["month"])) for claim in claims}
        months = sorted(Month.parse(month) for _, month in wanted)
        seconds = dict.fromkeys(wanted, 0)
        for worklog in await self.mirror.worklogs(months[0].start, months[-1].end):
            key = (worklog.project_key or "", str(Month.of(worklog.start_date)))
            if key in seconds:
                seconds[key] += worklog.time_spent_seconds
        return seconds

    async def _epics(self, keys: Collection[str]) -> dict[str, EpicLater]:
        await self.epic_hours.refresh()
        seconds: dict[str, Counter[str]] = defaultdict(Counter)
        for month in await self.epic_hours.hours():
            seconds[month.epic_key][str(month.month)] += month.seconds
        return {
            epic.key: EpicLater(seconds[epic.key].total(), seconds[epic.key], epic.is_done)
            for epic in await self.mirror.issues(keys=keys)
        }

    async def _moved_at(self, claims: Sequence[tuple[datetime, Claim]]) -> dict[tuple[str, datetime], datetime | None]:
        issues = {i.key: i for i in await self.mirror.issues(keys={str(claim["item_key"]) for _, claim in claims})}
        changes = await self.mirror.field_changes([issue.jira_id for issue in issues.values()], "status")
        moves: dict[str, list[datetime]] = defaultdict(list)
        for change in changes:
            moves[change.jira_id].append(change.changed_at)
        moved: dict[tuple[str, datetime], datetime | None] = {}
        for told_at, claim in claims:
            if issue := issues.get(str(claim["item_key"])):
                moved[issue.key, told_at] = next((at for at in moves[issue.jira_id] if at > told_at), None)
        return moved | await self._pull_requests([(at, claim) for at, claim in claims if "#" in str(claim["item_key"])])

    async def _pull_requests(
        self, claims: Sequence[tuple[datetime, Claim]]
    ) -> dict[tuple[str, datetime], datetime | None]:
        """Pull requests have no changelog: the agent itself notes when they moved."""
        async with self.database.transaction(write=False) as session:
            rows = await repository.bottlenecks(session, {str(claim["item_key"]) for _, claim in claims})
        visits = {(row.item_key, row.entered_at): row.resolved_at for row in rows}
        return {
            (str(claim["item_key"]), told_at): visits[visit]
            for told_at, claim in claims
            if (visit := (str(claim["item_key"]), datetime.fromisoformat(claim["entered_at"]))) in visits
        }
