"""`/pm settings`: how agents run, and what else of project management admins set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from agents.catalogue import AGENTS, agent_named
from agents.spec import RunMode
from blocks import accounts as form
from blocks import settings_receipts
from blocks.pm import runs as blocks
from handlers.permissions import require
from handlers.request import Request
from handlers.router import Router, errors
from services.accounts import settings
from services.accounts.changes import AccountChanges
from services.accounts.settings import SettingSpec, agent_mode_key
from services.accounts.types import Role
from services.alerts.tuning import TUNED
from services.commands import Commands, Reply, Word
from services.effort import MINUTES
from services.errors import InvalidInputError

COMMANDS = Commands()
FORM = "pm_settings"
WHAT = "change how agents run"
KEYS = (
    settings.ALERTS_CHANNEL,
    settings.LEADERSHIP,
    settings.MONDAY_CHANNELS,
    settings.WAITING_STATUSES,
    settings.SPREADSHEET,
    MINUTES,
)


def register(router: Router) -> None:
    """Add the command, and handle the form."""
    router.commands.include(COMMANDS)
    router.view(FORM, validate=check)(save)


@COMMANDS.command(
    "/pm",
    "settings",
    summary="Set whether agents send, only record (shadow), or do not run, and the rest of project management",
    role=Role.ADMIN,
    examples=("/pm settings", "/pm settings time-tracking shadow"),
)
async def change(
    request: Request, name: Word | None = None, mode: Literal["live", "shadow", "off"] | None = None
) -> Reply | None:
    """Set how an agent's scheduled runs go, or open the form of everything."""
    if name is None:
        return await _open(request)
    spec = agent_named(name)
    if mode is None:
        raise InvalidInputError(
            f"How is {spec.title} to run?", hint=f"Such as `/pm settings {spec.name} shadow`: live, shadow or off."
        )
    return await set_mode(request, spec.name, mode)


async def set_mode(request: Request, agent: str, mode: str) -> Reply:
    """Set how an agent's scheduled runs go from now on; who may was asked before."""
    services, spec, key = request.services, agent_named(agent), agent_mode_key(agent)
    changes = AccountChanges(services.accounts, services.audit)
    if await services.accounts.get_setting(key, RunMode.LIVE.value) != mode:
        await changes.set_settings(request.member, request.account, {key: mode})
        services.homes.changed()
    text, _ = blocks.mode_set(spec.title, mode)
    return Reply(*settings_receipts.with_undo(text, changes.lines))


async def _open(request: Request) -> Reply | None:
    if not request.trigger_id:
        text = "Settings open in a window: type `/pm settings`, or name an agent: `/pm settings time-tracking shadow`."
        return Reply(text)
    view = form.settings_form(_specs(), await _current(request), FORM, "Project management")
    await request.services.slack.open_view(request.trigger_id, view)
    return None


def _specs() -> tuple[SettingSpec, ...]:
    """Return the modes of all agents, what concerns project management, and the thresholds that learn."""
    known = settings.settings_with_agents([(spec.name, spec.title) for spec in AGENTS])
    modes = {agent_mode_key(spec.name) for spec in AGENTS}
    learning = {each.setting for each in TUNED}
    ordered = [*(s for s in known if s.key in modes), *(s for s in known if s.key in KEYS)]
    return (*ordered, *(s for s in known if s.key in learning))


async def _current(request: Request) -> dict[str, Any]:
    preferences = await request.services.accounts.settings()
    return settings.current_values(_specs(), preferences, request.account.time_zone, 0)


def _inputs(request: Request) -> dict[str, Any]:
    return {spec.key: request.input(spec.key) for spec in _specs()}


async def _check_admin(request: Request) -> None:
    await require(request, Role.ADMIN, WHAT, action="account.settings", target=request.account.name)


async def check(request: Request) -> Mapping[str, Any] | None:
    """Say at its field what is wrong, while the form is open."""
    await _check_admin(request)
    _, problems = settings.read_inputs(_specs(), _inputs(request))
    return errors(**problems) if problems else None


async def save(request: Request) -> Reply:
    """Store what differs from what the form showed: what somebody else has changed meanwhile is not changed back."""
    await _check_admin(request)
    current = await _current(request) | request.private_metadata
    values, problems = settings.read_inputs(_specs(), _inputs(request))
    if problems:
        raise InvalidInputError("Some settings cannot be read.", hint="Run `/pm settings` again.")
    changed = {key: (current[key], value) for key, value in values.items() if value != current[key]}
    changes = AccountChanges(request.services.accounts, request.services.audit)
    if changed:
        await changes.set_settings(request.member, request.account, {key: new for key, (_, new) in changed.items()})
        request.services.homes.changed()
    return Reply(*settings_receipts.saved(changed, _specs(), changes.lines))
