"""Images that messages show from Slack's own storage."""

from __future__ import annotations

import asyncio
from typing import Any

from services.slack.api import Method, SlackApi
from services.slack.errors import SlackPostError

ALT_TEXT_CHARACTERS = 1000
LOOKS = 8
LOOK_EVERY_S = 0.5


async def upload_image(api: SlackApi, filename: str, content: bytes, *, title: str, alt_text: str) -> str:
    """Upload an image without sharing it, wait until Slack knows what it is, and return the file's id.

    Until then `chat.postMessage` refuses an image block with it (invalid_blocks). Raises the `VendorError` kinds.
    """

    async def once() -> dict[str, Any]:
        answer = await api.client.files_upload_v2(
            filename=filename, content=content, title=title, alt_txt=alt_text[:ALT_TEXT_CHARACTERS]
        )
        return dict(answer.data) if isinstance(answer.data, dict) else {}

    answer = await api.attempts(Method.FILES_COMPLETE_UPLOAD, once)
    file_id = str(answer["files"][0]["id"])
    for look in range(LOOKS):
        if look:
            await asyncio.sleep(LOOK_EVERY_S)
        info = await api.call(Method.FILES_INFO, file=file_id)
        if str(info["file"].get("mimetype") or "").startswith("image/"):
            return file_id
    raise SlackPostError("Slack has not made a picture of the file yet.", hint="Try again in a minute.")
