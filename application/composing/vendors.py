"""The clients of the vendors that are set up, and the word that goes round when one of them is down."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import structlog

from services.alerts import Alerts
from services.clock import Now
from services.mail import Mail
from services.settings import Settings
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


@dataclass(frozen=True)
class Vendors:
    """A client for each vendor; None for what is not set up."""

    jira: JiraClient
    tempo: TempoClient | None
    github: GithubClient | None
    connectwise: ConnectWiseClient | None
    google_sheets: GoogleSheets | None
    mail: Mail | None


def vendor_clients(settings: Settings, now: Now, notices: CircuitNotices) -> Vendors:
    """Build the clients; connects to nothing yet."""
    has_tempo = bool(settings.tempo_api_token.get_secret_value())
    has_github = bool(settings.github_token.get_secret_value())
    return Vendors(
        jira=JiraClient.from_settings(settings, on_circuit=notices),
        tempo=TempoClient.from_settings(settings, on_circuit=notices) if has_tempo else None,
        github=GithubClient.from_settings(settings, on_circuit=notices) if has_github else None,
        connectwise=ConnectWiseClient.from_settings(settings, on_circuit=notices),
        google_sheets=GoogleSheets.from_settings(settings, on_circuit=notices),
        mail=Mail(settings, now=now, on_circuit=notices) if settings.smtp_host else None,
    )
