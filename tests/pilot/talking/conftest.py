"""A desk with a conversation: Alice works, Vera looks; no model unless a test brings one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from db.engine import Database
from services.accounts import Accounts, MemberRef, Role
from services.ai import AiTasks
from services.effects import AuditTrail
from services.pilot.scripts.library import ScriptTemplates
from services.pilot.sessions import PilotSessions
from services.pilot.similar import SimilarCases
from services.pilot.talking import PilotTalks
from services.settings import Settings
from tests.pilot.engine.conftest import Ticking
from tests.tickets.conftest import NoDirectory, add_member

NO_MODELS: dict[str, Any] = {"anthropic_api_key": "", "openai_api_key": "", "gemini_api_key": ""}


@dataclass
class Talk:
    """Who talks, and where it is kept."""

    sessions: PilotSessions
    talks: PilotTalks
    library: ScriptTemplates
    similar: SimilarCases
    alice: MemberRef
    vera: MemberRef

    async def said(self, session_id: str, text: str) -> str:
        """Return the answer to what Alice says."""
        return "".join([piece async for piece in self.talks.turn(session_id, self.alice, text)])


async def make_talk(database: Database, ai: AiTasks) -> Talk:
    """Return a desk whose conversation is led by `ai`."""
    now = Ticking()
    audit = AuditTrail(database, now)
    sessions = PilotSessions(database, audit, now)
    library = ScriptTemplates(database, Accounts(database, NoDirectory(), now), audit, now)
    similar = SimilarCases(sessions, library, now)
    alice = await add_member(database, "Alice Ames", Role.ENGINEER, None)
    vera = await add_member(database, "Vera Vance", Role.VIEWER, None)
    talks = PilotTalks(sessions, ai, similar, library, quiet_s=0)
    return Talk(sessions, talks, library, similar, alice, vera)


@pytest.fixture
async def talk(database: Database, in_account: str) -> AsyncIterator[Talk]:
    """A desk without a model."""
    ai = AiTasks(Settings(_env_file=None, **NO_MODELS), database, Ticking())
    yield await make_talk(database, ai)
    await ai.close()
