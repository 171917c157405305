"""How a run by hand is shown, wherever it was asked for."""

from __future__ import annotations

from agents.runs import RunResult
from blocks.pm import runs as blocks
from services.accounts.types import MemberRef


def shown(title: str, result: RunResult, reader: MemberRef) -> blocks.Shown:
    """Return text and blocks of a run's outcome for who asked for it."""
    if result.delivery is None:
        return blocks.run_failed(title, result.run.error or "the reason is in the log")
    messages = [blocks.MessageShown(each.recipient, each.text, each.outcome) for each in result.delivery.messages]
    return blocks.run_result(title, result.delivery.line, result.run.mode.value, messages, reader.slack_user_id)
