"""What all parts of the GitHub client share."""

from __future__ import annotations

import re
from dataclasses import replace

from services.errors import InvalidInputError
from services.settings import Settings
from services.vendors.circuit import OnCircuit
from services.vendors.http import Policy, VendorHttp

API_VERSION = "2022-11-28"
GITHUB_POLICY = Policy(calls=10, per_s=1.0)
"""GitHub asks for no bursts, and for a second between writes; 5,000 calls an hour in all."""
_REPOSITORY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?/[A-Za-z0-9._-]+")


def graphql_policy(policy: Policy) -> Policy:
    """Return the policy of GraphQL: a page that times out is asked for in smaller ones rather than again and again.

    From 25 pull requests down to 1 are five sizes of two attempts each: fewer than open the circuit.
    """
    return replace(policy, attempts=min(2, policy.attempts), failures_to_open=max(12, policy.failures_to_open))


def repository_parts(full_name: str) -> tuple[str, str]:
    """Return owner and name; `InvalidInputError` for what cannot be a repository, so that no path is smuggled in."""
    name = full_name.strip()
    if not _REPOSITORY.fullmatch(name) or name.endswith(("/.", "/..")):
        raise InvalidInputError(f"“{full_name[:80]}” is not a repository.", hint="One looks like owner/name.")
    owner, _, rest = name.partition("/")
    return owner, rest


def repository_path(full_name: str, rest: str = "") -> str:
    """Return a repository's REST path."""
    owner, name = repository_parts(full_name)
    return f"/repos/{owner}/{name}{rest}"


def graphql_url(settings: Settings) -> str:
    """Return where GraphQL is: as set, or where it is beside the REST API (GitHub's own, or an Enterprise server's)."""
    if settings.github_graphql_url:
        return settings.github_graphql_url.rstrip("/")
    base = settings.github_api_url.rstrip("/")
    return f"{base.removesuffix('/v3')}/graphql" if base.endswith("/api/v3") else f"{base}/graphql"


def site_url(api_url: str) -> str:
    """Return where people see what the API at `api_url` holds."""
    base = api_url.rstrip("/")
    if base.endswith("/api/v3"):
        return base.removesuffix("/api/v3")
    return base.replace("://api.", "://", 1)


def github_http(
    url: str, token: str, *, policy: Policy = GITHUB_POLICY, on_circuit: OnCircuit | None = None
) -> VendorHttp:
    """Return the HTTP edge to GitHub with a token."""
    return VendorHttp(
        "GitHub",
        url,
        headers={
            "Authorization": f"Bearer {token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": API_VERSION,
            "User-Agent": "FlowPilot",
        },
        policy=policy,
        auth_hint=(
            "Check GITHUB_TOKEN: a fine-grained token ends at its date, and must cover the repositories with "
            "“Pull requests: read and write”, “Checks: read” and “Commit statuses: read”."
        ),
        secrets=(token,),
        on_circuit=on_circuit,
    )
