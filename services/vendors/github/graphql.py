"""Reading pull requests by GraphQL: many at once, in pages that shrink where GitHub is too slow."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

import structlog

from services.errors import (
    VendorNotFoundError,
    VendorRateLimitedError,
    VendorRejectedError,
    VendorUnavailableError,
)
from services.vendors.github import queries
from services.vendors.github.base import repository_parts
from services.vendors.github.parse import parse_checks, parse_pull
from services.vendors.github.types import GithubListing, GithubPage, GithubPull
from services.vendors.http import VendorHttp
from services.vendors.values import parse_time

TIMEOUT_STATUSES = frozenset({408, 502, 504})
TIMEOUT_WORDS = ("timeout", "timed out", "MAX_NODE_LIMIT_EXCEEDED", "RESOURCE_LIMITS_EXCEEDED")
RATE_LIMIT_WAIT_S = 60.0
"""GitHub's documents: without a Retry-After wait at least a minute."""
log = structlog.get_logger(__name__)


class TooMuchAtOnceError(VendorUnavailableError):
    """GitHub could not answer a query in its time: it has to be asked for less."""


class GithubGraphql:
    """Queries; each raises the `VendorError` kinds."""

    def __init__(self, http: VendorHttp) -> None:
        self._http = http

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    @property
    def is_resting(self) -> bool:
        """Tell whether GraphQL has failed so often that it is not asked for a while."""
        return self._http.is_resting

    async def viewer(self) -> str:
        """Return the login of FlowPilot's own user."""
        return str((await self.ask(queries.VIEWER))["viewer"]["login"])

    async def updated(self, full_name: str, since: datetime | None) -> AsyncIterator[GithubPage]:
        """Yield a repository's pull requests, open and closed, updated since then, the oldest update first.

        GitHub's search gives 1,000 hits at most: beyond those it goes on from the last one's stamp.
        """
        owner, name = repository_parts(full_name)
        while True:
            condition = f" updated:>={since:%Y-%m-%dT%H:%M:%SZ}" if since else ""
            seen, total, last = 0, 0, since
            async for page in self._search(f"repo:{owner}/{name} is:pr{condition} sort:updated-asc"):
                yield page
                seen, total = seen + len(page.pulls) + page.failed, page.total
                last = page.pulls[-1].updated_at if page.pulls else last
            if seen >= total or last == since:
                return
            since = last

    async def _search(self, query: str) -> AsyncIterator[GithubPage]:
        size, cursor = queries.PAGE, None
        while True:
            try:
                raw = await self.ask(queries.SEARCH, query=query, first=size, after=cursor)
            except VendorUnavailableError as error:
                if size == 1 or not _is_timeout(error):
                    raise
                size = max(1, size // 2)
                log.warning("github_page_halved", size=size, problem=error.message)
                continue
            page = _page(raw)
            yield page
            if page.cursor is None:
                return
            cursor = page.cursor

    async def pull(self, full_name: str, number: int) -> GithubPull:
        """Read one pull request; `VendorNotFoundError` when GitHub shows none."""
        owner, name = repository_parts(full_name)
        raw = await self.ask(
            queries.ONE, missing=f"pull request {full_name}#{number}", owner=owner, name=name, number=number
        )
        return parse_pull(raw["repository"]["pullRequest"], str(raw["viewer"]["login"]))

    async def open_pulls(self, full_name: str) -> GithubListing:
        """List the open pull requests of a repository in short; `VendorNotFoundError` for an unknown repository."""
        owner, name = repository_parts(full_name)
        found: dict[int, tuple[datetime, str | None]] = {}
        cursor = None
        while True:
            raw = await self.ask(
                queries.LISTING, missing=f"repository {full_name}", owner=owner, name=name, after=cursor
            )
            page = raw["repository"]["pullRequests"]
            found |= {
                int(node["number"]): (parse_time(node["updatedAt"]), parse_checks(node))
                for node in page["nodes"]
                if node
            }
            cursor = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                return GithubListing(str(raw["repository"]["nameWithOwner"]), found)

    async def ask(self, text: str, /, *, missing: str = "", **variables: Any) -> dict[str, Any]:
        """Send a query and return its data, also when GitHub failed on single nodes of it."""
        answer = await self._http.request("POST", "", body={"query": text, "variables": variables}, missing=missing)
        data, errors = answer.get("data"), answer.get("errors") or []
        for error in errors:
            _refuse(error, missing)
        if data is None:
            said = "; ".join(str(error.get("message")) for error in errors)[:300]
            raise VendorRejectedError("GitHub", f"GitHub refused a query: {said}")
        if errors:
            log.warning("github_partial_answer", errors=len(errors), first=str(errors[0].get("message"))[:200])
        result: dict[str, Any] = data
        return result


def _is_timeout(error: VendorUnavailableError) -> bool:
    is_silent = error.status is None and "did not answer" in error.message
    return isinstance(error, TooMuchAtOnceError) or error.status in TIMEOUT_STATUSES or is_silent


def _refuse(error: Mapping[str, Any], missing: str) -> None:
    """Raise what an error means for the whole answer; one that concerns a single node is let pass."""
    kind, message, path = str(error.get("type") or ""), str(error.get("message") or ""), error.get("path") or []
    if kind == "RATE_LIMITED":
        raise VendorRateLimitedError(
            "GitHub",
            "GitHub's calls of this hour are used up.",
            retry_after_s=RATE_LIMIT_WAIT_S,
            hint="Nothing was done. Try again later.",
        )
    if kind == "NOT_FOUND" and "nodes" not in path:
        hint = "Check the spelling, and whether FlowPilot's token may see it."
        raise VendorNotFoundError("GitHub", f"GitHub knows no {missing or 'such thing'}.", hint=hint, status=404)
    if "nodes" not in path and (kind in TIMEOUT_WORDS or any(word in message for word in TIMEOUT_WORDS)):
        raise TooMuchAtOnceError("GitHub", "GitHub took too long to answer a query.", hint="Try again in a while.")


def _page(raw: Mapping[str, Any]) -> GithubPage:
    search, viewer = raw["search"], str(raw["viewer"]["login"])
    nodes = search["nodes"] or []
    info = search["pageInfo"]
    pulls = [parsed for node in nodes if (parsed := _parsed(node, viewer)) is not None]
    return GithubPage(
        pulls=tuple(pulls),
        failed=len(nodes) - len(pulls),
        total=int(search["issueCount"]),
        cursor=info["endCursor"] if info["hasNextPage"] else None,
    )


def _parsed(node: Mapping[str, Any] | None, viewer: str) -> GithubPull | None:
    """Return a hit; None for one that GitHub gave in part only, which must not hold up the others."""
    try:
        return parse_pull(node, viewer) if node else None
    except (KeyError, TypeError, ValueError) as error:
        log.warning("github_pull_unreadable", problem=type(error).__name__)
        return None
