"""The site itself: who we are, projects, people, priorities, fields."""

from __future__ import annotations

from typing import Any

from services.vendors.http import VendorHttp
from services.vendors.jira.base import API, JiraLimits, JiraPart, project_path
from services.vendors.jira.library import JiraLibrary
from services.vendors.jira.parse import parse_issue_type, parse_status, parse_user
from services.vendors.types import (
    JiraField,
    JiraIssueType,
    JiraIssueTypeStatuses,
    JiraLinkType,
    JiraPriority,
    JiraProject,
    JiraServerInfo,
    JiraStatus,
    JiraUser,
)
from services.vendors.values import clean, parse_time

EPIC_LINK_TYPE = "com.pyxis.greenhopper.jira:gh-epic-link"
PROJECTS_PER_PAGE = 50
ASSIGNABLE_PER_CALL = 1000
TYPES_PER_PAGE = 200


class JiraMetadata(JiraPart):
    """What changes seldom. Priorities, statuses, fields, link types and people are read by the `jira` library."""

    def __init__(
        self, http: VendorHttp, *, credentials: tuple[str, str] = ("", ""), limits: JiraLimits | None = None
    ) -> None:
        super().__init__(http, credentials=credentials, limits=limits)
        self._library = JiraLibrary(http, credentials)

    async def close(self) -> None:
        """Close the connections, the library's too."""
        await super().close()
        self._library.close()

    async def myself(self) -> JiraUser:
        """Return the account that FlowPilot acts as; `VendorAuthError` with what to do when there is none."""
        raw = await self._http.request("GET", f"{API}/myself")
        user = parse_user(raw)
        if user is None:
            raise ValueError("Jira's answer to myself has no accountId")
        return user

    async def server_info(self) -> JiraServerInfo:
        """Return the site's title, version and clock."""
        raw = await self._http.request("GET", f"{API}/serverInfo")
        server_time = raw.get("serverTime")
        return JiraServerInfo(
            title=clean(raw.get("serverTitle")),
            base_url=raw.get("baseUrl") or self.site_url,
            version=str(raw.get("version", "")),
            server_time=parse_time(server_time) if server_time else None,
        )

    async def projects(self) -> list[JiraProject]:
        """Return all projects that FlowPilot's user can see, by key."""
        found: list[JiraProject] = []
        while True:
            raw = await self._http.request(
                "GET",
                f"{API}/project/search",
                params={"startAt": len(found), "maxResults": PROJECTS_PER_PAGE, "orderBy": "key"},
            )
            page = raw.get("values") or []
            found += [JiraProject(str(p["id"]), p["key"], clean(p.get("name"))) for p in page]
            if raw.get("isLast", True) or not page:
                return found

    async def project_statuses(self, project_key: str) -> list[JiraIssueTypeStatuses]:
        """Return the statuses of a project's issue types."""
        raw = await self._http.request("GET", project_path(project_key, "/statuses"), missing=f"project {project_key}")
        return [
            JiraIssueTypeStatuses(
                clean(kind["name"]), bool(kind.get("subtask")), tuple(parse_status(s) for s in kind["statuses"])
            )
            for kind in raw
        ]

    async def create_types(self, project_key: str) -> list[JiraIssueType]:
        """Return the types of issues that FlowPilot's user may create in a project, sub-tasks too."""
        project = project_path(project_key).rpartition("/")[2]
        raw = await self._http.request(
            "GET",
            f"{API}/issue/createmeta/{project}/issuetypes",
            params={"maxResults": TYPES_PER_PAGE},
            missing=f"project {project_key}",
        )
        return [parse_issue_type(kind) for kind in raw.get("issueTypes") or []]

    async def issue_types(self) -> list[JiraIssueType]:
        """Return all types of issues of the site."""
        return [parse_issue_type(kind) for kind in await self._http.request("GET", f"{API}/issuetype")]

    async def assignable_users(self, key: str) -> list[JiraUser]:
        """Return the people to whom the issue may be assigned."""
        raw = await self._http.request(
            "GET",
            f"{API}/user/assignable/search",
            params={"issueKey": key, "maxResults": ASSIGNABLE_PER_CALL},
            missing=f"issue {key}",
        )
        return _users(raw)

    async def user(self, account_id: str) -> JiraUser:
        """Return one person; `VendorNotFoundError` when Jira knows none."""
        raw = await self._http.request(
            "GET", f"{API}/user", params={"accountId": account_id}, missing="that Jira account"
        )
        return _users([raw])[0]

    async def find_users(self, query: str) -> list[JiraUser]:
        """Return people by name or e-mail; Jira finds hidden e-mails too but does not show them."""
        if not query.strip():
            return []
        found = await self._library.read(lambda jira: [user.raw for user in jira.search_users(query=query)])
        return _users(found)

    async def priorities(self) -> list[JiraPriority]:
        """Return the priorities, the most urgent first."""
        raw = await self._library.read(lambda jira: [priority.raw for priority in jira.priorities()])
        return [JiraPriority(str(p["id"]), clean(p["name"])) for p in raw]

    async def statuses(self) -> list[JiraStatus]:
        """Return all statuses of the site."""
        raw = await self._library.read(lambda jira: [status.raw for status in jira.statuses()])
        return [parse_status(status) for status in raw]

    async def link_types(self) -> list[JiraLinkType]:
        """Return the kinds of issue links."""
        raw = await self._library.read(lambda jira: [kind.raw for kind in jira.issue_link_types(force=True)])
        return [JiraLinkType(str(t["id"]), clean(t["name"]), clean(t["inward"]), clean(t["outward"])) for t in raw]

    async def fields(self) -> list[JiraField]:
        """Return all fields of the site."""
        raw: list[dict[str, Any]] = await self._library.read(lambda jira: jira.fields())
        return [JiraField(f["id"], clean(f.get("name")), (f.get("schema") or {}).get("custom")) for f in raw]

    async def find_epic_link_field(self) -> str | None:
        """Return the id of the site's Epic Link custom field; None on sites that only have `parent`."""
        for field in await self.fields():
            if field.custom_type == EPIC_LINK_TYPE:
                return field.id
        return None


def _users(raw: list[dict[str, Any]]) -> list[JiraUser]:
    return [user for user in (parse_user(entry) for entry in raw) if user is not None]
