"""Scripts that were made in a session; FlowPilot writes scripts and runs none."""

from __future__ import annotations

from handlers.api import models
from handlers.api.paging import page_of
from handlers.api.routing import PREFIX, Answer, Call, Routes
from handlers.api.showing import SESSION
from handlers.api.suggestions import fields_of
from services.errors import NotFoundError
from services.pilot.scripts.prefill import sources_of
from services.pilot.types import NewScript

ROUTES = Routes("Scripts")
SCRIPTS = f"{SESSION}/script-generations"
SCRIPT = f"{SCRIPTS}/{{script_id}}"


@ROUTES.route("GET", SCRIPTS, "List the scripts that were made", models.ScriptList, query=models.Listing)
async def list_scripts(call: Call) -> Answer:
    """Return a page of the session's scripts, by number."""
    session = await call.services.pilot.get(call.session_id)
    shown, cursor = page_of(session.scripts, lambda script: [script.number], call.asked(models.Listing))
    scripts = [models.ScriptGeneration.model_validate(each) for each in shown]
    content = models.ScriptList(scripts=scripts, state_version=session.state_version, next_cursor=cursor)
    return Answer(content, session.state_version)


@ROUTES.route("GET", SCRIPT, "Read a script", models.ScriptGeneration)
async def get_script(call: Call) -> Answer:
    """Return one script of the session."""
    session = await call.services.pilot.get(call.session_id)
    found = next((each for each in session.scripts if each.id == call.ids["script_id"]), None)
    if found is None:
        raise NotFoundError("This session has no such script.")
    return Answer(models.ScriptGeneration.model_validate(found), session.state_version)


@ROUTES.route(
    "POST",
    SCRIPTS,
    "Make a script of a template, or record one as it was written",
    models.ScriptGeneration,
    takes=models.NewScript,
    status=201,
    repeats_once=True,
)
async def create_script(call: Call) -> Answer:
    """Record a script."""
    script = await _new_script(call, call.asked(models.NewScript).script)
    session = await call.services.pilot.add_script_generation(call.session_id, script, by=call.member)
    made = next((each for each in session.scripts if each.id == script.id), session.scripts[-1])
    location = f"{PREFIX}{SCRIPT.format(id=session.id, script_id=made.id)}"
    return Answer(models.ScriptGeneration.model_validate(made), session.state_version, location)


async def _new_script(call: Call, asked: models.FromTemplate | models.OneOff) -> NewScript:
    own = call.operation_id or ""
    if isinstance(asked, models.OneOff):
        return NewScript(asked.language, asked.body, asked.kind, fix_id=asked.fix_id, id=own)
    # an unknown session is said before an unknown template
    session, library = await call.services.pilot.get(call.session_id), call.services.script_templates
    fields = await fields_of(call, session, await library.get(asked.template_id))
    sources = sources_of(fields, asked.values, typed=f"given by {call.member.display_name}")
    made = await library.generate(asked.template_id, asked.values, sources)
    return NewScript(
        made.language,
        made.body,
        asked.kind,
        made.parameters,
        fix_id=asked.fix_id,
        template_id=asked.template_id,
        id=own,
    )
