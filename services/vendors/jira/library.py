"""The `jira` library in threads, for metadata: one attempt a call, our retries and pace around it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from services.vendors.http import Answer, VendorHttp
from services.vendors.problems import Target, no_answer, not_sent, unreadable

if TYPE_CHECKING:
    from jira import JIRA

Read = Callable[["JIRA"], Any]


class JiraLibrary:
    """Reads through the library. It knows neither bulk fetch nor ADF, and repeats POSTs: so reads only."""

    def __init__(self, http: VendorHttp, credentials: tuple[str, str]) -> None:
        self._http = http
        self._credentials = credentials
        self._client: JIRA | None = None
        self._lock = asyncio.Lock()

    async def read(self, ask: Read) -> Any:
        """Run `ask(client)` in a thread and return its result; raises the `VendorError` kinds."""
        if self._client is None:
            async with self._lock:
                if self._client is None:
                    self._client = await asyncio.to_thread(self._connect)
        return await self._http.guarded(partial(_attempt, self._client, ask, self._http.policy.timeout_s))

    def close(self) -> None:
        """Close the library's connections."""
        if self._client is not None:
            self._client.close()  # type: ignore[no-untyped-call]
            self._client = None

    def _connect(self) -> JIRA:
        # imported late: it brings requests and its friends, which nothing else at start-up needs
        from jira import JIRA

        return JIRA(
            server=self._http.base_url,
            basic_auth=self._credentials,
            options={"rest_api_version": "3", "check_update": False},
            # asking the server at construction would be a call outside our pace; what we read does not depend on it
            get_server_info=False,
            max_retries=0,
            logging=False,
            timeout=self._http.policy.timeout_s,
        )


async def _attempt(client: JIRA, ask: Read, timeout_s: float, target: Target) -> Answer:
    from jira import JIRAError
    from requests.exceptions import ConnectionError as NoConnection
    from requests.exceptions import JSONDecodeError, RequestException, Timeout

    try:
        return Answer(200, {}, value=await asyncio.to_thread(ask, client))
    except JIRAError as error:
        response = error.response
        headers = {name.lower(): value for name, value in response.headers.items()} if response is not None else {}
        return Answer(error.status_code or 500, headers, response.text if response is not None else "")
    except JSONDecodeError as error:
        raise unreadable(target, 200) from error
    except Timeout as error:
        raise no_answer(target, f"did not answer within {timeout_s:g} s") from error
    except NoConnection as error:
        raise not_sent(target, "no connection") from error
    except RequestException as error:
        raise no_answer(target, "dropped the connection") from error
