"""Everything that handlers and agents work with, built once in `app.py` and passed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from services.home.homes import Homes

if TYPE_CHECKING:
    from db.engine import Database
    from services.accounts import Accounts
    from services.accounts.tokens import ApiTokens
    from services.ai import AiTasks
    from services.alerts import Alerts
    from services.alerts.thresholds import AlertThresholds
    from services.clock import Now
    from services.durable import Durable
    from services.effects import AuditTrail, Effects
    from services.mail import Mail
    from services.mirror import Mirror
    from services.pilot.answers import PilotAnswers
    from services.pilot.links import SessionLinks
    from services.pilot.notes import NotePreviews
    from services.pilot.psa import PsaProviders, TicketWriteBack
    from services.pilot.psa.ending import SessionEndings
    from services.pilot.scripts.drafts import TemplateDrafts
    from services.pilot.scripts.library import ScriptTemplates
    from services.pilot.scripts.paths import FixPaths
    from services.pilot.sessions import PilotSessions
    from services.pilot.surface import PilotLanes
    from services.pilot.talking import PilotTalks
    from services.pm import ProjectManagement
    from services.pm.bottlenecks.actions import BottleneckActions
    from services.pm.bottlenecks.service import Bottlenecks
    from services.pm.bottlenecks.store import BottleneckLearning
    from services.pm.budgets.service import RetainerBudgets
    from services.pm.epic_assignment import EpicAssignments
    from services.pm.epic_hours import EpicHoursLedger
    from services.pm.forecasts import Forecasts
    from services.pm.hindsight import Hindsight
    from services.pm.metrics.service import AgentMetrics
    from services.pm.monday.service import MondayCards
    from services.pm.projects import ProjectSetup
    from services.pm.reconciliation.sending import ReportSending
    from services.pm.reconciliation.service import Reconciliations
    from services.pm.reconciliation.sheet_updates import ReconciliationSheet
    from services.pm.rollup import EpicRollUps
    from services.pm.variance.reasons import Reasons
    from services.pm.variance.service import ForecastVariance
    from services.pm.working_days import WorkingDays
    from services.pm.worklog_drafts import WorklogDrafts
    from services.reports.links import ReportLinks
    from services.settings import Settings
    from services.slack.sender import SlackSender
    from services.storage import ReportStorage
    from services.tickets import Tickets
    from services.vendors.connectwise import ConnectWiseClient
    from services.vendors.github import GithubClient
    from services.vendors.google_sheets import GoogleSheets
    from services.vendors.jira import JiraClient
    from services.vendors.tempo import TempoClient


@dataclass(frozen=True)
class Services:
    """The composed application, without its edges (Slack app, HTTP server, clock)."""

    settings: Settings
    now: Now
    database: Database
    accounts: Accounts
    api_tokens: ApiTokens
    audit: AuditTrail
    effects: Effects
    jira: JiraClient
    tempo: TempoClient | None
    mirror: Mirror
    slack: SlackSender
    durable: Durable
    ai: AiTasks
    alerts: Alerts
    alert_thresholds: AlertThresholds
    hindsight: Hindsight
    tickets: Tickets
    pm: ProjectManagement
    epic_assignments: EpicAssignments
    working_days: WorkingDays
    budgets: RetainerBudgets
    bottleneck_learning: BottleneckLearning
    bottlenecks: Bottlenecks
    bottleneck_actions: BottleneckActions
    epic_hours: EpicHoursLedger
    worklog_drafts: WorklogDrafts
    forecasts: Forecasts
    forecast_variance: ForecastVariance
    variance_reasons: Reasons
    reconciliations: Reconciliations
    report_sending: ReportSending
    report_storage: ReportStorage
    report_links: ReportLinks
    psa: PsaProviders
    ticket_write_back: TicketWriteBack
    session_endings: SessionEndings
    session_links: SessionLinks
    pilot: PilotSessions
    pilot_talks: PilotTalks
    pilot_answers: PilotAnswers
    pilot_lanes: PilotLanes
    note_previews: NotePreviews
    script_templates: ScriptTemplates
    template_drafts: TemplateDrafts
    fix_paths: FixPaths
    metrics: AgentMetrics
    epic_rollups: EpicRollUps
    monday_cards: MondayCards
    projects: ProjectSetup
    homes: Homes = field(default_factory=Homes, kw_only=True)
    mail: Mail | None = field(default=None, kw_only=True)
    google_sheets: GoogleSheets | None = field(default=None, kw_only=True)
    pm_sheet: ReconciliationSheet | None = field(default=None, kw_only=True)
    github: GithubClient | None = field(default=None, kw_only=True)
    connectwise: ConnectWiseClient | None = field(default=None, kw_only=True)
