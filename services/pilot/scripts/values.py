"""Check what is put into parameters: each type says what it can hold, and what is wrong with anything else."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from services.errors import InvalidInputError
from services.pilot.scripts.secrets import secret_ranges
from services.pilot.scripts.types import SECRET_PREFIX, Parameter, ParameterType

MAX_VALUE_CHARACTERS = 2_000
SECRET_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,58}[A-Za-z0-9])?")
EMAIL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._%+-]{0,63})@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.){1,8}[A-Za-z]{2,24}")
HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})){0,10}")
USER = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._@-]{0,80}\\)?[A-Za-z0-9._@-]{0,100}\$?")
NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,17})(?:\.\d{1,9})?")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
TRUE_WORDS = frozenset({"true", "yes", "on", "$true", "1"})
FALSE_WORDS = frozenset({"false", "no", "off", "$false", "0"})
CLOSED_TYPES = frozenset({ParameterType.NUMBER, ParameterType.BOOLEAN, ParameterType.HOST, ParameterType.EMAIL})
"""Types whose values no shell reads as anything but themselves, however often they are read."""


class InvalidValuesError(InvalidInputError):
    """Values that do not do; `problems` says of each parameter why, the error itself says the first."""

    def __init__(self, problems: Mapping[str, InvalidInputError]) -> None:
        first = next(iter(problems.values()))
        super().__init__(first.message, hint=first.hint)
        self.problems = problems


def clean_value(parameter: Parameter, given: str) -> str:
    """Return the value as it is kept, or raise `InvalidInputError` with what is wrong and an example.

    What looks like a secret is refused whatever the type: it would stand in the script in clear.
    """
    text = given.strip() if parameter.type is not ParameterType.TEXT else given
    if not text.strip():
        if parameter.is_required:
            raise InvalidInputError(f"“{parameter.title}” is empty.", hint="Fill it in.")
        return ""
    if len(text) > MAX_VALUE_CHARACTERS:
        raise InvalidInputError(f"“{parameter.title}” has more than {MAX_VALUE_CHARACTERS:,} characters.")
    if _CONTROL.search(text):
        raise InvalidInputError(f"“{parameter.title}” holds characters that cannot be shown.", hint="Type it anew.")
    if parameter.is_secret and not text.startswith(SECRET_PREFIX):
        raise InvalidInputError(
            f"“{parameter.title}” takes a reference, never the secret itself.",
            hint="Keep the secret in your secret store and give its name here, such as secret:acme-admin.",
        )
    if secret_ranges(text):
        raise InvalidInputError(
            f"“{parameter.title}” holds what looks like a secret; it would stand in the script in clear.",
            hint="Take it out; a template asks for secrets by reference.",
        )
    if parameter.type is ParameterType.CHOICE:
        return _choice(parameter, text)
    read, example = _READERS[parameter.type]
    value = read(text)
    if value is None:
        raise InvalidInputError(f"“{parameter.title}” cannot be what was typed.", hint=f"Use {example}.")
    return value


def clean_values(parameters: Sequence[Parameter], given: Mapping[str, str]) -> dict[str, str]:
    """Return every parameter's value, defaults where none is given; `InvalidValuesError` names all that are wrong."""
    unknown = given.keys() - {parameter.name for parameter in parameters}
    if unknown:
        raise InvalidInputError(f"The script has no parameter {', '.join(sorted(unknown))[:100]}.")
    clean: dict[str, str] = {}
    problems: dict[str, InvalidInputError] = {}
    for each in parameters:
        try:
            clean[each.name] = clean_value(each, given.get(each.name) or each.default)
        except InvalidInputError as error:
            problems[each.name] = error
    if problems:
        raise InvalidValuesError(problems)
    return clean


def _choice(parameter: Parameter, text: str) -> str:
    found = [option for option in parameter.options if option.casefold() == text.casefold()]
    if not found:
        raise InvalidInputError(
            f"“{parameter.title}” cannot be what was typed.", hint=f"Choose one of {', '.join(parameter.options)}."
        )
    return found[0]


def _matching(expression: re.Pattern[str]) -> Callable[[str], str | None]:
    return lambda text: text if expression.fullmatch(text) else None


def _boolean(text: str) -> str | None:
    word = text.casefold()
    return "true" if word in TRUE_WORDS else "false" if word in FALSE_WORDS else None


def _path(text: str) -> str | None:
    return text if "\n" not in text and not text.startswith("-") and not re.search(r'[<>|"*?]', text) else None


def _secret(text: str) -> str | None:
    name = text.removeprefix(SECRET_PREFIX)
    return text if text.startswith(SECRET_PREFIX) and SECRET_NAME.fullmatch(name) else None


_READERS: dict[ParameterType, tuple[Callable[[str], str | None], str]] = {
    ParameterType.TEXT: (lambda text: text, "any words"),
    ParameterType.NUMBER: (_matching(NUMBER), "a number such as 30 or 2.5"),
    ParameterType.BOOLEAN: (_boolean, "yes or no"),
    ParameterType.PATH: (_path, r"a path such as C:\Data or /srv/data"),
    ParameterType.HOST: (_matching(HOST), "a host name or address such as srv-01.acme.local"),
    ParameterType.EMAIL: (_matching(EMAIL), "an e-mail address such as ana@acme.com"),
    ParameterType.USER: (_matching(USER), r"a user name such as ana.ruiz, ACME\ana or ana@acme.com"),
    ParameterType.SECRET: (_secret, "a reference such as secret:acme-admin, never the secret itself"),
}
