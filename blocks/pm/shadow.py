"""How an agent's alerts turned out: in shadow mode what it would have sent, in live mode what it sent."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from blocks.elements import button, context_block, section_block
from blocks.pm.words import counted, day_text
from blocks.text import bold, bullets, channel_mention, code, date_token, escape, mention, truncate_markup
from services.pm.hindsight.types import LookBack, Sample, TrackRecord, Verdict, WeekCount

PAGE = "shadow_page"
GO_LIVE = "shadow_live"
KEEP_WATCHING = "shadow_keep"

SHOWN_WEEKS = 6
SHOWN_RECIPIENTS = 12
SHOWN_JUDGEMENTS = 8
SAMPLE_CHARACTERS = 1500
_MARKS = {
    Verdict.RIGHT: ":white_check_mark:",
    Verdict.WRONG: ":x:",
    Verdict.OPEN: ":hourglass_flowing_sand:",
}

Block = dict[str, Any]
Shown = tuple[str, tuple[Block, ...]]


def record_text(record: TrackRecord) -> str:
    """Return how right an agent is in one line, the number first."""
    if record.share is None or record.low is None or record.high is None:
        waiting = f"; {counted(record.open, 'claim')} still open" if record.open else ""
        return f"Too early to say how right it is{waiting}"
    parts = [f"{record.right} of {record.right + record.wrong} claims came true"] if record.right + record.wrong else []
    if said := record.useful + record.not_useful:
        parts.append(f"{record.useful} of {said} were found useful")
    if record.open:
        parts.append(f"{record.open} still open")
    interval = f"{_percent(record.low)} to {_percent(record.high)} with 95 % certainty"
    return f"{bold(_percent(record.share) + ' %')} right ({interval}): {', '.join(parts)}"


def overview(title: str, mode: str, look: LookBack, page: int = 0, *, may_change: bool) -> Shown:
    """Return the whole: the record, messages by week, one alert to page through, and what an admin may decide."""
    shadow = mode == "shadow"
    lead = "would have sent" if shadow else "sent"
    if not look.samples:
        hint = "" if shadow else f" In shadow mode it only records: `/pm settings {look.agent} shadow`."
        text = f"{bold(title)} has found nothing to tell since {date_token(look.since, 'date')}.{hint}"
        return text, (section_block(text),)
    page = min(max(page, 0), len(look.samples) - 1)
    head = f"{bold(title)} is {'in shadow mode' if shadow else mode}. {record_text(look.record)}."
    weeks = "\n".join(_weeks(look.weeks, lead))
    sample = _sample(look.samples[page], page, len(look.samples))
    blocks = [section_block(head), section_block(weeks), {"type": "divider"}, *sample]
    blocks.append({"type": "actions", "elements": _buttons(look, page, shadow=shadow and may_change)})
    return f"{head}\n{weeks}", tuple(blocks)


def modes(agents: Sequence[tuple[str, str, str]]) -> Shown:
    """Return all agents (name, title, mode) with the way to look back at each, those in shadow mode first."""
    silent = sum(mode == "shadow" for _, _, mode in agents)
    head = f"*{silent} of {counted(len(agents), 'agent')}* {'is' if silent == 1 else 'are'} in shadow mode."
    ordered = sorted(agents, key=lambda agent: agent[2] != "shadow")
    lines = [f"{bold(title)} ({code(name)}) · {mode}" for name, title, mode in ordered]
    rows = [
        section_block(line)
        | {"accessory": button(f"{PAGE}:{name}", "Look back", json.dumps({"agent": name, "page": 0}))}
        for line, (name, _, _) in zip(lines, ordered, strict=True)
    ]
    hint = f"In shadow mode an agent records what it would send: {code('/pm settings NAME shadow')}."
    return "\n".join([head, *lines, hint]), (section_block(head), *rows, context_block(hint))


def kept_watching(title: str) -> Shown:
    """Return that an agent goes on in shadow mode."""
    text = f":eyes: {bold(title)} stays in shadow mode: it records what it would send, and sends nothing."
    return text, (section_block(text),)


def _weeks(weeks: Sequence[WeekCount], lead: str) -> list[str]:
    lines = [f"*What it {lead}, by week*"]
    by_week = [list(group) for _, group in groupby(weeks, key=lambda week: week.monday)]
    return [*lines, *(_week_line(counts) for counts in by_week[:SHOWN_WEEKS])]


def _week_line(counts: Sequence[WeekCount]) -> str:
    shown = [f"{_who(each.recipient)} {_count(each)}" for each in counts[:SHOWN_RECIPIENTS]]
    if len(counts) > SHOWN_RECIPIENTS:
        shown.append(f"and {len(counts) - SHOWN_RECIPIENTS} more")
    return f"• from {day_text(counts[0].monday)}: " + ", ".join(shown)


def _count(week: WeekCount) -> str:
    parts = [counted(week.messages, "message")] if week.messages else []
    parts += [counted(week.digest_lines, "line") + " of a digest"] if week.digest_lines else []
    return " and ".join(parts)


def _sample(sample: Sample, page: int, count: int) -> list[Block]:
    where = f"Alert {page + 1} of {count} · to {_who(sample.recipient)} · {date_token(sample.told_at)}"
    blocks: list[Block] = [context_block(f"{where} · {escape(sample.what_was_done)}")]
    blocks.append(section_block(truncate_markup(sample.text, SAMPLE_CHARACTERS)))
    lines = [f"{_MARKS[each.verdict]} {escape(each.subject)}: {escape(each.because)}" for each in sample.judgements]
    if len(lines) > SHOWN_JUDGEMENTS:
        lines = [*lines[:SHOWN_JUDGEMENTS], f"and {len(lines) - SHOWN_JUDGEMENTS} more"]
    if sample.useful or sample.not_useful:
        lines.append(f"Found useful by {sample.useful}, not useful by {sample.not_useful}")
    blocks.append(
        context_block(truncate_markup(bullets(lines), 2000) if lines else "It claims nothing that shows later.")
    )
    return blocks


def _buttons(look: LookBack, page: int, *, shadow: bool) -> list[Block]:
    buttons = []
    if page > 0:
        buttons.append(_page_button("Previous", look.agent, page - 1))
    if page + 1 < len(look.samples):
        buttons.append(_page_button("Next", look.agent, page + 1))
    if shadow:
        live = button(GO_LIVE, "Go live", look.agent) | {"style": "primary"}
        buttons += [live, button(KEEP_WATCHING, "Keep watching", look.agent)]
    return buttons or [_page_button("Look again", look.agent, page)]


def _page_button(label: str, agent: str, page: int) -> Block:
    return button(f"{PAGE}:{page}", label, json.dumps({"agent": agent, "page": page}))


def _who(recipient: str) -> str:
    return mention(recipient, recipient) if recipient.startswith(("U", "W")) else channel_mention(recipient)


def _percent(share: float) -> str:
    return f"{round(share * 100)}"
