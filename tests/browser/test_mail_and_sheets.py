"""Mailboxes and spreadsheets beside Slack, seen and used by a person."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from playwright.async_api import expect

from sandbox.google.state import Formula
from tests.browser.conftest import PRIYA, Open, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

ADDRESS = "priya.shah@harborline.test"


def letter() -> bytes:
    """Return a mail whose html would take over the page if it could."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "FlowPilot <f@sandbox.test>", ADDRESS, "October <b>closed</b>"
    mail.set_content("412 hours")
    mail.add_alternative(
        "<p style='color: green'>412 <b>hours</b></p><script>parent.alert('script')</script>"
        "<img src=x onerror=\"parent.alert('image')\"><iframe src='/'></iframe>",
        subtype="html",
    )
    mail.add_attachment(b"PK", maintype="application", subtype="zip", filename="Überblick.zip")
    return mail.as_bytes()


async def test_a_mail_is_read_and_can_do_nothing(open_page: Open, stage: Stage) -> None:
    stage.sandbox.mail.take("f@sandbox.test", [ADDRESS], letter(), stage.sandbox.clock.now())
    page = await open_page(PRIYA, "C0GENERAL", 1600, 1000)
    await page.get_by_test_id("drawer-mail").click()
    await page.get_by_test_id("mail-person").select_option(ADDRESS)
    await expect(page.get_by_test_id("mail")).to_contain_text("October <b>closed</b>")
    await page.get_by_test_id("mail").click()
    opened = page.get_by_test_id("mail-open")
    frame = opened.frame_locator("iframe")
    await expect(frame.locator("p")).to_have_css("color", "rgb(0, 128, 0)")
    assert await opened.locator("iframe").get_attribute("sandbox") == ""
    async with page.expect_download() as download:
        await opened.get_by_text("Überblick.zip").click()
    assert (await download.value).suggested_filename == "Überblick.zip"
    await page.get_by_test_id("mail-kind").select_option("text")
    await expect(opened).to_contain_text("412 hours")
    await page.get_by_test_id("mail-back").click()
    await expect(page.get_by_test_id("mail")).to_be_visible()


async def test_a_link_to_a_spreadsheet_is_where_a_first_visit_may_begin(stage: Stage) -> None:
    file = stage.sandbox.google.create("Hours")
    sheet = file.sheets[0]
    for number, value in enumerate(("Epic", "=A1", "Beta", "Alpha")):
        sheet.put(number, 0, value)
    page = await stage.browser.new_page(viewport={"width": 1600, "height": 1000})
    await page.goto(f"{stage.url}/#/sheets/{file.id}")
    await expect(page.get_by_test_id("messages")).to_be_visible()
    cell = page.get_by_label("B3", exact=True)
    await cell.fill("=A3")
    await cell.press("Enter")
    await expect(page.get_by_label("B3", exact=True)).to_have_value("=A3")
    await page.get_by_label("A2", exact=True).click()
    await page.get_by_text("Sort A–Z").click()
    await expect(page.get_by_label("A3", exact=True)).to_have_value("Alpha")
    assert [row[0] for row in sheet.rows] == ["Epic", "=A1", "Alpha", "Beta"]
    assert isinstance(sheet.value(3, 1), Formula)
    assert not isinstance(sheet.value(1, 0), Formula)
    await page.close()
