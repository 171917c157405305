"""Slack's markup becomes what Slack shows, and never anything that runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from sandbox.slack.model import Channel
from tests.browser.conftest import PRIYA, SAM, WAIT_MS, Open, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

RENDER = """async ([file, name, value]) => {
  const module = await import(`/page/js/${file}.js`);
  const box = document.createElement("div");
  box.append(module[name](value));
  return box.innerHTML;
}"""
HOSTILE = (
    "<script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    "&lt;img src=x onerror='window.hacked = 1'&gt;",
    "<javascript:window.hacked=1|click me>",
    "<data:text/html,<script>window.hacked=1</script>|click>",
    "<https://x.test/\" onmouseover='window.hacked=1|hover>",
    "*<b onclick=x>bold</b>*",
    "```<script>window.hacked = 1</script>```",
    "<!date^1^{date}^javascript:window.hacked=1|then>",
    "<@U0'><script>window.hacked=1</script>>",
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def canvas(stage: Stage) -> AsyncIterator[Page]:
    """One open page for all tests that only call the page's renderers."""
    page = await stage.browser.new_page()
    await page.goto(f"{stage.url}/#/as/{PRIYA}/C0GENERAL")
    await page.wait_for_selector("html[data-ready=true]", state="attached", timeout=WAIT_MS)
    yield page
    await page.close()


async def render(page: Page, file: str, name: str, value: Any) -> str:
    """Return what a module of the page makes of `value`, as HTML."""
    html: str = await page.evaluate(RENDER, [file, name, value])
    return html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*bold* and _italic_ and ~gone~", "<strong>bold</strong> and <em>italic</em> and <s>gone</s>"),
        ("2*3*4 and snake_case_name", "2*3*4 and snake_case_name"),
        ("* not bold * either", "* not bold * either"),
        ("*_both_*", "<strong><em>both</em></strong>"),
        ("`*code*`", '<code class="code">*code*</code>'),
        ("a\nb", "a<br>b"),
        ("&gt; quoted\nnot", '<blockquote class="quote">quoted</blockquote>not'),
        ("```\nx &lt; y\n```", '<pre class="pre">x &lt; y</pre>'),
        ("fish &amp; chips", "fish &amp; chips"),
        (":nosuchemoji:", ":nosuchemoji:"),
        ("<!here>", '<span class="mention mention-me">@here</span>'),
        ("<!date^1795255200^{date_num} {time}|soon>", "2026-11-21 5:00 AM"),
        ("<!date^nonsense^{date_num}|soon>", "soon"),
    ],
)
async def test_markup_is_shown_as_slack_shows_it(canvas: Page, text: str, html: str) -> None:
    shown = await render(canvas, "base/mrkdwn", "mrkdwn", text)
    assert html in shown


async def test_links_open_elsewhere_and_keep_their_label(canvas: Page) -> None:
    shown = await render(canvas, "base/mrkdwn", "mrkdwn", "see <https://x.test/?a=1&amp;b=2|the *page*>")
    assert 'href="https://x.test/?a=1&amp;b=2"' in shown
    assert 'rel="noopener noreferrer"' in shown
    assert ">the *page*</a>" in shown


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_stays_text(canvas: Page, text: str) -> None:
    for file, name in (("base/mrkdwn", "mrkdwn"), ("base/mrkdwn", "plain"), ("kit/markdown", "markdown")):
        await canvas.evaluate(
            """async ([file, name, text]) => {
              const module = await import(`/page/js/${file}.js`);
              const box = document.createElement("div");
              box.id = "hostile";
              box.append(module[name](text));
              document.body.append(box);
            }""",
            [file, name, text],
        )
        box = canvas.locator("#hostile")
        await expect(box.locator("script, img, iframe, [onclick], [onmouseover], [onerror]")).to_have_count(0)
        for address in await box.locator("a").evaluate_all("links => links.map((link) => link.protocol)"):
            assert address in ("https:", "http:", "mailto:")
        await box.evaluate("node => node.remove()")
    assert await canvas.evaluate("window.hacked") is None


async def test_a_hostile_message_is_inert_in_the_channel(open_page: Open, room: Channel, stage: Stage) -> None:
    await stage.says(SAM, room.id, "\n".join(HOSTILE))
    await stage.app.client.chat_postMessage(
        channel=room.id,
        text=HOSTILE[0],
        blocks=[
            {"type": "section", "text": {"type": "mrkdwn", "text": "\n".join(HOSTILE)}},
            {"type": "header", "text": {"type": "plain_text", "text": HOSTILE[1]}},
            {"type": "markdown", "text": "\n\n".join(HOSTILE)},
        ],
    )
    page = await open_page(PRIYA, room.id)
    await expect(page.get_by_test_id("message")).to_have_count(2)
    await expect(page.get_by_test_id("messages")).to_contain_text("<script>window.hacked = 1</script>")
    await expect(page.get_by_test_id("messages").locator("script, iframe, img[src='x']")).to_have_count(0)
    assert await page.evaluate("window.hacked") is None


async def test_a_very_long_line_of_unclosed_markers_does_not_hang_the_page(canvas: Page) -> None:
    shown = await render(canvas, "base/mrkdwn", "mrkdwn", "*a _b ~c `d <e " * 3000)
    assert shown.count("*a") == 3000


async def test_a_kind_of_block_that_is_not_known_is_shown_as_a_box(canvas: Page) -> None:
    html: str = await canvas.evaluate(
        """async () => {
          const { renderBlocks } = await import("/page/js/kit/blocks.js");
          const box = document.createElement("div");
          box.append(renderBlocks([{ type: "hologram", text: "<b>x</b>" }], null));
          return box.innerHTML;
        }"""
    )
    assert "hologram block" in html
    assert "<b>" not in html
