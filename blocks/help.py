"""The list of commands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.accounts.types import Role
from services.commands.spec import CommandSpec

INTRODUCTION = (
    "Type these as slash commands, or say them to me in a message without the slash: _move ABC-1 to QA_. "
    "In threads, where Slack has no slash commands, mention me."
)


def help_blocks(specs: Sequence[CommandSpec], role: Role) -> list[dict[str, Any]]:
    """Return the commands by slash command; those that `role` may not use say which role may."""
    blocks: list[dict[str, Any]] = []
    for slash in dict.fromkeys(spec.slash for spec in specs):
        own = [spec for spec in specs if spec.slash == slash]
        # what a slash command does without a word of its own is what most people type it for
        lines = [_line(spec, role) for spec in sorted(own, key=lambda spec: bool(spec.words))]
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": "\n".join((f"*{slash}*", *lines))}})
    blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": INTRODUCTION}]})
    return blocks


def overview_blocks(specs: Sequence[CommandSpec], role: Role, home_url: str) -> list[dict[str, Any]]:
    """Return all commands by topic, what the reader's role may do, and where to start."""
    allowed = sum(role.includes(spec.role) for spec in specs)
    lines = [
        f"Your role is *{role}*: you may use {allowed} of {len(specs)} commands.",
        "*Where to start:* `/flowpilot link` says who you are in Jira; `/ticket` acts on a ticket.",
    ]
    if home_url:
        lines.append(f"<{home_url}|Open your Home> for what waits for you, your alerts and the agents.")
    return [{"type": "section", "text": {"type": "mrkdwn", "text": "\n".join(lines)}}, *help_blocks(specs, role)]


def help_text(specs: Sequence[CommandSpec]) -> str:
    """Return the same list for notifications and screen readers."""
    return "\n".join(("What I can do:", *(f"{spec.usage}: {spec.summary}" for spec in specs)))


def _line(spec: CommandSpec, role: Role) -> str:
    line = f"`{spec.usage}` {spec.summary}"
    if not role.includes(spec.role):
        line += f" :lock: _needs the role {spec.role}_"
    for example in spec.examples[:1]:
        # one that only says the command again tells nothing
        line += f"\n      for example `{example}`" if example not in (spec.title, spec.usage) else ""
    return line
