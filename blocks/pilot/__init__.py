"""FlowPilot sessions in Slack: the task lane, forms, outcomes, lists."""

from __future__ import annotations

from blocks.pilot.lane import lane_blocks, lane_text, root_blocks, root_text
from blocks.pilot.lists import no_thread_said
from blocks.pilot.parts import Block
from services.pilot.scripts.types import RiskReport
from services.pilot.types import Session


def draw_lane(session: Session, risk: RiskReport | None, cost_microdollars: int = 0) -> tuple[str, list[Block]]:
    """Return the task lane."""
    return lane_text(session), lane_blocks(session, risk, cost_microdollars)


def draw_root(session: Session, opened_by: str) -> tuple[str, list[Block]]:
    """Return the message that starts a session's thread."""
    return root_text(session), root_blocks(session, opened_by)


def draw_lost(session: Session, why: str, hint: str) -> tuple[str, list[Block]]:
    """Return that a session cannot go on where it is, what mends that there, and how it goes on elsewhere."""
    return no_thread_said(session.title, session.id, why, hint)
