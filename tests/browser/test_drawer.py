"""The other systems beside Slack: seeing and acting there."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import PRIYA, SAM, Open, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def new_issue(stage: Stage, summary: str) -> str:
    """Create an issue as Priya and return its key."""
    body = {"user": PRIYA, "project": "SHOP", "type": "Task", "summary": summary}
    return str((await stage.control("jira/create", body))["key"])


async def test_an_issue_is_moved_and_commented_on_in_the_drawer(open_page: Open, stage: Stage) -> None:
    key = await new_issue(stage, "Checkout loses the basket")
    page = await open_page(SAM, "C0GENERAL", 1600, 1000)
    await page.get_by_test_id("jira-project").select_option("SHOP")
    await page.locator(f"[data-testid=issue-card][data-key='{key}']").click()
    status = page.get_by_test_id("issue-status")
    before = await status.inner_text()
    await page.get_by_test_id("transition").first.click()
    await expect(status).not_to_have_text(before)
    await page.get_by_test_id("issue-comment").fill("On it")
    await page.get_by_test_id("issue-comment-send").click()
    comment = page.get_by_test_id("comment")
    await expect(comment).to_contain_text("On it")
    await expect(comment).to_contain_text("Sam Okafor")
    assert stage.sandbox.jira.issue(key).status.name == await status.inner_text()


async def test_a_change_made_elsewhere_appears_on_the_open_issue(open_page: Open, stage: Stage) -> None:
    key = await new_issue(stage, "Prices are rounded")
    page = await open_page(PRIYA, "C0GENERAL", 1600, 1000)
    await page.get_by_test_id("jira-search").fill("rounded")
    await page.locator(f"[data-testid=issue-card][data-key='{key}']").click()
    await expect(page.get_by_test_id("issue")).to_contain_text("No description")
    await stage.control(f"jira/issue/{key}", {"user": SAM, "op": "comment", "value": "Seen it too"})
    await expect(page.get_by_test_id("comment")).to_contain_text("Seen it too")


async def test_time_is_logged_in_the_drawer(open_page: Open, stage: Stage) -> None:
    key = await new_issue(stage, "Inventory sync")
    page = await open_page(SAM, "C0GENERAL", 1600, 1000)
    await page.get_by_test_id("drawer-tempo").click()
    await page.get_by_test_id("tempo-person").select_option(SAM)
    await page.get_by_test_id("worklog-add").first.click()
    await page.get_by_label("Issue").fill(key)
    await page.get_by_label("Time").fill("1h 30m")
    await page.get_by_test_id("worklog-save").click()
    worklog = page.get_by_test_id("worklog")
    await expect(worklog).to_contain_text(key)
    await expect(worklog).to_contain_text("1h 30m")


async def test_vendor_calls_and_armed_faults_are_shown(open_page: Open, stage: Stage) -> None:
    page = await open_page(PRIYA, "C0GENERAL", 1600, 1000)
    await page.get_by_test_id("drawer-calls").click()
    await stage.app.client.auth_test()
    await expect(page.get_by_test_id("call").first).to_contain_text("auth.test")
    await page.get_by_test_id("drawer-faults").click()
    await page.get_by_test_id("fault-arm").click()
    await expect(page.get_by_test_id("faults")).to_contain_text("jira")
    assert [fault.vendor for fault in stage.sandbox.faults.armed] == ["jira"]
    await page.get_by_test_id("fault-clear").click()
    await expect(page.get_by_test_id("faults")).to_contain_text("None")
    assert stage.sandbox.faults.armed == []


async def test_the_clock_types_a_command_for_the_person(open_page: Open) -> None:
    page = await open_page(PRIYA, "C0GENERAL", 1600, 1000)
    await page.get_by_test_id("drawer-clock").click()
    await page.locator("[data-command='/pm run time-tracking --dry-run']").click()
    await expect(page.get_by_test_id("composer-notice")).to_contain_text("/pm is not a valid command")


async def test_the_drawer_is_collapsed_on_a_narrow_screen(open_page: Open) -> None:
    page = await open_page(PRIYA, "C0GENERAL", 860, 800)
    await expect(page.locator(".drawer-panel")).to_have_count(0)
    await page.get_by_test_id("drawer-world").click()
    await expect(page.get_by_test_id("panel-world")).to_contain_text("Priya Shah")


async def test_a_newcomer_gets_suggestions_that_can_be_clicked(open_page: Open) -> None:
    page = await open_page(SAM, "C0GENERAL")
    await page.get_by_test_id("welcome-button").click()
    await page.get_by_test_id("welcome").get_by_text("Switch to Priya").click()
    await expect(page.get_by_test_id("me")).to_contain_text("Priya Shah")
    await page.get_by_test_id("welcome").get_by_text("Open App Home").click()
    await expect(page.get_by_test_id("home")).to_contain_text("Good morning")


async def test_a_pull_request_is_reviewed_and_merged_in_the_drawer(open_page: Open, stage: Stage) -> None:
    github = stage.sandbox.github
    people = [github.add_account(login, name) for login, name in (("sam-okafor", "Sam"), ("bob-carter", "Bob"))]
    repository = github.add_repository("harborline/shop", people)
    pull = github.open_pull(people[1], repository, "SHOP-1 Keep the basket", "feature/SHOP-1")
    page = await open_page(SAM, "C0GENERAL", 1600, 1000)
    await page.get_by_test_id("drawer-github").click()
    await expect(page.get_by_test_id("pull-card")).to_contain_text("No reviewer")
    await page.get_by_test_id("pull-card").click()
    await page.get_by_test_id("pull-comment").fill("A test is missing")
    await page.get_by_test_id("pull-send-request_changes").click()
    state = page.get_by_test_id("pull-state")
    await expect(state).to_have_text("Changes requested")
    await expect(page.get_by_test_id("pull-event").first).to_contain_text("A test is missing")
    github.push(people[1], pull, "Add the test")
    await expect(page.get_by_test_id("pull-event").first).to_contain_text("Add the test")
    await page.get_by_test_id("pull-send-approve").click()
    await expect(state).to_have_text("Approved")
    await page.get_by_test_id("pull-merge").click()
    await expect(state).to_have_text("Merged")
    assert (pull.merged_by, pull.decision()) == (people[0], "APPROVED")


async def test_a_ticket_is_closed_and_noted_by_somebody_else_in_the_drawer(stage: Stage) -> None:
    state = stage.sandbox.connectwise
    board = state.add_board("Help Desk", "New", "Resolved", "Closed", closed=("Closed",))
    ticket = state.add_ticket(board, state.add_company("Acme", "Acme Corp"), "Outlook <b>asks</b> again")
    page = await stage.browser.new_page(viewport={"width": 1600, "height": 1000})
    address = "connectwise/v4_6_release/services/system_io/Service/fv_sr100_request.rails"
    await page.goto(f"{stage.url}/{address}?service_recid={ticket.id}")
    await expect(page.get_by_test_id("cw-ticket")).to_contain_text("Outlook <b>asks</b> again")
    await expect(page.get_by_test_id("messages")).to_be_visible()
    await page.get_by_test_id("cw-note-text").fill("Tried *that*")
    await page.get_by_test_id("cw-add-internal").click()
    await expect(page.get_by_test_id("cw-note")).to_contain_text("Tried *that*")
    await page.get_by_test_id("cw-status").select_option("Closed")
    await page.get_by_test_id("cw-back").click()
    await expect(page.get_by_test_id("cw-tickets")).to_contain_text("No tickets here")
    await page.get_by_test_id("connectwise-state").select_option("all")
    await expect(page.get_by_test_id("cw-card")).to_contain_text("Closed")
    (note,) = ticket.notes.values()
    assert (ticket.status.name, set(note.kinds), note.created_by == "FlowPilotAPI") == ("Closed", {"internal"}, False)
    await page.close()


@pytest.mark.parametrize(("width", "height"), [(420, 800), (800, 900), (1360, 900)])
async def test_an_open_thread_is_reached_whatever_is_open_beside_it(
    open_page: Open, stage: Stage, width: int, height: int
) -> None:
    ts = await stage.says(SAM, "C0GENERAL", "The printer jams")
    await stage.says(PRIYA, "C0GENERAL", f"Looking at it, at {width}", ts)
    page = await open_page(PRIYA, f"C0GENERAL/{ts}", width, height)
    said = page.get_by_test_id("thread-messages").get_by_text(f"Looking at it, at {width}")
    composer = page.get_by_test_id("thread-composer")
    await page.get_by_test_id("drawer-connectwise").click()
    panel = page.get_by_test_id("panel-connectwise")
    await expect(panel).to_be_in_viewport(ratio=0.99)
    if width > 900:
        await composer.click(trial=True)
    else:
        for way in ("button", "key"):
            await (page.get_by_test_id("drawer-back").click() if way == "button" else page.keyboard.press("Escape"))
            await expect(panel).to_have_count(0)
            await composer.click(trial=True)
            await page.get_by_test_id("drawer-connectwise").click()
        await page.evaluate("location.hash = '#/as/U0PRIYA/C0GENERAL'")
        await expect(panel).to_have_count(0)
        return
    await expect(said).to_be_in_viewport()
