"""Pages of GraphQL connections, and what a query asks for in all."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)

PAGE_LIMIT = 100
NODE_LIMIT = 500_000
Json = dict[str, Any]


def refusal(kind: str, message: str) -> GraphQLError:
    """Return an error with GitHub's type."""
    return GraphQLError(message, extensions={"type": kind})


def cursor(position: int) -> str:
    """Return the cursor after so many items."""
    return base64.b64encode(f"cursor:{position}".encode()).decode()


def position(text: str) -> int:
    """Return after how many items a cursor stands; GraphQLError for what is none."""
    try:
        word, _, number = base64.b64decode(text, validate=True).decode().partition(":")
        if word == "cursor" and number.isdigit():
            return int(number)
    except ValueError:
        pass
    raise refusal("INVALID_CURSOR_ARGUMENTS", f"`{text}` does not appear to be a valid cursor.")


def connection(name: str, items: Sequence[Any], arguments: Mapping[str, Any]) -> Json:
    """Return a connection's page of items; GraphQLError without `first` or `last`, or with more than 100."""
    first, last = arguments.get("first"), arguments.get("last")
    if first is None and last is None:
        raise refusal(
            "MISSING_PAGINATION_BOUNDARIES",
            f"You must provide a `first` or `last` value to properly paginate the `{name}` connection.",
        )
    for word, number in (("first", first), ("last", last)):
        if number is not None and not 0 <= number <= PAGE_LIMIT:
            raise refusal(
                "EXCESSIVE_PAGINATION",
                f"Requesting {number} records on the `{name}` connection exceeds the `{word}` limit of 100 records.",
            )
    start = position(arguments["after"]) if arguments.get("after") else 0
    end = position(arguments["before"]) - 1 if arguments.get("before") else len(items)
    if first is not None:
        end = min(end, start + first)
    if last is not None:
        start = max(start, end - last)
    chosen = items[start:end]
    return {
        "totalCount": len(items),
        "nodes": list(chosen),
        "pageInfo": {
            "hasNextPage": end < len(items),
            "hasPreviousPage": start > 0,
            "startCursor": cursor(start + 1) if chosen else None,
            "endCursor": cursor(start + len(chosen)) if chosen else None,
        },
    }


@dataclass
class Asked:
    """What a query may return at most, and how many requests it stands for."""

    nodes: int = 0
    requests: int = 0

    @property
    def cost(self) -> int:
        """Return its points, by GitHub's formula."""
        return max(1, round(self.requests / 100))


def asked(document: DocumentNode, operation_name: str | None, variables: Mapping[str, Any]) -> Asked:
    """Add up what a query asks for, with its fragments."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    total = Asked()

    def walk(selection: SelectionSetNode | None, times: int) -> None:
        for node in selection.selections if selection else ():
            if isinstance(node, FragmentSpreadNode):
                fragment = fragments.get(node.name.value)
                walk(fragment.selection_set if fragment else None, times)
            elif isinstance(node, InlineFragmentNode):
                walk(node.selection_set, times)
            elif isinstance(node, FieldNode):
                size = _size(node, variables)
                if size is not None:
                    total.nodes += times * size
                    total.requests += times
                walk(node.selection_set, times * (1 if size is None else size))

    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode) and operation_name in (
            None,
            definition.name.value if definition.name else None,
        ):
            walk(definition.selection_set, 1)
    return total


def _size(node: FieldNode, variables: Mapping[str, Any]) -> int | None:
    for argument in node.arguments or ():
        if argument.name.value not in ("first", "last"):
            continue
        if isinstance(argument.value, IntValueNode):
            return int(argument.value.value)
        if isinstance(argument.value, VariableNode):
            value = variables.get(argument.value.name.value)
            return value if isinstance(value, int) else None
    return None
