"""The suggested fix: cause, facts, script with its risk and the way back, and what a person can decide."""

from __future__ import annotations

from collections.abc import Mapping

from blocks.pilot.parts import (
    BUILD,
    DISMISS,
    DRAFT,
    FILL,
    ONE_OFF,
    SCRIPT,
    Block,
    actions,
    button,
    context,
    plain,
    section,
)
from blocks.text import bold, code, escape, truncate, truncate_markup
from services.ai.names import name_for_people
from services.pilot.notes.rendering import slack_words
from services.pilot.scripts.types import Risk, RiskReport
from services.pilot.types import FixDecision, Session, SuggestedFix

SHOWN_CHARACTERS = 900
RISK_ICONS = {
    Risk.READ_ONLY: ":large_green_circle:",
    Risk.CHANGES: ":large_yellow_circle:",
    Risk.UNKNOWN: ":large_orange_circle:",
    Risk.DESTRUCTIVE: ":red_circle:",
}
SHOWN_LINES, SHOWN_COMMANDS = 6, 8


def fix_blocks(session: Session, risk: RiskReport | None, *, is_open: bool) -> list[Block]:
    """Return the lane's section on the active fix."""
    fix = session.active_fix
    if fix is None:
        return [section("*Suggested fix*\n_None yet: it comes when the facts speak for one._")]
    cause = f"\nCause: {truncate_markup(slack_words(fix.root_cause), 400)}" if fix.root_cause else ""
    facts = f" Rests on {', '.join(f'F{number}' for number in fix.fact_numbers)}." if fix.fact_numbers else ""
    blocks = [
        section(
            f"*Suggested fix* · {bold(truncate(fix.title, 150))}\n"
            f"{truncate_markup(slack_words(fix.description), SHOWN_CHARACTERS)}{cause}"
        ),
        context(f"Proposed by {escape(name_for_people(fix.proposed_by) or 'FlowPilot')}.{facts}"),
    ]
    if risk is not None:
        blocks.append(section(risk_text(risk)))
    if fix.user_decision is not None:
        blocks += _decided(session, fix, is_open=is_open)
    elif is_open:
        blocks.append(actions("pilot.fix", _choices(session, fix, risk)))
    return blocks


def risk_text(risk: RiskReport) -> str:
    """Return what a script does to a machine, how it is taken back, and what nobody knows of it."""
    lines = [f"{RISK_ICONS[risk.risk]} *{risk.risk.label}*"]
    if risk.hides:
        lines.append(f":warning: It hides what it does: {escape(truncate('; '.join(risk.hides), 300))}")
    if risk.unknown:
        shown = " ".join(code(truncate(each, 60)) for each in risk.unknown[:SHOWN_COMMANDS])
        more = f" and {len(risk.unknown) - SHOWN_COMMANDS} more" if len(risk.unknown) > SHOWN_COMMANDS else ""
        lines.append(f":grey_question: Not known to FlowPilot: {shown}{more}")
    # what cannot be taken back is said first, so that a long list does not hide it
    back = sorted(_lines(risk.rollback), key=lambda line: not line.startswith("No way back"))
    return "\n".join([*lines, *_listed("Changes", _lines(risk.changes)), *_listed("Way back", back)])


def paths_words(chosen: Mapping[FixDecision, int]) -> str:
    """Return what people decided on fixes, by how often; "" before anybody has."""
    each = " · ".join(f"{count} {decision.done}" for decision, count in chosen.items())
    return f"*Fixes*: {each}.\n" if each else ""


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _listed(title: str, lines: list[str]) -> list[str]:
    shown = [escape(truncate(line, 200)) for line in lines[:SHOWN_LINES]]
    if len(lines) > SHOWN_LINES:
        shown.append(f"_and {len(lines) - SHOWN_LINES} more_")
    return [f"*{title}:* {shown[0]}"] if len(shown) == 1 else [f"*{title}:*", *(f"• {line}" for line in shown)]


def _decided(session: Session, fix: SuggestedFix, *, is_open: bool) -> list[Block]:
    script = next((each for each in reversed(session.scripts) if each.fix_id == fix.id), None)
    blocks = [context(f"Decided: {fix.user_decision.done if fix.user_decision else ''}.")]
    if script is not None:
        choices = [button(SCRIPT, "Show script", f"{session.id}:{script.id}")]
        if fix.user_decision is FixDecision.TEMPLATE and is_open:
            choices.append(button(FILL, "Fill in again…", f"{session.id}:{fix.id}"))
        blocks.append(actions("pilot.fix", choices))
    return blocks


def _choices(session: Session, fix: SuggestedFix, risk: RiskReport | None) -> list[Block]:
    ids = f"{session.id}:{fix.id}"
    asked = _asked(risk) if risk is not None else {}
    chosen: list[Block] = []
    if fix.template_id:
        chosen.append(button(FILL, "Fill in the script…", ids, "primary"))
    if fix.script_body or not fix.template_id:
        chosen.append(button(ONE_OFF, "Use as one-off", ids, "" if chosen else "primary") | asked)
    if fix.script_body:
        chosen += [
            button(DRAFT, "Use now, template later", ids) | asked,
            button(BUILD, "Build template…", ids),
            button(SCRIPT, "Show script", ids),
        ]
    return [*chosen, button(DISMISS, "Dismiss", ids)]


def _asked(risk: RiskReport) -> Block:
    """Return what is asked before a script is taken that can do harm, or of which not all is known."""
    if risk.risk.rank < Risk.UNKNOWN.rank:
        return {}
    text = truncate(f"{' '.join(risk.changes.split())} FlowPilot runs nothing: you get the script.", 300)
    shown = {"title": plain(f"{risk.risk.label}: take this script?", 100), "text": plain(text, 300)}
    return {"confirm": shown | {"confirm": plain("Take it", 30), "deny": plain("Back", 30)}}
