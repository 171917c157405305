"""Forecast variance: Mondays and on the 1st, which epics of scope projects took more hours than planned, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from agents.delivering import messages_of
from agents.schedule import AnyOf, Monthly, Weekday, Weekly
from agents.spec import AgentSpec, Delivery, RunMode, Slot
from blocks.pm import variance as blocks
from blocks.pm.words import counted
from services.alerts import Finding, Recipient
from services.alerts.policy import line_of, severity_of
from services.pm.variance.assess import assess_variance
from services.pm.variance.service import AGENT as NAME
from services.pm.variance.service import facts_of
from services.pm.variance.types import Alert, EpicVariance, Level, Reason, Summary, VarianceData, VarianceFindings

if TYPE_CHECKING:
    from services.container import Services


@dataclass(frozen=True)
class Found:
    """The findings with the day and the threshold that they are of."""

    day: date
    weekly_percent: Fraction
    findings: VarianceFindings


async def collect(services: Services, slot: Slot) -> VarianceData:
    """Read hours, forecasts and issues of the scope projects as of the slot's day."""
    return await services.forecast_variance.data(slot.at, slot.day)


def assess(data: VarianceData, now: datetime) -> Found:
    """Judge the epics; the data carries its own day."""
    return Found(data.day, data.thresholds.weekly, assess_variance(data))


async def deliver(services: Services, found: Found, mode: RunMode) -> Delivery:
    """Keep the insights, tell PMs and stakeholders at once what is far over, and each PM how their epics stand."""
    findings = found.findings
    reasons = await services.variance_reasons.of(findings.flagged)
    if mode is not RunMode.DRY_RUN:
        await services.forecast_variance.keep(findings, reasons)
    url = services.settings.jira_url
    alerts = [_alert(alert, found, reasons, url) for alert in findings.alerts]
    summaries = [_summary(summary, found, reasons, url) for summary in findings.summaries]
    # together, so that somebody who gets both gets one message
    outcomes = await services.alerts.deliver([*alerts, *summaries], mode)
    return Delivery(_line(findings), _counts(findings), messages_of(outcomes, mode))


def _alert(alert: Alert, found: Found, reasons: Mapping[str, Reason], jira_url: str) -> Finding:
    variance, reason = alert.variance, reasons[alert.variance.key]
    line = line_of(NAME, "stakeholders" if variance.level is Level.STAKEHOLDERS else "alert")
    text, shown = blocks.alert(alert, reason, found.day, jira_url)
    return Finding(
        dedupe_key=f"{NAME}:alert:{variance.key}:{alert.step}:{found.day}",
        agent=NAME,
        kind=line.kind,
        severity=line.severity,
        recipient=Recipient.person(alert.recipient),
        subject=f"{NAME}:{variance.key}",
        text=text,
        blocks=shown,
        digestible=not line.alone,
        facts=_facts(variance, found) | {"step": alert.step, "cause": reason.kind.value},
    )


def _summary(summary: Summary, found: Found, reasons: Mapping[str, Reason], jira_url: str) -> Finding:
    own = [a.variance.key for a in found.findings.alerts if a.recipient.id == summary.recipient.id]
    text, shown = blocks.summary(summary, reasons, found.day, jira_url, found.weekly_percent, own)
    # that there are no forecasts yet is said once a month, and is no summary
    of = summary.period if summary.has_forecasts else f"no forecasts:{summary.month}"
    line = line_of(NAME, "weekly")
    return Finding(
        dedupe_key=f"{NAME}:summary:{of}:{summary.recipient.id}",
        agent=NAME,
        kind=line.kind,
        severity=line.severity if summary.over else severity_of(NAME, "calm"),
        recipient=Recipient.person(summary.recipient),
        subject=f"{NAME}:summary",
        text=text,
        blocks=shown,
        digestible=not line.alone,
        facts={"epics": [_facts(variance, found) for variance in summary.over]},
    )


def _facts(variance: EpicVariance, found: Found) -> dict[str, object]:
    return facts_of(variance) | {"threshold_percent": float(found.weekly_percent)}


def _counts(findings: VarianceFindings) -> dict[str, int]:
    levels = Counter(variance.level for variance in findings.epics)
    without = {each.key for summary in findings.summaries for each in summary.without_forecast}
    return {
        "looked_at": len(findings.epics),
        "over": len(findings.flagged),
        "at_once": levels[Level.ALERT] + levels[Level.STAKEHOLDERS],
        "stakeholders": levels[Level.STAKEHOLDERS],
        "no_forecast": len(without),
    }


def _line(findings: VarianceFindings) -> str:
    counts = _counts(findings)
    if not findings.epics:
        return "No scope project has an epic that is open, so there was nothing to compare"
    over = f"{counts['over']} of {counted(counts['looked_at'], 'epic')} over forecast"
    return f"{over}, {counts['at_once']} by a lot; {counts['no_forecast']} with hours but without a forecast"


SPEC = AgentSpec(
    name=NAME,
    title="Forecast variance",
    description="Compares epics' hours with their forecasts, says why they differ, and how risky that is.",
    schedule=AnyOf((Weekly(Weekday.MONDAY, time(11)), Monthly(1, time(10)))),
    collect=collect,
    assess=assess,
    deliver=deliver,
    grace=timedelta(hours=12),
    tells_of_now=True,
)
