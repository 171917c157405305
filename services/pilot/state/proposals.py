"""Fixes that are proposed and decided on, and the scripts made for them."""

from __future__ import annotations

from dataclasses import replace

from services.errors import InvalidInputError, NotFoundError
from services.pilot.redaction import as_reference, without_secrets
from services.pilot.script_redaction import script_without_secrets
from services.pilot.state.moment import Moment, check_length, check_room, clean, next_version, require_open, shown
from services.pilot.types import FixDecision, NewFix, NewScript, ScriptRun, Session, StaleSessionError, SuggestedFix

LONGEST_TITLE = 200
LONGEST_DESCRIPTION = 10_000
LONGEST_SCRIPT = 100_000
LONGEST_ID = 36
MOST_FIXES = MOST_SCRIPTS = 300
"""More than anybody reads; a session is loaded and written whole, so that it must not grow without end."""


def suggest_fix(session: Session, moment: Moment, new: NewFix) -> Session:
    """Propose a fix in the place of the active one, which stays in the history.

    The very fix that is active already is not proposed again. `InvalidInputError` when it rests on facts that are not
    known (any more).
    """
    require_open(session)
    known = {fact.number for fact in session.known}
    missing = [f"F{number}" for number in new.fact_numbers if number not in known]
    if missing:
        raise InvalidInputError(f"The fix rests on {', '.join(missing)}, which this session does not know.")
    if len(new.template_id or "") > LONGEST_ID:
        raise InvalidInputError("The fix names a script template that cannot be one.")
    fix = _fix(session, moment, new)
    active = session.active_fix
    if active is not None and _same(active, fix):
        return session
    check_room(len(session.fixes), MOST_FIXES, "suggested fixes")
    version = next_version(session)
    before = tuple(
        old if old.superseded_at is not None else replace(old, superseded_at=moment.at, changed_in=version)
        for old in session.fixes
    )
    return replace(session, fixes=(*before, fix))


def decide_fix(session: Session, moment: Moment, fix_id: str, decision: FixDecision) -> Session:
    """Record what a person decided; another decision replaces it only from somebody who has seen the first one."""
    require_open(session)
    fix = fix_of(session, fix_id)
    if fix.user_decision is decision:
        return session
    if fix.superseded_at is not None:
        raise StaleSessionError(
            f"“{shown(fix.title)}” was replaced by a newer suggestion; nothing was decided.",
            session,
            hint="Decide on the new one.",
        )
    has_seen = moment.seen_version is not None and moment.seen_version >= fix.changed_in
    if fix.user_decision is not None and not has_seen:
        raise StaleSessionError(
            f"“{shown(fix.title)}” was decided on already: {fix.user_decision.replace('_', ' ')}.", session
        )
    decided = replace(
        fix,
        user_decision=decision,
        decided_by_member_id=moment.member_id,
        decided_at=moment.at,
        changed_in=next_version(session),
    )
    return replace(session, fixes=tuple(decided if old.id == fix_id else old for old in session.fixes))


def add_script(session: Session, moment: Moment, new: NewScript) -> Session:
    """Record a script as it was made, once under an id that is given; sensitive values stay outside."""
    if new.id and any(script.id == new.id for script in session.scripts):
        return session
    require_open(session)
    check_room(len(session.scripts), MOST_SCRIPTS, "scripts")
    if new.fix_id is not None:
        fix_of(session, new.fix_id)
    script = ScriptRun(
        id=new.id or moment.new_id(),
        fix_id=new.fix_id,
        template_id=new.template_id,
        language=new.language,
        body=_script(new.language, new.body),
        parameters=tuple(as_reference(parameter) for parameter in new.parameters),
        path=new.path,
        created_at=moment.at,
        number=max((script.number for script in session.scripts), default=0) + 1,
        created_by_member_id=moment.member_id,
    )
    return replace(session, scripts=(*session.scripts, script))


def fix_of(session: Session, fix_id: str) -> SuggestedFix:
    """Return a fix of the session, or raise `NotFoundError`."""
    for fix in session.fixes:
        if fix.id == fix_id:
            return fix
    raise NotFoundError("This session has no such suggested fix.")


def _fix(session: Session, moment: Moment, new: NewFix) -> SuggestedFix:
    script = _script(new.script_language, new.script_body) if new.script_body.strip() else ""
    return SuggestedFix(
        id=moment.new_id(),
        # what stands in a secret's place may be longer than the secret
        title=clean(new.title, "The title", longest=LONGEST_TITLE)[:LONGEST_TITLE],
        description=clean(new.description or new.title, "The description", longest=LONGEST_DESCRIPTION),
        root_cause=without_secrets(new.root_cause.strip()),
        fact_numbers=tuple(dict.fromkeys(new.fact_numbers)),
        script_language=new.script_language if script else "",
        script_body=script,
        template_id=new.template_id,
        proposed_by=new.proposed_by,
        user_decision=None,
        decided_by_member_id=None,
        decided_at=None,
        superseded_at=None,
        created_at=moment.at,
        number=max((fix.number for fix in session.fixes), default=0) + 1,
        changed_in=next_version(session),
    )


def _script(language: str, body: str) -> str:
    """Return a script as it is, but for its secrets."""
    check_length(body, "The script", longest=LONGEST_SCRIPT)
    return script_without_secrets(language, body.replace("\x00", ""))


def _same(one: SuggestedFix, other: SuggestedFix) -> bool:
    names = ("title", "description", "root_cause", "fact_numbers", "script_body", "template_id")
    return all(getattr(one, name) == getattr(other, name) for name in names)
