"""Decide who hears of what and when, post it once, and learn from what people say."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy.exc import IntegrityError

from db.engine import Database
from db.models.alerts import AlertDelivery
from db.repositories import accounts as account_repository
from db.repositories import alerts as repository
from db.tenancy import account_scope
from services.alerts.absences import Absences
from services.alerts.deliveries import Stored, decide_and_store, store_delegated
from services.alerts.digests import Digests
from services.alerts.feedback import Feedback
from services.alerts.posting import Poster
from services.alerts.types import (
    Absence,
    Action,
    AlertRenderer,
    AlertSender,
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

    def __init__(
        self,
        database: Database,
        sender: AlertSender,
        renderer: AlertRenderer,
        now: Now,
        absences: Absences | None = None,
    ) -> None:
        super().__init__(database, renderer, now)
        self._absences = absences
        self._poster = Poster(database, sender, renderer, now, self._absent)
        self._digests = Digests(database, renderer, now, self._absent)

    async def _absent(self, slack_ids: Collection[str]) -> Mapping[str, Absence]:
        return await self._absences.of(slack_ids) if self._absences else {}

    async def deliver(self, findings: Sequence[Finding], mode: RunMode = RunMode.LIVE) -> list[Outcome]:
        """Tell, hold, fold, delegate or drop each finding, and say which and why, in their order.

        What one agent has for one recipient in one call is one message (but for findings that are not `digestible`).
        `SHADOW` records what would have been done; `DRY_RUN` only returns it. A post that fails is tried again by the
        next `flush_digests`; the outcome's status says `FAILED`.
        """
        people = {f.recipient.slack_id for f in findings} | {f.stand_in.slack_id for f in findings if f.stand_in}
        absences = await self._absent(people)
        own = dict(enumerate(findings))
        away = {place: finding for place, finding in own.items() if _has_stand_in(finding, absences)}
        outcomes = await self._deliver_groups(away, mode, absences)
        delegated = {place: o.decision for place, o in outcomes.items() if o.decision.action is Action.DELEGATE}
        own = {place: replace(finding, stand_in=None) for place, finding in own.items() if place not in away}
        own |= {place: self._for_stand_in(away[place], absences) for place in delegated}
        outcomes |= await self._deliver_groups(own, mode, absences)
        if mode is RunMode.LIVE and delegated:  # settled only when others have been told
            async with self._database.transaction() as session:
                await store_delegated(session, [away[place] for place in delegated], self._now())
        for place, decision in delegated.items():
            outcomes[place] = replace(outcomes[place], finding=away[place], decision=decision)
        return [outcomes[place] for place in range(len(findings))]

    async def _deliver_groups(
        self, findings: Mapping[int, Finding], mode: RunMode, absences: Mapping[str, Absence]
    ) -> dict[int, Outcome]:
        groups: dict[tuple[str, str], list[int]] = {}
        for place, finding in findings.items():
            groups.setdefault((finding.agent, finding.recipient.slack_id), []).append(place)
        outcomes: dict[int, Outcome] = {}
        for places in groups.values():
            told = await self._deliver_group([findings[place] for place in places], mode, absences)
            outcomes |= zip(places, told, strict=True)
        return outcomes

    async def _deliver_group(
        self, findings: Sequence[Finding], mode: RunMode, absences: Mapping[str, Absence]
    ) -> list[Outcome]:
        """Deliver what one agent has for one recipient."""
        try:
            stored, bundles = await self._decide(findings, mode, absences)
        except IntegrityError:  # another replica stored one of them between our look and our insert: now it is known
            stored, bundles = await self._decide(findings, mode, absences)
        posted = {bundle.id: (bundle, await self._poster.post(bundle)) for bundle in bundles}
        return [await self._outcome(each, posted) for each in stored]

    async def _decide(
        self, findings: Sequence[Finding], mode: RunMode, absences: Mapping[str, Absence]
    ) -> tuple[list[Stored], list[AlertDelivery]]:
        async with self._database.transaction(write=mode is not RunMode.DRY_RUN) as session:
            return await decide_and_store(session, findings, mode, self._now(), absences, self._renderer)

    async def _outcome(self, stored: Stored, bundles: Mapping[int, tuple[AlertDelivery, Status]]) -> Outcome:
        row = stored.row
        if row is None:
            return Outcome(stored.finding, stored.decision)
        if posted := bundles.get(row.bundled_in_id or 0):
            bundle, status = posted
            return Outcome(stored.finding, stored.decision, status, row.id, bundle.channel_id, bundle.message_ts)
        status = Status(row.status)
        if status is Status.RESERVED:
            status = await self._poster.post(row)
        return Outcome(stored.finding, stored.decision, status, row.id, row.channel_id, row.message_ts)

    def _for_stand_in(self, finding: Finding, absences: Mapping[str, Absence]) -> Finding:
        assert finding.stand_in is not None
        away = finding.recipient.slack_id
        note = self._renderer.stand_in_note(away, absences[away].why)
        blocks = self._renderer.noted_blocks(finding.text, finding.blocks, note, first=True)
        text = f"{note} {finding.text}"
        return replace(finding, recipient=finding.stand_in, stand_in=None, told_in="", text=text, blocks=blocks)

    async def flush_digests(self, *, early: bool = False) -> int:
        """Post what waits and is due: failed posts again, held messages, one digest per person; return how many.

        Meant for every few minutes. Digests are due when a person's quiet hours end and at 16:00 their time; `early`
        sends what is there now, though never into quiet hours.
        """
        rows = await self._poster.claim(is_starting=False)
        posted = await self._post_again(rows)
        for row in await self._digests.released():
            posted += await self._poster.post(row) is Status.SENT
        for digest in await self._digests.due(early=early):
            posted += await self._poster.post(digest) is Status.SENT
        return posted

    async def recover(self) -> int:
        """Settle what a process that died had reserved: look in Slack, post what is not there. Return how many."""
        return await self._post_again(await self._poster.claim(is_starting=True))

    async def _post_again(self, rows: Sequence[AlertDelivery]) -> int:
        posted = 0
        for row in rows:
            posted += await self._poster.post(row, since=row.created_at) is Status.SENT
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


def _has_stand_in(finding: Finding, absences: Mapping[str, Absence]) -> bool:
    absence = absences.get(finding.recipient.slack_id)
    if absence is None or not absence.is_leave or finding.stand_in is None:
        return False
    return finding.stand_in.slack_id not in absences
