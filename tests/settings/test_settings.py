"""Settings are read, checked and explained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.errors import NotConfiguredError
from services.settings import REQUIRED_TO_RUN, Settings, load_settings, missing_settings

EXAMPLE = Path(__file__).parents[2] / ".env.example"


def test_the_example_names_every_setting_and_nothing_else() -> None:
    named = {
        line.partition("=")[0].lower() for line in EXAMPLE.read_text().splitlines() if "=" in line and line[0] != "#"
    }
    assert named == set(Settings.model_fields)


def test_the_example_as_it_is_gives_the_defaults() -> None:
    filled = Settings(_env_file=EXAMPLE)
    different = {
        name
        for name, field in Settings.model_fields.items()
        if getattr(filled, name) != field.get_default(call_default_factory=True)
    }
    assert different == set()


def test_missing_settings_are_named_with_where_to_get_them() -> None:
    nothing: dict[str, Any] = dict.fromkeys(REQUIRED_TO_RUN, "")
    missing = missing_settings(Settings(**nothing))
    assert set(missing) == {name.upper() for name in REQUIRED_TO_RUN}
    assert all(missing.values())


@pytest.mark.requirement("SYS-8")
def test_a_wrong_setting_is_named_and_its_value_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PORT", "not-a-port-but-a-secret")
    with pytest.raises(NotConfiguredError) as raised:
        load_settings()
    assert "HTTP_PORT" in str(raised.value)
    assert "secret" not in str(raised.value)


def test_a_postgres_address_gets_the_driver_that_we_use() -> None:
    settings = Settings(database_url="postgres://u:p@h/d", _env_file=None)
    assert settings.database == "postgresql+psycopg://u:p@h/d"
    assert settings.durable_database == settings.database
