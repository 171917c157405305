"""The forms of script templates: build one from a fix's script, fill one in with what is known."""

from __future__ import annotations

import json
from collections.abc import Sequence

from blocks.pilot.fix import risk_text
from blocks.pilot.parts import Block, context, option, plain, section, text_input
from blocks.text import bold, escape, truncate
from services.pilot.scripts.prefill import Prefilled
from services.pilot.scripts.types import ParameterType, PendingDraft, Script, Template

__all__ = ["Template"]

BUILD_VIEW, FILL_VIEW = "pilot.build_form", "pilot.fill_form"
NAME, BODY, DESCRIPTION, VALUE = "name", "body", "description", "value:"
INPUT_CHARACTERS = 3000


def loading_form() -> Block:
    """Return what stands there while the script is read."""
    return {
        "type": "modal",
        "callback_id": "pilot.loading",
        "title": plain("Build template", 24),
        "close": plain("Cancel", 24),
        "blocks": [section(":hourglass_flowing_sand: Looking for what differs from case to case…")],
    }


def build_form(session_id: str, fix_id: str, draft: PendingDraft) -> Block:
    """Return a template as it would be saved; a body over an input's size is saved as it is."""
    found = ", ".join(f"`{{{{{each.name}}}}}` {each.type.value}" for each in draft.parameters)
    blocks = [
        section(f"Parameters: {found}" if found else "Nothing in it differs from case to case."),
        text_input(NAME, "Name", value=draft.title, multiline=False),
        text_input(DESCRIPTION, "What it is good for", is_optional=True),
    ]
    if len(draft.body) <= INPUT_CHARACTERS:
        blocks.append(text_input(BODY, f"Script ({draft.language.label})", value=draft.body))
    else:
        blocks.append(context(f"The script has {len(draft.body):,} characters and is saved as it is."))
    return {
        "type": "modal",
        "callback_id": BUILD_VIEW,
        "title": plain("Build template", 24),
        "submit": plain("Save", 24),
        "close": plain("Cancel", 24),
        "private_metadata": json.dumps({"session": session_id, "fix": fix_id}),
        "blocks": blocks,
    }


def fill_form(session_id: str, fix_id: str, template: Template, fields: Sequence[Prefilled]) -> Block:
    """Return a template's form; each field says where its value was found."""
    sources = {each.parameter.name: each.chosen.words for each in fields if each.chosen is not None}
    metadata = json.dumps({"session": session_id, "fix": fix_id, "sources": sources})
    return {
        "type": "modal",
        "callback_id": FILL_VIEW,
        "title": plain("Fill in the script", 24),
        "submit": plain("Make script", 24),
        "close": plain("Cancel", 24),
        "private_metadata": metadata[:3000],
        "blocks": [
            section(f"{bold(template.name)} · {template.language.label} · {template.risk.label}"),
            *(_field(each) for each in fields),
        ],
    }


def _field(field: Prefilled) -> Block:
    parameter, value = field.parameter, field.chosen.value if field.chosen else ""
    hints = [parameter.help] if parameter.help else []
    if field.chosen:
        hints.append(field.chosen.words)
    elif field.is_conflict:
        hints.append("Found: " + "; ".join(f"{each.value} ({each.words})" for each in field.others))
    if parameter.is_secret:
        hints.append("a reference such as secret:acme-admin, never the secret")
    hint, block_id = " · ".join(hints), f"{VALUE}{parameter.name}"
    if parameter.type is ParameterType.CHOICE and parameter.options:
        options = [option(each, each) for each in parameter.options[:100]]
        select: Block = {"type": "static_select", "action_id": "value", "options": options}
        if chosen := next((each for each in options if each["value"] == value), None):
            select["initial_option"] = chosen
        label = plain(parameter.title)
        made: Block = {"type": "input", "block_id": block_id, "label": label, "element": select}
        made |= {"optional": not parameter.is_required}
        return made | {"hint": plain(hint, 2000)} if hint else made
    return text_input(
        block_id, parameter.title, value=value, hint=hint, is_optional=not parameter.is_required, multiline=False
    )


def made_said(template: Template, script: Script) -> tuple[str, list[Block]]:
    """Return the script that was made, for the thread."""
    said = f"Script from the template {bold(template.name)}"
    shown = truncate(script.body, 2800).replace("```", "'''")
    return said, [
        section(f"{said} · {script.language.label}"),
        section(f"```{escape(shown)}```"),
        section(risk_text(script.report)),
        context("FlowPilot writes scripts and runs none."),
    ]
