"""The library and the drafts over a real database, with sessions to take scripts from."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from db.engine import Database
from services.accounts import Accounts, MemberRef, Role
from services.ai import AiTasks
from services.effects import AuditTrail
from services.pilot.scripts.drafts import TemplateDrafts
from services.pilot.scripts.library import ScriptTemplates
from services.pilot.scripts.paths import FixPaths
from services.pilot.scripts.proposing import TemplateProposals
from services.pilot.sessions import PilotSessions
from services.settings import Settings
from tests.tickets.conftest import NoDirectory, add_member

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@dataclass
class Workshop:
    """What makes templates, and who works with it."""

    accounts: Accounts
    audit: AuditTrail
    sessions: PilotSessions
    library: ScriptTemplates
    drafts: TemplateDrafts
    paths: FixPaths
    alice: MemberRef
    vera: MemberRef


@pytest.fixture
async def workshop(database: Database, in_account: str) -> AsyncIterator[Workshop]:
    """Alice is an engineer, Vera a viewer; there is no model."""

    def now() -> datetime:
        return NOW

    no_models: dict[str, Any] = {"anthropic_api_key": "", "openai_api_key": "", "gemini_api_key": ""}
    accounts = Accounts(database, NoDirectory(), now)
    audit = AuditTrail(database, now)
    ai = AiTasks(Settings(_env_file=None, **no_models), database, now)
    library = ScriptTemplates(database, accounts, audit, now)
    drafts = TemplateDrafts(database, accounts, audit, library, TemplateProposals(ai), now)
    alice = await add_member(database, "Alice Ames", Role.ENGINEER, None)
    vera = await add_member(database, "Vera Vance", Role.VIEWER, None)
    sessions = PilotSessions(database, audit, now)
    paths = FixPaths(sessions, accounts, library, drafts)
    yield Workshop(accounts, audit, sessions, library, drafts, paths, alice, vera)
    await ai.close()
