"""An answer in a session's thread: while it comes, whole, stopped, cut off; and what people think of it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from blocks.pilot.parts import Block, actions, button, context, cost_part
from blocks.text import escape, markdown, mention, truncate_markup
from services.ai.names import name_for_people
from services.alerts.types import Precision
from services.slack.limits import FENCE, SECTION_CHARACTERS, split_text

STOP, FEEDBACK, USEFUL, NOT_USEFUL = "pilot.stop", "pilot.feedback", "pilot.useful", "pilot.not_useful"
YES, NO = "useful", "not_useful"
THINKING = ":hourglass_flowing_sand: Thinking…"
NOTICE_CHARACTERS = 300
LONG_S = 10
"""From here on it is said how long an answer takes, and took."""
CUT_OFF = ":warning: _A restart cut this answer off. What was done before stays; write again to go on._"
STREAM_PAGE_CHARACTERS = 10_000
"""A streamed message takes 12,000 characters of Markdown; blocks and fences need some room."""
WHOLE_LINES_FROM = 8_000
_BLANK_LINES = re.compile(r"\n{3,}")
_LIST_ITEM = re.compile(r"^([ \t]*)[-*+] (?=\S)", re.MULTILINE)
_LANGUAGE = re.compile(rf"^{FENCE}[\w+#-]+ *$", re.MULTILINE)
_MENTION = re.compile(r"<(?=!(?:channel|here|everyone|group|subteam)|@[UWB][A-Z0-9]{2}|#[CGD][A-Z0-9]{2})")
_BEGINS_MENTION = re.compile(r"<(?:[!@#]\w{0,12})?\Z")


def status_words(elapsed_s: float) -> str:
    """Return what Slack shows beside FlowPilot's name while nothing is said yet."""
    return "is thinking…" if elapsed_s < LONG_S else f"is thinking… {int(elapsed_s)} s"


def growing(text: str, session_id: str, elapsed_s: float) -> tuple[str, list[Block]]:
    """Return an answer that still comes, with [Stop]; without streaming it is one message that is edited."""
    waits = THINKING if elapsed_s < LONG_S else f"{THINKING} {int(elapsed_s)} s"
    notice, shown = written(f"{text} …") if text.strip() else (waits, [_section(waits)])
    if text.strip() and elapsed_s >= LONG_S:
        shown = [*shown, context(f"{int(elapsed_s)} s")]
    return notice, [*shown, actions("pilot.answer", [button(STOP, "Stop", session_id)])]


def written(text: str, below: Sequence[Block] = ()) -> tuple[str, list[Block]]:
    """Return Markdown as sections, all of it, with blocks below."""
    shown = _bulleted(markdown(_BLANK_LINES.sub("\n\n", _LANGUAGE.sub(FENCE, closed(text))))).strip()
    pieces = split_text(shown, SECTION_CHARACTERS)
    return truncate_markup(shown, NOTICE_CHARACTERS) or "No answer.", [*(_section(piece) for piece in pieces), *below]


def _bulleted(text: str) -> str:
    """Return mrkdwn with bullets for the lists outside code: a section shows no lists."""
    parts = text.split(FENCE)
    parts[::2] = [_LIST_ITEM.sub(r"\1• ", part) for part in parts[::2]]
    return FENCE.join(parts)


def streamed(text: str, below: Sequence[Block]) -> tuple[str, list[Block]]:
    """Return what was streamed as a message that looks the same, with blocks below."""
    notice, _ = written(text)
    return notice, [{"type": "markdown", "text": closed(text)}, *below]


def closed(text: str) -> str:
    """Return Markdown in which a code block that has not come to its end does not swallow what follows."""
    return f"{text.rstrip()}\n{FENCE}" if text.count(FENCE) % 2 else text


def stopped_note(by: str) -> Block:
    """Return who stopped an answer, and that nothing is undone by it."""
    who = f" by {mention(by, by)}" if by else ""
    return context(f":black_square_for_stop: Stopped{who}. What was done before stays; write to go on.")


def cut_off_note() -> Block:
    """Return that a restart ended an answer."""
    return context(CUT_OFF)


def effort_note(elapsed_s: float, cost_microdollars: int) -> Block:
    """Return how long an answer took, and what it cost where that is known."""
    minutes, seconds = divmod(int(elapsed_s), 60)
    took = f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
    return context(f"Took {took}{cost_part(cost_microdollars)}")


def feedback_buttons(answer_id: int, *, is_native: bool) -> Block:
    """Return [Useful] and [Not useful]: Slack's own pair where it streams, buttons elsewhere."""
    if not is_native:
        pair = ((USEFUL, "Useful"), (NOT_USEFUL, "Not useful"))
        return actions("pilot.answer", [button(each, label, str(answer_id)) for each, label in pair])
    element: Block = {
        "type": "feedback_buttons",
        "action_id": f"{FEEDBACK}:{answer_id}",
        "positive_button": _verdict("Useful", YES, "This answer was useful"),
        "negative_button": _verdict("Not useful", NO, "This answer was not useful"),
    }
    return {"type": "context_actions", "elements": [element]}


def feedback_said(useful: bool, *, is_new: bool) -> str:
    """Return what was said of an answer, for who said it."""
    if not is_new:
        return "That is noted already. Thank you."
    return "Noted: useful. Thank you." if useful else "Noted: not useful. Thank you for saying so."


def judged_words(feedback: Sequence[Precision]) -> str:
    """Return what people said of answers, by who answered."""
    if not feedback:
        return "*Answers* have been judged by nobody yet."
    each = [
        f"{escape(name_for_people(by.agent) or 'others')} {by.useful} of {by.useful + by.not_useful}" for by in feedback
    ]
    return f"*Answers* found useful: {', '.join(each)}."


def without_buttons(blocks: Sequence[Block], note: Block) -> list[Block]:
    """Return a message's blocks with a note in the place of what could be clicked."""
    return [*(each for each in blocks if each.get("type") not in ("actions", "context_actions")), note]


def streamable(text: str, *, is_whole: bool) -> str:
    """Return Markdown that calls nobody: `<!channel>` in it stays words; what may begin such a word waits."""
    begins = None if is_whole else _BEGINS_MENTION.search(text)
    return _MENTION.sub("<\u2060", text[: begins.start()] if begins else text)


def next_piece(page: str, fresh: str, *, is_whole: bool) -> tuple[str, str | None, str]:
    """Return what of `fresh` goes on the page, what closes the page (None: it stays open) and what opens the next.

    Towards its end a page takes whole lines, so that it is cut between two; in a line only where there is no end in
    sight. A code block is closed and opened again.
    """
    room = STREAM_PAGE_CHARACTERS - len(page)
    if len(fresh) <= room:
        is_near_end = len(page) + len(fresh) > WHOLE_LINES_FROM and not is_whole
        return (fresh[: fresh.rfind("\n") + 1] if is_near_end else fresh), None, ""
    cut = fresh.rfind("\n", 0, max(room, 0)) + 1
    if cut == 0 and room > STREAM_PAGE_CHARACTERS - WHOLE_LINES_FROM:
        cut = room
    in_code = (page + fresh[:cut]).count(FENCE) % 2 == 1
    return fresh[:cut], f"\n{FENCE}" if in_code else "", f"{FENCE}\n" if in_code else ""


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _verdict(label: str, value: str, description: str) -> Block:
    return {"text": {"type": "plain_text", "text": label}, "accessibility_label": description, "value": value}
