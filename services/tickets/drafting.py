"""What a drafted comment rests on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from services.ai.tasks.ticket_draft import Blocker, DraftInput, TicketComment, TicketFacts
from services.mirror import FieldChangeRow, IssueRow
from services.vendors.types import JiraComment, JiraIssueDetail

COMMENTS = 20
CHANGES = 20


def draft_input(
    issue: JiraIssueDetail,
    comments: Sequence[JiraComment],
    changes: Sequence[FieldChangeRow],
    blockers: Sequence[IssueRow],
    *,
    asked_by: str,
    time_zone: str,
    about: str,
) -> DraftInput:
    """Return the facts for a draft, oldest first, times in the person's zone."""
    zone = ZoneInfo(time_zone)
    moves = [change for change in changes if change.field == "status"]
    return DraftInput(
        ticket=TicketFacts(
            key=issue.key,
            summary=issue.summary,
            description=issue.description,
            status=issue.status.name,
            status_since=_time(moves[-1].changed_at, zone) if moves else "",
            priority=issue.priority or "",
            assignee=issue.assignee.display_name if issue.assignee else "",
            reporter=issue.reporter.display_name if issue.reporter else "",
        ),
        asked_by=asked_by,
        comments=tuple(
            TicketComment(
                author=comment.author.display_name if comment.author else "somebody",
                written_at=_time(comment.created_at, zone),
                text=comment.body,
            )
            for comment in sorted(comments, key=lambda comment: comment.created_at)
        ),
        history=tuple(
            f"{_time(change.changed_at, zone)}: {change.field} from {change.from_value or 'nothing'}"
            f" to {change.to_value or 'nothing'}"
            for change in changes[-CHANGES:]
        ),
        blockers=tuple(Blocker(key=row.key, summary=row.summary, status=row.status) for row in blockers),
        person_request=about,
    )


def blocking_keys(issue: JiraIssueDetail) -> list[str]:
    """Return the keys of the issues that `issue` waits for."""
    return [link.key for link in issue.links if link.direction == "inward" and "block" in link.type.casefold()]


def _time(instant: datetime, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).strftime("%Y-%m-%d %H:%M")
