"""Jira's refusals."""

from __future__ import annotations

from typing import Any

NO_ISSUE = "Issue does not exist or you do not have permission to see it."


class JiraError(Exception):
    """What Jira answers instead; `errors` is by field."""

    def __init__(self, status: int, *messages: str, errors: dict[str, str] | None = None) -> None:
        super().__init__("; ".join([*messages, *(f"{field}: {text}" for field, text in (errors or {}).items())]))
        self.status = status
        self.messages = list(messages)
        self.errors = errors or {}

    def body(self) -> dict[str, Any]:
        """Return Jira's error collection."""
        return {"errorMessages": self.messages, "errors": self.errors}


def not_found() -> JiraError:
    """Return what Jira says of an issue that is not there."""
    return JiraError(404, NO_ISSUE)
