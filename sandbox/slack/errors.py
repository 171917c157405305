"""What Slack answers when it refuses."""

from __future__ import annotations

from typing import Any


class SlackError(Exception):
    """A refusal of Slack: its error code, its explanations, and further fields of the answer."""

    def __init__(self, code: str, messages: list[str] | None = None, **fields: Any) -> None:
        super().__init__(code if not messages else f"{code}: {'; '.join(messages)}")
        self.code = code
        self.messages = messages or []
        self.fields = fields

    def answer(self) -> dict[str, Any]:
        """Return the body of the answer."""
        body: dict[str, Any] = {"ok": False, "error": self.code, **self.fields}
        if self.messages:
            body["response_metadata"] = {"messages": self.messages}
        return body
