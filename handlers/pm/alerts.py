"""`/pm snooze`, `/pm shadow`, and where thresholds stand."""

from __future__ import annotations

from agents.catalogue import AGENTS, agent_named
from agents.runs import OFF, scheduled_mode
from agents.spec import RunMode
from blocks import alerts as alert_blocks
from blocks import thresholds as threshold_blocks
from blocks.pm import shadow as blocks
from handlers.permissions import require
from handlers.pm.settings import set_mode
from handlers.request import Request
from handlers.router import Router
from services.accounts.settings import agent_mode_key
from services.accounts.types import Role
from services.alerts.snoozing import read_duration
from services.commands import Commands, Reply, Rest, Word
from services.errors import InvalidInputError

COMMANDS = Commands()
WHAT = "change how an agent runs"


def register(router: Router) -> None:
    """Add the commands, and handle the buttons."""
    router.commands.include(COMMANDS)
    router.action(blocks.PAGE)(turn_page)
    router.action(blocks.GO_LIVE)(go_live)
    router.action(blocks.KEEP_WATCHING)(keep_watching)
    router.action(threshold_blocks.UNDO)(undo_threshold)


@COMMANDS.command(
    "/pm",
    "snooze",
    summary="Hear nothing of a project, ticket or agent for a while; without arguments list what is snoozed",
    examples=("/pm snooze SHOP 3d", "/pm snooze SHOP-12 1w", "/pm snooze bottlenecks 12h", "/pm snooze"),
)
async def snooze(request: Request, subject: Word | None = None, duration: Rest | None = None) -> Reply:
    """Snooze a subject for the person who asks; what is critical reaches them all the same."""
    alerts = request.services.alerts
    if subject is None:
        return Reply(*alert_blocks.snooze_list(await alerts.snoozes(request.member)))
    if duration is None:
        raise InvalidInputError("For how long?", hint=f"Such as `/pm snooze {subject} 3d`.")
    until = request.services.now() + read_duration(duration)
    return Reply(*alert_blocks.snoozed(await alerts.snooze(request.member, subject, until)))


@COMMANDS.command(
    "/pm",
    "thresholds",
    summary="Show which thresholds learn from feedback, and where they stand",
    role=Role.PM,
    reads_only=True,
)
async def thresholds(request: Request) -> Reply:
    """Show all thresholds of the agents."""
    return Reply(*threshold_blocks.overview(await request.services.alert_thresholds.states()))


@COMMANDS.command(
    "/pm",
    "shadow",
    summary="Show what an agent told or would have told, and how right it was; without a name list the agents",
    role=Role.PM,
    examples=("/pm shadow retainer-budget", "/pm shadow"),
    reads_only=True,
)
async def shadow(request: Request, name: Word | None = None) -> Reply:
    """Look back at an agent's alerts of half a year, or list which agents only record theirs."""
    if name is None:
        modes = {spec.name: await scheduled_mode(request.services, spec.name) for spec in AGENTS}
        return Reply(*blocks.modes([(s.name, s.title, str(modes[s.name] or OFF)) for s in AGENTS]))
    return await _look_back(request, agent_named(name).name, 0)


async def turn_page(request: Request) -> Reply:
    """Show another of the alerts in the same message."""
    await require(request, Role.PM, "look back at alerts", action="pm_shadow", target="alerts")
    value = request.value_object()
    page = value.get("page")
    reply = await _look_back(request, agent_named(str(value.get("agent"))).name, page if isinstance(page, int) else 0)
    return Reply(reply.text, reply.blocks, replace=True)


async def go_live(request: Request) -> Reply:
    """Have an agent send from now on."""
    spec = agent_named(request.value)
    key = agent_mode_key(spec.name)
    await require(request, Role.ADMIN, WHAT, action="pm_settings", target=key)
    return await set_mode(request, spec.name, RunMode.LIVE.value)


async def keep_watching(request: Request) -> Reply:
    """Leave an agent as it is."""
    return Reply(*blocks.kept_watching(agent_named(request.value).title))


async def undo_threshold(request: Request) -> Reply:
    """Take back what feedback has moved."""
    if not request.value.isdigit():
        raise InvalidInputError("That button is from an older version.", hint="`/pm thresholds` shows where they are.")
    await require(request, Role.ADMIN, "change thresholds", action="alerts.threshold", target=request.value)
    move = await request.services.alert_thresholds.undo(int(request.value), request.member)
    return Reply(*threshold_blocks.undone(move))


async def _look_back(request: Request, agent: str, page: int) -> Reply:
    services = request.services
    spec = agent_named(agent)
    mode = await scheduled_mode(services, spec.name)
    look = await services.hindsight.look_back(spec.name)
    may_change = request.member.role.includes(Role.ADMIN)
    return Reply(*blocks.overview(spec.title, mode.value if mode else OFF, look, page, may_change=may_change))
