"""Retainer budgets: three times a working day, what each month has used, and when its budget ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

import structlog

from agents.delivering import is_told, messages_of
from agents.schedule import Daily
from agents.spec import AgentSpec, Delivery, RunMode, Slot
from blocks.pm import budgets as blocks
from blocks.pm.words import counted, day_text
from services.accounts.settings import ALERTS_CHANNEL
from services.accounts.types import MemberRef
from services.alerts import Finding, Outcome, Recipient, Status
from services.alerts.policy import severity_of
from services.charts.burn_up import burn_up_png
from services.errors import VendorError
from services.pm.budgets.assess import assess_budgets
from services.pm.budgets.burn_up import burn_up_of
from services.pm.budgets.types import BudgetAlert, BudgetData, BudgetFindings, BudgetStatus
from services.pm.types import ProjectRef

if TYPE_CHECKING:
    from services.container import Services

NAME = "retainer-budget"
RUNS_AT = (time(9), time(13), time(17))
SEVERITIES = {percent: severity_of(NAME, str(percent)) for percent in (75, 90, 100)}
log = structlog.get_logger(__name__)


async def collect(services: Services, slot: Slot) -> BudgetData:
    """Read the retainers' month so far, on the account's calendar."""
    is_last_run = slot.local.time() >= RUNS_AT[-1]
    return await services.budgets.data(slot.day, slot.time_zone, is_last_run=is_last_run)


def assess(data: BudgetData, now: datetime) -> BudgetFindings:
    """Judge each retainer; `now` changes nothing, the data carry their day."""
    return assess_budgets(data)


async def deliver(services: Services, findings: BudgetFindings, mode: RunMode) -> Delivery:
    """Tell each threshold once, and at the day's last run how all retainers stand."""
    outcomes = await _tell(services, findings, mode)
    loose = [_no_retainer(project, findings) for project in findings.without_retainer]
    outcomes += await services.alerts.deliver([finding for each in loose for finding in each], mode)
    channel = await services.accounts.get_setting(ALERTS_CHANNEL)
    if findings.is_last_run and channel:
        outcomes += await services.alerts.deliver([_summary(findings, str(channel))], mode)
    return Delivery(run_line(findings, has_channel=bool(channel)), _counts(findings), messages_of(outcomes, mode))


async def _tell(services: Services, findings: BudgetFindings, mode: RunMode) -> list[Outcome]:
    """Tell alerts, and keep that they were: a crash in between is settled by each alert's own key."""
    handed: list[tuple[BudgetAlert, Finding]] = []
    for alert in findings.alerts:
        file_id = await _chart(services, alert.status) if mode is RunMode.LIVE else None
        recipients = _recipients(alert.status.project, findings.admins)
        handed += [(alert, _finding(alert, recipient, file_id)) for recipient in recipients]
    # together, so that a PM of several projects gets one message
    outcomes = await services.alerts.deliver([finding for _, finding in handed], mode)
    for alert in findings.alerts if mode is RunMode.LIVE else ():
        own = [outcome for (of, _), outcome in zip(handed, outcomes, strict=True) if of is alert]
        if any(_is_on_its_way(outcome) for outcome in own):
            await services.budgets.record(alert)
    return outcomes


def _is_on_its_way(outcome: Outcome) -> bool:
    # what Slack did not take now is posted again by the alerts themselves
    return is_told(outcome) or outcome.status in (Status.FAILED, Status.RESERVED)


async def _chart(services: Services, status: BudgetStatus) -> str | None:
    """Return the id of the chart in Slack; without one the alert goes as it is."""
    name = f"{status.project.key}-{status.month}-burn-up.png"
    try:
        png = await burn_up_png(burn_up_of(status))
        title = f"Burn-up of {status.project.key}, {status.month.title}"
        return await services.slack.upload_image(name, png, title=title, alt_text=blocks.alt_text(status))
    except VendorError as error:
        log.warning("chart_not_uploaded", project=status.project.key, why=error.message)
        return None


def _recipients(project: ProjectRef, admins: Sequence[MemberRef]) -> list[Recipient]:
    """Return the PM and the project's channel; the admins where there is neither."""
    found = [Recipient.person(project.pm)] if project.pm else []
    if project.channel_id:
        found.append(Recipient.channel(project.channel_id))
    return found or [Recipient.person(admin) for admin in admins]


def _finding(alert: BudgetAlert, recipient: Recipient, file_id: str | None) -> Finding:
    status = alert.status
    text, shown = blocks.alert(alert, file_id)
    return Finding(
        dedupe_key=f"{NAME}:{status.project.key}:{status.month}:{alert.threshold}",
        agent=NAME,
        severity=SEVERITIES[alert.threshold],
        recipient=recipient,
        subject=f"{NAME}:{status.project.key}",
        text=text,
        blocks=shown,
        digestible=alert.threshold == min(SEVERITIES),
        facts=facts_of(status) | {"threshold": alert.threshold},
    )


def facts_of(status: BudgetStatus) -> dict[str, Any]:
    """Return the figures that a message about a retainer claims, to be judged by what came."""
    projection, ends = status.projection, status.projection.exhausted_on
    return {
        "project": status.project.key,
        "month": str(status.month),
        "day": status.day.isoformat(),
        "percent": round(float(status.share) * 100, 2),
        "consumed_seconds": status.consumed_seconds,
        "retainer_seconds": status.retainer_seconds,
        "burn_seconds_per_day": status.burn_seconds_per_day,
        "projected_low_seconds": projection.low,
        "projected_seconds": projection.point,
        "projected_high_seconds": projection.high,
        "exhausted_on": ends.isoformat() if ends else None,
        "pace_ends_on": status.pace_ends_on.isoformat() if status.pace_ends_on else None,
    }


def _no_retainer(project: ProjectRef, findings: BudgetFindings) -> list[Finding]:
    text, shown = blocks.no_retainer(project)
    to = [project.pm] if project.pm else findings.admins
    return [
        Finding(
            dedupe_key=f"{NAME}:{project.key}:no-retainer",
            agent=NAME,
            severity=severity_of(NAME, "no-retainer"),
            recipient=Recipient.person(member),
            subject=f"{NAME}:{project.key}",
            text=text,
            blocks=shown,
            facts={"project": project.key, "retainer_seconds": 0},
        )
        for member in to
    ]


def _summary(findings: BudgetFindings, channel: str) -> Finding:
    text, shown = blocks.summary(findings)
    return Finding(
        dedupe_key=f"{NAME}:summary:{findings.day}",
        agent=NAME,
        severity=severity_of(NAME, "summary"),
        recipient=Recipient.channel(channel),
        subject=f"{NAME}:summary",
        text=text,
        blocks=shown,
        facts={"projects": [facts_of(status) for status in findings.statuses]},
    )


def _counts(findings: BudgetFindings) -> dict[str, int]:
    return {
        "projects": len(findings.statuses),
        "alerts": len(findings.alerts),
        "ending_early": sum(status.ends_early for status in findings.statuses),
        "without_retainer": len(findings.without_retainer),
    }


def run_line(findings: BudgetFindings, *, has_channel: bool) -> str:
    """Return a run in a line: where each retainer stands."""
    if not findings.statuses and not findings.without_retainer:
        return "No project is a retainer, so there was nothing to look at"
    stand = ", ".join(_short(status) for status in findings.statuses)
    parts = [f"{findings.month.title}: {stand}"] if stand else []
    if findings.without_retainer:
        parts.append(f"{counted(len(findings.without_retainer), 'retainer project')} without hours")
    if findings.is_last_run and not has_channel:
        parts.append("no summary, as no alerts channel is set")
    return "; ".join(parts)


def _short(status: BudgetStatus) -> str:
    ends = status.pace_ends_on
    if ends is None:
        return f"{status.project.key} {status.percent} %"
    said = "used up" if status.left_seconds <= 0 else "ends"
    return f"{status.project.key} {status.percent} % ({said} {day_text(ends)})"


SPEC = AgentSpec(
    name=NAME,
    title="Retainer budget",
    description="Warns at 75, 90 and 100 % of a month's retainer, with the day it ends; sums all up at the day's end.",
    schedule=Daily(RUNS_AT),
    collect=collect,
    assess=assess,
    deliver=deliver,
    tells_of_now=True,
)
