"""All commands: declare, find what was typed, suggest what was meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from services.accounts.types import Role
from services.commands.parser import bind
from services.commands.spec import CommandFunction, CommandSpec, read_parameters
from services.commands.tokens import Token, quote, split
from services.errors import InvalidInputError

Function = TypeVar("Function", bound=CommandFunction)
POLITE = re.compile(r"(?:(?:hey|hi|hello|please|pls|can you|could you|would you|kindly)\b[\s,:]*)+", re.I)
APP_NAME = re.compile(r"flowpilot\b[\s,:]*", re.I)
BOT_MENTION = re.compile(r"\s*<@[UW][A-Z0-9]+(?:\|[^>]*)?>[\s,:]*")
NEAREST = 3


@dataclass(frozen=True)
class Invocation:
    """A command and the arguments it was given."""

    spec: CommandSpec
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class HelpRequest:
    """Somebody asks what there is: of one slash command, of one topic in it, or of all (`slash` None)."""

    slash: str | None = None
    specs: tuple[CommandSpec, ...] = ()


Parsed = Invocation | HelpRequest


class Commands:
    """Commands by their words; a feature declares its own and the application includes them all."""

    def __init__(self) -> None:
        self._by_slash: dict[str, dict[tuple[str, ...], CommandSpec]] = {}

    def command(
        self,
        slash: str,
        name: str = "",
        *,
        summary: str,
        role: Role = Role.VIEWER,
        usage: str | None = None,
        examples: tuple[str, ...] = (),
        description: str = "",
        reads_only: bool = False,
    ) -> Callable[[Function], Function]:
        """Declare the function below as `/slash name`; its parameters after the request are the arguments.

        `usage` replaces the derived argument part of the usage line; `reads_only` tells assistants that it changes
        nothing. An empty name takes what no other command of the slash command takes.
        """

        def declare(function: Function) -> Function:
            arguments, options = read_parameters(function)
            spec = CommandSpec(
                slash=slash,
                name=" ".join(name.lower().split()),
                summary=summary,
                function=function,
                arguments=arguments,
                options=options,
                role=role,
                usage_text=usage,
                examples=examples,
                description=description,
                reads_only=reads_only,
            )
            self.add(spec)
            return function

        return declare

    def add(self, spec: CommandSpec) -> None:
        """Add a command; `ValueError` when its words are taken."""
        named = self._by_slash.setdefault(spec.slash, {})
        if spec.words in named or spec.words == ("help",):
            raise ValueError(f"`{spec.title}` is declared twice")
        named[spec.words] = spec

    def include(self, other: Commands) -> None:
        """Add all commands of `other`."""
        for spec in other:
            self.add(spec)

    def __iter__(self) -> Iterator[CommandSpec]:
        """Yield every command in the order of declaration."""
        for named in self._by_slash.values():
            yield from named.values()

    @property
    def slashes(self) -> tuple[str, ...]:
        """The slash commands there are."""
        return tuple(self._by_slash)

    def of(self, slash: str) -> tuple[CommandSpec, ...]:
        """Return the commands of one slash command."""
        return tuple(self._by_slash.get(slash, {}).values())

    def parse(self, slash: str, text: str) -> Parsed:
        """Return what `/slash text` asks for; raises `InvalidInputError` with the nearest commands."""
        named = self._by_slash.get(slash)
        if named is None:
            raise InvalidInputError(f"There is no {quote(slash)}.", hint=f"There are {', '.join(self.slashes)}.")
        tokens = split(text)
        if (not tokens and () not in named) or (tokens and tokens[0].text.lower() == "help"):
            return self._help(slash, named, tokens[1:])
        spec, used = _longest(named, tokens)
        if spec is not None:
            return Invocation(spec, bind(spec, _after(text, tokens, used)))
        raise InvalidInputError(
            f"{quote(slash + ' ' + tokens[0].text)} is not a command.",
            hint=self._hint(slash, _nearest(tokens, {" ".join(words): found for words, found in named.items()})),
        )

    def parse_plain_text(self, text: str) -> Parsed:
        """Return what a message asks for in plain words ("move ABC-1 to QA"); raises `InvalidInputError`."""
        text = _without_politeness(text, self._by_slash.get("/flowpilot", {}))
        tokens = split(text)
        if not tokens or tokens[0].text.lower() == "help":
            return HelpRequest()
        slash = "/" + tokens[0].text.lower().removeprefix("/")
        if slash in self._by_slash:
            return self.parse(slash, _after(text, tokens, 1))
        found = [(spec, used) for named in self._by_slash.values() for spec, used in [_longest(named, tokens)] if used]
        longest = max((used for _, used in found), default=0)
        best = [spec for spec, used in found if spec is not None and used == longest]
        if len(best) == 1:
            return Invocation(best[0], bind(best[0], _after(text, tokens, longest)))
        if best:
            raise InvalidInputError(
                f"{quote(best[0].name)} can mean several things.",
                hint="Say which: " + ", ".join(f"`{spec.title.removeprefix('/')}`" for spec in best) + ".",
            )
        names = {spec.name: spec for spec in self if spec.name}
        raise InvalidInputError(
            "I did not understand that, and did nothing.", hint=self._hint(None, _nearest(tokens, names))
        )

    def _help(self, slash: str, named: dict[tuple[str, ...], CommandSpec], topic: list[Token]) -> HelpRequest:
        words = tuple(token.text.lower() for token in topic)
        specs = tuple(spec for spec in named.values() if spec.words[: len(words)] == words)
        return HelpRequest(slash, specs or tuple(named.values()))

    def _hint(self, slash: str | None, nearest: list[CommandSpec]) -> str:
        everything = f"`{slash} help` lists what there is." if slash else "Say `help` to see what I can do."
        if not nearest:
            return everything
        return "Did you mean " + " or ".join(f"`{spec.usage}`" for spec in nearest) + f"? {everything}"


def _longest(named: dict[tuple[str, ...], CommandSpec], tokens: list[Token]) -> tuple[CommandSpec | None, int]:
    """Return the command whose words the line starts with, the longest first, and how many words it has."""
    for length in range(min(max(map(len, named)), len(tokens)), 0, -1):
        spec = named.get(tuple(token.text.lower() for token in tokens[:length]))
        if spec is not None:
            return spec, length
    return named.get(()), 0


def _after(text: str, tokens: list[Token], used: int) -> str:
    return text[tokens[used - 1].end :].strip() if used else text.strip()


def _nearest(tokens: list[Token], named: dict[str, CommandSpec]) -> list[CommandSpec]:
    typed = [token.text.lower()[:40] for token in tokens[:3]]
    found: dict[str, CommandSpec] = {}
    for words in range(len(typed), 0, -1):
        for name in difflib.get_close_matches(" ".join(typed[:words]), [n for n in named if n], NEAREST, 0.6):
            found.setdefault(name, named[name])
    return list(found.values())[:NEAREST]


def _without_politeness(text: str, own: dict[tuple[str, ...], CommandSpec]) -> str:
    """Take mentions, "please" and the application's name off the start; `own` are the commands that begin with it."""
    while mention := BOT_MENTION.match(text):
        text = text[mention.end() :]
    text = text.strip()
    while True:
        polite = POLITE.match(text) or APP_NAME.match(text)
        if polite is None or polite.end() == len(text):
            return text
        rest = text[polite.end() :]
        if APP_NAME.match(text) and own and _longest(own, split(rest))[1]:
            return text
        text = rest
