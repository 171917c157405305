"""Everything that an epic's figures are made of, for people who want to check them (TRUST-7)."""

from __future__ import annotations

from collections.abc import Callable

from services.pm.hours import LoggedTime, seconds_by
from services.pm.variance.arithmetic import misalignment
from services.pm.variance.types import EpicVariance, VarianceData, VarianceNumbers


def numbers_of(variance: EpicVariance, data: VarianceData) -> VarianceNumbers:
    """Add up one epic's data in every way that is shown; each way comes to the same total."""
    names = {member.jira_account_id: member.display_name for member in data.members if member.jira_account_id}
    months = seconds_by(data.entries, lambda entry: str(entry.month))
    for kept in data.kept:
        months[str(kept.month)] = months.get(str(kept.month), 0) + kept.seconds
    earlier = sum(kept.seconds for kept in data.kept)
    standard = [issue for issue in data.issues if issue.hierarchy_level == 0]
    project = next((each for each in data.projects if each.key == variance.epic.project_key), None)
    return VarianceNumbers(
        variance=variance,
        day=data.day,
        by_issue=_most_first(data, lambda entry: entry.issue_key, earlier),
        by_person=_most_first(data, lambda e: names.get(e.jira_account_id, e.jira_account_id), earlier),
        by_month=tuple(sorted(months.items())),
        forecasts=data.forecasts,
        done=tuple(issue for issue in standard if issue.is_done),
        open=tuple(issue for issue in standard if not issue.is_done),
        misaligned_points=float(misalignment(variance.inception, variance.completion)),
        pm_member_ids=(project.pm.id,) if project and project.pm else (),
        stakeholder_member_ids=project.stakeholder_member_ids if project else (),
        mirrored_at=data.mirrored_at,
    )


def _most_first(data: VarianceData, key: Callable[[LoggedTime], str], earlier: int) -> tuple[tuple[str, int], ...]:
    totals = seconds_by(data.entries, key)
    ordered = sorted(totals.items(), key=lambda pair: (-pair[1], pair[0]))
    return (*ordered, ("months before, not known one by one", earlier)) if earlier else tuple(ordered)
