"""Stuck work of the current account: what a run looks at, what is kept, what people are shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog

from db.engine import Database
from db.models.pm import WorkflowBottleneck
from db.repositories import pm_bottlenecks as repository
from db.tenancy import current_account_id
from services.accounts import Accounts
from services.accounts.settings import DEFAULT_WAITING_STATUSES, WAITING_STATUSES
from services.alerts.thresholds import AlertThresholds
from services.clock import Now
from services.errors import InvalidInputError, NotFoundError, VendorError, VendorNotFoundError
from services.mirror import Mirror
from services.pm import ProjectManagement
from services.pm.bottlenecks import listing, records
from services.pm.bottlenecks.assess import DEFAULT_DEVIATION
from services.pm.bottlenecks.collect import Collector, Directory, project_of
from services.pm.bottlenecks.context import Days
from services.pm.bottlenecks.listing import Around, stuck_item
from services.pm.bottlenecks.reading import ContextReader
from services.pm.bottlenecks.stuck import (
    AGENT,
    BottleneckFindings,
    Digest,
    Judged,
    Moved,
    Scan,
    StuckItem,
    StuckNumbers,
)
from services.pm.bottlenecks.types import Activity, ItemType, Visit
from services.pm.bottlenecks.visits import pull_request_visits, ticket_visits
from services.pm.working_days import WorkingDays

if TYPE_CHECKING:
    from services.pm.bottlenecks.store import BottleneckLearning

DIGEST_AT = time(16)
ASKED_WITHIN = timedelta(days=7)

log = structlog.get_logger(__name__)


class Bottlenecks:
    """One door for the agent and the handlers."""

    def __init__(
        self,
        database: Database,
        mirror: Mirror,
        accounts: Accounts,
        pm: ProjectManagement,
        learning: BottleneckLearning,
        working_days: WorkingDays,
        thresholds: AlertThresholds,
        reader: ContextReader,
        now: Now,
        *,
        site_url: str,
        has_github: bool,
    ) -> None:
        self._database = database
        self._mirror = mirror
        self._accounts = accounts
        self._pm = pm
        self._learning = learning
        self._working_days = working_days
        self._thresholds = thresholds
        self._reader = reader
        self._now = now
        self._collector = Collector(mirror, site_url.rstrip("/"))
        self._has_github = has_github

    async def scan(self, at: datetime, day: date, time_zone: str) -> Scan:
        """Look at all that waits, from a fresh mirror.

        Raises the `VendorError` kinds when Jira cannot be read; without GitHub its last state counts, and the run says
        so.
        """
        notes = await self._refresh()
        items = await self._collector.items(
            await self._pm.projects(), await self._pm.team_members(), await self._statuses(), at
        )
        return Scan(
            at=at,
            day=day,
            time_zone=time_zone,
            # as of an earlier day, what came later was not there
            items=tuple(item for item in items if item.visit.entered_at <= at),
            model=await self._learning.model(),
            deviation=await self._thresholds.value(AGENT, "deviation", DEFAULT_DEVIATION),
            is_digest_due=at.astimezone(ZoneInfo(time_zone)).time() >= DIGEST_AT,
            notes=tuple(notes),
        )

    async def _statuses(self) -> list[str]:
        stored = await self._accounts.get_setting(WAITING_STATUSES, DEFAULT_WAITING_STATUSES)
        return str(stored).split(",")

    async def _refresh(self) -> list[str]:
        if (await self._mirror.freshness("jira")).is_stale:
            await self._mirror.sync("jira")
        if not self._has_github or not (await self._mirror.freshness("github")).is_stale:
            return []
        try:
            await self._mirror.sync("github")
        except VendorError as error:
            log.warning("github_not_read", why=error.message)
            return ["GitHub could not be read, so pull requests are as they were last seen"]
        return []

    async def judge(self, findings: BottleneckFindings) -> list[Judged]:
        """Find out what is going on with each flagged item; reads comments and may ask a model."""
        directory = Directory.of(await self._pm.team_members())
        days = await self._days(findings.scan.time_zone, findings.scan.at)
        return await self._reader.judge(findings.flagged, directory, days)

    async def keep(self, scan: Scan, judged: Sequence[Judged]) -> list[StuckItem]:
        """Keep what a run found, resolve what moved, and return what was found as it is kept."""
        await self.settle_moved()
        async with self._database.transaction() as session:
            rows = await records.keep(session, judged, [item.visit for item in scan.items], scan.at)
        return await self._items(rows, scan.time_zone, scan.at)

    async def preview(self, scan: Scan, judged: Sequence[Judged]) -> list[StuckItem]:
        """Return what `keep` would, without keeping anything."""
        rows = []
        for each in judged:
            row = records.new_row(each.flagged.item.visit, scan.at)
            records.fill(row, each, scan.at)
            rows.append(row)
        return await self._items(rows, scan.time_zone, scan.at)

    async def settle_moved(self) -> list[str]:
        """Resolve the stays that ended since, at the instant that their history tells; return the items' keys."""
        async with self._database.transaction(write=False) as session:
            keys = {row.item_key for row in await repository.open_stays(session)}
        if not keys:
            return []
        visits = await self._visits(keys)
        async with self._database.transaction() as session:
            return [row.item_key for row in await records.resolve(session, visits, self._now())]

    async def _visits(self, keys: set[str]) -> dict[str, list[Visit]]:
        found: dict[str, list[Visit]] = defaultdict(list)
        now = self._now()
        issues = await self._mirror.issues(keys=[key for key in keys if "#" not in key])
        changes = await self._mirror.field_changes([issue.jira_id for issue in issues]) if issues else []
        for visit in ticket_visits(issues, changes, now):
            found[visit.item_key].append(visit)
        repositories = {key.rpartition("#")[0] for key in keys if "#" in key}
        projects = await self._pm.projects()
        for pull in await self._mirror.pull_requests(repositories) if repositories else []:
            if pull.reference in keys:
                project = project_of(pull, projects)
                found[pull.reference] = pull_request_visits(pull, project.key if project else "", now)
        return found

    async def digests(self, items: Sequence[StuckItem], scan: Scan, notes: Sequence[str] = ()) -> list[Digest]:
        """Return what each PM is shown of a run's items, with the trend."""
        around = await self._around([], scan.time_zone, scan.at)
        return listing.digests_of(items, await self._trend_items(scan.time_zone, scan.at, items), around, notes)

    async def _trend_items(self, time_zone: str, at: datetime, items: Sequence[StuckItem] = ()) -> list[StuckItem]:
        """Return the stays of the trend's weeks; those of a dry run, which are not kept, with them."""
        async with self._database.transaction(write=False) as session:
            rows = await repository.stuck_since(session, at - listing.TREND_BACK)
        kept = await self._items(rows, time_zone, at)
        known = {(each.key, each.entered_at) for each in kept}
        return [*kept, *(each for each in items if each.is_truly_stuck and (each.key, each.entered_at) not in known)]

    async def stuck(self, time_zone: str, project_key: str | None = None) -> list[StuckItem]:
        """Return what is stuck now as it is kept, the riskiest first. `InvalidInputError` for an unknown project."""
        if project_key is not None and project_key not in (known := [p.key for p in await self._pm.projects()]):
            raise InvalidInputError(
                f"There is no project {project_key[:20]} here.", hint=f"Projects: {', '.join(known) or 'none yet'}."
            )
        await self.settle_moved()
        async with self._database.transaction(write=False) as session:
            rows = await repository.open_stays(session)
        found = listing.shown(await self._items(rows, time_zone, self._now()))
        return [each for each in found if project_key in (None, each.project_key)]

    async def digest_of(self, member_id: int, time_zone: str) -> Digest | None:
        """Return a PM's digest as it stands now; None when nothing of theirs is stuck any more."""
        items = await self.stuck(time_zone)
        around = await self._around([], time_zone, self._now())
        alone = [each for item in items for each in (item, *item.joined)]
        found = listing.digests_of(alone, await self._trend_items(time_zone, self._now()), around)
        return next((each for each in found if each.recipient and each.recipient.id == member_id), None)

    async def item(self, stay_id: int, time_zone: str) -> StuckItem:
        """Return a stay as it is now; raises `NotFoundError`."""
        async with self._database.transaction(write=False) as session:
            row = await repository.stay(session, stay_id)
        if row is None:
            raise NotFoundError("This item is no longer known.", hint="`/pm stuck` lists what is stuck now.")
        return (await self._items([row], time_zone, self._now()))[0]

    async def items(self, stay_ids: Collection[int], time_zone: str) -> list[StuckItem]:
        """Return stays as they are now, the longest first; what is no longer known is left out."""
        async with self._database.transaction(write=False) as session:
            rows = await repository.stays(session, stay_ids)
        return await self._items(rows, time_zone, self._now())

    async def fresh(self, stay_id: int, time_zone: str) -> StuckItem:
        """Return a stay after looking at its item in Jira or GitHub: one that has moved is resolved then."""
        item = await self.item(stay_id, time_zone)
        if item.resolved_at is not None:
            return item
        try:
            if item.item_type is ItemType.TICKET:
                await self._mirror.refresh_issue(item.key)
            else:
                repository_name, _, number = item.key.rpartition("#")
                await self._mirror.refresh_pull_request(repository_name, int(number))
        except (VendorNotFoundError, NotFoundError):
            log.info("stuck item is gone", item=item.key)
        await self.settle_moved()
        return await self.item(stay_id, time_zone)

    async def numbers(self, stay_id: int, time_zone: str) -> StuckNumbers:
        """Return what stands behind a stay: history, the baseline's curve, and what people wrote."""
        item = await self.item(stay_id, time_zone)
        around = await self._around([item.key], time_zone, self._now())
        waiting = around.items.get(item.key)
        visits = (await self._visits({item.key})).get(item.key, [])
        history = [Moved(visit.entered_at, visit.status, _who(visit, around.directory)) for visit in visits]
        remarks = (await self._reader.remarks(waiting, around.directory))[0] if waiting else []
        model = await self._learning.model()
        visit = next((visit for visit in reversed(visits) if visit.is_censored), None)
        anomaly = model.assess(visit, self._now()) if visit else None
        baseline = anomaly.baseline if anomaly else None
        return StuckNumbers(
            item,
            tuple(history),
            baseline.curve if baseline else (),
            records.baseline_named(anomaly) or (baseline.name if baseline else ""),
            tuple(sorted(remarks, key=lambda remark: remark.at)),
            anomaly.reasons if anomaly else (),
        )

    async def message_at(self, channel: str, ts: str) -> int | None:
        """Return the alert that a message in Slack is; None when it is none of ours."""
        async with self._database.transaction(write=False) as session:
            row = await repository.message_at(session, channel, ts)
        return row.id if row and row.agent == AGENT else None

    async def dismiss(self, stay_id: int, member_id: int, time_zone: str) -> bool:
        """Note that a person says that a stay is not stuck; False when somebody said so before.

        What is told with it is not stuck either: a ticket's pull requests would be told by themselves next.
        """
        listed = await self.stuck(time_zone)
        with_it = [each.id for item in listed if item.id == stay_id for each in item.joined]
        async with self._database.transaction() as session:
            rows = {row.id: row for row in await repository.stays(session, [stay_id, *with_it])}
            if stay_id not in rows:
                raise NotFoundError("This item is no longer known.")
            if rows[stay_id].dismissed_by_member_id is not None:
                return False
            for row in rows.values():
                row.dismissed_by_member_id, row.is_truly_stuck = member_id, False
        return True

    async def restore(self, stay_id: int, time_zone: str) -> bool:
        """Take back that a stay, and what is told with it, is not stuck; False when nobody says so any more."""
        async with self._database.transaction(write=False) as session:
            rows = await repository.open_stays(session)
        items = {item.id: item for item in await self._items(rows, time_zone, self._now()) if item.dismissed_by}
        if stay_id not in items:
            return False
        item = items[stay_id]
        with_it = [
            each.id
            for each in items.values()
            if item.key in each.ticket_keys and each.dismissed_by == item.dismissed_by
        ]
        async with self._database.transaction() as session:
            for row in await repository.stays(session, [stay_id, *with_it]):
                row.dismissed_by_member_id = None
                row.is_truly_stuck = row.activity != Activity.ACTIVELY_WORKED.value
        return True

    async def _items(self, rows: Sequence[WorkflowBottleneck], time_zone: str, at: datetime) -> list[StuckItem]:
        around = await self._around([row.item_key for row in rows], time_zone, at)
        return [stuck_item(row, around) for row in rows]

    async def _around(self, keys: Sequence[str], time_zone: str, at: datetime) -> Around:
        projects = await self._pm.projects()
        directory = Directory.of(await self._pm.team_members())
        items = await self._collector.known(projects, directory, keys, at) if keys else {}
        async with self._database.transaction(write=False) as session:
            asked = await repository.asked(session, listing.ASKED, at - ASKED_WITHIN)
        return Around(
            {project.key: project for project in projects},
            directory,
            items,
            await self._days(time_zone, at),
            listing.asked_lines(asked, directory, ZoneInfo(time_zone)),
        )

    async def _days(self, time_zone: str, at: datetime) -> Days:
        calendar = await self._working_days.calendar(current_account_id(), time_zone)
        return Days(at, ZoneInfo(time_zone), calendar.is_working_day)


def _who(visit: Visit, directory: Directory) -> str:
    found = directory.member(visit.assignee) or directory.login(visit.assignee)
    return found.display_name if found else visit.assignee
