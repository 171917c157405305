"""The grammar that the table of blocks is written in: rules that note what is wrong, and where."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Problems = list[str]
Rule = Callable[[Any, str, Problems], None]


def note(problems: Problems, what: str, pointer: str) -> None:
    """Add a problem in Slack's words."""
    problems.append(f"[ERROR] {what} [json-pointer:{pointer}]")


def string(maximum: int | None = None, minimum: int = 0) -> Rule:
    """Accept a string of `minimum` to `maximum` characters."""

    def check(value: Any, pointer: str, problems: Problems) -> None:
        if not isinstance(value, str):
            note(problems, "must provide a string", pointer)
        elif len(value) < minimum:
            note(problems, f"must be more than {minimum - 1} characters", pointer)
        elif maximum is not None and len(value) > maximum:
            note(problems, f"must be less than {maximum + 1} characters", pointer)

    return check


def boolean(value: Any, pointer: str, problems: Problems) -> None:
    """Accept true and false."""
    if not isinstance(value, bool):
        note(problems, "must provide a boolean", pointer)


def number(value: Any, pointer: str, problems: Problems) -> None:
    """Accept a number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        note(problems, "must provide a number", pointer)


def choice(*allowed: Any) -> Rule:
    """Accept one of the given values."""

    def check(value: Any, pointer: str, problems: Problems) -> None:
        if value not in allowed or isinstance(value, bool):
            note(problems, f"must be a valid enum value: {', '.join(map(str, allowed))}", pointer)

    return check


def list_of(rule: Rule, maximum: int | None = None, minimum: int = 0) -> Rule:
    """Accept a list of things that `rule` accepts."""

    def check(value: Any, pointer: str, problems: Problems) -> None:
        if not isinstance(value, list):
            note(problems, "must provide an array", pointer)
            return
        if maximum is not None and len(value) > maximum:
            note(problems, f"no more than {maximum} items allowed", pointer)
        if len(value) < minimum:
            note(problems, f"no less than {minimum} items allowed", pointer)
        for position, item in enumerate(value):
            rule(item, f"{pointer}/{position}", problems)

    return check


def record(
    required: Mapping[str, Rule] | None = None, optional: Mapping[str, Rule] | None = None, *, type_: str = ""
) -> Rule:
    """Accept an object with these fields and no others; `type_` is what its field `type` must say."""
    required, optional = dict(required or {}), dict(optional or {})
    if type_:
        required["type"] = choice(type_)
    known = {**required, **optional}

    def check(value: Any, pointer: str, problems: Problems) -> None:
        if not isinstance(value, dict):
            note(problems, "must provide an object", pointer)
            return
        for name in required:
            if name not in value:
                note(problems, f"missing required field: {name}", pointer)
        for name, content in value.items():
            if name in known:
                known[name](content, f"{pointer}/{name}", problems)
            else:
                note(problems, f"invalid additional property: {name}", pointer)

    return check


def typed(table: Mapping[str, Rule], what: str = "type") -> Rule:
    """Accept an object whose field `type` is in the table, by the rule found there."""

    def check(value: Any, pointer: str, problems: Problems) -> None:
        if not isinstance(value, dict):
            note(problems, "must provide an object", pointer)
            return
        kind = value.get("type")
        rule = table.get(kind) if isinstance(kind, str) else None
        if kind is None:
            note(problems, "missing required field: type", pointer)
        elif rule is None:
            note(problems, f"unsupported {what}: {kind}", f"{pointer}/type")
        else:
            rule(value, pointer, problems)

    return check


def one_of(*alternatives: Rule) -> Rule:
    """Accept what at least one of the rules accepts; otherwise tell what the closest one says."""

    def check(value: Any, pointer: str, problems: Problems) -> None:
        best: Problems | None = None
        for rule in alternatives:
            found: Problems = []
            rule(value, pointer, found)
            if not found:
                return
            if best is None or len(found) < len(best):
                best = found
        problems.extend(best or [])

    return check


def both(*rules: Rule) -> Rule:
    """Accept what all of the rules accept."""

    def check(value: Any, pointer: str, problems: Problems) -> None:
        for rule in rules:
            rule(value, pointer, problems)

    return check


def needs_one(*names: str) -> Rule:
    """Demand at least one of these fields."""

    def check(value: Any, pointer: str, problems: Problems) -> None:
        if isinstance(value, dict) and not any(value.get(name) for name in names):
            note(problems, f"missing required field: {names[0]}", pointer)

    return check


def only_one(*names: str) -> Rule:
    """Refuse more than one of these fields."""

    def check(value: Any, pointer: str, problems: Problems) -> None:
        if isinstance(value, dict) and sum(name in value for name in names) > 1:
            note(problems, f"only one of {', '.join(names)} allowed", pointer)

    return check


def later(find: Callable[[], Rule]) -> Rule:
    """Look a rule up when it is used (blocks hold blocks)."""
    return lambda value, pointer, problems: find()(value, pointer, problems)
