"""Uploads in their three steps, and sharing."""

from __future__ import annotations

import mimetypes
import secrets
from typing import TYPE_CHECKING

from sandbox.slack.errors import SlackError
from sandbox.slack.model import Channel, File, Json

if TYPE_CHECKING:
    from sandbox.slack.state import SlackState

MAX_BYTES = 1_000_000_000


class Files:
    """All files of the workspace."""

    def __init__(self, state: SlackState) -> None:
        self._state = state
        self._files: dict[str, File] = {}
        self._tickets: dict[str, str] = {}

    def reserve(self, user: str, name: str, length: int, title: str = "") -> tuple[str, File]:
        """Announce an upload; return the ticket that its URL carries, and the file."""
        if length <= 0:
            raise SlackError("invalid_arguments", ["[ERROR] `length` must be more than 0"])
        if length > MAX_BYTES:
            raise SlackError("file_upload_size_restricted")
        guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
        file = File(f"F{secrets.token_hex(5).upper()}", name, user, self._state.now_s(), length, title or name, guessed)
        self._files[file.id] = file
        ticket = secrets.token_urlsafe(24)
        self._tickets[ticket] = file.id
        return ticket, file

    def receive(self, ticket: str, content: bytes) -> File | None:
        """Take the bytes of an upload; None when the ticket is unknown or the length is not as announced."""
        file = self._files.get(self._tickets.get(ticket, ""))
        if file is None or len(content) != file.length:
            return None
        del self._tickets[ticket]
        file.content = content
        return file

    def find(self, file_id: str) -> File:
        """Return a file that was completely uploaded, or refuse."""
        file = self._files.get(file_id)
        if file is None or not file.complete:
            raise SlackError("file_not_found")
        return file

    def is_image(self, file_id: str) -> bool:
        """Tell whether a file is there and of a kind that an image block takes."""
        file = self._files.get(file_id)
        return file is not None and file.complete and file.mimetype in ("image/png", "image/jpeg", "image/gif")

    def uploaded(self, file_id: str, user: str) -> File:
        """Return a file whose bytes came but which is not complete yet, or refuse."""
        file = self._files.get(file_id)
        if file is None or file.content is None or file.user != user or file.complete:
            raise SlackError("file_not_found")
        return file

    def complete(self, file: File, title: str = "") -> None:
        """Finish an upload."""
        file.complete = True
        file.title = title or file.title
        self._state.bus.publish("file", file=self.to_slack(file))

    def share(
        self, files: list[File], channel: Channel, user: str, text: str, thread_ts: str, **fields: object
    ) -> Json:
        """Post files in a conversation."""
        for file in files:
            file.shared_in.append(channel.id)
        shown = [self.to_slack(file) for file in files]
        message = self._state.messages.post(
            channel, user, text, thread_ts=thread_ts, files=shown, upload=True, **fields
        )
        for file in files:
            self._state.events.file_shared(channel, file.id, user)
        return message

    def delete(self, file_id: str, user: str) -> None:
        """Delete one's own file."""
        file = self.find(file_id)
        if file.user != user:
            raise SlackError("cant_delete_file")
        del self._files[file_id]

    def list(self, channel: str = "", user: str = "") -> list[File]:
        """Return the complete files, newest first, of a conversation or a person if asked."""
        found = [f for f in self._files.values() if f.complete and (not channel or channel in f.shared_in)]
        return [f for f in reversed(found) if not user or f.user == user]

    def to_slack(self, file: File) -> Json:
        """Return Slack's file object."""
        suffix = file.name.rpartition(".")[2].lower() if "." in file.name else "binary"
        address = f"{self._state.base_url}/slack/files/{file.id}/{file.name}"
        return {
            "id": file.id,
            "created": file.created,
            "timestamp": file.created,
            "name": file.name,
            "title": file.title,
            "mimetype": file.mimetype,
            "filetype": {"txt": "text"}.get(suffix, suffix),
            "pretty_type": suffix.upper(),
            "user": file.user,
            "editable": False,
            "size": file.length,
            "mode": "hosted",
            "is_external": False,
            "external_type": "",
            "is_public": False,
            "public_url_shared": False,
            "display_as_bot": False,
            "username": "",
            "url_private": address,
            "url_private_download": f"{address}?download=1",
            "permalink": address,
            "channels": [c for c in file.shared_in if c.startswith("C")],
            "groups": [c for c in file.shared_in if c.startswith("G")],
            "ims": [c for c in file.shared_in if c.startswith("D")],
            "comments_count": 0,
        }
