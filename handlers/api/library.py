"""Script templates, and drafts on their way to becoming some."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from handlers.api import models
from handlers.api.paging import page_of
from handlers.api.routing import Answer, Call, Routes
from services.pilot.scripts.types import DraftStatus, PendingDraft, Template, TemplateDraft

ROUTES = Routes("Script templates")
TEMPLATES = "/script-templates"
DRAFTS = "/draft-templates"


@ROUTES.route("GET", TEMPLATES, "List or search script templates", models.TemplateList, query=models.TemplateQuery)
async def list_templates(call: Call) -> Answer:
    """Return the library; with `text` the templates that fit it, the best first."""
    asked, library = call.asked(models.TemplateQuery), call.services.script_templates
    if asked.text.strip():
        matches = await library.search(asked.text, limit=models.LARGEST_PAGE, language=asked.language)
        ranked = sorted(matches, key=lambda match: (-match.score, match.template.id))
        best, cursor = page_of(ranked, lambda match: [-match.score, match.template.id], asked)
        return _templates([match.template for match in best], cursor)
    every = await library.templates(include_retired=asked.retired)
    wanted = [each for each in every if asked.language in (None, each.language)]
    wanted.sort(key=lambda each: (each.is_builtin, each.name, each.id))
    shown, cursor = page_of(wanted, lambda each: [each.is_builtin, each.name, each.id], asked)
    return _templates(shown, cursor)


@ROUTES.route("GET", f"{TEMPLATES}/{{template_id}}", "Read a script template", models.ScriptTemplate)
async def get_template(call: Call) -> Answer:
    """Return a template, retired or not."""
    found = await call.services.script_templates.get(call.ids["template_id"])
    return Answer(models.ScriptTemplate.model_validate(found))


@ROUTES.route("GET", DRAFTS, "List drafts that wait", models.DraftList, query=models.DraftQuery)
async def list_drafts(call: Call) -> Answer:
    """Return scripts that may become templates; of another account's session there are none."""
    asked = call.asked(models.DraftQuery)
    pending = sorted(await call.services.template_drafts.pending(asked.session_id), key=_place)
    shown, cursor = page_of(pending, _place, asked)
    drafts = [models.DraftTemplate.model_validate(each) for each in shown]
    return Answer(models.DraftList(drafts=drafts, next_cursor=cursor))


@ROUTES.route(
    "POST",
    f"{DRAFTS}/{{draft_id}}/accept",
    "Make a template of a draft",
    models.ScriptTemplate,
    takes=models.TemplateEdit,
)
async def accept_draft(call: Call) -> Answer:
    """Save the draft, edited or as it is; accepted already, it is the template that it became."""
    drafts = call.services.template_drafts
    draft = await drafts.get(call.ids["draft_id"])
    is_pending = draft.status is DraftStatus.PENDING
    edited = with_edits(draft.template, call.asked(models.TemplateEdit)) if is_pending else None
    template = await drafts.accept(draft.id, call.member, edited)
    return Answer(models.ScriptTemplate.model_validate(template))


@ROUTES.route("POST", f"{DRAFTS}/{{draft_id}}/reject", "Skip a draft", models.DraftTemplate, takes=models.Nothing)
async def reject_draft(call: Call) -> Answer:
    """Let a draft go: no template comes of it."""
    draft = await call.services.template_drafts.reject(call.ids["draft_id"], call.member)
    return Answer(models.DraftTemplate.model_validate(draft))


def with_edits(draft: TemplateDraft, edit: models.TemplateEdit) -> TemplateDraft:
    """Return a draft with a caller's changes; its parameters stay as they were found."""
    return replace(draft, **{name: value for name, value in edit.model_dump().items() if value is not None})


def _place(draft: PendingDraft) -> list[str | int | float]:
    return [draft.created_at.isoformat(), draft.id]


def _templates(shown: Sequence[Template], cursor: str | None) -> Answer:
    templates = [models.ScriptTemplate.model_validate(each) for each in shown]
    return Answer(models.TemplateList(templates=templates, next_cursor=cursor))
