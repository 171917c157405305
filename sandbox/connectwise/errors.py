"""What ConnectWise answers instead of doing it."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


class ConnectWiseError(Exception):
    """A refusal in ConnectWise's shape: code, message, and one entry for each field that is wrong."""

    def __init__(self, status: int, code: str, message: str, errors: list[Json] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.errors = errors or []

    def body(self) -> Json:
        """Return the error as ConnectWise writes it."""
        return {"code": self.code, "message": str(self), "errors": self.errors}


def unauthorized(message: str) -> ConnectWiseError:
    """Return the answer to credentials that are none."""
    return ConnectWiseError(401, "Unauthorized", message)


def forbidden(message: str) -> ConnectWiseError:
    """Return the answer to a member whose security role does not allow it."""
    return ConnectWiseError(403, "Forbidden", message)


def not_found(resource: str, number: object) -> ConnectWiseError:
    """Return the answer to a number that nothing has."""
    return ConnectWiseError(404, "NotFound", f"{resource} {number} not found")


def invalid(resource: str, field: str, message: str, code: str = "InvalidField") -> ConnectWiseError:
    """Return the answer to an object with a wrong field."""
    wrong = {"code": code, "message": message, "resource": resource, "field": field}
    return ConnectWiseError(400, "InvalidObject", f"{resource} object is invalid", [wrong])


def bad_request(message: str) -> ConnectWiseError:
    """Return the answer to a request that cannot be read."""
    return ConnectWiseError(400, "BadRequest", message)


def failure_body(status: int, message: str) -> Json:
    """Return what an injected fault says."""
    code = {401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 429: "RateLimitExceeded"}.get(status, "ServerError")
    return {"code": code, "message": message, "errors": []}
