"""Draw a person's Home."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from agents.history import AgentOverview, overview
from agents.runs import OFF, mode_in
from agents.spec import AgentSpec
from blocks.home import home_view
from services.accounts.types import AccountRef, MemberRef
from services.home import AgentLine, gather_home

if TYPE_CHECKING:
    from services.container import Services


async def draw_home(
    services: Services, account: AccountRef, slack_user_id: str, agents: Sequence[AgentSpec[Any, Any]]
) -> None:
    """Publish the Home of a member of the current account, if it differs from what they see."""
    member = await services.accounts.member(account, slack_user_id)
    account = await services.accounts.account(account.slack_team_id)
    lines = await _agent_lines(services, account, member, agents)
    view = home_view(await gather_home(services, account, member, lines))
    if not services.homes.is_new(account.id, member.id, view):
        return
    try:
        await services.slack.publish_home(slack_user_id, view)
    except BaseException:
        services.homes.forget_shown(account.id, member.id)
        raise


async def _agent_lines(
    services: Services, account: AccountRef, member: MemberRef, agents: Sequence[AgentSpec[Any, Any]]
) -> list[AgentLine]:
    running = services.homes.running(account.id)
    overviews = await overview(services, agents, account.time_zone, services.working_days.of(account.id))
    preferences = await services.accounts.settings()
    return [
        _agent_line(
            each,
            str(mode_in(preferences, spec.name) or OFF),
            is_running=spec.name in running,
            may_run=member.role.includes(spec.role),
        )
        for each, spec in zip(overviews, agents, strict=True)
    ]


def _agent_line(agent: AgentOverview, mode: str, *, is_running: bool, may_run: bool) -> AgentLine:
    last = agent.last
    return AgentLine(
        name=agent.name,
        title=agent.title,
        schedule=agent.schedule,
        mode=mode,
        status=str(last.status) if last else "",
        last_at=last.started_at if last else None,
        last_line=(last.error or last.line) if last else "",
        next_at=agent.next_at,
        may_run=may_run,
        is_running=is_running,
    )
