"""Read all that one run needs: tickets and epics from a fresh mirror, and their suggestions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from db.engine import Database
from db.repositories import epics as repository
from services.clock import Now
from services.errors import NotConfiguredError
from services.mirror import IssueRow, Mirror
from services.pm.epic_assignment.types import OpenSuggestion, Scan, ScopeProject
from services.pm.epics.choose import build_embedder
from services.pm.epics.embedders import Embedder
from services.pm.epics.tfidf import TfidfEmbedder
from services.pm.epics.types import EpicText, SuggestionRun, TicketText
from services.settings import Settings

SCOPE = "scope"


def orphan_jql(base: str, project_key: str, epic_link_field: str | None) -> str:
    """Return the JQL of open tickets without an epic (PM-6.1): `parent`, and the Epic Link field where a site has it.

    `base` is the setting `JIRA_ORPHAN_JQL`. The mirror's rule is the same one, read from the same two fields.
    """
    clauses = [f'project = "{project_key}"', "statusCategory != Done", f"({base})"]
    if epic_link_field is not None:  # by number: its name is the site's own
        clauses.append(f"cf[{epic_link_field.removeprefix('customfield_')}] is EMPTY")
    return " AND ".join(clauses)


def _search_url(settings: Settings, mirror: Mirror, project_key: str) -> str:
    """Return where Jira shows the same tickets, so that the number can be opened (TRUST-7)."""
    jql = orphan_jql(settings.jira_orphan_jql, project_key, mirror.epic_link_field)
    return f"{settings.jira_url.rstrip('/')}/issues/?jql={quote(jql)}"


def embedder_for(settings: Settings, database: Database, now: Now) -> Embedder:
    """Return the embedder that the settings name, with its vectors kept in the database."""
    return build_embedder(
        settings.embedder,
        repository.DatabaseEmbeddingCache(database, settings.embedder, now),
        openai_api_key=settings.openai_api_key.get_secret_value(),
        openai_base_url=settings.openai_base_url,
    )


async def collect(database: Database, mirror: Mirror, settings: Settings, now: Now, *, at: datetime, day: str) -> Scan:
    """Look at all scope projects; syncs a stale mirror first, so it raises the `VendorError` kinds."""
    if (await mirror.freshness("jira")).is_stale:
        await mirror.sync("jira")
    async with database.transaction(write=False) as session:
        rows = await repository.projects_of_type(session, SCOPE)
        left = await repository.undecided(session)
        projects = tuple(
            ScopeProject(r.project_key, r.name, r.pm_member_id, _search_url(settings, mirror, r.project_key))
            for r in rows
        )
        undecided = tuple(OpenSuggestion(row.id, row.ticket_key, row.project_key, row.suggested_epic) for row in left)
    keys = [project.key for project in projects]
    tickets = [issue for issue in await mirror.issues(keys) if issue.hierarchy_level == 0]
    orphans = await mirror.issues(keys, orphans_only=True, open_only=True)
    run = await _suggest(database, settings, now, tickets, await mirror.epics(), orphans)
    return Scan(
        at=at,
        day=day,
        projects=projects,
        issues=tuple(tickets),
        run=run,
        undecided=undecided,
        fresh_at=(await mirror.freshness("jira")).last_success_at,
    )


async def _suggest(
    database: Database,
    settings: Settings,
    now: Now,
    tickets: Sequence[IssueRow],
    epics: Sequence[IssueRow],
    orphans: Sequence[IssueRow],
) -> SuggestionRun:
    """Suggest with the embedder that is set; where it is not installed or has no key, with TF-IDF, saying so."""
    from services.pm.epics.suggest import suggest_epics  # loads numpy, which an idle process can do without

    material = [_ticket(issue) for issue in tickets], [_epic(epic) for epic in epics], [_ticket(o) for o in orphans]
    try:
        return await suggest_epics(*material, now(), embedder_for(settings, database, now))
    except NotConfiguredError as error:
        run = await suggest_epics(*material, now(), TfidfEmbedder())
        return SuggestionRun(run.suggestions, run.embedder, error.message)


def _ticket(issue: IssueRow) -> TicketText:
    return TicketText(
        key=issue.key,
        project_key=issue.project_key,
        summary=issue.summary,
        description=issue.description,
        created_at=issue.created_at,
        reporter=issue.reporter_account_id,
        labels=issue.labels,
        components=issue.components,
        epic_key=issue.epic_key,
    )


def _epic(issue: IssueRow) -> EpicText:
    return EpicText(
        key=issue.key,
        project_key=issue.project_key,
        summary=issue.summary,
        description=issue.description,
        created_at=issue.created_at,
        resolved_at=issue.resolved_at if issue.is_done else None,  # a reopened epic may keep its old date
        is_done=issue.is_done,
    )
