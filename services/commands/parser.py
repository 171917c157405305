"""Bind what was typed to a command's arguments."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.commands.spec import CommandSpec, Parameter
from services.commands.tokens import Token, quote, split
from services.commands.types import MemberMention, Rest, TicketKey, Word
from services.errors import InvalidInputError

DASHES = ("--", "—", "–")


def bind(spec: CommandSpec, text: str) -> dict[str, Any]:
    """Return the arguments of `spec` in `text` (what follows the command's words); raises `InvalidInputError`."""
    arguments: dict[str, Any] = {}
    text, tokens = _take_options(spec, text, arguments)
    position = 0
    for index, parameter in enumerate(spec.arguments):
        following = spec.arguments[index + 1] if index + 1 < len(spec.arguments) else None
        arguments[parameter.name], position = _take(spec, parameter, following, text, tokens, position)
    if position < len(tokens):
        raise _wrong(spec, f"{quote(text[tokens[position].start :])} is more than `{spec.title}` takes.")
    return arguments


def _take_options(spec: CommandSpec, text: str, arguments: dict[str, Any]) -> tuple[str, list[Token]]:
    """Read the declared options out of the text; what is not declared stays (it may be part of a comment)."""
    for option in spec.options:
        arguments[option.name] = option.default
    tokens = split(text)
    if not spec.options:
        return text, tokens
    by_name = {option.option: option for option in spec.options}
    cuts: list[tuple[int, int]] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        position += 1
        name, separator, value = _option_name(token).partition("=")
        parameter = by_name.get(name)
        if parameter is None:
            if name and not any(argument.type is Rest for argument in spec.arguments):
                raise _wrong(spec, f"{quote(token.text)} is no option of `{spec.title}`.")
            continue
        end = token.end
        if parameter.type is not bool and not separator:
            if position == len(tokens):
                raise _wrong(spec, f"`{parameter.option}` needs a value.")
            value, end = tokens[position].text, tokens[position].end
            position += 1
        arguments[parameter.name] = True if parameter.type is bool else convert(parameter, value, spec)
        cuts.append((token.start, end))
    for start, end in reversed(cuts):
        text = (text[:start].rstrip() + " " + text[end:].lstrip()).strip()
    return text, split(text) if cuts else tokens


def _option_name(token: Token) -> str:
    """Return `--name` of an option; phones and desktops turn `--` into one long dash."""
    if token.is_quoted:
        return ""
    for dash in DASHES:
        if token.text.startswith(dash) and len(token.text) > len(dash):
            return "--" + token.text.removeprefix(dash).lower()
    return ""


def _take(
    spec: CommandSpec, parameter: Parameter, following: Parameter | None, text: str, tokens: list[Token], position: int
) -> tuple[Any, int]:
    start = position
    if parameter.connector and position < len(tokens) and _is_word(tokens[position], parameter.connector):
        position += 1
    if position == len(tokens):
        if parameter.is_required or position > start:
            raise _wrong(spec, f"{_wanted(spec, parameter)} is missing.")
        return parameter.default, position
    token = tokens[position]
    if not parameter.is_required and following and following.connector and _is_word(token, following.connector):
        return parameter.default, position
    if parameter.type is Rest:
        return Rest(text[token.start :].strip(), text[tokens[start].start :].strip()), len(tokens)
    if parameter.type is MemberMention and following is None and not MemberMention.read(token.text).slack_user_id:
        return MemberMention.read(" ".join(part.text for part in tokens[position:])), len(tokens)
    if parameter.type is TicketKey and not parameter.is_required and position == start:
        key = None if token.is_quoted else TicketKey.read(token.text)
        return (key, position + 1) if key else (parameter.default, position)
    return convert(parameter, token.text, spec), position + 1


def _is_word(token: Token, word: str) -> bool:
    # a capital tells "To Do" (a status) from "to" (the connecting word)
    return not token.is_quoted and token.text == word


def convert(parameter: Parameter, text: str, spec: CommandSpec) -> Any:
    """Return one value typed for `parameter`; raises `InvalidInputError` that says what was expected."""
    if parameter.choices:
        chosen = next((choice for choice in parameter.choices if choice.lower() == text.lower()), None)
        if chosen is None:
            raise _wrong(spec, f"{quote(text)} is not one of {', '.join(parameter.choices)}.")
        return chosen
    if parameter.type is TicketKey:
        key = TicketKey.read(text)
        if key is None:
            raise _wrong(spec, f"{quote(text)} is not a ticket key such as ABC-123.")
        return key
    if parameter.type is MemberMention:
        return MemberMention.read(text)
    if parameter.type is int:
        # ASCII only and short: int() also takes other scripts' digits, and refuses thousands of them in its own words
        if not (text.isascii() and text.isdigit() and len(text) <= 9):
            raise _wrong(spec, f"{quote(text)} is not a whole number.")
        return int(text)
    if parameter.type is datetime:
        return _read_date(text, spec)
    return Word(text)


def _read_date(text: str, spec: CommandSpec) -> datetime:
    """Read an ISO date or time; naive when it names no zone, which then is the account's."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise _wrong(spec, f"{quote(text)} is not a date such as 2026-11-23 or 2026-11-23T10:00.") from None


def _wanted(spec: CommandSpec, parameter: Parameter) -> str:
    if parameter.type is TicketKey:
        return "The ticket key"
    if parameter.type is MemberMention:
        return "The person"
    if spec.usage_text and parameter is spec.arguments[-1]:  # the usage has a better name than the parameter
        return f"`{spec.usage_text.split()[-1].strip('[]')}`"
    return f"`{parameter.placeholder}`"


def _wrong(spec: CommandSpec, message: str) -> InvalidInputError:
    example = f" For example `{spec.examples[0]}`." if spec.examples else ""
    return InvalidInputError(message, hint=f"It goes `{spec.usage}`.{example}")
