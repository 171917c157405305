"""response_url: five answers within thirty minutes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sandbox.slack.blocks import check_message_blocks
from sandbox.slack.errors import SlackError
from sandbox.slack.model import BOT_USER_ID, TEAM_ID, Channel, Json

if TYPE_CHECKING:
    from sandbox.slack.state import SlackState

LIFE = timedelta(minutes=30)
USES = 5


@dataclass
class Hook:
    """Where a response_url posts to; `message_ts` is the message it may replace."""

    kind: str
    channel: Channel
    user: str
    made: datetime
    message_ts: str = ""
    thread_ts: str = ""
    uses: int = 0


class Hooks:
    """The response URLs handed out."""

    def __init__(self, state: SlackState) -> None:
        self._state = state
        self._hooks: dict[str, Hook] = {}

    def issue(self, kind: str, channel: Channel, user: str, message_ts: str = "", thread_ts: str = "") -> str:
        """Return a URL for answers; `kind` is commands or actions."""
        key = f"{secrets.randbits(40)}/{secrets.token_urlsafe(18)}"
        self._hooks[key] = Hook(kind, channel, user, self._state.clock.now(), message_ts, thread_ts)
        if len(self._hooks) > 5_000:
            oldest = self._state.clock.now() - LIFE
            self._hooks = {k: h for k, h in self._hooks.items() if h.made > oldest}
        return f"{self._state.base_url}/slack/hooks/{kind}/{TEAM_ID}/{key}"

    def answer(self, key: str, body: Json) -> None:
        """Act on what the app posts to a response_url, or refuse as Slack does."""
        hook = self._hooks.get(key)
        if hook is None:
            raise SlackError("no_service")
        if self._state.clock.now() - hook.made > LIFE:
            raise SlackError("expired_url")
        if hook.uses >= USES:
            raise SlackError("used_url")
        self.respond(hook, body)
        hook.uses += 1

    def respond(self, hook: Hook, body: Json) -> Json | None:
        """Show an answer: a new message, or a replacement or deletion of the one it is about."""
        if _true(body.get("delete_original")):
            self._delete(hook)
            return None
        text, blocks = str(body.get("text") or ""), body.get("blocks")
        if not text and not blocks and not body.get("attachments"):
            raise SlackError("no_text")
        if blocks is not None and (messages := check_message_blocks(blocks)):
            raise SlackError("invalid_blocks", messages)
        fields = {"blocks": blocks, "attachments": body.get("attachments")}
        if _true(body.get("replace_original")) and hook.message_ts:
            return self._replace(hook, text, fields)
        thread_ts = str(body.get("thread_ts") or "")
        if body.get("response_type") == "in_channel":
            return self._state.messages.post(hook.channel, BOT_USER_ID, text, thread_ts=thread_ts, **fields)
        shown_in = thread_ts or hook.thread_ts
        message = self._state.messages.ephemeral(hook.channel, hook.user, text, thread_ts=shown_in or None, **fields)
        hook.message_ts = hook.message_ts or message["ts"]
        return message

    def _replace(self, hook: Hook, text: str, fields: Json) -> Json:
        changes = {"text": text, **{name: value or [] for name, value in fields.items()}}
        seen = self._state.messages.find_ephemeral(hook.channel, hook.user, hook.message_ts)
        if seen is None:
            return self._state.messages.update(hook.channel, hook.message_ts, changes)
        return self._state.messages.update_ephemeral(hook.channel, hook.user, seen, changes)

    def _delete(self, hook: Hook) -> None:
        if self._state.messages.find_ephemeral(hook.channel, hook.user, hook.message_ts):
            self._state.messages.drop_ephemeral(hook.channel, hook.message_ts)
        elif hook.message_ts:
            self._state.messages.delete(hook.channel, hook.message_ts)

    def for_command(self, channel: Channel, user: str) -> Hook:
        """Return a place for the answer in an acknowledgement."""
        return Hook("commands", channel, user, self._state.clock.now())


def _true(value: object) -> bool:
    return value is True or value == "true"
