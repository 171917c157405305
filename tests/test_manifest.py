"""What manifest.yml asks of Slack is valid, enough, and no more than is used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.slack.api import Method

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = ROOT.parent / "shared" / "vendor" / "slack"
needs_documents = pytest.mark.skipif(not DOCUMENTS.is_dir(), reason="Slack's documents are not beside the project")
# declared by the presence of a feature, not by a method or an event
FEATURE_SCOPES = {"commands"}
# users.info shows the e-mail address only with this one
ADDED_SCOPES = {"users:read.email"}
# methods that take any of several scopes, by kind of conversation: what we read, and the DMs that we open
HISTORY = {"channels:history", "groups:history", "im:history", "mpim:history"}
ONE_OF_SEVERAL = {
    "conversations.history": HISTORY,
    "conversations.replies": HISTORY,
    "conversations.open": {"im:write"},
}


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    loaded = yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def document(name: str) -> dict[str, Any]:
    loaded = json.loads((DOCUMENTS / name).read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def needed_scopes(manifest: dict[str, Any]) -> set[str]:
    methods, events = document("methods.json"), document("events.json")
    needed = set(FEATURE_SCOPES | ADDED_SCOPES)
    for method in Method:
        needed |= ONE_OF_SEVERAL.get(method.value, set(methods[method.value]["scopes"].get("bot", [])))
    for event in manifest["settings"]["event_subscriptions"]["bot_events"]:
        needed |= {scope.replace("app_mentions.read", "app_mentions:read") for scope in events[event]["scopes"]}
    return needed


@needs_documents
def test_the_manifest_is_valid_by_slacks_schema(manifest: dict[str, Any]) -> None:
    import jsonschema

    jsonschema.Draft7Validator(document("manifest.schema.json")).validate(manifest)


@needs_documents
def test_every_method_called_and_every_event_subscribed_is_covered_by_a_scope_and_no_scope_is_unused(
    manifest: dict[str, Any],
) -> None:
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == needed_scopes(manifest)


@needs_documents
def test_every_event_subscribed_exists(manifest: dict[str, Any]) -> None:
    assert set(manifest["settings"]["event_subscriptions"]["bot_events"]) <= document("events.json").keys()


def test_the_slash_commands_are_those_that_have_commands(manifest: dict[str, Any]) -> None:
    from handlers import build_router

    declared = {command["command"] for command in manifest["features"]["slash_commands"]}
    available = set(build_router().commands.slashes)
    assert available == declared


def test_the_shortcuts_and_events_are_those_that_are_handled(manifest: dict[str, Any]) -> None:
    from handlers import build_router
    from handlers.request import Kind

    router = build_router()
    assert {each["callback_id"] for each in manifest["features"]["shortcuts"]} == router.handled(Kind.SHORTCUT)
    events = {name.partition(".")[0] for name in router.handled(Kind.EVENT)}
    assert {name.partition(".")[0] for name in manifest["settings"]["event_subscriptions"]["bot_events"]} == events


def test_slash_commands_have_slack_escape_people_and_channels(manifest: dict[str, Any]) -> None:
    assert all(command["should_escape"] for command in manifest["features"]["slash_commands"])


def test_no_web_api_method_is_called_past_the_list_that_scopes_are_checked_against() -> None:
    """slack_sdk's client is used in the one module that counts and paces calls, and in these places."""
    allowed = {"apps_connections_open", "files_upload_v2", "api_call"}
    import re

    for folder in ("handlers", "services", "agents", "blocks"):
        for path in (ROOT / folder).rglob("*.py"):
            used = set(re.findall(r"\bclient\.([a-z]+_[a-zA-Z_0-9]+)\(", path.read_text(encoding="utf-8")))
            slack_like = {
                name
                for name in used
                if name.split("_")[0] in {"chat", "views", "conversations", "users", "files", "apps"}
            }
            assert slack_like <= allowed, path
