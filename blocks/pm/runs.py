"""Agents and their runs, projects, and imports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from blocks.elements import section_block
from blocks.pm.words import counted
from blocks.text import bold, bullets, channel_mention, code, date_token, escape, mention, truncate, truncate_markup
from services.pm.bottlenecks.types import READY_DAYS

Block = dict[str, Any]
Shown = tuple[str, tuple[Block, ...]]

SHOWN_MESSAGES = 30
SHOWN_TEXT_CHARACTERS = 1500
HELD_BACK = "held back"
LOOK_BACK = "look_back"
"""How a run that was to send, but as of a day that is over, is shown."""

_HEADS = {
    "dry_run": "Dry run, nothing was sent. ",
    "shadow": "Shadow mode, nothing was sent. ",
    LOOK_BACK: "As of a day that is over, so nothing was sent or kept. ",
}


@dataclass(frozen=True)
class MessageShown:
    """A message of a run: to whom (a Slack id), what it says, and what became of it."""

    recipient: str
    text: str
    outcome: str


@dataclass(frozen=True)
class AgentShown:
    """An agent with its runs; `mode` is live, shadow or off."""

    name: str
    title: str
    description: str
    schedule: str
    mode: str
    last_at: datetime | None
    last_line: str
    next_at: datetime | None
    last_status: str = ""


def run_result(title: str, line: str, mode: str, messages: Sequence[MessageShown], reader: str = "") -> Shown:
    """Return what a run did; a dry run or shadow run shows the messages themselves, a live one who got any.

    What a live run held back from the `reader`, who asked for it, is shown here.
    """
    first = f"{bold(title)}: {_HEADS.get(mode, '')}{escape(line.rstrip('. '))}."
    shown = messages[:SHOWN_MESSAGES]
    sections = [first]
    if mode == "live":
        told = Counter((_to(message), message.outcome) for message in messages)
        lines = [f"{to}: {escape(what)}{_times(times)}" for (to, what), times in told.items()]
        more = [f"and {len(lines) - SHOWN_MESSAGES} more"] if len(lines) > SHOWN_MESSAGES else []
        sections += [bullets([*lines[:SHOWN_MESSAGES], *more])] if lines else []
        own = [each for each in shown if each.recipient == reader and each.outcome.startswith(HELD_BACK)]
        sections += [f"For you:\n{truncate_markup(each.text, SHOWN_TEXT_CHARACTERS)}" for each in own]
    else:
        sections += [
            f"To {_to(message)}, {escape(message.outcome)}:\n{truncate_markup(message.text, SHOWN_TEXT_CHARACTERS)}"
            for message in shown
        ]
    if mode != "live" and len(messages) > len(shown):
        sections.append(f"And {counted(len(messages) - len(shown), 'more message')}.")
    return "\n".join(sections), tuple(section_block(text) for text in sections)


def run_failed(title: str, error: str) -> Shown:
    """Return why a run came to nothing."""
    text = f":warning: {bold(title)} did not run: {escape(error)}"
    return text, (section_block(text),)


def status(agents: Sequence[AgentShown], problems: Sequence[str] = ()) -> Shown:
    """Return what keeps agents from their work, then each one's last run, next run and mode."""
    sections = [_agent_status(agent) for agent in agents]
    if problems:
        sections.insert(0, "*To look at*\n" + bullets(list(problems)))
    return "\n".join(sections), tuple(section_block(text) for text in sections)


def problems(
    *, resting: Sequence[str], missing: Sequence[str], has_channel: bool, history_days: int | None
) -> list[str]:
    """Return what keeps agents from their work, each with what to do; `history_days` is None before any training."""
    found = [f":warning: {vendor} does not answer; runs wait for it and are caught up." for vendor in resting]
    found += [f":electric_plug: {vendor} is not set up: {_WITHOUT[vendor]}" for vendor in missing]
    if not has_channel:
        found.append(":mega: No alerts channel is set, so nobody gets the daily summary: `/pm settings`.")
    if history_days is None:
        found.append(":seedling: Nothing was learned of how long work usually waits yet; that happens at night.")
    elif history_days < READY_DAYS:
        found.append(
            f":seedling: {counted(history_days, 'day')} of history are known, and bottlenecks stay quiet under "
            f"{READY_DAYS}."
        )
    return found


_WITHOUT = {
    "Jira": "no agent can run.",
    "Tempo": "time tracking, budgets, variances and reports need it (`TEMPO_API_TOKEN`).",
    "GitHub": "pull requests are left out (`GITHUB_TOKEN`).",
}
_STATUS = {"done": ":white_check_mark:", "failed": ":x:", "running": ":hourglass:", "waiting": ":hourglass:"}


def _agent_status(agent: AgentShown) -> str:
    icon = ":white_circle:" if agent.mode == "off" else _STATUS.get(agent.last_status, ":white_circle:")
    upcoming = f"next {date_token(agent.next_at)}" if agent.next_at and agent.mode != "off" else "not scheduled"
    waits = " waits for a vendor and goes on by itself" if agent.last_status == "waiting" else ""
    last = f"last {date_token(agent.last_at)}{waits}" if agent.last_at else "never run"
    line = f": {escape(truncate(agent.last_line, 200))}" if agent.last_line else ""
    return f"{icon} {bold(agent.title)} ({code(agent.name)}) · {agent.mode} · {upcoming}\n{last}{line}"


def agents(shown: Sequence[AgentShown]) -> Shown:
    """Return what each agent does, when, and in which mode."""
    sections = [
        f"{bold(agent.title)} ({code(agent.name)}) · {agent.mode}\n{escape(agent.description)} "
        f"Runs {escape(agent.schedule)}."
        for agent in shown
    ]
    return "\n".join(sections), tuple(section_block(text) for text in sections)


def mode_set(title: str, mode: str) -> Shown:
    """Return what a mode means from now on."""
    meaning: Mapping[str, str] = {
        "live": "runs on schedule and sends",
        "shadow": "runs on schedule and only records what it would send",
        "off": "does not run on schedule; `/pm run` still runs it",
    }
    state = "in shadow mode" if mode == "shadow" else mode
    text = f"{bold(title)} is {state}: it {meaning[mode]}."
    return text, (section_block(text),)


def _times(number: int) -> str:
    return f" ({number} parts)" if number > 1 else ""


def _to(message: MessageShown) -> str:
    if message.recipient.startswith(("U", "W")):
        return mention(message.recipient, message.recipient)
    return channel_mention(message.recipient)
