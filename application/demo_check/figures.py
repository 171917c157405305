"""The figures that agents must find, added up from what the sandbox's vendors hold, with nothing of FlowPilot's."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.client import SandboxClient

ZONE = ZoneInfo("America/New_York")
"""The world's time zone, on whose calendar months and weeks lie."""
COMPLIANT, PARTIAL = 80, 40
"""Per cent of the required hours."""
Row = dict[str, Any]


@dataclass(frozen=True)
class PersonWeek:
    """Somebody's last week: seconds in Tempo, and seconds that their schedule and leave required."""

    slack_id: str
    logged: int
    required: int

    @property
    def verdict(self) -> str:
        """How the week is called."""
        percent = 100 * self.logged
        if percent >= COMPLIANT * self.required:
            return "compliant"
        return "partial" if percent >= PARTIAL * self.required else "non-compliant"


class Figures:
    """What Tempo, Jira and GitHub of a running sandbox hold, added up."""

    def __init__(self, client: SandboxClient) -> None:
        self._client = client
        self._boards: dict[str, list[Row]] = {}
        self.stories: dict[str, Row] = {story["id"]: story["facts"] for story in client.world["stories"]}

    async def today(self) -> date:
        """Return the day it is in the world."""
        now = datetime.fromisoformat((await self._client.get("clock"))["now"])
        return now.astimezone(ZONE).date()

    async def last_month(self) -> tuple[date, date]:
        """Return the first and the last day of the month before."""
        last = (await self.today()).replace(day=1) - timedelta(days=1)
        return last.replace(day=1), last

    async def worklogs(self, first: date | None = None, last: date | None = None, **query: str) -> list[Row]:
        """Return worklogs as Tempo holds them (`project=`, `user=`), both days included."""
        days = {name: day.isoformat() for name, day in (("from", first), ("to", last)) if day}
        found: list[Row] = (await self._client.get("tempo/worklogs", **days, **query))["worklogs"]
        return found

    async def week(self) -> list[PersonWeek]:
        """Return last week's hours of everybody who logs hours."""
        facts = self.stories["week"]
        first, last = date.fromisoformat(facts["from"]), date.fromisoformat(facts["to"])
        people = []
        for key, known in facts["people"].items():
            slack_id = self._client.person(key).id
            logged = seconds(await self.worklogs(first, last, user=slack_id))
            people.append(PersonWeek(slack_id, logged, round(known["required_hours"] * 3600)))
        return people

    async def month_so_far(self, project: str) -> int:
        """Return a project's seconds of this month."""
        today = await self.today()
        return seconds(await self.worklogs(today.replace(day=1), today, project=project))

    def retainer(self, project: str) -> int:
        """Return the seconds that a project's retainer has in a month."""
        found = next(each for each in self._client.world["projects"] if each["key"] == project)
        return int(found["monthly_retainer_hours"]) * 3600

    async def forecast(self, epic: str) -> int:
        """Return the seconds that an epic was forecast to take, as the file that is imported says."""
        rows = csv.DictReader(io.StringIO(await self._client.get("world/forecasts.csv")))
        found = next(row for row in rows if row["epic_key"] == epic)
        return round(float(found["hours"]) * 3600)

    async def epic_seconds(self, epic: str) -> int:
        """Return what was ever logged on an epic, the tickets under it and their sub-tasks."""
        project = epic.partition("-")[0]
        under = {row["key"] for row in await self.board(project) if row["epic"] == epic}
        logs = await self.worklogs(project=project)
        return seconds([log for log in logs if log["issue_key"] in under | {epic}])

    async def done_under(self, epic: str) -> tuple[int, int]:
        """Return how many tickets under an epic are done, and how many there are; sub-tasks are not counted."""
        rows = await self.board(epic.partition("-")[0])
        under = [row for row in rows if row["epic"] == epic and row["type"] != "Sub-task"]
        return sum(row["category"] == "done" for row in under), len(under)

    async def board(self, project: str) -> list[Row]:
        """Return the tickets of a project's board, each with the category of its status."""
        if project not in self._boards:
            columns = (await self._client.get("jira/board", project=project, limit="5000"))["columns"]
            self._boards[project] = [
                {**row, "category": column["category"]} for column in columns for row in column["issues"]
            ]
        return self._boards[project]

    async def open_tickets(self, project: str) -> list[Row]:
        """Return a project's open tickets that could have an epic."""
        rows = await self.board(project)
        return [row for row in rows if row["category"] != "done" and row["type"] not in ("Epic", "Sub-task")]

    async def orphans(self, project: str) -> set[str]:
        """Return the keys of a project's open tickets without an epic."""
        return {row["key"] for row in await self.open_tickets(project) if not row["epic"]}

    async def days_in_status(self, key: str) -> int:
        """Return for how many days, from date to date, a ticket has been in its status."""
        issue = await self._client.issue(key)
        moves = [
            entry["created"]
            for entry in issue["history"]
            if any(item["field"] == "status" and item["to"] == issue["status"] for item in entry["items"])
        ]
        return await self._days_since(max(moves))

    async def days_waiting_for_review(self, pull: str) -> int:
        """Return for how many days a review of a pull request ("owner/name#1") has been asked for."""
        found = await self._client.get("github/pull/" + pull.replace("#", "/"))
        return await self._days_since(
            max(event["at"] for event in found["events"] if event["kind"] == "ReviewRequestedEvent")
        )

    async def bot_pulls(self) -> set[str]:
        """Return the open pull requests that robots opened."""
        names = [each["name"] for each in (await self._client.get("github/repositories"))["repositories"]]
        found = [pull for name in names for pull in (await self._client.get("github/pulls", repository=name))["pulls"]]
        return {f"{pull['repository']}#{pull['number']}" for pull in found if pull["author"]["is_bot"]}

    async def _days_since(self, instant: str) -> int:
        return (await self.today() - datetime.fromisoformat(instant).astimezone(ZONE).date()).days


def seconds(worklogs: list[Row]) -> int:
    """Add up worklogs."""
    return sum(int(log["seconds"]) for log in worklogs)


def by_project(worklogs: list[Row]) -> dict[str, int]:
    """Add up worklogs by project, in seconds."""
    totals: Counter[str] = Counter()
    for log in worklogs:
        totals[log["issue_key"].partition("-")[0]] += int(log["seconds"])
    return dict(totals)


def spoken(length: int) -> str:
    """Return seconds as people are told them: 34200 is "9 h 30 min"; begun minutes are left out."""
    hours, minutes = divmod(length // 60, 60)
    return " ".join([*([f"{hours} h"] if hours or not minutes else []), *([f"{minutes} min"] if minutes else [])])
