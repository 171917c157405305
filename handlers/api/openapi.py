"""The OpenAPI 3.1 document, made of the routes and their models, and a page that shows it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from handlers.api import models
from handlers.api.problems import MEDIA_TYPE
from handlers.api.routing import ID_PATTERNS, PREFIX, Precondition, Route
from services.accounts.api_requests import KEY

VERSION = "1.0.0"
_REF = "#/components/schemas/{model}"
_ERRORS = {
    400: "The request cannot be read.",
    401: "The token is missing, revoked or unknown.",
    403: "The member's role does not allow this.",
    404: "There is no such thing, or it is another account's.",
    409: "It stands in conflict with what is there now; nothing was done.",
    412: "It changed after the version of If-Match; nothing was done, and `session` is how it is by now.",
    413: "The body is too large.",
    415: "The body is no JSON.",
    422: "Fields are not as described, or cannot be used.",
    428: "If-Match is missing.",
    429: "The token is used too often.",
    500: "FlowPilot failed; the hint has a reference.",
    502: "The ticket's home did not do what was asked, or not all of it: `written` says what stands.",
    503: "Something that this needs is not connected, or does not answer.",
}
_ABOUT = (
    "FlowPilot sessions over HTTP: the same operations as in Slack.\n\n"
    "Make a token in Slack with `/flowpilot token create <name>`; it acts as you, with your role. Answers carry the "
    "session's `state_version` as ETag. A change with `If-Match` is refused with 412 when the thing that it changes "
    "changed after that version; changes of different things both hold."
)


def openapi_document(routes: Sequence[Route]) -> dict[str, Any]:
    """Return the document of all routes."""
    wanted: list[tuple[type[BaseModel], JsonSchemaMode]] = [(models.Problem, "serialization")]
    for route in routes:
        wanted.append((route.gives, "serialization"))
        if route.takes is not None:
            wanted.append((route.takes, "validation"))
    references, definitions = models_json_schema(list(dict.fromkeys(wanted)), ref_template=_REF)
    schemas = {(model, mode): schema for (model, mode), schema in references.items()}
    paths: dict[str, Any] = {}
    for route in routes:
        paths.setdefault(PREFIX + route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "FlowPilot", "version": VERSION, "description": _ABOUT},
        "paths": paths,
        "components": {
            "schemas": definitions["$defs"],
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def _operation(route: Route, schemas: dict[Any, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "tags": [route.tag],
        "parameters": [*_path_parameters(route), *_query_parameters(route), *_header_parameters(route)],
        "responses": {
            str(route.status): {
                "description": "Done." if route.method != "GET" else "As it is now.",
                "headers": _answer_headers(route),
                "content": {"application/json": {"schema": schemas[route.gives, "serialization"]}},
            },
            **{str(status): _problem(status, text) for status, text in _ERRORS.items() if _can_be(status, route)},
        },
    }
    if route.takes is not None:
        operation["requestBody"] = {
            "required": not route.body_is_optional,
            "content": {"application/json": {"schema": schemas[route.takes, "validation"]}},
        }
    return operation


def _can_be(status: int, route: Route) -> bool:
    """Tell whether a route can be answered so."""
    has_body, writes = route.takes is not None, route.method != "GET"
    needs = {
        403: writes,
        404: "{" in route.path or route.takes is models.NewSession,
        409: writes,
        412: route.precondition is not Precondition.NONE,
        413: has_body,
        415: has_body,
        428: route.precondition is Precondition.REQUIRED,
        502: writes,
        503: writes,
    }
    return needs.get(status, True)


def _problem(status: int, description: str) -> dict[str, Any]:
    schema = {"$ref": _REF.format(model=models.Problem.__name__)}
    answer: dict[str, Any] = {"description": description, "content": {MEDIA_TYPE: {"schema": schema}}}
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        wait = {"description": "After how many seconds to call again.", "schema": {"type": "integer", "minimum": 1}}
        answer["headers"] = {"Retry-After": wait}
    return answer


def _answer_headers(route: Route) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if "{id}" in route.path or route.gives is models.Session:
        headers["ETag"] = {"description": "The session's state_version, in quotes.", "schema": {"type": "string"}}
    if route.status == 201:
        headers["Location"] = {"description": "Where to read what was made.", "schema": {"type": "string"}}
    return headers


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    uuid = {"type": "string", "format": "uuid", "pattern": models.UUID_PATTERN}
    own = {name: {"type": "string", "pattern": pattern} for name, pattern in ID_PATTERNS.items()}
    names = re.findall(r"{(\w+)}", route.path)
    return [{"name": name, "in": "path", "required": True, "schema": own.get(name, uuid)} for name in names]


def _query_parameters(route: Route) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    schema = _inlined(route.query.model_json_schema())
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _not_null(part)}
        for name, part in schema["properties"].items()
    ]


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """Put definitions where they are referred to: parameters stand alone."""
    definitions = schema.pop("$defs", {})

    def put(part: Any) -> Any:
        if isinstance(part, dict):
            if "$ref" in part:
                return put(definitions[part["$ref"].rsplit("/", 1)[-1]])
            return {key: put(value) for key, value in part.items()}
        return [put(each) for each in part] if isinstance(part, list) else part

    return dict(put(schema))


def _not_null(part: dict[str, Any]) -> dict[str, Any]:
    """Leave null out: a query has no way to write it."""
    kinds = [each for each in part.get("anyOf", ()) if each != {"type": "null"}]
    return kinds[0] if len(kinds) == 1 else part


def _header_parameters(route: Route) -> list[dict[str, Any]]:
    found = []
    if route.precondition is not Precondition.NONE:
        found.append(
            {
                "name": "If-Match",
                "in": "header",
                "required": route.precondition is Precondition.REQUIRED,
                "description": "The state_version that you saw, in quotes.",
                "schema": {"type": "string", "pattern": r'^(\*|"[0-9]{1,9}")$'},
                "example": '"7"',
            }
        )
    if route.repeats_once:
        found.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": "The same request under the same key is done once, and answered the same for a day.",
                "schema": {"type": "string", "pattern": f"^{KEY.pattern}$"},
            }
        )
    return found


@lru_cache(maxsize=1)
def docs_page(routes: tuple[Route, ...]) -> str:
    """Return a page with all operations; it loads nothing from elsewhere."""
    parts = [_section(tag, [each for each in routes if each.tag == tag]) for tag in _tags(routes)]
    about = "".join(f"<p>{html.escape(part)}</p>" for part in _ABOUT.split("\n\n"))
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        "<title>FlowPilot API</title><style>body{font:16px/1.5 system-ui;max-width:60em;margin:3em auto;padding:0 1em}"
        "code{background:#8882;padding:.1em .3em;border-radius:4px}td{padding:.25em .8em .25em 0;vertical-align:top}"
        ":root{color-scheme:light dark}</style>"
        f"<h1>FlowPilot API</h1>{about}<p><a href='openapi.json'>openapi.json</a></p>{''.join(parts)}</html>"
    )


def _tags(routes: Iterable[Route]) -> list[str]:
    return list(dict.fromkeys(route.tag for route in routes))


def _section(tag: str, routes: Iterable[Route]) -> str:
    rows = "".join(
        f"<tr><td><code>{route.method}</code><td><code>{html.escape(PREFIX + route.path)}</code>"
        f"<td>{html.escape(route.summary)}</tr>"
        for route in routes
    )
    return f"<h2>{html.escape(tag)}</h2><table>{rows}</table>"
