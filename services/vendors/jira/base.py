"""What all parts of the Jira client share."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from services.errors import InvalidInputError
from services.vendors.circuit import OnCircuit
from services.vendors.http import Policy, VendorHttp

API = "/rest/api/3"
JIRA_POLICY = Policy(calls=40, per_s=1.0)
"""Under half of the 100 calls a second and endpoint that a site allows to all its callers together."""

_ISSUE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*-\d+|\d+")
_PROJECT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*|\d+")


@dataclass(frozen=True, slots=True)
class JiraLimits:
    """Page sizes, as large as Jira's documents allow."""

    ids_per_page: int = 5000
    issues_per_page: int = 100
    issues_per_fetch: int = 100
    """Atlassian has begun to allow 1000 for calls without multi-valued fields; ours has labels and links."""
    issues_per_changelog_call: int = 1000
    changes_per_page: int = 5000
    comments_per_page: int = 100


class JiraPart:
    """A part of the client: the HTTP edge, credentials for the library, page sizes."""

    def __init__(
        self, http: VendorHttp, *, credentials: tuple[str, str] = ("", ""), limits: JiraLimits | None = None
    ) -> None:
        self._http = http
        self._credentials = credentials
        self._limits = limits or JiraLimits()
        self._epic_link_field: str | None = None

    @property
    def site_url(self) -> str:
        """The site's address, without a slash at the end."""
        return self._http.base_url

    @property
    def is_resting(self) -> bool:
        """Tell whether Jira has failed so often that it is not asked for a while."""
        return self._http.is_resting

    @property
    def epic_link_field(self) -> str | None:
        """The id of the Epic Link custom field that is read with each issue, if any."""
        return self._epic_link_field

    def use_epic_link_field(self, field_id: str | None) -> None:
        """Read the site's Epic Link custom field with each issue from here on."""
        self._epic_link_field = field_id

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()


def jira_http(
    url: str, email: str, token: str, *, policy: Policy = JIRA_POLICY, on_circuit: OnCircuit | None = None
) -> VendorHttp:
    """Return the HTTP edge to a Jira site with an API token."""
    basic = base64.b64encode(f"{email}:{token}".encode()).decode()
    return VendorHttp(
        "Jira",
        url,
        headers={"Authorization": f"Basic {basic}"},
        policy=policy,
        auth_hint=(
            "Check JIRA_EMAIL and JIRA_API_TOKEN; a token lives for a year at most: "
            "id.atlassian.com > Security > API tokens."
        ),
        secrets=(token, basic),
        on_circuit=on_circuit,
    )


def issue_path(key_or_id: str, rest: str = "") -> str:
    """Return the path of an issue; `InvalidInputError` for what cannot be a key, so that no path is smuggled in."""
    name = key_or_id.strip()
    if not _ISSUE_NAME.fullmatch(name):
        raise InvalidInputError(f"“{key_or_id[:60]}” is not an issue key.", hint="A key looks like ABC-123.")
    return f"{API}/issue/{name}{rest}"


def project_path(key_or_id: str, rest: str = "") -> str:
    """Return the path of a project; `InvalidInputError` for what cannot be a project key."""
    name = key_or_id.strip()
    if not _PROJECT_NAME.fullmatch(name):
        raise InvalidInputError(f"“{key_or_id[:60]}” is not a project key.", hint="A key looks like ABC.")
    return f"{API}/project/{name}{rest}"
