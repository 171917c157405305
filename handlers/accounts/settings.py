"""`/flowpilot settings`: the account's for admins, one's own for everybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from agents.catalogue import AGENTS
from blocks import accounts as blocks
from blocks import settings_receipts
from blocks.text import mention
from handlers.permissions import record_refusal, require
from handlers.request import Request
from handlers.router import Router, errors
from services.accounts import settings
from services.accounts.changes import AccountChanges
from services.accounts.settings import SettingSpec
from services.accounts.types import MemberRef, Role
from services.accounts.undoing import SettingsUndo
from services.commands import Reply
from services.effects.own_changes import OvertakenError
from services.errors import ConflictError, InvalidInputError, NotAllowedError

WHAT = "change the workspace's settings"


def register(router: Router, agents: tuple[tuple[str, str], ...] | None = None) -> None:
    """Declare the command and handle its modals; `agents` are names and titles, the catalogue's by default."""
    known = tuple((spec.name, spec.title) for spec in AGENTS) if agents is None else agents
    specs = settings.settings_with_agents(known)

    @router.commands.command(
        "/flowpilot",
        "settings",
        summary="Change your own settings; admins also those of the workspace, and roles",
        examples=("/flowpilot settings", "/flowpilot settings mine"),
    )
    async def show(request: Request, which: Literal["mine", "workspace"] | None = None) -> Reply | None:
        if which == "workspace":
            await _require_admin(request)
        if not request.trigger_id:
            return Reply("Settings open in a window.", (_button_row(),))
        await _open(request, specs, which)
        return None

    @router.action(blocks.SETTINGS_OPEN)
    async def open_from_button(request: Request) -> None:
        await _open(request, specs, None)

    @router.options(blocks.TIME_ZONE_SEARCH)
    async def zones(request: Request) -> Mapping[str, Any]:
        return {"options": [blocks.option(name, name) for name in settings.time_zones_like(request.value)]}

    async def check(request: Request) -> Mapping[str, Any] | None:
        await _require_admin(request)
        _, problems = settings.read_inputs(specs, _inputs(request, specs))
        problems |= await _role_problems(request)
        return errors(**problems) if problems else None

    @router.view(blocks.SETTINGS_FORM, validate=check)
    async def save(request: Request) -> Reply:
        await _require_admin(request)
        return await _save(request, specs)

    @router.view(blocks.MY_SETTINGS_FORM)
    async def save_mine(request: Request) -> Reply:
        return await _save_mine(request)

    @router.action(settings_receipts.SETTINGS_UNDO)
    async def undo(request: Request) -> Reply:
        return await _undo(request, specs)


def _button_row() -> dict[str, Any]:
    return {"type": "actions", "elements": [blocks.settings_button("Open settings")]}


async def _require_admin(request: Request) -> None:
    await require(request, Role.ADMIN, WHAT, action="account.settings", target=request.account.name)


async def _open(request: Request, specs: tuple[SettingSpec, ...], which: str | None) -> None:
    """Show the account's settings to admins, unless they want their own; everybody else gets their own."""
    services, member = request.services, request.member
    if member.role.includes(Role.ADMIN) and which != "mine":
        view = blocks.settings_modal(specs, await _current(request, specs))
    else:
        view = blocks.my_settings_modal(member, await services.accounts.preferences(member.id))
    await services.slack.open_view(request.trigger_id, view)


async def _current(request: Request, specs: tuple[SettingSpec, ...]) -> dict[str, Any]:
    preferences = await request.services.accounts.settings()
    budget_usd = request.services.settings.model_monthly_budget_usd
    return settings.current_values(specs, preferences, request.account.time_zone, budget_usd)


def _inputs(request: Request, specs: tuple[SettingSpec, ...]) -> dict[str, Any]:
    return {spec.key: request.input(spec.key) for spec in specs}


async def _role_problems(request: Request) -> dict[str, str]:
    """Return what is wrong with the member and role chosen, by block id."""
    slack_user_id, role = request.input(blocks.ROLE_MEMBER), request.input(blocks.ROLE_NEW)
    if not slack_user_id:
        return {blocks.ROLE_MEMBER: "Choose whose role it is."} if role else {}
    if not role:
        return {blocks.ROLE_NEW: "Choose the new role."}
    member = await request.services.accounts.member(request.account, slack_user_id)
    admins = [each for each in await request.services.accounts.members() if each.role is Role.ADMIN]
    if role != Role.ADMIN and [each.id for each in admins] == [member.id]:
        return {blocks.ROLE_NEW: f"{member.display_name} is the only admin. Make somebody else admin first."}
    return {}


async def _save(request: Request, specs: tuple[SettingSpec, ...]) -> Reply:
    # against what the form showed: what somebody else has changed meanwhile is not changed back
    current = await _current(request, specs) | request.private_metadata
    values, problems = settings.read_inputs(specs, _inputs(request, specs))
    if problems:
        raise InvalidInputError("Some settings cannot be read.", hint="Run `/flowpilot settings` again.")
    changes = AccountChanges(request.services.accounts, request.services.audit)
    preferences = settings.changed_preferences(values, current)
    if preferences:
        await changes.set_settings(request.member, request.account, preferences)
    if values[settings.TIME_ZONE] != current[settings.TIME_ZONE]:
        await changes.set_time_zone(request.member, request.account, values[settings.TIME_ZONE])
    changed = {key: (current[key], value) for key, value in values.items() if value != current[key]}
    changed |= await _save_role(request, changes)
    request.services.homes.changed()
    return Reply(*settings_receipts.saved(changed, specs, changes.lines))


async def _save_role(request: Request, changes: AccountChanges) -> dict[str, tuple[Any, Any]]:
    slack_user_id, role = request.input(blocks.ROLE_MEMBER), request.input(blocks.ROLE_NEW)
    if not (slack_user_id and role):
        return {}
    member: MemberRef = await request.services.accounts.member(request.account, slack_user_id)
    try:
        changed = await changes.set_role(request.member, member, Role(role))
    except ConflictError as error:
        return {f"Role of {member.display_name} (not changed: {error.message})": (member.role, member.role)}
    return {f"Role of {member.display_name}": (member.role, changed.role)} if changed.role != member.role else {}


async def _save_mine(request: Request) -> Reply:
    services = request.services
    quiet = {
        blocks.QUIET_ACCOUNT: None,
        blocks.QUIET_NEVER: settings.NO_QUIET,
        blocks.QUIET_OWN: {
            "start": request.input(blocks.MY_QUIET_FROM),
            "end": request.input(blocks.MY_QUIET_TO),
            "weekends": True,
        },
    }[str(request.input(blocks.MY_QUIET))]
    changes = AccountChanges(services.accounts, services.audit)
    await changes.set_preferences(request.member, request.member, {settings.QUIET_HOURS: quiet})
    member = await services.accounts.refresh_profile(request.member)
    services.homes.changed([member.id])
    said = f"{settings_receipts.SAVED} Your time zone is {member.time_zone}."
    return Reply(*settings_receipts.with_undo(said, changes.lines))


async def _undo(request: Request, specs: tuple[SettingSpec, ...]) -> Reply:
    """Restore what was before a save; what became of it takes the button's place."""
    numbers = request.value.split(",")
    if not all(number.isdigit() for number in numbers):
        raise InvalidInputError("That button is from an older version.", hint="Use `/flowpilot settings` instead.")
    services, member = request.services, request.member
    undoing = SettingsUndo(services.accounts, services.audit)
    changes = await undoing.changes([int(number) for number in numbers])
    try:
        is_news = await undoing.undo(member, request.account, changes, services.now())
    except NotAllowedError as error:
        await record_refusal(request, error, action=f"undo {changes[0].line.action}", target=changes[0].line.target)
        raise
    except ConflictError as error:
        why = settings_receipts.overtaken(error, specs) if isinstance(error, OvertakenError) else str(error)
        return Reply(*settings_receipts.kept(changes, specs, why), replace=True)
    services.homes.changed()
    who = mention(member.slack_user_id, member.display_name)
    return Reply(*settings_receipts.restored(changes, specs, who, is_news=is_news), replace=True)
