"""What the HTTP API gives of script templates, their drafts, and what may help."""

from __future__ import annotations

from datetime import datetime

from handlers.api.models.given import Given, Session, Written
from services.pilot.scripts.prefill import Confidence, ValueSource
from services.pilot.scripts.types import DraftStatus, Language, ParameterType, Risk


class TemplateParameter(Given):
    """One parameter of a template; the value of a secret is a reference such as `secret:acme-admin`."""

    name: str
    type: ParameterType
    label: str
    help: str
    default: str
    options: list[str]
    is_required: bool


class Provenance(Given):
    """Where a template comes from."""

    session_id: str | None
    member_id: int | None
    ticket_ref: str | None


class ScriptTemplate(Given):
    """A script with typed parameters; those that come with FlowPilot have no dates and no source."""

    id: str
    name: str
    description: str
    symptoms: list[str]
    language: Language
    body: str
    parameters: list[TemplateParameter]
    risk: Risk
    changes: str
    rollback: str
    source: Provenance
    is_builtin: bool
    retired_at: datetime | None
    created_at: datetime | None
    updated_at: datetime | None


class TemplateList(Given):
    """Templates: the account's own by name, then those that come with FlowPilot; of a search the best first."""

    templates: list[ScriptTemplate]
    next_cursor: str | None


class DraftTemplate(Given):
    """A script of a session that may become a template."""

    id: str
    session_id: str
    fix_id: str | None
    title: str
    description: str
    symptoms: list[str]
    language: Language
    body: str
    parameters: list[TemplateParameter]
    status: DraftStatus
    created_at: datetime
    decided_by_member_id: int | None
    decided_at: datetime | None


class DraftList(Given):
    """Drafts that wait, oldest first."""

    drafts: list[DraftTemplate]
    next_cursor: str | None


class NotePosted(Given):
    """How a session ended; `written` is null without a ticket, and where the session had ended so already.

    `ask_about` are drafts of which a person is to be asked whether they become templates.
    """

    session: Session
    written: Written | None
    ask_about: list[DraftTemplate]


class Suggestion(Given):
    """A value and where it stands: `reference` is a fact's label, a field of the ticket, a company."""

    value: str
    source: ValueSource
    reference: str
    confidence: Confidence


class PrefilledField(Given):
    """A field of a template's form; with a conflict nothing is chosen, and a person decides between `others`."""

    parameter: TemplateParameter
    chosen: Suggestion | None
    others: list[Suggestion]
    is_conflict: bool


class PrefilledForm(Given):
    """A template's form, filled in from what the session knows."""

    template_id: str
    fields: list[PrefilledField]
    state_version: int


class SimilarCase(Given):
    """A resolved session that is like this one; `score` is 0 to 1."""

    session_id: str
    title: str
    company: str
    root_cause: str
    fix_title: str
    score: float
    reason: str


class SimilarTemplate(Given):
    """A script template that fits; `score` is 0 to 1."""

    template_id: str
    name: str
    score: float
    reason: str


class Similar(Given):
    """What may help with a session's problem, the best first."""

    cases: list[SimilarCase]
    templates: list[SimilarTemplate]
