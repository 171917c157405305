"""Say what is wrong with a template before it is saved."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal

from services.errors import InvalidInputError
from services.pilot.scripts.constants import constants_of
from services.pilot.scripts.extraction import MAX_PARAMETERS, MAX_SCRIPT_CHARACTERS
from services.pilot.scripts.lexing import Kind
from services.pilot.scripts.placeholders import masked, problems_of
from services.pilot.scripts.reading import MARK
from services.pilot.scripts.secrets import is_secret, names_a_secret, secret_ranges
from services.pilot.scripts.types import Parameter, ParameterType, TemplateDraft
from services.pilot.scripts.values import clean_value

MAX_NAME_CHARACTERS = 120
FORM_CHARACTERS = 3_000
"""A longer body cannot be shown in a form."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
Part = Literal["name", "parameters", "body"]


class InvalidTemplateError(InvalidInputError):
    """A template that cannot be saved; `part` says which part of it is wrong, for the form's field."""

    def __init__(self, part: Part, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.part = part


def checked(draft: TemplateDraft) -> TemplateDraft:
    """Return the draft tidied up, or raise `InvalidTemplateError` with the first thing that is wrong."""
    draft = replace(draft, name=" ".join(draft.name.split()), description=draft.description.strip())
    if not draft.name or len(draft.name) > MAX_NAME_CHARACTERS:
        raise InvalidTemplateError("name", f"A template needs a name of up to {MAX_NAME_CHARACTERS} characters.")
    if not draft.body.strip() or len(draft.body) > MAX_SCRIPT_CHARACTERS:
        raise InvalidTemplateError("body", f"A template needs a script of up to {MAX_SCRIPT_CHARACTERS:,} characters.")
    if len(draft.parameters) > 2 * MAX_PARAMETERS:
        raise InvalidTemplateError("parameters", f"A template has up to {2 * MAX_PARAMETERS} parameters.")
    names = [parameter.name for parameter in draft.parameters]
    if len(set(names)) != len(names):
        raise InvalidTemplateError("parameters", "Two parameters have the same name.")
    for parameter in draft.parameters:
        _check_parameter(parameter)
    if problems := problems_of(draft.language, draft.body, draft.parameters):
        raise InvalidTemplateError("body", f"The template cannot be saved: {problems[0]}.")
    _check_secrets(draft, names)
    return draft


def _check_parameter(parameter: Parameter) -> None:
    if not _NAME.fullmatch(parameter.name):
        raise InvalidTemplateError(
            "parameters", f"“{parameter.name[:40]}” is no name of a parameter.", hint="Use small letters, digits and _."
        )
    if parameter.type is ParameterType.TEXT and names_a_secret(parameter.name):
        raise InvalidTemplateError(
            "parameters",
            f"“{parameter.title}” is called like a secret and would be filled in as text.",
            hint="Give it the type secret, or another name.",
        )
    if parameter.type is ParameterType.CHOICE and len(set(parameter.options)) < 2:
        raise InvalidTemplateError("parameters", f"“{parameter.title}” needs at least two options.")
    if parameter.default:
        try:
            clean_value(parameter, parameter.default)
        except InvalidInputError as error:
            raise InvalidTemplateError("parameters", error.message, hint=error.hint) from None


def _check_secrets(draft: TemplateDraft, names: list[str]) -> None:
    text = masked(draft.body, names).text
    ranges = secret_ranges(text)
    for constant in constants_of(draft.language, text):
        is_comment = constant.kind is Kind.COMMENT
        in_range = any(start < constant.end and end > constant.start for start, end in ranges)
        held = in_range if is_comment else is_secret(constant, ranges)
        if held and not MARK.search(constant.raw):
            line = text.count("\n", 0, constant.start) + 1
            raise InvalidTemplateError(
                "body",
                f"Line {line} holds what looks like a secret.",
                hint="Put a parameter of type secret in its place.",
            )
