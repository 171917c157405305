"""The page shows FlowPilot working: a person types, clicks, and sees what became of it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, async_playwright, expect

from tests.browser.launch import FLAGS, chromium
from tests.stories.stage import Stage

WAIT_MS = 20_000
expect.set_options(timeout=WAIT_MS)


@pytest.fixture
async def page(stage: Stage) -> AsyncIterator[Page]:
    """Chromium, in front of the page as Priya; a script error fails the test."""
    problems: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        page = await browser.new_page(viewport={"width": 1400, "height": 900})
        page.set_default_timeout(WAIT_MS)
        page.on("pageerror", lambda error: problems.append(str(error)))
        await page.goto(f"{stage.client.url}/#/as/U0PRIYA/app/messages")
        await page.wait_for_selector("html[data-ready=true]", state="attached")
        yield page
        await browser.close()
    assert not problems, problems


@pytest.mark.requirement("PM-6.4", "SYS-1")
async def test_priya_types_a_command_and_gives_an_orphan_its_epic_with_one_click(stage: Stage, page: Page) -> None:
    composer = page.get_by_test_id("composer")
    await composer.fill("/pm run epic-assignment")
    await composer.press("Escape")
    await composer.press("Enter")

    message = page.get_by_test_id("message").filter(has_text="Tickets without an epic")
    buttons = message.get_by_role("button", name=re.compile(r"^Assign SHOP-\d+ to SHOP-"))
    await buttons.last.wait_for()
    ticket, epic = re.findall(r"SHOP-\d+", await buttons.last.get_attribute("aria-label") or "")
    before = await buttons.count()
    assert (await stage.issue(ticket))["epic"] is None
    await buttons.last.click()

    await expect(message).to_contain_text(re.compile(f"Assigned to.*{epic}"))
    await expect(buttons).to_have_count(before - 1)
    assert (await stage.issue(ticket))["epic"] == epic
