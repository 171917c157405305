"""What the sentences of a note can rest on, under the labels by which they cite it.

P is the problem as it was told, with the ticket; F3 the fact of that number, as long as it is not taken back; X2 the
second fix that was suggested; S1 the first script that was made; L4 the fourth item of the task lane.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.pilot.notes.redaction import NoteRedactor, is_sensitive
from services.pilot.notes.types import REDACTED, Source, SourceKind, digest_of
from services.pilot.notes.words import as_sentence
from services.pilot.types import ItemStatus, LaneItem, ScriptRun, Session, SuggestedFix, TicketRef

PROBLEM_LABEL = SourceKind.PROBLEM.value
VALUE_CHARACTERS = 80
_LEGAL_FORM = re.compile(r"(?i),?\s+(?:corp(?:oration)?|inc|ltd|llc|gmbh|ag|co|sa|bv|plc)\.?$")
_LANGUAGES = {"powershell": "PowerShell", "bash": "Bash", "python": "Python"}


def sources_of(session: Session, redactor: NoteRedactor) -> dict[str, Source]:
    """Return everything that can be cited, by label; facts that were taken back and dismissed items are not in it."""
    return {source.label: source for source in _sources(session, redactor)}


def _sources(session: Session, redactor: NoteRedactor) -> Iterator[Source]:
    problem = [session.problem, session.company, ticket_words(session.ticket)]
    says = " ".join(as_sentence(redactor.redact(part)) for part in problem if part)
    yield Source(PROBLEM_LABEL, session.id, says, digest_of(*problem))
    for fact in session.known:
        yield Source(fact.label, fact.id, redactor.redact(fact.text), digest_of(fact.text))
    for fix in session.fixes:
        words = " ".join(as_sentence(redactor.redact(p)) for p in (fix.title, fix.description, fix.root_cause) if p)
        state = (fix.user_decision, fix.superseded_at is not None, *fix.fact_numbers)
        label = fix_label(session, fix)
        yield Source(label, fix.id, words, digest_of(fix.title, fix.description, fix.root_cause, *state))
    for place, script in enumerate(session.scripts, 1):
        label = f"{SourceKind.SCRIPT}{script.number or place}"
        yield Source(label, script.id, script_words(script, redactor), digest_of(script.body, script.parameters))
    for number, item in enumerate(session.items, 1):
        if item.status is not ItemStatus.DISMISSED:
            answer = f" {item.answer}" if item.answer else ""
            says = redactor.redact(f"{item.text}{answer}")
            yield Source(item_label(number), item.id, says, digest_of(item.text, item.answer, item.status))


def item_label(number: int) -> str:
    """Name a lane item by its place, counted from 1."""
    return f"{SourceKind.ITEM}{number}"


def fix_label(session: Session, fix: SuggestedFix) -> str:
    """Name a fix by its number."""
    return f"{SourceKind.FIX}{fix.number or [known.id for known in session.fixes].index(fix.id) + 1}"


def company_words(company: str, said: str) -> str:
    """Name a company that `said` does not name; "" without one."""
    short = _LEGAL_FORM.sub("", company) or company
    return f"Company: {company}" if company and not _names(said, short) else ""


def ticket_words(ticket: TicketRef | None, said: str = "") -> str:
    """Name a ticket with its summary, what `said` does not tell of both; "" without one."""
    if ticket is None:
        return ""
    summary = " ".join(str(ticket.details.get("summary", "")).split())
    number = "" if _names(said, ticket.ticket_id) else f" {ticket.ticket_id}"
    if not summary or _names(" ".join(said.split()), summary):
        return f"Ticket{number}" if number else ""
    return f"Ticket{number}: {summary}"


def _names(said: str, name: str) -> bool:
    return re.search(rf"(?i)(?<!\w){re.escape(name.strip())}(?!\w)", said) is not None


def script_words(script: ScriptRun, redactor: NoteRedactor) -> str:
    """Say what was made, with its parameters; that it was run is nobody's knowledge here."""
    language = _LANGUAGES.get(script.language.casefold(), script.language.capitalize() or "A")
    origin = " from a template" if script.template_id else ""
    values = [_parameter(dict(parameter), redactor) for parameter in script.parameters if parameter.get("name")]
    return f"{language} script made{origin}" + (f", with {', '.join(values)}" if values else "")


def _parameter(parameter: dict[str, object], redactor: NoteRedactor) -> str:
    name = " ".join(str(parameter["name"]).split())
    if is_sensitive(parameter):
        return f"{name} = {REDACTED}"
    value = redactor.redact(str(parameter.get("value", "")))
    return f"{name} = {value if len(value) <= VALUE_CHARACTERS else value[: VALUE_CHARACTERS - 1] + '…'}"


def has_taken_back_result(session: Session, item: LaneItem) -> bool:
    """Tell whether what came of an item was a fact that somebody took back: its answer must not be used either."""
    made = [fact for fact in session.facts if fact.id == item.fact_id or fact.source_ref == item.id]
    return bool(made) and all(fact.deleted_at is not None for fact in made)
