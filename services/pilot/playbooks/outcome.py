"""What somebody says came of a fix that was taken becomes known: their words, and whose they are."""

from __future__ import annotations

import structlog

from services.accounts.types import MemberRef
from services.errors import FlowPilotError
from services.pilot.playbooks.answers import LONGEST_FREE_ANSWER, outcome_words
from services.pilot.sessions import PilotSessions
from services.pilot.state.outcome import outcome_item
from services.pilot.types import FixDecision, LaneItem, Session

log = structlog.get_logger(__name__)


async def note_outcome(
    sessions: PilotSessions, session: Session, member: MemberRef, said: str, *, promote: bool
) -> tuple[Session, LaneItem | None]:
    """Keep what was plainly said of the fix that was taken; None where none was, or nothing was said of it."""
    fix, words = session.active_fix, outcome_words(said)
    if fix is None or fix.user_decision in (None, FixDecision.DISMISSED) or words is None:
        return session, None
    if len(words) > LONGEST_FREE_ANSWER:
        return session, None
    told = f"“{words.rstrip('.')}” ({member.display_name})"
    try:
        session = await sessions.tell_outcome(session.id, fix.id, told, member, promote=promote)
    except FlowPilotError as error:
        log.info("outcome_is_not_kept", session=session.id, why=error.message)
        return session, None
    return session, outcome_item(session, fix)
