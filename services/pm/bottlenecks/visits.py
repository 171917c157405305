"""From changelogs and pull requests to visits: one for each stay in a status that work can wait in."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.mirror.types import FieldChangeRow, IssueRow, PullRequestRow, ReviewStatus
from services.pm.bottlenecks.types import ItemType, Visit

WAITING_STATUSES = ("QA", "UAT", "Code Review", "In Review", "Blocked")
"""PM-5.1: the Jira statuses that are watched unless an admin names others."""
BULK_CLOSING = 10
"""So many tickets that one account closes within the same minute are closed automatically: nobody decides that fast."""

STATUS, ASSIGNEE, PRIORITY = "status", "assignee", "priority"


@dataclass(frozen=True)
class People:
    """Who is who: teams by Jira account or GitHub login, and the accounts that are known to be robots."""

    teams: Mapping[str, str] = field(default_factory=dict)
    robots: frozenset[str] = frozenset()

    def team_of(self, account: str) -> str:
        """Return the team of an account, "" where it has none."""
        return self.teams.get(account, "")


NOBODY = People()


def ticket_visits(
    issues: Iterable[IssueRow],
    changes: Iterable[FieldChangeRow],
    seen_at: datetime,
    people: People = NOBODY,
    done_statuses: Collection[str] = (),
) -> Iterator[Visit]:
    """Yield the visits of tickets, each ticket's in order; epics have none, and what is done is none.

    `changes` are those of status, assignee and priority. A status counts as done when a ticket of the batch is done in
    it, or `done_statuses` names it. The present status is the issue's own, whatever name it had when it was entered.
    """
    history: dict[str, list[FieldChangeRow]] = defaultdict(list)
    for change in changes:
        history[change.jira_id].append(change)
    batch = [issue for issue in issues if not issue.is_epic]
    done = {issue.status for issue in batch if issue.is_done} | set(done_statuses)
    bulk = _bulk_closings((one for issue in batch for one in history[issue.jira_id]), done)
    for issue in batch:
        yield from _visits_of(issue, history[issue.jira_id], seen_at, people, done, bulk)


def pull_request_visits(
    pull: PullRequestRow, project_key: str, seen_at: datetime, people: People = NOBODY
) -> list[Visit]:
    """Return the visits of a pull request to its waiting states, drafts left out: nobody waits for those.

    Who reviews is the assignee where a review is waited for, else the author. The robot's own requests say nothing of
    how long people take, so each of their stays counts as automatic.
    """
    found: list[Visit] = []
    entered: Counter[str] = Counter()
    for number, stay in enumerate(pull.stays):
        status = stay.status.value
        if stay.status is not ReviewStatus.DRAFT:
            waits = stay.status is ReviewStatus.REVIEW_REQUESTED and pull.requested_reviewers
            who = pull.requested_reviewers[0] if waits else pull.author_login
            left = None if stay.left_at is None else max(stay.left_at, stay.entered_at)
            found.append(
                Visit(
                    item_key=pull.reference,
                    item_type=ItemType.PULL_REQUEST,
                    project_key=project_key,
                    status=status,
                    priority="",
                    assignee=who,
                    team=people.team_of(who),
                    entered_at=stay.entered_at,
                    left_at=left,
                    seen_at=max(seen_at, stay.entered_at),
                    is_automatic=pull.is_bot,
                    earlier_visits=number,
                    returns=entered[status],
                )
            )
        entered[status] += 1
    return found


def robots_among(
    issues: Sequence[IssueRow], changes: Iterable[FieldChangeRow], known: Collection[str] = ()
) -> frozenset[str]:
    """Return the accounts that close tickets (at least `BULK_CLOSING`) but never have or report one: apps.

    Jira's changelog does not say which accounts are apps. `known` are accounts that are people for sure.
    """
    people, closed = set(known), {one.status for one in issues if one.is_done}
    closings: Counter[str] = Counter()
    for issue in issues:
        people.update(one for one in (issue.assignee_account_id, issue.reporter_account_id) if one)
    for change in changes:
        if change.field == ASSIGNEE:
            people.update(one for one in (change.from_id, change.to_id) if one)
        elif change.field == STATUS and change.to_value in closed and change.author_account_id:
            closings[change.author_account_id] += 1
    return frozenset(who for who, count in closings.items() if count >= BULK_CLOSING and who not in people)


def _visits_of(
    issue: IssueRow,
    changes: Sequence[FieldChangeRow],
    seen_at: datetime,
    people: People,
    done: Collection[str],
    bulk: Collection[tuple[str, str]],
) -> Iterator[Visit]:
    stays = _stays(issue, in_order([one for one in changes if one.field == STATUS]))
    assignees = _values(changes, ASSIGNEE, issue.assignee_account_id)
    priorities = _values(changes, PRIORITY, issue.priority, by_name=True)
    entered_before: Counter[str] = Counter()
    for number, (status, entered, ending) in enumerate(stays):
        is_last = ending is None
        if not (is_last and issue.is_done) and (is_last or status not in done):
            who = _at(assignees, entered)
            yield Visit(
                item_key=issue.key,
                item_type=ItemType.TICKET,
                project_key=issue.project_key,
                status=status,
                priority=_at(priorities, entered),
                assignee=who,
                team=people.team_of(who),
                entered_at=entered,
                left_at=None if ending is None else max(ending.changed_at, entered),
                seen_at=max(seen_at, entered),
                is_automatic=ending is not None and _is_automatic(ending, people, done, bulk),
                earlier_visits=number,
                returns=entered_before[status],
            )
        entered_before[status] += 1


def _stays(issue: IssueRow, changes: Sequence[FieldChangeRow]) -> list[tuple[str, datetime, FieldChangeRow | None]]:
    """Return (status, entered, the change that ended it) with repeats merged; a clock that ran backwards is held."""
    stays: list[tuple[str, datetime, FieldChangeRow | None]] = []
    status = (changes[0].from_value if changes else None) or issue.status
    entered = issue.created_at
    for change in changes:
        arrived = change.to_value or ""
        if arrived == status:
            continue
        stays.append((status, entered, change))
        status, entered = arrived, max(entered, change.changed_at)
    stays.append((issue.status, entered, None))
    if len(stays) > 1 and stays[-2][0] == issue.status and status != issue.status:
        # Jira's present answer is newer than the last change that was read: it went back
        stays[-2:] = [(issue.status, stays[-2][1], None)]
    return stays


def in_order(changes: Iterable[FieldChangeRow]) -> list[FieldChangeRow]:
    """Sort changes by time; those of the same instant so that each goes on from the status before, then by id."""
    waiting = sorted(changes, key=lambda one: (one.changed_at, _number(one.history_id)))
    ordered: list[FieldChangeRow] = []
    while waiting:
        together = [one for one in waiting if one.changed_at == waiting[0].changed_at]
        last = ordered[-1].to_value if ordered else None
        arrivals = {one.to_value for one in together}
        chosen = next(
            (one for one in together if one.from_value == last),
            next((one for one in together if one.from_value not in arrivals), together[0]),
        )
        ordered.append(chosen)
        waiting.remove(chosen)
    return ordered


def _number(history_id: str) -> tuple[int, str]:
    return (int(history_id), "") if history_id.isdigit() else (0, history_id)


def _values(
    changes: Iterable[FieldChangeRow], name: str, present: str | None, *, by_name: bool = False
) -> list[tuple[datetime | None, str]]:
    """Return (from when, value) of a field, oldest first; the first holds since ever."""
    own = sorted((one for one in changes if one.field == name), key=lambda one: one.changed_at)
    if not own:
        return [(None, present or "")]
    before = own[0].from_value if by_name else own[0].from_id
    values: list[tuple[datetime | None, str]] = [(None, before or "")]
    values += [(one.changed_at, (one.to_value if by_name else one.to_id) or "") for one in own]
    return values


def _at(values: Sequence[tuple[datetime | None, str]], when: datetime) -> str:
    found = values[0][1]
    for since, value in values[1:]:
        if since is not None and since <= when:
            found = value
    return found


def _is_automatic(
    ending: FieldChangeRow, people: People, done: Collection[str], bulk: Collection[tuple[str, str]]
) -> bool:
    """Tell whether a robot closed the ticket: an account known as one, an app (Jira names no author), or in bulk.

    Only closings count. A robot that moves a ticket on because somebody merged or reviewed tells how long people took.
    """
    if (ending.to_value or "") not in done:
        return False
    author = ending.author_account_id
    return author is None or author in people.robots or _minute(ending) in bulk


def _bulk_closings(changes: Iterable[FieldChangeRow], done: Collection[str]) -> set[tuple[str, str]]:
    closings = Counter(_minute(one) for one in changes if one.field == STATUS and (one.to_value or "") in done)
    return {minute for minute, count in closings.items() if count >= BULK_CLOSING}


def _minute(change: FieldChangeRow) -> tuple[str, str]:
    return change.author_account_id or "", change.changed_at.strftime("%Y-%m-%dT%H:%M")
