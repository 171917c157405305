"""Which alerts Home shows: each once, though a person and a channel of theirs got it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from db.engine import Database
from db.models.alerts import AlertDelivery
from db.repositories.home import latest_alerts
from services.home.gather import SHOWN_STATUSES

AT = datetime(2026, 11, 18, 14, tzinfo=UTC)


def told(key: str, recipient: str, status: str, minutes: int) -> AlertDelivery:
    at = AT + timedelta(minutes=minutes)
    return AlertDelivery(
        dedupe_key=key,
        recipient=recipient,
        status=status,
        created_at=at,
        agent="retainer-budget",
        severity="warning",
        subject="retainer-budget:CARE",
        text=f"{key} to {recipient}",
    )


async def test_what_a_person_and_their_channel_got_is_shown_once(database: Database, in_account: str) -> None:
    async with database.transaction() as session:
        session.add_all(
            [
                told("CARE:90", "U0PRIYA", "sent", 0),
                told("CARE:90", "C0CARE", "sent", 1),
                told("BREW:75", "U0PRIYA", "digested", 2),
                told("BREW:75", "C0BREW", "sent", 3),
                told("bundle:1", "U0PRIYA", "sent", 4),
                told("TOOLS:75", "U0PRIYA", "snoozed", 5),
                told("TOOLS:75", "C0CARE", "sent", 6),
                told("card", "C0CARE", "sent", 7),
                told("card", "C0OTHER", "sent", 8),
            ]
        )
    async with database.transaction(write=False) as session:
        rows = await latest_alerts(session, "U0PRIYA", ["C0CARE", "C0BREW"], SHOWN_STATUSES, 9)
        nobodys = await latest_alerts(session, "U0PRIYA", [], SHOWN_STATUSES, 9)
    # what was told together with others is not told again of the channel; what the person snoozed there is
    assert [row.text for row in rows] == [
        "card to C0CARE",
        "TOOLS:75 to C0CARE",
        "bundle:1 to U0PRIYA",
        "CARE:90 to U0PRIYA",
    ]
    assert [row.text for row in nobodys] == ["bundle:1 to U0PRIYA", "CARE:90 to U0PRIYA"]
