"""Traces of work, from what the mirror and FlowPilot keep. Pure: rows in, evidence out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.mirror.types import FieldChangeRow, PullRequestRow, WorklogRow
from services.pm.worklog_drafts.types import Evidence, EvidenceKind, Span

NEIGHBOUR_DAYS = 4
"""How far before and after a day one looks for the nearest logged one: over a weekend."""
_EVENT_KINDS = {
    "commit": (EvidenceKind.COMMIT, "Commit on"),
    "review": (EvidenceKind.REVIEW, "Review of"),
    "comment": (EvidenceKind.PULL_REQUEST_COMMENT, "Comment on"),
}


def span_of(week_start: date, zone: str) -> tuple[datetime, datetime]:
    """Return the instants between which a week's seven days lie in a zone; 167 to 169 hours with a clock change."""
    local = ZoneInfo(zone)
    first = datetime.combine(week_start, time(), local)
    return first.astimezone(UTC), datetime.combine(week_start + timedelta(days=7), time(), local).astimezone(UTC)


def day_of(at: datetime, span: Span) -> date:
    """Return the person's day that an instant is in."""
    return at.astimezone(ZoneInfo(span.zone)).date()


def changes_by(changes: Iterable[FieldChangeRow], keys: Mapping[str, str], span: Span, site: str) -> list[Evidence]:
    """Return the person's own changes of issues; `keys` are issue keys by Jira id."""
    found = []
    for change in changes:
        key = keys.get(change.jira_id)
        if (
            key is None
            or change.author_account_id != span.member.jira_account_id
            or not _is_in(change.changed_at, span)
        ):
            continue
        is_move = change.field == "status"
        kind = EvidenceKind.MOVE if is_move else EvidenceKind.EDIT
        what = f"Moved to {change.to_value}" if is_move else f"Changed the {change.field}"
        found.append(Evidence(kind, day_of(change.changed_at, span), key, what, change.changed_at, _page(site, key)))
    return found


def _is_in(at: datetime, span: Span) -> bool:
    return span.start <= at < span.end


def _page(site: str, key: str) -> str:
    return f"{site}/browse/{key}"


@dataclass(frozen=True)
class Held:
    """An issue as it is now, with its changes of status and assignee, oldest first."""

    key: str
    created_at: datetime
    status: str
    assignee_account_id: str | None
    changes: tuple[FieldChangeRow, ...]


def in_progress(
    issues: Iterable[Held], working: Collection[str], days: Collection[date], span: Span, site: str
) -> list[Evidence]:
    """Return the days on which an issue was both assigned to the person and in one of the statuses `working`."""
    found = []
    for issue in issues:
        states = list(_states(issue, span))
        for day in sorted(days):
            start, end = _bounds(day, span.zone)
            status = next(
                (
                    status
                    for since, until, status, assignee in states
                    if since < end and until > start and status in working and assignee == span.member.jira_account_id
                ),
                None,
            )
            if status is not None:
                what = f"Yours, in {status}"
                found.append(Evidence(EvidenceKind.IN_PROGRESS, day, issue.key, what, None, _page(site, issue.key)))
    return found


def _bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    local = ZoneInfo(zone)
    start, end = (datetime.combine(each, time(), local) for each in (day, day + timedelta(days=1)))
    return start.astimezone(UTC), end.astimezone(UTC)


def _states(issue: Held, span: Span) -> Iterable[tuple[datetime, datetime, str, str | None]]:
    """Yield (since, until, status, assignee) from the issue's making until the span's end."""
    firsts = {change.field: change for change in reversed(issue.changes)}
    status = firsts["status"].from_value if "status" in firsts else issue.status
    assignee = firsts["assignee"].from_id if "assignee" in firsts else issue.assignee_account_id
    since = issue.created_at
    for change in issue.changes:
        yield since, change.changed_at, status or "", assignee
        since = change.changed_at
        if change.field == "status":
            status = change.to_value
        elif change.field == "assignee":
            assignee = change.to_id
    yield since, max(span.end, since), status or "", assignee


def pull_request_traces(pull_requests: Iterable[PullRequestRow], span: Span) -> list[Evidence]:
    """Return the person's commits, reviews and comments on pull requests that name issues."""
    login = (span.member.github_login or "").casefold()
    found = []
    for request in pull_requests:
        for event in request.events:
            if event.is_bot or not login or event.login.casefold() != login or not _is_in(event.at, span):
                continue
            kind, verb = _EVENT_KINDS.get(event.kind, (EvidenceKind.PULL_REQUEST_COMMENT, "Activity on"))
            what = f"{verb} {request.reference}"
            day = day_of(event.at, span)
            found += [Evidence(kind, day, key, what, event.at, request.url) for key in request.jira_keys]
    return found


def neighbours(worklogs: Sequence[WorklogRow], days: Collection[date], site: str) -> list[Evidence]:
    """Return, for each day, the issues that the person logged on the nearest days before and after it."""
    by_day: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for worklog in worklogs:
        if worklog.issue_key:
            by_day[worklog.start_date][worklog.issue_key] += worklog.time_spent_seconds
    found = []
    for day in sorted(days):
        for direction in (-1, 1):
            near = (day + timedelta(days=direction * back) for back in range(1, NEIGHBOUR_DAYS + 1))
            nearest = next((each for each in near if each in by_day), None)
            for key in sorted(by_day.get(nearest, {}) if nearest else {}):
                what = f"You logged on it on {nearest:%A}"
                found.append(Evidence(EvidenceKind.NEIGHBOUR, day, key, what, None, _page(site, key)))
    return found
