"""Tell a session's thread how it ended, once, and ask about drafts; whoever ended it, and from wherever."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import structlog

from blocks.pilot import note as form
from blocks.pilot.library import Said, prompt_said
from blocks.text import bold
from services.accounts.types import MemberRef
from services.errors import VendorError
from services.pilot.notes import ARTIFACTS, NoteKind, note_from_json
from services.pilot.psa import WriteBackResult
from services.pilot.psa.ending import Ending
from services.pilot.types import Session
from services.slack.dedupe import Deliveries

if TYPE_CHECKING:
    from services.container import Services

log = structlog.get_logger(__name__)
DRAFT_ARTIFACT = "confirmed_{}"
"""The note as it was confirmed, kept until it is posted: what was written is not lost to a failure."""


async def author_of(services: Services, written: WriteBackResult | None, by: MemberRef) -> MemberRef | None:
    """Return whose note stands on the ticket: of two who confirm at once one's does."""
    receipt = written.note_receipt if written else None
    if receipt is None or receipt.actor.member_id is None or not receipt.repeated:
        return by
    return await services.accounts.member_by_id(receipt.actor.member_id)


async def tell_ended(services: Services, ending: Ending, kind: NoteKind, by: MemberRef, *, how: str = "") -> bool:
    """Say in the thread what came of an end, and ask about its drafts; False when that was told already.

    `how` is added to who did it.
    """
    session = ending.session
    claims = Deliveries(services.database, services.now, source="pilot")
    if not await claims.claim(f"{session.id} {session.closed_at}"):
        return False
    await services.pilot.set_artifacts(session.id, {DRAFT_ARTIFACT.format(kind.value): None})
    if session.channel_id is not None:
        author = await author_of(services, ending.written, by)
        who = f"<@{by.slack_user_id}>{how}"
        if author is not None and author != by:
            who += f", with the note of <@{author.slack_user_id}>"
        said = [_ended_said(session, ending.written, kind, who)]
        said += [prompt_said(draft) for draft in await services.template_drafts.to_ask_about(session)]
        for text, blocks in said:
            await services.slack.post(session.channel_id, text, blocks, thread_ts=session.thread_ts)
    return True


async def tell_ended_elsewhere(services: Services, ending: Ending, kind: NoteKind, by: MemberRef) -> None:
    """Tell the thread of a session that a program ended; it has ended, whatever Slack says."""
    try:
        await tell_ended(services, ending, kind, by, how=" through a program")
    except VendorError as error:
        log.warning("end_not_told", session=ending.session.id, error=error.message)


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
