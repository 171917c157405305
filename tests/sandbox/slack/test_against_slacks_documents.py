"""Our judgement of blocks and methods against the vendor's published data, where that lies beside the repository."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sandbox.slack.api import COMMON_ERRORS, METHODS
from sandbox.slack.blocks import check_message_blocks, check_view
from tests.sandbox.slack.block_samples import EXAMPLES, HOME, MODAL

DOCUMENTS = Path(__file__).resolve().parents[4] / "shared" / "vendor" / "slack"
pytestmark = pytest.mark.skipif(not DOCUMENTS.is_dir(), reason="the vendor's documents are not beside the repository")
# Slack's SDK streams with `chunks` alone, which the document does not know yet.
CHUNKS_INSTEAD = {("chat.appendStream", "markdown_text")}


def load(name: str) -> Any:
    """Return one of the vendor's documents."""
    return json.loads((DOCUMENTS / name).read_text(encoding="utf-8"))


def validator_of(example: dict[str, Any]) -> jsonschema.Draft7Validator:
    """Return a validator for a list of blocks of the example's type (trying all types is slow)."""
    schema = load("Blocks.schema.json")
    for name, definition in schema["definitions"].items():
        kinds = [definition, *definition.get("anyOf", [])]
        is_block = name.endswith("Block")
        if is_block and any(k.get("properties", {}).get("type", {}).get("const") == example["type"] for k in kinds):
            items = {"$ref": f"#/definitions/{name}"}
            return jsonschema.Draft7Validator({"definitions": schema["definitions"], "items": items, "type": "array"})
    raise AssertionError(example["type"])


def validator(name: str) -> jsonschema.Draft7Validator:
    """Return a validator for Blocks, Modal or Home."""
    return jsonschema.Draft7Validator(load(f"{name}.schema.json"))


def spoiled(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield variations of an example, each with one thing done to it that a schema could mind."""
    for path in paths(value):
        parent, key = at(value, path[:-1]), path[-1]
        where = "/".join(map(str, path))
        if isinstance(parent, dict):
            yield f"without {where}", changed(value, path, None, remove=True)
        if isinstance(parent[key], dict | list):
            yield f"null at {where}", changed(value, path, None)
        if isinstance(parent[key], str):
            yield f"number at {where}", changed(value, path, 7)
            if key not in ("type", "url"):
                yield f"very long {where}", changed(value, path, "x" * 13_001)
        if isinstance(parent[key], bool):
            yield f"text for {where}", changed(value, path, "yes")
        if isinstance(parent[key], dict):
            yield f"unknown field in {where}", changed(value, path, {**parent[key], "surprise": 1})
            yield f"unknown type in {where}", changed(value, path, {**parent[key], "type": "surprise"})


def paths(value: Any, so_far: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path to everything inside a value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, content in items:
        yield (*so_far, key)
        yield from paths(content, (*so_far, key))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    """Return what is at a path."""
    for key in path:
        value = value[key]
    return value


def changed(value: Any, path: tuple[Any, ...], new: Any, *, remove: bool = False) -> Any:
    """Return a copy with one thing changed or removed."""
    twin = copy.deepcopy(value)
    parent = at(twin, path[:-1])
    if remove:
        del parent[path[-1]]
    else:
        parent[path[-1]] = new
    return twin


def test_every_kind_of_block_has_an_example_that_both_accept() -> None:
    schema = validator("Blocks")
    kinds = {
        str(definition["properties"]["type"]["const"])
        for name, definition in load("Blocks.schema.json")["definitions"].items()
        if name.endswith("Block") and "properties" in definition
    }
    assert kinds | {"image"} == {example["type"] for example in EXAMPLES}
    for example in EXAMPLES:
        assert schema.is_valid([example]), example
        assert check_message_blocks([example]) == [], example


@cache
def judged(position: int) -> list[tuple[str, bool, list[str]]]:
    """Return what was done to an example, whether the schema accepts it then, and what we say."""
    example = EXAMPLES[position]
    schema = validator_of(example)
    return [(what, schema.is_valid(blocks), check_message_blocks(blocks)) for what, blocks in spoiled([example])]


EACH = pytest.mark.parametrize("position", range(len(EXAMPLES)), ids=[str(example["type"]) for example in EXAMPLES])


@EACH
def test_what_the_schema_refuses_we_refuse(position: int) -> None:
    assert [what for what, accepted, problems in judged(position) if not accepted and not problems] == []


@EACH
def test_what_we_refuse_the_schema_refuses_unless_we_know_a_limit_that_it_lacks(position: int) -> None:
    ours_alone = [(what, problems) for what, accepted, problems in judged(position) if accepted and problems]
    unexplained = [
        (what, problem)
        for what, problems in ours_alone
        for problem in problems
        if not _is_a_limit_the_schema_lacks(problem)
    ]
    assert unexplained == []


def _is_a_limit_the_schema_lacks(problem: str) -> bool:
    # The schema leaves the tasks of a plan open.
    if "/tasks/" in problem:
        return True
    known = (
        "must be less than",
        "exactly match a provided option",
        "missing required field: text",
        "missing required field: options",
    )
    return any(words in problem for words in known)


@pytest.mark.parametrize(("name", "example"), [("Modal", MODAL), ("Home", HOME)])
def test_views_are_judged_as_by_their_schemas(name: str, example: dict[str, Any]) -> None:
    schema = validator(name)
    assert schema.is_valid(example)
    assert check_view(example) == []
    outside_blocks = [(what, view) for what, view in spoiled(example) if "blocks/" not in what]
    accepted = [what for what, view in outside_blocks if not schema.is_valid(view) and not check_view(view)]
    assert accepted == []


@pytest.mark.parametrize("name", sorted(METHODS))
def test_a_method_is_as_documented(name: str) -> None:
    documented, ours = load("methods.json")[name], METHODS[name]
    required = {argument for argument in documented["required"] if argument != "token"}
    assert {argument for argument in required if (name, argument) not in CHUNKS_INSTEAD} == set(ours.required)
    assert ours.errors <= set(documented["errors"]) | COMMON_ERRORS
    assert set(ours.scopes) == set(documented["scopes"].get("bot", []))
    assert documented["tier"] == f"t{ours.tier}"
