"""What Home shows, as a pure function of what it is given."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from blocks.home import home_view
from sandbox.client import blocks_text
from services.accounts import AccountRef, MemberRef, Role
from services.home import AgentLine, AlertLine, HomeData, SourceLine
from services.home.types import FocusLine, SuggestionCount
from services.slack.limits import VIEW_BLOCKS

AT = datetime(2026, 11, 18, 15, 30, tzinfo=UTC)
TOKEN = f"<!date^{int(AT.timestamp())}^"
ACCOUNT = AccountRef("acc", "T1", "Harborline & Sons", "America/New_York")
PRIYA = MemberRef(1, "U1", "Priya Shah", Role.PM, "America/New_York", "712020:priya")
AGENT = AgentLine(
    name="time-tracking",
    title="Time tracking",
    schedule="Mondays 10:00",
    mode="live",
    status="done",
    last_at=AT,
    last_line="3 people <!channel> behind",
    next_at=AT,
    may_run=True,
)


def text_of(data: HomeData) -> str:
    return blocks_text(home_view(data)["blocks"])


def actions_of(data: HomeData) -> set[str]:
    found: set[str] = set()
    for block in home_view(data)["blocks"]:
        elements = [*block.get("elements", []), block.get("accessory", {})]
        found |= {element["action_id"] for element in elements if "action_id" in element}
    return found


def test_every_part_says_when_it_is_empty() -> None:
    text = text_of(HomeData(ACCOUNT, PRIYA))
    for words in ("None. `/ticket focus KEY`", "Nothing. Epic suggestions", "None. All is quiet.", "None yet."):
        assert words in text
    assert "Harborline &amp; Sons" in text


def test_who_is_not_linked_is_asked_to_and_who_is_is_not() -> None:
    assert "link_open" not in actions_of(HomeData(ACCOUNT, PRIYA))
    assert "link_open" in actions_of(HomeData(ACCOUNT, replace(PRIYA, jira_account_id=None)))


def test_agents_show_their_runs_in_the_readers_own_time_and_can_be_run_by_who_may() -> None:
    data = HomeData(ACCOUNT, PRIYA, agents=(AGENT,))
    text = text_of(data)
    assert f"Last run {TOKEN}" in text
    assert f"Next run {TOKEN}" in text
    assert "3 people &lt;!channel&gt; behind" in text
    assert {"home_run:time-tracking", "home_dry_run:time-tracking"} <= actions_of(data)
    for other in (replace(AGENT, may_run=False), replace(AGENT, is_running=True)):
        assert "home_run:time-tracking" not in actions_of(HomeData(ACCOUNT, PRIYA, agents=(other,)))


def test_an_agent_that_is_off_or_in_shadow_mode_says_so() -> None:
    assert "Switched off." in text_of(HomeData(ACCOUNT, PRIYA, agents=(replace(AGENT, mode="off"),)))
    assert "_shadow_" in text_of(HomeData(ACCOUNT, PRIYA, agents=(replace(AGENT, mode="shadow"),)))


def test_focus_approvals_and_alerts_lead_to_where_they_are() -> None:
    data = HomeData(
        ACCOUNT,
        PRIYA,
        focus=FocusLine("APP-1", "Login <fails>", "In Progress", "https://jira.test/browse/APP-1"),
        suggestions=(SuggestionCount("APP", 1, "https://slack.test/p1"), SuggestionCount("OPS", 4, "")),
        alerts=(
            AlertLine("*ACME* is at 91 %", "warning", "sent", AT, "https://slack.test/p2"),
            AlertLine("Later", "info", "folded", AT, ""),
        ),
    )
    text = text_of(data)
    assert "<https://jira.test/browse/APP-1|APP-1> Login &lt;fails&gt; · In Progress" in text
    assert "*APP*: 1 ticket without an epic · <https://slack.test/p1|go there>" in text
    assert "*OPS*: 4 tickets without an epic\n" in text + "\n"
    assert "<https://slack.test/p2|show>" in text
    assert "waits for your digest" in text


def test_stale_data_and_vendors_that_are_down_stand_out() -> None:
    sources = (SourceLine("Jira", AT, True, "Jira is down <now>"), SourceLine("Tempo", None, True, ""))
    text = text_of(HomeData(ACCOUNT, PRIYA, sources=sources, resting_vendors=("Jira", "Tempo")))
    assert f":warning: Jira read {TOKEN}" in text
    assert "Jira is down &lt;now&gt;" in text
    assert "Tempo: not read yet" in text
    assert "Jira and Tempo do not answer" in text


def test_the_same_data_gives_the_same_view_whatever_the_time() -> None:
    data = HomeData(ACCOUNT, PRIYA, agents=(AGENT,), sources=(SourceLine("Jira", AT, False, ""),))
    assert home_view(data) == home_view(data)
    assert len(home_view(data)["blocks"]) < VIEW_BLOCKS


def test_an_alert_of_many_lines_shows_its_first_two() -> None:
    told = "Time tracking, Nov 9 to 15.\n*Storefront*: *33 %*\n*Not compliant*\n• Bob"
    text = text_of(HomeData(ACCOUNT, PRIYA, alerts=(AlertLine(told, "info", "sent", AT, ""),)))
    assert "Time tracking, Nov 9 to 15. *Storefront*: *33 %*\n" in text
    assert "Not compliant" not in text


def test_an_alert_that_brings_its_own_icon_gets_no_second_one() -> None:
    alerts = (AlertLine(":warning: Jira is not answering.", "warning", "sent", AT, ""),)
    assert "\n:warning: Jira is not answering." in text_of(HomeData(ACCOUNT, PRIYA, alerts=alerts))
