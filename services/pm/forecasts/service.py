"""Forecasts of the current account: imported from a file or typed in, and asked for."""

from __future__ import annotations

import asyncio
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from db.engine import Database
from db.models.pm import EpicForecast
from db.repositories import pm_forecasts as repository
from services.effects import Actor, Effects, Intent, Receipt
from services.errors import InvalidInputError
from services.pm.forecasts.operation import Row, SetForecasts
from services.pm.forecasts.reading import epic_problem, parse_forecasts
from services.pm.forecasts.sheets import rows_of
from services.pm.forecasts.types import Forecast, ForecastImport, ForecastRow, Key, Source
from services.pm.months import Month
from services.pm.tables import ImportReport
from services.slack.markup import escape

if TYPE_CHECKING:
    from services.mirror import Mirror
    from services.pm import ProjectManagement
    from services.pm.epic_hours import EpicHoursLedger, EpicMonth

CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"


class Forecasts:
    """One door to forecasts; each change is an effect, so that it has a receipt, a line in the trail, and Undo."""

    def __init__(
        self, database: Database, mirror: Mirror, pm: ProjectManagement, effects: Effects, ledger: EpicHoursLedger
    ) -> None:
        self._database = database
        self._mirror = mirror
        self._pm = pm
        self._effects = effects
        self._ledger = ledger

    async def all(
        self, project_keys: Collection[str] | None = None, *, epic_keys: Collection[str] | None = None
    ) -> list[Forecast]:
        """Return forecasts by project, epic, month and team, of all projects and epics where None."""
        async with self._database.transaction(write=False) as session:
            rows = await repository.forecasts(session, project_keys=project_keys, epic_keys=epic_keys)
            return [_forecast(row) for row in rows]

    async def with_actuals(self, project_key: str | None = None) -> list[tuple[Forecast, int]]:
        """Return forecasts, each with the seconds worked on its epic, in its month and by its team where it names one.

        As of the last time that the hours by month were written, which reading them here brings about.
        """
        await self._ledger.refresh()
        by_epic: dict[str, list[EpicMonth]] = defaultdict(list)
        for each in await self._ledger.hours():
            by_epic[each.epic_key].append(each)
        kept = await self.all([project_key] if project_key else None)
        return [(forecast, worked(forecast, by_epic[forecast.epic_key])) for forecast in kept]

    async def import_file(self, content: bytes, actor: Actor, *, key: str | None = None) -> ForecastImport:
        """Take a CSV or XLSX file; with any problem nothing is changed, and what it does not name stays.

        `key` makes the same import happen once. Raises `InvalidInputError` for a file that cannot be read at all.
        """
        rows = await asyncio.to_thread(rows_of, content)
        if (await self._mirror.freshness("jira")).last_success_at is None:
            await self._mirror.sync("jira")
        issues = {issue.key: issue for issue in await self._mirror.issues()}
        teams = {person.team for person in await self._pm.team_members() if person.team}
        parsed = await asyncio.to_thread(parse_forecasts, rows, issues, teams)
        if parsed.problems:
            return ForecastImport(ImportReport(problems=parsed.problems))
        kept = {forecast.key: forecast.minutes for forecast in await self.all()}
        done = [_becomes(row, kept) for row in parsed.rows]
        report = ImportReport(done.count(CREATED), done.count(UPDATED), done.count(UNCHANGED))
        changed = [row for row, what in zip(parsed.rows, done, strict=True) if what is not UNCHANGED]
        receipt = await self._perform(changed, actor, key or uuid.uuid4().hex) if changed else None
        return ForecastImport(report, receipt)

    async def _perform(self, changed: Sequence[ForecastRow], actor: Actor, key: str) -> Receipt:
        rows = [_json(row.key, row.project_key, row.minutes, Source.FILE, actor) for row in changed]
        target = ", ".join(sorted({row.project_key for row in changed}))
        return await self._effects.perform(
            Intent(SetForecasts.name, target[:200], {"rows": rows}, actor, "import of a file", f"forecasts:{key}")
        )

    async def set(self, epic_key: str, minutes: int | None, month: Month | None, actor: Actor) -> Receipt:
        """Set an epic's forecast for everybody, in all or in a month; None takes it away.

        Raises `InvalidInputError` when the mirror knows no such epic.
        """
        epic_key = epic_key.upper()
        epic = await self._mirror.issue(epic_key)
        if epic is None or (problem := epic_problem(epic_key, epic)):
            said = problem if epic else "is not an issue that FlowPilot knows of"
            raise InvalidInputError(f"*{escape(epic_key)}* {escape(said)}.", hint="Forecasts are for epics.")
        row = _json((epic_key, str(month or ""), ""), epic.project_key, minutes, Source.TYPED, actor)
        key = f"forecasts:{uuid.uuid4().hex}"
        return await self._effects.perform(Intent(SetForecasts.name, epic_key, {"rows": [row]}, actor, "typed in", key))


def worked(forecast: Forecast, hours: Iterable[EpicMonth]) -> int:
    """Return the seconds that a forecast is about, of its epic's hours."""
    return sum(
        each.seconds for each in hours if forecast.month in (None, each.month) and forecast.team in ("", each.team)
    )


def _becomes(row: ForecastRow, kept: dict[Key, int]) -> str:
    if row.key not in kept:
        return CREATED
    return UNCHANGED if kept[row.key] == row.minutes else UPDATED


def _json(key: Key, project_key: str, minutes: int | None, source: Source, actor: Actor) -> Row:
    epic, month, team = key
    return {
        "epic": epic,
        "month": month,
        "team": team,
        "project": project_key,
        "minutes": minutes,
        "source": source.value,
        "by": actor.member_id,
    }


def _forecast(row: EpicForecast) -> Forecast:
    return Forecast(
        project_key=row.project_key,
        epic_key=row.epic_key,
        month=Month.parse(row.month) if row.month else None,
        team=row.team,
        minutes=row.minutes,
        source=Source(row.source),
        changed_at=row.changed_at,
        changed_by_member_id=row.changed_by_member_id,
    )
