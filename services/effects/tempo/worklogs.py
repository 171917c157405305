"""Worklogs: logged once, recognised by what was not there before, deleted to undo."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import structlog

from services.effects.types import EffectRecord, EffectStatus, Json, Undo
from services.errors import VendorError, VendorNotFoundError
from services.vendors.tempo import TempoClient
from services.vendors.types import TempoWorklogDetail, WorklogDraft

LOG = "tempo.log"
DELETE = "tempo.delete_worklog"

RefreshDays = Callable[[str, date, date], Awaitable[object]]
"""Reads a Jira account's worklogs of some days, both ends included, into the mirror."""

log = structlog.get_logger(__name__)


class TempoOperation:
    """A change of one person's worklogs of one day; `effect.target` is the issue's key."""

    name = ""

    def __init__(self, tempo: TempoClient, site_url: str, refresh: RefreshDays | None = None) -> None:
        self._tempo = tempo
        self._site_url = site_url.rstrip("/")
        self._refresh = refresh

    def url(self, effect: EffectRecord) -> str:
        """Return the issue's page, where its worklogs are."""
        return f"{self._site_url}/browse/{effect.target}"

    async def _refresh_mirror(self, effect: EffectRecord) -> None:
        if self._refresh is None:
            return
        day = _day(effect)
        try:
            await self._refresh(effect.arguments["account_id"], day, day)
        except VendorError as error:
            # the worklog stands whether or not the mirror could be brought up to date just now: the sync will
            log.warning("mirror_not_refreshed", issue=effect.target, day=day.isoformat(), error=error.message)


class LogWork(TempoOperation):
    """`tempo.log` {issue_id, account_id, day, seconds, description}.

    Tempo keeps nothing of ours on a worklog but its words, which are the person's. So an earlier attempt is recognised
    as what was not there before it: the same person, issue, day, seconds and words under an id not in `before`.
    """

    name = LOG

    async def read(self, effect: EffectRecord) -> Json:
        """Return the worklog once it has an id; before, the ids of what is there already."""
        worklog_id = (effect.after or {}).get("worklog_id")
        if worklog_id is None:
            return {"ids": [worklog.id for worklog in await self._there(effect)]}
        try:
            return _state(await self._tempo.worklog(worklog_id))
        except VendorNotFoundError:
            return {"worklog_id": worklog_id, "is_there": False}

    async def _there(self, effect: EffectRecord) -> list[TempoWorklogDetail]:
        """Return the person's worklogs on the issue and day, by id."""
        day = _day(effect)
        found = await self._tempo.worklogs_of_user(effect.arguments["account_id"], day, day)
        own = [worklog for worklog in found if worklog.issue_id == effect.arguments["issue_id"]]
        return sorted(own, key=lambda worklog: worklog.id)

    def is_satisfied(self, effect: EffectRecord, state: Json) -> bool:
        """Return False: the same words and hours logged twice are two worklogs."""
        return False

    async def find(self, effect: EffectRecord) -> Json | None:
        """Look for what this effect logged."""
        known = set((effect.before or {}).get("ids", []))
        wanted = (effect.arguments["seconds"], effect.arguments["description"])
        for worklog in await self._there(effect):
            if worklog.id not in known and (worklog.time_spent_seconds, worklog.description) == wanted:
                await self._refresh_mirror(effect)
                return {"worklog_id": worklog.id}
        return None

    async def write(self, effect: EffectRecord) -> Json:
        """Log the time, then bring the mirror up to date."""
        arguments = effect.arguments
        made = await self._tempo.create_worklog(
            WorklogDraft(
                issue_id=arguments["issue_id"],
                author_account_id=arguments["account_id"],
                start_date=_day(effect),
                time_spent_seconds=arguments["seconds"],
                description=arguments["description"],
            )
        )
        await self._refresh_mirror(effect)
        return {"worklog_id": made.id}

    def mismatch(self, effect: EffectRecord, after: Json) -> str | None:
        """Say so when the worklog is gone, holds something else, or was changed since it was read back."""
        if not after.get("is_there", True):
            return f"Tempo does not show the worklog on {effect.target}."
        arguments = effect.arguments
        for name, said in (("seconds", "time"), ("day", "day"), ("account_id", "person"), ("issue_id", "issue")):
            if name in after and after[name] != arguments[name]:
                return f"Tempo has another {said} on the worklog of {effect.target} than was logged."
        written = (effect.after or {}).get("updated")
        if written and after.get("updated", written) != written:
            return f"The worklog on {effect.target} was edited in Tempo since."
        return None

    def undo(self, effect: EffectRecord) -> Undo | None:
        """Delete it."""
        worklog_id = (effect.after or {}).get("worklog_id")
        arguments = {name: effect.arguments[name] for name in ("account_id", "day", "seconds")}
        return Undo(DELETE, {"worklog_id": worklog_id, **arguments}) if worklog_id else None

    def describe(self, effect: EffectRecord) -> str:
        """Say what was logged where."""
        verb = "Could not log" if effect.status is EffectStatus.FAILED else "Logged"
        return f"{verb} *{_hours(effect)}* on *{effect.target}* for {_day_text(effect)}"


class DeleteWorklog(TempoOperation):
    """`tempo.delete_worklog` {worklog_id, account_id, day, seconds}."""

    name = DELETE

    async def read(self, effect: EffectRecord) -> Json:
        """Return whether the worklog is there."""
        try:
            await self._tempo.worklog(effect.arguments["worklog_id"])
        except VendorNotFoundError:
            return {"is_there": False}
        return {"is_there": True}

    def is_satisfied(self, effect: EffectRecord, state: Json) -> bool:
        """Tell whether it is gone."""
        return not state["is_there"]

    async def find(self, effect: EffectRecord) -> Json | None:
        """Return the state if it is gone."""
        state = await self.read(effect)
        if state["is_there"]:
            return None
        await self._refresh_mirror(effect)
        return state

    async def write(self, effect: EffectRecord) -> Json:
        """Delete it, then bring the mirror up to date."""
        try:
            await self._tempo.delete_worklog(effect.arguments["worklog_id"])
        except VendorNotFoundError:
            log.info("worklog_gone_already", worklog=effect.arguments["worklog_id"])
        await self._refresh_mirror(effect)
        return {}

    def mismatch(self, effect: EffectRecord, after: Json) -> str | None:
        """Say so when it is still there."""
        return f"Tempo still shows the worklog on {effect.target}." if after.get("is_there") else None

    def undo(self, effect: EffectRecord) -> Undo | None:
        """Return nothing: it was the way back."""
        return None

    def describe(self, effect: EffectRecord) -> str:
        """Say what is gone."""
        return f"Took *{_hours(effect)}* on *{effect.target}* for {_day_text(effect)} out of Tempo"


def _state(worklog: TempoWorklogDetail) -> dict[str, Any]:
    return {
        "worklog_id": worklog.id,
        "is_there": True,
        "issue_id": worklog.issue_id,
        "account_id": worklog.author_account_id,
        "day": worklog.start_date.isoformat(),
        "seconds": worklog.time_spent_seconds,
        "description": worklog.description,
        "updated": worklog.updated_at.isoformat(),
    }


def _day(effect: EffectRecord) -> date:
    return date.fromisoformat(effect.arguments["day"])


def _day_text(effect: EffectRecord) -> str:
    day = _day(effect)
    return f"{day:%a %b} {day.day}"


def _hours(effect: EffectRecord) -> str:
    hours, minutes = divmod(int(effect.arguments["seconds"]) // 60, 60)
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{minutes} min" if minutes else "") if part)
