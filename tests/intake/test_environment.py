"""What happens to be in the environment does not change how Bolt works."""

from __future__ import annotations

import logging
import os

import pytest

from handlers.intake import Intake, build_slack_app
from handlers.router import Router
from tests.intake.conftest import World


async def test_credentials_of_an_oauth_app_do_not_switch_bolt_to_oauth(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    services = await world.services()
    for name in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_BOT_TOKEN"):
        monkeypatch.setenv(name, "something")
    with caplog.at_level(logging.WARNING):
        app = build_slack_app(services, Intake(services, Router()))
    assert app.oauth_flow is None
    assert caplog.messages == []
    assert os.environ["SLACK_CLIENT_ID"] == "something"
