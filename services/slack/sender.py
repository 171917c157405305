"""The only thing that posts to Slack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from services.slack.api import EDITS, TIER_3, Method, SlackApi, Turn
from services.slack.errors import SlackPostError, SlackRefusedError, refusal
from services.slack.images import upload_image
from services.slack.limits import TEXT_CHARACTERS, Block, Page, fit_update, fit_view, pages
from services.slack.markup import truncate_markup
from services.slack.streaming import SlackStreams

POST_EVENT_TYPE = "flowpilot_post"
RESPONSE_URL_PAGES = 3
LOOK_BACK_MESSAGES = 200


@dataclass(frozen=True)
class Posted:
    """A message that is in Slack."""

    channel: str
    ts: str


@dataclass(frozen=True)
class BotIdentity:
    """Who the bot token is, by `auth.test`."""

    team_id: str
    team_name: str
    user_id: str
    bot_id: str
    url: str


class SlackSender:
    """Post, change and show things at Slack's pace and within its limits.

    Every call raises a `VendorError` when it failed; a post that may have arrived says `outcome_unknown`.
    `text` is the fallback that notifications and screen readers get: it is never empty.
    """

    def __init__(self, api: SlackApi) -> None:
        self.api = api
        self.streams = SlackStreams(api)
        self._direct_channels: dict[str, str] = {}

    async def who_am_i(self) -> BotIdentity:
        """Return the identity behind the bot token."""
        answer = await self.api.call(Method.AUTH_TEST)
        return BotIdentity(
            team_id=answer["team_id"],
            team_name=answer.get("team", ""),
            user_id=answer["user_id"],
            bot_id=answer.get("bot_id", ""),
            url=answer.get("url", ""),
        )

    async def post(
        self,
        channel: str,
        text: str,
        blocks: Sequence[Block] = (),
        *,
        thread_ts: str | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> Posted:
        """Post a message; what does not fit follows in its thread, a text over 40,000 characters as a file."""
        _require_text(text)
        if len(text) > TEXT_CHARACTERS and not blocks:
            return await self._post_as_file(channel, text, thread_ts=thread_ts, metadata=metadata)
        first, *rest = pages(text, blocks)
        posted = await self._post_page(channel, first, thread_ts, metadata)
        for page in rest:
            await self._post_page(channel, page, thread_ts or posted.ts, None)
        return posted

    async def _post_page(
        self, channel: str, page: Page, thread_ts: str | None, metadata: dict[str, Any] | None
    ) -> Posted:
        answer = await self.api.call(
            Method.CHAT_POST_MESSAGE,
            self._channel_turn(channel),
            channel=channel,
            text=page.text,
            blocks=list(page.blocks) or None,
            thread_ts=thread_ts,
            metadata=metadata,
            unfurl_links=False,
            unfurl_media=False,
        )
        return _posted(answer, channel)

    async def _post_as_file(
        self, channel: str, text: str, *, thread_ts: str | None, metadata: dict[str, Any] | None
    ) -> Posted:
        start = truncate_markup(text, 2_900) + "\n_The whole text is attached._"
        posted = await self._post_page(channel, Page(start, ()), thread_ts, metadata)
        await self.upload(
            posted.channel, "message.txt", text.encode(), title="Whole message", thread_ts=thread_ts or posted.ts
        )
        return posted

    def _channel_turn(self, channel: str) -> Turn:
        return Turn(f"channel:{channel}", self.api.pace.channel_rate)

    async def post_once(
        self,
        key: str,
        channel: str,
        text: str,
        blocks: Sequence[Block] = (),
        *,
        thread_ts: str | None = None,
        look_first_since: float | None = None,
    ) -> Posted:
        """Post a message that must not be there twice: it carries `key`, and after an unknown outcome it is looked for.

        `look_first_since` (seconds since 1970) makes it look before the first attempt too, for what an earlier
        process may have posted since then.
        """
        metadata = {"event_type": POST_EVENT_TYPE, "event_payload": {"key": key}}
        if look_first_since is not None:
            found = await self.find_post(key, channel, thread_ts=thread_ts, since=look_first_since)
            if found:
                return found
        try:
            return await self.post(channel, text, blocks, thread_ts=thread_ts, metadata=metadata)
        except SlackPostError as error:
            if not error.outcome_unknown:
                raise
        found = await self.find_post(key, channel, thread_ts=thread_ts)
        return found or await self.post(channel, text, blocks, thread_ts=thread_ts, metadata=metadata)

    async def find_post(
        self, key: str, channel: str, *, thread_ts: str | None = None, since: float | None = None
    ) -> Posted | None:
        """Return the message that `post_once` left with `key` among the channel's (or thread's) newest, or None."""
        method = Method.CONVERSATIONS_REPLIES if thread_ts else Method.CONVERSATIONS_HISTORY
        answer = await self.api.call(
            method,
            channel=channel,
            ts=thread_ts,
            oldest=f"{since:.6f}" if since is not None else None,
            limit=LOOK_BACK_MESSAGES,
            include_all_metadata=True,
        )
        for message in answer.get("messages", []):
            metadata = message.get("metadata") or {}
            if (
                metadata.get("event_type") == POST_EVENT_TYPE
                and (metadata.get("event_payload") or {}).get("key") == key
            ):
                return Posted(channel, message["ts"])
        return None

    async def update(self, channel: str, ts: str, text: str, blocks: Sequence[Block] = ()) -> Posted:
        """Change a message in place; text that does not fit gives way, buttons stay."""
        _require_text(text)
        page = fit_update(text, blocks)
        turn = Turn(EDITS, TIER_3)
        # an empty list takes the old blocks away; left out, they would stay above the new text
        answer = await self.api.call(
            Method.CHAT_UPDATE, turn, channel=channel, ts=ts, text=page.text, blocks=list(page.blocks)
        )
        return _posted(answer, channel)

    async def delete(self, posted: Posted) -> None:
        """Delete a message of ours; one that is gone already is no error."""
        try:
            await self.api.call(Method.CHAT_DELETE, Turn("deletes", TIER_3), channel=posted.channel, ts=posted.ts)
        except SlackRefusedError as error:
            if error.code != "message_not_found":
                raise

    async def pin(self, posted: Posted) -> None:
        """Pin a message to its channel; one that is pinned already is no error."""
        try:
            await self.api.call(Method.PINS_ADD, channel=posted.channel, timestamp=posted.ts)
        except SlackRefusedError as error:
            if error.code != "already_pinned":
                raise

    async def ephemeral(
        self,
        channel: str,
        slack_user_id: str,
        text: str,
        blocks: Sequence[Block] = (),
        *,
        thread_ts: str | None = None,
    ) -> None:
        """Show a message to one person; in a thread when `thread_ts` says so."""
        _require_text(text)
        for page in pages(truncate_markup(text, TEXT_CHARACTERS), blocks):
            await self.api.call(
                Method.CHAT_POST_EPHEMERAL,
                self._channel_turn(channel),
                channel=channel,
                user=slack_user_id,
                text=page.text,
                blocks=list(page.blocks) or None,
                thread_ts=thread_ts,
            )

    async def direct_message(
        self,
        slack_user_id: str,
        text: str,
        blocks: Sequence[Block] = (),
        *,
        thread_ts: str | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> Posted:
        """Post a message to a person."""
        channel = await self.direct_channel(slack_user_id)
        return await self.post(channel, text, blocks, thread_ts=thread_ts, metadata=metadata)

    async def direct_channel(self, slack_user_id: str) -> str:
        """Return the id of the direct conversation with a person, opened once."""
        channel = self._direct_channels.get(slack_user_id)
        if channel is None:
            answer = await self.api.call(Method.CONVERSATIONS_OPEN, users=slack_user_id)
            channel = self._direct_channels[slack_user_id] = str(answer["channel"]["id"])
        return channel

    async def respond(
        self,
        response_url: str,
        text: str,
        blocks: Sequence[Block] = (),
        *,
        replace_original: bool = False,
        in_channel: bool = False,
        thread_ts: str | None = None,
    ) -> None:
        """Answer a click or a slash command through its response_url (30 minutes, five uses)."""
        _require_text(text)
        shown = pages(truncate_markup(text, TEXT_CHARACTERS), blocks)
        if len(shown) > RESPONSE_URL_PAGES:
            rest = [block for page in shown[RESPONSE_URL_PAGES - 1 :] for block in page.blocks]
            shown = [*shown[: RESPONSE_URL_PAGES - 1], fit_update(shown[-1].text, rest)]
        for number, page in enumerate(shown):
            body = {
                "text": page.text,
                "blocks": list(page.blocks) or None,
                "response_type": "in_channel" if in_channel else "ephemeral",
                "replace_original": replace_original and number == 0,
                "thread_ts": thread_ts,
            }
            await self._post_to_url(response_url, {k: v for k, v in body.items() if v is not None})

    async def delete_response(self, response_url: str) -> None:
        """Take away the message that a response_url is about."""
        await self._post_to_url(response_url, {"delete_original": True})

    async def _post_to_url(self, url: str, body: dict[str, Any]) -> None:
        session = self.api.client.session
        if session is None:
            raise RuntimeError("the Slack client was built without a shared session")
        try:
            async with session.post(url, json=body, proxy=self.api.client.proxy) as response:
                answer = (await response.text()).strip()
                if response.status != 200:
                    raise refusal(answer[:80] or str(response.status), [])
        except (aiohttp.ClientError, TimeoutError) as error:
            raise SlackPostError("Slack did not take the answer.", outcome_unknown=True) from error

    async def open_view(self, trigger_id: str, view: Block) -> str:
        """Open a modal (the trigger is good for 3 seconds, once) and return its view id."""
        answer = await self.api.call(Method.VIEWS_OPEN, trigger_id=trigger_id, view=fit_view(view))
        return str(answer["view"]["id"])

    async def push_view(self, trigger_id: str, view: Block) -> str:
        """Put a modal on top of the open one (three at most) and return its view id."""
        answer = await self.api.call(Method.VIEWS_PUSH, trigger_id=trigger_id, view=fit_view(view))
        return str(answer["view"]["id"])

    async def update_view(self, view_id: str, view: Block, *, view_hash: str | None = None) -> None:
        """Replace an open modal; with `view_hash` only if nobody changed it since."""
        await self.api.call(Method.VIEWS_UPDATE, view_id=view_id, view=fit_view(view), hash=view_hash)

    async def publish_home(self, slack_user_id: str, view: Block) -> None:
        """Show `view` as the person's App Home."""
        turn = Turn(f"home:{slack_user_id}")
        await self.api.call(Method.VIEWS_PUBLISH, turn, user_id=slack_user_id, view=fit_view(view))

    async def upload(
        self, channel: str, filename: str, content: bytes, *, title: str = "", comment: str = "", thread_ts: str = ""
    ) -> str:
        """Share a file in a channel or thread and return its id."""

        async def once() -> dict[str, Any]:
            answer = await self.api.client.files_upload_v2(
                channel=channel,
                filename=filename,
                content=content,
                title=title or filename,
                initial_comment=comment or None,
                thread_ts=thread_ts or None,
            )
            return dict(answer.data) if isinstance(answer.data, dict) else {}

        turn = self._channel_turn(channel)
        async with self.api.pace.turn(turn.lane, turn.rate):
            answer = await self.api.attempts(Method.FILES_COMPLETE_UPLOAD, once)
        return str(answer["files"][0]["id"])

    async def upload_image(self, filename: str, content: bytes, *, title: str, alt_text: str) -> str:
        """Upload a PNG for an image block's `slack_file` and return its id; it is shared nowhere.

        Slack takes such a block only once it has looked at the file: it is waited for, then `SlackPostError`.
        """
        return await upload_image(self.api, filename, content, title=title, alt_text=alt_text)

    async def permalink(self, channel: str, ts: str) -> str:
        """Return the address of a message."""
        answer = await self.api.call(Method.CHAT_GET_PERMALINK, channel=channel, message_ts=ts)
        return str(answer["permalink"])

    async def set_status(self, channel: str, thread_ts: str, status: str) -> None:
        """Show what FlowPilot is doing under a thread, until 2 minutes later, the next message or an empty status."""
        await self.api.call(Method.SET_STATUS, channel_id=channel, thread_ts=thread_ts, status=status)

    async def suggest_prompts(self, channel: str, prompts: Sequence[tuple[str, str]], *, title: str = "") -> None:
        """Offer up to four prompts (title, message) in a Messages tab."""
        shown = [{"title": label, "message": message} for label, message in prompts[:4]]
        await self.api.call(Method.SET_SUGGESTED_PROMPTS, channel_id=channel, prompts=shown, title=title or None)


def _require_text(text: str) -> None:
    if not text.strip():
        raise ValueError("a message needs text: notifications and screen readers have nothing else")


def _posted(answer: dict[str, Any], channel: str) -> Posted:
    ts = answer.get("ts")
    if not ts:
        raise SlackPostError("Slack took the message but did not say where it is.", outcome_unknown=True)
    return Posted(str(answer.get("channel") or channel), str(ts))
