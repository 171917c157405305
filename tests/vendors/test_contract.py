"""Every request that the clients send, held against the vendors' own API descriptions."""

from __future__ import annotations

import importlib.util
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.vendors.adf import adf_from_markdown
from services.vendors.jira import done_for
from services.vendors.types import WorklogDraft
from tests.vendors.site import ALICE, Site

VENDOR = Path(__file__).parents[3] / "shared" / "vendor"
UNDESCRIBED = ("/issueLink", "/issueLinkType")
"""Jira's, but not in the trimmed description; nor is the DELETE of a comment."""


def contract(name: str) -> Any:
    """Return the checker of one vendor's description; skips where it is not at hand."""
    if not (VENDOR / "contract.py").exists():
        pytest.skip("needs the vendors' API descriptions beside the project")
    spec = importlib.util.spec_from_file_location("contract", VENDOR / "contract.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Contract(str(VENDOR / "extracts" / name))


async def test_what_is_sent_to_jira_is_what_jira_describes(site: Site) -> None:
    checker = contract("jira-v3.json")
    issue, jira = site.create("APP", "Work"), site.jira
    behind = done_for(actor_id="U1", actor_name="Alice", reason="asked for it")
    await jira.myself()
    await jira.server_info()
    await jira.projects()
    await jira.project_statuses("APP")
    await jira.assignable_users(issue.key)
    await jira.issue(issue.key)
    await jira.transitions(issue.key)
    await jira.transition(issue.key, "11", history_metadata=behind)
    await jira.edit_issue(issue.key, {"labels": ["x"], "assignee": {"accountId": ALICE}}, history_metadata=behind)
    comment = await jira.add_comment(issue.key, adf_from_markdown("# A\n\n- b\n\n`c`"), properties={"k": {"v": 1}})
    await jira.update_comment(issue.key, comment.id, adf_from_markdown("b"))
    await jira.find_comment(issue.key, "k", {"v": 1})
    await jira.create_issue({"project": {"key": "APP"}, "issuetype": {"name": "Task"}, "summary": "New"})
    await jira.count("project = APP")
    await jira.parse_jql("project = APP")
    await jira.search_page("project = APP")
    _pages = [page async for page in jira.search_ids("project = APP", with_updated=True)]
    await jira.bulk_fetch([str(issue.id)])
    await jira.bulk_changelogs([str(issue.id)])
    await jira.priorities()
    await jira.statuses()
    calls = [call for call in site.calls("", "jira") if not call.path.endswith(UNDESCRIBED)]
    problems = {
        f"{call.method} {path}": found
        for call in calls
        if (found := checker.request(call.method, path := call.path.removeprefix("/jira"), call.query, call.request))
    }
    assert problems == {}
    assert len(calls) > 20


async def test_what_is_sent_to_tempo_is_what_tempo_describes(site: Site) -> None:
    checker = contract("tempo-v4.json")
    issue, tempo, day = site.create("APP", "Work"), site.tempo, date(2026, 11, 2)
    draft = WorklogDraft(str(issue.id), ALICE, day, 3600, "Work", "09:00:00", 1800)
    made = await tempo.create_worklog(draft)
    await tempo.update_worklog(made.id, draft)
    await tempo.worklog(made.id)
    _pages = [page async for page in tempo.worklogs(from_date=day, to_date=day, updated_from=site.now())]
    await tempo.worklogs_of_user(ALICE, day, day)
    await tempo.delete_worklog(made.id)
    await tempo.deleted_worklogs(site.now() - timedelta(days=1))
    await tempo.user_schedule(ALICE, day, day)
    await tempo.plans([ALICE], day, day)
    site.sandbox.tempo.add_team("Platform", ALICE, [ALICE])
    await tempo.teams()
    calls = site.calls("", "tempo")
    problems = {
        f"{call.method} {path}": found
        for call in calls
        if (found := checker.request(call.method, path := call.path.removeprefix("/tempo"), call.query, call.request))
    }
    assert problems == {}
    assert len(calls) >= 11
