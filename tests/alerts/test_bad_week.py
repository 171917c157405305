"""A bad week: few messages each, everything severe at once, nobody off disturbed, nothing lost and nothing twice."""

from __future__ import annotations

import ast
import asyncio
from pathlib import Path

import pytest

from services.alerts import Severity, Status
from services.alerts.policy import POLICY, policy_table
from services.alerts.service import VENDORS_AGENT
from tests.alerts import bad_week
from tests.alerts.bad_week import MONDAY, OFF, PEOPLE, TEMPO_IS_BACK, Played


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The week, played once."""
    folder: Path = tmp_path_factory.mktemp("week")
    return asyncio.run(bad_week.play(folder))


@pytest.mark.requirement("PM-7.1")
def test_each_person_gets_few_messages_a_day_whatever_is_found(played: Played) -> None:
    for person in PEOPLE:
        days = [when.date() for when, _ in played.received(person)]
        assert max((days.count(day) for day in days), default=0) <= 6, "five, and a digest"
    engineers = [len(played.received(person)) for person in bad_week.ENGINEERS]
    assert max(engineers) <= 10
    found = sum(recipient.startswith("U") for _, recipient in played.handed_over)
    assert sum(len(played.received(person)) for person in PEOPLE) < found * 0.75


@pytest.mark.requirement("PM-7.1")
def test_everything_critical_came_the_moment_it_was_found(played: Played) -> None:
    for (key, recipient), (when, finding) in played.handed_over.items():
        if finding.severity is not Severity.CRITICAL:
            continue
        mark = finding.text.partition("⟦")[2].rstrip("⟧")
        (message,) = [m for m in played.slack.messages if mark in str(m.blocks)]
        assert message.channel == f"D-{recipient}", key
        assert played.slack.times[message.ts] == when
    projects = {key for (key, recipient) in played.handed_over if ":100:" in key and recipient.startswith("U")}
    assert len(projects) == 3, "three projects are over budget"
    lena = played.received("LENA")
    assert [when.hour for when, _ in lena] == [17], "in Berlin"


@pytest.mark.requirement("PM-7.1")
def test_nobody_on_leave_is_disturbed_and_their_pm_hears_what_needs_acting_now(played: Played) -> None:
    for person, days in OFF.items():
        assert [when for when, _ in played.received(person) if (when.date() - MONDAY).days in days] == []
    bob = played.received("BOB")
    came = {when.strftime("%a %H:%M") for when, message in bob if "Too little logged" in message.text}
    assert came == {"Fri 08:01"}, "what could wait came on the first working morning"
    delegated = [row for row in played.rows if row.status == Status.DELEGATED]
    assert {row.recipient for row in delegated} == {"UBOB", "UERIK"}
    keys = {row.dedupe_key for row in delegated}
    stand_ins = {row.dedupe_key for row in played.rows if row.recipient in ("UPRIYA", "UMARCUS")} & keys
    assert stand_ins == keys
    assert any("<@UERIK> is on leave, so you hear of this" in message.text for _, message in played.received("PRIYA"))


@pytest.mark.requirement("PM-7.1")
def test_nothing_is_lost_and_nothing_is_told_twice(played: Played) -> None:
    told = bad_week.markers(played)
    marks = {f.text.partition("⟦")[2].rstrip("⟧") for _, f in played.handed_over.values()}
    assert told == dict.fromkeys(marks, 1)
    rows = {row.id: row for row in played.rows}
    for row in played.rows:
        assert row.status in (Status.SENT, Status.DIGESTED, Status.DELEGATED)
        assert row.status != Status.DIGESTED or rows[row.bundled_in_id or 0].status == Status.SENT


def test_tempo_down_on_monday_morning_is_said_once_and_the_week_is_caught_up(played: Played) -> None:
    texts = [row.text for row in played.rows if row.agent == VENDORS_AGENT]
    assert len(texts) == 2, "down, and back"
    reminders = [(when, f) for when, f in played.handed_over.values() if f.kind == "reminder"]
    assert {when.time() for when, _ in reminders} == {TEMPO_IS_BACK[1].replace(minute=46)}
    assert len([m for _, m in played.received("ALICE") if "Too little logged" in m.text]) == 1


def test_the_page_says_what_the_code_does(played: Played) -> None:
    page = bad_week.PAGE.read_text()
    assert policy_table() in page, "python -m tests.alerts.bad_week writes it"
    assert bad_week.table(played) in page, "python -m tests.alerts.bad_week writes it"


def test_every_kind_is_in_the_policy_once_and_every_agent_has_a_line() -> None:
    from agents.catalogue import AGENTS

    kinds = [(line.agent, line.kind) for line in POLICY]
    assert len(kinds) == len(set(kinds))
    assert {spec.name for spec in AGENTS} <= {line.agent for line in POLICY}


def test_no_agent_makes_up_a_severity_of_its_own() -> None:
    named = [
        (path.name, node.attr)
        for path in sorted((bad_week.PAGE.parents[1] / "agents" / "pm").glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Severity"
    ]
    assert named == []
