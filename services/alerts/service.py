"""Decide who hears of what and when, post it once, and learn from what people say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.exc import IntegrityError

from db.engine import Database
from db.models.alerts import AlertDelivery
from db.repositories import accounts as account_repository
from db.repositories import alerts as repository
from db.tenancy import account_scope
from services.alerts.deliveries import DIGEST_AGENT, decide_and_store
from services.alerts.digests import Digests
from services.alerts.feedback import Feedback
from services.alerts.posting import Poster
from services.alerts.types import (
    Action,
    AlertRenderer,
    AlertSender,
    Decision,
    Finding,
    Outcome,
    Recipient,
    Severity,
    Status,
)
from services.clock import Now
from services.modes import RunMode

ALERTS_CHANNEL_PREFERENCE = "alerts_channel_id"
VENDORS_AGENT = "alerts.vendors"
CIRCUIT_MEMORY = timedelta(hours=24)


class Alerts(Feedback):
    """All that agents tell people goes through `deliver`; nobody posts around it."""

    def __init__(self, database: Database, sender: AlertSender, renderer: AlertRenderer, now: Now) -> None:
        super().__init__(database, now)
        self._poster = Poster(database, sender, renderer, now)
        self._digests = Digests(database, renderer, now)

    async def deliver(self, findings: Sequence[Finding], mode: RunMode = RunMode.LIVE) -> list[Outcome]:
        """Tell, hold, fold or drop each finding, in order, and say which and why.

        `SHADOW` records what would have been done; `DRY_RUN` only returns it. A post that fails is tried again by the
        next `flush_digests`; the outcome's status says `FAILED`.
        """
        return [await self._deliver(finding, mode) for finding in findings]

    async def _deliver(self, finding: Finding, mode: RunMode) -> Outcome:
        try:
            async with self._database.transaction(write=mode is not RunMode.DRY_RUN) as session:
                decision, row = await decide_and_store(session, finding, mode, self._now())
        except IntegrityError:  # another replica reserved it between our look and our insert
            return Outcome(finding, Decision(Action.DROP, "already told by another process"))
        if row is None:
            return Outcome(finding, decision)
        status = Status(row.status)
        if status is Status.RESERVED:
            status = await self._poster.post(row, is_digest=False)
        return Outcome(finding, decision, status, row.id, row.channel_id, row.message_ts)

    async def flush_digests(self, *, early: bool = False) -> int:
        """Post what waits and is due: failed posts again, held messages, one digest per person; return how many.

        Meant for every few minutes. Digests are due when a person's quiet hours end and at 16:00 their time; `early`
        sends what is there now, though never into quiet hours.
        """
        rows = await self._poster.claim(is_starting=False)
        posted = await self._post_again(rows)
        for row in await self._digests.released():
            posted += await self._poster.post(row, is_digest=False) is Status.SENT
        for digest in await self._digests.due(early=early):
            posted += await self._poster.post(digest, is_digest=True) is Status.SENT
        return posted

    async def recover(self) -> int:
        """Settle what a process that died had reserved: look in Slack, post what is not there. Return how many."""
        return await self._post_again(await self._poster.claim(is_starting=True))

    async def _post_again(self, rows: Sequence[AlertDelivery]) -> int:
        posted = 0
        for row in rows:
            status = await self._poster.post(row, is_digest=row.agent == DIGEST_AGENT, since=row.created_at)
            posted += status is Status.SENT
        return posted

    async def vendor_circuit_changed(self, vendor: str, is_open: bool) -> list[Outcome]:
        """Tell every account once that a vendor is down, or (if it was told so) back.

        Its alerts channel hears of it; without one, its admins.
        """
        async with self._database.system_transaction(write=False) as session:
            account_ids = [account.id for account in await account_repository.all_accounts(session)]
        outcomes: list[Outcome] = []
        for account_id in account_ids:
            with account_scope(account_id):
                outcomes += await self.deliver(await self._circuit_findings(vendor, is_open))
        return outcomes

    async def _circuit_findings(self, vendor: str, is_open: bool) -> list[Finding]:
        now = self._now()
        async with self._database.transaction(write=False) as session:
            account = await repository.account(session)
            told = await repository.was_told_since(session, f"circuit:{vendor}:open:", now - CIRCUIT_MEMORY)
            admins = await repository.admins(session)
        if not is_open and not told:
            return []
        channel = account.preferences.get(ALERTS_CHANNEL_PREFERENCE)
        recipients = (
            [Recipient.channel(str(channel))] if channel else [Recipient(a.slack_user_id, a.id) for a in admins]
        )
        text = (
            f":warning: {vendor} is not answering. FlowPilot waits and tries again by itself; "
            "commands that need it say so, nothing is lost."
            if is_open
            else f":white_check_mark: {vendor} answers again."
        )
        # one an hour at most, however often the circuit opens and however many replicas notice
        key = f"circuit:{vendor}:{'open' if is_open else 'closed'}:{now:%Y-%m-%dT%H}"
        severity = Severity.WARNING if is_open else Severity.INFO
        return [Finding(key, VENDORS_AGENT, severity, each, f"vendor:{vendor}", text) for each in recipients]
