"""The weekly roll-up of epic assignment for leadership: how many tickets have an epic, where they do not (PM-6.5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from db.engine import Database
from db.repositories import epics as epic_repository
from db.repositories import pm_metrics as repository
from services.accounts.settings import LEADERSHIP
from services.accounts.types import MemberRef, Role
from services.errors import NotFoundError
from services.pm.types import TeamMember, Week

if TYPE_CHECKING:
    from services.accounts import Accounts
    from services.mirror import Mirror
    from services.pm import ProjectManagement

WEEKS = 6
TARGET_PERCENT = 90
"""Of the seed's success metrics: more than this share of the tickets has an epic."""


@dataclass(frozen=True)
class ProjectWeek:
    """A project's week: open tickets, those without an epic, and who created these (Jira account ids)."""

    project_key: str
    week: Week
    total: int
    orphaned: int
    by_creator: Mapping[str, int] = field(default_factory=dict)

    @property
    def percent(self) -> Fraction | None:
        """The share of tickets with an epic; None of a project without open tickets."""
        return Fraction(100 * (self.total - self.orphaned), self.total) if self.total else None


@dataclass(frozen=True)
class RollUpData:
    """What a roll-up is made of; `decided` counts suggestions whose ticket got an epic, `taken` the right ones."""

    day: date
    weeks: tuple[Week, ...]
    rows: tuple[ProjectWeek, ...]
    names: Mapping[str, str]
    people: tuple[TeamMember, ...]
    leadership: tuple[MemberRef, ...]
    decided: int = 0
    taken: int = 0
    waiting: int = 0


@dataclass(frozen=True)
class ProjectShare:
    """A project in the newest week, and by how many points its share moved since the week before."""

    key: str
    name: str
    total: int
    orphaned: int
    percent: Fraction
    moved: Fraction | None


@dataclass(frozen=True)
class TeamShare:
    """Tickets without an epic by the team of who created them, week by week; "" is people in no team."""

    team: str
    by_week: tuple[int | None, ...]

    @property
    def now(self) -> int:
        """How many there are in the newest week."""
        return self.by_week[-1] or 0


@dataclass(frozen=True)
class Creator:
    """Somebody who created tickets that have no epic; `member` is None for somebody who is not linked here."""

    jira_account_id: str
    member: MemberRef | None
    orphans: int


@dataclass(frozen=True)
class RollUp:
    """What leadership hears: the newest week that was counted, projects by least share, teams and people by most."""

    week: Week
    total: int
    orphaned: int
    trend: tuple[tuple[Week, Fraction | None], ...]
    projects: tuple[ProjectShare, ...]
    teams: tuple[TeamShare, ...]
    creators: tuple[Creator, ...]
    decided: int
    taken: int
    waiting: int
    recipients: tuple[MemberRef, ...]

    @property
    def percent(self) -> Fraction:
        """The share of tickets with an epic, over all projects."""
        return Fraction(100 * (self.total - self.orphaned), self.total)

    @property
    def moved(self) -> Fraction | None:
        """By how many points the share moved since the week before; None where that was not counted."""
        before = self.trend[-2][1] if len(self.trend) > 1 else None
        return None if before is None else self.percent - before

    @property
    def below(self) -> tuple[ProjectShare, ...]:
        """The projects under the target."""
        return tuple(project for project in self.projects if project.percent < TARGET_PERCENT)


@dataclass(frozen=True)
class RollUpNumbers:
    """A roll-up with the tickets that have no epic now, by project."""

    rollup: RollUp
    orphans: Mapping[str, tuple[str, ...]]


def roll_up(data: RollUpData) -> RollUp | None:
    """Add up the newest counted week and its trend; None when no week has been counted, or nothing was open."""
    counted = [row for row in data.rows if row.total]
    if not counted:
        return None
    newest = max(row.week for row in counted)
    weeks = [week for week in data.weeks if week <= newest]
    now = {row.project_key: row for row in counted if row.week == newest}
    before = {row.project_key: row for row in counted if row.week == newest.back(1)}
    return RollUp(
        week=newest,
        total=sum(row.total for row in now.values()),
        orphaned=sum(row.orphaned for row in now.values()),
        trend=tuple((week, _percent([row for row in counted if row.week == week])) for week in weeks),
        projects=_projects(now, before, data.names),
        teams=_teams(counted, weeks, data.people),
        creators=_creators(now.values(), data.people),
        decided=data.decided,
        taken=data.taken,
        waiting=data.waiting,
        recipients=data.leadership,
    )


def _percent(rows: Sequence[ProjectWeek]) -> Fraction | None:
    total = sum(row.total for row in rows)
    return Fraction(100 * (total - sum(row.orphaned for row in rows)), total) if total else None


def _projects(
    now: Mapping[str, ProjectWeek], before: Mapping[str, ProjectWeek], names: Mapping[str, str]
) -> tuple[ProjectShare, ...]:
    found = []
    for key, row in now.items():
        percent, earlier = row.percent or Fraction(0), before[key].percent if key in before else None
        moved = None if earlier is None else percent - earlier
        found.append(ProjectShare(key, names.get(key, ""), row.total, row.orphaned, percent, moved))
    return tuple(sorted(found, key=lambda project: (project.percent, project.key)))


def _teams(rows: Sequence[ProjectWeek], weeks: Sequence[Week], people: Sequence[TeamMember]) -> tuple[TeamShare, ...]:
    team_of = {person.member.jira_account_id: person.team for person in people if person.member.jira_account_id}
    counts: Counter[tuple[str, Week]] = Counter()
    for row in rows:
        for account, orphans in row.by_creator.items():
            counts[team_of.get(account, ""), row.week] += orphans
    known = {row.week for row in rows}
    found = [
        TeamShare(team, tuple(counts[team, week] if week in known else None for week in weeks))
        for team in {team for team, _ in counts}
    ]
    return tuple(sorted(found, key=lambda share: (-share.now, share.team)))


def _creators(rows: Iterable[ProjectWeek], people: Sequence[TeamMember]) -> tuple[Creator, ...]:
    members = {person.member.jira_account_id: person.member for person in people if person.member.jira_account_id}
    counts: Counter[str] = Counter()
    for row in rows:
        counts.update(row.by_creator)
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(Creator(account, members.get(account), orphans) for account, orphans in ordered if orphans)


class EpicRollUps:
    """Reads what a roll-up is made of."""

    def __init__(self, database: Database, accounts: Accounts, pm: ProjectManagement, mirror: Mirror) -> None:
        self._database = database
        self._accounts = accounts
        self._pm = pm
        self._mirror = mirror

    async def numbers(self, day: date, zone: str) -> RollUpNumbers:
        """Return what stands behind the roll-up of a day, for those who check it; raises `NotFoundError`."""
        found = roll_up(await self.data(day, zone))
        if found is None:
            raise NotFoundError("No week has been counted yet.", hint="The epic-assignment agent does that each day.")
        orphans: dict[str, list[str]] = {project.key: [] for project in found.projects}
        for issue in await self._mirror.issues(list(orphans), orphans_only=True, open_only=True):
            orphans[issue.project_key].append(issue.key)
        return RollUpNumbers(found, {key: tuple(keys) for key, keys in orphans.items()})

    async def data(self, day: date, zone: str) -> RollUpData:
        """Read the weeks up to that of `day`, and what was decided in them."""
        running = Week(day - timedelta(days=day.weekday()))
        weeks = tuple(running.back(number) for number in range(WEEKS - 1, -1, -1))
        since = datetime.combine(weeks[0].start, time(), ZoneInfo(zone)).astimezone(UTC)
        people, projects = await self._pm.team_members(), await self._pm.projects()
        leadership = await self.leadership()
        async with self._database.transaction(write=False) as session:
            rows = await repository.epic_weeks(session, weeks[0].start, running.start)
            decided = await repository.decided_suggestions(session, since)
            waiting = await epic_repository.undecided(session)
        return RollUpData(
            day=day,
            weeks=weeks,
            rows=tuple(
                ProjectWeek(
                    row.project_key,
                    Week(row.week_start_date),
                    row.total_tickets,
                    row.orphaned_tickets,
                    {str(account): int(count) for account, count in row.orphans_by_creator.items()},
                )
                for row in rows
            ),
            names={project.key: project.name for project in projects},
            people=tuple(people),
            leadership=leadership,
            decided=len(decided),
            taken=sum(row.suggested_epic == row.actual_epic for row in decided),
            waiting=len({row.ticket_key for row in waiting}),
        )

    async def leadership(self) -> tuple[MemberRef, ...]:
        """Return whom the setting names, the admins where it names nobody who is a member."""
        chosen = await self._accounts.get_setting(LEADERSHIP) or []
        members = await self._accounts.members()
        found = [member for member in members if member.slack_user_id in chosen]
        return tuple(found or [member for member in members if member.role is Role.ADMIN])
