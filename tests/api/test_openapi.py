"""The OpenAPI document: true of every route, and held against the server by schemathesis."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.checks import not_a_server_error
from schemathesis.generation.modes import GenerationMode
from schemathesis.specs.openapi import checks

from db.tenancy import account_scope
from handlers.api import ALL_ROUTES
from handlers.api.openapi import docs_page, openapi_document
from services.pilot.types import LaneKind, NewFix, NewItem
from tests.api.conftest import HERE, Api

DOCUMENT = openapi_document(ALL_ROUTES)
EXAMPLES = 2
NO_NUL = r"^[^\x00]*$"
CHECKS = (
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
)


@pytest.mark.requirement("FLP-1.3")
async def test_every_route_is_in_the_document_and_the_document_is_served(api: Api) -> None:
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []
    served = await api.call("GET", "/api/v1/openapi.json", by="")
    assert (served.status, served.json) == (200, DOCUMENT)
    described = {(method.upper(), path) for path, operations in DOCUMENT["paths"].items() for method in operations}
    registered = {
        (route.method, route.resource.canonical)
        for route in api.server.app.router.routes()  # type: ignore[attr-defined]
        if route.resource is not None and route.resource.canonical.startswith("/api/v1/")
    }
    assert described == {each for each in registered if not each[1].endswith(("/openapi.json", "/docs"))}
    assert len({route.name for route in ALL_ROUTES}) == len(ALL_ROUTES)
    page = await api.call("GET", "/api/v1/docs", by="")
    assert page.json == docs_page(ALL_ROUTES)
    assert all(path in page.json for path in DOCUMENT["paths"])
    assert "<script" not in page.json


def test_what_is_sent_is_closed_and_what_is_answered_is_whole() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    for name, schema in schemas.items():
        assert schema.get("additionalProperties") is False or schema["type"] == "string", name
    assert set(schemas["Session"]["required"]) == set(schemas["Session"]["properties"])
    for path, operations in DOCUMENT["paths"].items():
        for operation in operations.values():
            assert {"401", "422", "429", "500"} <= operation["responses"].keys(), path


def _without_text_pattern(part: Any) -> Any:
    """Leave out that texts have no NUL: examples of long texts by a pattern take seconds each to make."""
    if isinstance(part, dict):
        kept = {name: value for name, value in part.items() if (name, value) != ("pattern", NO_NUL)}
        return {name: _without_text_pattern(value) for name, value in kept.items()}
    return [_without_text_pattern(each) for each in part] if isinstance(part, list) else part


async def _ids(api: Api) -> dict[str, str]:
    """Return a session with one of everything, each operation its own."""
    pilot, drafted = api.services.pilot, NewFix("Restart", "Restart it.", script_language="bash", script_body="ls /tmp")
    with account_scope(HERE):
        session = await pilot.open("The printer is offline", api.alice)
        await pilot.add_note(session.id, "It has paper", api.alice)
        await pilot.add_items(session.id, [NewItem(LaneKind.QUESTION, "Is it on?")])
        session = await pilot.suggest_fix(session.id, drafted)
        draft = (await api.services.fix_paths.use_and_draft(session.id, session.fixes[0].id, api.alice)).draft
        session = await pilot.suggest_fix(session.id, NewFix("Replace", "Replace the printer."))
    assert draft is not None
    ids = {"id": session.id, "draft_id": draft.id, "template_id": "builtin:flush-dns-windows"}
    ids |= {"item_id": session.items[0].id, "script_id": session.scripts[0].id}
    return ids | {"fact_id": session.facts[0].id, "fix_id": session.fixes[1].id}


@pytest.mark.requirement("FLP-1.3")
async def test_the_server_answers_whatever_the_document_allows_as_the_document_says(api: Api) -> None:
    # every call has a good token: who gets in with others is a test of its own
    schema = schemathesis.openapi.from_dict({**_without_text_pattern(DOCUMENT), "security": []})
    base_url = str(api.server.make_url("")).rstrip("/")
    bearer = {"Authorization": f"Bearer {api.tokens['Alice']}"}
    statuses: dict[str, set[int]] = {}

    def hold_against(operation: Any, ids: dict[str, str], mode: GenerationMode) -> None:
        @settings(
            max_examples=EXAMPLES,
            database=None,
            derandomize=True,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def once(case: Any) -> None:
            case.path_parameters = {name: ids[name] for name in case.path_parameters or {}}
            response = case.call(base_url=base_url, headers=bearer)
            # a body that is too large is refused as that, whatever else is wrong with it
            is_too_large = response.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            left_out = [checks.negative_data_rejection] if is_too_large else []
            case.validate_response(response, checks=CHECKS, excluded_checks=left_out)
            statuses.setdefault(operation.label, set()).add(response.status_code)

        once()

    found: list[Any] = list(schema.get_all_operations())
    for operation in (result.ok() for result in found):
        for mode in GenerationMode:
            if mode is GenerationMode.NEGATIVE and not (operation.body or operation.query):
                continue
            await asyncio.to_thread(hold_against, operation, await _ids(api), mode)
    assert len(statuses) == len(ALL_ROUTES)
    assert {status for seen in statuses.values() for status in seen} >= {200, 201, 422}
