"""Tempo Cloud, REST v4."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from services.errors import VendorUnavailableError
from services.settings import Settings
from services.vendors.circuit import OnCircuit
from services.vendors.http import Policy, VendorHttp
from services.vendors.problems import Effect
from services.vendors.tempo_parse import (
    Json,
    parse_days,
    parse_deletion,
    parse_plan,
    parse_team,
    parse_worklog,
)
from services.vendors.types import (
    TempoDay,
    TempoDeletion,
    TempoPlan,
    TempoTeam,
    TempoWorklogDetail,
    WorklogDraft,
)

TEMPO_POLICY = Policy(calls=1, per_s=0.2)
"""Tempo allows 5 calls a second and blocks who does not keep to it: evenly spaced, without a burst."""
WORKLOGS_PER_PAGE = 1000
PLANS_PER_PAGE = 1000
EVENTS_PER_PAGE = 1000
TEAMS_PER_PAGE = 50


class TempoClient:
    """The calls to Tempo that FlowPilot makes; every one raises the `VendorError` kinds."""

    def __init__(self, http: VendorHttp, *, worklogs_per_page: int = WORKLOGS_PER_PAGE) -> None:
        self._http = http
        self._worklogs_per_page = worklogs_per_page

    @classmethod
    def from_settings(
        cls, settings: Settings, *, policy: Policy | None = None, on_circuit: OnCircuit | None = None
    ) -> TempoClient:
        """Make a client with the token and the pace in the settings."""
        policy = policy or replace(TEMPO_POLICY, per_s=1 / settings.tempo_calls_per_s)
        token = settings.tempo_api_token.get_secret_value()
        http = VendorHttp(
            "Tempo",
            settings.tempo_url,
            headers={"Authorization": f"Bearer {token}"},
            policy=policy,
            auth_hint=(
                "Check TEMPO_API_TOKEN (Tempo > Settings > API Integration) and TEMPO_URL: "
                "a token of another region is refused."
            ),
            secrets=(token,),
            on_circuit=on_circuit,
        )
        return cls(http)

    @property
    def is_resting(self) -> bool:
        """Tell whether Tempo has failed so often that it is not asked for a while."""
        return self._http.is_resting

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def worklogs(
        self, *, from_date: date | None = None, to_date: date | None = None, updated_from: datetime | None = None
    ) -> AsyncIterator[list[TempoWorklogDetail]]:
        """Yield pages of worklogs by day (both ends included) and/or by when they were last changed."""
        params = _dates(from_date, to_date) | ({"updatedFrom": _instant(updated_from)} if updated_from else {})
        async for page in self._pages("/4/worklogs", params, self._worklogs_per_page):
            yield [parse_worklog(raw) for raw in page]

    async def worklogs_of_user(self, account_id: str, from_date: date, to_date: date) -> list[TempoWorklogDetail]:
        """Return a person's worklogs of some days, both ends included."""
        path = f"/4/worklogs/user/{_segment(account_id)}"
        pages = self._pages(path, _dates(from_date, to_date), self._worklogs_per_page)
        return [parse_worklog(raw) async for page in pages for raw in page]

    async def worklog(self, worklog_id: int) -> TempoWorklogDetail:
        """Read a worklog; `VendorNotFoundError` when Tempo knows none."""
        return parse_worklog(
            await self._http.request("GET", f"/4/worklogs/{int(worklog_id)}", missing=f"worklog {worklog_id}")
        )

    async def create_worklog(self, draft: WorklogDraft) -> TempoWorklogDetail:
        """Log time, once: never sent again after it may have arrived."""
        body = {"issueId": int(draft.issue_id), **_draft(draft)}
        return parse_worklog(await self._http.request("POST", "/4/worklogs", effect=Effect.ONCE, body=body))

    async def update_worklog(self, worklog_id: int, draft: WorklogDraft) -> TempoWorklogDetail:
        """Replace a worklog whole; its issue cannot be changed."""
        raw = await self._http.request(
            "PUT",
            f"/4/worklogs/{int(worklog_id)}",
            effect=Effect.REPEATABLE,
            body=_draft(draft),
            missing=f"worklog {worklog_id}",
        )
        return parse_worklog(raw)

    async def delete_worklog(self, worklog_id: int) -> None:
        """Delete a worklog; `VendorNotFoundError` when it was not there."""
        await self._http.request(
            "DELETE",
            f"/4/worklogs/{int(worklog_id)}",
            effect=Effect.REPEATABLE,
            missing=f"worklog {worklog_id}",
            gone_is_done=True,
        )

    async def deleted_worklogs(self, since: datetime) -> list[TempoDeletion]:
        """Return the worklogs deleted since then (at most 180 days ago).

        `VendorRejectedError` or `VendorAuthError` when FlowPilot's Tempo user may not read the audit log.
        """
        deletions: list[TempoDeletion] = []
        token = ""
        while True:
            params = {"limit": EVENTS_PER_PAGE} | ({"nextPageToken": token} if token else {})
            body = {"entityType": ["worklog"], "action": ["Deleted"], "from": _instant(since)}
            raw = await self._http.request("POST", "/4/papertrail/search", params=params, body=body)
            deletions += [found for found in map(parse_deletion, raw.get("results") or []) if found is not None]
            following = str((raw.get("metadata") or {}).get("nextPageToken") or "")
            if not following or following == token:
                return deletions
            token = following

    async def user_schedule(self, account_id: str, from_date: date, to_date: date) -> list[TempoDay]:
        """Return what is required of a person day by day, holidays taken off, leave not."""
        raw = await self._http.request(
            "GET",
            f"/4/user-schedule/{_segment(account_id)}",
            params=_dates(from_date, to_date),
            missing=f"user {account_id}",
        )
        return parse_days(raw)

    async def timesheet_status(self, account_id: str, day: date) -> str:
        """Return OPEN, IN_REVIEW or APPROVED for the person's approval period that `day` is in."""
        raw = await self._http.request(
            "GET",
            f"/4/timesheet-approvals/user/{_segment(account_id)}",
            params={"from": day.isoformat()},
            missing=f"user {account_id}",
        )
        return str((raw.get("status") or {}).get("key") or "OPEN")

    async def plans(self, account_ids: Sequence[str], from_date: date, to_date: date) -> list[TempoPlan]:
        """Return the planned time of people, with its days."""
        params = {
            **_dates(from_date, to_date),
            "accountIds": list(account_ids),
            "assigneeTypes": ["USER"],
            "plannedTimeBreakdown": ["DAILY"],
        }
        pages = self._pages("/4/plans", params, PLANS_PER_PAGE)
        return [parse_plan(raw, from_date, to_date) async for page in pages for raw in page]

    async def teams(self) -> list[TempoTeam]:
        """Return all teams with their present members: one call for each team."""
        teams = [raw async for page in self._pages("/4/teams", {}, TEAMS_PER_PAGE) for raw in page]
        return [parse_team(raw, await self._members(int(raw["id"]))) for raw in teams]

    async def _members(self, team_id: int) -> tuple[str, ...]:
        pages = self._pages(f"/4/teams/{team_id}/members", {}, None)
        return tuple([raw["member"]["accountId"] async for page in pages for raw in page])

    async def _pages(self, path: str, params: Mapping[str, Any], size: int | None) -> AsyncIterator[list[Json]]:
        query: Mapping[str, Any] = {**params, **({"limit": size} if size else {})}
        while True:
            raw = await self._http.request("GET", path, params=query)
            yield raw.get("results") or []
            following = (raw.get("metadata") or {}).get("next")
            if not following:
                return
            path, next_query = self._own(following)
            if next_query == query:
                raise VendorUnavailableError("Tempo", "Tempo's next page is the page itself.")
            query = next_query

    def _own(self, url: str) -> tuple[str, dict[str, list[str]]]:
        """Return path and query of a `next` link; refuses one to another host, which would be given our token."""
        base, link = urlsplit(self._http.base_url), urlsplit(url)
        if (link.scheme, link.hostname, link.port) != (base.scheme, base.hostname, base.port) or not (
            link.path.startswith(base.path)
        ):
            raise VendorUnavailableError(
                "Tempo",
                f"Tempo's next page is on another host ({link.hostname}).",
                hint="Check TEMPO_URL: it must be the region's own address.",
            )
        return link.path.removeprefix(base.path), parse_qs(link.query)


def _dates(from_date: date | None, to_date: date | None) -> dict[str, str]:
    ends = {"from": from_date, "to": to_date}
    return {name: day.isoformat() for name, day in ends.items() if day is not None}


def _instant(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _segment(text: str) -> str:
    return quote(text, safe=":")


def _draft(draft: WorklogDraft) -> Json:
    body: Json = {
        "authorAccountId": draft.author_account_id,
        "startDate": draft.start_date.isoformat(),
        "timeSpentSeconds": draft.time_spent_seconds,
        "description": draft.description,
    }
    if draft.start_time is not None:
        body["startTime"] = draft.start_time
    if draft.billable_seconds is not None:
        body["billableSeconds"] = draft.billable_seconds
    return body
