"""Sending as a write of FlowPilot's: on the record, with its files, finished after a crash under the same id."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from db.engine import Database
from services.clock import utc_now
from services.effects import Actor, AuditTrail, Effects, EffectStatus, Intent
from services.effects.mail import StoredAttachment, mail_intent, mail_operations
from services.errors import NotFoundError, VendorError
from services.mail import MailRecipient
from tests.mail.post_office import PostOffice, running_post_office

PRIYA, GONE = "priya@harborline.test", "gone@harborline.test"
FILES = {"reports/2026-10.xlsx": b"PK\x03\x04"}


async def load(key: str) -> bytes:
    """Return a stored file."""
    if key not in FILES:
        raise NotFoundError("The file is no longer in the archive.")
    return FILES[key]


def report(key: str = "report:7", storage_key: str = "reports/2026-10.xlsx") -> Intent:
    """Return the intent to send a report to Priya, and to somebody who has left."""
    return mail_intent(
        to=[MailRecipient(PRIYA, "Priya"), MailRecipient(GONE)],
        subject="October <closed>",
        text="412 h",
        attachments=[StoredAttachment("October.xlsx", storage_key, "application/vnd.ms-excel")],
        actor=Actor(None, "FlowPilot"),
        reason="the month's report",
        key=key,
    )


@dataclass
class Desk:
    """A mail server, and the writes of an account."""

    office: PostOffice
    effects: Effects
    trail: AuditTrail


@pytest.fixture
async def desk(database: Database, in_account: str) -> AsyncIterator[Desk]:
    """The desk of an account."""
    async with running_post_office() as office:
        trail = AuditTrail(database, utc_now)
        effects = Effects(database, trail, utc_now)
        effects.register(mail_operations(office.mail, load))
        yield Desk(office, effects, trail)


@pytest.mark.requirement("PM-4.4")
async def test_a_report_is_sent_once_with_its_file_and_who_was_refused_is_told(desk: Desk) -> None:
    desk.office.fail("status", "RCPT", "gone@", status=550)
    first = await desk.effects.perform(report())
    again = await desk.effects.perform(report())
    assert (first.status, again.repeated, first.undo_until) == (EffectStatus.DONE, True, None)
    assert "gone@harborline.test was refused: No such user here" in first.summary
    assert "October &lt;closed&gt;" in first.summary
    (mail,) = desk.office.mails()
    assert [(file.file_name, file.content) for file in mail.files()] == [("October.xlsx", b"PK\x03\x04")]
    (line,) = await desk.trail.lines()
    assert (line.action, line.result) == ("mail.send", EffectStatus.DONE)


async def test_a_mail_whose_end_is_unknown_is_sent_again_and_arrives_as_one(desk: Desk) -> None:
    desk.office.fail("drop_after", "DATA")
    with pytest.raises(VendorError) as caught:
        await desk.effects.perform(report())
    assert caught.value.outcome_unknown
    (receipt,) = await desk.effects.recover(older_than=timedelta())
    assert receipt.status is EffectStatus.DONE
    assert [mail.copies for mail in desk.office.mails(PRIYA)] == [2]
    assert await desk.effects.recover(older_than=timedelta()) == []


async def test_a_mail_whose_file_is_gone_is_not_sent_without_it(desk: Desk) -> None:
    with pytest.raises(NotFoundError):
        await desk.effects.perform(report(storage_key="reports/lost.xlsx"))
    assert not desk.office.commands("MAIL")
