"""Worklog drafts: the form, its rows, logging them and taking them back (JOIN-1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from agents.pm.time_tracking import reminder_key
from blocks.alerts import feedback_buttons
from blocks.pm import worklog_drafts as blocks
from blocks.pm import worklog_messages as messages
from blocks.text import truncate
from handlers.permissions import require
from handlers.pm.modals import open_filled
from handlers.request import Request
from handlers.router import Router, errors
from services.accounts.types import Role
from services.commands import Commands, Reply
from services.errors import InvalidInputError, NotAllowedError
from services.pm.types import Week
from services.pm.worklog_drafts.hours_input import DAY_S, seconds_typed
from services.pm.worklog_drafts.types import DraftWeek, Edit, MessagePlace

COMMANDS = Commands()
MAX_ERROR_CHARACTERS = 1000
NOTHING_TICKED = ":point_down: Nothing is ticked, so there is nothing to log. Tick a row, or close this."


def register(router: Router) -> None:
    """Handle the form and the messages' buttons."""
    router.commands.include(COMMANDS)
    router.action(messages.LOOK)(look)
    router.action(messages.UNDO_ALL)(undo_all)
    router.action(blocks.PAGE)(turn_page)
    router.action(blocks.KEEP)(tick)
    router.action(blocks.ADD)(add)
    router.options(blocks.ADD)(issues)
    router.view(blocks.VIEW, validate=check)(log)


@COMMANDS.command(
    "/pm",
    "hours",
    summary="See your hours of a week, with entries drafted for what is missing",
    role=Role.ENGINEER,
    examples=("/pm hours", "/pm hours --week this"),
    description="Shows what you logged last week (or this one), and drafts what is missing from traces of your work.",
    reads_only=True,
)
async def hours(request: Request, *, week: Literal["last", "this"] = "last") -> Reply:
    """Show the member's own week; typed as a command, its form opens as well."""
    wanted = _week_of(request, week)
    if not request.trigger_id:
        return Reply(*messages.hours_message(await request.services.worklog_drafts.prepare(request.member, wanted)))
    found = await _open(request, wanted, replies=True)
    return Reply(*messages.hours_message(found))


def _week_of(request: Request, which: str) -> Week:
    today = request.services.now().astimezone(ZoneInfo(request.account.time_zone)).date()
    return Week.before(today + timedelta(weeks=1) if which == "this" else today)


async def look(request: Request) -> None:
    """Open the form of the week that the button names: only ever the member's own."""
    value = request.value_object()
    if value.get("member") != request.member.id:
        raise NotAllowedError("These hours are somebody else's.", hint="Yours: `/pm hours`.")
    await require(request, Role.ENGINEER, "log hours", action="worklog drafts", target=str(value.get("week")))
    week = _week_in(value)
    place = await _reminder(request, week)
    is_reminder = place is not None and place.ts == request.message_ts
    await _open(request, week, replies=not is_reminder)


async def _open(request: Request, week: Week, *, replies: bool) -> DraftWeek:
    found: list[DraftWeek] = []

    async def make() -> dict[str, Any]:
        found.append(await request.services.worklog_drafts.prepare(request.member, week))
        return _form(request, found[0], 1, replies)

    await open_filled(request, blocks.loading_view(), make, blocks.error_view)
    return found[0]


def _form(request: Request, found: DraftWeek, page: int, replies: bool, note: str = "") -> dict[str, Any]:
    site_url = request.services.settings.jira_url.rstrip("/")
    return blocks.form(found, page, site_url=site_url, replies=replies, note=note)


async def turn_page(request: Request) -> None:
    """Show other days; what was put in on these stays."""
    await _show_again(request, int(request.suffix) if request.suffix.isdigit() else 1)


async def tick(request: Request) -> None:
    """Count a row in or out."""
    await _show_again(request, _page(request))


async def add(request: Request) -> None:
    """Add a row for the issue that was chosen under [Add…]."""
    await _remember(request)
    day = _day(request.suffix)
    await request.services.worklog_drafts.add(request.member, _week_in(request.private_metadata), day, request.value)
    await _update(request, _page(request))


async def issues(request: Request) -> Mapping[str, Any]:
    """Search issues to log time on."""
    if not request.member.role.includes(Role.ENGINEER):
        return {"options": []}
    return blocks.issue_options(await request.services.worklog_drafts.search_issues(request.value))


async def _show_again(request: Request, page: int) -> None:
    await _remember(request)
    await _update(request, page)


async def _remember(request: Request) -> None:
    week = _week_in(request.private_metadata)
    await request.services.worklog_drafts.keep_edits(request.member, week, _edits(request))


async def _update(request: Request, page: int) -> None:
    await request.services.slack.update_view(str(request.view.get("id")), await _form_again(request, page))


async def _form_again(request: Request, page: int, note: str = "") -> dict[str, Any]:
    held = request.private_metadata
    found = await request.services.worklog_drafts.load(request.member, _week_in(held))
    return _form(request, found, page, bool(held.get("replies")), note)


async def check(request: Request) -> Mapping[str, Any] | None:
    """Say under its input what cannot be logged: no time, more than a day has, nothing ticked."""
    wrong: dict[str, str] = {}
    held = request.private_metadata
    totals = {_day(day): int(seconds) for day, seconds in (held.get("seen") or {}).items()}
    inputs = _hours_inputs(request)
    kept = [draft_id for draft_id in _rows(request) if _is_kept(request, draft_id)]
    for block_id, day in (inputs[draft_id] for draft_id in kept if draft_id in inputs):
        try:
            totals[day] = totals.get(day, 0) + seconds_typed(str(request.input(block_id) or ""))
        except InvalidInputError as error:
            wrong[block_id] = f"{error.message} {error.hint}".strip()
            continue
        if totals[day] > DAY_S:
            wrong[block_id] = f"{day:%A} would have {totals[day] / 3600:g} hours. A day has 24."
    if wrong:
        return errors(**{block: truncate(text, MAX_ERROR_CHARACTERS) for block, text in wrong.items()})
    if not kept and not held.get("elsewhere"):
        await _remember(request)
        return {"response_action": "update", "view": await _form_again(request, _page(request), NOTHING_TICKED)}
    return None


async def log(request: Request) -> Reply | None:
    """Log what is ticked, and say what became of it in the reminder's place."""
    held = request.private_metadata
    week, drafts = _week_in(held), request.services.worklog_drafts
    await require(request, Role.ENGINEER, "log hours", action="worklog drafts", target=str(held.get("week")))
    edits = list(_edits(request))
    await drafts.keep_edits(request.member, week, edits)
    offered, elsewhere = ({int(k): int(v) for k, v in (held.get(n) or {}).items()} for n in ("offered", "elsewhere"))
    wanted = {e.draft_id: offered.get(e.draft_id, 0) if e.seconds is None else e.seconds for e in edits if e.is_kept}
    wanted |= elsewhere
    seen = {_day(day): int(seconds) for day, seconds in (held.get("seen") or {}).items()}
    outcome = await drafts.log(request.member, week, wanted, seen)
    request.services.homes.changed()
    return await _told(request, week, messages.logged_message(outcome), replies=bool(held.get("replies")))


async def undo_all(request: Request) -> Reply | None:
    """Take out of Tempo what was logged in the last ten minutes."""
    week = _week_in(request.value_object())
    await require(request, Role.ENGINEER, "take hours back", action="worklog drafts", target=str(week.start))
    outcome = await request.services.worklog_drafts.undo(request.member, week)
    request.services.homes.changed()
    return await _told(request, week, messages.undone_message(outcome), replies=True)


async def _told(request: Request, week: Week, shown: messages.Shown, *, replies: bool) -> Reply | None:
    """Put what happened into the reminder of that week, and into the message that was clicked or a new one."""
    text, said = shown
    place = await _reminder(request, week)
    if place is not None:
        own = [*said, feedback_buttons(place.delivery_id)]
        await request.services.slack.update(place.channel, place.ts, text, own)
        if not replies or place.ts == request.message_ts:
            return None
    return Reply(text, said, replace=request.message_ts is not None)


async def _reminder(request: Request, week: Week) -> MessagePlace | None:
    return await request.services.worklog_drafts.message_of(reminder_key(week, request.member.id), request.member)


def _rows(request: Request) -> list[int]:
    """Return the draft ids of the form's rows."""
    ids = [str(block.get("block_id", "")).partition(":") for block in request.view.get("blocks") or []]
    return [int(draft_id) for name, _, draft_id in ids if name == blocks.KEPT and draft_id.isdigit()]


def _hours_inputs(request: Request) -> dict[int, tuple[str, date]]:
    """Return block id and day of the hours of each row that has inputs, by draft id."""
    found = {}
    for block in request.view.get("blocks") or []:
        name, _, rest = str(block.get("block_id", "")).partition(":")
        draft_id, _, day = rest.partition(":")
        if name == blocks.HOURS and draft_id.isdigit():
            found[int(draft_id)] = (str(block["block_id"]), _day(day))
    return found


def _edits(request: Request) -> Iterator[Edit]:
    """Yield what the form holds; hours that cannot be read are left as they were."""
    inputs = _hours_inputs(request)
    for draft_id in _rows(request):
        if draft_id not in inputs:
            yield Edit(draft_id, _is_kept(request, draft_id))
            continue
        words = str(request.input(f"{blocks.WORDS}:{draft_id}") or "")
        yield Edit(draft_id, _is_kept(request, draft_id), _seconds(request, inputs[draft_id][0]), words)


def _seconds(request: Request, block_id: str) -> int | None:
    try:
        return seconds_typed(str(request.input(block_id) or ""))
    except InvalidInputError:
        return None


def _is_kept(request: Request, draft_id: int) -> bool:
    return bool(request.input(f"{blocks.KEPT}:{draft_id}"))


def _page(request: Request) -> int:
    return int(request.private_metadata.get("page") or 1)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _outdated() from None


def _week_in(held: Mapping[str, Any]) -> Week:
    try:
        return Week(date.fromisoformat(str(held.get("week"))))
    except ValueError:
        raise _outdated() from None


def _outdated() -> InvalidInputError:
    return InvalidInputError("That is from an older version.", hint="Use `/pm hours` instead.")
