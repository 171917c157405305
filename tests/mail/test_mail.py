"""E-mail over real sockets: who gets it, who does not, and what a retry does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.clock import utc_now
from services.errors import InvalidInputError, VendorAuthError, VendorRejectedError, VendorUnavailableError
from services.mail import Attachment, Mail, MailMessage, MailRecipient, message_id_for
from services.mail.message import address_of, compose, is_address, sender_of
from tests.mail.post_office import PostOffice, running_post_office
from tests.vendors.site import QUICK

PRIYA, MARCUS, GONE = (f"{name}@harborline.test" for name in ("priya", "marcus", "gone"))
REPORT = MailMessage(
    to=(MailRecipient(PRIYA, "Priya Raman"), MailRecipient(MARCUS)),
    subject="October closed: 412 h",
    text="412 hours in October.",
    html="<p><b>412 hours</b> in October.</p>",
    attachments=(Attachment("October – Überblick.xlsx", b"PK\x03\x04\x00\xff", "application/vnd.ms-excel"),),
    message_id=message_id_for("report:2026-10:1", "flowpilot@harborline.test"),
)


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    """A mail server."""
    async with running_post_office() as running:
        yield running


@pytest.mark.requirement("PM-4.4")
async def test_everybody_gets_the_text_the_html_and_the_file(office: PostOffice) -> None:
    delivery = await office.mail.send(REPORT)
    assert delivery.is_complete
    assert delivery.accepted == (PRIYA, MARCUS)
    (mail,) = office.mails(PRIYA)
    assert (mail.recipients, mail.sender) == ([PRIYA, MARCUS], "flowpilot@harborline.test")
    assert mail.body("plain").strip() == "412 hours in October."
    assert "<b>412 hours</b>" in mail.body("html")
    (file,) = mail.files()
    assert (file.file_name, file.content) == ("October – Überblick.xlsx", b"PK\x03\x04\x00\xff")
    headers = mail.message
    assert headers["Subject"] == "October closed: 412 h"
    assert str(headers["To"]) == f"Priya Raman <{PRIYA}>, {MARCUS}"
    assert (headers["Auto-Submitted"], headers["Message-ID"]) == ("auto-generated", REPORT.message_id)
    assert headers["Date"].datetime.tzinfo is not None


async def test_a_name_or_a_subject_ends_no_header(office: PostOffice) -> None:
    evil = "Bill\r\nBcc: thief@elsewhere.test\r\n\r\n<script>"
    message = replace(REPORT, to=(MailRecipient(PRIYA, evil),), subject=evil, attachments=(Attachment(evil, b"x"),))
    await office.mail.send(message)
    (mail,) = office.mails()
    assert mail.recipients == [PRIYA]
    assert mail.message["Bcc"] is None
    assert [mail.message["Subject"], mail.message["To"].addresses[0].display_name] == [
        "Bill Bcc: thief@elsewhere.test <script>"
    ] * 2
    with pytest.raises(InvalidInputError, match="Message-ID"):
        await office.mail.send(replace(message, message_id="<a@b>\r\nBcc: thief@elsewhere.test"))


@given(st.text(), st.text(), st.text())
def test_no_words_add_a_header(name: str, subject: str, file_name: str) -> None:
    message = MailMessage((), subject, "text", attachments=(Attachment(file_name, b""),), message_id="<a@b.test>")
    sender = sender_of("FlowPilot <a@b.test>")
    try:
        made = compose(message, sender, (address_of(PRIYA, name),), utc_now()).as_bytes()
    except UnicodeEncodeError:  # half a surrogate pair is no text in any encoding
        return
    head = made.replace(b"\r\n ", b" ").partition(b"\r\n\r\n")[0]
    known = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"}
    assert {line.partition(b":")[0].decode() for line in head.split(b"\r\n")} <= known


@pytest.mark.parametrize(
    "text",
    ["", "nobody", "a@b@c.test", "a b@c.test", "<a@b.test>", "a@b.test, c@d.test", "a@b.test\nBcc: x@y.z", ".a@b.c"],
)
def test_only_one_address_is_an_address(text: str) -> None:
    assert not is_address(text)
    assert is_address("o'brien+pm@büro.example")


async def test_one_bad_address_stops_no_other_and_is_told(office: PostOffice) -> None:
    office.fail("status", "RCPT", "gone@", status=550)
    people = (MailRecipient(GONE), MailRecipient(PRIYA, "Priya"), MailRecipient("not an address"))
    delivery = await office.mail.send(replace(REPORT, to=people))
    assert delivery.accepted == (PRIYA,)
    assert delivery.refused == {GONE: "No such user here", "not an address": "That is not an e-mail address."}
    assert [mail.recipients for mail in office.mails()] == [[PRIYA]]


async def test_when_nobody_gets_it_the_servers_words_are_told(office: PostOffice) -> None:
    office.fail("status", "RCPT", "", status=550, times=None)
    with pytest.raises(VendorRejectedError, match=r"gone@harborline\.test: No such user here") as caught:
        await office.mail.send(replace(REPORT, to=(MailRecipient(GONE),)))
    assert not caught.value.outcome_unknown
    assert not office.mails()


async def test_a_greylisted_recipient_is_asked_for_again_and_nobody_else_gets_it_twice(office: PostOffice) -> None:
    office.fail("status", "RCPT", "priya", status=451)
    delivery = await office.mail.send(REPORT)
    assert set(delivery.accepted) == {PRIYA, MARCUS}
    assert sorted(mail.recipients for mail in office.mails()) == [[MARCUS], [PRIYA]]
    assert {mail.copies for mail in office.mails()} == {1}


async def test_who_stays_greylisted_is_told_while_the_others_have_it(office: PostOffice) -> None:
    office.fail("status", "RCPT", "priya", status=450, times=None)
    delivery = await office.mail.send(REPORT)
    assert (delivery.accepted, delivery.deferred) == ((MARCUS,), {PRIYA: "Greylisted"})
    assert len(office.mails()) == 1


async def test_a_connection_dropped_before_the_message_was_given_is_tried_again(office: PostOffice) -> None:
    office.fail("drop", "RCPT")
    assert (await office.mail.send(REPORT)).is_complete
    assert [mail.copies for mail in office.mails()] == [1]


@pytest.mark.parametrize("kind", ["drop_after", "drop"])
async def test_silence_after_the_message_was_given_is_not_taken_for_a_no(office: PostOffice, kind: str) -> None:
    office.fail(kind, "DATA")
    with pytest.raises(VendorUnavailableError) as caught:
        await office.mail.send(REPORT)
    assert caught.value.outcome_unknown
    assert len(office.commands("MAIL")) == 1
    await office.mail.send(REPORT)  # what `recover` does: a mailbox knows it for the same message
    assert [mail.copies for mail in office.mails()] == [2 if kind == "drop_after" else 1]


async def test_a_slow_server_is_not_waited_for_for_ever() -> None:
    async with running_post_office(replace(QUICK, timeout_s=0.1, attempts=2)) as office:
        office.fail("timeout", "RCPT", times=None)
        with pytest.raises(VendorUnavailableError) as caught:
            await office.mail.send(REPORT)
        assert not caught.value.outcome_unknown


async def test_a_message_too_big_is_refused_in_the_servers_words(office: PostOffice) -> None:
    office.fail("status", "DATA", status=552)
    with pytest.raises(VendorRejectedError, match=r"refused \(552\): Too big"):
        await office.mail.send(REPORT)


async def test_login_and_encryption_are_as_set(office: PostOffice) -> None:
    async def check(**changes: object) -> str:
        return await Mail(office.settings.model_copy(update=changes), policy=QUICK).check()

    from pydantic import SecretStr

    right, wrong = SecretStr("mail-sandbox"), SecretStr("guess")
    assert "as flowpilot@harborline.test" in await check(smtp_user="flowpilot", smtp_password=right)
    with pytest.raises(VendorAuthError, match="does not accept"):
        await check(smtp_user="flowpilot", smtp_password=wrong)
    with pytest.raises(VendorRejectedError, match="cannot do that"):
        await check(smtp_tls="starttls", smtp_user="flowpilot", smtp_password=right)
    with pytest.raises(InvalidInputError, match="MAIL_FROM"):
        Mail(office.settings.model_copy(update={"mail_from": "nobody"}))


async def test_a_message_without_an_id_gets_the_same_one_each_time(office: PostOffice) -> None:
    for text in ("412 hours", "412 hours", "413 hours"):
        await office.mail.send(replace(REPORT, message_id="", text=text))
    assert [mail.copies for mail in office.mails()] == [1, 2]
