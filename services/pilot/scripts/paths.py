"""The paths that a suggested fix can take (FLP-5.1), each one change: all of it stands, or nothing does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.accounts import Accounts, MemberRef
from services.errors import ConflictError, NotFoundError
from services.pilot.changing import Also
from services.pilot.scripts.drafts import TemplateDrafts
from services.pilot.scripts.library import MAX_TRIES, NameTakenError, ScriptTemplates, another_name
from services.pilot.scripts.types import PendingDraft, Provenance, Template, TemplateDraft
from services.pilot.sessions import PilotSessions
from services.pilot.types import FixDecision, NewScript, ScriptRun, Session, StaleSessionError, SuggestedFix
from services.slack.markup import escape


@dataclass(frozen=True)
class Taken:
    """A fix that was taken, with what came of it; `script` is None where the fix has none."""

    session: Session
    fix: SuggestedFix
    script: ScriptRun | None
    draft: PendingDraft | None = None
    template: Template | None = None


class FixPaths:
    """Take fixes of the current account. Of two people who decide at once the first does; the other is told who."""

    def __init__(
        self, sessions: PilotSessions, accounts: Accounts, library: ScriptTemplates, drafts: TemplateDrafts
    ) -> None:
        self._sessions = sessions
        self._accounts = accounts
        self._library = library
        self._drafts = drafts

    async def fix(self, session_id: str, fix_id: str) -> tuple[Session, SuggestedFix]:
        """Return a session and one of its fixes, or raise `NotFoundError`."""
        session = await self._sessions.get(session_id)
        return session, _of(session, fix_id)

    async def undecided(self, session_id: str, fix_id: str) -> tuple[Session, SuggestedFix]:
        """Return them if the fix is still to be decided on, or raise `ConflictError` with who was faster."""
        session, fix = await self.fix(session_id, fix_id)
        if fix.user_decision is not None:
            raise await self._was_decided(fix)
        return session, fix

    async def to_fill_in(self, session_id: str, fix_id: str, seen: int) -> tuple[Session, SuggestedFix]:
        """Return them if nobody decided after the version `seen`, or raise `ConflictError` with who was faster."""
        session, fix = await self.fix(session_id, fix_id)
        if fix.user_decision is not None and fix.changed_in > seen:
            raise await self._was_decided(fix)
        return session, fix

    async def use_once(self, session_id: str, fix_id: str, by: MemberRef) -> Taken:
        """Take the fix for this case; its script goes on the record."""
        _, fix = await self.undecided(session_id, fix_id)
        return await self._take(session_id, fix, FixDecision.ONE_OFF, by, _as_it_is(fix, FixDecision.ONE_OFF))

    async def use_and_draft(self, session_id: str, fix_id: str, by: MemberRef) -> Taken:
        """Take the fix for this case and keep a draft: after resolving, the team is asked what becomes of it."""
        _, fix = await self.undecided(session_id, fix_id)
        proposal = await self._drafts.propose(fix, session_id)
        kept: list[PendingDraft] = []

        async def keep(transaction: AsyncSession, session: Session) -> None:
            kept.append(await self._drafts.put(transaction, session, fix.id, proposal))

        path = FixDecision.DRAFT_TEMPLATE
        taken = await self._take(session_id, fix, path, by, _as_it_is(fix, path), also=keep)
        return replace(taken, draft=kept[0])

    async def build(self, session_id: str, fix_id: str, by: MemberRef, draft: TemplateDraft) -> Taken:
        """Save the template that a person saw and confirmed, and take the fix; nothing was stored before.

        A name that somebody else took a moment ago gets a number, so that what was written is not lost.
        """
        session, fix = await self.undecided(session_id, fix_id)
        ticket = session.ticket
        source = Provenance(session_id, by.id, f"{ticket.provider}:{ticket.ticket_id}" if ticket else None)
        for number in range(2, MAX_TRIES + 2):
            try:
                return await self._built(session_id, fix, by, draft, source)
            except (NameTakenError, IntegrityError):
                draft = replace(draft, name=another_name(draft.name, number))
        raise NameTakenError(draft.name)

    async def _built(
        self, session_id: str, fix: SuggestedFix, by: MemberRef, draft: TemplateDraft, source: Provenance
    ) -> Taken:
        saved: list[Template] = []

        async def save(transaction: AsyncSession, session: Session) -> None:
            saved.append(await self._library.add(transaction, draft, by, source))

        path = FixDecision.BUILD_TEMPLATE
        taken = await self._take(session_id, fix, path, by, _as_it_is(fix, path), also=save)
        return replace(taken, template=saved[0])

    async def fill(
        self,
        session_id: str,
        fix_id: str,
        by: MemberRef,
        template_id: str,
        values: Mapping[str, str],
        sources: Mapping[str, str],
        seen: int,
    ) -> Taken:
        """Write the template's script and take the fix with it; `seen` is the version that the form was made of.

        A fix whose script the person has seen gets another one; `sources` say where each value came from.
        """
        path = FixDecision.TEMPLATE
        _, fix = await self.to_fill_in(session_id, fix_id, seen)
        made = await self._library.generate(template_id, values, sources)
        script = NewScript(
            made.language.value, made.body, path.value, made.parameters, fix_id=fix_id, template_id=template_id
        )
        taken = await self._take(session_id, fix, path, by, script, seen=seen)
        return replace(taken, template=await self._library.get(template_id))

    async def dismiss(self, session_id: str, fix_id: str, by: MemberRef) -> None:
        """Put the fix aside."""
        _, fix = await self.undecided(session_id, fix_id)
        await self._take(session_id, fix, FixDecision.DISMISSED, by, None)

    async def _take(
        self,
        session_id: str,
        fix: SuggestedFix,
        decision: FixDecision,
        by: MemberRef,
        script: NewScript | None,
        *,
        seen: int | None = None,
        also: Also | None = None,
    ) -> Taken:
        is_done = False

        async def note(transaction: AsyncSession, session: Session) -> None:
            nonlocal is_done
            is_done = True
            if also is not None:
                await also(transaction, session)

        try:
            session = await self._sessions.take_fix(
                session_id, fix.id, decision, by, script=script, seen=seen, also=note
            )
        except StaleSessionError as error:
            now = _of(error.session, fix.id)
            raise (await self._was_decided(now) if now.user_decision else error) from None
        if not is_done:
            # somebody did the very same a moment ago
            raise await self._was_decided(_of(session, fix.id))
        return Taken(session, _of(session, fix.id), session.scripts[-1] if script else None)

    async def _was_decided(self, fix: SuggestedFix) -> ConflictError:
        member = await self._accounts.member_by_id(fix.decided_by_member_id) if fix.decided_by_member_id else None
        who = f" by {escape(member.display_name)}" if member else ""
        done = fix.user_decision.done if fix.user_decision else "decided on"
        return ConflictError(f"“{escape(fix.title)}” was {done}{who} already; nothing was changed now.")


def _as_it_is(fix: SuggestedFix, path: FixDecision) -> NewScript | None:
    return NewScript(fix.script_language, fix.script_body, path.value) if fix.script_body else None


def _of(session: Session, fix_id: str) -> SuggestedFix:
    fix = next((each for each in session.fixes if each.id == fix_id), None)
    if fix is None:
        raise NotFoundError("This session has no such suggested fix.")
    return fix
