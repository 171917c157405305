"""`python app.py demo`: the sandbox and the application against it, with nothing to sign up for."""

from __future__ import annotations

import asyncio
import shutil
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from agents.catalogue import AGENTS
from agents.spec import AgentSpec
from application.running import Application
from db.tenancy import account_scope
from services.accounts import AccountRef
from services.accounts.settings import ALERTS_CHANNEL, DAILY_CAP, SPREADSHEET, WORKFLOWS
from services.effects import Actor
from services.settings import Settings, forget_proxies

Say = Callable[[str], None]
WEBHOOK_SECRET = "sandbox-webhook-secret"  # noqa: S105 - known to everybody: it guards nothing but a sandbox
SANDBOX_START_S = 60.0
SUMMARIES_CHANNEL = "C0PMALERTS"
NEVER_QUIET = {"start": "00:00", "end": "00:00", "weekends": False}
"""In the demo people want to see what agents send, whatever the hour…"""
MANY_A_DAY = 100
"""…and all of it."""


@dataclass(frozen=True)
class Demo:
    """A running pair."""

    sandbox_url: str
    application: Application
    account: AccountRef


async def sandbox_access(url: str) -> dict[str, object]:
    """Return the settings that only a running sandbox knows: where its mail server listens, and its Google key."""
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{url}/sandbox/api/mail/server", raise_for_status=True) as response:
            mail = await response.json()
        async with http.get(f"{url}/sandbox/api/google/service-account.json", raise_for_status=True) as response:
            key = await response.text()
    return {"smtp_host": mail["host"], "smtp_port": mail["port"], "google_service_account_json": key}


def demo_settings(
    sandbox_url: str, data_dir: Path, *, http_port: int = 0, access: Mapping[str, object] | None = None
) -> Settings:
    """Return settings that point at the sandbox and read neither the environment's secrets nor `.env`.

    Without `access` there is neither e-mail nor a spreadsheet.
    """
    return Settings.model_validate(
        {
            **{name: field.get_default() for name, field in Settings.model_fields.items()},
            "slack_bot_token": "xoxb-sandbox",
            "slack_app_token": "xapp-sandbox",
            "slack_api_url": f"{sandbox_url}/slack/api/",
            "jira_url": f"{sandbox_url}/jira",
            "jira_email": "flowpilot@sandbox.test",
            "jira_api_token": "jira-sandbox",
            "jira_webhook_secret": WEBHOOK_SECRET,
            "tempo_url": f"{sandbox_url}/tempo",
            "tempo_api_token": "tempo-sandbox",
            "tempo_calls_per_s": 500,
            "github_api_url": f"{sandbox_url}/github/api/v3",
            "github_token": "github-sandbox",
            "github_webhook_secret": WEBHOOK_SECRET,
            "connectwise_url": f"{sandbox_url}/connectwise",
            "connectwise_company": "harborline",
            "connectwise_public_key": "connectwise-public",
            "connectwise_private_key": "connectwise-sandbox",
            "connectwise_client_id": "5c0a3b58-0f3e-4a3c-9a57-2f5b8f6d9c01",
            "anthropic_base_url": f"{sandbox_url}/anthropic",
            "anthropic_api_key": "sandbox-anthropic",
            "openai_base_url": f"{sandbox_url}/openai/v1",
            "openai_api_key": "sandbox-openai",
            "gemini_base_url": f"{sandbox_url}/gemini",
            "gemini_api_key": "sandbox-gemini",
            "smtp_tls": "none",
            "mail_from": "FlowPilot <flowpilot@sandbox.test>",
            "google_sheets_url": f"{sandbox_url}/google",
            **(access or {}),
            "data_dir": data_dir,
            "http_port": http_port,
            "log_level": "WARNING",
            "log_format": "console",
        }
    )


@asynccontextmanager
async def sandbox_process(port: int, import_dir: Path | None = None) -> AsyncIterator[str]:
    """Run the sandbox in a process of its own and yield its URL; it ends with the block."""
    arguments = [sys.executable, "-m", "sandbox", "--port", str(port)]
    if import_dir is not None:
        arguments += ["--import", str(import_dir)]
    # a group of its own: Ctrl-C reaches us, and we end it last, when the application has said goodbye
    process = await asyncio.create_subprocess_exec(*arguments, stdout=PIPE, start_new_session=True)
    try:
        yield await asyncio.wait_for(_url_of(process), SANDBOX_START_S)
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def _url_of(process: Process) -> str:
    if process.stdout is None:
        raise RuntimeError("the sandbox was started without its output")
    async for line in process.stdout:
        text = line.decode()
        if text.startswith("Sandbox: "):
            return text.removeprefix("Sandbox: ").strip().rstrip("/")
    raise RuntimeError("The sandbox did not start; run `python -m sandbox` to see why. Is its port taken?")


@asynccontextmanager
async def running_demo(
    *,
    port: int,
    data_dir: Path,
    say: Say,
    import_dir: Path | None = None,
    http_port: int = 0,
    fresh: bool = True,
    scheduled: Sequence[AgentSpec[Any, Any]] = AGENTS,
) -> AsyncIterator[Demo]:
    """Run sandbox and application, with the world's people and projects imported and the mirror filled.

    Agents that are not `scheduled` run only when they are asked to.
    """
    forget_proxies()
    if fresh:
        shutil.rmtree(data_dir, ignore_errors=True)
    say("Starting the sandbox: a Slack, Jira, Tempo and GitHub of your own…")
    async with sandbox_process(port, import_dir) as url:
        access = await sandbox_access(url)
        settings = demo_settings(url, data_dir, http_port=http_port, access=access)
        application = await Application.create(settings, scheduled=scheduled)
        say("Starting FlowPilot…")
        account = await application.start()
        try:
            say("Importing people and projects, reading Jira and Tempo…")
            await set_up(application, account, url)
            with account_scope(account.id):
                await application.services.accounts.set_setting("quiet_hours", NEVER_QUIET)
                await application.services.accounts.set_setting(DAILY_CAP, MANY_A_DAY)
                await application.services.accounts.set_setting(ALERTS_CHANNEL, SUMMARIES_CHANNEL)
            yield Demo(url, application, account)
        finally:
            await application.stop()


async def _register_github_webhooks(http: aiohttp.ClientSession, url: str, target: str) -> None:
    login = {"Authorization": "Bearer github-sandbox"}
    async with http.get(f"{url}/sandbox/api/github/repositories", raise_for_status=True) as response:
        names = [repository["name"] for repository in (await response.json())["repositories"]]
    for name in names:
        hook = {"name": "web", "events": ["*"], "config": {"url": target, "secret": WEBHOOK_SECRET}}
        address = f"{url}/github/api/v3/repos/{name}/hooks"
        await http.post(address, json=hook, headers=login, raise_for_status=True)


async def make_reachable(application: Application, account: AccountRef, url: str) -> None:
    """Tell Jira, GitHub and whoever gets a link where this application listens."""
    application.services.report_links.public_url = application.url
    hook = {
        "name": "FlowPilot",
        "url": f"{application.url}/webhooks/jira/{account.id}",
        "events": ["jira:issue_created", "jira:issue_updated", "jira:issue_deleted"],
        "secret": WEBHOOK_SECRET,
    }
    login = {"Authorization": aiohttp.encode_basic_auth("flowpilot@sandbox.test", "jira-sandbox")}
    async with aiohttp.ClientSession() as http:
        await http.post(f"{url}/jira/rest/webhooks/1.0/webhook", json=hook, headers=login, raise_for_status=True)
        await _register_github_webhooks(http, url, f"{application.url}/webhooks/github/{account.id}")


async def set_up(application: Application, account: AccountRef, url: str) -> None:
    """Do what an admin does first: import people and projects, register the webhook, read everything once."""
    services = application.services
    await make_reachable(application, account, url)
    async with aiohttp.ClientSession() as http:
        files = {}
        for name in ("people", "projects", "forecasts"):
            async with http.get(f"{url}/sandbox/api/world/{name}.csv", raise_for_status=True) as response:
                files[name] = await response.text()
        async with http.get(f"{url}/sandbox/api/google/spreadsheets", raise_for_status=True) as response:
            spreadsheets = (await response.json())["spreadsheets"]
    with account_scope(account.id):
        await services.pm.import_people(files["people"])
        await services.pm.import_projects(files["projects"])
        if spreadsheets:
            await services.accounts.set_setting(SPREADSHEET, spreadsheets[0]["url"])
        await services.accounts.set_setting(WORKFLOWS, {"CPE": "macos-remediation"})
        await services.mirror.sync("jira")
        await services.mirror.sync("tempo")
        if any(project.github_repositories for project in await services.pm.projects()):
            await services.mirror.sync("github")
        await services.forecasts.import_file(files["forecasts"].encode(), Actor(None, "FlowPilot"))
