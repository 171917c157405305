"""What was said in a session outside its thread, shown in it."""

from __future__ import annotations

from blocks.pilot.answer import written
from blocks.pilot.parts import Block, section
from blocks.text import escape, mention

QUOTED_CHARACTERS = 2_000


def relayed(slack_user_id: str, name: str, said: str, answer: str) -> tuple[str, list[Block]]:
    """Return what a person said through a program, and the answer to it; "" is none."""
    words = said if len(said) <= QUOTED_CHARACTERS else f"{said[:QUOTED_CHARACTERS]}…"
    quoted = "\n".join(f"> {line}" for line in escape(words).split("\n"))
    spoken = section(f"{mention(slack_user_id, name)} said through a program:\n{quoted}")
    notice, shown = written(answer) if answer.strip() else ("", [])
    return notice or f"Said through a program: {escape(words[:100])}", [spoken, *shown]
