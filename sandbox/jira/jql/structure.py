"""The syntax tree as `POST jql/parse` shows it."""

from __future__ import annotations

from typing import Any

from sandbox.jira.jql.syntax import Clause, Empty, Function, Listed, Node, Operand, Query

Json = dict[str, Any]


def structure(query: Query) -> Json:
    """Return the parsed query in the vendor's form."""
    body: Json = {}
    if query.where is not None:
        body["where"] = _node(query.where)
    if query.order_by:
        fields = [{"field": _field(by.field), "direction": "desc" if by.descending else "asc"} for by in query.order_by]
        body["orderBy"] = {"fields": fields}
    return body


def _field(name: str) -> Json:
    return {"name": name, "encodedName": f'"{name}"' if " " in name else name}


def _node(node: Node) -> Json:
    if isinstance(node, Clause):
        return {"field": _field(node.field), "operator": node.operator, "operand": _operand(node.operand)}
    return {"operator": node.operator, "clauses": [_node(clause) for clause in node.clauses]}


def _operand(operand: Operand) -> Json:
    if isinstance(operand, Empty):
        return {"keyword": "empty"}
    if isinstance(operand, Function):
        return {"function": operand.name, "arguments": list(operand.arguments)}
    if isinstance(operand, Listed):
        return {"values": [_operand(item) for item in operand.items]}
    return {"value": operand.text, "encodedValue": operand.text}
