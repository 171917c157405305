"""What people decide on a suggested fix: use it, dismiss it, read its script."""

from __future__ import annotations

from dataclasses import replace

from blocks.pilot.parts import DISMISS, DRAFT, ONE_OFF, SCRIPT
from blocks.pilot.script import file_name, is_long, script_modal, taken_said
from blocks.pilot.template_forms import found_words
from blocks.text import bold, mention
from handlers.pilot.opening import ids_of, may_work
from handlers.request import Request
from handlers.router import Router
from services.accounts import MemberRef
from services.commands.types import Reply
from services.errors import NotFoundError
from services.pilot.scripts.paths import Taken
from services.pilot.scripts.risk import assess
from services.pilot.scripts.types import Language, RiskReport
from services.pilot.types import Session


def register(router: Router) -> None:
    """Handle the buttons of the fix."""
    router.action(ONE_OFF)(use_once)
    router.action(DRAFT)(keep_draft)
    router.action(DISMISS)(dismiss)
    router.action(SCRIPT)(show_script)


async def use_once(request: Request) -> Reply | None:
    """Take the fix as it is for this case; its script goes on the record and into the thread."""
    await may_work(request, "decide on a fix")
    taken = await request.services.fix_paths.use_once(*ids_of(request.value), request.member)
    return await say_taken(request, taken, "Used as a one-off")


async def keep_draft(request: Request) -> Reply | None:
    """Use the script now and keep a draft: after resolving, the team is asked whether it becomes a template."""
    await may_work(request, "decide on a fix")
    await request.progress("Looking for what differs from case to case…")
    taken = await request.services.fix_paths.use_and_draft(*ids_of(request.value), request.member)
    found = found_words(taken.draft)
    next_step = f"Kept as a draft: after resolving you are asked whether it becomes a template. {found}."
    return await say_taken(request, taken, "Used now", next_step)


async def dismiss(request: Request) -> None:
    """Put the fix aside."""
    await may_work(request, "decide on a fix")
    await request.services.fix_paths.dismiss(*ids_of(request.value), request.member)


async def show_script(request: Request) -> None:
    """Show a fix's script, or one that was made, to be read and copied."""
    session_id, thing_id = ids_of(request.value)
    title, language, body, template_id = _script(await request.services.pilot.get(session_id), thing_id)
    view = script_modal(title, language, body, await _risk(request, language, body, template_id))
    await request.services.slack.open_view(request.trigger_id, view)


async def _risk(request: Request, language: Language, body: str, template_id: str | None) -> RiskReport:
    """Return what a script does; the way back is in the words of its template's author where there are any."""
    report = assess(language, body)
    if template_id is None:
        return report
    try:
        template = await request.services.script_templates.get(template_id)
    except NotFoundError:
        return report
    return replace(report, rollback=template.rollback or report.rollback)


def _script(session: Session, thing_id: str) -> tuple[str, Language, str, str | None]:
    titles = {fix.id: fix.title for fix in session.fixes}
    for script in session.scripts:
        if script.id == thing_id:
            title = titles.get(script.fix_id or "", session.title)
            return title, Language(script.language), script.body, script.template_id
    for fix in session.fixes:
        if fix.id == thing_id and fix.script_body:
            return fix.title, Language(fix.script_language.lower()), fix.script_body, None
    raise NotFoundError("This session has no such script.")


async def say_taken(request: Request, taken: Taken, done: str, next_step: str = "") -> Reply | None:
    """Put the script that was taken into the thread, with what it does; a long one as a file."""
    session, script = taken.session, taken.script
    done = f"{done} by {mention(request.member.slack_user_id, request.member.display_name)}."
    if script is None:
        return None
    language = Language(script.language.lower())
    risk = await _risk(request, language, script.body, script.template_id)
    text, blocks = taken_said(session, taken.fix.title, done, script, risk, next_step=next_step)
    if session.channel_id is None:
        return Reply(text, tuple(blocks))
    slack = request.services.slack
    await slack.post(session.channel_id, text, blocks, thread_ts=session.thread_ts)
    if is_long(script.body):
        await slack.upload(
            session.channel_id,
            file_name(taken.fix.title, language),
            script.body.encode(),
            title=taken.fix.title[:100],
            thread_ts=session.thread_ts or "",
        )
    return None


def is_template_now(name: str, by: MemberRef) -> str:
    """Say that a template was saved, by whom, and where it is."""
    return f"{bold(name)} is a template now, saved by {mention(by.slack_user_id, by.display_name)}: `/pilot templates`."
