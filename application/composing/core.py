"""What all features share, built once; and every kind of write to the outside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from application.composing.vendors import CircuitNotices, Vendors, vendor_clients
from application.late_receipts import LateReceipts
from application.preparing import open_database
from blocks import alerts as alert_blocks
from db.engine import Database
from services.accounts import Accounts
from services.accounts.settings import holiday_region
from services.ai import AiTasks
from services.alerts import Absences, Alerts
from services.clock import Now
from services.effects import AuditTrail, Effects
from services.effects.connectwise import connectwise_operations
from services.effects.github import github_operations
from services.effects.jira import jira_operations
from services.effects.mail import mail_operations
from services.effects.tempo import tempo_operations
from services.mirror import Mirror
from services.pm.forecasts import SetForecasts
from services.pm.reconciliation.sharing import ShareFile
from services.pm.reconciliation.sheet_updates import sheet_operations
from services.pm.working_days import is_public_holiday
from services.settings import Settings
from services.slack.api import SlackApi, build_session, build_web_client
from services.slack.directory import SlackProfiles
from services.slack.sender import SlackSender
from services.storage import ReportStorage


@dataclass(frozen=True)
class Core:
    """What the features are built from."""

    settings: Settings
    now: Now
    vendors: Vendors
    database: Database
    accounts: Accounts
    slack: SlackSender
    mirror: Mirror
    audit: AuditTrail
    alerts: Alerts
    effects: Effects
    ai: AiTasks
    report_storage: ReportStorage


def build_core(settings: Settings, now: Now) -> Core:
    """Build what all features share."""
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
    vendors = vendor_clients(settings, now, notices)
    mirror = Mirror(database, vendors.jira, vendors.tempo, now, github=vendors.github)
    audit = AuditTrail(database, now)
    absences = Absences(database, mirror.schedule_days, _is_public_holiday, now)
    alerts = notices.alerts = Alerts(database, slack, alert_blocks, now, absences)
    core = Core(
        settings=settings,
        now=now,
        vendors=vendors,
        database=database,
        accounts=accounts,
        slack=slack,
        mirror=mirror,
        audit=audit,
        alerts=alerts,
        effects=Effects(database, audit, now, LateReceipts(accounts, alerts)),
        ai=AiTasks(settings, database, now),
        report_storage=ReportStorage(settings),
    )
    _register_operations(core)
    return core


def _register_operations(core: Core) -> None:
    effects, vendors, mirror, storage = core.effects, core.vendors, core.mirror, core.report_storage
    effects.register(jira_operations(vendors.jira, mirror.refresh_issue, now=core.now))
    effects.register([SetForecasts(core.database, core.now), ShareFile(core.slack, storage.read)])
    if vendors.github is not None:
        effects.register(github_operations(vendors.github, mirror.refresh_pull_request))
    if vendors.tempo is not None:
        effects.register(tempo_operations(vendors.tempo, core.settings.jira_url, mirror.refresh_worklogs))
    if vendors.connectwise is not None:
        effects.register(connectwise_operations(vendors.connectwise))
    if vendors.mail is not None:
        effects.register(mail_operations(vendors.mail, storage.read))
    if vendors.google_sheets is not None:
        effects.register(sheet_operations(vendors.google_sheets))


def _is_public_holiday(day: date, setting: str | None, time_zone: str) -> bool:
    return is_public_holiday(day, *holiday_region(setting, time_zone))
