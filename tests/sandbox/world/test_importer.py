"""Real issues instead of invented ones."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pytest

from sandbox.core import Sandbox
from sandbox.jira.adf import text_from_adf
from sandbox.server import create_sandbox
from sandbox.world import populate
from tests.sandbox.vendor_server import SHARED

TITANIUM = SHARED / "data" / "titanium_jira"
ISSUES = """\
key,project,issue_type,priority,status,status_category,resolution,created,updated,resolutiondate,components,labels,\
reporter,assignee,summary
APP-1,APP,Epic,High,Open,new,,2015-01-01T10:00:00.000+0000,2015-01-02T10:00:00.000+0000,,iOS,,ann,,Offline mode
APP-2,APP,Bug,None,Closed,done,Fixed,2015-01-03T10:00:00.000+0000,2015-02-01T10:00:00.000+0000,\
2015-01-20T10:00:00.000+0000,iOS|Android,null|crash,ann,ben,"Crash, when offline"
APP-3,APP,Sub-task,,In Review,indeterminate,,2015-01-04T10:00:00.000+0000,2015-01-05T10:00:00.000+0000,,,,ben,,NA
"""
OTHERS = {
    "text.jsonl": json.dumps({"key": "APP-2", "description": "It crashes.\n\nAlways."}) + "\n",
    "epics.csv": "epic_key,name,summary,created,resolutiondate,description\nAPP-1,Offline,Offline mode,,,Work offline\n"
    "LIB-7,Rewrite,,,,All anew\n",
    "epic_links.csv": "key,epic_key,created\nAPP-2,APP-1,2015-01-03T10:00:00.000+0000\n"
    "APP-9,LIB-7,2014-01-03T10:00:00.000+0000\n",
    "parent_links.csv": "key,parent_key,parent_summary,created\nAPP-3,APP-2,Crash,2015-01-04T10:00:00.000+0000\n",
    "links.csv": "key,type,direction,other,other_in_archive\nAPP-2,Blocks,in,APP-1,1\nAPP-1,Blocks,out,APP-2,1\n"
    "APP-2,Relates,out,GONE-1,0\n",
}


def write(folder: Path, name: str, text: str, packed: bool) -> None:
    """Write a file, plain or with gzip."""
    if packed:
        with gzip.open(folder / f"{name}.gz", "wt", encoding="utf-8", newline="") as file:
            file.write(text)
    else:
        (folder / name).write_text(text, encoding="utf-8")


def load(folder: Path) -> Sandbox:
    """Return a sandbox with the folder's issues."""
    sandbox = create_sandbox(empty=True)
    populate(sandbox, folder)
    return sandbox


@pytest.fixture(params=[False, True], ids=["plain", "gzip"])
def imported(request: pytest.FixtureRequest, tmp_path: Path) -> Sandbox:
    for name, text in {"issues.csv": ISSUES, **OTHERS}.items():
        write(tmp_path, name, text, request.param)
    return load(tmp_path)


def test_issues_keep_their_keys_times_and_texts(imported: Sandbox) -> None:
    bug = imported.jira.by_key["APP-2"]
    assert (bug.summary, bug.status.name, bug.status.category.key) == ("Crash, when offline", "Closed", "done")
    assert bug.resolution is not None
    assert bug.resolution.name == "Fixed"
    assert bug.updated.isoformat() == "2015-02-01T10:00:00+00:00"
    assert text_from_adf(bug.description) == "It crashes.\n\nAlways."
    assert (bug.labels, bug.components) == (("crash", "null"), ("iOS", "Android"))


def test_words_like_none_and_na_are_words(imported: Sandbox) -> None:
    assert imported.jira.by_key["APP-3"].summary == "NA"
    assert imported.jira.by_key["APP-2"].priority.name == "None"
    assert imported.jira.by_key["APP-3"].assignee is None


def test_epics_parents_and_links_are_those_of_the_files(imported: Sandbox) -> None:
    jira = imported.jira
    bug, subtask = jira.by_key["APP-2"], jira.by_key["APP-3"]
    assert jira.parent(bug) is jira.by_key["APP-1"]
    assert jira.parent(subtask) is bug
    assert subtask.type.subtask
    assert [(link.source, link.target) for link in bug.links] == [(jira.by_key["APP-1"].id, bug.id)]


def test_an_epic_that_is_not_among_the_issues_is_made(imported: Sandbox) -> None:
    epic = imported.jira.by_key["LIB-7"]
    assert (epic.type.name, epic.summary, epic.created.year) == ("Epic", "Rewrite", 2014)


def test_reporters_become_accounts_beside_the_twelve_people(imported: Sandbox) -> None:
    assert {"imported:ann", "imported:ben", "712020:bob"} <= imported.jira.users.keys()
    assert imported.world is not None
    assert len(imported.world.people) == 12
    assert [(p.key, p.type) for p in imported.world.projects] == [("APP", "scope"), ("LIB", "scope")]


def test_imported_issues_can_be_moved_and_new_ones_made(imported: Sandbox) -> None:
    jira = imported.jira
    issue = jira.by_key["APP-3"]
    (step,) = [t for t in jira.workflow(issue).available("In Review") if t.target == "Closed"]
    jira.transition("712020:bob", issue, step.id)
    assert issue.status.name == "Closed"
    fields = {"project": {"key": "APP"}, "issuetype": {"name": "Bug"}, "summary": "Next"}
    assert jira.create("712020:bob", fields).key == "APP-4"


def test_a_folder_without_issues_or_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"issues\.csv"):
        load(tmp_path)
    (tmp_path / "issues.csv").write_text("key,project\nA-1,A\n")
    with pytest.raises(ValueError, match="no column 'issue_type'"):
        load(tmp_path)


@pytest.mark.skipif(not TITANIUM.exists(), reason="../shared with the real issues is not there")
def test_the_real_archive_loads_as_a_whole() -> None:
    jira = load(TITANIUM).jira
    with (TITANIUM / "epic_links.csv").open(encoding="utf-8", newline="") as file:
        links = list(csv.DictReader(file))
    assert len(jira.issues) == 22_830 + 14
    parents = {row["key"]: jira.parent(jira.by_key[row["key"]]) for row in links}
    assert all(parent is not None and parent.type.name == "Epic" for parent in parents.values())
    assert {row["key"]: row["epic_key"] for row in links} == {k: p.key for k, p in parents.items() if p}
