"""Setting forecasts as one change: read back, on the record, and to be taken back as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from db.engine import Database
from db.models.pm import EpicForecast
from db.repositories import pm_forecasts as repository
from db.repositories.mirror.upsert import in_parts
from services.clock import Now
from services.effects.types import EffectRecord, Json, Undo
from services.pm.forecasts.types import Key
from services.pm.months import Month
from services.slack.markup import escape

Row = dict[str, Any]
"""A forecast as JSON: epic, month, team, project, minutes (None for no forecast), source, by."""


def key_of(row: Row) -> Key:
    """Return what there is one of."""
    return row["epic"], row["month"], row["team"]


class SetForecasts:
    """`forecasts.set` {rows: what they shall be}; the state is the rows of the same keys as they are."""

    name = "forecasts.set"

    def __init__(self, database: Database, now: Now) -> None:
        self._database = database
        self._now = now

    async def read(self, effect: EffectRecord) -> Json:
        """Return the forecasts of the same epics, months and teams."""
        wanted: list[Row] = effect.arguments["rows"]
        kept = {key_of(row): row for row in [_row(each) for each in await self._stored(wanted)]}
        return {"rows": [kept.get(key_of(row), {**row, "minutes": None}) for row in wanted]}

    async def _stored(self, wanted: Sequence[Row]) -> list[EpicForecast]:
        found: list[EpicForecast] = []
        async with self._database.transaction(write=False) as session:
            for part in in_parts(sorted({row["epic"] for row in wanted})):
                found += await repository.forecasts(session, epic_keys=part)
        return found

    def is_satisfied(self, effect: EffectRecord, state: Json) -> bool:
        """Compare the minutes."""
        return _minutes(state) == _minutes(effect.arguments)

    async def find(self, effect: EffectRecord) -> Json | None:
        """Return the state if an earlier attempt left it as wanted."""
        state = await self.read(effect)
        return state if self.is_satisfied(effect, state) else None

    async def write(self, effect: EffectRecord) -> Json:
        """Set, add and take away in one transaction."""
        wanted: list[Row] = effect.arguments["rows"]
        now = self._now()
        async with self._database.transaction() as session:
            kept: dict[Key, EpicForecast] = {}
            for part in in_parts(sorted({row["epic"] for row in wanted})):
                for each in await repository.forecasts(session, epic_keys=part):
                    kept[each.epic_key, each.month, each.team] = each
            for row in wanted:
                known = kept.get(key_of(row))
                if row["minutes"] is None:
                    if known is not None:
                        await session.delete(known)
                    continue
                if known is None:
                    known = EpicForecast(epic_key=row["epic"], month=row["month"], team=row["team"])
                    session.add(known)
                known.project_key, known.minutes, known.source = row["project"], row["minutes"], row["source"]
                known.changed_by_member_id, known.changed_at = row["by"], now
        return {}

    def mismatch(self, effect: EffectRecord, after: Json) -> str | None:
        """Compare what is kept with what was wanted."""
        return None if self.is_satisfied(effect, after) else "The forecasts are not what they were set to."

    def undo(self, effect: EffectRecord) -> Undo | None:
        """Set what was there before, and take away what was not."""
        return Undo(self.name, dict(effect.before)) if effect.before else None

    def describe(self, effect: EffectRecord) -> str:
        """Say how many forecasts there were and are, or what one became."""
        before, after = _minutes(effect.before), _minutes(effect.arguments)
        if len(after) == 1:
            (key, minutes), was = next(iter(after.items())), next(iter(before.values()), None)
            said = f"Set the forecast of *{escape(key[0])}*{_of(key)} to *{_hours(minutes)}*"
            return said + (f" (before: {_hours(was)})" if was != minutes else "")
        count = sum(minutes is not None for minutes in after.values())
        earlier = sum(minutes is not None for minutes in before.values())
        return (
            f"Set *{count} forecasts* of {escape(effect.target)}: {_hours(_sum(after))} "
            f"(before: {earlier} of them, {_hours(_sum(before))})"
        )

    def url(self, effect: EffectRecord) -> str:
        """Return nothing: they are kept here."""
        return ""


def _row(stored: EpicForecast) -> Row:
    return {
        "epic": stored.epic_key,
        "month": stored.month,
        "team": stored.team,
        "project": stored.project_key,
        "minutes": stored.minutes,
        "source": stored.source,
        "by": stored.changed_by_member_id,
    }


def _minutes(state: Json) -> dict[Key, int | None]:
    return {key_of(row): row["minutes"] for row in (state or {}).get("rows", [])}


def _sum(minutes: dict[Key, int | None]) -> int:
    return sum(each or 0 for each in minutes.values())


def _hours(minutes: int | None) -> str:
    return "none" if minutes is None else f"{minutes / 60:,.6g} h"


def _of(key: Key) -> str:
    parts = [f" in {Month.parse(key[1]).title}" if key[1] else "", f" for {escape(key[2])}" if key[2] else ""]
    return "".join(parts)
