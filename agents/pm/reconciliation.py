"""Reconciliation: on the 1st, the month before against its forecasts, as a workbook to the PMs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING

from agents.delivering import is_told, messages_of
from agents.schedule import Monthly
from agents.spec import AgentSpec, Delivery, Message, RunMode, Slot
from blocks.pm import reconciliation as blocks
from blocks.pm.words import counted, hours_text, listed
from services.alerts import Finding, Outcome, Recipient
from services.alerts.policy import severity_of
from services.errors import FlowPilotError
from services.pm.months import Month
from services.pm.reconciliation.collect import Progress, silently
from services.pm.reconciliation.reconcile import reconcile
from services.pm.reconciliation.rows import sheet_rows
from services.pm.reconciliation.types import Kept, Recipients, Reconciliation, ReconciliationData, SentTo

if TYPE_CHECKING:
    from services.container import Services

NAME = "reconciliation"
SHOWN_CELLS = 5


@dataclass(frozen=True)
class MonthData:
    """What a run reads."""

    data: ReconciliationData
    recipients: Recipients
    time_zone: str


@dataclass(frozen=True)
class MonthFindings:
    """What a run found, and who hears of it."""

    month: Reconciliation
    recipients: Recipients
    time_zone: str


async def collect(services: Services, slot: Slot) -> MonthData:
    """Read the month before the slot's day."""
    return await read(services, slot, Month.of(slot.day).back(1))


async def read(services: Services, slot: Slot, month: Month, progress: Progress = silently) -> MonthData:
    """Read a month, from a mirror that was compared with Tempo just now."""
    data = await services.reconciliations.collect(month, progress)
    await progress("adding up and writing the workbook…")
    return MonthData(data, await services.reconciliations.recipients(), slot.time_zone)


def assess(data: MonthData, now: datetime) -> MonthFindings:
    """Join hours with forecasts; `now` changes nothing, the month is over."""
    return MonthFindings(reconcile(data.data), data.recipients, data.time_zone)


async def deliver(services: Services, findings: MonthFindings, mode: RunMode, *, force: bool = False) -> Delivery:
    """Keep the revision, and tell and send it once; `force` sends the newest again though nothing changed."""
    month, reports = findings.month, services.reconciliations
    notes: list[str] = []
    if mode is RunMode.DRY_RUN:
        kept = await reports.preview(month)
    else:
        kept = await reports.keep(month, findings.time_zone)
    if mode is RunMode.LIVE:
        kept, notes = await _with_sheet(services, month, kept)
    again = f":again:{services.now():%Y%m%d%H%M%S}" if force and not kept.is_new else ""
    told = _findings(month, kept, findings.recipients, await services.report_links.url(kept.report.id), notes, again)
    outcomes = await services.alerts.deliver(told, mode)
    emails: Sequence[Message] = _emails(services, kept, findings.recipients)
    if mode is RunMode.LIVE:
        await _send(services, kept, findings.recipients, outcomes, again)
        emails = ()
    return Delivery(_line(month, kept, outcomes), _counts(month, kept), (*messages_of(outcomes, mode), *emails))


async def _with_sheet(services: Services, month: Reconciliation, kept: Kept) -> tuple[Kept, list[str]]:
    """Bring the PMs' spreadsheet up to date where there is one; that it fails costs nobody the report."""
    if services.pm_sheet is None or not await services.pm_sheet.is_configured():
        return kept, []
    try:
        done = await services.pm_sheet.update(sheet_rows(month), months=[month.month])
    except FlowPilotError as error:
        return kept, [f"The Google Sheet was not updated: {error.message}"]
    await services.reconciliations.note_sheet(kept.report.id, done.url)
    return replace(kept, report=replace(kept.report, sheet_url=done.url)), _lost_in(done.overwritten)


def _lost_in(cells: Sequence[str]) -> list[str]:
    """Name the people's formulas that an update of the sheet hit, and where they are still."""
    if not cells:
        return []
    named = listed([*cells[:SHOWN_CELLS], *([f"{len(cells) - SHOWN_CELLS} more"] if len(cells) > SHOWN_CELLS else [])])
    formulas = "A formula was" if len(cells) == 1 else "Formulas were"
    return [f"{formulas} overwritten in {named}; the sheet's version history has what was there."]


def _findings(
    month: Reconciliation, kept: Kept, recipients: Recipients, url: str, notes: Sequence[str], again: str
) -> list[Finding]:
    text, shown = blocks.message(month, kept, url, notes)
    people = [Recipient.person(member) for member in recipients.people]
    channel = [Recipient.channel(recipients.channel_id)] if recipients.channel_id else []
    return [
        Finding(
            dedupe_key=f"{NAME}:{month.month}:r{kept.report.revision}{again}",
            agent=NAME,
            severity=severity_of(NAME, "report"),
            recipient=recipient,
            subject=NAME,
            text=text,
            blocks=shown,
            digestible=False,
            facts=blocks.facts(month),
            kind="report",
        )
        for recipient in [*people, *channel]
    ]


async def _send(
    services: Services, kept: Kept, recipients: Recipients, outcomes: Sequence[Outcome], again: str
) -> None:
    """Note who is told, then share the file with them and e-mail it; what waits is sent by `catch_up`."""
    names = {member.slack_user_id: member for member in recipients.people}
    known = {entry.slack_id: entry for entry in kept.report.sent_to}
    entries = []
    for outcome in outcomes:
        slack_id = outcome.finding.recipient.slack_id
        member = names.get(slack_id)
        entry = known.get(slack_id) or SentTo(
            slack_id, member.display_name if member else "", member.id if member else None
        )
        if outcome.delivery_id is not None and outcome.delivery_id != entry.delivery_id and is_told(outcome):
            entry = replace(entry, delivery_id=outcome.delivery_id, file_id="", email="")
        entries.append(entry)
    report = await services.reconciliations.note_sent(kept.report.id, entries)
    await services.report_sending.send(report, round_=again)


def _emails(services: Services, kept: Kept, recipients: Recipients) -> tuple[Message, ...]:
    """Return the e-mails that a run would send."""
    if not services.report_sending.has_mail:
        return ()
    text = f"E-mail with {kept.report.file_name}"
    return tuple(Message(member.slack_user_id, text, "would send") for member in recipients.people if member.email)


def _line(month: Reconciliation, kept: Kept, outcomes: Sequence[Outcome]) -> str:
    report = kept.report
    hours = hours_text(month.portfolio.actual_seconds)
    told = sum(1 for outcome in outcomes if outcome.status is not None)
    if not kept.is_new and not told:
        unchanged = f"nothing has changed since revision {report.revision} ({hours}), nothing was sent again"
        return f"{month.month.title}: {unchanged}"
    return (
        f"{month.month.title}: revision {report.revision}, {hours} over {counted(report.total_projects, 'project')}, "
        f"{counted(len(month.deviations), 'epic')} off by more than 10 %"
    )


def _counts(month: Reconciliation, kept: Kept) -> dict[str, int]:
    return {
        "revision": kept.report.revision,
        "new": int(kept.is_new),
        "actual_seconds": month.portfolio.actual_seconds,
        "tempo_seconds": month.tempo_seconds,
        "forecast_minutes": month.portfolio.forecast_minutes,
        "deviations": len(month.deviations),
    }


SPEC = AgentSpec(
    name=NAME,
    title="Reconciliation",
    description="Closes the month before: hours against forecasts as a workbook to every PM, archived.",
    schedule=Monthly(1, time(9)),
    collect=collect,
    assess=assess,
    deliver=deliver,
    grace=timedelta(days=4),
)


def spec_for(month: Month, progress: Progress, *, force: bool) -> AgentSpec[MonthData, MonthFindings]:
    """Return the agent for a month of somebody's choice, telling them what it is at."""

    async def collect_month(services: Services, slot: Slot) -> MonthData:
        return await read(services, slot, month, progress)

    return replace(SPEC, collect=collect_month, deliver=partial(deliver, force=force))
