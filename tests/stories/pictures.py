"""Take the README's pictures of the real page: `python -m tests.stories.pictures docs/images`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Page, async_playwright

from tests.browser.launch import FLAGS, chromium
from tests.stories.stage import staged

SETTLE_MS = 1_500


async def open_view(page: Page, url: str, place: str) -> None:
    """Open a view and wait until it is there."""
    await page.goto("about:blank")
    await page.goto(f"{url}/#/as/{place}")
    await page.wait_for_selector("html[data-ready=true]", state="attached")
    await page.wait_for_timeout(SETTLE_MS)


async def type_command(page: Page, text: str, until: str) -> None:
    """Type a slash command and wait for a text."""
    composer = page.get_by_test_id("composer")
    await composer.fill(text)
    await composer.press("Escape")
    await composer.press("Enter")
    await page.get_by_text(until).last.wait_for()
    await page.wait_for_timeout(SETTLE_MS)


async def click_in_thread(page: Page, label: str) -> None:
    """Click a button of the newest message in the open thread that has it."""
    await page.get_by_test_id("thread-messages").get_by_role("button", name=label, exact=True).last.click()
    await page.wait_for_timeout(2 * SETTLE_MS)


async def take_session(page: Page, url: str, folder: Path) -> None:
    """Work a problem to its fix, and to the note on the ticket."""
    thread = page.get_by_test_id("thread-messages")
    await open_view(page, url, "U0LUCA/C0TEAMENDPOINT")
    problem = "Outlook keeps asking for the password at Acme, ticket 48213"
    await type_command(page, f"/pilot {problem}", "Go on in its thread")
    await page.get_by_test_id("replies").last.click()
    await page.wait_for_timeout(2 * SETTLE_MS)
    await click_in_thread(page, "Yes")
    await click_in_thread(page, "Works")
    await page.get_by_test_id("drawer-connectwise").click()
    await page.get_by_test_id("cw-card").filter(has_text="#48213").click()
    await thread.get_by_text("Task lane", exact=True).evaluate("lane => lane.scrollIntoView()")
    await page.wait_for_timeout(SETTLE_MS)
    await page.screenshot(path=folder / "session.png")
    await click_in_thread(page, "Resolve…")
    await page.get_by_test_id("modal-submit").click()
    await thread.get_by_text("read back").wait_for()
    await page.wait_for_timeout(2 * SETTLE_MS)
    await thread.get_by_role("button", name="Undo").last.scroll_into_view_if_needed()
    await page.screenshot(path=folder / "session-resolved.png")


async def take(folder: Path) -> None:
    """Play the scenes and save the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        async with staged(Path(data)) as stage, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
            page = await browser.new_page(viewport={"width": 1360, "height": 820})
            url = stage.client.url
            await open_view(page, url, "U0PRIYA/app/messages")
            await type_command(page, "/pm run time-tracking", "Last 6 weeks")
            await page.screenshot(path=folder / "time-tracking.png")
            await type_command(page, "/pm run epic-assignment", "Assign all above")
            await page.get_by_test_id("drawer-jira").click()
            await page.wait_for_timeout(SETTLE_MS)
            await page.screenshot(path=folder / "epic-assignment.png")
            await page.get_by_test_id("drawer-jira").click()
            await type_command(page, "/pm run retainer-budget", "Burn-up of CARE")
            await page.wait_for_timeout(SETTLE_MS)
            await page.screenshot(path=folder / "retainer-budget.png")
            await type_command(page, "/pm run bottlenecks", "1 blocked")
            await open_view(page, url, "U0ALICE/app/messages")
            await page.screenshot(path=folder / "bottleneck.png")
            await open_view(page, url, "U0PRIYA/app/home")
            await page.screenshot(path=folder / "home.png")
            await open_view(page, url, "U0ALICE/app/messages")
            await type_command(page, f"/ticket move {stage.story('stuck-review')['key']} to In Progress", "Undo")
            await page.screenshot(path=folder / "ticket.png")
            await take_session(page, url, folder)
            await browser.close()


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images")))
