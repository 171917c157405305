"""GitHub's refusals."""

from __future__ import annotations

from typing import Any

DOCUMENTATION = "https://docs.github.com/rest"


class GithubError(Exception):
    """What GitHub answers instead of doing it; `errors` are its details, `headers` go with the answer."""

    def __init__(
        self, status: int, message: str, *, errors: list[Any] | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors
        self.headers = headers or {}

    def __str__(self) -> str:
        details = [e if isinstance(e, str) else str(e.get("message") or e.get("code")) for e in self.errors or []]
        return ": ".join([self.message, *details])

    def body(self) -> dict[str, Any]:
        """Return GitHub's error object."""
        details = {"errors": self.errors} if self.errors is not None else {}
        return {"message": self.message, **details, "documentation_url": DOCUMENTATION, "status": str(self.status)}


def not_found() -> GithubError:
    """Return what GitHub says of what is not there, or is not to be seen."""
    return GithubError(404, "Not Found")


def invalid(resource: str, field: str, code: str, message: str = "") -> GithubError:
    """Return what GitHub says of one wrong field."""
    detail = {"resource": resource, "field": field, "code": code} | ({"message": message} if message else {})
    return GithubError(422, "Validation Failed", errors=[detail])


def refused(message: str) -> GithubError:
    """Return what GitHub says of a request that makes no sense as things stand."""
    return GithubError(422, "Unprocessable Entity", errors=[message])


def failure_body(status: int, is_limit: bool) -> dict[str, str]:
    """Return GitHub's error object for an injected fault."""
    message = f"Fault injected: {status}"
    if is_limit:
        message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    return {"message": message, "documentation_url": DOCUMENTATION, "status": str(status)}
