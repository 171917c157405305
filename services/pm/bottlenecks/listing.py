"""Kept stays as people are shown them: each with what the mirror knows of its item now. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from db.models.alerts import AlertDelivery
from db.models.pm import WorkflowBottleneck
from services.accounts.types import MemberRef, Role
from services.alerts import Status
from services.pm.bottlenecks.assess import TREND_WEEKS, joined, trend_of
from services.pm.bottlenecks.collect import Directory
from services.pm.bottlenecks.context import Days
from services.pm.bottlenecks.stuck import Digest, People, StuckItem, WaitingItem, working_days_between
from services.pm.bottlenecks.types import Activity, ItemType
from services.pm.types import ProjectRef
from services.slack.markup import escape

ASKED = "bottlenecks:asked:"
"""How the keys of messages begin by which people were asked; the stay's id follows."""

TREND_BACK = timedelta(weeks=TREND_WEEKS)


@dataclass(frozen=True)
class Around:
    """What is needed to show stays: people, projects, open items as mirrored, the calendar, who was asked."""

    projects: Mapping[str, ProjectRef]
    directory: Directory
    items: Mapping[str, WaitingItem]
    days: Days
    asked: Mapping[int, str] = field(default_factory=dict)


def stuck_item(row: WorkflowBottleneck, around: Around) -> StuckItem:
    """Return a stay; of an item that the mirror has no more there is its key."""
    item, directory = around.items.get(row.item_key), around.directory
    people = item.people if item else _people_of(row, around)
    end = row.resolved_at or around.days.now
    first, last = (at.astimezone(around.days.zone).date() for at in (row.entered_at, end))
    blockers = [each for each in item.blockers if each.key in row.blocker] if item else []
    return StuckItem(
        id=row.id or 0,
        key=row.item_key,
        item_type=ItemType(row.item_type),
        project_key=row.project_key,
        title=item.title if item else "",
        url=item.url if item else "",
        status=row.status,
        priority=row.priority,
        team=row.team,
        entered_at=row.entered_at,
        seconds=max(round((end - row.entered_at).total_seconds()), 0),
        days=(last - first).days,
        working_days=working_days_between(first, last, around.days.is_working_day),
        expected_seconds=row.expected_seconds,
        p90_seconds=row.p90_seconds,
        score=row.anomaly_score,
        isolation=row.isolation_score,
        risk=row.risk,
        baseline=row.baseline,
        activity=Activity(row.activity),
        context=row.context,
        quote=row.quote,
        quoted=row.quoted,
        blocker=row.blocker,
        confidence=row.confidence,
        is_rule_based=row.rule_based,
        is_truly_stuck=row.is_truly_stuck,
        returns=row.returns,
        people=people,
        blocker_owner=next((each.owner for each in blockers if each.owner), None),
        resolved_at=row.resolved_at,
        dismissed_by=_member(row.dismissed_by_member_id, directory),
        asked=around.asked.get(row.id or 0, ""),
        is_shown=item.is_shown if item else False,
        ticket_keys=item.ticket_keys if item else (),
    )


def _people_of(row: WorkflowBottleneck, around: Around) -> People:
    directory = around.directory
    assignee = directory.member(row.assignee) or directory.login(row.assignee)
    project = around.projects.get(row.project_key)
    return People(assignee, row.assignee if assignee is None else "", (), None, directory.pm_of(project, assignee))


def _member(member_id: int | None, directory: Directory) -> MemberRef | None:
    found = directory.by_id.get(member_id or 0)
    return found.member if found else None


def shown(items: Iterable[StuckItem]) -> list[StuckItem]:
    """Return what people are told of: what is truly stuck and has not moved, the riskiest first."""
    stuck = [each for each in items if each.is_truly_stuck and each.is_shown and each.resolved_at is None]
    return sorted(joined(stuck), key=lambda each: (-round(each.risk, 2), each.entered_at, each.key))


def digests_of(
    open_items: Sequence[StuckItem], trend_items: Sequence[StuckItem], around: Around, notes: Sequence[str] = ()
) -> list[Digest]:
    """Return a digest for each PM who has something stuck; what has no PM is for the admins."""
    admins = [each.member for each in around.directory.by_id.values() if each.member.role is Role.ADMIN]
    own: dict[int, list[StuckItem]] = defaultdict(list)
    readers: dict[int, MemberRef] = {}
    for item in shown(open_items):
        for reader in (item.people.pm,) if item.people.pm else admins:
            readers[reader.id] = reader
            own[reader.id].append(item)
    return [
        Digest(
            around.days.today,
            tuple(own[reader.id]),
            trend_of(joined(trend_for(reader, trend_items, admins)), around.days.now, around.days.zone),
            tuple(notes),
            reader,
        )
        for reader in readers.values()
    ]


def trend_for(reader: MemberRef, items: Iterable[StuckItem], admins: Sequence[MemberRef]) -> list[StuckItem]:
    """Return the stays that a reader's trend counts: those of their projects; robots' pull requests too."""
    is_admin = reader.id in {admin.id for admin in admins}
    return [
        item
        for item in items
        if (item.people.pm.id == reader.id if item.people.pm else is_admin) and item.dismissed_by is None
    ]


def asked_lines(rows: Iterable[AlertDelivery], directory: Directory, zone: ZoneInfo) -> dict[int, str]:
    """Return by stay who was asked last: "Alice Nguyen was asked Tue Nov 17"."""
    names = {each.member.slack_user_id: each.member.display_name for each in directory.by_id.values()}
    found: dict[int, str] = {}
    for row in rows:
        stay_id = row.dedupe_key.removeprefix(ASKED).partition(":")[0]
        if stay_id.isdigit() and row.status not in (Status.SNOOZED, Status.SHADOW):
            day = row.created_at.astimezone(zone)
            found[int(stay_id)] = f"{escape(names.get(row.recipient, 'Somebody'))} was asked {day:%a %b} {day.day}"
    return found
