"""JQL: what it finds, and what it says of what it cannot read."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.core import Bus, SandboxClock
from sandbox.jira import catalog
from sandbox.jira.adf import adf_from_text
from sandbox.jira.jql import JqlError, compile_query, parse
from sandbox.jira.jql.search import Asker
from sandbox.jira.state import JiraState

NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")
BOB, SAM = "712020:bob", "712020:sam"


@pytest.fixture(scope="module")
def site() -> JiraState:
    """Two projects: an epic with a story and its sub-task, a loose bug, a done task, a foreign task."""
    clock = SandboxClock()
    clock.set(NOW)
    jira = JiraState(clock, Bus())
    jira.add_user(BOB, "Bob Carter", "bob@harborline.test")
    jira.add_user(SAM, "Sam Okafor", "sam@harborline.test")
    jira.add_project("SHOP", "The shop", BOB, catalog.SOFTWARE)
    jira.add_project("PORT", "The portal", SAM, catalog.SOFTWARE)

    def make(project: str, kind: str, summary: str, days: float, **fields: object) -> None:
        values = {"project": {"key": project}, "issuetype": {"name": kind}, "summary": summary, **fields}
        clock.set(datetime.fromtimestamp(NOW.timestamp() - days * 86400, UTC))
        jira.create(BOB, values)
        clock.set(NOW)

    make("SHOP", "Epic", "Checkout", 30)
    make("SHOP", "Story", "Gift cards", 20, parent={"key": "SHOP-1"}, assignee={"accountId": BOB}, labels=["pay", "ui"])
    make("SHOP", "Sub-task", "Gift card test", 10, parent={"key": "SHOP-2"}, assignee={"accountId": SAM})
    make("SHOP", "Bug", "Basket lost", 5, priority={"name": "High"}, description=adf_from_text("The basket is empty."))
    make("SHOP", "Task", "Old icons", 3, labels=["ui"])
    make("PORT", "Task", "Login page", 1, assignee={"accountId": SAM})
    clock.set(datetime.fromtimestamp(NOW.timestamp() - 2 * 86400, UTC))
    jira.transition(BOB, jira.issue("SHOP-5"), "11")
    jira.transition(BOB, jira.issue("SHOP-5"), "41")
    clock.set(NOW)
    jira.add_comment(BOB, jira.issue("PORT-1"), adf_from_text("Waiting for the certificate"))
    return jira


def find(site: JiraState, jql: str) -> list[str]:
    """Return the keys that a query of Bob's finds."""
    return [issue.key for issue in compile_query(parse(jql), site, Asker(BOB, NEW_YORK, NOW)).run()]


@pytest.mark.parametrize(
    ("jql", "keys"),
    [
        ("project = SHOP AND issuetype = Epic", ["SHOP-1"]),
        ('project in (PORT, "The shop") and type = task', ["PORT-1", "SHOP-5"]),
        ("key in (SHOP-4, SHOP-2) ORDER BY key", ["SHOP-2", "SHOP-4"]),
        ("key >= SHOP-3 AND key < SHOP-5 ORDER BY key DESC", ["SHOP-4", "SHOP-3"]),
        ("assignee = currentUser()", ["SHOP-2"]),
        ('assignee = "sam@harborline.test" ORDER BY key', ["PORT-1", "SHOP-3"]),
        ("project = SHOP AND assignee is EMPTY ORDER BY key", ["SHOP-1", "SHOP-4", "SHOP-5"]),
        ("project = SHOP AND (assignee = 712020:bob OR priority = High) ORDER BY key", ["SHOP-2", "SHOP-4"]),
        ("labels = ui ORDER BY key", ["SHOP-2", "SHOP-5"]),
        ("labels in (pay) OR labels = nothing", ["SHOP-2"]),
        ("status = Done", ["SHOP-5"]),
        ("statusCategory = Done", ["SHOP-5"]),
        ("resolution = Unresolved AND project = SHOP ORDER BY key", ["SHOP-1", "SHOP-2", "SHOP-3", "SHOP-4"]),
        ("resolved >= -3d", ["SHOP-5"]),
        ("created >= -6d AND project = SHOP ORDER BY created", ["SHOP-4", "SHOP-5"]),
        ('created < "2026-11-01 00:00" ORDER BY created ASC', ["SHOP-1", "SHOP-2"]),
        (f"updated >= {int(NOW.timestamp() * 1000)}", ["PORT-1"]),
        ("updated > startOfDay()", ["PORT-1"]),
        ("created >= startOfMonth(-1) AND created < startOfMonth()", ["SHOP-2", "SHOP-1"]),
        ('text ~ "certificate"', ["PORT-1"]),
        ("summary ~ gift ORDER BY key", ["SHOP-2", "SHOP-3"]),
        ('summary ~ "gift cards"', ["SHOP-2"]),
        ('summary ~ "car*" ORDER BY key', ["SHOP-2", "SHOP-3"]),
        ("text ~ basket AND summary !~ gift", ["SHOP-4"]),
        ("parent = SHOP-1", ["SHOP-2"]),
        ("NOT project = SHOP", ["PORT-1"]),
        ("issue in linkedIssues(SHOP-1)", []),
    ],
)
def test_a_query_finds_exactly_what_it_says(site: JiraState, jql: str, keys: list[str]) -> None:
    assert find(site, jql) == keys


def test_no_epic_means_different_things_for_parent_and_epic_link(site: JiraState) -> None:
    loose = "project = SHOP AND parent is EMPTY AND issuetype NOT IN subTaskIssueTypes() AND issuetype != Epic"
    assert find(site, f"{loose} ORDER BY key") == ["SHOP-4", "SHOP-5"]
    assert find(site, 'project = SHOP AND "Epic Link" is EMPTY ORDER BY key') == [
        "SHOP-1",
        "SHOP-3",
        "SHOP-4",
        "SHOP-5",
    ]


def test_unequal_leaves_out_what_is_empty(site: JiraState) -> None:
    assert find(site, "project = SHOP AND assignee != 712020:bob") == ["SHOP-3"]
    assert find(site, "project = SHOP AND labels not in (pay)") == ["SHOP-5"]
    assert find(site, "assignee in (712020:bob, EMPTY) AND type = Story") == ["SHOP-2"]


def test_times_without_zone_are_the_askers(site: JiraState) -> None:
    query = parse('updated >= "2026-11-18 10:00"')
    assert compile_query(query, site, Asker(BOB, NEW_YORK, NOW)).run()
    assert not compile_query(query, site, Asker(BOB, ZoneInfo("America/Los_Angeles"), NOW)).run()


@pytest.mark.parametrize(
    ("jql", "words"),
    [
        ("project", "Expecting operator before the end of the query"),
        ("project SHOP", "Expecting operator but got 'SHOP'. The valid operators are '=', '!='"),
        ("project = ", "Expecting either a value, list or function at the end of the query"),
        ("project = AND", "You must surround 'AND' in quotation marks to use it as a value. (line 1, character 11)"),
        ("project = SHOP status = Done", "Expecting either 'OR' or 'AND' but got 'status'. (line 1, character 16)"),
        ("(project = SHOP", "Expecting ')' before the end of the query"),
        ('summary ~ "open', "The quoted string 'open' has not been completed"),
        ("assignee = bob@harborline.test", "The character '@' is a reserved JQL character"),
        ("universe = 42", "Field 'universe' does not exist or you do not have permission to view it."),
        ("project = NOPE", "The value 'NOPE' does not exist for the field 'project'."),
        ("status = Gone", "The value 'Gone' does not exist for the field 'status'."),
        ("key = SHOP-99", "An issue with key 'SHOP-99' does not exist for field 'key'."),
        ("summary = x", "The operator '=' is not supported by the 'summary' field."),
        ("project ~ x", "The operator '~' is not supported by the 'project' field."),
        ("updated > yesterday", "Date value 'yesterday' for field 'updated' is invalid."),
        ("assignee = nobody()", "Unable to find JQL function 'nobody()'."),
        ("project = SHOP ORDER BY universe", "Not able to sort using field 'universe'."),
        ("project = SHOP ORDER BY a,b,c,d,e,f,g,h", "maximum number of fields allowed in the ORDER BY clause is 7"),
    ],
)
def test_what_is_wrong_is_said_in_jiras_words(site: JiraState, jql: str, words: str) -> None:
    with pytest.raises(JqlError) as error:
        find(site, jql)
    assert words in str(error.value)


def test_all_complaints_come_at_once(site: JiraState) -> None:
    with pytest.raises(JqlError) as error:
        find(site, "project = NOPE AND universe = 42")
    assert len(error.value.messages) == 2


WORDS = st.sampled_from(
    [
        "project",
        "=",
        "SHOP",
        "AND",
        "(",
        ")",
        "not",
        "in",
        '"a b"',
        "'",
        "~",
        "is",
        "EMPTY",
        "-7d",
        "order",
        "by",
        ",",
        "!",
    ]
)


@given(st.lists(WORDS, max_size=12).map(" ".join) | st.text(max_size=30))
def test_any_text_is_either_read_or_refused(text: str) -> None:
    refusal: JqlError | None = None
    try:
        parse(text)
    except JqlError as error:
        refusal = error
    assert refusal is None or refusal.messages
