"""The app of the sandbox is the one that the manifest declares."""

from __future__ import annotations

from pathlib import Path

from sandbox.slack.manifest import load_app

MANIFEST = """
display_information: {name: Helper, description: Helps}
features:
  slash_commands:
    - {command: /help-me, description: Help, usage_hint: "[what]", should_escape: true}
  shortcuts:
    - {name: Report, type: global, callback_id: report, description: Report it}
oauth_config: {scopes: {bot: ["chat:write", "commands"]}}
settings: {event_subscriptions: {bot_events: ["app_mention"]}}
"""


def test_a_manifest_says_commands_shortcuts_scopes_and_events(tmp_path: Path) -> None:
    path = tmp_path / "manifest.yml"
    path.write_text(MANIFEST, encoding="utf-8")
    app = load_app(path)
    assert (app.name, app.description) == ("Helper", "Helps")
    assert app.scopes == frozenset({"chat:write", "commands"})
    assert app.bot_events == frozenset({"app_mention"})
    command = app.command("/help-me")
    assert command is not None
    assert command["should_escape"] is True
    assert app.shortcut("report") == {"type": "global", "name": "Report", "callback_id": "report"}


def test_without_a_manifest_everything_is_granted_and_the_usual_commands_are_there(tmp_path: Path) -> None:
    app = load_app(tmp_path / "none.yml")
    assert (app.scopes, app.bot_events) == (None, None)
    assert app.command("/ticket") is not None
