"""Which model answers which task, from settings alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import SecretStr

from services.ai.streaming import ChatTask
from services.ai.types import AiTask, Tier
from services.errors import NotConfiguredError
from services.settings import Settings

WireProtocol = Literal["anthropic", "openai-chat", "openai-responses", "google"]
OPENAI_OWN_URL = "https://api.openai.com/v1"

VENDORS: dict[str, str] = {
    "anthropic": "anthropic",
    "openai": "openai",
    "openai-chat": "openai",
    "openai-responses": "openai",
    "google": "gemini",
}


@dataclass(frozen=True)
class ModelChoice:
    """A model and how to reach it. `label` is the setting, such as "openai:gpt-6.1-sol"; `key` may be empty."""

    label: str
    protocol: WireProtocol
    name: str
    base_url: str
    key: SecretStr
    is_own_server: bool

    @property
    def price_vendor(self) -> str:
        """Return the vendor's name in price lists."""
        return self.protocol.partition("-")[0]


class ModelRoutes:
    """Settings turned into choices."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._tiers = {
            Tier.FAST: settings.model_fast,
            Tier.STANDARD: settings.model_standard,
            Tier.DEEP: settings.model_deep,
        }
        for label in (*self._tiers.values(), *(v for v in settings.model_tasks.values() if v not in list(Tier))):
            if label:
                self.resolve(label)

    def choose(self, task: AiTask[Any, Any] | ChatTask[Any]) -> ModelChoice | None:
        """Return the task's model; of another tier where its own has no key; None where no model is configured."""
        wish = self._settings.model_tasks.get(task.name, task.tier)
        if wish not in list(Tier):
            return self.resolve(wish)
        tier = Tier(wish)
        for label in (self._tiers[tier], *(self._tiers[t] for t in (Tier.STANDARD, Tier.FAST, Tier.DEEP) if t != tier)):
            if label and (choice := self.resolve(label)):
                return choice
        return None

    def resolve(self, label: str) -> ModelChoice | None:
        """Read "vendor:model"; None when the vendor has no key (one's own server needs none).

        Raises `NotConfiguredError` for a label that names no vendor or no model.
        """
        prefix, _, name = label.partition(":")
        if prefix not in VENDORS or not name:
            raise NotConfiguredError(
                f"Unknown model {label!r} in the settings.",
                hint="Use vendor:model with one of " + ", ".join(VENDORS) + ", such as anthropic:claude-sonnet-5-5.",
            )
        vendor = VENDORS[prefix]
        key: SecretStr = getattr(self._settings, f"{vendor}_api_key")
        base_url: str = getattr(self._settings, f"{vendor}_base_url")
        default_url: str = Settings.model_fields[f"{vendor}_base_url"].default
        is_own_server = base_url.rstrip("/") != default_url.rstrip("/")
        if not key.get_secret_value() and not is_own_server:
            return None
        return ModelChoice(label, _protocol(prefix, is_own_server), name, base_url, key, is_own_server)


def _protocol(prefix: str, is_own_server: bool) -> WireProtocol:
    if prefix == "openai":
        # every compatible server speaks Chat Completions; few speak Responses
        return "openai-chat" if is_own_server else "openai-responses"
    if prefix == "openai-chat":
        return "openai-chat"
    if prefix == "openai-responses":
        return "openai-responses"
    return "anthropic" if prefix == "anthropic" else "google"
