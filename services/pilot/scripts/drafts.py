"""Scripts of sessions on their way to becoming templates: kept, asked for after resolving, accepted or skipped."""

from __future__ import annotations

import uuid
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import Database
from db.models.pilot import AiSession, DraftTemplate
from db.repositories import pilot_scripts as repository
from services.accounts import Accounts, MemberRef, Role, require_role
from services.clock import Now
from services.effects import Actor
from services.effects.audit import AuditTrail
from services.errors import ConflictError, InvalidInputError, NotFoundError
from services.pilot.scripts.library import ScriptTemplates
from services.pilot.scripts.proposing import TemplateProposal, TemplateProposals
from services.pilot.scripts.types import (
    DraftStatus,
    Language,
    Parameter,
    PendingDraft,
    Provenance,
    Template,
    TemplateDraft,
)
from services.pilot.types import FixDecision, Session, SessionStatus, SuggestedFix
from services.slack.markup import truncate

DESCRIPTION_CHARACTERS = 300
PROMPT_SETTING = "templatize_prompt_enabled"


class TemplateDrafts:
    """Drafts of the current account; deciding again does no harm, deciding otherwise is a `ConflictError`."""

    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        audit: AuditTrail,
        library: ScriptTemplates,
        proposals: TemplateProposals,
        now: Now,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._audit = audit
        self._library = library
        self._proposals = proposals
        self._now = now

    async def propose(self, fix: SuggestedFix, session_id: str) -> TemplateProposal:
        """Return the template that a fix's script would be, its secrets taken out; nothing is stored.

        Raises `InvalidInputError` when there is no script, or none that a template can be made of.
        """
        proposal = await self._proposals.propose(_language(fix), fix.title, fix.script_body, subject=session_id)
        if proposal.draft.description:
            return proposal
        said = truncate(" ".join(fix.description.split()), DESCRIPTION_CHARACTERS)
        return replace(proposal, draft=replace(proposal.draft, description=said))

    async def put(
        self, transaction: AsyncSession, session: Session, fix_id: str, proposal: TemplateProposal
    ) -> PendingDraft:
        """Keep a proposal as a pending draft in the caller's transaction; a fix has one draft."""
        row = await repository.draft_of_fix(transaction, session.id, fix_id)
        if row is None:
            row = DraftTemplate(
                id=str(uuid.uuid4()),
                session_id=session.id,
                fix_id=fix_id,
                title=proposal.draft.name,
                description=proposal.draft.description,
                # without a model's words: what the session was about is what people will say who need the template
                symptoms=list(proposal.draft.symptoms or (session.title,)),
                language=proposal.draft.language,
                body=proposal.draft.body,
                parameters=[parameter.to_json() for parameter in proposal.draft.parameters],
                status=DraftStatus.PENDING,
                created_at=self._now(),
            )
            transaction.add(row)
            await transaction.flush()
        return _draft(row)

    async def get(self, draft_id: str) -> PendingDraft:
        """Return a draft, whatever became of it."""
        async with self._database.transaction(write=False) as transaction:
            return _draft(await self._row(transaction, draft_id))

    async def pending(self, session_id: str | None = None) -> list[PendingDraft]:
        """Return pending drafts, of one session or of the account, oldest first."""
        async with self._database.transaction(write=False) as transaction:
            return [_draft(row) for row in await repository.drafts(transaction, session_id)]

    async def pending_count(self) -> int:
        """Count the account's pending drafts, for the library's badge."""
        async with self._database.transaction(write=False) as transaction:
            return await repository.pending_count(transaction)

    async def to_ask_about(self, session: Session) -> list[PendingDraft]:
        """Return the drafts to ask about after resolving; none if asking is off or another path was chosen."""
        if session.status is not SessionStatus.RESOLVED or not await self._accounts.get_setting(PROMPT_SETTING, True):
            return []
        chosen = {fix.id for fix in session.fixes if fix.user_decision is FixDecision.DRAFT_TEMPLATE}
        return [draft for draft in await self.pending(session.id) if draft.fix_id in chosen]

    async def accept(self, draft_id: str, by: MemberRef, edited: TemplateDraft | None = None) -> Template:
        """Make a template of a draft, as a person edited it; it says which session, person and ticket it comes from."""
        require_role(by, Role.ENGINEER, "save a script template")
        async with self._database.transaction() as transaction:
            row = await self._row(transaction, draft_id)
            if row.status == DraftStatus.REJECTED:
                raise ConflictError("That draft was skipped already.", hint="Build the template from the session anew.")
            if row.status == DraftStatus.PENDING:
                session = await repository.ai_session(transaction, row.session_id)
                source = Provenance(row.session_id, by.id, _ticket(session) if session else None)
                template = await self._library.add(transaction, edited or _draft(row).template, by, source, row.id)
                self._decide(row, DraftStatus.ACCEPTED, by)
                await self._line(transaction, by, "script.draft.accept", row)
                return template
        return await self._library.get(draft_id)

    async def reject(self, draft_id: str, by: MemberRef) -> PendingDraft:
        """Skip a draft: no template comes of it."""
        require_role(by, Role.ENGINEER, "skip a draft")
        async with self._database.transaction() as transaction:
            row = await self._row(transaction, draft_id)
            if row.status == DraftStatus.ACCEPTED:
                raise ConflictError("That draft is a template already.", hint="Retire the template instead.")
            if row.status == DraftStatus.PENDING:
                self._decide(row, DraftStatus.REJECTED, by)
                await self._line(transaction, by, "script.draft.reject", row)
            return _draft(row)

    async def stop_asking(self, by: MemberRef) -> None:
        """Never ask this team again after resolving."""
        await self.set_asking(by, is_on=False)

    async def set_asking(self, by: MemberRef, *, is_on: bool) -> None:
        """Ask after resolving, or do not."""
        require_role(by, Role.ENGINEER, "change what is asked after resolving")

        async def line(session: AsyncSession, before: object, after: object) -> None:
            await self._audit.append(
                session,
                actor=Actor(by.id, by.display_name),
                action="account.settings",
                target=PROMPT_SETTING,
                result="done",
                before=before,
                after=after,
            )

        await self._accounts.set_settings({PROMPT_SETTING: is_on}, also=line)

    async def _row(self, transaction: AsyncSession, draft_id: str) -> DraftTemplate:
        row = await repository.draft(transaction, draft_id)
        if row is None:
            raise NotFoundError("There is no such draft.")
        return row

    def _decide(self, row: DraftTemplate, status: DraftStatus, by: MemberRef) -> None:
        row.status, row.decided_by_member_id, row.decided_at = status, by.id, self._now()

    async def _line(self, transaction: AsyncSession, by: MemberRef, action: str, row: DraftTemplate) -> None:
        await self._audit.append(
            transaction,
            actor=Actor(by.id, by.display_name),
            action=action,
            target=f"draft {row.id}",
            result="done",
            after={"title": row.title, "session": row.session_id},
        )


def _ticket(row: AiSession) -> str | None:
    return f"{row.psa_provider}:{row.psa_ticket_id}" if row.psa_provider and row.psa_ticket_id else None


def _language(fix: SuggestedFix) -> Language:
    if not fix.script_body.strip():
        raise InvalidInputError("That fix has no script.", hint="Write one, or choose another path.")
    try:
        return Language(fix.script_language.lower())
    except ValueError:
        names = ", ".join(language.label for language in Language)
        raise InvalidInputError(f"Templates are made of {names} only.") from None


def _draft(row: DraftTemplate) -> PendingDraft:
    return PendingDraft(
        id=row.id,
        session_id=row.session_id,
        fix_id=row.fix_id,
        title=row.title,
        language=Language(row.language),
        body=row.body,
        parameters=tuple(Parameter.from_json(each) for each in row.parameters),
        status=DraftStatus(row.status),
        created_at=row.created_at,
        decided_by_member_id=row.decided_by_member_id,
        decided_at=row.decided_at,
        description=row.description,
        symptoms=tuple(row.symptoms),
    )
