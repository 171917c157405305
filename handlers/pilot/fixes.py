"""What people decide on a suggested fix, and on drafts of templates."""

from __future__ import annotations

from blocks.pilot import template_forms as forms
from blocks.pilot.fix import script_modal
from blocks.pilot.parts import ACCEPT, BUILD, DISMISS, DRAFT, FILL, ONE_OFF, SCRIPT, SKIP, STOP_ASKING
from blocks.text import bold
from handlers.pilot.lane import in_thread
from handlers.pilot.opening import ids_of, may_work
from handlers.request import Request
from handlers.router import Router
from services.commands.types import Reply
from services.errors import InvalidInputError, NotFoundError
from services.pilot.scripts.prefill import SCRIPT_VALUES_SETTING, prefill
from services.pilot.scripts.risk import assess
from services.pilot.scripts.types import Language, TemplateDraft
from services.pilot.types import FixDecision, NewScript, Session, SuggestedFix


def register(router: Router) -> None:
    """Handle the buttons of the fix and of drafts, and their forms."""
    router.action(ONE_OFF)(use_once)
    router.action(DRAFT)(keep_draft)
    router.action(BUILD)(open_build)
    router.action(DISMISS)(dismiss)
    router.action(SCRIPT)(show_script)
    router.action(FILL)(open_fill)
    router.action(ACCEPT)(accept)
    router.action(SKIP)(skip)
    router.action(STOP_ASKING)(stop_asking)
    router.view(forms.BUILD_VIEW)(build)
    router.view(forms.FILL_VIEW, validate=check_fill)(fill)


async def _fix(request: Request) -> tuple[Session, SuggestedFix]:
    await may_work(request, "decide on a fix")
    session_id, fix_id = ids_of(request.value)
    return await _fix_of(request, session_id, fix_id)


async def _fix_of(request: Request, session_id: str, fix_id: str) -> tuple[Session, SuggestedFix]:
    session = await request.services.pilot.get(session_id)
    fix = next((each for each in session.fixes if each.id == fix_id), None)
    if fix is None:
        raise NotFoundError("This session has no such suggested fix.")
    return session, fix


async def use_once(request: Request) -> None:
    """Take the fix as it is for this case; its script goes on the record."""
    session, fix = await _fix(request)
    await _decide(request, session, fix, FixDecision.ONE_OFF)


async def _decide(request: Request, session: Session, fix: SuggestedFix, decision: FixDecision) -> None:
    pilot, member = request.services.pilot, request.member
    is_new = fix.user_decision is not decision
    await pilot.decide_fix(session.id, fix.id, decision, member)
    if is_new and fix.script_body:
        script = NewScript(fix.script_language, fix.script_body, decision.value, fix_id=fix.id)
        await pilot.add_script_generation(session.id, script, by=member)


async def keep_draft(request: Request) -> Reply | None:
    """Use the script now and keep a draft: after resolving, the team is asked whether it becomes a template."""
    session, fix = await _fix(request)
    await request.services.template_drafts.keep(session, fix)
    await _decide(request, session, fix, FixDecision.DRAFT_TEMPLATE)
    return await in_thread(request, session, "Kept as a draft; after resolving you are asked what becomes of it.")


async def dismiss(request: Request) -> None:
    """Put the fix aside."""
    session, fix = await _fix(request)
    await request.services.pilot.decide_fix(session.id, fix.id, FixDecision.DISMISSED, request.member)


async def show_script(request: Request) -> None:
    """Show the script to be read and copied."""
    _, fix = await _fix(request)
    language = Language(fix.script_language.lower())
    view = script_modal(fix.title, language.label, fix.script_body, assess(language, fix.script_body))
    await request.services.slack.open_view(request.trigger_id, view)


async def open_build(request: Request) -> None:
    """Show the template that the script would be, to be named and saved."""
    session, fix = await _fix(request)
    slack = request.services.slack
    view_id = await slack.open_view(request.trigger_id, forms.loading_form())
    draft = await request.services.template_drafts.keep(session, fix)
    await slack.update_view(view_id, forms.build_form(session.id, fix.id, draft))


async def build(request: Request) -> Reply | None:
    """Save the template."""
    await may_work(request, "save a script template")
    metadata = request.private_metadata
    session, fix = await _fix_of(request, str(metadata.get("session")), str(metadata.get("fix")))
    drafts = request.services.template_drafts
    pending = await drafts.keep(session, fix)
    edited = TemplateDraft(
        name=(request.input(forms.NAME) or pending.title).strip(),
        language=pending.language,
        body=request.input(forms.BODY) or pending.body,
        parameters=pending.parameters,
        description=request.input(forms.DESCRIPTION) or "",
        symptoms=(session.title,),
    )
    template = await drafts.accept(pending.id, request.member, edited)
    await _decide(request, session, fix, FixDecision.BUILD_TEMPLATE)
    return await in_thread(request, session, f"{bold(template.name)} is a template now: `/pilot templates`.")


async def open_fill(request: Request) -> None:
    """Show the form of the fix's template, filled in with what is known and where it was found."""
    session, fix = await _fix(request)
    template = await _template(request, fix)
    account = await request.services.accounts.get_setting(SCRIPT_VALUES_SETTING) or {}
    fields = prefill(template.parameters, session, account)
    await request.services.slack.open_view(request.trigger_id, forms.fill_form(session.id, fix.id, template, fields))


async def _template(request: Request, fix: SuggestedFix) -> forms.Template:
    if fix.template_id is None:
        raise InvalidInputError("This fix comes without a template.", hint="Use it as a one-off.")
    library = request.services.script_templates
    return await library.named(fix.template_id) or await library.get(fix.template_id)


def _values(request: Request, template: forms.Template) -> dict[str, str]:
    held = {each.name: request.input(f"{forms.VALUE}{each.name}") for each in template.parameters}
    return {name: str(value) for name, value in held.items() if value not in (None, "")}


async def check_fill(request: Request) -> dict[str, object] | None:
    """Say in the form which value does not do."""
    metadata = request.private_metadata
    _, fix = await _fix_of(request, str(metadata.get("session")), str(metadata.get("fix")))
    template = await _template(request, fix)
    await request.services.script_templates.generate(template.id, _values(request, template))
    return None


async def fill(request: Request) -> Reply | None:
    """Write the script from the template and put it on the fix's record."""
    await may_work(request, "make a script")
    metadata = request.private_metadata
    session, fix = await _fix_of(request, str(metadata.get("session")), str(metadata.get("fix")))
    template, pilot = await _template(request, fix), request.services.pilot
    sources = {str(name): str(source) for name, source in (metadata.get("sources") or {}).items()}
    script = await request.services.script_templates.generate(template.id, _values(request, template), sources)
    new = NewScript(script.language.value, script.body, "template", script.parameters, fix.id, template.id)
    await pilot.add_script_generation(session.id, new, by=request.member)
    session = await pilot.decide_fix(session.id, fix.id, FixDecision.ONE_OFF, request.member)
    text, blocks = forms.made_said(template, script)
    if session.channel_id is None:
        return Reply(text, tuple(blocks))
    await request.services.slack.post(session.channel_id, text, blocks, thread_ts=session.thread_ts)
    return None


async def accept(request: Request) -> Reply:
    """Make a template of a draft."""
    await may_work(request, "save a script template")
    template = await request.services.template_drafts.accept(request.value, request.member)
    return Reply(f"{bold(template.name)} is a template now: `/pilot templates`.", replace=True)


async def skip(request: Request) -> Reply:
    """Let a draft go."""
    await may_work(request, "skip a draft")
    draft = await request.services.template_drafts.reject(request.value, request.member)
    return Reply(f"Skipped: no template is made of {bold(draft.title)}.", replace=True)


async def stop_asking(request: Request) -> Reply:
    """Never ask this team again after resolving; the draft waits in the library."""
    await may_work(request, "change what is asked after resolving")
    await request.services.template_drafts.stop_asking(request.member)
    said = (
        "You are not asked again after resolving. The draft waits in `/pilot templates`; `/pilot settings` undoes this."
    )
    return Reply(f"{said} `/pilot settings ask on` undoes this.", replace=True)
