"""PyGithub in threads, for metadata: one attempt a call, our retries and pace around it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from services.vendors.github.base import API_VERSION
from services.vendors.http import Answer, VendorHttp
from services.vendors.problems import Target, no_answer, not_sent

if TYPE_CHECKING:
    from github import Github

Read = Callable[["Github"], Any]


class GithubLibrary:
    """Reads through the library. It sleeps in its thread and repeats POSTs: so reads only, without its own retries."""

    def __init__(self, http: VendorHttp, token: str) -> None:
        self._http = http
        self._token = token
        self._client: Github | None = None
        self._lock = asyncio.Lock()

    async def read(self, ask: Read, *, missing: str = "") -> Any:
        """Run `ask(client)` in a thread and return its result; raises the `VendorError` kinds."""
        if self._client is None:
            async with self._lock:
                if self._client is None:
                    self._client = await asyncio.to_thread(self._connect)
        attempt = partial(_attempt, self._client, ask, self._http.policy.timeout_s)
        return await self._http.guarded(attempt, missing=missing)

    def close(self) -> None:
        """Close the library's connections."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _connect(self) -> Github:
        # imported late: it brings requests, cryptography and its friends, which nothing else at start-up needs
        from github import Auth, Github

        return Github(
            base_url=self._http.base_url,
            auth=Auth.Token(self._token),
            timeout=int(self._http.policy.timeout_s),
            user_agent="FlowPilot",
            api_version=API_VERSION,
            per_page=100,
            # retries and pace are the HTTP edge's; GithubRetry would sleep out of its sight
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=None,
        )


async def _attempt(client: Github, ask: Read, timeout_s: float, target: Target) -> Answer:
    from github import GithubException
    from requests.exceptions import ConnectionError as NoConnection
    from requests.exceptions import RequestException, Timeout

    try:
        return Answer(200, {}, value=await asyncio.to_thread(ask, client))
    except GithubException as error:
        headers = {name.lower(): str(value) for name, value in (error.headers or {}).items()}
        return Answer(error.status or 500, headers, str(error.message or ""))
    except Timeout as error:
        raise no_answer(target, f"did not answer within {timeout_s:g} s") from error
    except NoConnection as error:
        raise not_sent(target, "no connection") from error
    except RequestException as error:
        raise no_answer(target, "dropped the connection") from error
