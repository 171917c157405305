"""Drafts of templates: accept, look at, skip; and whether a team is asked at all."""

from __future__ import annotations

from typing import Any

from blocks.pilot import template_forms as forms
from blocks.pilot.answer import judged_words
from blocks.pilot.fix import paths_words
from blocks.pilot.library import IN_LIBRARY, asking_said
from blocks.pilot.parts import ACCEPT, ASK_AGAIN, REVIEW, SKIP, STOP_ASKING, section
from blocks.text import bold, channel_mention, escape, mention
from handlers.pilot.fixes import is_template_now
from handlers.pilot.library import listing
from handlers.pilot.opening import may_work
from handlers.pilot.template_input import problems_with, typed_draft
from handlers.request import Request
from handlers.router import Router
from services.accounts.settings import PILOT_CHANNEL
from services.commands.types import Reply
from services.errors import ConflictError
from services.pilot.scripts.drafts import PROMPT_SETTING
from services.pilot.scripts.library import NameTakenError
from services.pilot.scripts.risk import assess
from services.pilot.scripts.types import DraftStatus, PendingDraft, TemplateDraft

TITLE = "Template from a draft"


def register(router: Router) -> None:
    """Handle the buttons of drafts, and the form."""
    router.action(ACCEPT)(accept)
    router.action(REVIEW)(review)
    router.action(SKIP)(skip)
    router.action(STOP_ASKING)(stop_asking)
    router.action(ASK_AGAIN)(set_asking)
    router.view(forms.DRAFT_VIEW, validate=check_draft)(save_draft)


async def accept(request: Request) -> Reply | None:
    """Make a template of a draft; where its name is taken, a form asks for another one."""
    await may_work(request, "save a script template")
    try:
        template = await request.services.template_drafts.accept(request.value, request.member)
    except NameTakenError as taken:
        await _open(request, f":warning: {escape(taken.message)} Give this one another name.")
        return None
    return await _decided(request, is_template_now(template.name, request.member))


async def review(request: Request) -> None:
    """Show a draft to be named, edited and saved."""
    await may_work(request, "save a script template")
    await _open(request, "")


async def _open(request: Request, said: str) -> None:
    draft = _pending(await request.services.template_drafts.get(request.value))
    report = assess(draft.language, draft.body, [each.name for each in draft.parameters])
    # the question in the thread is answered there; the library's list is only for who asked for it
    where = {} if _is_in_library(request) else {"channel": request.channel, "ts": request.message_ts}
    metadata = {"draft": draft.id, **where}
    view = forms.template_form(forms.DRAFT_VIEW, TITLE, metadata, draft.template, report, said)
    await request.services.slack.open_view(request.trigger_id, view)


def _pending(draft: PendingDraft) -> PendingDraft:
    if draft.status is DraftStatus.ACCEPTED:
        raise ConflictError(f"“{escape(draft.title)}” is a template already.", hint="`/pilot templates` shows it.")
    if draft.status is DraftStatus.REJECTED:
        raise ConflictError(f"“{escape(draft.title)}” was skipped already; no template came of it.")
    return draft


async def _typed(request: Request) -> TemplateDraft:
    draft = _pending(await request.services.template_drafts.get(str(request.private_metadata.get("draft"))))
    return typed_draft(request, draft.language, draft.body)


async def check_draft(request: Request) -> dict[str, Any] | None:
    """Say at the field what is wrong."""
    return await problems_with(request, lambda: _typed(request))


async def save_draft(request: Request) -> Reply | None:
    """Make a template of a draft as a person edited it."""
    await may_work(request, "save a script template")
    metadata = request.private_metadata
    template = await request.services.template_drafts.accept(
        str(metadata.get("draft")), request.member, await _typed(request)
    )
    said = is_template_now(template.name, request.member)
    channel, ts = metadata.get("channel"), metadata.get("ts")
    if not channel or not ts:
        return Reply(said)
    await request.services.slack.update(str(channel), str(ts), said, [section(said)])
    return None


async def skip(request: Request) -> Reply:
    """Let a draft go."""
    await may_work(request, "skip a draft")
    draft = await request.services.template_drafts.reject(request.value, request.member)
    who = mention(request.member.slack_user_id, request.member.display_name)
    return await _decided(request, f"Skipped by {who}: no template is made of {bold(draft.title)}.")


async def _decided(request: Request, said: str) -> Reply:
    if _is_in_library(request):
        return await listing(request, first=said)
    return Reply(said, replace=True)


def _is_in_library(request: Request) -> bool:
    return str(request.action.get("block_id") or "").startswith(IN_LIBRARY)


async def stop_asking(request: Request) -> Reply:
    """Never ask this team again after resolving; the draft waits in the library."""
    await may_work(request, "change what is asked after resolving")
    await request.services.template_drafts.stop_asking(request.member)
    said = (
        "Your team is not asked again after resolving. The draft waits in `/pilot templates`; "
        "`/pilot settings` takes this back."
    )
    return Reply(said, replace=True)


async def set_asking(request: Request) -> Reply:
    """Ask after resolving, or do not; the settings say how it is now."""
    await may_work(request, "change what is asked after resolving")
    await request.services.template_drafts.set_asking(request.member, is_on=request.value == "on")
    return await settings_reply(request, replace=True)


async def settings_reply(request: Request, *, replace: bool = False) -> Reply:
    """Return how sessions are set up, with a button that changes whether people are asked."""
    services = request.services
    asks = bool(await services.accounts.get_setting(PROMPT_SETTING, True))
    home = services.psa.title(await services.psa.home())
    others = [services.psa.title(name) for name in services.psa.names if services.psa.title(name) != home]
    channel = await services.accounts.get_setting(PILOT_CHANNEL)
    thread = f"in {channel_mention(channel)}" if channel else "only in a channel that they name"
    said = (
        f"*Sessions that programs open* get their thread {thread}.\n"
        f"*Tickets* are looked for in {' first, then in '.join(map(escape, [home, *others]))}. "
        "An admin changes both in `/flowpilot settings`.\n"
        f"*After resolving* your team is {'asked' if asks else '*not* asked'} whether a script becomes a template.\n"
    )
    said += paths_words(await services.pilot.paths_chosen())
    said += judged_words(await services.pilot_answers.feedback())
    text, blocks = asking_said(said, asks=asks)
    return Reply(text, tuple(blocks), replace=replace)
