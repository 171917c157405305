"""How a run by hand is shown, wherever it was asked for."""

from __future__ import annotations

from agents.runs import RunResult
from agents.spec import RunMode
from blocks.pm import runs as blocks
from services.accounts.types import MemberRef


def shown(title: str, result: RunResult, reader: MemberRef, *, asked_to_send: bool = False) -> blocks.Shown:
    """Return text and blocks of a run's outcome for who asked for it."""
    if result.delivery is None:
        return blocks.run_failed(title, result.run.error or "the reason is in the log")
    messages = [blocks.MessageShown(each.recipient, each.text, each.outcome) for each in result.delivery.messages]
    is_look_back = asked_to_send and result.run.mode is RunMode.DRY_RUN
    mode = blocks.LOOK_BACK if is_look_back else result.run.mode.value
    return blocks.run_result(title, result.delivery.line, mode, messages, reader.slack_user_id)
