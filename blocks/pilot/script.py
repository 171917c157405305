"""Scripts to read and copy: FlowPilot writes them and runs none."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from blocks.pilot.fix import risk_text
from blocks.pilot.parts import SCRIPT, Block, actions, button, context, plain, section
from blocks.text import bold, code, escape, truncate
from services.pilot.scripts.types import Language, RiskReport
from services.pilot.types import ScriptRun, Session

PIECE_CHARACTERS = 2_900
MOST_PIECES = 60
INLINE_CHARACTERS, INLINE_LINES = 2_500, 40
"""A longer script hides the thread: it comes as a file."""
ENDINGS = {Language.POWERSHELL: "ps1", Language.BASH: "sh", Language.PYTHON: "py"}
RUNS_NOTHING = "FlowPilot writes scripts and runs none: copy it, read it, and run it where it belongs."


def is_long(body: str) -> bool:
    """Tell whether a script is to be shown as a file."""
    return len(body) > INLINE_CHARACTERS or body.count("\n") > INLINE_LINES


def file_name(title: str, language: Language) -> str:
    """Return a name that a script can be saved under."""
    words = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60] or "script"
    return f"{words}.{ENDINGS[language]}"


def code_blocks(body: str) -> list[Block]:
    """Return a script as it is, to be copied; cut only where Slack takes no more, between lines where there are any."""
    pieces: list[str] = []
    rest = body.rstrip("\n")
    while rest:
        cut = rest.rfind("\n", 0, PIECE_CHARACTERS) + 1 if len(rest) > PIECE_CHARACTERS else len(rest)
        cut = cut or PIECE_CHARACTERS
        pieces.append(rest[:cut].removesuffix("\n") or " ")
        rest = rest[cut:]
    return [
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": piece}]}],
        }
        for piece in pieces[:MOST_PIECES]
    ]


def script_modal(title: str, language: Language, body: str, risk: RiskReport) -> Block:
    """Return a script to read and copy, with what it does before it."""
    return {
        "type": "modal",
        "callback_id": "pilot.script_shown",
        "title": plain("Script", 24),
        "close": plain("Close"),
        "blocks": [
            section(f"{bold(truncate(title, 150))} · {language.label}"),
            section(risk_text(risk)),
            context(RUNS_NOTHING),
            *code_blocks(body),
        ],
    }


def taken_said(
    session: Session, title: str, done: str, script: ScriptRun, risk: RiskReport, *, next_step: str = ""
) -> tuple[str, list[Block]]:
    """Return a script that was taken, for the thread; a long one is behind a button and comes as a file."""
    language = Language(script.language)
    lines = script.body.count("\n", 0, len(script.body.rstrip("\n"))) + 1
    size = f"{lines} line{'' if lines == 1 else 's'}"
    blocks = [section(f"{bold(truncate(title, 150))} · {language.label}, {size}\n{done}")]
    if is_long(script.body):
        shown = button(SCRIPT, "Show script", f"{session.id}:{script.id}")
        blocks += [context("It is long: here as a file."), actions("pilot.script", [shown])]
    else:
        blocks += code_blocks(script.body)
    if "[SECRET_" in script.body:
        blocks.append(context(":lock: Its secrets were taken out: put them in where it says `[SECRET_1]`."))
    blocks += [section(risk_text(risk)), *_values(script.parameters), context(RUNS_NOTHING)]
    return f"Script: {escape(title)}", [*blocks, section(next_step)] if next_step else blocks


def _values(parameters: Sequence[Mapping[str, Any]]) -> list[Block]:
    """Return what was filled in, each value with where it comes from."""
    lines = [
        f"{escape(str(each.get('label') or each['name']))}: {code(truncate(_shown(each), 80))}"
        + (f" _{escape(str(each['source']))}_" if each.get("source") else "")
        for each in parameters
    ]
    return [context("\n".join(lines[start : start + 10])) for start in range(0, len(lines), 10)]


def _shown(parameter: Mapping[str, Any]) -> str:
    value = str(parameter.get("value") or "–")
    return {"true": "Yes", "false": "No"}.get(value, value) if parameter.get("type") == "boolean" else value
