"""A process that tests kill while it waits for Jira's answer to a comment, and start again.

`python -m tests.tickets.worker SITE_URL DATABASE_URL ACCOUNT comment|recover`
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
from tests.vendors.site import settings_for

INTENT = Intent("jira.comment", "APP-1", {"markdown": "Only once"}, Actor(None, "Priya Shah"), "typed", "wish-1")


async def main(site_url: str, database_url: str, account_id: str, what: str) -> None:
    """Comment, or settle what an earlier process left."""
    database = Database(database_url)
    jira = JiraClient.from_settings(settings_for(site_url))
    effects = Effects(database, AuditTrail(database, utc_now), utc_now)
    effects.register(jira_operations(jira))
    with account_scope(account_id):
        if what == "comment":
            await effects.perform(INTENT)
        else:
            await effects.recover(older_than=timedelta(0))
    await jira.close()
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5]))
