"""Drafts as they are stored: from proposals to rows, and back with what became of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

from db.models.effects import Effect
from db.models.pm import WorklogDraft
from services.effects.types import EffectStatus
from services.mirror.types import ScheduleDay, WorklogRow
from services.pm.types import Week
from services.pm.worklog_drafts.types import (
    DraftDay,
    DraftRow,
    DraftStatus,
    Evidence,
    IssueFacts,
    LoggedDay,
    Proposal,
)

ENDED = (EffectStatus.DONE, EffectStatus.UNCHANGED, EffectStatus.FAILED)


def effect_key(member_id: int, week: Week, draft_id: int, attempt: int) -> str:
    """Return the idempotency key of logging a row; a new attempt follows only on one whose end is known."""
    return f"worklog:{member_id}:{week.start}:{draft_id}:{attempt}"


def attempts_of(draft_id: int, effects: Iterable[Effect]) -> list[Effect]:
    """Return the attempts at logging a row, oldest first."""
    return [effect for effect in effects if effect.idempotency_key.split(":")[-2] == str(draft_id)]


def standing(effects: Sequence[Effect]) -> Effect | None:
    """Return the attempt that put a row into Tempo and was not taken back."""
    return next((e for e in reversed(effects) if e.status == EffectStatus.DONE and e.undone_by_id is None), None)


def logged_days(week: Week, worklogs: Iterable[WorklogRow], schedule: Iterable[ScheduleDay]) -> list[LoggedDay]:
    """Return the week's days as Tempo has them; an issue that is not mirrored goes by its Jira id."""
    required = {day.day: day.required_seconds for day in schedule}
    by_day: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for worklog in worklogs:
        by_day[worklog.start_date][worklog.issue_key or f"#{worklog.issue_jira_id}"] += worklog.time_spent_seconds
    return [LoggedDay(day, required.get(day, 0), dict(by_day[day])) for day in week]


def store_proposals(
    stored: Sequence[WorklogDraft], proposals: Iterable[Proposal], issues: Mapping[str, IssueFacts], now: datetime
) -> tuple[list[WorklogDraft], list[WorklogDraft]]:
    """Bring stored rows up to date, and return those to add and those to delete.

    What a person has decided on stays as it is; only a mere proposal changes with its evidence, or goes.
    """
    known = {(row.day, row.issue_key): row for row in stored}
    added: list[WorklogDraft] = []
    wanted = set()
    for position, proposal in enumerate(proposals):
        wanted.add((proposal.day, proposal.issue_key))
        row = known.get((proposal.day, proposal.issue_key))
        if row is None:
            row = WorklogDraft(
                day=proposal.day,
                issue_key=proposal.issue_key,
                issue_jira_id=issues[proposal.issue_key].jira_id,
                status=DraftStatus.PROPOSED,
                seconds=0,
                created_at=now,
            )
            added.append(row)
        if row.status == DraftStatus.PROPOSED:
            row.seconds, row.description = proposal.seconds, proposal.description
            row.position, row.changed_at = position, now
            row.evidence = [trace.stored() for trace in proposal.evidence]
    gone = [row for key, row in known.items() if row.status == DraftStatus.PROPOSED and key not in wanted]
    return added, gone


def draft_row(
    row: WorklogDraft, summary: str, attempts: Sequence[Effect], worklog_ids: Collection[int] | None
) -> DraftRow:
    """Return a stored row; `worklog_ids` are what Tempo has in the week, None where that is not known freshly."""
    effect = standing(attempts)
    worklog_id = (effect.after or {}).get("worklog_id") if effect else None
    is_logged = worklog_id is not None and (worklog_ids is None or worklog_id in worklog_ids)
    status = DraftStatus(row.status)
    if is_logged:
        status = DraftStatus.LOGGED
    elif status is DraftStatus.LOGGED:
        status = DraftStatus.EDITED  # taken back, or deleted in Tempo: it can be logged again
    return DraftRow(
        id=row.id,
        day=row.day,
        issue_key=row.issue_key,
        issue_jira_id=row.issue_jira_id,
        summary=summary,
        seconds=row.seconds,
        description=row.description,
        evidence=tuple(Evidence.read(raw, row.day, row.issue_key) for raw in row.evidence or []),
        status=status,
        tempo_worklog_id=worklog_id if is_logged else None,
    )


def previewed(proposals: Iterable[Proposal], issues: Mapping[str, IssueFacts]) -> list[DraftRow]:
    """Return proposals as rows that are stored nowhere; their ids are 0."""
    return [
        DraftRow(
            id=0,
            day=proposal.day,
            issue_key=proposal.issue_key,
            issue_jira_id=issues[proposal.issue_key].jira_id,
            summary=issues[proposal.issue_key].summary,
            seconds=proposal.seconds,
            description=proposal.description,
            evidence=proposal.evidence,
            status=DraftStatus.PROPOSED,
        )
        for proposal in proposals
    ]


def draft_days(days: Iterable[LoggedDay], rows: Iterable[DraftRow], today: date) -> tuple[DraftDay, ...]:
    """Return the week's days with their rows."""
    by_day: dict[date, list[DraftRow]] = defaultdict(list)
    for row in rows:
        by_day[row.day].append(row)
    return tuple(
        DraftDay(
            day=day.day,
            required_seconds=day.required_seconds,
            logged_seconds=day.logged_seconds,
            rows=tuple(by_day[day.day]),
            logged_by_issue=tuple(sorted(day.by_issue.items())),
            is_ahead=day.day > today,
        )
        for day in days
    )
