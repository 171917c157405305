"""Talking: messages, commands, threads, unread counts, direct messages."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from sandbox.slack.model import Channel
from tests.browser.conftest import PRIYA, SAM, Open, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_what_one_person_types_another_sees_at_once(open_page: Open, room: Channel) -> None:
    priya, sam = await open_page(PRIYA, room.id), await open_page(SAM, room.id)
    await priya.get_by_test_id("composer").fill("Is *anybody* on `SHOP-3`?\nI can help")
    await priya.keyboard.press("Enter")
    seen = sam.get_by_test_id("message").last
    await expect(seen).to_contain_text("Is anybody on SHOP-3?")
    await expect(seen.locator("strong")).to_have_text("anybody")
    await expect(seen.locator("code")).to_have_text("SHOP-3")
    await expect(seen.locator(".message-author")).to_have_text("Priya Shah")
    await expect(priya.get_by_test_id("composer")).to_have_value("")


async def test_shift_enter_makes_a_new_line_and_enter_sends(open_page: Open, room: Channel) -> None:
    page = await open_page(PRIYA, room.id)
    await page.get_by_test_id("composer").press_sequentially("one")
    await page.keyboard.press("Shift+Enter")
    await page.get_by_test_id("composer").press_sequentially("two")
    await expect(page.get_by_test_id("message")).to_have_count(0)
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("message-body")).to_contain_text("one")
    await expect(page.get_by_test_id("message-body").locator("br")).to_have_count(1)


async def test_a_command_is_completed_sent_and_its_button_changes_the_message(open_page: Open, room: Channel) -> None:
    page = await open_page(PRIYA, room.id)
    composer = page.get_by_test_id("composer")
    await composer.press_sequentially("/ca")
    await expect(page.get_by_test_id("completion").get_by_role("option")).to_contain_text("Post a card")
    await page.keyboard.press("Enter")
    await expect(composer).to_have_value("/card ")
    await page.keyboard.press("Enter")
    card = page.get_by_test_id("message").last
    await expect(card.locator(".app-badge")).to_have_text("APP")
    await card.locator("[data-action-id=assign]").click()
    await expect(card).to_contain_text("Assigned to SHOP-1")
    await expect(card.locator("[data-action-id=assign]")).to_have_count(0)
    await expect(card.locator(".edited")).to_be_visible()


async def test_an_unknown_command_is_explained_to_the_person_alone(open_page: Open, room: Channel) -> None:
    page = await open_page(PRIYA, room.id)
    await page.get_by_test_id("composer").fill("/nonsense now")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("composer-notice")).to_contain_text("/nonsense is not a valid command")
    await expect(page.get_by_test_id("message")).to_have_count(0)


async def test_a_command_that_nobody_acknowledges_ends_in_a_time_out(
    open_page: Open, room: Channel, stage: Stage
) -> None:
    await stage.control("slack/settings", {"ack_timeout_s": 0.2})
    page = await open_page(PRIYA, room.id)
    await page.get_by_test_id("composer").fill("/quiet")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("composer-notice")).to_contain_text("operation_timeout")
    await stage.control("slack/settings", {"ack_timeout_s": 3})


async def test_an_answer_for_one_person_is_marked_and_hidden_from_others(open_page: Open, room: Channel) -> None:
    priya, sam = await open_page(PRIYA, room.id), await open_page(SAM, room.id)
    await priya.get_by_test_id("composer").fill("/whisper softly")
    await priya.keyboard.press("Enter")
    await expect(priya.locator("[data-ephemeral=true]")).to_contain_text("Only visible to you")
    await expect(priya.locator("[data-ephemeral=true]")).to_contain_text("You said: softly")
    await priya.get_by_test_id("composer").fill("aloud")
    await priya.keyboard.press("Enter")
    await expect(sam.get_by_test_id("message")).to_have_count(1)
    await expect(sam.locator("[data-ephemeral=true]")).to_have_count(0)


async def test_a_reply_goes_to_the_thread_and_the_channel_counts_it(
    open_page: Open, room: Channel, stage: Stage
) -> None:
    ts = await stage.says(SAM, room.id, "The import is stuck")
    page = await open_page(PRIYA, room.id)
    message = page.locator(f"[data-ts='{ts}']").first
    await message.hover()
    await message.get_by_test_id("reply").click()
    await page.get_by_test_id("thread-composer").fill("Looking")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("thread-messages").get_by_test_id("message")).to_have_count(2)
    await expect(page.get_by_test_id("messages").get_by_test_id("replies")).to_contain_text("1 reply")
    await expect(page.get_by_test_id("messages").get_by_test_id("message")).to_have_count(1)
    assert page.url.endswith(f"/{room.id}/{ts}")


async def test_slash_commands_are_refused_in_a_thread(open_page: Open, room: Channel, stage: Stage) -> None:
    ts = await stage.says(SAM, room.id, "parent")
    page = await open_page(PRIYA, f"{room.id}/{ts}")
    await page.get_by_test_id("thread-composer").fill("/card")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("composer-notice").last).to_contain_text("not supported in threads")


async def test_unread_messages_are_counted_until_they_are_read(open_page: Open, room: Channel, stage: Stage) -> None:
    page = await open_page(PRIYA, "C0GENERAL")
    row = page.locator(f"[data-testid=sidebar-row][data-channel='{room.id}']")
    await expect(row.get_by_test_id("badge")).to_have_count(0)
    await stage.says(SAM, room.id, "one")
    await stage.says(SAM, room.id, "two")
    await expect(row.get_by_test_id("badge")).to_have_text("2")
    await row.click()
    await expect(page.get_by_test_id("message")).to_have_count(2)
    await expect(row.get_by_test_id("badge")).to_have_count(0)


async def test_one_can_become_somebody_else_by_a_click_or_by_keyboard(open_page: Open, room: Channel) -> None:
    page = await open_page(PRIYA, room.id)
    await page.locator(f"[data-testid=act-as][data-user={SAM}]").click()
    await expect(page.get_by_test_id("me")).to_contain_text("Sam Okafor")
    await page.keyboard.press("Control+Shift+K")
    await page.get_by_test_id("switcher-input").fill("priya")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("me")).to_contain_text("Priya Shah")


async def test_quick_switcher_finds_a_channel(open_page: Open, room: Channel) -> None:
    page = await open_page(PRIYA, "C0GENERAL")
    await page.keyboard.press("Control+k")
    await page.get_by_test_id("switcher-input").fill(room.name)
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("title")).to_have_text(room.name)


async def test_writing_to_the_app_in_its_messages_tab_is_answered(open_page: Open, stage: Stage) -> None:
    page = await open_page(SAM, "app/messages")
    await page.get_by_test_id("composer").fill("hello there")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("message").last).to_contain_text("Heard: hello there")


async def test_an_agents_answer_is_followed_from_thinking_to_the_last_word(open_page: Open, stage: Stage) -> None:
    page = await open_page(SAM, "app/messages")
    await page.get_by_test_id("composer").fill("think")
    await page.keyboard.press("Enter")
    status = page.locator("#thread").get_by_test_id("assistant-status")
    await expect(status).to_contain_text("FlowPilot is thinking…")
    await expect(status.get_by_test_id("stop")).to_be_visible()
    stage.app.may_answer.set()
    answer = page.get_by_test_id("thread-messages").get_by_test_id("message").last
    await expect(answer).to_contain_text("Three things are yours")
    await expect(answer.locator("strong")).to_have_text("yours")
    await expect(status).to_be_empty()


async def test_a_file_attached_by_one_person_can_be_downloaded_by_another(
    open_page: Open, room: Channel, tmp_path: Path
) -> None:
    sheet = tmp_path / "hours.csv"
    sheet.write_text("day,hours\nmon,8\n")
    priya, sam = await open_page(PRIYA, room.id), await open_page(SAM, room.id)
    await priya.locator("input[type=file]").set_input_files(sheet)
    async with sam.expect_download() as download:
        await sam.get_by_test_id("file").click()
    path = await (await download.value).path()
    assert path.read_text() == sheet.read_text()


async def test_a_reaction_is_added_and_taken_away(open_page: Open, room: Channel, stage: Stage) -> None:
    ts = await stage.says(SAM, room.id, "Done!")
    page = await open_page(PRIYA, room.id)
    message = page.locator(f"[data-ts='{ts}']")
    await message.hover()
    await message.get_by_label("React with eyes").click()
    reaction = message.get_by_test_id("reaction")
    await expect(reaction).to_have_attribute("aria-pressed", "true")
    await reaction.click()
    await expect(reaction).to_have_count(0)


async def test_a_mention_is_completed_and_reaches_the_person(open_page: Open, room: Channel, stage: Stage) -> None:
    page = await open_page(PRIYA, room.id)
    await page.get_by_test_id("composer").press_sequentially("ask @sa")
    await expect(page.get_by_test_id("completion").get_by_role("option").first).to_contain_text("Sam Okafor")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator(f".mention[data-user={SAM}]")).to_have_text("@Sam Okafor")
    [message] = room.messages.values()
    assert f"<@{SAM}>" in message["text"]
