"""Read what the project's manifest.yml declares to Slack."""

from __future__ import annotations

from pathlib import Path

import yaml

from sandbox.slack.model import AppConfig, Json

MANIFEST = Path(__file__).resolve().parents[2] / "manifest.yml"
DEFAULT_COMMANDS = {
    "/pilot": "Report an issue or ask for help",
    "/ticket": "Act on tickets",
    "/plan": "Plan work",
    "/pm": "Project management reports",
    "/customer": "Customer work",
    "/flowpilot": "Help, settings and audit",
}


def load_app(path: Path = MANIFEST) -> AppConfig:
    """Return the app that a manifest declares, or one with every scope and event when there is none."""
    if not path.is_file():
        commands: list[Json] = [
            {"command": command, "description": description, "usage_hint": ""}
            for command, description in DEFAULT_COMMANDS.items()
        ]
        return AppConfig(commands=commands)
    manifest = yaml.safe_load(path.read_text(encoding="utf-8"))
    display, features = manifest.get("display_information", {}), manifest.get("features", {})
    subscriptions = manifest.get("settings", {}).get("event_subscriptions", {})
    return AppConfig(
        name=display.get("name", "FlowPilot"),
        description=display.get("description", ""),
        scopes=frozenset(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", [])),
        bot_events=frozenset(subscriptions.get("bot_events", [])),
        commands=[_command(command) for command in features.get("slash_commands", [])],
        shortcuts=[
            {"type": item["type"], "name": item["name"], "callback_id": item["callback_id"]}
            for item in features.get("shortcuts", [])
        ],
    )


def _command(declared: Json) -> Json:
    return {
        "command": declared["command"],
        "description": declared.get("description", ""),
        "usage_hint": declared.get("usage_hint", ""),
        "should_escape": declared.get("should_escape", False),
    }
