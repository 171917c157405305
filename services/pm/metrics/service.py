"""Read what the measures are computed from, and compute them; no vendor is asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import Database
from db.models.pm import MonthlyReconciliationReport, ProactiveInsight
from db.repositories import pm_forecasts
from db.repositories import pm_metrics as repository
from services.clock import Now
from services.effort import MINUTES, minutes_of
from services.pm.metrics import judged, people, projects
from services.pm.metrics.types import (
    DecidedSuggestion,
    EpicWeek,
    FoundVariance,
    Measured,
    MeasureName,
    Metrics,
    MetricsData,
    ReportedMonth,
    SentMessage,
    ToldThreshold,
)
from services.pm.months import Month
from services.pm.types import ProjectType, Week

if TYPE_CHECKING:
    from services.accounts import Accounts
    from services.mirror import Mirror
    from services.pm import ProjectManagement
    from services.pm.epic_hours import EpicHoursLedger
    from services.pm.hindsight import Hindsight

INSIGHT = "forecast_variance"
MONTHLY = "month to date"
MOST_WEEKS = 52


class AgentMetrics:
    """The success metrics of the current account."""

    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        pm: ProjectManagement,
        mirror: Mirror,
        ledger: EpicHoursLedger,
        hindsight: Hindsight,
        now: Now,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._pm = pm
        self._mirror = mirror
        self._ledger = ledger
        self._hindsight = hindsight
        self._now = now

    async def measure(self, agents: Mapping[str, str], zone: str, weeks: int) -> Metrics:
        """Return all measures of the last `weeks`, the running one last; `agents` are names and titles."""
        data = await self.data(tuple(agents), zone, weeks)
        return Metrics(data.weeks, measure_all(data, agents), data.mirrored_at)

    async def data(self, agents: Collection[str], zone: str, weeks: int) -> MetricsData:
        """Read what the measures need."""
        today = self._now().astimezone(ZoneInfo(zone)).date()
        running = Week(today - timedelta(days=today.weekday()))
        span = tuple(running.back(number) for number in range(weeks - 1, -1, -1))
        since = datetime.combine(span[0].start, time(), ZoneInfo(zone)).astimezone(UTC)
        month = Month.of(span[0].start)
        kept = await self._kept()
        retainers = {
            project.key: project.monthly_retainer_minutes * 60
            for project in await self._pm.projects()
            if project.type is ProjectType.RETAINER and project.monthly_retainer_minutes
        }
        compliance = await self._pm.week_records(span[0], span[-1])
        records = [await self._hindsight.track_record(agent, since) for agent in agents]
        minutes = minutes_of(await self._accounts.get_setting(MINUTES))
        mirrored_at = (await self._mirror.freshness("tempo")).last_success_at
        async with self._database.transaction(write=False) as session:
            seconds = await repository.project_days(session, month.start, today)
            insights = [
                row
                for row in await pm_forecasts.insights(session, INSIGHT)
                if _day(row.detected_at, zone) >= span[0].start
            ]
            keys = {row.subject_key for row in insights}
            return MetricsData(
                today=today,
                weeks=span,
                started={name: _day(at, zone) for name, at in (await repository.first_runs(session)).items()},
                compliance=tuple(compliance),
                retainers=retainers,
                thresholds=await _thresholds(session, month, zone),
                seconds=seconds,
                variances=await _variances(session, insights, kept, zone),
                epic_seconds=await repository.epic_days(session, keys),
                reports=_reports(await repository.reports_since(session, str(month)), seconds),
                epic_weeks=await _epic_weeks(session, span),
                decided=await _decided(session, since, zone),
                messages=tuple(
                    SentMessage(recipient, _day(at, zone))
                    for recipient, at in await repository.messages_to_people(session, since)
                ),
                records=tuple(records),
                actions=await repository.actions_done(session, since),
                minutes=minutes,
                mirrored_at=mirrored_at,
            )

    async def _kept(self) -> dict[str, int]:
        """Return seconds by epic of the months that worklogs no longer cover."""
        first, kept = self._ledger.first_whole_month, defaultdict[str, int](int)
        for month in await self._ledger.hours():
            if month.month < first:
                kept[month.epic_key] += month.seconds
        return kept


def measure_all(data: MetricsData, agents: Mapping[str, str]) -> tuple[Measured, ...]:
    """Return every measure, in the order of `MeasureName`."""
    found = (
        people.compliance(data),
        projects.surprises(data),
        projects.latency(data),
        projects.reconciliation(data),
        judged.bottlenecks(data),
        judged.linked(data),
        judged.first_choice(data),
        judged.precision(data, agents),
        people.quietness(data),
        people.hours_saved(data),
    )
    order = list(MeasureName)
    return tuple(sorted(found, key=lambda measured: order.index(measured.definition.name)))


def _day(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


async def _thresholds(session: AsyncSession, month: Month, zone: str) -> tuple[ToldThreshold, ...]:
    return tuple(
        ToldThreshold(
            row.project_key,
            row.month,
            row.threshold,
            row.retainer_seconds,
            _day(row.alert_sent_at, zone) if row.alert_sent_at else None,
        )
        for row in await repository.thresholds_since(session, str(month))
    )


async def _variances(
    session: AsyncSession, insights: Sequence[ProactiveInsight], kept: Mapping[str, int], zone: str
) -> tuple[FoundVariance, ...]:
    """Return each variance once, as it was when it was found: later periods only say that it goes on."""
    starts = await repository.forecast_starts(session, {row.subject_key for row in insights})
    first = {(row.subject_key, row.detected_at): row for row in sorted(insights, key=lambda row: -row.id)}
    return tuple(
        FoundVariance(
            epic_key=row.subject_key,
            found_on=_day(row.detected_at, zone),
            is_monthly=row.details.get("window") == MONTHLY,
            forecast_seconds=int(row.details.get("forecast_seconds") or 0),
            forecast_since=_day(starts[row.subject_key], zone) if row.subject_key in starts else None,
            kept_seconds=kept.get(row.subject_key, 0),
        )
        for row in first.values()
    )


def _reports(
    rows: Sequence[MonthlyReconciliationReport], seconds: Mapping[tuple[str, date], int]
) -> tuple[ReportedMonth, ...]:
    newest = {row.month: row for row in rows}
    now: dict[str, dict[str, int]] = {month: defaultdict(int) for month in newest}
    for (project, day), spent in seconds.items():
        if (month := str(Month.of(day))) in now:
            now[month][project] += spent
    return tuple(
        ReportedMonth(month, row.revision, {key: int(pair[0]) for key, pair in row.totals.items()}, now[month])
        for month, row in newest.items()
    )


async def _epic_weeks(session: AsyncSession, span: Sequence[Week]) -> tuple[EpicWeek, ...]:
    rows = await repository.epic_weeks(session, span[0].start, span[-1].start)
    return tuple(EpicWeek(r.project_key, Week(r.week_start_date), r.total_tickets, r.orphaned_tickets) for r in rows)


async def _decided(session: AsyncSession, since: datetime, zone: str) -> tuple[DecidedSuggestion, ...]:
    return tuple(
        DecidedSuggestion(row.ticket_key, row.suggested_epic, row.actual_epic, _day(row.decided_at, zone))
        for row in await repository.decided_suggestions(session, since)
        if row.suggested_epic and row.actual_epic and row.decided_at
    )
