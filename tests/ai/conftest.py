"""A sandbox of model vendors, and AI tasks that talk to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import select

from db.engine import Database
from db.models.ai import ModelCall
from sandbox.core import Sandbox
from services.ai import AiTasks
from services.ai.tasks.ticket_draft import Blocker, DraftInput, TicketComment, TicketFacts
from services.settings import Settings
from tests.sandbox.models.running import model_sandbox

KEY = "sandbox-key"
CLAUDE, GPT, GEMINI = "anthropic:claude-sonnet-5-5", "openai:gpt-6.1-sol", "google:gemini-3.8-flash"


@dataclass
class Vendors:
    """The running stand-ins and the settings that lead to them."""

    sandbox: Sandbox
    url: str

    def settings(self, **overrides: Any) -> Settings:
        """Return settings with all three vendors, `overrides` on top."""
        values: dict[str, Any] = {
            "anthropic_api_key": KEY,
            "anthropic_base_url": f"{self.url}/anthropic",
            "openai_api_key": KEY,
            "openai_base_url": f"{self.url}/openai/v1",
            "gemini_api_key": KEY,
            "gemini_base_url": f"{self.url}/gemini",
            "model_timeout_s": 20,
        }
        return Settings(_env_file=None, **(values | overrides))


@pytest.fixture
async def vendors() -> AsyncIterator[Vendors]:
    async with model_sandbox() as (sandbox, url):
        yield Vendors(sandbox, url)


AiFactory = Callable[..., AbstractAsyncContextManager[AiTasks]]


@pytest.fixture
def ai_with(vendors: Vendors, database: Database, in_account: str) -> AiFactory:
    """Return a factory of AI tasks with settings changed, inside an account."""

    @asynccontextmanager
    async def build(toolsets: Any = None, **overrides: Any) -> AsyncIterator[AiTasks]:
        ai = AiTasks(vendors.settings(**overrides), database, vendors.sandbox.clock.now, toolsets=toolsets)
        yield ai
        await ai.close()

    return build


async def calls_of(database: Database) -> Sequence[ModelCall]:
    """Return the recorded calls, oldest first."""
    async with database.transaction(write=False) as session:
        return (await session.scalars(select(ModelCall).order_by(ModelCall.id))).all()


TICKET = DraftInput(
    ticket=TicketFacts(
        key="CPE-101",
        summary="Printer prints blank pages",
        description="Since the update.",
        status="In Progress",
        status_since="2026-11-18",
        assignee="Sam Okafor",
    ),
    asked_by="Priya Shah",
    comments=(TicketComment(author="Sam Okafor", written_at="2026-11-19", text="Toner is full."),),
    blockers=(Blocker(key="NET-88", status="In Progress"),),
)


@pytest.fixture
async def nonsense_url() -> AsyncIterator[dict[str, str]]:
    """A server that answers 200 and what the path's hexadecimal part spells."""

    async def answer(request: web.Request) -> web.Response:
        body = bytes.fromhex(request.match_info["body"]).decode()
        return web.Response(text=body, content_type="text/html" if body.startswith("<") else "application/json")

    app = web.Application()
    app.router.add_post("/{body}/{tail:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield {"url": f"http://127.0.0.1:{runner.addresses[0][1]}"}
    await runner.cleanup()
