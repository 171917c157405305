"""Read a request: query, body, If-Match; whatever is not as declared is refused with its field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import get_origin

from aiohttp import web
from pydantic import BaseModel, ValidationError

from handlers.api.models import LARGEST_ID, UUID_PATTERN, Asked, Nothing
from handlers.api.problems import InvalidFieldsError, RefusedError
from handlers.api.routing import ID_PATTERNS, Precondition, Route
from services.accounts.tokens import UnknownTokenError
from services.errors import InvalidInputError, NotFoundError

LARGEST_BODY_BYTES = 512 * 1024
_ENTITY_TAG = re.compile(r'\s*"([0-9]{1,10})"\s*')


def read_ids(request: web.Request) -> Mapping[str, str]:
    """Return the ids of the address; what is not written as one names nothing."""
    ids = {}
    for name, value in request.match_info.items():
        if re.fullmatch(ID_PATTERNS.get(name, UUID_PATTERN), value) is None:
            raise NotFoundError("There is no such thing at this address.", hint="Ids are written in lower case.")
        ids[name] = value
    return ids


def bearer_token(request: web.Request) -> str:
    """Return the token that was sent; `UnknownTokenError` without one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise UnknownTokenError(
            "A bearer token is missing.", hint="Make one in Slack: `/flowpilot token create <name>`."
        )
    return token.strip()


def read_query(request: web.Request, model: type[BaseModel] | None) -> BaseModel:
    """Return the query; unknown names and single values given twice are refused."""
    wanted = model or Nothing
    given: dict[str, object] = {}
    for name in request.query:
        values = request.query.getall(name)
        field = wanted.model_fields.get(name)
        is_list = field is not None and get_origin(field.annotation) is list
        if len(values) > 1 and not is_list:
            raise InvalidInputError(f"“{name[:60]}” is given {len(values)} times.", hint="Once is enough.")
        given[name] = values if is_list else values[0]
    try:
        return wanted.model_validate(given)
    except ValidationError as error:
        raise InvalidFieldsError("query", error) from None


async def read_body(request: web.Request, route: Route) -> tuple[BaseModel, bytes]:
    """Return the body as the route's model, and its bytes; JSON only, of at most `LARGEST_BODY_BYTES`."""
    content = await _bytes(request)
    if route.takes is None:
        if content:
            raise InvalidInputError("This takes no body.")
        return Nothing(), content
    if not content and route.body_is_optional:
        return route.takes(), content
    if request.content_type != "application/json":
        raise RefusedError(415, "The body is JSON.", hint="Send it with Content-Type: application/json.")
    try:
        return _strictly(route.takes, content), content
    except ValidationError as error:
        if any(each["type"] == "json_invalid" for each in error.errors(include_url=False)):
            raise RefusedError(400, "The body is not JSON.") from None
        raise InvalidFieldsError("body", error) from None


def _strictly(model: type[BaseModel], content: bytes) -> Asked:
    read = model.model_validate_json(content, strict=True)
    if not isinstance(read, Asked):
        raise TypeError(f"{model.__name__} is nothing that callers send")
    return read


async def _bytes(request: web.Request) -> bytes:
    content = bytearray()
    async for piece in request.content.iter_any():
        content += piece
        if len(content) > LARGEST_BODY_BYTES:
            raise RefusedError(413, f"The body has more than {LARGEST_BODY_BYTES // 1024} KiB.")
    return bytes(content)


def read_seen(request: web.Request, precondition: Precondition) -> int | None:
    """Return the version of If-Match; None where it is `*`, or left out and need not be there."""
    header = request.headers.get("If-Match")
    if precondition is Precondition.NONE:
        return None
    if header is None:
        if precondition is Precondition.REQUIRED:
            raise RefusedError(
                428, "If-Match is missing.", hint='Send the state_version that you saw, such as If-Match: "7".'
            )
        return None
    if header.strip() == "*":
        return None
    tag = _ENTITY_TAG.fullmatch(header)
    if tag is None or int(tag[1]) > LARGEST_ID:
        raise RefusedError(400, "If-Match is one state_version in quotes.", hint='For example If-Match: "7".')
    return int(tag[1])
