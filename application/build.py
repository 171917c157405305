"""The composition root: settings in, services out."""

from __future__ import annotations

import asyncio
from datetime import date
from functools import partial

import structlog

from application.late_receipts import LateReceipts
from application.preparing import open_database
from blocks import alerts as alert_blocks
from blocks import thresholds as threshold_blocks
from blocks.pilot import draw_lane, draw_root
from blocks.pm import bottlenecks as bottleneck_blocks
from services.accounts import Accounts
from services.accounts.settings import SPREADSHEET, TICKET_HOME, holiday_region
from services.accounts.tokens import ApiTokens
from services.ai import AiTasks
from services.alerts import Absences, Alerts
from services.alerts.thresholds import AlertThresholds
from services.clock import Now, utc_now
from services.container import Services
from services.durable import Durable
from services.effects import AuditTrail, Effects
from services.effects.connectwise import connectwise_operations
from services.effects.github import github_operations
from services.effects.jira import jira_operations
from services.effects.mail import mail_operations
from services.effects.tempo import tempo_operations
from services.mail import Mail
from services.mirror import Mirror
from services.pilot.notes import NotePreviews, NoteWriter
from services.pilot.psa import ConnectWisePsa, JiraPsa, PsaProvider, PsaProviders, TicketWriteBack
from services.pilot.psa.ending import SessionEndings
from services.pilot.scripts.drafts import TemplateDrafts
from services.pilot.scripts.library import ScriptTemplates
from services.pilot.scripts.proposing import TemplateProposals
from services.pilot.sessions import PilotSessions
from services.pilot.similar import SimilarCases
from services.pilot.surface import PilotLanes
from services.pilot.talking import PilotTalks
from services.pm import ProjectManagement
from services.pm.bottlenecks.actions import BottleneckActions
from services.pm.bottlenecks.reading import ContextReader
from services.pm.bottlenecks.service import Bottlenecks
from services.pm.bottlenecks.store import BottleneckLearning
from services.pm.budgets.service import RetainerBudgets
from services.pm.epic_assignment import EpicAssignments
from services.pm.epic_hours import EpicHoursLedger
from services.pm.epics.types import SUGGESTION_THRESHOLD
from services.pm.forecasts import Forecasts, SetForecasts
from services.pm.hindsight import Evidence, Hindsight
from services.pm.metrics.service import AgentMetrics
from services.pm.monday.service import MondayCards
from services.pm.projects import ProjectSetup
from services.pm.reconciliation.collect import Collector
from services.pm.reconciliation.sending import ReportSending
from services.pm.reconciliation.service import Reconciliations
from services.pm.reconciliation.sharing import ShareFile
from services.pm.reconciliation.sheet_updates import ReconciliationSheet, sheet_operations
from services.pm.rollup import EpicRollUps
from services.pm.variance.reasons import Reasons
from services.pm.variance.service import ForecastVariance
from services.pm.working_days import WorkingDays, is_public_holiday
from services.pm.worklog_drafts import WorklogDrafts, evidence_sources
from services.reports.links import ReportLinks
from services.settings import Settings
from services.slack.api import SlackApi, build_session, build_web_client
from services.slack.directory import SlackProfiles
from services.slack.sender import SlackSender
from services.storage import ReportStorage
from services.tickets import Tickets
from services.vendors.connectwise import ConnectWiseClient
from services.vendors.github import GithubClient
from services.vendors.google_sheets import GoogleSheets
from services.vendors.jira import JiraClient
from services.vendors.tempo import TempoClient

log = structlog.get_logger(__name__)


class CircuitNotices:
    """Carries a circuit's opening and closing from the vendor clients, built first, to the alerts, built later."""

    def __init__(self) -> None:
        self.alerts: Alerts | None = None
        self._tasks: set[asyncio.Task[object]] = set()

    def __call__(self, vendor: str, is_open: bool) -> None:
        """Have people told, without holding up the call that found out."""
        log.warning("vendor circuit", vendor=vendor, open=is_open)
        if self.alerts is None:
            return
        task = asyncio.get_running_loop().create_task(self._tell(self.alerts, vendor, is_open))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @staticmethod
    async def _tell(alerts: Alerts, vendor: str, is_open: bool) -> None:
        try:
            await alerts.vendor_circuit_changed(vendor, is_open)
        except Exception:
            log.exception("people could not be told of a circuit", vendor=vendor)


async def build_services(settings: Settings, now: Now = utc_now) -> Services:
    """Build everything that handlers and agents work with; connects to nothing yet."""
    database = open_database(settings)
    slack_api = SlackApi(build_web_client(settings, build_session()))
    slack = SlackSender(slack_api)
    accounts = Accounts(
        database,
        SlackProfiles(slack_api),
        now,
        time_zone=settings.time_zone,
        admin_slack_user_ids=settings.admin_slack_user_ids,
    )
    notices = CircuitNotices()
    jira = JiraClient.from_settings(settings, on_circuit=notices)
    tempo = None
    if settings.tempo_api_token.get_secret_value():
        tempo = TempoClient.from_settings(settings, on_circuit=notices)
    github = None
    if settings.github_token.get_secret_value():
        github = GithubClient.from_settings(settings, on_circuit=notices)
    connectwise = ConnectWiseClient.from_settings(settings, on_circuit=notices)
    mirror = Mirror(database, jira, tempo, now, github=github)
    audit = AuditTrail(database, now)
    alerts = notices.alerts = Alerts(
        database, slack, alert_blocks, now, Absences(database, mirror.schedule_days, _is_public_holiday, now)
    )
    effects = Effects(database, audit, now, LateReceipts(accounts, alerts))
    effects.register(jira_operations(jira, mirror.refresh_issue, now=now))
    if github is not None:
        effects.register(github_operations(github, mirror.refresh_pull_request))
    if tempo is not None:
        effects.register(tempo_operations(tempo, settings.jira_url, mirror.refresh_worklogs))
    effects.register([SetForecasts(database, now)])
    ticket_homes: list[PsaProvider] = [JiraPsa(jira, effects)]
    if connectwise is not None:
        effects.register(connectwise_operations(connectwise))
        ticket_homes.append(ConnectWisePsa(connectwise, effects))
    psa = PsaProviders(ticket_homes, partial(accounts.get_setting, TICKET_HOME))
    pilot, write_back = PilotSessions(database, audit, now), TicketWriteBack(database, psa)
    pilot_lanes = PilotLanes(pilot, slack, draw_lane, draw_root)
    pilot.on_change(pilot_lanes.changed)
    script_templates = ScriptTemplates(database, accounts, audit, now)
    report_storage = ReportStorage(settings)
    effects.register([ShareFile(slack, report_storage.read)])
    mail = Mail(settings, now=now, on_circuit=notices) if settings.smtp_host else None
    if mail is not None:
        effects.register(mail_operations(mail, report_storage.read))
    google_sheets = GoogleSheets.from_settings(settings, on_circuit=notices)
    pm_sheet = None
    if google_sheets is not None:
        effects.register(sheet_operations(google_sheets))
        pm_sheet = ReconciliationSheet(google_sheets, effects, partial(accounts.get_setting, SPREADSHEET))
    ai = AiTasks(settings, database, now)
    pm = ProjectManagement(database, accounts, mirror, audit, now)
    epic_hours = EpicHoursLedger(database, mirror, pm, now)
    forecasts = Forecasts(database, mirror, pm, effects, epic_hours)
    thresholds = AlertThresholds(database, alerts, audit, threshold_blocks, now)
    suggest_from = partial(thresholds.value, "epic-assignment", "confidence", SUGGESTION_THRESHOLD)
    collector = Collector(database, pm, mirror, epic_hours)
    reconciliations = Reconciliations(database, collector, report_storage, pm, accounts, now)
    working_days = WorkingDays(accounts, mirror, now)
    budgets = RetainerBudgets(database, mirror, accounts, pm, working_days, now)
    variance = ForecastVariance(database, mirror, pm, accounts, forecasts, epic_hours, thresholds, now)
    hindsight = Hindsight(database, Evidence(database, accounts, mirror, epic_hours, now), now)
    learning = BottleneckLearning(database, mirror, pm, accounts, now)
    bottlenecks = Bottlenecks(
        database,
        mirror,
        accounts,
        pm,
        learning,
        working_days,
        thresholds,
        ContextReader(mirror, jira, ai),
        now,
        site_url=settings.jira_url,
        has_github=github is not None,
    )
    return Services(
        settings=settings,
        now=now,
        database=database,
        accounts=accounts,
        api_tokens=ApiTokens(database, accounts, audit, now, calls_per_minute=settings.api_calls_per_minute),
        audit=audit,
        effects=effects,
        jira=jira,
        tempo=tempo,
        github=github,
        mirror=mirror,
        slack=slack,
        durable=Durable(settings.durable_database, database_url=settings.database),
        ai=ai,
        alerts=alerts,
        alert_thresholds=thresholds,
        tickets=Tickets(database, jira, mirror, effects, ai, accounts, now),
        pm=pm,
        epic_assignments=EpicAssignments(database, mirror, effects, accounts, settings, now, suggest_from),
        working_days=working_days,
        budgets=budgets,
        bottleneck_learning=learning,
        bottlenecks=bottlenecks,
        bottleneck_actions=BottleneckActions(
            database, bottlenecks, alerts, thresholds, effects, bottleneck_blocks, now
        ),
        epic_hours=epic_hours,
        worklog_drafts=WorklogDrafts(
            database,
            mirror,
            tempo,
            effects,
            pm,
            evidence_sources(database, jira),
            now,
            site_url=settings.jira_url,
            step_s=60 * settings.worklog_step_minutes,
        ),
        forecasts=forecasts,
        forecast_variance=variance,
        variance_reasons=Reasons(ai, jira),
        hindsight=hindsight,
        reconciliations=reconciliations,
        report_sending=ReportSending(reconciliations, effects, slack, accounts, now, has_mail=mail is not None),
        report_storage=report_storage,
        report_links=ReportLinks(database, now, settings.public_url),
        psa=psa,
        ticket_write_back=write_back,
        session_endings=SessionEndings(pilot, write_back),
        connectwise=connectwise,
        pilot=pilot,
        pilot_talks=PilotTalks(pilot, ai, SimilarCases(pilot, script_templates, now), script_templates),
        pilot_lanes=pilot_lanes,
        note_previews=NotePreviews(pilot, NoteWriter(ai)),
        script_templates=script_templates,
        template_drafts=TemplateDrafts(database, accounts, audit, script_templates, TemplateProposals(ai), now),
        metrics=AgentMetrics(database, accounts, pm, mirror, epic_hours, hindsight, now),
        epic_rollups=EpicRollUps(database, accounts, pm),
        projects=ProjectSetup(database, accounts, pm, audit, jira),
        monday_cards=MondayCards(
            database,
            accounts,
            pm,
            mirror,
            budgets,
            variance,
            has_tempo=tempo is not None,
            jira_url=settings.jira_url,
        ),
        mail=mail,
        google_sheets=google_sheets,
        pm_sheet=pm_sheet,
    )


def _is_public_holiday(day: date, setting: str | None, time_zone: str) -> bool:
    return is_public_holiday(day, *holiday_region(setting, time_zone))


async def close_services(services: Services) -> None:
    """Close connections, the database last."""
    await services.ai.close()
    await services.jira.close()
    if services.tempo is not None:
        await services.tempo.close()
    if services.github is not None:
        await services.github.close()
    if services.connectwise is not None:
        await services.connectwise.close()
    if services.google_sheets is not None:
        await services.google_sheets.close()
    session = services.slack.api.client.session
    if session is not None:
        await session.close()
    await services.database.close()
