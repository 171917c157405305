"""What people do in the lane: answer, complete, note, edit, take back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from blocks.pilot import forms
from blocks.pilot.parts import ANSWER, DONE, FACT, FACTS, FACTS_PAGE, ITEM, NOTE
from blocks.text import escape, truncate
from handlers.pilot.opening import ids_of, may_work, not_there, where_it_is
from handlers.pilot.talking import go_on
from handlers.request import Request
from handlers.router import Router, errors
from services.commands.types import Reply
from services.errors import FlowPilotError, InvalidInputError, NotFoundError
from services.pilot.redaction import without_secrets
from services.pilot.surface import THREAD_GONE
from services.pilot.types import ItemStatus, LaneItem, LaneKind, Session, SessionStatus, StaleSessionError
from services.slack.errors import SlackRefusedError

WORDS_BACK = 500
QUESTIONS, CHECKS = (LaneKind.QUESTION,), (LaneKind.CHECK, LaneKind.ACTION)


def register(router: Router) -> None:
    """Handle the lane's buttons, menus and forms."""
    router.action(ITEM)(item_chosen)
    router.action(FACT)(fact_chosen)
    router.action(ANSWER)(open_answer)
    router.action(DONE)(open_done)
    router.action(NOTE)(open_note)
    router.action(FACTS)(open_facts)
    router.action(FACTS_PAGE)(turn_page)
    router.view(forms.ANSWER_VIEW, validate=check_answer)(save_answer)
    router.view(forms.NOTE_VIEW)(save_note)
    router.view(forms.EDIT_VIEW)(save_edit)


async def item_chosen(request: Request) -> Reply | None:
    """Answer with one of the options, open the form, or put the item aside."""
    await may_work(request, "work in sessions")
    what, (session_id, item_id) = request.value, ids_of(request.suffix)
    # ids of buttons in one row must differ: those of options end with theirs
    item_id = item_id.partition(":")[0]
    pilot, member = request.services.pilot, request.member
    session = await pilot.get(session_id)
    item = _item(session, item_id)
    if what == "dismiss":
        await pilot.dismiss_item(session_id, item_id, member)
    elif what == "answer":
        await request.services.slack.open_view(request.trigger_id, forms.answer_form(session, [item], item))
    else:
        number = what.removeprefix("option")
        if not number.isdigit() or int(number) >= len(item.options):
            raise InvalidInputError("That choice is from an older version.", hint="Choose again in the task lane.")
        return await _save(request, session, item, item.options[int(number)])
    return None


async def fact_chosen(request: Request) -> None:
    """Edit a fact, take it back, or take up again what it came from."""
    await may_work(request, "work in sessions")
    what, (session_id, fact_id) = request.value, ids_of(request.suffix)
    pilot, member = request.services.pilot, request.member
    session = await pilot.get(session_id)
    fact = session.fact(fact_id)
    if fact is None:
        raise NotFoundError("This session has no such fact.")
    if what == "edit":
        form = forms.edit_form(session, fact)
        show = request.services.slack.push_view if request.view else request.services.slack.open_view
        await show(request.trigger_id, form)
        return
    if what == "reopen" and fact.source_ref:
        session = await pilot.reopen_item(session_id, fact.source_ref, member)
    else:
        session = await pilot.delete_fact(session_id, fact_id, member)
    if request.view:
        page = int(request.private_metadata.get("page") or 0)
        await request.services.slack.update_view(str(request.view["id"]), forms.facts_view(session, page))


async def open_answer(request: Request) -> None:
    """Open the form for the questions that are open."""
    await _open_items(request, QUESTIONS, "question")


async def open_done(request: Request) -> None:
    """Open the form for the checks that are open."""
    await _open_items(request, CHECKS, "check")


async def _open_items(request: Request, kinds: Sequence[LaneKind], noun: str) -> None:
    await may_work(request, "work in sessions")
    session = await request.services.pilot.get(request.value)
    items = [item for item in session.items if item.kind in kinds and item.status is ItemStatus.OPEN]
    if not items:
        raise InvalidInputError(f"No {noun} is open any more.", hint="Somebody was faster; nothing was changed.")
    await request.services.slack.open_view(request.trigger_id, forms.answer_form(session, items, items[0]))


async def check_answer(request: Request) -> dict[str, Any] | None:
    """Say in the form that an answer is missing."""
    if not (request.input(forms.TEXT) or "").strip() and request.input(forms.CHOSEN) is None:
        return errors(**{forms.TEXT: "Choose an answer or write one."})
    return None


async def save_answer(request: Request) -> Reply | None:
    """Keep the answer; what is certain becomes a fact."""
    await may_work(request, "work in sessions")
    metadata = request.private_metadata
    session = await request.services.pilot.get(str(metadata.get("session")))
    item = _item(session, str(request.input(forms.WHICH) or metadata.get("item")))
    text = (request.input(forms.TEXT) or "").strip()
    chosen = request.input(forms.CHOSEN)
    if chosen is not None and str(chosen).isdigit() and int(chosen) < len(item.options):
        text = f"{item.options[int(chosen)]}. {text}" if text else item.options[int(chosen)]
    return await _save(request, session, item, text)


async def _save(request: Request, session: Session, item: LaneItem, text: str) -> Reply | None:
    pilot = request.services.pilot
    save = pilot.answer_item if item.kind is LaneKind.QUESTION else pilot.complete_check
    try:
        saved = await save(session.id, item.id, text, request.member, promote=True)
    except StaleSessionError as error:
        return await in_thread(request, error.session, await _not_saved(request, error, item.id, text))
    kept = saved.item(item.id)
    is_mine = kept is not None and kept.answered_by_member_id == request.member.id
    if kept is None or not is_mine or kept.changed_in <= session.state_version:
        return await in_thread(request, saved, f"{await _by(request, kept)} gave this answer already: it stands.")
    if kept.fact_id is None:
        said = "Kept, but not as a fact: the answer is not certain. Add a note if you know more."
        await in_thread(request, saved, said)
    try:
        await go_on(request, saved)
    except SlackRefusedError as error:
        if error.code not in THREAD_GONE:
            return not_there(saved, error)
        await request.services.pilot_lanes.redraw(saved.id, is_asked_for=True)
        return await where_it_is(request, await pilot.get(saved.id))
    return None


async def _not_saved(request: Request, error: StaleSessionError, item_id: str, text: str) -> str:
    """Tell who was second what holds now and by whom, and give their words back."""
    item = error.session.item(item_id)
    yours = _words_back(text)
    if error.session.status is not SessionStatus.OPEN or item is None or item.status is not ItemStatus.DONE:
        return f":warning: {error.message} {error.hint}".strip() + yours
    fact = error.session.fact(item.fact_id) if item.fact_id else None
    again = "[Answer anew] at the fact changes it." if fact else "[Add a note] if you know more."
    holds = f"“{escape(truncate(item.answer, 150))}”" + (f" ({fact.label})" if fact else "")
    asked = f"“{escape(truncate(item.text, 150))}”"
    return f"{await _by(request, item)} was first: {asked} has the answer {holds}. Yours was not saved. {again}{yours}"


def _words_back(text: str) -> str:
    """Give somebody back what they wrote in vain, without its secrets."""
    return f"\nYour words were: “{escape(truncate(without_secrets(text), WORDS_BACK))}”"


async def _by(request: Request, item: LaneItem | None) -> str:
    """Name who answered."""
    member_id = item.answered_by_member_id if item else None
    if member_id is None:
        return "FlowPilot"
    if member_id == request.member.id:
        return "You"
    member = await request.services.accounts.member_by_id(member_id)
    return f"<@{member.slack_user_id}>" if member else "Somebody"


async def open_note(request: Request) -> None:
    """Open the form for a note."""
    await may_work(request, "work in sessions")
    session = await request.services.pilot.get(request.value)
    await request.services.slack.open_view(request.trigger_id, forms.note_form(session))


async def save_note(request: Request) -> Reply | None:
    """Keep a note as a fact; where that cannot be, its words are not lost."""
    await may_work(request, "work in sessions")
    session_id, text = str(request.private_metadata.get("session")), request.input(forms.TEXT) or ""
    pilot = request.services.pilot
    try:
        await pilot.add_note(session_id, text, request.member)
    except FlowPilotError as error:
        said = f":warning: {error.message} {error.hint}".strip() + _words_back(text)
        return await in_thread(request, await pilot.get(session_id), said)
    return None


async def save_edit(request: Request) -> Reply | None:
    """Change a fact's words, unless somebody else did since the form was opened."""
    await may_work(request, "work in sessions")
    metadata = request.private_metadata
    text = forms.edited_text(metadata.get("inputs") or [forms.TEXT], request.input)
    session_id, fact_id = str(metadata.get("session")), str(metadata.get("fact"))
    pilot = request.services.pilot
    try:
        await pilot.edit_fact(session_id, fact_id, text, request.member, seen=int(metadata.get("seen") or 0))
    except FlowPilotError as error:
        said = f":warning: {error.message} {error.hint}".strip() + _words_back(text)
        return await in_thread(request, await pilot.get(session_id), said)
    return None


async def open_facts(request: Request) -> None:
    """Show all facts."""
    session = await request.services.pilot.get(request.value)
    await request.services.slack.open_view(request.trigger_id, forms.facts_view(session))


async def turn_page(request: Request) -> None:
    """Show another page of the facts."""
    session_id, page = ids_of(request.value)
    session = await request.services.pilot.get(session_id)
    view = forms.facts_view(session, int(page) if page.isdigit() else 0)
    await request.services.slack.update_view(str(request.view["id"]), view)


async def in_thread(
    request: Request, session: Session, said: str, blocks: Sequence[dict[str, Any]] = ()
) -> Reply | None:
    """Tell the person in the session's thread; where it has none, by the ordinary answer."""
    if session.channel_id is None:
        return Reply(said, tuple(blocks))
    await request.services.slack.ephemeral(
        session.channel_id, request.member.slack_user_id, said, blocks, thread_ts=session.thread_ts
    )
    return None


def _item(session: Session, item_id: str) -> LaneItem:
    item = session.item(item_id)
    if item is None:
        raise NotFoundError("This session has no such question, check or action.")
    return item
