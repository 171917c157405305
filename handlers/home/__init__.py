"""App Home and the Messages tab."""

from __future__ import annotations

from agents.catalogue import AGENTS
from blocks import home as blocks
from handlers.home import agents as agent_buttons
from handlers.home.publishing import draw_home
from handlers.request import Request
from handlers.router import Router

__all__ = ["register"]


def register(router: Router, agents: agent_buttons.Specs = AGENTS) -> None:
    """Draw Home when it is opened, and handle its buttons."""

    @router.event("app_home_opened")
    async def opened(request: Request) -> None:
        services = request.services
        if request.event.get("tab") == "messages":
            await services.slack.suggest_prompts(str(request.channel), blocks.PROMPTS, title="You could ask")
            return
        services.homes.draw_with(lambda account, user: draw_home(services, account, user, agents))
        services.homes.opened(request.account, request.member.id, request.member.slack_user_id)
        await services.homes.refresh([request.member.id])

    agent_buttons.register(router, agents)
