"""Time-tracking compliance: each Monday, who logged how much of what the week before required."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from agents.delivering import is_told, messages_of
from agents.schedule import Weekday, Weekly
from agents.spec import AgentSpec, Delivery, RunMode, Slot
from blocks.pm import time_tracking as blocks
from blocks.pm.words import counted, week_text
from services.alerts import Finding, Recipient
from services.alerts.policy import severity_of
from services.pm.time_tracking import TimeTrackingData, TimeTrackingFindings, assess_week
from services.pm.types import ComplianceStatus, PersonWeek, TimeTrackingSummary, Week

if TYPE_CHECKING:
    from services.container import Services
    from services.pm.worklog_drafts import DraftWeek

NAME = "time-tracking"
TEMPO_WEEK = "{jira_url}/plugins/servlet/ac/io.tempo.jira/tempo-app#!/my-work/week?type=LIST&date={day}"
"""Tempo's page "My work" of a week, inside Jira Cloud."""


async def collect(services: Services, slot: Slot) -> TimeTrackingData:
    """Read the week before the slot's day, on the account's calendar."""
    return await services.pm.time_tracking_data(Week.before(slot.day))


def assess(data: TimeTrackingData, now: datetime) -> TimeTrackingFindings:
    """Judge everybody's week; `now` changes nothing, the week is over."""
    return assess_week(data)


async def deliver(services: Services, findings: TimeTrackingFindings, mode: RunMode) -> Delivery:
    """Record the week, remind those who logged too little, and tell the PMs."""
    if mode is not RunMode.DRY_RUN:
        await services.pm.keep_weeks([*findings.earlier, *(person.record for person in findings.people)])
    reminded = [person for person in findings.people if person.status in _REMINDED]
    members = [person.person.member for person in reminded]
    drafts = await services.worklog_drafts.prepare_all(members, findings.week, keep=mode is RunMode.LIVE)
    jira_url = services.settings.jira_url
    reminders = await services.alerts.deliver(
        [_reminder(person, jira_url, drafts.get(person.person.member.id)) for person in reminded], mode
    )
    told = [person.person.member.id for person, outcome in zip(reminded, reminders, strict=True) if is_told(outcome)]
    if told and mode is RunMode.LIVE:
        await services.pm.mark_notified(findings.week, told)
    summaries = await services.alerts.deliver([_summary(summary) for summary in findings.summaries], mode)
    return Delivery(_line(findings), _counts(findings), messages_of([*reminders, *summaries], mode))


_REMINDED = (ComplianceStatus.NON_COMPLIANT, ComplianceStatus.PARTIAL)


def reminder_key(week: Week, member_id: int) -> str:
    """Return under which key a person's reminder of a week is told once."""
    return f"{NAME}:{week.start}:{member_id}"


def _reminder(week: PersonWeek, jira_url: str, drafts: DraftWeek | None) -> Finding:
    url = TEMPO_WEEK.format(jira_url=jira_url.rstrip("/"), day=week.week.start.isoformat())
    text, shown = blocks.reminder(week, url, drafts)
    member = week.person.member
    return Finding(
        dedupe_key=reminder_key(week.week, member.id),
        agent=NAME,
        severity=severity_of(NAME, "reminder"),
        recipient=Recipient.person(member),
        subject=NAME,
        text=text,
        blocks=shown,
        digestible=False,
        facts=_facts(week),
    )


def _facts(week: PersonWeek) -> dict[str, Any]:
    return {
        "member": week.person.member.id,
        "week": week.week.start.isoformat(),
        "logged_seconds": week.logged_seconds,
        "required_seconds": week.required_seconds,
        "missing_seconds": max(0, week.required_seconds - week.logged_seconds),
        "status": week.status.value,
    }


def _summary(summary: TimeTrackingSummary) -> Finding:
    text, shown = blocks.summary(summary)
    return Finding(
        dedupe_key=f"{NAME}:{summary.week.start}:pm:{summary.recipient.id}",
        agent=NAME,
        severity=severity_of(NAME, "summary"),
        recipient=Recipient.person(summary.recipient),
        subject=f"{NAME}:summary",
        text=text,
        blocks=shown,
        digestible=False,
        facts={
            "week": summary.week.start.isoformat(),
            "people": [_facts(week) for week in summary.people],
        },
    )


def _counts(findings: TimeTrackingFindings) -> dict[str, int]:
    statuses = Counter(person.status for person in findings.people)
    return {status.value: statuses[status] for status in ComplianceStatus}


def _line(findings: TimeTrackingFindings) -> str:
    counts = _counts(findings)
    return (
        f"Week of {week_text(findings.week)}: {counts['compliant']} compliant, {counts['partial']} partial, "
        f"{counts['non_compliant']} non-compliant; {counted(len(findings.summaries), 'summary', 'summaries')}"
    )


SPEC = AgentSpec(
    name=NAME,
    title="Time tracking",
    description="Reminds people who logged too little last week, and tells each PM how their people stand.",
    schedule=Weekly(Weekday.MONDAY, time(10)),
    collect=collect,
    assess=assess,
    deliver=deliver,
    grace=timedelta(hours=12),
)
