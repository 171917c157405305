"""`python app.py doctor`: what is configured, reachable and missing, and where to get it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import aiohttp
from pydantic import SecretStr

from application.build import build_services, close_services
from application.preparing import prepare_database
from handlers.connection import socket_url
from services.container import Services
from services.errors import FlowPilotError, InvalidInputError
from services.settings import REQUIRED_TO_RUN, Settings

State = Literal["ok", "missing", "failed", "off"]

OPTIONAL = {
    "tempo_api_token": "Tempo > Settings > API integration; without it there are no hours, budgets or worklogs",
    "github_token": "GitHub > Settings > Developer settings > Fine-grained tokens; without it no pull requests",
    "github_webhook_secret": "a secret of your choice for GitHub's webhooks; without it changes come with the sync",
    "connectwise_url": "your ConnectWise server's API; without it sessions write back to Jira only",
    "jira_webhook_secret": "a secret of your choice for Jira's webhooks; without it changes are seen at the next sync",
    "smtp_host": "your mail server, for reports by e-mail; without it they go to Slack only",
    "google_service_account_file": "a Google service account's JSON key, for the reconciliation in a spreadsheet",
    "anthropic_api_key": "console.anthropic.com > API keys; without a model key answers are rule-based",
    "openai_api_key": "platform.openai.com > API keys; without a model key answers are rule-based",
    "gemini_api_key": "aistudio.google.com > Get API key; without a model key answers are rule-based",
}


@dataclass(frozen=True)
class Finding:
    """One line of the report; `what_to_do` is empty where nothing needs doing."""

    subject: str
    state: State
    detail: str
    what_to_do: str = ""

    @property
    def is_problem(self) -> bool:
        """Tell whether the application cannot run like this."""
        return self.state in ("missing", "failed")


def configured(settings: Settings) -> list[Finding]:
    """Say of every setting with a secret or an address of one's own whether it is there; values are never shown."""
    findings = []
    for name, where in REQUIRED_TO_RUN.items():
        is_set = bool(_plain(settings, name))
        findings.append(
            Finding(
                name.upper(), "ok" if is_set else "missing", "set" if is_set else "not set", "" if is_set else where
            )
        )
    for name, where in OPTIONAL.items():
        is_set = bool(_plain(settings, name))
        findings.append(
            Finding(name.upper(), "ok" if is_set else "off", "set" if is_set else "not set", "" if is_set else where)
        )
    return findings


def _plain(settings: Settings, name: str) -> str:
    value = getattr(settings, name)
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


async def examine(settings: Settings) -> list[Finding]:
    """Check what is set, then reach everything that is."""
    findings = configured(settings)
    if any(finding.is_problem for finding in findings):
        return findings
    services = await build_services(settings)
    try:
        checks: list[tuple[str, Callable[[Services], Awaitable[str]]]] = [
            ("Database", _database),
            ("Slack", _slack),
            ("Slack Socket Mode", _socket_mode),
            ("Jira", _jira),
            ("Jira query for tickets without an epic", _orphan_jql),
        ]
        checks.append(("Archive of reports", _archive))
        if services.tempo is not None:
            checks.append(("Tempo", _tempo))
        if services.mail is not None:
            checks.append(("E-mail", _mail))
        if services.google_sheets is not None:
            checks.append(("Google Sheets", _google_sheets))
        if services.github is not None:
            checks.append(("GitHub", _github))
        if services.connectwise is not None:
            checks.append(("ConnectWise", _connectwise))
        granted = {server for servers in settings.mcp_grants.values() for server in servers}
        checks += [
            (f"MCP server {name}", partial(_mcp_server, name)) for name in sorted({*settings.mcp_servers, *granted})
        ]
        for subject, check in checks:
            findings.append(await _reach(subject, check, services))
    finally:
        await close_services(services)
    return findings


async def _reach(subject: str, check: Callable[[Services], Awaitable[str]], services: Services) -> Finding:
    try:
        return Finding(subject, "ok", await check(services))
    except FlowPilotError as error:
        return Finding(subject, "failed", error.message, error.hint)
    except (OSError, aiohttp.ClientError, RuntimeError) as error:
        return Finding(subject, "failed", str(error) or type(error).__name__)


async def _database(services: Services) -> str:
    await prepare_database(services.database)
    return f"{services.database.url.get_backend_name()}, migrated"


async def _slack(services: Services) -> str:
    identity = await services.slack.who_am_i()
    return f"workspace {identity.team_name}, bot {identity.user_id}"


async def _socket_mode(services: Services) -> str:
    await socket_url(services.slack.api, services.settings.slack_app_token.get_secret_value())
    return "the app-level token opens connections"


async def _jira(services: Services) -> str:
    me = await services.jira.myself()
    return f"{services.settings.jira_url} as {me.display_name}"


async def _orphan_jql(services: Services) -> str:
    (parsed,) = await services.jira.parse_jql(services.settings.jira_orphan_jql)
    if parsed.errors:
        raise InvalidInputError(
            f"Jira does not understand JIRA_ORPHAN_JQL: {'; '.join(parsed.errors)}", hint="Correct it in .env."
        )
    return services.settings.jira_orphan_jql


async def _archive(services: Services) -> str:
    return await services.report_storage.check()


async def _tempo(services: Services) -> str:
    if services.tempo is None:
        return "not configured"
    teams = await services.tempo.teams()
    return f"{services.settings.tempo_url}, {len(teams)} teams"


async def _mail(services: Services) -> str:
    return await services.mail.check() if services.mail is not None else "not configured"


async def _google_sheets(services: Services) -> str:
    return await services.google_sheets.check() if services.google_sheets is not None else "not configured"


async def _connectwise(services: Services) -> str:
    if services.connectwise is None:
        return "not configured"
    return f"{services.settings.connectwise_url}, {await services.connectwise.version()}"


async def _github(services: Services) -> str:
    if services.github is None:
        return "not configured"
    return f"{services.github.site_url} as {await services.github.viewer()}"


async def _mcp_server(name: str, services: Services) -> str:
    from services.ai.tools import tool_names

    if name not in services.settings.mcp_servers:
        raise InvalidInputError("MCP_GRANTS names it, MCP_SERVERS does not.", hint="Add its address, or end the grant.")
    granted = [task for task, servers in services.settings.mcp_grants.items() if name in servers]
    tools = await tool_names(services.settings, name)
    return f"tools {', '.join(tools) or 'none'}; used by {', '.join(granted) or 'no task (MCP_GRANTS)'}"
