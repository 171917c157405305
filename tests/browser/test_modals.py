"""Modals, selects, confirmation dialogs, App Home."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from sandbox.slack.model import Channel
from tests.browser.conftest import PRIYA, SAM, Open, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def command(page: Page, text: str) -> None:
    """Type a slash command."""
    await page.get_by_test_id("composer").fill(text)
    await page.keyboard.press("Enter")


async def test_a_form_is_refused_where_it_is_wrong_and_accepted_when_right(
    open_page: Open, room: Channel, stage: Stage
) -> None:
    page = await open_page(PRIYA, room.id)
    await command(page, "/form")
    modal = page.get_by_test_id("modal")
    summary = modal.locator("[data-testid=input][data-action-id=summary]")
    error = modal.locator("[data-testid=field-error][data-block-id=summary]")
    await page.get_by_test_id("modal-submit").click()
    await expect(error).to_have_text("Please complete this required field.")
    await summary.fill("Hm")
    await expect(error).to_be_hidden()
    await page.get_by_test_id("modal-submit").click()
    await expect(error).to_have_text("Say a little more.")
    await expect(summary).to_have_value("Hm")
    await summary.fill("Printer is on fire")
    await modal.get_by_text("Bug").click()
    await modal.locator("[data-testid=select][data-action-id=people] .select-trigger").click()
    await page.get_by_role("option", name="Sam Okafor").click()
    await page.keyboard.press("Escape")
    await modal.locator("[data-action-id=due]").fill("2026-12-24")
    await page.get_by_test_id("modal-submit").click()
    await expect(modal).to_have_count(0)
    values = stage.app.submitted[-1]
    assert values["summary"]["summary"]["value"] == "Printer is on fire"
    assert values["kind"]["kind"]["selected_option"]["value"] == "bug"
    assert values["people"]["people"]["selected_users"] == [SAM]
    assert values["due"]["due"]["selected_date"] == "2026-12-24"


async def test_a_pushed_modal_lies_on_top_and_escape_goes_back(open_page: Open, room: Channel) -> None:
    page = await open_page(PRIYA, room.id)
    await command(page, "/form")
    await page.locator("[data-testid=input][data-action-id=summary]").fill("push another")
    await page.get_by_test_id("modal-submit").click()
    await expect(page.locator(".modal-title")).to_contain_text("Second step")
    await page.keyboard.press("Escape")
    await expect(page.locator(".modal-title")).to_have_text("New ticket")
    await expect(page.locator("[data-testid=input][data-action-id=summary]")).to_have_value("push another")
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("modal")).to_have_count(0)


async def test_a_form_that_changes_keeps_what_was_typed_and_forgets_what_is_gone(
    open_page: Open, room: Channel, stage: Stage
) -> None:
    page = await open_page(PRIYA, room.id)
    await command(page, "/steps")
    summary = page.locator("[data-testid=input][data-action-id=summary]")
    await summary.fill("Printer is on fire")
    for kind in ("Task", "Bug"):
        await page.locator("[data-testid=select] .select-trigger").click()
        await page.get_by_role("option", name=kind).click()
        detail = page.get_by_label(f"Detail of the {kind.lower()}")
        await detail.fill(f"a {kind}")
    await expect(summary).to_have_value("Printer is on fire")
    await page.get_by_test_id("modal-submit").click()
    await expect(page.get_by_test_id("modal")).to_have_count(0)
    values = stage.app.submitted[-1]
    assert values["summary"]["summary"]["value"] == "Printer is on fire"
    assert values["detail-bug"]["detail"]["value"] == "a Bug"
    assert "detail-task" not in values


async def test_an_external_select_asks_the_app_and_acts(open_page: Open, room: Channel) -> None:
    page = await open_page(PRIYA, room.id)
    await command(page, "/card")
    card = page.get_by_test_id("message").last
    await card.locator("[data-testid=select][data-action-id=epic] .select-trigger").click()
    await expect(page.locator(".select-note")).to_contain_text("2 letters or more")
    await page.get_by_test_id("select-search").fill("search")
    await expect(page.get_by_role("option")).to_have_count(1)
    await page.get_by_role("option", name="Search relevance").click()
    await expect(card).to_contain_text("Assigned to SHOP-2")


async def test_a_dangerous_button_asks_first(open_page: Open, room: Channel) -> None:
    page = await open_page(PRIYA, room.id)
    await command(page, "/card")
    card = page.get_by_test_id("message")
    await card.locator("[data-action-id=drop]").click()
    await page.get_by_test_id("confirm-deny").click()
    await expect(card).to_have_count(1)
    await card.locator("[data-action-id=drop]").click()
    await page.get_by_test_id("confirm-yes").click()
    await expect(card).to_have_count(0)


async def test_a_message_shortcut_opens_a_form_about_that_message(open_page: Open, room: Channel, stage: Stage) -> None:
    ts = await stage.says(SAM, room.id, "The label printer jams")
    page = await open_page(PRIYA, room.id)
    message = page.locator(f"[data-ts='{ts}']")
    await message.hover()
    await message.get_by_test_id("shortcuts").click()
    await page.locator("[data-callback-id=from_message]").click()
    await expect(page.locator("[data-testid=input][data-action-id=summary]")).to_have_value("The label printer jams")
    await page.get_by_test_id("modal-close").click()
    await expect(page.get_by_test_id("modal")).to_have_count(0)


async def test_app_home_is_published_when_it_is_opened_and_its_buttons_act(open_page: Open, stage: Stage) -> None:
    page = await open_page(PRIYA, "app/home")
    await expect(page.get_by_test_id("home")).to_contain_text("Good morning")
    before = len(stage.app.acted)
    await page.get_by_test_id("home").locator("[data-action-id=assign]").click()
    await expect(page.locator("[data-action-id=assign][aria-busy]")).to_have_count(0)
    assert [action["value"] for action in stage.app.acted[before:]] == ["SHOP-1"]
