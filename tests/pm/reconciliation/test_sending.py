"""Copies: each once, those of messages that wait and of a mail server that is down when they can go."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from db.engine import Database
from db.models.accounts import Member
from db.models.alerts import AlertDelivery
from services.accounts.types import MemberRef, Role
from services.effects import AuditTrail, Effects
from services.effects.mail import SendMail
from services.errors import VendorUnavailableError
from services.mail import MailDelivery, MailMessage
from services.pm.reconciliation.sending import ReportSending
from services.pm.reconciliation.service import Reconciliations
from services.pm.reconciliation.sharing import ShareFile
from services.pm.reconciliation.types import SentTo
from services.storage import ReportStorage
from tests.pm.reconciliation.test_revisions import NEW_YORK, month_with
from tests.storage.test_storage import settings

NOW = datetime(2026, 11, 1, 14, tzinfo=UTC)
PRIYA = MemberRef(1, "U1", "Priya", Role.PM, NEW_YORK, None, "priya@harborline.test")


@dataclass
class Outside:
    """A Slack that takes files and a mail server that is down until it is up."""

    files: list[tuple[str, str, bytes]] = field(default_factory=list)
    mails: list[MailMessage] = field(default_factory=list)
    is_up: bool = False
    sender_address: str = "flowpilot@harborline.test"

    async def upload(self, channel: str, name: str, content: bytes, *, title: str, thread_ts: str) -> str:
        self.files.append((channel, thread_ts, content))
        return f"F{len(self.files)}"

    async def direct_channel(self, slack_user_id: str) -> str:
        return f"D{slack_user_id}"

    async def send(self, message: MailMessage) -> MailDelivery:
        if not self.is_up:
            raise VendorUnavailableError("Mail server", "The mail server does not answer.")
        self.mails.append(message)
        return MailDelivery(tuple(each.address for each in message.to))

    async def members(self) -> list[MemberRef]:
        return [PRIYA]


async def delivery(database: Database, recipient: str, **place: str) -> int:
    async with database.transaction() as session:
        row = AlertDelivery(dedupe_key="k", recipient=recipient, agent="reconciliation", severity="info", text="t")
        row.status, row.created_at = "sent" if place else "held", NOW
        for name, value in place.items():
            setattr(row, name, value)
        session.add(row)
        await session.flush()
        return row.id


@pytest.mark.requirement("PM-4.4")
async def test_files_follow_their_messages_and_e_mail_goes_when_the_server_is_back_each_once(
    database: Database, in_account: str, tmp_path: Path
) -> None:
    async with database.transaction() as session:
        session.add(Member(id=PRIYA.id, slack_user_id="U1", display_name="Priya", role="pm", created_at=NOW))
    outside, storage = Outside(), ReportStorage(settings(tmp_path))
    anything = cast(Any, outside)
    effects = Effects(database, AuditTrail(database, lambda: NOW), lambda: NOW)
    effects.register([ShareFile(anything, storage.read), SendMail(anything, storage.read)])
    reports = Reconciliations(database, anything, storage, anything, anything, lambda: NOW)
    sending = ReportSending(reports, effects, anything, anything, lambda: NOW, has_mail=True)
    report = (await reports.keep(month_with(5), NEW_YORK)).report
    content = await storage.read(report.file_key)
    held = await delivery(database, "U1")
    posted = await delivery(database, "C1", channel_id="C1", message_ts="1.0")
    await reports.note_sent(report.id, [SentTo("U1", "Priya", 1, held), SentTo("C1", "", None, posted)])

    sent = await sending.send(await reports.report(report.id))
    assert outside.files == [("C1", "1.0", content)]
    assert [entry.email for entry in sent.sent_to] == ["The mail server does not answer.", ""]

    async with database.transaction() as session:  # her quiet hours are over
        row = await session.get_one(AlertDelivery, held)
        row.channel_id, row.message_ts = "D1", "2.0"
    outside.is_up = True
    assert await sending.catch_up() == 1
    assert outside.files[1:] == [("D1", "2.0", content)]
    assert [(m.to[0].address, m.attachments[0].content) for m in outside.mails] == [(PRIYA.email, content)]
    assert "5 h 0 min over 1 project." in outside.mails[0].text
    assert await sending.catch_up() == 0
    assert (len(outside.files), len(outside.mails)) == (2, 1)

    assert await sending.copy_to(report, PRIYA) is True
    assert await sending.copy_to(report, PRIYA) is False, "a second click within the minute changes nothing"
    assert len(outside.files) == 3
