"""A browser on the sandbox's page, with a small Bolt app behind it.

What tests may rely on (`data-testid`, unless said otherwise):

| testid | what | further attributes |
| --- | --- | --- |
| `composer`, `thread-composer`, `send`, `thread-send` | where one types; the Send button | |
| `composer-notice` | Slackbot's line about a command that failed | |
| `completion` | the popup of commands, people, channels, emoji (`role=option`) | |
| `messages`, `thread-messages` | the lists | |
| `message` | one message | `data-ts`, `data-user`, `data-ephemeral` |
| `message-body`, `replies`, `reaction` | inside a message | `data-name` on a reaction |
| `react`, `reply`, `shortcuts` | the toolbar of a message (hover first); its shortcuts have `data-callback-id` | |
| `block` | one block | `data-block-type`, `data-block-id` |
| `action` | a button, picker, overflow, checkbox group | `data-action-id`, `data-block-id`, `data-value` |
| `select`, `select-search` | a select; the search of its list (`role=option`, `data-value`) | `data-action-id` |
| `input`, `file-input` | text inputs; file inputs | `data-action-id`, `data-block-id` |
| `modal`, `modal-submit`, `modal-close`, `modal-x`, `modal-trouble` | the top modal | `data-callback-id` on the modal |
| `field-error` | the error of an input block | `data-block-id` |
| `confirm`, `confirm-yes`, `confirm-deny` | a confirmation dialog | |
| `as-switcher`, `act-as`, `me` | who one is | `data-user` |
| `sidebar-row`, `badge` | a conversation on the left; its unread count | `data-channel`, `data-name` |
| `jump`, `switcher`, `switcher-input` | Ctrl/Cmd + K | |
| `title`, `tab-home`, `tab-messages`, `tab-about`, `home` | head of the conversation; the app's tabs; App Home | |
| `assistant-status`, `stop`, `prompts` | what the agent is doing; its Stop button; its suggestions | |
| `banner`, `toast`, `welcome` | the app is not running; errors of a click; the newcomer's card | |
| `drawer-jira` (`-tempo`, `-clock`, `-world`, `-calls`, `-faults`), `drawer-close`, `-back`, `panel-…` | the drawer | |
| `board`, `issue-card`, `issue`, `transition`, `issue-status` | Jira in the drawer | `data-key`, `data-name` |
| `issue-comment`, `issue-comment-send`, `comment` | an issue's comments | |
| `tempo`, `tempo-person`, `worklog-add`, `worklog`, `worklog-save` | Tempo in the drawer | `data-date`, `data-id` |

`<html data-ready="true">` says that the page has loaded. Every view has an address:
`#/as/U0PRIYA/C0GENERAL/<thread_ts>` or `#/as/U0PRIYA/app/home`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from sandbox.core import Sandbox
from sandbox.server import SandboxServer, create_sandbox
from sandbox.slack.model import BOT_USER_ID, Channel
from sandbox.world.people import NEW_YORK, new_world
from sandbox.world.sites import fill_sites
from sandbox.world.workspace import fill_workspace
from tests.browser.launch import FLAGS, chromium
from tests.browser.small_app import SmallApp

PRIYA, SAM = "U0PRIYA", "U0SAM"
WAIT_MS = 10_000
Open = Callable[..., Awaitable[Page]]
expect.set_options(timeout=WAIT_MS)


@dataclass
class Stage:
    """The running sandbox, the app that is connected to it, and the browser."""

    sandbox: Sandbox
    url: str
    app: SmallApp
    browser: Browser
    session: aiohttp.ClientSession

    async def control(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """POST to the control API and return the answer."""
        async with self.session.post(f"{self.url}/sandbox/api/{path}", json=body) as response:
            answer: dict[str, Any] = await response.json()
            return answer

    async def says(self, user: str, channel: str, text: str, thread_ts: str = "") -> str:
        """Post as a person and return the ts."""
        body = {"user": user, "channel": channel, "text": text, "thread_ts": thread_ts}
        return str((await self.control("slack/message", body))["message"]["ts"])


def small_world() -> Sandbox:
    """Return a sandbox with the people and the projects, but nothing said and nothing done."""
    sandbox = create_sandbox(empty=True)
    sandbox.world = new_world()
    fill_workspace(sandbox, sandbox.world)
    fill_sites(sandbox, sandbox.world, sandbox.clock.now().astimezone(ZoneInfo(NEW_YORK)).date())
    return sandbox


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stage() -> AsyncIterator[Stage]:
    """One sandbox, one app and one browser for all browser tests; each test has its own channel."""
    executable = chromium()
    sandbox = small_world()
    server = SandboxServer(sandbox)
    url = await server.start()
    app = SmallApp(url)
    async with aiohttp.ClientSession() as session, async_playwright() as playwright:
        async with session.post(f"{url}/sandbox/api/slack/app", json=SmallApp.DECLARED) as declared:
            declared.raise_for_status()
        await app.connect()
        browser = await playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield Stage(sandbox, url, app, browser, session)
        await browser.close()
        await app.disconnect()
    await server.stop()


_numbers = count(1)


@pytest.fixture
def room(stage: Stage) -> Channel:
    """A channel of this test's own, with Priya, Sam and the app in it."""
    number = next(_numbers)
    return stage.sandbox.slack.add_channel(f"C0ROOM{number}", f"room-{number}", [PRIYA, SAM, BOT_USER_ID])


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(stage: Stage) -> AsyncIterator[Open]:
    """Open the page at a view: `await open_page(PRIYA, "C0GENERAL")`; a script error on it fails the test."""
    contexts = []
    problems: list[str] = []

    async def open_view(user: str, place: str, width: int = 1280, height: int = 800) -> Page:
        context = await stage.browser.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("dialog", lambda dialog: problems.append(f"dialog: {dialog.message}"))
        await page.goto(f"{stage.url}/#/as/{user}/{place}")
        await page.wait_for_selector("html[data-ready=true]", state="attached", timeout=WAIT_MS)
        return page

    yield open_view
    for context in contexts:
        await context.close()
    assert not problems, problems
