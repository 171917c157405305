"""Sessions of the current account: one method per operation, each one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy.exc import IntegrityError

from db.models.pilot import SessionMessage
from db.repositories import pilot as repository
from services.accounts.types import MemberRef, Role, require_role
from services.errors import ConflictError
from services.pilot import storage
from services.pilot.changing import Also, SessionChanging
from services.pilot.listing import no_such_session
from services.pilot.markers import Marker
from services.pilot.proposals import Promotion, proposal_of
from services.pilot.redaction import without_secrets
from services.pilot.state import knowledge, lane, outcome, proposals, standing, taking
from services.pilot.state.moment import Moment
from services.pilot.types import (
    Author,
    FactSource,
    FixDecision,
    LaneKind,
    Message,
    NewFix,
    NewItem,
    NewScript,
    Session,
    SessionStatus,
    TicketRef,
)

Seen = int | None
"""The `state_version` that somebody had before them when they decided on a change, where that is known."""

LONGEST_MESSAGE = 40_000


class PilotSessions(SessionChanging):
    """Work on sessions.

    `by` is the person who does it, who must be an engineer and leaves an audit line; None is FlowPilot itself.
    `seen` is the version they saw: a thing that changed since is not overwritten (`StaleSessionError`, which has the
    newer state), changes of different things both hold. Ids of other sessions and accounts raise `NotFoundError`.
    What changes facts, lane, fixes, scripts, ticket or status raises `state_version` by one; where the session is
    shown, what was said and its artifacts do not. Secrets are taken out of every text before it is stored.
    """

    async def open(
        self,
        problem: str,
        by: MemberRef,
        *,
        title: str = "",
        ticket: TicketRef | None = None,
        team: str = "",
        company: str = "",
        session_id: str | None = None,
    ) -> Session:
        """Open a session on a problem; under a `session_id` that a first attempt used, find the one it opened."""
        require_role(by, Role.ENGINEER, "open a session")
        moment = Moment(self._now(), by.id)
        session = standing.opened(moment, problem, title=title, ticket=ticket, team=team, company=company)
        session = replace(session, id=session_id or session.id)
        async with self._database.transaction() as transaction:
            if session_id and (rows := await repository.load(transaction, session_id, to_change=False)):
                return storage.session_of(rows)
            await storage.write(transaction, None, None, session)
            await self._record(transaction, by, "pilot.open", None, session)
        self._tell(session)
        return session

    async def add_message(
        self,
        session_id: str,
        author: Author,
        text: str,
        *,
        by: MemberRef | None = None,
        slack_ts: str | None = None,
        answered_by: str = "",
    ) -> Message:
        """Keep a turn of the conversation, without secrets, and return it so; the same Slack message is kept once."""
        if by is not None:
            require_role(by, Role.ENGINEER, "work in sessions")
        async with self._database.transaction() as transaction:
            session = await repository.lock(transaction, session_id)
            if session is None:
                raise no_such_session()
            row = await repository.message_at(transaction, session_id, slack_ts) if slack_ts else None
            if row is None:
                asked = [item.text for item in storage.items_of(session.pending_task_lane) if item.status == "open"]
                before = await repository.messages(transaction, session_id, before_id=None, limit=1)
                question = "\n".join([*asked, *(turn.text for turn in before)])
                row = SessionMessage(
                    session_id=session_id,
                    author=author,
                    member_id=by.id if by else None,
                    text=without_secrets(text.replace("\x00", "")[:LONGEST_MESSAGE], question=question),
                    slack_ts=slack_ts,
                    answered_by=answered_by,
                    created_at=self._now(),
                )
                transaction.add(row)
                await transaction.flush()
            return storage.message_of(row)

    async def attach_thread(self, session_id: str, channel_id: str, thread_ts: str) -> Session:
        """Say which Slack thread the session lives in; `ConflictError` when another session has that one."""
        change = partial(standing.attach_thread, channel_id=channel_id, thread_ts=thread_ts)
        try:
            return await self._change(session_id, None, "pilot.thread", change, raises_version=False)
        except IntegrityError as error:
            raise ConflictError("This thread has a session already.", hint="Go on with that one.") from error

    async def set_lane_message(self, session_id: str, lane_ts: str | None) -> Session:
        """Say which message shows the lane."""
        change = partial(standing.set_lane_message, lane_ts=lane_ts)
        return await self._change(session_id, None, "pilot.lane", change, raises_version=False)

    async def set_artifacts(
        self, session_id: str, artifacts: Mapping[str, Any], *, by: MemberRef | None = None
    ) -> Session:
        """Keep documents (JSON) by name, such as a stored note; None removes one. Works on ended sessions too."""
        change = partial(standing.with_artifacts, artifacts=artifacts)
        return await self._change(session_id, by, "pilot.artifact", change, raises_version=False)

    async def set_external_ids(
        self, session_id: str, *, resolution_note: str | None = None, escalation_package: str | None = None
    ) -> Session:
        """Keep under which ids the ticket's home has the note or the package; None leaves what is there."""

        change = partial(standing.posted, note_id=resolution_note, package_id=escalation_package)
        return await self._change(session_id, None, "pilot.posted", change, raises_version=False)

    async def add_items(self, session_id: str, items: Sequence[NewItem], *, by: MemberRef | None = None) -> Session:
        """Put questions, checks and actions into the lane; those that are there already are left as they are."""
        return await self._change(session_id, by, "pilot.item.add", partial(lane.add_items, items=items))

    async def answer_item(
        self, session_id: str, item_id: str, answer: str, by: MemberRef | None, *, promote: bool = False
    ) -> Session:
        """Write down the answer to a question; `promote` makes a fact of it at once if it is certain."""
        kinds = (LaneKind.QUESTION,)
        return await self._answer(session_id, item_id, answer, by, kinds, promote, "pilot.question.answer")

    async def complete_check(
        self, session_id: str, item_id: str, result: str, by: MemberRef | None, *, promote: bool = False
    ) -> Session:
        """Write down what came of a check or an action; `promote` makes a fact of it at once if it is certain."""
        kinds = (LaneKind.CHECK, LaneKind.ACTION)
        return await self._answer(session_id, item_id, result, by, kinds, promote, "pilot.check.complete")

    async def dismiss_item(self, session_id: str, item_id: str, by: MemberRef | None, *, seen: Seen = None) -> Session:
        """Put an open item aside."""
        return await self._change(session_id, by, "pilot.item.dismiss", partial(lane.dismiss, item_id=item_id), seen)

    async def reopen_item(self, session_id: str, item_id: str, by: MemberRef | None, *, seen: Seen = None) -> Session:
        """Take an item up again; its fact is taken back."""
        return await self._change(session_id, by, "pilot.item.reopen", partial(lane.reopen, item_id=item_id), seen)

    async def promote(self, session_id: str, item_id: str, by: MemberRef | None, *, words: str = "") -> Session:
        """Make a fact of an answered item, in careful words; a model's `words` only where the answer supports them."""
        change = partial(knowledge.promote, item_id=item_id, words=words)
        return await self._change(session_id, by, "pilot.fact.promote", change)

    async def add_note(self, session_id: str, text: str, by: MemberRef) -> Session:
        """Note something as a fact in a person's own words."""
        change = partial(knowledge.add_fact, text=text, source=FactSource.MANUAL)
        return await self._change(session_id, by, "pilot.fact.add", change)

    async def add_synthesis(self, session_id: str, text: str) -> Session:
        """Note what FlowPilot concluded; people can edit it."""
        change = partial(knowledge.add_fact, text=text, source=FactSource.SYNTHESIS)
        return await self._change(session_id, None, "pilot.fact.add", change)

    async def edit_fact(self, session_id: str, fact_id: str, text: str, by: MemberRef, *, seen: Seen = None) -> Session:
        """Change the words of a manual or synthesised fact; the others raise `InvalidInputError`."""
        change = partial(knowledge.edit_fact, fact_id=fact_id, text=text)
        return await self._change(session_id, by, "pilot.fact.edit", change, seen)

    async def delete_fact(self, session_id: str, fact_id: str, by: MemberRef, *, seen: Seen = None) -> Session:
        """Take a fact back; it can be restored."""
        change = partial(knowledge.delete_fact, fact_id=fact_id)
        return await self._change(session_id, by, "pilot.fact.delete", change, seen)

    async def restore_fact(self, session_id: str, fact_id: str, by: MemberRef, *, seen: Seen = None) -> Session:
        """Bring a deleted fact back."""
        change = partial(knowledge.restore_fact, fact_id=fact_id)
        return await self._change(session_id, by, "pilot.fact.restore", change, seen)

    async def suggest_fix(self, session_id: str, fix: NewFix, *, by: MemberRef | None = None) -> Session:
        """Propose a fix; the active one is superseded and kept."""
        return await self._change(session_id, by, "pilot.fix.suggest", partial(proposals.suggest_fix, new=fix))

    async def decide_fix(
        self, session_id: str, fix_id: str, decision: FixDecision, by: MemberRef, *, seen: Seen = None
    ) -> Session:
        """Record a decision on the fix; with `seen` it may replace an earlier one that was seen."""
        change = partial(proposals.decide_fix, fix_id=fix_id, decision=decision)
        return await self._change(session_id, by, "pilot.fix.decide", change, seen)

    async def take_fix(
        self,
        session_id: str,
        fix_id: str,
        decision: FixDecision,
        by: MemberRef,
        *,
        script: NewScript | None = None,
        seen: Seen = None,
        also: Also | None = None,
    ) -> Session:
        """Record a decision and the script that is taken with it; `also` stores what comes of it, all or nothing.

        The same decision again changes nothing; with `seen` another script goes on the record of the one seen.
        """
        change = partial(taking.take_fix, fix_id=fix_id, decision=decision, script=script)
        return await self._change(session_id, by, "pilot.fix.decide", change, seen, also=also)

    async def tell_outcome(
        self, session_id: str, fix_id: str, words: str, by: MemberRef, *, promote: bool = False
    ) -> Session:
        """Keep what a person said came of a fix, as an answered check; `promote` makes a fact of it at once."""
        change = partial(outcome.tell_outcome, fix_id=fix_id, words=words, promote=promote)
        return await self._change(session_id, by, "pilot.fix.outcome", change)

    async def add_script_generation(
        self, session_id: str, script: NewScript, *, by: MemberRef | None = None
    ) -> Session:
        """Record a script that was made; values of parameters marked `sensitive` become references."""
        return await self._change(session_id, by, "pilot.script.add", partial(proposals.add_script, new=script))

    async def apply_marker(
        self, session_id: str, marker: Marker, proposed_by: str, *, by: MemberRef | None = None
    ) -> Session:
        """Do what a model's marker asks for; on a `FlowPilotError` nothing was done: show `marker.source` as text."""
        match proposal_of(marker, proposed_by):
            case Promotion(item_id=item_id, words=words):
                return await self.promote(session_id, item_id, by, words=words)
            case NewItem() as item:
                return await self.add_items(session_id, [item], by=by)
            case NewFix() as fix:
                return await self.suggest_fix(session_id, fix, by=by)

    async def link_ticket(
        self, session_id: str, ticket: TicketRef, by: MemberRef | None, *, seen: Seen = None
    ) -> Session:
        """Link the session to a ticket, or keep what was read of it newly."""
        change = partial(standing.link_ticket, ticket=ticket)
        return await self._change(session_id, by, "pilot.ticket.link", change, seen)

    async def unlink_ticket(self, session_id: str, by: MemberRef, *, seen: Seen = None) -> Session:
        """Take the ticket off the session."""
        change = partial(standing.link_ticket, ticket=None)
        return await self._change(session_id, by, "pilot.ticket.unlink", change, seen)

    async def end(
        self,
        session_id: str,
        status: SessionStatus,
        by: MemberRef,
        *,
        artifacts: Mapping[str, Any] | None = None,
        seen: Seen = None,
    ) -> Session:
        """End an open session as resolved, escalated or closed, keeping documents with it in the same transaction.

        With `seen`, a session that changed since then stays open (`StaleSessionError`). Ended so already: unchanged.
        """
        change = partial(standing.finish, status=status, artifacts=artifacts or {})
        return await self._change(session_id, by, f"pilot.{status}", change, seen)

    async def resolve(self, session_id: str, by: MemberRef, **rest: Any) -> Session:
        """End the session as resolved; see `end`."""
        return await self.end(session_id, SessionStatus.RESOLVED, by, **rest)

    async def escalate(self, session_id: str, by: MemberRef, **rest: Any) -> Session:
        """Hand the session on; see `end`."""
        return await self.end(session_id, SessionStatus.ESCALATED, by, **rest)

    async def close(self, session_id: str, by: MemberRef, **rest: Any) -> Session:
        """End the session without a result; see `end`."""
        return await self.end(session_id, SessionStatus.CLOSED, by, **rest)

    async def reopen(self, session_id: str, by: MemberRef, *, seen: Seen = None) -> Session:
        """Take the work up again."""
        return await self._change(session_id, by, "pilot.reopen", standing.reopen, seen)

    async def _answer(
        self,
        session_id: str,
        item_id: str,
        text: str,
        by: MemberRef | None,
        kinds: Sequence[LaneKind],
        promote: bool,
        action: str,
    ) -> Session:
        def change(session: Session, moment: Moment) -> Session:
            answered = lane.answer(session, moment, item_id, text, kinds)
            if not promote:
                return answered
            return knowledge.promoted_if_certain(answered, moment, item_id)

        return await self._change(session_id, by, action, change)
