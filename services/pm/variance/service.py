"""What the forecast variance agent reads and keeps, and what stands behind its figures."""

from __future__ import annotations

from datetime import date, datetime, time
from fractions import Fraction
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from db.engine import Database
from db.models.pm import ProactiveInsight
from db.repositories import pm_forecasts as repository
from services.clock import Now
from services.errors import NotFoundError
from services.pm.hours import logged_time, team_names
from services.pm.months import Month
from services.pm.types import ProjectType
from services.pm.variance.assess import AGAIN_AFTER, judge
from services.pm.variance.numbers import numbers_of
from services.pm.variance.types import (
    EpicVariance,
    Level,
    Reason,
    Thresholds,
    Told,
    VarianceData,
    VarianceFindings,
    VarianceNumbers,
)

if TYPE_CHECKING:
    from services.accounts import Accounts
    from services.alerts.thresholds import AlertThresholds
    from services.mirror import Mirror
    from services.pm import ProjectManagement
    from services.pm.epic_hours import EpicHoursLedger, EpicMonth
    from services.pm.forecasts import Forecasts

AGENT = "forecast-variance"
INSIGHT = "forecast_variance"


class ForecastVariance:
    """One door to variances; the arithmetic is in the pure modules beside it."""

    def __init__(
        self,
        database: Database,
        mirror: Mirror,
        pm: ProjectManagement,
        accounts: Accounts,
        forecasts: Forecasts,
        ledger: EpicHoursLedger,
        thresholds: AlertThresholds,
        now: Now,
    ) -> None:
        self._database = database
        self._mirror = mirror
        self._pm = pm
        self._accounts = accounts
        self._forecasts = forecasts
        self._ledger = ledger
        self._thresholds = thresholds
        self._now = now

    async def data(self, at: datetime, day: date, *, refresh: bool = True, epic_key: str | None = None) -> VarianceData:
        """Read what an assessment of `day` needs, of all scope projects or of one epic's.

        A stale mirror is brought up to date first if `refresh` says so, and the hours by month are kept. Raises
        `NotConfiguredError` without Tempo, and `VendorUnavailableError` while a vendor is down.
        """
        if refresh:
            await self._refresh()
        epic = await self._epic_project(epic_key) if epic_key else None
        projects = [
            project
            for project in await self._pm.projects()
            if (project.key == epic if epic else project.type is ProjectType.SCOPE)
        ]
        keys = [project.key for project in projects]
        first = self._ledger.first_whole_month
        teams = team_names(await self._pm.team_members())
        entries = logged_time(await self._mirror.worklogs(first.start, day), teams)
        epics = await self._mirror.epics(keys)
        wanted = {each.key for each in epics if epic_key in (None, each.key)}
        return VarianceData(
            day=day,
            at=at,
            projects=tuple(projects),
            members=tuple(await self._accounts.members()),
            epics=tuple(each for each in epics if each.key in wanted),
            issues=tuple(issue for issue in await self._mirror.issues(keys) if issue.epic_key in wanted),
            entries=tuple(entry for entry in entries if entry.epic_key in wanted),
            kept=tuple(each for each in await self._kept(first, day) if each.epic_key in wanted),
            forecasts=tuple(await self._forecasts.all(keys, epic_keys=sorted(wanted) if epic_key else None)),
            thresholds=await self._current_thresholds(),
            told=tuple(await self._told(at)),
            mirrored_at=(await self._mirror.freshness("tempo")).last_success_at,
        )

    async def _refresh(self) -> None:
        for source in ("jira", "tempo"):
            if (await self._mirror.freshness(source)).is_stale:
                await self._mirror.sync(source)
        await self._ledger.refresh()

    async def _epic_project(self, epic_key: str) -> str:
        epic = await self._mirror.issue(epic_key)
        if epic is None:
            raise NotFoundError(f"{epic_key} is not known any more.")
        return epic.project_key

    async def _kept(self, first: Month, day: date) -> list[EpicMonth]:
        return [each for each in await self._ledger.hours() if each.month < first and each.month.start <= day]

    async def _current_thresholds(self) -> Thresholds:
        usual = Thresholds()
        return Thresholds(
            weekly=Fraction(await self._thresholds.value(AGENT, "weekly_percent", float(usual.weekly))),
            alert=Fraction(await self._thresholds.value(AGENT, "alert_percent", float(usual.alert))),
            stakeholders=Fraction(
                await self._thresholds.value(AGENT, "stakeholder_percent", float(usual.stakeholders))
            ),
        )

    async def _told(self, at: datetime) -> list[Told]:
        async with self._database.transaction(write=False) as session:
            rows = await repository.alerts_told(session, AGENT, f"{AGENT}:alert:", at - AGAIN_AFTER)
        return [
            Told(str(row.facts["epic"]), row.recipient, int(row.facts["step"]), row.created_at)
            for row in rows
            if "epic" in row.facts and "step" in row.facts
        ]

    async def keep(self, findings: VarianceFindings, reasons: dict[str, Reason]) -> None:
        """Keep an insight for each flagged epic and period, and settle those that are back under the threshold.

        `detected_at` is when the epic was first found above it, and stays through the periods until it is settled.
        """
        flagged = {each.key: each for each in findings.flagged}
        async with self._database.transaction() as session:
            open_rows = await repository.insights(session, INSIGHT, open_only=True)
            since = {row.subject_key: row.detected_at for row in reversed(open_rows)}
            rows = {row.subject_key: row for row in await repository.insights(session, INSIGHT, period=findings.period)}
            for row in open_rows:
                if row.subject_key not in flagged:
                    row.resolved_at = self._now()
            for key, variance in flagged.items():
                row = rows.get(key) or ProactiveInsight(
                    insight_type=INSIGHT,
                    subject_key=key,
                    period=findings.period,
                    detected_at=since.get(key, self._now()),
                )
                session.add(row)
                row.resolved_at = None
                _fill(row, variance, reasons.get(key))

    async def numbers(self, epic_key: str, day: date, zone: str) -> VarianceNumbers:
        """Return what stands behind an epic's figures as of a day. Raises `NotFoundError`."""
        at = datetime.combine(day, time(12), tzinfo=ZoneInfo(zone))
        data = await self.data(at, day, refresh=False, epic_key=epic_key)
        if not data.epics:
            raise NotFoundError(f"{epic_key} is not known as an epic any more.")
        variance = judge(data.epics[0], data, data.issues, data.entries, data.kept, data.forecasts)
        return numbers_of(variance, data)


def _fill(row: ProactiveInsight, variance: EpicVariance, reason: Reason | None) -> None:
    row.project_key = variance.epic.project_key
    row.severity = _SEVERITY[variance.level]
    row.title = f"{variance.key} {variance.epic.summary}"[:300]
    row.explanation = reason.says if reason else ""
    row.details = facts_of(variance) | {
        "cause": reason.kind.value if reason else "",
        "answered_by": reason.answered_by if reason else "",
        "numbers": {cause.kind.value: dict(cause.numbers) for cause in variance.causes},
    }


_SEVERITY = {Level.QUIET: "info", Level.WEEKLY: "notice", Level.ALERT: "warning", Level.STAKEHOLDERS: "warning"}


def facts_of(variance: EpicVariance) -> dict[str, object]:
    """Return the figures that are claimed of an epic, as JSON; per cent to one decimal."""
    worst = variance.worst
    percent = variance.variance_percent
    return {
        "epic": variance.key,
        "window": worst.window.value if worst else "",
        "variance_percent": round(float(percent), 1) if percent is not None else None,
        "actual_seconds": worst.actual_seconds if worst else variance.inception.actual_seconds,
        "forecast_seconds": worst.forecast_seconds if worst else 0,
        "done": variance.completion.done,
        "total": variance.completion.total,
        "risk": variance.risk,
    }
