"""Settings of an application whose vendors are stand-ins; it loads none of them."""

from __future__ import annotations

from typing import Any

from services.settings import Settings


def settings_for(url: str, **overrides: object) -> Settings:
    """Return settings that point at the stand-ins, whatever this machine's environment says."""
    values: dict[str, Any] = {
        "jira_url": f"{url}/jira",
        "jira_email": "flowpilot@sandbox.test",
        "jira_api_token": "jira-sandbox",
        "tempo_url": f"{url}/tempo",
        "tempo_api_token": "tempo-sandbox",
        **overrides,
    }
    return Settings(_env_file=None, **values)
