"""The account's library of script templates, together with those that come with FlowPilot."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import Database
from db.models.pilot import ScriptTemplate
from db.repositories import pilot_scripts as repository
from services.accounts import Accounts, MemberRef, Role, require_role
from services.clock import Now
from services.effects import Actor
from services.effects.audit import AuditTrail
from services.errors import ConflictError, InvalidInputError, NotFoundError
from services.pilot.scripts.builtin import builtin_templates
from services.pilot.scripts.checking import MAX_NAME_CHARACTERS, checked
from services.pilot.scripts.matching import Match, best_matches
from services.pilot.scripts.rendering import render
from services.pilot.scripts.risk import assess
from services.pilot.scripts.types import (
    Language,
    Parameter,
    Provenance,
    Risk,
    RiskReport,
    Script,
    Template,
    TemplateDraft,
    Usage,
)
from services.pilot.scripts.values import clean_values

MAX_TRIES = 20
"""Numbers that are tried behind a name that is taken."""
RETIRED_SETTING = "pilot.retired_templates"
"""Ids of templates that come with FlowPilot and that this account does not want."""


class NameTakenError(ConflictError):
    """Another template of the account, or one that comes with FlowPilot, has that name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is a script template “{name}” already.", hint="Choose another name.")


class ScriptTemplates:
    """Templates of the current account; what is wrong with a template is an `InvalidInputError` before it is stored."""

    def __init__(self, database: Database, accounts: Accounts, audit: AuditTrail, now: Now) -> None:
        self._database = database
        self._accounts = accounts
        self._audit = audit
        self._now = now

    async def templates(self, *, include_retired: bool = False) -> list[Template]:
        """Return the account's own templates by name, then those that come with FlowPilot."""
        retired = set(await self._accounts.get_setting(RETIRED_SETTING) or ())
        async with self._database.transaction(write=False) as session:
            rows = await repository.templates(session, include_retired=include_retired)
        own = [_template(row) for row in rows]
        builtin = (
            replace(each, retired_at=self._now()) if each.id in retired else each for each in builtin_templates()
        )
        return [*own, *(each for each in builtin if include_retired or each.retired_at is None)]

    async def search(self, text: str, *, limit: int = 5, language: Language | None = None) -> list[Match]:
        """Return the templates that fit a problem or a fix, the best first, each with why."""
        templates = [each for each in await self.templates() if language in (None, each.language)]
        return await asyncio.to_thread(best_matches, text, templates, limit)

    async def get(self, template_id: str) -> Template:
        """Return a template, retired or not; `NotFoundError` if the account has no such one."""
        found = next((each for each in builtin_templates() if each.id == template_id), None)
        if found is not None:
            retired = await self._accounts.get_setting(RETIRED_SETTING) or ()
            return replace(found, retired_at=self._now()) if template_id in retired else found
        async with self._database.transaction(write=False) as session:
            row = await repository.template(session, template_id)
        if row is None:
            raise NotFoundError("There is no such script template.", hint="It may have been deleted.")
        return _template(row)

    async def usage(self, template_id: str) -> Usage:
        """Return how often scripts were made of a template."""
        async with self._database.transaction(write=False) as session:
            return Usage(*await repository.usage(session, template_id))

    async def check(self, draft: TemplateDraft, own_id: str = "") -> None:
        """Raise what saving would: `InvalidTemplateError`, or `NameTakenError` where another than `own_id` has it."""
        draft = checked(draft)
        async with self._database.transaction(write=False) as session:
            await self._check_name(session, draft.name, own_id)

    async def free_name(self, name: str) -> str:
        """Return the name, with a number behind it where it is taken."""
        async with self._database.transaction(write=False) as session:
            for number in range(1, MAX_TRIES + 1):
                tried = another_name(name, number) if number > 1 else name
                try:
                    await self._check_name(session, tried, "")
                except NameTakenError:
                    continue
                return tried
        return name

    async def named(self, name: str) -> Template | None:
        """Return the template of that name or id, as playbooks call it; an account's own one goes first."""
        templates = await self.templates()
        return next((each for each in templates if name.casefold() in (each.name.casefold(), each.id)), None)

    async def create(self, draft: TemplateDraft, by: MemberRef, source: Provenance | None = None) -> Template:
        """Save a template; `ConflictError` when its name is taken."""
        require_role(by, Role.ENGINEER, "save a script template")
        try:
            async with self._database.transaction() as session:
                return await self.add(session, draft, by, source or Provenance(member_id=by.id))
        except IntegrityError:
            raise NameTakenError(draft.name) from None

    async def add(
        self, session: AsyncSession, draft: TemplateDraft, by: MemberRef, source: Provenance, template_id: str = ""
    ) -> Template:
        """Save a template in the caller's transaction."""
        draft = checked(draft)
        await self._check_name(session, draft.name, "")
        row = ScriptTemplate(id=template_id or str(uuid.uuid4()), created_at=self._now())
        _write(row, draft, self._now())
        row.source_session_id, row.source_member_id = source.session_id, source.member_id
        row.source_ticket_ref = source.ticket_ref
        session.add(row)
        await session.flush()
        await self._line(session, by, "script.template.create", row, None)
        return _template(row)

    async def update(self, template_id: str, draft: TemplateDraft, by: MemberRef) -> Template:
        """Change a template of the account; where it comes from stays."""
        require_role(by, Role.ENGINEER, "change a script template")
        draft = checked(draft)
        async with self._database.transaction() as session:
            row = await self._own(session, template_id)
            await self._check_name(session, draft.name, template_id)
            before = row.name
            _write(row, draft, self._now())
            await self._line(session, by, "script.template.update", row, before)
            return _template(row)

    async def retire(self, template_id: str, by: MemberRef) -> Template:
        """Take a template out of the library; what was made of it stays."""
        return await self._set_retired(template_id, by, is_retired=True)

    async def restore(self, template_id: str, by: MemberRef) -> Template:
        """Put a retired template back."""
        return await self._set_retired(template_id, by, is_retired=False)

    async def generate(
        self, template_id: str, values: Mapping[str, str], sources: Mapping[str, str] | None = None
    ) -> Script:
        """Fill a template in; `sources` say where each value came from. `InvalidInputError` names what is wrong."""
        template = await self.get(template_id)
        if template.retired_at is not None:
            raise ConflictError(f"“{template.name}” is retired.", hint="Choose another one, or restore it.")
        return generated(template, values, sources or {})

    async def _set_retired(self, template_id: str, by: MemberRef, *, is_retired: bool) -> Template:
        require_role(by, Role.ENGINEER, "retire or restore a script template")
        at = self._now() if is_retired else None
        builtin = next((each for each in builtin_templates() if each.id == template_id), None)
        if builtin is not None:
            retired = set(await self._accounts.get_setting(RETIRED_SETTING) or ())
            kept = retired | {template_id} if is_retired else retired - {template_id}
            await self._accounts.set_setting(RETIRED_SETTING, sorted(kept) or None)
            return replace(builtin, retired_at=at)
        async with self._database.transaction() as session:
            row = await self._own(session, template_id)
            if (row.retired_at is not None) != is_retired:
                row.retired_at = at
                action = "script.template.retire" if is_retired else "script.template.restore"
                await self._line(session, by, action, row, row.name)
            return _template(row)

    async def _own(self, session: AsyncSession, template_id: str) -> ScriptTemplate:
        row = await repository.template(session, template_id, to_change=True)
        if row is None:
            if any(each.id == template_id for each in builtin_templates()):
                raise InvalidInputError("That template comes with FlowPilot and stays as it is.", hint="Save a copy.")
            raise NotFoundError("There is no such script template.")
        return row

    async def _check_name(self, session: AsyncSession, name: str, own_id: str) -> None:
        row = await repository.template_named(session, name)
        is_builtin = any(each.name.casefold() == name.casefold() for each in builtin_templates())
        if is_builtin or (row is not None and row.id != own_id):
            raise NameTakenError(name)

    async def _line(
        self, session: AsyncSession, by: MemberRef, action: str, row: ScriptTemplate, before: str | None
    ) -> None:
        after = {"name": row.name, "language": row.language, "risk": row.risk}
        await self._audit.append(
            session,
            actor=Actor(by.id, by.display_name),
            action=action,
            target=f"template {row.id}",
            result="done",
            before=before,
            after=after,
        )


def risk_of(template: Template) -> RiskReport:
    """Return what a template's script does; the way back is in its author's words where they are known."""
    report = assess(template.language, template.body, [each.name for each in template.parameters])
    return replace(report, rollback=template.rollback or report.rollback)


def another_name(name: str, number: int) -> str:
    """Return a name with a number behind it, within what a name may have."""
    bare = re.sub(r" \(\d+\)$", "", name)
    suffix = f" ({number})"
    return f"{bare[: MAX_NAME_CHARACTERS - len(suffix)].rstrip()}{suffix}"


def generated(template: Template, values: Mapping[str, str], sources: Mapping[str, str]) -> Script:
    """Return the script of a template with values, and its parameters as a session stores them."""
    clean = clean_values(template.parameters, values)
    body = render(template.language, template.body, template.parameters, clean)
    stored = tuple(
        {
            "name": each.name,
            "label": each.title,
            "type": each.type.value,
            "value": clean[each.name],
            "source": sources.get(each.name, ""),
            "sensitive": each.is_secret,
        }
        for each in template.parameters
    )
    return Script(template.language, body, stored, assess(template.language, body))


def _write(row: ScriptTemplate, draft: TemplateDraft, now: datetime) -> None:
    names = [parameter.name for parameter in draft.parameters]
    report = assess(draft.language, draft.body, names)
    row.name, row.description, row.symptoms = draft.name, draft.description, list(draft.symptoms)
    row.language, row.body = draft.language, draft.body
    row.parameters = [parameter.to_json() for parameter in draft.parameters]
    row.risk, row.changes, row.rollback = report.risk, report.changes, report.rollback
    row.updated_at = now


def _template(row: ScriptTemplate) -> Template:
    return Template(
        id=row.id,
        name=row.name,
        description=row.description,
        symptoms=tuple(row.symptoms),
        language=Language(row.language),
        body=row.body,
        parameters=tuple(Parameter.from_json(each) for each in row.parameters),
        risk=Risk(row.risk),
        changes=row.changes,
        rollback=row.rollback,
        source=Provenance(row.source_session_id, row.source_member_id, row.source_ticket_ref),
        retired_at=row.retired_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
