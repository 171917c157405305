"""`/api/graphql`: parse, check against the schema, weigh, execute."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from aiohttp import web
from graphql import DocumentNode, ExecutionResult, GraphQLError, OperationDefinitionNode, execute_sync, parse, validate
from graphql.language import OperationType

from sandbox.core import Sandbox
from sandbox.github import search
from sandbox.github.errors import GithubError
from sandbox.github.graphql.connections import NODE_LIMIT, Asked, Json, asked, connection, refusal
from sandbox.github.graphql.schema import schema
from sandbox.github.graphql.views import Views
from sandbox.github.http import SITE, answer, authenticated, exhausted, limit_headers
from sandbox.github.model import Account
from sandbox.github.render import instant
from sandbox.github.state import GithubState

SEARCH_LIMIT = 1000
TIMED_OUT = (
    "Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub bug."
)


@lru_cache(maxsize=64)
def _read(query: str) -> tuple[DocumentNode, list[GraphQLError]]:
    """Return the document and what the schema says against it; a program asks the same few queries all the time."""
    document = parse(query)
    return document, validate(schema(), document)


class GraphqlEndpoint:
    """Answers queries; mutations are not offered."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Handle POST /api/graphql."""
        state = self._sandbox.github
        try:
            actor = authenticated(state, request)
            body = await _body(request)
        except GithubError as error:
            return answer(error.body(), error.status, error.headers)
        state.base_url = f"{request.url.origin()}{SITE}"
        if state.graphql.remaining <= 0:
            reply: Json = {"errors": [{"type": "RATE_LIMITED", "message": str(exhausted(actor))}]}
        else:
            reply = self._run(state, actor, body)
        return answer(reply, headers=limit_headers(state.graphql, "graphql"))

    def _run(self, state: GithubState, actor: Account, body: Json) -> Json:
        query, variables = body.get("query"), body.get("variables") or {}
        if not isinstance(query, str) or not isinstance(variables, dict):
            return {"errors": [{"message": "A query attribute must be specified and must be a string."}]}
        try:
            document, problems = _read(query)
        except GraphQLError as error:
            return {"errors": [_shown(error)]}
        if problems:
            return {"errors": [_shown(error) for error in problems]}
        operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        if any(operation.operation is not OperationType.QUERY for operation in operations):
            return {"errors": [{"message": "Only queries are answered here."}]}
        weight = asked(document, body.get("operationName"), variables)
        if weight.nodes > NODE_LIMIT:
            said = (
                f"This query requests up to {weight.nodes:,} possible nodes which exceeds the maximum limit of 500,000."
            )
            return {"errors": [{"type": "MAX_NODE_LIMIT_EXCEEDED", "message": said}]}
        state.graphql.take(weight.cost)
        root = _Root(state, actor, weight).fields()
        result = execute_sync(
            schema(), document, root, variable_values=variables, operation_name=body.get("operationName")
        )
        return _reply(result)


class _Root:
    """What a query starts from."""

    def __init__(self, state: GithubState, actor: Account, weight: Asked) -> None:
        self._state = state
        self._actor = actor
        self._weight = weight
        self._views = Views(state.base_url, state.broken)

    def fields(self) -> Json:
        """Return the fields of Query."""
        return {
            "viewer": lambda info: self._views.actor(self._actor),
            "rateLimit": self._rate_limit,
            "repository": self._repository,
            "search": self._search,
        }

    def _rate_limit(self, info: Any, **arguments: Any) -> Json:
        limit = self._state.graphql
        return {
            "cost": self._weight.cost,
            "nodeCount": self._weight.nodes,
            "limit": limit.limit,
            "remaining": limit.remaining,
            "used": limit.used,
            "resetAt": instant(limit.reset),
        }

    def _repository(self, info: Any, owner: str, name: str, **arguments: Any) -> Json:
        try:
            return self._views.repository(self._state.repository(f"{owner}/{name}"))
        except GithubError:
            said = f"Could not resolve to a Repository with the name '{owner}/{name}'."
            raise refusal("NOT_FOUND", said) from None

    def _search(self, info: Any, query: str, type: str, **arguments: Any) -> Json:  # noqa: A002 - GraphQL's word
        if type != "ISSUE":
            return {"issueCount": 0, "repositoryCount": 0, **connection("search", [], arguments)}
        try:
            found = search.find(self._state, query)
        except GithubError as error:
            # to a token that sees none of the repositories named there is simply nothing
            if "do not have permission" not in str(error):
                raise refusal("INVALID_SEARCH", str(error)) from None
            found = []
        page = connection("search", found[:SEARCH_LIMIT], arguments)
        above = self._state.timeout_above
        if above is not None and len(page["nodes"]) > above:
            raise refusal("TIMEOUT", TIMED_OUT)
        nodes = [self._views.found(pull) for pull in page["nodes"]]
        return {"issueCount": len(found), "repositoryCount": 0, **page, "nodes": nodes}


async def _body(request: web.Request) -> Json:
    try:
        body = json.loads(await request.read())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise GithubError(400, "Problems parsing JSON")
    return body


def _reply(result: ExecutionResult) -> Json:
    errors = {"errors": [_shown(error) for error in result.errors]} if result.errors else {}
    return {"data": result.data, **errors}


def _shown(error: GraphQLError) -> Json:
    shown: Json = dict(error.formatted)
    extensions = shown.pop("extensions", {})
    return ({"type": extensions["type"]} if "type" in extensions else {}) | shown
