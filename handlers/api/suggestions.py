"""What may help with a session: cases like it, templates that fit, and their forms filled in."""

from __future__ import annotations

from handlers.api import models
from handlers.api.routing import Answer, Call, Routes
from handlers.api.showing import SESSION
from services.pilot.scripts.prefill import SCRIPT_VALUES_SETTING, Prefilled, prefill
from services.pilot.scripts.types import Template
from services.pilot.types import Session

ROUTES = Routes("Suggestions")
SHOWN = 5


@ROUTES.route("GET", f"{SESSION}/similar", "Find cases and templates that are like the problem", models.Similar)
async def similar(call: Call) -> Answer:
    """Return resolved sessions and script templates, each with why."""
    found = await call.services.pilot_talks.similar(call.session_id, limit=SHOWN)
    content = models.Similar(
        cases=[
            models.SimilarCase(
                session_id=each.case.session_id,
                title=each.case.title,
                company=each.case.company,
                root_cause=each.case.root_cause,
                fix_title=each.case.fix_title,
                score=each.score,
                reason=each.reason,
            )
            for each in found.cases
        ],
        templates=[
            models.SimilarTemplate(
                template_id=each.template.id, name=each.template.name, score=each.score, reason=each.reason
            )
            for each in found.templates
        ],
    )
    return Answer(content)


@ROUTES.route(
    "GET",
    f"{SESSION}/script-templates/{{template_id}}/values",
    "Fill a template's form in from what is known",
    models.PrefilledForm,
)
async def prefilled(call: Call) -> Answer:
    """Return each parameter with its value and where that stands; nothing is made up."""
    session = await call.services.pilot.get(call.session_id)
    template = await call.services.script_templates.get(call.ids["template_id"])
    fields = [models.PrefilledField.model_validate(each) for each in await fields_of(call, session, template)]
    content = models.PrefilledForm(template_id=template.id, fields=fields, state_version=session.state_version)
    return Answer(content, session.state_version)


async def fields_of(call: Call, session: Session, template: Template) -> tuple[Prefilled, ...]:
    """Return a template's parameters with what the session and the account say of them."""
    account = await call.services.accounts.get_setting(SCRIPT_VALUES_SETTING) or {}
    return prefill(template.parameters, session, account)
