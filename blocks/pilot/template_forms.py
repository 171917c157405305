"""The forms of script templates: build or edit one, fill one in with what is known."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from blocks.pilot.fix import risk_text
from blocks.pilot.parts import Block, context, option, plain, section, text_input
from blocks.pilot.script import RUNS_NOTHING
from blocks.text import bold, escape, truncate
from services.pilot.scripts.checking import FORM_CHARACTERS, MAX_NAME_CHARACTERS
from services.pilot.scripts.param_block import asked_words
from services.pilot.scripts.parameter_lines import HINT, lines_of
from services.pilot.scripts.prefill import Prefilled, ValueSource
from services.pilot.scripts.types import Language, ParameterType, PendingDraft, RiskReport, Template, TemplateDraft

BUILD_VIEW, FILL_VIEW, DRAFT_VIEW, EDIT_VIEW = (
    "pilot.build_form",
    "pilot.fill_form",
    "pilot.draft_form",
    "pilot.template_form",
)
METADATA_CHARACTERS = 2_500
"""Slack takes 3,000 of a form's own data."""
NAME, BODY, DESCRIPTION, PARAMETERS, VALUE = "name", "body", "description", "parameters", "value:"
SYMPTOMS = "symptoms"
ONE_A_LINE = "One a line; by these and the name it is found."
MAX_SYMPTOMS, SYMPTOM_CHARACTERS = 12, 200


def found_words(draft: TemplateDraft | PendingDraft | None) -> str:
    """Say how many parameters a script has."""
    count = len(draft.parameters) if draft else 0
    if not count and draft and asked_words(draft.language, draft.body):
        return "The script itself takes its values"
    return f"{count} parameter{'' if count == 1 else 's'} found" if count else "Nothing differs from case to case"


def loading_form(title: str, said: str) -> Block:
    """Return what stands there while a form is made."""
    return _modal("pilot.loading", title, [section(f":hourglass_flowing_sand: {escape(said)}")])


def failed_form(title: str, said: str) -> Block:
    """Return why a form cannot be shown, and what to do."""
    return _modal("pilot.failed", title, [section(f":warning: {escape(said)}")], close="Close")


def _modal(callback_id: str, title: str, blocks: Sequence[Block], *, submit: str = "", close: str = "Cancel") -> Block:
    view: Block = {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(title, 24),
        "close": plain(close, 24),
        "blocks": list(blocks),
    }
    return view | {"submit": plain(submit, 24)} if submit else view


def template_form(
    callback_id: str, title: str, metadata: Mapping[str, Any], draft: TemplateDraft, risk: RiskReport, said: str = ""
) -> Block:
    """Return a template to be edited and saved; a body over an input's size is saved as it is."""
    lines = lines_of(draft.parameters)
    name = text_input(NAME, "Name", value=draft.name, hint="What people find it by.", multiline=False)
    name["element"]["max_length"] = MAX_NAME_CHARACTERS
    parameters = text_input(PARAMETERS, "Parameters", value=lines, hint=HINT, is_optional=True)
    parameters["element"]["placeholder"] = plain("host: host # Print server", 150)
    blocks = [
        *([section(said)] if said else []),
        name,
        text_input(DESCRIPTION, "What it is good for", value=draft.description, is_optional=True, multiline=False),
        text_input(
            SYMPTOMS, "What people say who need it", value="\n".join(draft.symptoms), hint=ONE_A_LINE, is_optional=True
        ),
        parameters,
    ]
    if len(draft.body) <= FORM_CHARACTERS:
        hint = "{{name}} stands where a parameter's value goes."
        blocks.append(text_input(BODY, f"Script ({draft.language.label})", value=draft.body, hint=hint))
    else:
        blocks.append(context(f"The script has {len(draft.body):,} characters and is saved as it is."))
    blocks += _at_run(draft.language, draft.body)
    view = _modal(callback_id, title, [*blocks, section(risk_text(risk))], submit="Save template")
    return view | {"private_metadata": json.dumps(metadata)}


def symptoms_of(typed: str) -> tuple[str, ...]:
    """Return what was typed, a symptom a line."""
    lines = [" ".join(line.split())[:SYMPTOM_CHARACTERS] for line in typed.splitlines() if line.strip()]
    return tuple(dict.fromkeys(lines))[:MAX_SYMPTOMS]


def fill_form(
    session_id: str, fix_id: str, seen: int, template: Template, fields: Sequence[Prefilled], risk: RiskReport
) -> Block:
    """Return a template's form; each field says where its value was found, and the form what the script does."""
    known = sum(each.chosen is not None for each in fields)
    count = f"{known} of {len(fields)} fields are filled in from what is known." if fields else "Nothing to fill in."
    blocks = [
        section(f"{bold(template.name)} · {template.language.label}\n{escape(truncate(template.description, 300))}"),
        section(risk_text(risk)),
        context(f"{count} {RUNS_NOTHING}"),
        *(_field(each) for each in fields),
        *_at_run(template.language, template.body),
    ]
    view = _modal(FILL_VIEW, "Fill in the script", blocks, submit="Make script")
    metadata = {"session": session_id, "fix": fix_id, "seen": seen, "proposed": _proposed(fields)}
    return view | {"private_metadata": json.dumps(metadata)}


def _at_run(language: Language, body: str) -> list[Block]:
    said = asked_words(language, body)
    return [context(escape(truncate(said, 500)))] if said else []


def _proposed(fields: Sequence[Prefilled]) -> dict[str, str]:
    """Return a model's values that the form shows, as far as it can carry them: their source is not lost."""
    kept: dict[str, str] = {}
    for each in fields:
        if each.chosen is not None and each.chosen.source is ValueSource.MODEL:
            more = kept | {each.parameter.name: each.chosen.value}
            kept = more if len(json.dumps(more)) <= METADATA_CHARACTERS else kept
    return kept


def _field(field: Prefilled) -> Block:
    parameter, value = field.parameter, field.chosen.value if field.chosen else ""
    block_id, hint = f"{VALUE}{parameter.name}", " · ".join(_hints(field))
    if parameter.type is ParameterType.CHOICE and parameter.options:
        return _select(block_id, field, [(each, each) for each in parameter.options[:100]], value, hint)
    if parameter.type is ParameterType.BOOLEAN:
        return _select(block_id, field, [("Yes", "true"), ("No", "false")], value, hint)
    is_text = parameter.type is ParameterType.TEXT and ("\n" in value or "\n" in parameter.default)
    made = text_input(
        block_id, parameter.title, value=value, hint=hint, is_optional=not parameter.is_required, multiline=is_text
    )
    made["element"]["max_length"] = 2_000
    if example := EXAMPLES.get(parameter.type):
        made["element"]["placeholder"] = plain(example, 150)
    return made


EXAMPLES = {
    ParameterType.SECRET: "secret:acme-admin",
    ParameterType.HOST: "srv-01.acme.local",
    ParameterType.EMAIL: "ana@acme.com",
    ParameterType.NUMBER: "30",
    ParameterType.USER: "ana.ruiz",
    ParameterType.PATH: "C:\\Data",
}


def _hints(field: Prefilled) -> list[str]:
    hints = [field.parameter.help] if field.parameter.help else []
    if field.chosen:
        words = field.chosen.words
        hints.append(words[:1].upper() + words[1:])
    others = "; ".join(f"{truncate(each.value, 60)} ({each.words})" for each in field.others[:3])
    if others:
        hints.append(f"{'Which one?' if field.is_conflict else 'Also found:'} {others}")
    if field.parameter.is_secret:
        hints.append("The secret's name in your store, never the secret itself")
    return hints


def _select(block_id: str, field: Prefilled, choices: Sequence[tuple[str, str]], value: str, hint: str) -> Block:
    options = [option(label, each) for label, each in choices]
    select: Block = {"type": "static_select", "action_id": "value", "options": options}
    if chosen := next((each for each in options if each["value"] == value), None):
        select["initial_option"] = chosen
    made: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain(field.parameter.title),
        "element": select,
        "optional": not field.parameter.is_required,
    }
    return made | {"hint": plain(hint, 2000)} if hint else made
