"""Copies of a report: files beside messages and e-mails, each once, caught up later where something was down."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from services.clock import Now
from services.effects.mail import StoredAttachment, mail_intent
from services.effects.types import Actor
from services.errors import ConflictError, FlowPilotError, VendorError
from services.mail.types import MailRecipient
from services.pm.reconciliation.service import Reconciliations
from services.pm.reconciliation.sharing import share_intent
from services.pm.reconciliation.types import Report, SentTo

if TYPE_CHECKING:
    from services.accounts import Accounts
    from services.accounts.types import MemberRef
    from services.effects import Effects
    from services.slack.sender import SlackSender

FLOWPILOT = Actor(None, "FlowPilot")
REASON = "The month's reconciliation report"
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TRIED_FOR = timedelta(days=7)
"""After this a copy that could not be sent is given up; the link in the message goes on working."""
SENT = "sent"
log = structlog.get_logger(__name__)


class ReportSending:
    """Sends what `sent_to` of a report says is still to be sent."""

    def __init__(
        self,
        reports: Reconciliations,
        effects: Effects,
        slack: SlackSender,
        accounts: Accounts,
        now: Now,
        *,
        has_mail: bool,
    ) -> None:
        self._reports = reports
        self._effects = effects
        self._slack = slack
        self._accounts = accounts
        self._now = now
        self.has_mail = has_mail

    async def catch_up(self) -> int:
        """Send what waits for messages that were held back, and what failed; return how many copies are done."""
        done = 0
        for report in await self._reports.made_since(self._now() - TRIED_FOR):
            before = {entry.slack_id: entry for entry in report.sent_to}
            after = await self.send(report)
            done += sum(before.get(entry.slack_id) != entry for entry in after.sent_to)
        return done

    async def send(self, report: Report, *, round_: str = "") -> Report:
        """Share the file under every message that is in Slack, and e-mail it; `round_` names a forced sending.

        What fails stays for `catch_up`, and is said in the entry.
        """
        members = {member.id: member for member in await self._accounts.members()}
        entries = [
            await self._send(report, entry, members.get(entry.member_id or 0), round_) for entry in report.sent_to
        ]
        if entries == list(report.sent_to):
            return report
        return await self._reports.note_sent(report.id, entries)

    async def _send(self, report: Report, entry: SentTo, member: MemberRef | None, round_: str) -> SentTo:
        if not entry.file_id and entry.delivery_id is not None:
            entry = await self._share(report, entry)
        if entry.email != SENT and self.has_mail and member is not None and member.email:
            entry = await self._mail(report, entry, member, round_)
        return entry

    async def _share(self, report: Report, entry: SentTo) -> SentTo:
        assert entry.delivery_id is not None
        place = await self._reports.place_of(entry.delivery_id)
        if place is None:
            return entry
        key = f"report:{report.id}:delivery:{entry.delivery_id}:{entry.failures}"
        try:
            receipt = await self._effects.perform(share_intent(report, *place, actor=FLOWPILOT, reason=REASON, key=key))
        except FlowPilotError as error:
            log.warning("report not shared", report=report.id, recipient=entry.slack_id, why=error.message)
            return _failed(entry, error)
        return replace(entry, file_id=str((receipt.after or {}).get("file_id") or "shared"))

    async def _mail(self, report: Report, entry: SentTo, member: MemberRef, round_: str) -> SentTo:
        intent = mail_intent(
            to=[MailRecipient(member.email or "", member.display_name)],
            subject=_subject(report),
            text=_letter(report, member.display_name),
            attachments=[StoredAttachment(report.file_name, report.file_key, MEDIA_TYPE)],
            actor=FLOWPILOT,
            reason=REASON,
            key=f"report:{report.id}:mail:{member.id}{round_}:{entry.failures}",
        )
        try:
            await self._effects.perform(intent)
        except FlowPilotError as error:
            log.warning("report not e-mailed", report=report.id, recipient=entry.slack_id, why=error.message)
            return replace(_failed(entry, error), email=error.message)
        return replace(entry, email=SENT)

    async def copy_to(self, report: Report, member: MemberRef) -> bool:
        """Share the file with a person who asks for it; False when they got it within this minute."""
        channel = await self._slack.direct_channel(member.slack_user_id)
        key = f"report:{report.id}:copy:{member.id}:{self._now():%Y%m%d%H%M}"
        intent = share_intent(
            report, channel, "", actor=Actor(member.id, member.display_name), reason="Asked for a copy", key=key
        )
        return not (await self._effects.perform(intent)).repeated


def _failed(entry: SentTo, error: FlowPilotError) -> SentTo:
    """Count a failure that did nothing; one whose end is unknown is looked for under its own key."""
    is_unknown = isinstance(error, VendorError) and error.outcome_unknown
    return entry if is_unknown or isinstance(error, ConflictError) else replace(entry, failures=entry.failures + 1)


def _subject(report: Report) -> str:
    title = f"Monthly reconciliation, {report.month.title}"
    return title if report.revision == 1 else f"{title} (revision {report.revision})"


def _letter(report: Report, name: str) -> str:
    hours = f"{report.actual_seconds // 3600:,} h {report.actual_seconds % 3600 // 60} min"
    projects = f"{report.total_projects} {'project' if report.total_projects == 1 else 'projects'}"
    return (
        f"Hello {name},\n\n"
        f"{report.month.title}: {hours} over {projects}. The workbook is attached (revision {report.revision}).\n\n"
        "Its totals are formulas, and the first sheet checks them against Tempo.\n\n"
        "FlowPilot"
    )
