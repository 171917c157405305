"""Files that people gave to FlowPilot in Slack: fetched with the bot's token, from Slack only, up to a size."""

from __future__ import annotations

from urllib.parse import urlsplit

import aiohttp

from services.errors import InvalidInputError
from services.slack.api import Method, SlackApi
from services.slack.errors import SlackPostError

CHUNK_BYTES = 65_536


async def download_file(api: SlackApi, file_id: str, most_bytes: int) -> bytes:
    """Return a file's bytes; needs files:read.

    Raises `InvalidInputError` for a file above `most_bytes`, and `VendorError` kinds where Slack does not give it.
    """
    answer = await api.call(Method.FILES_INFO, file=file_id)
    url = str(answer["file"].get("url_private_download") or answer["file"].get("url_private") or "")
    if not _is_slacks(api, url):
        raise SlackPostError("Slack does not hold that file itself.", hint="Upload it from your computer.")
    session = api.client.session
    if session is None:
        raise RuntimeError("the Slack client was built without a shared session")
    headers = {"Authorization": f"Bearer {api.client.token}"}
    try:
        # to who may not read it Slack answers with its sign-in page
        async with session.get(url, headers=headers, allow_redirects=False, proxy=api.client.proxy) as response:
            if response.status != 200:
                raise SlackPostError("Slack did not give out that file.", hint="Check the app's scope files:read.")
            content = bytearray()
            async for chunk in response.content.iter_chunked(CHUNK_BYTES):
                content += chunk
                if len(content) > most_bytes:
                    raise InvalidInputError(f"The file has more than {most_bytes / 1e6:.0f} MB.")
    except (aiohttp.ClientError, TimeoutError) as error:
        raise SlackPostError("Slack did not answer.", hint="Try again in a minute.") from error
    return bytes(content)


def _is_slacks(api: SlackApi, url: str) -> bool:
    """Tell whether the token may go there: Slack's own hosts, or that of the configured API."""
    asked, own = urlsplit(url), urlsplit(api.client.base_url)
    if (asked.scheme, asked.netloc) == (own.scheme, own.netloc):
        return True
    return asked.scheme == "https" and (asked.hostname or "").endswith(".slack.com")
