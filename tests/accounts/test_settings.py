"""Settings: what is typed is read or refused, and only what differs is stored."""

from __future__ import annotations

from typing import Any

import pytest

from services.accounts import settings
from services.accounts.settings import ACCOUNT_SETTINGS, settings_with_agents

SPECS = settings_with_agents([("time-tracking", "Time tracking")])
NOW = settings.current_values(SPECS, {}, "America/New_York", 100.0)


def typed(**changes: Any) -> dict[str, Any]:
    return {key: str(value) if value is not None else None for key, value in NOW.items()} | changes


def test_what_nobody_touches_changes_nothing() -> None:
    values, problems = settings.read_inputs(SPECS, typed())
    assert problems == {}
    assert settings.changed_preferences(values, NOW) == {}


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("time_zone", "Mars/Olympus"),
        ("time_zone", None),
        ("default_role", "owner"),
        ("quiet_from", "25:00"),
        ("alert_daily_cap", "-1"),
        ("alert_daily_cap", "101"),
        ("alert_daily_cap", "٣"),
        ("alert_daily_cap", "9" * 5000),
        ("model_monthly_budget_usd", "NaN"),
        ("model_monthly_budget_usd", "Infinity"),
        ("model_monthly_budget_usd", "-0.01"),
        ("agents.time-tracking.mode", "dry_run"),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_field_only(key: str, wrong: Any) -> None:
    values, problems = settings.read_inputs(SPECS, typed(**{key: wrong}))
    assert set(problems) == {key}
    assert set(values) == {spec.key for spec in SPECS} - {key}


def test_quiet_hours_are_one_preference_and_keep_the_other_end() -> None:
    values, _ = settings.read_inputs(SPECS, typed(quiet_from="20:00"))
    assert settings.changed_preferences(values, NOW) == {
        "quiet_hours": {"start": "20:00", "end": "08:00", "weekends": True}
    }


def test_an_emptied_channel_takes_the_preference_away() -> None:
    current = settings.current_values(SPECS, {"alerts_channel_id": "C0ALERTS"}, "Etc/UTC", 1.0)
    values, _ = settings.read_inputs(SPECS, typed(alerts_channel_id=None, time_zone="Etc/UTC"))
    assert settings.changed_preferences(values, current)["alerts_channel_id"] is None


def test_time_zones_are_found_by_any_part_of_their_name() -> None:
    assert settings.time_zones_like("new york")[0] == "America/New_York"
    assert len(settings.time_zones_like("a")) == 100
    assert settings.time_zones_like("nowhere at all") == []


def test_each_setting_says_what_it_is_for() -> None:
    assert all(spec.label and spec.help for spec in ACCOUNT_SETTINGS)
    assert len({spec.key for spec in SPECS}) == len(SPECS)
