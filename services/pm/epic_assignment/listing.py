"""Build what a PM sees of a project's newest run, with what became of each ticket."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from db.models.effects import Effect
from db.models.pm import EpicAssignmentSuggestion
from services.accounts.types import MemberRef
from services.effects.types import UNDO_WINDOW, EffectStatus
from services.pm.epic_assignment.types import (
    Decision,
    DecisionKind,
    ProjectList,
    Proposal,
    SuggestionItem,
    Tier,
)
from services.pm.epics.types import Candidate

OPERATION = "jira.parent"
_ORDER = list(Tier)


def effect_key(suggestion_id: int, epic_key: str, attempt: int = 0) -> str:
    """Return the idempotency key of assigning an epic; a new attempt follows only on one that failed."""
    return f"epic-assign:{suggestion_id}:{epic_key}" + (f":{attempt}" if attempt else "")


def effects_of(suggestion_id: int, effects: Iterable[Effect]) -> list[Effect]:
    """Return those of `effects` that carried out a suggestion, oldest first."""
    return [effect for effect in effects if effect.idempotency_key.startswith(f"epic-assign:{suggestion_id}:")]


@dataclass(frozen=True)
class Surroundings:
    """What rows refer to: names of epics, people, writes; `site_url` is Jira's, `threshold` that of a suggestion."""

    epic_names: Mapping[str, str]
    members: Mapping[int, MemberRef]
    effects: Sequence[Effect]
    site_url: str
    now: datetime
    threshold: float


def project_list(
    project_key: str, project_name: str, rows: Sequence[EpicAssignmentSuggestion], around: Surroundings
) -> ProjectList:
    """Return a project's list: no suggestion, low, high (PM-6.3); decided tickets keep their places."""
    items = sorted((item_of(row, around) for row in rows), key=_order)
    return ProjectList(project_key, project_name, tuple(items))


def preview(project_key: str, project_name: str, proposals: Sequence[Proposal], around: Surroundings) -> ProjectList:
    """Return the list as it would be, for a run that stores nothing."""
    items = [
        _item(
            around, proposal.ticket_key, proposal.summary, proposal.confidence, proposal.suggested_epic,
            proposal.candidates[:1],
        )
        for proposal in proposals
    ]  # fmt: skip
    return ProjectList(project_key, project_name, tuple(sorted(items, key=_order)))


def item_of(row: EpicAssignmentSuggestion, around: Surroundings) -> SuggestionItem:
    """Return one stored suggestion as it is shown."""
    best = [Candidate(c["epic_key"], c["confidence"], tuple(c["reasons"])) for c in row.candidates[:1]]
    decision = _decision(row, around) if row.decided_at is not None else None
    return _item(around, row.ticket_key, row.ticket_summary, row.confidence, row.suggested_epic, best, decision)


def _item(
    around: Surroundings,
    ticket_key: str,
    summary: str,
    confidence: float,
    epic_key: str | None,
    best: Sequence[Candidate],
    decision: Decision | None = None,
) -> SuggestionItem:
    return SuggestionItem(
        ticket_key=ticket_key,
        url=f"{around.site_url}/browse/{ticket_key}",
        summary=summary,
        confidence=confidence,
        epic_key=epic_key,
        epic_name=around.epic_names.get(epic_key or "", ""),
        reasons=best[0].reasons if best and epic_key else (),
        decision=decision,
        threshold=around.threshold,
    )


def _order(item: SuggestionItem) -> tuple[int, float, str, int]:
    project, _, number = item.ticket_key.rpartition("-")
    tier = _ORDER.index(item.tier)
    return tier, -item.confidence, project, int(number) if number.isdigit() else 0


def _decision(row: EpicAssignmentSuggestion, around: Surroundings) -> Decision:
    member = around.members.get(row.decided_by_member_id or 0)
    slack_id, name = (member.slack_user_id, member.display_name) if member else (None, "")
    done = [effect for effect in effects_of(row.id, around.effects) if effect.status == EffectStatus.DONE]
    if done and done[-1].undone_by_id is not None:
        epic_key = str(done[-1].arguments["parent"])
        return Decision(DecisionKind.UNDONE, epic_key, around.epic_names.get(epic_key, ""), slack_id, name)
    if row.actual_epic is None:
        kind = DecisionKind.REVIEW if row.decided_by_member_id else DecisionKind.LAPSED
        return Decision(kind, by_slack_id=slack_id, by_name=name)
    epic_name = around.epic_names.get(row.actual_epic, "")
    if row.decided_by_member_id is None:
        return Decision(DecisionKind.IN_JIRA, row.actual_epic, epic_name)
    undoable = [e.id for e in done if e.finished_at is not None and around.now <= e.finished_at + UNDO_WINDOW]
    effect_id = undoable[-1] if undoable else None
    return Decision(DecisionKind.ASSIGNED, row.actual_epic, epic_name, slack_id, name, effect_id)
