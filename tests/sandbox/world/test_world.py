"""The world: the same for the same day, and its stories true in what the vendors hold."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from sandbox.core import Sandbox
from sandbox.jira.jql import compile_query, parse
from sandbox.jira.jql.search import Asker
from sandbox.jira.model import Issue
from sandbox.world.people import World
from tests.sandbox.copies import copied_world, world_as_of

DAYS = [
    datetime(2026, 11, 18, 15, tzinfo=UTC),
    datetime(2026, 12, 2, 15, tzinfo=UTC),
    datetime(2027, 1, 5, 15, tzinfo=UTC),
    datetime(2027, 3, 1, 3, tzinfo=UTC),
    datetime(2027, 7, 15, 23, tzinfo=UTC),
]
ORPHANS = (
    "project in (SHOP, PORT) AND parent is EMPTY AND issuetype NOT IN subTaskIssueTypes() AND issuetype != Epic "
    "AND statusCategory != Done"
)


@pytest.fixture(scope="module", params=DAYS, ids=lambda day: day.date().isoformat())
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    now: datetime = request.param
    return world_as_of(now)


def world_of(sandbox: Sandbox) -> World:
    """Return the world of a sandbox."""
    assert sandbox.world is not None
    return sandbox.world


def hours(sandbox: Sandbox, account: str, start: str, end: str) -> float:
    """Return the hours that Tempo holds."""
    logs = sandbox.tempo.worklogs(date.fromisoformat(start), date.fromisoformat(end), authors=[account])
    return sum(log.seconds for log in logs) / 3600


def find(sandbox: Sandbox, jql: str) -> list[Issue]:
    """Run a query."""
    asker = Asker("nobody", ZoneInfo("America/New_York"), sandbox.clock.now())
    return compile_query(parse(jql), sandbox.jira, asker).run()


def test_the_same_day_gives_the_same_world() -> None:
    one = world_as_of(DAYS[0])
    for other in (world_as_of(DAYS[0]), copied_world(DAYS[0])):
        assert world_of(one).stories == world_of(other).stories
        assert [(i.key, i.summary, i.status.name) for i in one.jira.issues.values()] == [
            (i.key, i.summary, i.status.name) for i in other.jira.issues.values()
        ]


def test_there_are_800_tickets_30_epics_and_nothing_of_the_future(sandbox: Sandbox) -> None:
    issues, now = sandbox.jira.issues.values(), sandbox.clock.now()
    assert len(issues) == 800
    assert sum(1 for issue in issues if issue.type.name == "Epic") == 30
    assert max(issue.updated for issue in issues) <= now
    assert max(log.updated for log in sandbox.jira.worklogs.values()) <= now


def test_the_changelog_leads_to_the_status_of_every_issue(sandbox: Sandbox) -> None:
    for issue in sandbox.jira.issues.values():
        here = sandbox.jira.workflow(issue).statuses[0]
        for history in issue.histories:
            for item in history.items:
                if item.field == "status":
                    assert item.before_text == here, issue.key
                    here = str(item.after_text)
        assert here == issue.status.name, issue.key


def test_nobody_works_on_weekends_holidays_or_leave(sandbox: Sandbox) -> None:
    for log in sandbox.jira.worklogs.values():
        (day,) = sandbox.tempo.schedule(log.author, log.day, log.day)
        assert day.type == "WORKING_DAY"
    for plan in sandbox.tempo.plans.values():
        assert sandbox.tempo.worklogs(plan.start, plan.end, authors=[plan.account_id]) == []


@pytest.mark.parametrize(
    ("key", "status"),
    [
        ("jonas", "compliant"),
        ("alice", "compliant"),
        ("bob", "non-compliant"),
        ("sam", "partial"),
        ("mei", "compliant"),
        ("fatima", "compliant"),
        ("luca", "non-compliant"),
    ],
)
def test_last_weeks_hours_are_what_the_stories_say(sandbox: Sandbox, key: str, status: str) -> None:
    world = world_of(sandbox)
    week, facts = world.story("week").facts, world.story(f"week-{key}").facts
    account = world.person(key).jira_account_id
    assert hours(sandbox, account, week["from"], week["to"]) == facts["hours"]
    assert facts["status"] == status
    required = facts["required_hours"]
    verdict = "compliant" if facts["hours"] >= 0.8 * required else "partial"
    assert status == (verdict if facts["hours"] >= 0.4 * required else "non-compliant")


def test_bob_is_non_compliant_three_weeks_in_a_row_and_not_four(sandbox: Sandbox) -> None:
    world = world_of(sandbox)
    monday = date.fromisoformat(world.story("week").facts["from"]).toordinal()
    shares = []
    for back in range(4):
        start, end = date.fromordinal(monday - 7 * back), date.fromordinal(monday - 7 * back + 6)
        account = world.person("bob").jira_account_id
        required = sum(day.required_seconds for day in sandbox.tempo.schedule(account, start, end)) / 3600
        shares.append(hours(sandbox, account, start.isoformat(), end.isoformat()) / required)
    assert [share < 0.4 for share in shares] == [True, True, True, False]


def test_sams_missing_days_have_no_entry(sandbox: Sandbox) -> None:
    facts = world_of(sandbox).story("week-sam").facts
    assert len(facts["missing_days"]) == 2
    assert all(hours(sandbox, "712020:sam", day, day) == 0 for day in facts["missing_days"])
    assert facts["hours"] == 22


def test_retainers_have_used_what_the_stories_say(sandbox: Sandbox) -> None:
    world = world_of(sandbox)
    for key in ("CARE", "BREW"):
        facts = world.story(f"retainer-{key.lower()}").facts
        today = sandbox.clock.now().astimezone(ZoneInfo("America/New_York")).date()
        logs = sandbox.tempo.worklogs(today.replace(day=1), today, project_ids=[int(sandbox.jira.projects[key].id)])
        assert sum(log.seconds for log in logs) / 3600 == facts["hours"]
        if key == "CARE" and facts["working_days_gone"] >= 8:
            assert facts["hours"] == 147.2


def test_one_epic_is_47_percent_over_and_the_most_of_all(sandbox: Sandbox) -> None:
    world = world_of(sandbox)
    facts = world.story("overrun").facts
    epic = sandbox.jira.by_key[facts["epic"]]
    below = {epic.id} | set(sandbox.jira.children[epic.id])
    below |= {child for issue in list(below) for child in sandbox.jira.children.get(issue, {})}
    actual = sum(log.seconds for log in sandbox.tempo.worklogs(issue_ids=below)) / 3600
    assert (actual - facts["forecast_hours"]) / facts["forecast_hours"] * 100 == pytest.approx(47.0)
    others = [f.actual_hours / f.forecast_hours for f in world.forecasts if f.epic_key != epic.key]
    assert max(others) < 1.3


def test_the_open_tickets_without_epic_are_those_of_the_story(sandbox: Sandbox) -> None:
    facts = world_of(sandbox).story("orphans").facts
    assert {issue.key for issue in find(sandbox, ORPHANS)} == {*facts["easy"], *facts["ambiguous"], *facts["none"]}
    assert (len(facts["easy"]), len(facts["ambiguous"]), len(facts["none"])) == (8, 3, 2)
    hidden = [sandbox.jira.by_key[key] for key in facts["not_listed"].values()]
    assert [(i.status.category.key == "done", i.type.subtask) for i in hidden] == [(True, False), (False, True)]


def test_only_the_stuck_review_has_waited_for_more_than_five_days(sandbox: Sandbox) -> None:
    facts = world_of(sandbox).story("stuck-review").facts
    now = sandbox.clock.now()
    waiting = find(sandbox, 'status in ("Code Review", QA)')
    long = {
        issue.key
        for issue in waiting
        if (now - max(h.created for h in issue.histories if h.items[0].field == "status")).days >= 7
    }
    assert long == {facts["key"]}


def test_the_blocked_ticket_names_its_blocker(sandbox: Sandbox) -> None:
    facts = world_of(sandbox).story("blocked").facts
    blocked, blocker = sandbox.jira.by_key[facts["key"]], sandbox.jira.by_key[facts["blocker"]]
    assert blocked.status.name == "Blocked"
    assert any((link.source, link.target) == (blocker.id, blocked.id) for link in blocked.links)


def test_a_holiday_of_last_week_is_a_story() -> None:
    assert world_of(world_as_of(DAYS[0])).story("week-holiday").facts["name"] == "Veterans Day"


def test_the_bot_is_in_every_channel_but_random(sandbox: Sandbox) -> None:
    without = [c.name for c in sandbox.slack.channels.values() if "U0FLOWPILOT" not in c.members]
    assert without == ["random"]
