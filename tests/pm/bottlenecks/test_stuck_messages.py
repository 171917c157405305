"""What people are shown of stuck work: who sees which buttons, pages, trends, words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from agents.pm import bottlenecks as agent
from blocks.pm import bottlenecks as blocks
from blocks.pm import stuck_numbers as views
from blocks.pm.stuck_words import age_text, length_text, trend_lines
from services.accounts.types import MemberRef
from services.pm.bottlenecks.assess import joined, trend_of
from services.pm.bottlenecks.listing import shown
from services.pm.bottlenecks.stuck import Digest, Moved, People, StuckItem, StuckNumbers, WaitsFor, working_days_between
from services.pm.bottlenecks.types import Activity
from services.slack.limits import MESSAGE_BLOCKS
from tests.pm.bottlenecks.waiting import ALICE, NOW, PRIYA, SAM, ZONE, ago, is_working_day, member, stuck, wrote


def labels(item: StuckItem, reader: MemberRef) -> list[str]:
    return [
        e["text"]["text"] for b in blocks.item_blocks(item, reader) if b["type"] == "actions" for e in b["elements"]
    ]


@pytest.mark.requirement("PM-5.5")
def test_each_reader_gets_the_buttons_they_may_use() -> None:
    everything = ["Ping reviewer", "Escalate to lead", "Reassign…", "Show the numbers", "Not stuck"]
    assert labels(stuck(1), PRIYA) == everything
    assert labels(stuck(1), SAM) == ["Ping reviewer", "Show the numbers", "Not stuck"]
    assert labels(stuck(1), ALICE) == ["Escalate to PM", "Reassign…", "Show the numbers", "Not stuck"]
    assert labels(stuck(1), member(9, "Bob")) == ["Show the numbers"]
    assert labels(stuck(1, resolved_at=NOW), PRIYA) == []
    assert labels(stuck(1, dismissed_by=SAM), PRIYA) == []


@pytest.mark.requirement("PM-5.5", "PM-5.6")
def test_who_gets_a_digest_is_not_told_of_its_first_page_beside_it() -> None:
    items = shown(stuck(n, risk=n / 100, activity=Activity.BLOCKED) for n in range(1, 21))
    digest = Digest(date(2026, 11, 18), tuple(items), trend_of(items, NOW, ZONE), (), PRIYA)
    found = [alert for item in items for alert in agent._alerts(item, [])]
    alone, inside = agent._divided(found, [digest])
    assert {each.recipient.slack_id for each in inside} == {PRIYA.slack_user_id}
    assert [each.subject for each in inside] == [f"bottlenecks:SHOP-{n}" for n in range(20, 12, -1)]
    assert {each.told_in for each in inside} == {agent._digest(digest).dedupe_key}
    assert len(alone) + len(inside) == len(found)
    assert agent._divided(found, []) == (found, [])


def test_who_has_the_ball_depends_on_the_state() -> None:
    pull = "harborline/shop#1"
    assert stuck(1, pull, status="Review requested").to_ask == (ALICE,)
    assert stuck(1, pull, status="Changes requested").to_ask == (SAM,)
    assert stuck(1, pull, status="No reviewer").waits_for is WaitsFor.LEAD
    assert stuck(1, status="QA").to_ask == (SAM,)
    owned = stuck(1, status="Blocked", activity=Activity.BLOCKED, blocker_owner=PRIYA)
    assert (owned.waits_for, owned.to_ask) == (WaitsFor.OWNER, (PRIYA,))
    assert stuck(1, people=People(None, "", (), ALICE)).to_ask == (ALICE,)


@pytest.mark.requirement("PM-5.3")
def test_an_item_says_how_long_against_what_is_usual_and_why() -> None:
    quoted = stuck(1, context="Waits for the client.", quote="Waiting for *them* <!here>", quoted="Sam wrote today")
    text = blocks.item_blocks(replace(quoted, returns=1), PRIYA)[0]["text"]["text"]
    assert "*Code Review* for *9 days*, usually 9 h, 90 % within 2 d (SHOP · Code Review · High, 84 visits)" in text
    assert "here for the 2nd time" in text
    assert "Waits for the client. Sam wrote today: “Waiting for *them* &lt;!here&gt;”" in text
    assert "with Sam · waits for Alice" in text


@pytest.mark.requirement("PM-5.5")
def test_a_digest_is_paged_riskiest_first_and_never_over_slacks_limit() -> None:
    items = shown(stuck(n, risk=n / 100) for n in range(1, 21))
    found = Digest(date(2026, 11, 18), tuple(items), trend_of(items, NOW, ZONE))
    text, first = blocks.digest(found, PRIYA)
    assert text == "20 stuck items, Wed Nov 18; the longest is SHOP-20, 9 days."
    assert [b["block_id"] for b in first if b.get("block_id")] == [f"bottleneck:{n}" for n in range(20, 12, -1)]
    assert len(first) < MESSAGE_BLOCKS - 4
    assert "Page 3 of 3" in str(blocks.digest(found, PRIYA, 9)[1])
    acted = blocks.with_said(first, "bottleneck:20", "Alice was asked")
    assert len(acted) == len(first)
    assert not [b for b in acted if b.get("block_id") == "bottleneck:20"]
    assert blocks.stuck_list([], PRIYA, "SHOP", "There are 12 days of history")[0].endswith("Nothing is stuck in SHOP.")


def test_a_stuck_pull_request_is_told_with_its_stuck_ticket_and_alone_without_it() -> None:
    ticket, pull = stuck(1), stuck(2, "harborline/shop#1", ticket_keys=("SHOP-1",))
    (one,) = joined([ticket, pull])
    assert one.joined == (pull,)
    assert "harborline/shop#1" in blocks.item_blocks(one, PRIYA)[0]["text"]["text"]
    assert joined([pull]) == [pull]


def test_what_is_not_shown_moved_or_not_stuck_is_left_out() -> None:
    others = [stuck(2, is_shown=False), stuck(3, resolved_at=NOW), stuck(4, is_truly_stuck=False)]
    assert [each.id for each in shown([stuck(1), *others])] == [1]


@pytest.mark.requirement("PM-5.5")
def test_the_trend_counts_each_week_that_an_item_waited_by_status_person_and_team() -> None:
    moved = stuck(2, entered_at=ago(16), resolved_at=ago(8), status="QA")  # in the weeks of November 2 and 9
    robot = stuck(3, "harborline/shop#9", people=People(None, "dependabot[bot]"), team="", is_shown=False)
    trend = trend_of([stuck(1), moved, robot], NOW, ZONE)
    assert trend.weeks[-1] == date(2026, 11, 16)
    assert trend.overall.by_week == (0, 1, 3, 2)
    assert [(line.name, line.by_week) for line in trend.statuses] == [("Code Review", (0, 0, 2, 2))]
    assert {line.name: line.now for line in trend.people} == {"Sam": 1, "dependabot[bot]": 1}
    assert [line.name for line in trend.teams] == ["Storefront"]
    assert trend_lines(trend) == [
        "Stuck a week, the last 4: ▁▃█▅ 0 → 1 → 3 → 2",
        "Most in Code Review (2), with Sam (1), team Storefront (1)",
    ]


@pytest.mark.requirement("TRUST-7")
def test_the_numbers_show_history_curve_and_comments() -> None:
    history = (Moved(ago(16), "In Progress", "Sam"), Moved(ago(9), "Code Review", "Sam"))
    curve = ((3600.0, 0.75), (9 * 3600.0, 0.5), (86_400.0, 0.25), (172_800.0, 0.1), (400_000.0, 0.01))
    view = views.numbers_view(StuckNumbers(stuck(1), history, curve, "SHOP · Code Review", (wrote("Ready", 9),), ()))
    text = str(view)
    assert "50 % leave within 9 h" in text
    assert "90 % leave within 2 d" in text
    assert "*In Progress* · Sam · 7 d" in text
    assert "*Code Review* · Sam · still there" in text
    assert "*Sam*: Ready" in text
    assert "a fact and needs no baseline" in str(views.numbers_view(StuckNumbers(stuck(1), ())))


def test_lengths_and_ages_read_as_people_say_them() -> None:
    assert [length_text(s) for s in (20, 1800, 9 * 3600, 37.4 * 3600, 2.6 * 86_400, 40 * 86_400)] == [
        "1 min",
        "30 min",
        "9 h",
        "37 h",
        "2.5 d",
        "40 d",
    ]
    assert (age_text(3600 * 5, 0), age_text(86_400 * 9, 9), age_text(90_000, 1)) == ("5 h", "9 days", "1 day")


def test_working_days_leave_out_weekends_and_holidays() -> None:
    assert working_days_between(date(2026, 11, 9), date(2026, 11, 18), is_working_day) == 6
    assert working_days_between(date(2026, 11, 13), date(2026, 11, 16), is_working_day) == 1
    assert working_days_between(date(2026, 11, 18), date(2026, 11, 18) - timedelta(days=1), is_working_day) == 0


@pytest.mark.requirement("TRUST-7")
def test_the_stuck_days_of_a_message_are_opened_as_of_its_day() -> None:
    day = date(2026, 11, 16)
    moved = stuck(2, entered_at=ago(10), resolved_at=ago(1), title="", baseline="")
    text = str(views.several_view([stuck(1), moved], day, ZONE))
    assert "Code Review, Mon Nov 9 to Mon Nov 16: *7 days*, usually 9 h, 90 % within 2 d" in text
    assert "Sun Nov 8 to Mon Nov 16: *8 days*\\nMoved on <!date^" in text
    assert "None of this is known any more" in str(views.several_view([], day, ZONE))
    assert "and 5 more" in str(views.several_view([stuck(number) for number in range(45)], day, ZONE))
