"""Suggested fixes, what people decided on them, and scripts."""

from __future__ import annotations

from handlers.api import models
from handlers.api.routing import Answer, Call, Precondition, Routes
from services.errors import NotFoundError
from services.pilot.types import NewScript, Session

ROUTES = Routes("Fixes and scripts")
FIXES = "/ai-sessions/{id}/suggested-fixes"
SCRIPTS = "/ai-sessions/{id}/script-generations"


@ROUTES.route("GET", f"{FIXES}/active", "Read the fix that stands", models.ActiveFix)
async def active_fix(call: Call) -> Answer:
    """Return the active fix, or null."""
    return _active(await call.services.pilot.get(call.session_id))


@ROUTES.route("GET", FIXES, "List all suggested fixes", models.FixList)
async def list_fixes(call: Call) -> Answer:
    """Return the history: superseded and dismissed ones too."""
    session = await call.services.pilot.get(call.session_id)
    fixes = [models.SuggestedFix.model_validate(fix) for fix in session.fixes]
    return Answer(models.FixList(fixes=fixes, state_version=session.state_version), session.state_version)


@ROUTES.route(
    "POST",
    f"{FIXES}/{{fix_id}}/decision",
    "Decide on a fix",
    models.SuggestedFix,
    takes=models.Decision,
    precondition=Precondition.OPTIONAL,
)
async def decide_fix(call: Call) -> Answer:
    """Record a decision; another one replaces it only from somebody who has seen it (If-Match)."""
    fix_id, decision = call.ids["fix_id"], call.asked(models.Decision).decision
    session = await call.services.pilot.decide_fix(call.session_id, fix_id, decision, call.member, seen=call.seen)
    fix = next((each for each in session.fixes if each.id == fix_id), None)
    if fix is None:
        raise NotFoundError("This session has no such suggested fix.")
    return Answer(models.SuggestedFix.model_validate(fix), session.state_version)


@ROUTES.route("GET", SCRIPTS, "List the scripts that were made", models.ScriptList)
async def list_scripts(call: Call) -> Answer:
    """Return the session's scripts."""
    session = await call.services.pilot.get(call.session_id)
    scripts = [models.ScriptGeneration.model_validate(each) for each in session.scripts]
    return Answer(models.ScriptList(scripts=scripts, state_version=session.state_version), session.state_version)


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
    """Record a script; FlowPilot writes scripts and runs none."""
    script = await _new_script(call, call.asked(models.NewScript).script)
    session = await call.services.pilot.add_script_generation(call.session_id, script, by=call.member)
    return Answer(models.ScriptGeneration.model_validate(session.scripts[-1]), session.state_version)


async def _new_script(call: Call, asked: models.FromTemplate | models.OneOff) -> NewScript:
    if isinstance(asked, models.OneOff):
        return NewScript(asked.language, asked.body, asked.kind, fix_id=asked.fix_id)
    # an unknown session is said before an unknown template
    await call.services.pilot.version(call.session_id)
    made = await call.services.script_templates.generate(asked.template_id, asked.values)
    return NewScript(
        made.language, made.body, asked.kind, made.parameters, fix_id=asked.fix_id, template_id=asked.template_id
    )


def _active(session: Session) -> Answer:
    fix = models.SuggestedFix.model_validate(session.active_fix) if session.active_fix else None
    return Answer(models.ActiveFix(fix=fix, state_version=session.state_version), session.state_version)
