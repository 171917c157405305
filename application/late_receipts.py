"""People hear how a change ended that had to be left open when they made it."""

from __future__ import annotations

import structlog

from blocks.text import escape, link
from services.accounts import Accounts
from services.alerts import Alerts, Finding, Recipient, Severity
from services.effects import EffectStatus, Receipt

AGENT = "changes.settled"

log = structlog.get_logger(__name__)


class LateReceipts:
    """Tells the person in whose name a write was made, once, at a decent hour."""

    def __init__(self, accounts: Accounts, alerts: Alerts) -> None:
        self._accounts = accounts
        self._alerts = alerts

    async def __call__(self, receipt: Receipt) -> None:
        """Send the receipt; what FlowPilot did of its own accord only goes to the log."""
        log.info("write settled late", effect=receipt.effect_id, target=receipt.target, status=receipt.status)
        if receipt.actor.member_id is None:
            return
        member = await self._accounts.member_by_id(receipt.actor.member_id)
        if member is None:
            return
        is_done = receipt.status is not EffectStatus.FAILED
        await self._alerts.deliver(
            [
                Finding(
                    dedupe_key=f"effect-settled:{receipt.effect_id}",
                    agent=AGENT,
                    severity=Severity.INFO if is_done else Severity.WARNING,
                    recipient=Recipient.person(member),
                    subject=f"change:{receipt.target}",
                    text=late_text(receipt),
                )
            ]
        )


def late_text(receipt: Receipt) -> str:
    """Say how it ended, and where to look."""
    where = link(receipt.url, receipt.target)
    if receipt.status is not EffectStatus.FAILED:
        return f":white_check_mark: What was left open is done: {receipt.summary} ({where})"
    why = escape(receipt.error or "It failed.")
    return f":warning: FlowPilot could not finish what was left open at {where}. {why}\nAsked for: {receipt.summary}"
