"""The library of script templates: the list, one template, and drafts that wait for a decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from blocks.pilot.fix import RISK_ICONS, risk_text
from blocks.pilot.parts import (
    ACCEPT,
    ASK_AGAIN,
    EDIT_TEMPLATE,
    RESTORE,
    RETIRE,
    REVIEW,
    SKIP,
    STOP_ASKING,
    TEMPLATE,
    Block,
    actions,
    button,
    context,
    plain,
    section,
)
from blocks.pilot.script import code_blocks
from blocks.text import bold, code, date_token, escape, truncate
from services.pilot.scripts.param_block import asked_words
from services.pilot.scripts.types import PendingDraft, RiskReport, Template, Usage

SHOWN_TEMPLATES, SHOWN_DRAFTS = 20, 5
TEMPLATE_VIEW = "pilot.template_shown"
IN_LIBRARY, IN_THREAD = "pilot.library_draft", "pilot.draft"
Said = tuple[str, list[Block]]


@dataclass(frozen=True)
class Origin:
    """Where a template comes from, for people: `by` and `session` are mrkdwn, empty where nobody knows."""

    by: str = ""
    session: str = ""
    ticket: str = ""


def templates_said(templates: Sequence[Template], drafts: Sequence[PendingDraft], words: str = "") -> Said:
    """Return the library, or what of it fits `words`, with the number of drafts that wait."""
    own = sum(not each.is_builtin for each in templates)
    waiting = f"{len(drafts)} draft{' waits' if len(drafts) == 1 else 's wait'}"
    count = f"{len(templates)} script template{'' if len(templates) == 1 else 's'}"
    found = f" for “{escape(truncate(words, 80))}”" if words else ""
    rest = [f"{own} of your own"] if own else []
    rest += [waiting] if drafts else []
    blocks = [section(" · ".join([f"*{count}*{found}", *rest]))]
    if not words:
        blocks += [block for draft in drafts[:SHOWN_DRAFTS] for block in draft_blocks(draft, IN_LIBRARY)]
        if len(drafts) > SHOWN_DRAFTS:
            more = len(drafts) - SHOWN_DRAFTS
            blocks.append(context(f"{more} more wait; they come up as you decide on these."))
    blocks += [_line(each) for each in templates[:SHOWN_TEMPLATES]]
    if not templates:
        blocks.append(section(_nothing(words)))
    if len(templates) > SHOWN_TEMPLATES:
        more = len(templates) - SHOWN_TEMPLATES
        blocks.append(context(f"And {more} more: `/pilot templates WORDS` finds them."))
    return f"{', '.join([count, *rest])}.", blocks


def _nothing(words: str) -> str:
    if words:
        return "_Nothing fits. Try what people say of the problem, or `/pilot templates` for all._"
    return "_None yet: a resolved session's script can become the first._"


def _line(template: Template) -> Block:
    yours = "" if template.is_builtin else " · yours"
    retired = " · _retired_" if template.retired_at is not None else ""
    said = f"\n{escape(truncate(template.description, 140))}" if template.description else ""
    words = f"{RISK_ICONS[template.risk]} {bold(template.name)} · {template.language.label}{yours}{retired}{said}"
    return section(words, button(f"{TEMPLATE}:{template.id}", "Open…", template.id))


def template_view(template: Template, usage: Usage, origin: Origin, risk: RiskReport) -> Block:
    """Return one template: what it is good for, does and asks for, where it comes from, its script."""
    used = "Never filled in yet"
    if usage.last_at is not None:
        used = f"Filled in {'once' if usage.count == 1 else f'{usage.count} times'}, last {date_token(usage.last_at)}"
    retired = "\n:file_folder: *Retired*: nobody is offered it." if template.retired_at is not None else ""
    description = f"\n{escape(truncate(template.description, 1000))}" if template.description else ""
    choices = [] if template.is_builtin else [button(EDIT_TEMPLATE, "Edit…", template.id)]
    if template.retired_at is None:
        choices.append(button(RETIRE, "Retire", template.id))
    else:
        choices.append(button(RESTORE, "Restore", template.id, "primary"))
    return {
        "type": "modal",
        "callback_id": TEMPLATE_VIEW,
        "title": plain("Script template", 24),
        "close": plain("Close", 24),
        "blocks": [
            section(f"{bold(template.name)} · {template.language.label}{description}{retired}"),
            context(f"{_from(template, origin)} · {used}"),
            actions("pilot.template", choices),
            section(risk_text(risk)),
            section(_parameters(template)),
            *code_blocks(template.body),
        ],
    }


def _from(template: Template, origin: Origin) -> str:
    if template.is_builtin:
        return "Comes with FlowPilot"
    by = f" by {origin.by}" if origin.by else ""
    made = f" {date_token(template.created_at, 'date')}" if template.created_at else ""
    of = f" of the session {origin.session}" if origin.session else ""
    ticket = f" (ticket {escape(origin.ticket)})" if origin.ticket else ""
    return f"Made{of}{ticket}{by}{made}"


def _parameters(template: Template) -> str:
    lines = [
        f"• {escape(each.title)} {code(each.name)} {each.type.value}"
        + ("" if each.is_required else ", may stay empty")
        + (f", default {code(truncate(each.default, 60))}" if each.default else "")
        for each in template.parameters[:20]
    ]
    said = "\n".join(["*Asks for*", *lines]) if lines else "*Asks for* nothing."
    at_run = asked_words(template.language, template.body)
    if not at_run:
        return said
    return f"{said}\n{escape(truncate(at_run, 500))}" if lines else escape(truncate(at_run, 500))


def draft_blocks(draft: PendingDraft, place: str) -> list[Block]:
    """Return a draft that somebody may accept, look at or skip; `place` tells the clicks of the list apart."""
    names = ", ".join(parameter.title for parameter in draft.parameters)
    at_run = escape(truncate(asked_words(draft.language, draft.body), 300))
    asks = f"Asks for {escape(truncate(names, 300))}." if names else "" if at_run else "Asks for nothing."
    choices = [
        button(ACCEPT, "Accept", draft.id, "primary"),
        button(REVIEW, "Look at it…", draft.id),
        button(SKIP, "Skip", draft.id),
    ]
    title = f"{bold(truncate(draft.title, 150))} · {draft.language.label}"
    return [
        section(f":memo: Draft: {title}\n{f'{asks} {at_run}'.strip()}"),
        actions(f"{place}:{draft.id}", choices),
    ]


def prompt_said(draft: PendingDraft) -> Said:
    """Return the question whether a resolved session's script becomes a template."""
    first, choices = draft_blocks(draft, IN_THREAD)
    stop = button(STOP_ASKING, "Don't ask again for this team", draft.id)
    said = f"Shall the script of this session become a template? {bold(truncate(draft.title, 150))}"
    asked = section("*Shall the script become a template?* Whoever meets this problem next then fills in a form.")
    return said, [asked, first, choices | {"elements": [*choices["elements"], stop]}]


def asking_said(said: str, *, asks: bool) -> Said:
    """Return the settings, with what changes whether people are asked."""
    label = "Don't ask about templates" if asks else "Ask again"
    style = "" if asks else "primary"
    return said, [section(said, button(ASK_AGAIN, label, "off" if asks else "on", style))]
