"""The smallest labelled value that satisfies a JSON schema: what an unscripted request is answered with."""

from __future__ import annotations

from typing import Any

LABEL = "Sandbox answer: no script matches this request."
MAX_DEPTH = 12


def instance_of(schema: dict[str, Any]) -> Any:
    """Return a value valid for `schema` (the subset that structured outputs use); strings say that they are canned."""
    return _value(schema, schema, 0)


def _value(schema: dict[str, Any], root: dict[str, Any], depth: int) -> Any:
    if depth > MAX_DEPTH:
        return None
    if "$ref" in schema:
        return _value(_resolve(str(schema["$ref"]), root), root, depth + 1)
    for fixed in ("const", "default"):
        if fixed in schema:
            return schema[fixed]
    if schema.get("enum"):
        return schema["enum"][0]
    for choice in ("anyOf", "oneOf"):
        if schema.get(choice):
            return _value(_plainest(schema[choice]), root, depth + 1)
    if schema.get("allOf"):
        merged: dict[str, Any] = {}
        for part in schema["allOf"]:
            merged |= _resolve(str(part["$ref"]), root) if "$ref" in part else part
        return _value(merged, root, depth + 1)
    return _of_type(schema, root, depth)


def _of_type(schema: dict[str, Any], root: dict[str, Any], depth: int) -> Any:
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        kind = next((name for name in kind if name != "null"), "null")
    kind = str(kind).lower()  # Gemini writes its types in capitals
    if kind == "object":
        properties = schema.get("properties", {})
        wanted = schema.get("required", list(properties))
        return {name: _value(properties.get(name, {}), root, depth + 1) for name in wanted}
    if kind == "array":
        return [_value(schema.get("items", {}), root, depth + 1) for _ in range(int(schema.get("minItems", 0)))]
    if kind in ("integer", "number"):
        return _number(schema, kind)
    if kind == "boolean":
        return False
    return None if kind == "null" else _string(schema)


def _number(schema: dict[str, Any], kind: str) -> float:
    step = 1 if kind == "integer" else 0.001
    low = schema.get("minimum", schema["exclusiveMinimum"] + step if "exclusiveMinimum" in schema else None)
    high = schema.get("maximum", schema["exclusiveMaximum"] - step if "exclusiveMaximum" in schema else None)
    value = max(0, low) if low is not None else 0
    return min(value, high) if high is not None else value


def _string(schema: dict[str, Any]) -> str:
    by_format = {
        "date-time": "2026-01-01T00:00:00Z",
        "date": "2026-01-01",
        "uri": "https://example.test/",
        "email": "a@example.test",
    }
    text = by_format.get(str(schema.get("format")), LABEL)
    text = text.ljust(int(schema.get("minLength", 0)), ".")
    return text[: int(schema["maxLength"])] if "maxLength" in schema else text


def _plainest(choices: list[dict[str, Any]]) -> dict[str, Any]:
    return next((choice for choice in choices if choice.get("type") != "null"), choices[0])


def _resolve(reference: str, root: dict[str, Any]) -> dict[str, Any]:
    node: Any = root
    for part in reference.removeprefix("#/").split("/"):
        node = node[part.replace("~1", "/").replace("~0", "~")]
    return dict(node)
