"""Settings, read once from the environment and `.env`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from services.errors import NotConfiguredError

EmbedderName = Literal["tfidf", "local", "openai"]


class ModelPrice(BaseModel):
    """US dollars per million tokens; cache prices default to the input's."""

    model_config = ConfigDict(frozen=True)

    input: Decimal = Field(ge=0)
    output: Decimal = Field(ge=0)
    cache_read: Decimal | None = Field(default=None, ge=0)
    cache_write: Decimal | None = Field(default=None, ge=0)


class Settings(BaseSettings):
    """One field per setting; the environment name is the field's name in capitals."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True)

    slack_bot_token: SecretStr = SecretStr("")
    slack_app_token: SecretStr = SecretStr("")
    slack_signing_secret: SecretStr = SecretStr("")
    slack_api_url: str = "https://slack.com/api/"

    jira_url: str = ""
    jira_email: str = ""
    jira_api_token: SecretStr = SecretStr("")
    jira_orphan_jql: str = "parent is EMPTY AND issuetype NOT IN subTaskIssueTypes() AND issuetype != Epic"
    jira_webhook_secret: SecretStr = SecretStr("")

    tempo_url: str = "https://api.tempo.io"
    tempo_api_token: SecretStr = SecretStr("")
    tempo_calls_per_s: float = Field(default=5.0, gt=0)

    worklog_step_minutes: int = Field(default=15, ge=1, le=120)

    github_api_url: str = "https://api.github.com"
    github_graphql_url: str = ""
    """Empty: found beside `github_api_url`."""
    github_token: SecretStr = SecretStr("")
    github_webhook_secret: SecretStr = SecretStr("")
    connectwise_url: str = ""
    connectwise_company: str = ""
    connectwise_public_key: SecretStr = SecretStr("")
    connectwise_private_key: SecretStr = SecretStr("")
    connectwise_client_id: str = ""
    jamf_url: str = ""
    jamf_client_id: str = ""
    jamf_client_secret: SecretStr = SecretStr("")

    anthropic_api_key: SecretStr = SecretStr("")
    anthropic_base_url: str = "https://api.anthropic.com"
    openai_api_key: SecretStr = SecretStr("")
    openai_base_url: str = "https://api.openai.com/v1"
    gemini_api_key: SecretStr = SecretStr("")
    gemini_base_url: str = "https://generativelanguage.googleapis.com"

    model_fast: str = "google:gemini-3.8-flash"
    model_standard: str = "anthropic:claude-sonnet-5-5"
    model_deep: str = "openai:gpt-6.1-sol"
    model_timeout_s: float = Field(default=45.0, gt=0)
    model_monthly_budget_usd: float = Field(default=100.0, ge=0)
    model_tasks: dict[str, str] = {}
    """A tier or a model for single tasks: `{"ticket.draft_comment": "fast"}`."""
    model_prices: dict[str, ModelPrice] = {}
    mcp_servers: dict[str, str] = {}
    """MCP servers by name: their URL. No task may use one until `mcp_grants` says so."""
    mcp_grants: dict[str, tuple[str, ...]] = {}
    mcp_tokens: dict[str, SecretStr] = {}
    mcp_timeout_s: float = Field(default=10.0, gt=0)
    """How long one server is waited for in one turn, all of its answers together."""
    embedder: EmbedderName = "tfidf"

    data_dir: Path = Path(".data")
    database_url: str = ""
    durable_database_url: str = ""
    storage_url: str = ""
    """Where reports are archived: empty for a folder in `data_dir`, or s3://bucket/folder."""
    storage_endpoint: str = ""
    storage_region: str = "us-east-1"
    storage_access_key: SecretStr = SecretStr("")
    storage_secret_key: SecretStr = SecretStr("")

    smtp_host: str = ""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_tls: Literal["starttls", "tls", "none"] = "starttls"
    mail_from: str = "FlowPilot <flowpilot@localhost>"

    google_service_account_file: str = ""
    google_service_account_json: SecretStr = SecretStr("")
    google_sheets_url: str = "https://sheets.googleapis.com"

    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8080, ge=0, le=65535)
    public_url: str = ""
    api_calls_per_minute: int = Field(default=300, ge=1, le=100_000)
    """How often one token of the HTTP API may be used, in each process."""
    admin_slack_user_ids: Annotated[tuple[str, ...], NoDecode] = ()
    time_zone: str = "America/New_York"

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "console"] = "json"
    shutdown_grace_s: float = Field(default=20.0, ge=0)
    max_concurrent_tasks: int = Field(default=200, gt=0)
    sync_interval_s: float = Field(default=120.0, gt=0)

    @field_validator("admin_slack_user_ids", mode="before")
    @classmethod
    def _split_commas(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("slack_api_url")
    @classmethod
    def _end_with_slash(cls, value: str) -> str:
        return value if value.endswith("/") else value + "/"

    @property
    def database(self) -> str:
        """The SQLAlchemy URL of the application's database; a file in `data_dir` unless `DATABASE_URL` is set."""
        if not self.database_url:
            return f"sqlite+aiosqlite:///{self.data_dir / 'flowpilot.sqlite'}"
        return _with_driver(self.database_url)

    @property
    def durable_database(self) -> str:
        """The URL of the durable-work database: its own SQLite file, or the application's Postgres server."""
        if self.durable_database_url:
            return _with_driver(self.durable_database_url)
        if self.database.startswith("sqlite"):
            return f"sqlite:///{self.data_dir / 'durable.sqlite'}"
        return self.database


def _with_driver(url: str) -> str:
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url[len(prefix) :]
    return url


def load_settings(**overrides: object) -> Settings:
    """Read the settings; a wrong one raises `NotConfiguredError` with its name and what is wrong."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        lines = [f"{'.'.join(str(part) for part in e['loc']).upper()}: {e['msg']}" for e in error.errors()]
        raise NotConfiguredError(
            "Wrong settings: " + "; ".join(lines), hint="See .env.example for what each is for."
        ) from None


REQUIRED_TO_RUN = {
    "slack_bot_token": "the bot token (xoxb-…) of your Slack app: OAuth & Permissions > Bot User OAuth Token",
    "slack_app_token": "the app-level token (xapp-…) with connections:write: Basic Information > App-Level Tokens",
    "jira_url": "your Jira site, such as https://your-team.atlassian.net",
    "jira_email": "the e-mail of the Jira user whose API token is used",
    "jira_api_token": "an API token of that user: id.atlassian.com > Security > API tokens",
}


def missing_settings(settings: Settings) -> dict[str, str]:
    """Return the required settings that are empty, by environment name, with where to get each."""
    missing = {}
    for name, where in REQUIRED_TO_RUN.items():
        value = getattr(settings, name)
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        if not text:
            missing[name.upper()] = where
    return missing


@contextmanager
def hidden_from_bolt() -> Iterator[None]:
    """Hide what Bolt would read by itself: SLACK_CLIENT_ID and _SECRET would switch it to OAuth without a word."""
    names = [name for name in os.environ if name.startswith("SLACK_")]
    held = {name: os.environ.pop(name) for name in names}
    try:
        yield
    finally:
        os.environ.update(held)


def forget_proxies() -> None:
    """Make this process reach every address directly: a proxy cannot reach a sandbox on loopback."""
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"):
        os.environ.pop(name, None)
        os.environ.pop(name.lower(), None)
