"""Google's partial answers: `fields=a,b.c,d(e,f)` leaves only those."""

from __future__ import annotations

from typing import Any

from sandbox.google.state import invalid

Tree = dict[str, "Tree"]


def masked(value: Any, fields: str) -> Any:
    """Return what of an answer the mask names; everything without a mask. SheetError for a mask that is none."""
    if not fields or fields == "*":
        return value
    tree, rest = _parse(fields)
    if rest:
        raise invalid("Invalid value at 'fields'")
    return _pick(value, tree)


def _parse(text: str) -> tuple[Tree, str]:
    """Read a list of paths up to a closing bracket; return the tree and what is left."""
    tree: Tree = {}
    while text and not text.startswith(")"):
        length = next((n for n, letter in enumerate(text) if letter in ",()"), len(text))
        path, text = text[:length].replace("/", ".").split("."), text[length:]
        if not all(path):
            raise invalid("Invalid value at 'fields'")
        leaf = tree
        for name in path:
            leaf = leaf.setdefault(name, {})
        if text.startswith("("):
            inner, text = _parse(text[1:])
            leaf.update(inner)
            if not text.startswith(")"):
                raise invalid("Invalid value at 'fields'")
            text = text[1:]
        text = text.removeprefix(",")
    return tree, text


def _pick(value: Any, tree: Tree) -> Any:
    if not tree:
        return value
    if isinstance(value, list):
        return [_pick(each, tree) for each in value]
    if isinstance(value, dict):
        unknown = set(tree) - set(value) - {"frozenRowCount"}
        if unknown:
            raise invalid(f"Invalid field selection {min(unknown)}")
        return {name: _pick(value[name], inner) for name, inner in tree.items() if name in value}
    return value
