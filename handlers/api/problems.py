"""Errors as `application/problem+json` (RFC 9457), in words that are safe to show."""

from __future__ import annotations

import re
from http import HTTPStatus

import structlog
from aiohttp import web
from pydantic import ValidationError

from handlers.api.models import FieldProblem, Problem, Written
from handlers.api.showing import session_model
from services.accounts.api_requests import RequestUnderWayError
from services.accounts.tokens import TooManyCallsError, UnknownTokenError
from services.errors import (
    ConflictError,
    FlowPilotError,
    InvalidInputError,
    NotAllowedError,
    NotConfiguredError,
    NotFoundError,
    VendorError,
    VendorRateLimitedError,
    VendorRejectedError,
    VendorUnavailableError,
)
from services.pilot.psa.types import WriteBackIncompleteError
from services.pilot.types import StaleSessionError
from services.slack.markup import to_plain

MEDIA_TYPE = "application/problem+json"
SHOWN_ERRORS = 20
_BOLD = re.compile(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])")
_STATUS: tuple[tuple[type[FlowPilotError], int], ...] = (
    (UnknownTokenError, 401),
    (TooManyCallsError, 429),
    (NotAllowedError, 403),
    (StaleSessionError, 409),
    (ConflictError, 409),
    (InvalidInputError, 422),
    (WriteBackIncompleteError, 502),
    (VendorRejectedError, 422),
    (VendorUnavailableError, 503),
    (VendorRateLimitedError, 503),
    (VendorError, 502),
    (NotFoundError, 404),
    (NotConfiguredError, 503),
)
"""The first that fits; what a vendor says no to is what was asked for, not this address."""
log = structlog.get_logger(__name__)


class RefusedError(FlowPilotError):
    """A request that HTTP itself has a status for."""

    def __init__(self, status: int, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status


class InvalidFieldsError(FlowPilotError):
    """Fields that are not as the OpenAPI document says."""

    def __init__(self, where: str, error: ValidationError) -> None:
        super().__init__(f"The {where} cannot be used.", hint="/api/v1/docs says what it may hold.")
        self.fields = [
            FieldProblem(field=".".join(str(part) for part in each["loc"]) or where, problem=each["msg"])
            for each in error.errors(include_input=False, include_url=False, include_context=False)[:SHOWN_ERRORS]
        ]


def problem_of(error: FlowPilotError, *, seen: int | None = None) -> Problem:
    """Return what the caller is told; `seen` is the version of their If-Match: outdated, it is a 412 and no 409."""
    status = _status_of(error)
    version = None
    if isinstance(error, StaleSessionError):
        version = error.session.state_version
        status = 412 if seen is not None and seen != version else 409
    return Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=_plain(error.message),
        hint=_plain(error.hint),
        errors=error.fields if isinstance(error, InvalidFieldsError) else [],
        state_version=version,
        session=session_model(error.session) if isinstance(error, StaleSessionError) else None,
        written=Written.model_validate(error.result) if isinstance(error, WriteBackIncompleteError) else None,
    )


def problem_response(problem: Problem, error: BaseException | None = None) -> web.Response:
    """Return the problem with the headers that belong to it."""
    headers = {"Cache-Control": "no-store", **problem_headers(problem.status, error)}
    body = problem.model_dump_json()
    return web.Response(body=body.encode(), status=problem.status, content_type=MEDIA_TYPE, headers=headers)


def problem_headers(status: int, error: BaseException | None) -> dict[str, str]:
    """Return what a status and an error say in headers: how to come in, when to come again, what else goes."""
    headers = {}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="FlowPilot"'
    if isinstance(error, TooManyCallsError | VendorRateLimitedError | RequestUnderWayError):
        headers["Retry-After"] = str(max(1, round(error.retry_after_s)))
    if isinstance(error, web.HTTPMethodNotAllowed):
        headers["Allow"] = ", ".join(sorted(error.allowed_methods))
    return headers


def explained(error: Exception, reference: str) -> web.Response:
    """Return the answer to an error of any kind; an unexpected one is logged under `reference`."""
    if isinstance(error, FlowPilotError):
        return problem_response(problem_of(error), error)
    if isinstance(error, web.HTTPException):
        detail = {404: "There is nothing at this address.", 413: "The body is too large."}.get(error.status)
        shown = detail or f"{error.reason}."
        return problem_response(Problem(title=error.reason, status=error.status, detail=shown), error)
    log.error("api request failed", reference=reference, exc_info=error)
    return problem_response(
        Problem(
            title="Internal Server Error",
            status=500,
            detail="Something went wrong on FlowPilot's side.",
            hint=f"Look whether it has happened before you try again. Reference: {reference}.",
        )
    )


def _status_of(error: FlowPilotError) -> int:
    if isinstance(error, RefusedError):
        return error.status
    if isinstance(error, InvalidFieldsError):
        return 422
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 400)


def _plain(text: str) -> str:
    return _BOLD.sub(r"\1", to_plain(text)).replace("\u200b", "")
