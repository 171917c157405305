"""The services of project management: hours and budgets, the month's report, stuck work, and what shows all of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TypedDict

from application.composing.core import Core
from blocks import thresholds as threshold_blocks
from blocks.pm import bottlenecks as bottleneck_blocks
from services.accounts.settings import SPREADSHEET
from services.alerts.thresholds import AlertThresholds
from services.pilot.traces import SessionLines, SessionTraces
from services.pm import ProjectManagement
from services.pm.bottlenecks.actions import BottleneckActions
from services.pm.bottlenecks.reading import ContextReader
from services.pm.bottlenecks.service import Bottlenecks
from services.pm.bottlenecks.store import BottleneckLearning
from services.pm.budgets.service import RetainerBudgets
from services.pm.epic_assignment import EpicAssignments
from services.pm.epic_hours import EpicHoursLedger
from services.pm.epics.types import SUGGESTION_THRESHOLD
from services.pm.forecasts import Forecasts
from services.pm.hindsight import Evidence, Hindsight
from services.pm.metrics.service import AgentMetrics
from services.pm.monday.service import MondayCards
from services.pm.projects import ProjectSetup
from services.pm.reconciliation.collect import Collector
from services.pm.reconciliation.sending import ReportSending
from services.pm.reconciliation.service import Reconciliations
from services.pm.reconciliation.sheet_updates import ReconciliationSheet
from services.pm.rollup import EpicRollUps
from services.pm.variance.reasons import Reasons
from services.pm.variance.service import ForecastVariance
from services.pm.working_days import WorkingDays
from services.pm.worklog_drafts import WorklogDrafts, evidence_sources
from services.reports.links import ReportLinks


@dataclass(frozen=True)
class _Shared:
    """What several parts of project management need."""

    pm: ProjectManagement
    epic_hours: EpicHoursLedger
    working_days: WorkingDays
    thresholds: AlertThresholds


class HoursServices(TypedDict):
    """Fields of `Services`: hours, budgets, forecasts, and looking back at what was claimed of them."""

    pm: ProjectManagement
    epic_hours: EpicHoursLedger
    working_days: WorkingDays
    alert_thresholds: AlertThresholds
    worklog_drafts: WorklogDrafts
    budgets: RetainerBudgets
    forecasts: Forecasts
    forecast_variance: ForecastVariance
    variance_reasons: Reasons
    hindsight: Hindsight
    metrics: AgentMetrics
    monday_cards: MondayCards
    projects: ProjectSetup


class TicketWorkServices(TypedDict):
    """Fields of `Services`: stuck work and tickets without an epic."""

    bottleneck_learning: BottleneckLearning
    bottlenecks: Bottlenecks
    bottleneck_actions: BottleneckActions
    epic_assignments: EpicAssignments
    epic_rollups: EpicRollUps


class ReportServices(TypedDict):
    """Fields of `Services`: the month's report."""

    reconciliations: Reconciliations
    report_sending: ReportSending
    report_links: ReportLinks
    pm_sheet: ReconciliationSheet | None


class PmServices(HoursServices, TicketWorkServices, ReportServices):
    """Fields of `Services`."""


def pm_services(core: Core) -> PmServices:
    """Build them, what several share first."""
    database, accounts, mirror, audit, now = core.database, core.accounts, core.mirror, core.audit, core.now
    pm = ProjectManagement(database, accounts, mirror, audit, now)
    shared = _Shared(
        pm,
        EpicHoursLedger(database, mirror, pm, now),
        WorkingDays(accounts, mirror, now),
        AlertThresholds(database, core.alerts, audit, threshold_blocks, now),
    )
    return PmServices(**_hours(core, shared), **_ticket_work(core, shared), **_reports(core, shared))


def _hours(core: Core, shared: _Shared) -> HoursServices:
    database, accounts, mirror, now = core.database, core.accounts, core.mirror, core.now
    settings, jira, tempo = core.settings, core.vendors.jira, core.vendors.tempo
    pm, epic_hours = shared.pm, shared.epic_hours
    forecasts = Forecasts(database, mirror, pm, core.effects, epic_hours)
    budgets = RetainerBudgets(database, mirror, accounts, pm, shared.working_days, now)
    variance = ForecastVariance(database, mirror, pm, accounts, forecasts, epic_hours, shared.thresholds, now)
    hindsight = Hindsight(database, Evidence(database, accounts, mirror, epic_hours, now), now)
    drafts = WorklogDrafts(
        database,
        mirror,
        tempo,
        core.effects,
        pm,
        [*evidence_sources(database, jira), SessionTraces(database, jira.site_url)],
        now,
        site_url=settings.jira_url,
        step_s=60 * settings.worklog_step_minutes,
    )
    cards = MondayCards(
        database,
        accounts,
        pm,
        budgets,
        variance,
        has_tempo=tempo is not None,
        jira_url=settings.jira_url,
        sources=[SessionLines(database)],
    )
    return HoursServices(
        pm=pm,
        epic_hours=epic_hours,
        working_days=shared.working_days,
        alert_thresholds=shared.thresholds,
        worklog_drafts=drafts,
        budgets=budgets,
        forecasts=forecasts,
        forecast_variance=variance,
        variance_reasons=Reasons(core.ai, jira),
        hindsight=hindsight,
        metrics=AgentMetrics(database, accounts, pm, mirror, epic_hours, hindsight, now),
        monday_cards=cards,
        projects=ProjectSetup(database, accounts, pm, core.audit, jira),
    )


def _ticket_work(core: Core, shared: _Shared) -> TicketWorkServices:
    database, accounts, mirror, effects, now = core.database, core.accounts, core.mirror, core.effects, core.now
    settings, thresholds = core.settings, shared.thresholds
    learning = BottleneckLearning(database, mirror, shared.pm, accounts, now)
    bottlenecks = Bottlenecks(
        database,
        mirror,
        accounts,
        shared.pm,
        learning,
        shared.working_days,
        thresholds,
        ContextReader(mirror, core.vendors.jira, core.ai),
        now,
        site_url=settings.jira_url,
        has_github=core.vendors.github is not None,
    )
    actions = BottleneckActions(database, bottlenecks, core.alerts, thresholds, effects, bottleneck_blocks, now)
    suggest_from = partial(thresholds.value, "epic-assignment", "confidence", SUGGESTION_THRESHOLD)
    return TicketWorkServices(
        bottleneck_learning=learning,
        bottlenecks=bottlenecks,
        bottleneck_actions=actions,
        epic_assignments=EpicAssignments(database, mirror, effects, accounts, settings, now, suggest_from),
        epic_rollups=EpicRollUps(database, accounts, shared.pm, mirror),
    )


def _reports(core: Core, shared: _Shared) -> ReportServices:
    database, accounts, now, vendors = core.database, core.accounts, core.now, core.vendors
    collector = Collector(database, shared.pm, core.mirror, shared.epic_hours)
    reconciliations = Reconciliations(database, collector, core.report_storage, shared.pm, accounts, now)
    sending = ReportSending(reconciliations, core.effects, core.slack, accounts, now, has_mail=vendors.mail is not None)
    sheet = None
    if vendors.google_sheets is not None:
        sheet = ReconciliationSheet(vendors.google_sheets, core.effects, partial(accounts.get_setting, SPREADSHEET))
    return ReportServices(
        reconciliations=reconciliations,
        report_sending=sending,
        report_links=ReportLinks(database, now, core.settings.public_url),
        pm_sheet=sheet,
    )
