"""Where the answer to each kind of delivery goes."""

from __future__ import annotations

from handlers.request import Delivery, Kind, Responder
from services.commands.types import Reply, Visibility
from services.errors import VendorError
from services.slack.limits import MESSAGE_BLOCKS, UPDATE_TEXT_CHARACTERS
from services.slack.sender import Posted, SlackSender

WORKING = ":hourglass_flowing_sand: Working on it…"
MOST_PROGRESS = 3
"""A response_url is good for five uses, and the answer may take two."""
TALK = frozenset({"message", "app_mention"})


def responder_for(delivery: Delivery, sender: SlackSender) -> Responder:
    """Return the responder for a delivery: response_url where there is one, else the conversation, else a DM."""
    if delivery.kind is Kind.COMMAND:
        return CommandResponder(delivery, sender)
    if delivery.kind is Kind.ACTION and delivery.message_ts:
        return ActionResponder(delivery, sender)
    if delivery.kind is Kind.EVENT:
        return ConversationResponder(delivery, sender) if delivery.id in TALK else QuietResponder(delivery, sender)
    return PersonResponder(delivery, sender)


class CommandResponder:
    """Answer a slash command: "Working on it…" is replaced by the answer."""

    def __init__(self, delivery: Delivery, sender: SlackSender) -> None:
        self._delivery = delivery
        self._sender = sender
        self._has_placeholder = False
        self._said = 0

    async def working(self, said: str = "") -> None:
        """Say so, to the person only, as long as enough uses of the response_url are left for the answer."""
        if self._said < MOST_PROGRESS:
            url, is_first = self._delivery.response_url, not self._has_placeholder
            await self._sender.respond(url, said or WORKING, replace_original=not is_first)
            self._said += 1
            self._has_placeholder = True

    async def answer(self, reply: Reply) -> None:
        """Answer by the response_url; when that is used up, by a message to the person."""
        url = self._delivery.response_url
        in_channel = reply.visibility is Visibility.CHANNEL
        try:
            if in_channel and self._has_placeholder:
                # what only one person sees cannot be turned into what all see
                await self._sender.delete_response(url)
            replaces = self._has_placeholder and not in_channel
            await self._sender.respond(url, reply.text, reply.blocks, replace_original=replaces, in_channel=in_channel)
        except VendorError:
            await self._sender.direct_message(self._delivery.user_id, reply.text, reply.blocks)
        self._has_placeholder = False

    async def done(self) -> None:
        """Delete the placeholder."""
        if self._has_placeholder:
            self._has_placeholder = False
            await self._sender.delete_response(self._delivery.response_url)


class ActionResponder:
    """Answer a click on a message: in its place, beside it to the person only, or in its thread to all."""

    def __init__(self, delivery: Delivery, sender: SlackSender) -> None:
        self._delivery = delivery
        self._sender = sender
        self._is_ephemeral = bool((delivery.payload.get("container") or {}).get("is_ephemeral"))

    async def working(self, said: str = "") -> None:
        """Say so once, to the person only; Slack lets nobody take it away again, so it says what will change."""
        if not said:
            await self._privately(Reply(f"{WORKING} the answer follows."))

    async def answer(self, reply: Reply) -> None:
        """Show the answer where the reply wants it."""
        delivery, sender = self._delivery, self._sender
        if reply.replace and self._is_ephemeral:
            await sender.respond(delivery.response_url, reply.text, reply.blocks, replace_original=True)
        elif reply.replace:
            await sender.update(delivery.channel or "", delivery.message_ts or "", reply.text, reply.blocks)
        elif reply.visibility is Visibility.CHANNEL:
            thread_ts = delivery.thread_ts or (None if self._is_ephemeral else delivery.message_ts)
            await sender.post(delivery.channel or "", reply.text, reply.blocks, thread_ts=thread_ts)
        else:
            await self._privately(reply)

    async def done(self) -> None:
        """Leave things as they are."""

    async def _privately(self, reply: Reply) -> None:
        delivery, sender = self._delivery, self._sender
        try:
            if not delivery.response_url:
                raise LookupError
            await sender.respond(delivery.response_url, reply.text, reply.blocks, thread_ts=delivery.thread_ts)
        except (VendorError, LookupError):
            await sender.direct_message(delivery.user_id, reply.text, reply.blocks)


class ConversationResponder:
    """Answer a message: in a DM by a message that is edited in place, in a channel to the person or in the thread."""

    def __init__(self, delivery: Delivery, sender: SlackSender) -> None:
        self._delivery = delivery
        self._sender = sender
        self._channel = delivery.channel or ""
        self._placeholder: Posted | None = None

    @property
    def _is_direct(self) -> bool:
        return self._channel.startswith("D")

    async def working(self, said: str = "") -> None:
        """Say so; in a channel how far it is is not told, as it could not be taken away again."""
        if self._placeholder:
            await self._sender.update(self._placeholder.channel, self._placeholder.ts, said or WORKING)
        elif self._is_direct:
            thread_ts = self._delivery.thread_ts
            self._placeholder = await self._sender.post(self._channel, said or WORKING, thread_ts=thread_ts)
        elif not said:
            await self._privately(Reply(WORKING))

    async def answer(self, reply: Reply) -> None:
        """Answer where the message was written."""
        if self._is_direct:
            placeholder, self._placeholder = self._placeholder, None
            await _settle(self._sender, placeholder, self._channel, reply, self._delivery.thread_ts)
        elif reply.visibility is Visibility.CHANNEL:
            thread_ts = self._delivery.thread_ts or self._delivery.message_ts
            await self._sender.post(self._channel, reply.text, reply.blocks, thread_ts=thread_ts)
        else:
            await self._privately(reply)

    async def done(self) -> None:
        """Delete the placeholder."""
        placeholder, self._placeholder = self._placeholder, None
        if placeholder:
            await self._sender.delete(placeholder)

    async def _privately(self, reply: Reply) -> None:
        delivery = self._delivery
        await self._sender.ephemeral(
            self._channel, delivery.user_id, reply.text, reply.blocks, thread_ts=delivery.thread_ts
        )


class PersonResponder:
    """Answer what has no conversation (modals, Home, shortcuts) by a direct message."""

    def __init__(self, delivery: Delivery, sender: SlackSender) -> None:
        self._delivery = delivery
        self._sender = sender
        self._placeholder: Posted | None = None

    async def working(self, said: str = "") -> None:
        """Say so in the direct conversation."""
        if self._placeholder:
            await self._sender.update(self._placeholder.channel, self._placeholder.ts, said or WORKING)
        else:
            self._placeholder = await self._sender.direct_message(self._delivery.user_id, said or WORKING)

    async def answer(self, reply: Reply) -> None:
        """Answer in the direct conversation."""
        channel = await self._sender.direct_channel(self._delivery.user_id)
        placeholder, self._placeholder = self._placeholder, None
        await _settle(self._sender, placeholder, channel, reply, None)

    async def done(self) -> None:
        """Delete the placeholder."""
        placeholder, self._placeholder = self._placeholder, None
        if placeholder:
            await self._sender.delete(placeholder)


class QuietResponder(PersonResponder):
    """For events that nobody waits for: no "Working on it…"."""

    async def working(self, said: str = "") -> None:
        """Show nothing."""


async def _settle(
    sender: SlackSender, placeholder: Posted | None, channel: str, reply: Reply, thread_ts: str | None
) -> None:
    """Put the answer in the placeholder's place, or post it when it needs more than one message."""
    if placeholder and len(reply.blocks) <= MESSAGE_BLOCKS and len(reply.text) <= UPDATE_TEXT_CHARACTERS:
        await sender.update(placeholder.channel, placeholder.ts, reply.text, reply.blocks)
        return
    if placeholder:
        await sender.delete(placeholder)
    await sender.post(channel, reply.text, reply.blocks, thread_ts=thread_ts)
