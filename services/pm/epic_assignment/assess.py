"""Turn what was looked at into findings: pure, so that a plain test reaches every rule."""

from __future__ import annotations

from collections import Counter

from services.mirror.types import IssueRow
from services.pm.epic_assignment.types import (
    Basis,
    EpicFindings,
    OpenSuggestion,
    ProjectFindings,
    Proposal,
    Scan,
    ScopeProject,
    Settled,
    Tier,
)

_ORDER = list(Tier)
UNKNOWN_CREATOR = "unknown"


def assess(scan: Scan) -> EpicFindings:
    """Sort each project's tickets without an epic, and settle earlier suggestions that Jira has overtaken."""
    issues = {issue.key: issue for issue in scan.issues}
    proposals = [
        Proposal(issue.key, issue.project_key, issue.summary, suggestion.candidates, scan.threshold)
        for suggestion in scan.run.suggestions
        if (issue := issues.get(suggestion.ticket_key)) is not None
    ]
    orphans = {proposal.ticket_key for proposal in proposals}
    return EpicFindings(
        at=scan.at,
        day=scan.day,
        projects=tuple(_project(scan, project, proposals, issues) for project in scan.projects),
        settled=tuple(
            _settled(left, issues.get(left.ticket_key)) for left in scan.undecided if left.ticket_key not in orphans
        ),
    )


def _project(
    scan: Scan, project: ScopeProject, proposals: list[Proposal], issues: dict[str, IssueRow]
) -> ProjectFindings:
    own = sorted((proposal for proposal in proposals if proposal.project_key == project.key), key=proposal_order)
    creators = Counter(issues[proposal.ticket_key].reporter_account_id or UNKNOWN_CREATOR for proposal in own)
    return ProjectFindings(
        project=project,
        proposals=tuple(own),
        basis=Basis(
            open_tickets=sum(issue.project_key == project.key and not issue.is_done for issue in scan.issues),
            without_epic=len(own),
            fresh_at=scan.fresh_at,
            embedder=scan.run.embedder,
            fallback_reason=scan.run.fallback_reason,
            search_url=project.search_url,
        ),
        by_creator=dict(sorted(creators.items())),
    )


def proposal_order(proposal: Proposal) -> tuple[int, float, str, int]:
    """Sort by tier (none, low, high), the surest first within one, then by key."""
    return (_ORDER.index(proposal.tier), -proposal.confidence, *_by_number(proposal.ticket_key))


def _by_number(key: str) -> tuple[str, int]:
    project, _, number = key.rpartition("-")
    return project, int(number) if number.isdigit() else 0


def _settled(left: OpenSuggestion, issue: IssueRow | None) -> Settled:
    """Say what Jira made of a suggestion; a ticket that is done or gone without an epic proves nothing."""
    epic = issue.epic_key if issue is not None else None
    return Settled(left.id, None if epic is None else epic == left.suggested_epic, epic)
