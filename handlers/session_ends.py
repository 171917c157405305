"""Tell a session's thread how it ended, once, and ask about drafts; whoever ended it, and from wherever."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from blocks.pilot import note as form
from blocks.pilot.library import Said, prompt_said
from blocks.text import bold
from services.accounts.types import MemberRef
from services.errors import VendorError
from services.pilot.notes import ARTIFACTS, NoteKind, note_from_json
from services.pilot.psa import WriteBackResult
from services.pilot.psa.ending import TO_TELL, Ending
from services.pilot.types import Session
from services.slack.dedupe import Deliveries

if TYPE_CHECKING:
    from services.container import Services

log = structlog.get_logger(__name__)
DRAFT_ARTIFACT = "confirmed_{}"
"""The note as it was confirmed, kept until it is posted: what was written is not lost to a failure."""
TOLD_AFTER = timedelta(minutes=2)
"""Whoever ended a session has told it by then, or never will; and how long one attempt at telling has for itself."""
TOLD_UNTIL = timedelta(days=1)
CLOCKS_DIFFER_S = 60.0
"""Between Slack and here, at most, in seconds."""


async def author_of(services: Services, written: WriteBackResult | None, by: MemberRef) -> MemberRef | None:
    """Return whose note stands on the ticket: of two who confirm at once one's does."""
    receipt = written.note_receipt if written else None
    if receipt is None or receipt.actor.member_id is None or not receipt.repeated:
        return by
    return await services.accounts.member_by_id(receipt.actor.member_id)


async def tell_ended(services: Services, ending: Ending, kind: NoteKind, by: MemberRef, *, how: str = "") -> bool:
    """Say in the thread what came of an end, and ask about its drafts; False when somebody does or did that already.

    `how` is added to who did it. What Slack does not take now, `tell_left_over` tells later.
    """
    if not await _claims(services, ending.session, ""):
        return False
    try:
        await _tell(services, ending, kind, by, how)
    except VendorError as error:
        # it has ended, whatever Slack says
        log.warning("end_is_told_later", session=ending.session.id, error=error.message)
    return True


async def tell_left_over(services: Services) -> None:
    """Tell the ends of the current account that nobody came to tell; what stands in the thread is not said again."""
    now = services.now()
    for session in await services.pilot.ended_with(TO_TELL, now - TOLD_UNTIL, now - TOLD_AFTER):
        left = session.artifacts[TO_TELL]
        by = await services.accounts.member_by_id(int(left["member_id"]))
        if by is None or not await _claims(services, session, f" {now.timestamp() // TOLD_AFTER.total_seconds():.0f}"):
            continue
        try:
            await _tell(services, Ending(session, None), NoteKind(left["kind"]), by, is_again=True)
        except VendorError as error:
            log.warning("end_is_told_later", session=session.id, error=error.message)


async def _claims(services: Services, session: Session, attempt: str) -> bool:
    claims = Deliveries(services.database, services.now, source="pilot")
    return await claims.claim(f"{session.id} {session.closed_at}{attempt}")


async def _tell(
    services: Services, ending: Ending, kind: NoteKind, by: MemberRef, how: str = "", *, is_again: bool = False
) -> None:
    session = ending.session
    if session.channel_id is not None and session.closed_at is not None:
        author = await author_of(services, ending.written, by)
        who = f"<@{by.slack_user_id}>{how}"
        if author is not None and author != by:
            who += f", with the note of <@{author.slack_user_id}>"
        said = {"end": _ended_said(session, ending.written, kind, who)}
        said |= {draft.id: prompt_said(draft) for draft in await services.template_drafts.to_ask_about(session)}
        ended_at = session.closed_at.timestamp()
        for name, (text, blocks) in said.items():
            await services.slack.post_once(
                f"pilot:{session.id}:{ended_at:.6f}:{name}",
                session.channel_id,
                text,
                blocks,
                thread_ts=session.thread_ts,
                look_first_since=ended_at - CLOCKS_DIFFER_S if is_again else None,
            )
    await services.pilot.set_artifacts(session.id, {DRAFT_ARTIFACT.format(kind.value): None, TO_TELL: None})


def _ended_said(session: Session, written: WriteBackResult | None, kind: NoteKind, who: str) -> Said:
    if written is not None:
        label = label_of(session) or written.ticket_id
        url = written.note_url or written.ticket_url
        verified = form.verified_words(label, url, written.status_before, written.status_after)
        receipts = [each for each in (written.note_receipt, written.status_receipt) if each is not None]
        return form.ended_said(session, who, receipts, verified=verified)
    if session.ticket is not None:
        # it was posted by somebody who died before they told
        return form.ended_said(session, who, [], verified=f"The note is on {bold(label_of(session))}.")
    stored = session.artifacts.get(ARTIFACTS[kind])
    kept = note_from_json(stored) if isinstance(stored, Mapping) else None
    verified = "No ticket is linked: the note is kept with the session."
    return form.ended_said(session, who, [], verified=verified, kept=kept)


def label_of(session: Session) -> str:
    """Return the name of a session's ticket, empty without one."""
    if session.ticket is None:
        return ""
    return str(session.ticket.details.get("label") or session.ticket.ticket_id)
