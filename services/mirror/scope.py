"""Which issues are mirrored."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

from db.engine import Database
from db.repositories.mirror import states
from db.tenancy import current_account_id
from services.errors import NotConfiguredError
from services.vendors.jira import JiraClient
from services.vendors.jira.search import jql_text

PROJECTS_CACHED_S = 600.0


@dataclass(frozen=True, slots=True)
class Scope:
    """A bounded JQL condition; `project_keys` is None when only Jira can tell what it covers."""

    jql: str
    project_keys: frozenset[str] | None
    unknown_projects: tuple[str, ...] = ()
    """Projects of the account that Jira does not show to FlowPilot."""

    def covers(self, project_key: str) -> bool:
        """Tell whether a project's issues are mirrored, as far as that is known without Jira."""
        return self.project_keys is None or project_key in self.project_keys


class Scopes:
    """Finds the scope: given JQL, else the account's projects, else every project that Jira shows."""

    def __init__(self, database: Database, jira: JiraClient, scope_jql: str | None) -> None:
        self._database = database
        self._jira = jira
        self._scope_jql = scope_jql
        self._visible: dict[str, tuple[float, frozenset[str]]] = {}

    async def current(self) -> Scope:
        """Return the current account's scope; raises `NotConfiguredError` when it would be empty."""
        if self._scope_jql:
            return Scope(f"({self._scope_jql})", None)
        visible = await self._visible_projects()
        async with self._database.transaction(write=False) as session:
            configured = frozenset(await states.project_keys(session))
        keys = configured & visible if configured else visible
        if not keys:
            raise NotConfiguredError(
                "Jira shows FlowPilot none of the projects that it is to mirror.",
                hint="Give FlowPilot's Jira user the permission Browse projects.",
            )
        listed = ", ".join(jql_text(key) for key in sorted(keys))
        return Scope(f"project in ({listed})", keys, tuple(sorted(configured - visible)))

    async def _visible_projects(self) -> frozenset[str]:
        account_id = current_account_id()
        known = self._visible.get(account_id)
        if known is not None and monotonic() < known[0]:
            return known[1]
        keys = frozenset(project.key for project in await self._jira.projects())
        self._visible[account_id] = (monotonic() + PROJECTS_CACHED_S, keys)
        return keys
