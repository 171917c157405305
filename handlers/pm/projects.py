"""`/pm projects`: the list, the form of one, and setting up another (PM-7.3)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from blocks.pm import forecasts as forecast_blocks
from blocks.pm import projects as blocks
from blocks.text import mention
from handlers.permissions import record_refusal, require
from handlers.request import Request
from handlers.router import Router, errors
from services.accounts.types import MemberRef, Role
from services.commands import Commands, Reply
from services.effects.own_changes import OvertakenError
from services.errors import ConflictError, InvalidInputError, NotAllowedError, VendorError
from services.pm.project_form import FIELDS, ProjectValues, may_change, read_form
from services.pm.projects import key_of, seen_by
from services.pm.types import ProjectRef

COMMANDS = Commands()


def register(router: Router) -> None:
    """Add the command, and handle the list and the form."""
    router.commands.include(COMMANDS)
    router.action(blocks.OPEN)(open_list)
    router.view(blocks.LIST_VIEW, validate=search)(searched)
    router.action(blocks.PAGE)(turn_page)
    router.action(blocks.EDIT)(edit)
    router.action(blocks.NEW)(new)
    router.action(blocks.FORECASTS)(import_forecasts)
    router.options(blocks.NEW)(jira_projects)
    router.view(blocks.FORM_VIEW, validate=check)(save)
    router.action(blocks.UNDO)(undo)


@COMMANDS.command(
    "/pm", "projects", summary="See the projects and change how they are set up", role=Role.ENGINEER, reads_only=True
)
async def projects(request: Request) -> Reply | None:
    """Open the list; said in plain words, answer with it."""
    if not request.trigger_id:
        return Reply(*blocks.list_message(seen_by(request.member, await request.services.pm.projects())))
    await open_list(request)
    return None


async def open_list(request: Request) -> None:
    """Open the list."""
    await _check_reader(request)
    await request.services.slack.open_view(request.trigger_id, await _list(request))


async def _check_reader(request: Request) -> None:
    await require(request, Role.ENGINEER, "see the projects", action="pm_projects", target="projects")


async def _list(request: Request, words: str = "", page: int = 1) -> dict[str, Any]:
    member = request.member
    found = [each for each in seen_by(member, await request.services.pm.projects()) if _fits(each, words)]
    changeable = frozenset(project.key for project in found if may_change(member, project))
    may_add = may_change(member, None)
    return blocks.list_view(blocks.ListShown(found, changeable, words, page, may_add=may_add))


def _fits(project: ProjectRef, words: str) -> bool:
    told = f"{project.key} {project.name} {project.type} {project.pm.display_name if project.pm else ''}".casefold()
    return all(word in told for word in words.casefold().split())


async def search(request: Request) -> Mapping[str, Any] | None:
    """Show the projects that fit what was typed, in the same window."""
    await _check_reader(request)
    words = str(request.input(blocks.SEARCH_INPUT) or "").strip()[:100]
    return {"response_action": "update", "view": await _list(request, words)}


async def searched(request: Request) -> None:
    """Leave it at that: the answer was given while the window was open."""


async def turn_page(request: Request) -> None:
    """Show another page."""
    await _check_reader(request)
    value = request.value_object()
    page = value.get("page")
    await _update(request, str(value.get("search") or ""), page if isinstance(page, int) else 1)


async def _update(request: Request, words: str, page: int) -> None:
    await request.services.slack.update_view(str(request.view.get("id")), await _list(request, words, page))


async def edit(request: Request) -> None:
    """Put a project's form on top of the list."""
    await _check_reader(request)
    project = await request.services.projects.project(request.suffix)
    if project is None:
        raise InvalidInputError("That project is not set up any more.", hint="Open the list again: `/pm projects`.")
    view = blocks.form_view(
        project.key, project, project.name, await _members(request), may_change=may_change(request.member, project)
    )
    await request.services.slack.push_view(request.trigger_id, view)


async def new(request: Request) -> None:
    """Put the form of a project that is only in Jira yet on top of the list."""
    await _check_setting_up(request, request.value)
    found = await request.services.projects.jira_project(request.value)
    view = blocks.form_view(found.key, None, found.name, await _members(request), may_change=True)
    await request.services.slack.push_view(request.trigger_id, view)


async def _check_setting_up(request: Request, key: str) -> None:
    await require(request, Role.PM, "set up projects", action="project.create", target=f"project {key}")


async def jira_projects(request: Request) -> Mapping[str, Any]:
    """Offer the projects of Jira's that are not set up."""
    if not request.member.role.includes(Role.PM):
        return {"options": []}
    return blocks.jira_options(await request.services.projects.not_set_up(request.value))


async def import_forecasts(request: Request) -> None:
    """Put the form for a file with forecasts on top."""
    await require(request, Role.PM, "import forecasts", action="pm_forecast_import", target=request.value)
    await request.services.slack.push_view(request.trigger_id, forecast_blocks.import_view())


async def _members(request: Request) -> dict[int, MemberRef]:
    return {member.id: member for member in await request.services.accounts.members()}


async def check(request: Request) -> Mapping[str, Any] | None:
    """Say at its field what is wrong, while the form is open."""
    _, problems = await _read(request)
    place = request.private_metadata
    if said := await request.services.projects.conflict(str(place.get("project")), str(place.get("version"))):
        problems = {"name": said}
    return errors(**problems) if problems else None


async def _read(request: Request) -> tuple[ProjectValues | None, dict[str, str]]:
    inputs = {field: request.input(field) for field in FIELDS}
    return read_form(inputs, list((await _members(request)).values()))


async def save(request: Request) -> Reply | None:
    """Store the form; a new project's issues are read at once, so that the agents find them."""
    place = request.private_metadata
    key, version = str(place.get("project")), str(place.get("version"))
    values, problems = await _read(request)
    if values is None:
        raise InvalidInputError("The form cannot be read.", hint=" ".join(problems.values()))
    services = request.services
    try:
        done = await services.projects.save(request.member, key, values, version)
    except NotAllowedError as error:
        await record_refusal(request, error, action="project.change", target=f"project {key}")
        raise
    services.homes.changed()
    await _show_in_list(request)
    if not done.is_new:
        return Reply(*blocks.saved(done))
    await request.reply(Reply(*blocks.saved(done)))
    census = await services.mirror.census("jira")
    services.homes.changed()
    return Reply(*blocks.project_read(key, str(census)))


async def undo(request: Request) -> Reply:
    """Restore what was before a change; what became of it takes the button's place."""
    if not request.value.isdigit():
        raise InvalidInputError("That button is from an older version.", hint="Use `/pm projects` instead.")
    services, member = request.services, request.member
    change = await services.projects.change(int(request.value))
    key = key_of(change)
    try:
        done = await services.projects.take_back(member, change, services.now())
    except NotAllowedError as error:
        await record_refusal(request, error, action="undo project.change", target=change.line.target)
        raise
    except ConflictError as error:
        why = blocks.overtaken(error) if isinstance(error, OvertakenError) else str(error)
        return Reply(*blocks.kept(key, change, why), replace=True)
    if done is None:
        return Reply(*blocks.kept(key, change, "This was taken back before; nothing was done now."), replace=True)
    services.homes.changed()
    return Reply(*blocks.restored(done, mention(member.slack_user_id, member.display_name)), replace=True)


async def _show_in_list(request: Request) -> None:
    """Bring the list under the form up to date, if it is still open."""
    root = str(request.view.get("root_view_id") or "")
    if root and root != request.view.get("id"):
        with suppress(VendorError):
            await request.services.slack.update_view(root, await _list(request))
