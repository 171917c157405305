"""From hours, forecasts and issues to who hears of what; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction

from services.accounts.types import MemberRef, Role
from services.mirror.types import IssueRow
from services.pm.epic_hours import EpicMonth
from services.pm.forecasts import Forecast, planned_in, planned_in_all
from services.pm.hours import LoggedTime, total_seconds
from services.pm.months import Month
from services.pm.types import ProjectRef
from services.pm.variance.arithmetic import (
    completion_of,
    level_of,
    misalignment,
    month_of,
    period_of,
    risk_score,
    step_of,
)
from services.pm.variance.causes import EpicFacts, causes_of
from services.pm.variance.types import (
    Alert,
    EpicVariance,
    Figure,
    Level,
    Summary,
    Told,
    VarianceData,
    VarianceFindings,
    Window,
)

STILL_INTERESTING = timedelta(days=31)
"""An epic that was done longer ago, or that nobody worked on since, is history."""

AGAIN_AFTER = timedelta(days=30)
"""An alert is repeated after this even if nothing became worse."""


def assess_variance(data: VarianceData) -> VarianceFindings:
    """Judge every current epic of the scope projects, and say who hears of which."""
    entries: dict[str, list[LoggedTime]] = defaultdict(list)
    for entry in data.entries:
        entries[entry.epic_key].append(entry)
    issues: dict[str, list[IssueRow]] = defaultdict(list)
    for issue in data.issues:
        issues[issue.epic_key or ""].append(issue)
    forecasts: dict[str, list[Forecast]] = defaultdict(list)
    for forecast in data.forecasts:
        forecasts[forecast.epic_key].append(forecast)
    kept: dict[str, list[EpicMonth]] = defaultdict(list)
    for month in data.kept:
        kept[month.epic_key].append(month)
    judged = [
        judge(epic, data, issues[epic.key], entries[epic.key], kept[epic.key], forecasts[epic.key])
        for epic in data.epics
        if is_current(epic, entries[epic.key], data.day)
    ]
    judged.sort(key=lambda each: (-each.risk, -(each.variance_percent or Fraction(-100)), each.key))
    projects = {project.key: project for project in data.projects}
    alerts = tuple(_alerts(judged, projects, data))
    return VarianceFindings(
        period=period_of(data.day),
        month=month_of(data.day),
        at=data.at,
        epics=tuple(judged),
        summaries=tuple(_summaries(judged, projects, data)),
        alerts=alerts,
    )


def is_current(epic: IssueRow, entries: Iterable[LoggedTime], day: date) -> bool:
    """Tell whether an epic is open or was until lately, or was worked on lately."""
    since = day - STILL_INTERESTING
    if not epic.is_done:
        return True
    resolved_lately = epic.resolved_at is not None and epic.resolved_at.date() >= since
    return resolved_lately or any(entry.day >= since for entry in entries)


def judge(
    epic: IssueRow,
    data: VarianceData,
    issues: Sequence[IssueRow],
    entries: Sequence[LoggedTime],
    kept: Sequence[EpicMonth],
    forecasts: Sequence[Forecast],
) -> EpicVariance:
    """Return an epic's figures, completion, risk and, where it is above a threshold, the causes that show."""
    month = month_of(data.day)
    actual = total_seconds(entries) + sum(each.seconds for each in kept)
    in_month = total_seconds([entry for entry in entries if entry.day in month])
    inception = _figure(Window.INCEPTION, actual, forecasts, None)
    variance = EpicVariance(
        epic=epic,
        inception=inception,
        month=_figure(Window.MONTH, in_month, forecasts, month),
        completion=completion_of(issues),
        risk=1,
        level=Level.QUIET,
    )
    percent = variance.variance_percent
    if percent is None:
        return variance
    risk = risk_score(percent, misalignment(inception, variance.completion))
    level = level_of(percent, data.thresholds)
    if level is Level.QUIET:
        return replace(variance, risk=risk)
    facts = EpicFacts(data.day, month, inception, variance.completion, issues, entries, forecasts)
    return replace(variance, risk=risk, level=level, causes=causes_of(facts))


def _figure(window: Window, actual: int, forecasts: Sequence[Forecast], month: Month | None) -> Figure:
    planned = planned_in_all(forecasts) if month is None else planned_in(forecasts, month)
    if planned is None:
        return Figure(window, actual, None, month=month)
    return Figure(window, actual, planned.minutes, planned.basis, month)


def managers_of(project: ProjectRef, members: Iterable[MemberRef]) -> list[MemberRef]:
    """Return the project's PM; without one, the admins look after it."""
    return [project.pm] if project.pm else [member for member in members if member.role is Role.ADMIN]


def _alerts(judged: Iterable[EpicVariance], projects: Mapping[str, ProjectRef], data: VarianceData) -> Iterable[Alert]:
    members = {member.id: member for member in data.members}
    for variance in judged:
        if variance.level < Level.ALERT or variance.variance_percent is None:
            continue
        project = projects[variance.epic.project_key]
        managers = managers_of(project, data.members)
        step = step_of(variance.variance_percent)
        people = [(manager, False) for manager in managers]
        if variance.level is Level.STAKEHOLDERS:
            others = [members[id_] for id_ in project.stakeholder_member_ids if id_ in members]
            people += [(person, True) for person in others if person not in managers]
        for person, is_stakeholder in people:
            if is_news(variance.key, person, step, data.told, data.at):
                yield Alert(person, variance, step, is_stakeholder)


def is_news(epic_key: str, person: MemberRef, step: int, told: Iterable[Told], at: datetime) -> bool:
    """Tell whether a person has to hear: not told within the month, or it has passed the next ten of per cent since."""
    earlier = [
        each.step
        for each in told
        if each.epic_key == epic_key and each.slack_id == person.slack_user_id and at - each.at < AGAIN_AFTER
    ]
    return step > max(earlier, default=-1)


def _summaries(
    judged: Sequence[EpicVariance], projects: Mapping[str, ProjectRef], data: VarianceData
) -> Iterable[Summary]:
    own: dict[int, list[EpicVariance]] = defaultdict(list)
    people: dict[int, MemberRef] = {}
    for variance in judged:
        for manager in managers_of(projects[variance.epic.project_key], data.members):
            people[manager.id] = manager
            own[manager.id].append(variance)
    for person in sorted(people.values(), key=lambda member: member.display_name):
        summary = _summary(person, own[person.id], data)
        if not summary.is_empty:
            yield summary


def _summary(person: MemberRef, judged: Sequence[EpicVariance], data: VarianceData) -> Summary:
    over = tuple(each for each in judged if each.level > Level.QUIET)
    without = tuple(
        each for each in judged if not each.has_forecast and each.inception.actual_seconds and not each.epic.is_done
    )
    under = tuple(each for each in judged if each.is_under_late and each not in over)
    within = sum(each.has_forecast for each in judged) - len(over) - len(under)
    return Summary(
        person, period_of(data.day), month_of(data.day), over, without, under, within, mirrored_at=data.mirrored_at
    )
