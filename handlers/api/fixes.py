"""Suggested fixes, and what people decided on them."""

from __future__ import annotations

from dataclasses import replace

from handlers.api import models
from handlers.api.library import with_edits
from handlers.api.paging import page_of
from handlers.api.routing import Answer, Call, Precondition, Routes
from handlers.api.showing import SESSION
from services.accounts.types import Role, require_role
from services.errors import ConflictError, InvalidInputError
from services.pilot.state import proposals
from services.pilot.state.moment import Moment
from services.pilot.types import FixDecision, NewScript, Session, SuggestedFix

ROUTES = Routes("Fixes")
FIXES = f"{SESSION}/suggested-fixes"


@ROUTES.route("GET", f"{FIXES}/active", "Read the fix that stands", models.ActiveFix)
async def active_fix(call: Call) -> Answer:
    """Return the active fix, or null."""
    session = await call.services.pilot.get(call.session_id)
    fix = models.SuggestedFix.model_validate(session.active_fix) if session.active_fix else None
    return Answer(models.ActiveFix(fix=fix, state_version=session.state_version), session.state_version)


@ROUTES.route("GET", FIXES, "List all suggested fixes", models.FixList, query=models.Listing)
async def list_fixes(call: Call) -> Answer:
    """Return a page of the history, by number: superseded and dismissed ones too."""
    session = await call.services.pilot.get(call.session_id)
    shown, cursor = page_of(session.fixes, lambda fix: [fix.number], call.asked(models.Listing))
    fixes = [models.SuggestedFix.model_validate(fix) for fix in shown]
    content = models.FixList(fixes=fixes, state_version=session.state_version, next_cursor=cursor)
    return Answer(content, session.state_version)


@ROUTES.route(
    "POST",
    f"{FIXES}/{{fix_id}}/decision",
    "Decide on a fix",
    models.SuggestedFix,
    takes=models.Decision,
    precondition=Precondition.OPTIONAL,
)
async def decide_fix(call: Call) -> Answer:
    """Record a decision and what comes of it, as in Slack: the script on the record, a draft, or a template at once.

    Another decision replaces it only from somebody who has seen it (If-Match).
    """
    require_role(call.member, Role.ENGINEER, "decide on a fix")
    asked, pilot = call.asked(models.Decision), call.services.pilot
    if asked.template is not None and asked.decision is not FixDecision.BUILD_TEMPLATE:
        raise InvalidInputError("A template comes of the decision build_template only.", hint="Leave `template` out.")
    session = await pilot.get(call.session_id)
    fix = proposals.fix_of(session, call.ids["fix_id"])
    # what the decision would be refused for is said before anything is kept
    proposals.decide_fix(session, Moment(call.services.now(), call.member.id, call.seen), fix.id, asked.decision)
    _check_filled_in(session, fix, asked.decision)
    if fix.user_decision is None:
        await _take(call, session, fix, asked)
    elif fix.user_decision is not asked.decision:
        await _replace(call, fix, asked.decision)
    session = await pilot.get(session.id)
    return Answer(models.SuggestedFix.model_validate(proposals.fix_of(session, fix.id)), session.state_version)


def _check_filled_in(session: Session, fix: SuggestedFix, decision: FixDecision) -> None:
    made = (each for each in session.scripts if each.fix_id == fix.id)
    if decision is FixDecision.TEMPLATE and not any(each.path == decision for each in made):
        raise InvalidInputError(
            "No script of this fix was made from a template yet.",
            hint="POST one of the kind `template` with this fix_id first.",
        )


async def _take(call: Call, session: Session, fix: SuggestedFix, asked: models.Decision) -> None:
    paths = call.services.fix_paths
    match asked.decision:
        case FixDecision.ONE_OFF:
            await paths.use_once(session.id, fix.id, call.member)
        case FixDecision.DRAFT_TEMPLATE:
            await paths.use_and_draft(session.id, fix.id, call.member)
        case FixDecision.BUILD_TEMPLATE:
            drafted = (await call.services.template_drafts.propose(fix, session.id)).draft
            edited = with_edits(drafted, asked.template or models.TemplateEdit())
            named = replace(edited, symptoms=edited.symptoms or (session.title,))
            await paths.build(session.id, fix.id, call.member, named)
        case FixDecision.DISMISSED:
            await paths.dismiss(session.id, fix.id, call.member)
        case FixDecision.TEMPLATE:
            await call.services.pilot.take_fix(session.id, fix.id, asked.decision, call.member, seen=call.seen)


async def _replace(call: Call, fix: SuggestedFix, decision: FixDecision) -> None:
    """Decide otherwise than somebody did before, which the caller has seen."""
    if decision in (FixDecision.DRAFT_TEMPLATE, FixDecision.BUILD_TEMPLATE):
        raise ConflictError("Templates come of fixes that nobody has decided on yet.", hint="Save the script as one.")
    is_used = decision is FixDecision.ONE_OFF and bool(fix.script_body)
    script = NewScript(fix.script_language, fix.script_body, decision.value, fix_id=fix.id) if is_used else None
    await call.services.pilot.take_fix(call.session_id, fix.id, decision, call.member, script=script, seen=call.seen)
