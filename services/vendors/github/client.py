"""The calls to GitHub that FlowPilot makes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from services.settings import Settings
from services.vendors.circuit import OnCircuit
from services.vendors.github.base import (
    GITHUB_POLICY,
    github_http,
    graphql_policy,
    graphql_url,
    repository_parts,
    repository_path,
    site_url,
)
from services.vendors.github.graphql import GithubGraphql
from services.vendors.github.library import GithubLibrary
from services.vendors.github.parse import parse_comment, parse_reviewer
from services.vendors.github.types import GithubComment, GithubListing, GithubPage, GithubPull, GithubRepository
from services.vendors.http import Policy, VendorHttp
from services.vendors.problems import Effect

if TYPE_CHECKING:
    from github import Github

COMMENTS_PER_PAGE = 100


class GithubClient:
    """Pull requests of repositories named "owner/name"; every call raises the `VendorError` kinds."""

    def __init__(self, http: VendorHttp, graphql: GithubGraphql, library: GithubLibrary) -> None:
        self._http = http
        self._graphql = graphql
        self._library = library

    @classmethod
    def from_settings(
        cls, settings: Settings, *, policy: Policy = GITHUB_POLICY, on_circuit: OnCircuit | None = None
    ) -> GithubClient:
        """Make a client with the token in the settings."""
        token = settings.github_token.get_secret_value()
        http = github_http(settings.github_api_url, token, policy=policy, on_circuit=on_circuit)
        queries = github_http(graphql_url(settings), token, policy=graphql_policy(policy), on_circuit=on_circuit)
        return cls(http, GithubGraphql(queries), GithubLibrary(http, token))

    @property
    def site_url(self) -> str:
        """The address of the pages that people see, without a slash at the end."""
        return site_url(self._http.base_url)

    @property
    def is_resting(self) -> bool:
        """Tell whether GitHub has failed so often that it is not asked for a while."""
        return self._http.is_resting or self._graphql.is_resting

    async def close(self) -> None:
        """Close the connections."""
        self._library.close()
        await self._graphql.close()
        await self._http.close()

    async def viewer(self) -> str:
        """Return the login of FlowPilot's own user."""
        return await self._graphql.viewer()

    def updated_pulls(self, repository: str, since: datetime | None) -> AsyncIterator[GithubPage]:
        """Yield pages (25 at most) of the pull requests updated since then, the oldest update first; None for all."""
        return self._graphql.updated(repository, since)

    async def pull(self, repository: str, number: int) -> GithubPull:
        """Read one pull request; `VendorNotFoundError` when GitHub shows none."""
        return await self._graphql.pull(repository, number)

    async def open_pulls(self, repository: str) -> GithubListing:
        """List a repository's open pull requests in short; `VendorNotFoundError` for an unknown repository."""
        return await self._graphql.open_pulls(repository)

    async def repository(self, repository: str) -> GithubRepository:
        """Read a repository's metadata; `VendorNotFoundError` for an unknown one."""
        owner, name = repository_parts(repository)

        def ask(client: Github) -> GithubRepository:
            found = client.get_repo(f"{owner}/{name}")
            return GithubRepository(found.full_name, found.default_branch, found.archived, found.permissions.push)

        result: GithubRepository = await self._library.read(ask, missing=f"repository {repository}")
        return result

    async def possible_reviewers(self, repository: str) -> tuple[str, ...]:
        """Return the logins of people who can be asked for a review, the author included."""
        owner, name = repository_parts(repository)

        def ask(client: Github) -> tuple[str, ...]:
            own = client.get_user().login
            people = client.get_repo(f"{owner}/{name}").get_collaborators(permission="pull")
            return tuple(one.login for one in people if one.type == "User" and one.login != own)

        result: tuple[str, ...] = await self._library.read(ask, missing=f"repository {repository}")
        return result

    async def comments(self, repository: str, number: int, *, since: datetime | None = None) -> list[GithubComment]:
        """Return a pull request's comments, oldest first; with `since` only those changed since then."""
        found: list[GithubComment] = []
        params: dict[str, Any] = {"per_page": COMMENTS_PER_PAGE}
        if since is not None:
            params["since"] = f"{since:%Y-%m-%dT%H:%M:%SZ}"
        page = 1
        while True:
            raw = await self._http.request(
                "GET",
                repository_path(repository, f"/issues/{int(number)}/comments"),
                params={**params, "page": page},
                missing=f"pull request {repository}#{number}",
            )
            found += [parse_comment(comment) for comment in raw]
            if len(raw) < COMMENTS_PER_PAGE:
                return found
            page += 1

    async def comment(self, repository: str, comment_id: int) -> GithubComment:
        """Read a comment; `VendorNotFoundError` when there is none."""
        path = repository_path(repository, f"/issues/comments/{int(comment_id)}")
        return parse_comment(await self._http.request("GET", path, missing=f"comment {comment_id}"))

    async def add_comment(self, repository: str, number: int, body: str) -> GithubComment:
        """Comment on a pull request, once: never sent again after it may have arrived."""
        raw = await self._http.request(
            "POST",
            repository_path(repository, f"/issues/{int(number)}/comments"),
            effect=Effect.ONCE,
            body={"body": body},
            missing=f"pull request {repository}#{number}",
        )
        return parse_comment(raw)

    async def delete_comment(self, repository: str, comment_id: int) -> None:
        """Delete a comment; `VendorNotFoundError` when it was not there."""
        await self._http.request(
            "DELETE",
            repository_path(repository, f"/issues/comments/{int(comment_id)}"),
            effect=Effect.REPEATABLE,
            missing=f"comment {comment_id}",
            gone_is_done=True,
        )

    async def requested_reviewers(self, repository: str, number: int) -> tuple[str, ...]:
        """Return who is asked for a review and has not given one: logins, and "@slug" for teams."""
        raw = await self._http.request(
            "GET",
            repository_path(repository, f"/pulls/{int(number)}/requested_reviewers"),
            missing=f"pull request {repository}#{number}",
        )
        return tuple(parse_reviewer(one) for one in [*raw.get("users", []), *raw.get("teams", [])])

    async def request_reviewers(self, repository: str, number: int, logins: Sequence[str]) -> None:
        """Ask people (and teams, "@slug") for a review; asking who is asked already changes nothing."""
        await self._reviewers("POST", repository, number, logins)

    async def remove_reviewers(self, repository: str, number: int, logins: Sequence[str]) -> None:
        """Ask people no longer."""
        await self._reviewers("DELETE", repository, number, logins)

    async def _reviewers(self, method: str, repository: str, number: int, logins: Sequence[str]) -> None:
        people = [login for login in logins if not login.startswith("@")]
        teams = [login.removeprefix("@") for login in logins if login.startswith("@")]
        await self._http.request(
            method,
            repository_path(repository, f"/pulls/{int(number)}/requested_reviewers"),
            effect=Effect.REPEATABLE,
            body={"reviewers": people, "team_reviewers": teams},
            missing=f"pull request {repository}#{number}",
        )
