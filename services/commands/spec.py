"""A command as declared: its words, its typed arguments read from the function, its role."""

from __future__ import annotations

import inspect
import types
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from services.accounts.types import Role
from services.commands.types import MemberMention, Reply, Rest, TicketKey, Word

CommandFunction = Callable[..., Awaitable[Reply | None]]
"""Takes the request and the arguments; answers nothing where it opened a form instead."""
CONNECTORS = frozenset({"to", "by", "with", "from", "for", "at", "on", "in"})
ARGUMENT_TYPES = (TicketKey, MemberMention, Word, Rest, int)
OPTION_TYPES = (bool, datetime, int, Word)


@dataclass(frozen=True)
class Parameter:
    """One argument; `connector` is a word that may stand before it ("to", "by")."""

    name: str
    type: type
    is_required: bool
    default: Any
    connector: str | None = None
    choices: tuple[str, ...] = ()

    @property
    def placeholder(self) -> str:
        """What usage shows in its place."""
        if self.choices:
            return "|".join(self.choices)
        if self.type is datetime:
            return "DATE"
        if self.type is MemberMention:
            return "@person"
        if self.name in CONNECTORS:
            return "KEY" if self.type is TicketKey else "TEXT"
        return self.name.upper()

    @property
    def usage(self) -> str:
        """How it is written: `to TEXT`, `[KEY]`."""
        shown = f"{self.connector} {self.placeholder}" if self.connector else self.placeholder
        return shown if self.is_required else f"[{shown}]"

    @property
    def option(self) -> str:
        """The option's name on the line: `--dry-run`."""
        return "--" + self.name.replace("_", "-")


@dataclass(frozen=True)
class CommandSpec:
    """One command; everything else (grammar, help, tools, role check) is derived from it."""

    slash: str
    name: str
    summary: str
    function: CommandFunction
    arguments: tuple[Parameter, ...]
    options: tuple[Parameter, ...]
    role: Role = Role.VIEWER
    usage_text: str | None = None
    examples: tuple[str, ...] = ()
    description: str = ""
    reads_only: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """The words that call it; empty for what a slash command does without one."""
        return tuple(self.name.split())

    @property
    def title(self) -> str:
        """The command without arguments: `/ticket move`."""
        return f"{self.slash} {self.name}".strip()

    @property
    def usage(self) -> str:
        """The whole line: `/ticket move [KEY] to STATUS [--dry-run]`."""
        arguments = self.usage_text
        if arguments is None:
            arguments = " ".join(argument.usage for argument in self.arguments)
        options = [
            f"[{option.option}]" if option.type is bool else f"[{option.option} {option.placeholder}]"
            for option in self.options
        ]
        return " ".join(part for part in (self.title, arguments, *options) if part)

    @property
    def tool_name(self) -> str:
        """The name under which an assistant calls it: `ticket_move`."""
        return "_".join((self.slash.removeprefix("/"), *self.words)).replace("-", "_")


def read_parameters(function: CommandFunction) -> tuple[tuple[Parameter, ...], tuple[Parameter, ...]]:
    """Return the arguments and the options (keyword-only) that a function declares after its request.

    The arguments' types are read at once, so they are imported at run time. Raises `TypeError` for a type that
    cannot be typed on a line, for an argument after `Rest`, and for an option without a default.
    """
    declared = list(inspect.signature(function).parameters.values())[1:]
    annotations = {parameter.name: parameter.annotation for parameter in declared}
    hints = get_type_hints(types.SimpleNamespace(__annotations__=annotations), function.__globals__)
    arguments: list[Parameter] = []
    options: list[Parameter] = []
    for parameter in declared:
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            options.append(_parameter(parameter, hints[parameter.name], OPTION_TYPES))
            if options[-1].is_required:
                raise TypeError(f"option {parameter.name} of {function.__name__} needs a default")
        else:
            if arguments and arguments[-1].type is Rest:
                raise TypeError(f"{parameter.name} of {function.__name__} comes after Rest, which takes everything")
            arguments.append(_parameter(parameter, hints[parameter.name], ARGUMENT_TYPES))
    return tuple(arguments), tuple(options)


def _parameter(parameter: inspect.Parameter, hint: Any, allowed: tuple[type, ...]) -> Parameter:
    hint, may_be_none = _without_none(hint)
    choices: tuple[str, ...] = ()
    if get_origin(hint) is Literal:
        choices, hint = tuple(str(choice) for choice in get_args(hint)), Word
    if hint not in allowed:
        raise TypeError(f"{parameter.name}: {hint!r} is not one of {', '.join(kind.__name__ for kind in allowed)}")
    has_default = parameter.default is not inspect.Parameter.empty
    return Parameter(
        name=parameter.name,
        type=hint,
        is_required=not may_be_none and not has_default,
        default=parameter.default if has_default else None,
        connector=parameter.name if parameter.name in CONNECTORS else None,
        choices=choices,
    )


def _without_none(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) not in (Union, types.UnionType):
        return hint, False
    rest = [part for part in get_args(hint) if part is not type(None)]
    return (rest[0] if len(rest) == 1 else hint), len(rest) < len(get_args(hint))
