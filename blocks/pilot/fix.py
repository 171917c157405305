"""The suggested fix: cause, facts, script with its risk and the way back, and what a person can decide."""

from __future__ import annotations

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
from blocks.text import bold, escape, truncate, truncate_markup
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
DECIDED = {
    FixDecision.ONE_OFF: "used as a one-off",
    FixDecision.DRAFT_TEMPLATE: "kept as a draft of a template",
    FixDecision.BUILD_TEMPLATE: "built as a template",
    FixDecision.DISMISSED: "dismissed",
}


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
        context(f"Proposed by {escape(fix.proposed_by or 'FlowPilot')}.{facts}"),
    ]
    if risk is not None:
        blocks.append(section(risk_text(risk)))
    if fix.user_decision is not None:
        blocks.append(context(f"Decided: {DECIDED[fix.user_decision]}."))
    elif is_open:
        blocks.append(actions("pilot.fix", _choices(session, fix)))
    return blocks


def risk_text(risk: RiskReport) -> str:
    """Return what a script does to a machine and how it is taken back."""
    lines = [f"{RISK_ICONS[risk.risk]} *{risk.risk.label}* · {escape(truncate(risk.changes, 500))}"]
    lines.append(f"Way back: {escape(truncate(risk.rollback, 500))}")
    if risk.unknown:
        lines.append(f"Not known to FlowPilot: {escape(truncate(', '.join(risk.unknown), 200))}")
    if risk.hides:
        lines.append(f":warning: It hides what it does: {escape(truncate('; '.join(risk.hides), 200))}")
    return "\n".join(lines)


def _choices(session: Session, fix: SuggestedFix) -> list[Block]:
    ids = f"{session.id}:{fix.id}"
    chosen = [button(ONE_OFF, "Use as one-off", ids, "primary")]
    if fix.template_id and not fix.script_body:
        chosen.append(button(FILL, "Fill in the script…", ids))
    if fix.script_body:
        chosen += [
            button(SCRIPT, "Show script", ids),
            button(DRAFT, "Draft template", ids),
            button(BUILD, "Build template…", ids),
        ]
    return [*chosen, button(DISMISS, "Dismiss", ids)]


def script_modal(title: str, language: str, body: str, risk: RiskReport) -> Block:
    """Return a script to read and copy; FlowPilot writes scripts and does not run them."""
    pieces = [body[start : start + 2900] for start in range(0, len(body), 2900)]
    shown = [
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": piece}]}],
        }
        for piece in pieces[:60]
    ]
    said = "FlowPilot writes scripts and runs none: copy it and run it where it belongs."
    return {
        "type": "modal",
        "callback_id": "pilot.script_shown",
        "title": plain("Script", 24),
        "close": plain("Close"),
        "blocks": [section(f"{bold(title)} · {escape(language)}"), section(risk_text(risk)), context(said), *shown],
    }
