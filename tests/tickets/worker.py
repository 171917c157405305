"""A process that tests kill while it waits for Jira's answer to a write, and start again.

`python -m tests.tickets.worker SITE_URL DATABASE_URL ACCOUNT comment|subtask|recover`
"""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta

from db.engine import Database
from db.tenancy import account_scope
from services.clock import utc_now
from services.effects import Actor, AuditTrail, Effects, Intent
from services.effects.jira import jira_operations
from services.vendors.jira import JiraClient
from tests.vendors.settings import settings_for

PRIYA = Actor(None, "Priya Shah")
SUBTASK = {
    "project": "APP",
    "type_id": "10004",
    "type": "Sub-task",
    "summary": "Only once",
    "description": "",
    "parent": "APP-1",
    "is_subtask": True,
    "marker": "phase:APP-1:Plan:0",
}
INTENTS = {
    "comment": Intent("jira.comment", "APP-1", {"markdown": "Only once"}, PRIYA, "typed", "wish-1"),
    "subtask": Intent("jira.create", "APP-1", SUBTASK, PRIYA, "typed", "phase:APP-1:Plan:0"),
}


async def main(site_url: str, database_url: str, account_id: str, what: str) -> None:
    """Write, or settle what an earlier process left."""
    database = Database(database_url)
    jira = JiraClient.from_settings(settings_for(site_url))
    effects = Effects(database, AuditTrail(database, utc_now), utc_now)
    effects.register(jira_operations(jira))
    with account_scope(account_id):
        if what in INTENTS:
            await effects.perform(INTENTS[what])
        else:
            await effects.recover(older_than=timedelta(0))
    await jira.close()
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5]))
