"""What Home shows, as a pure function of what it is given."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from blocks.home import home_view
from sandbox.client import blocks_text
from services.accounts import AccountRef, MemberRef, Role
from services.home import AgentLine, AlertLine, HomeData, SourceLine
from services.home.projects import budget_line, projects_for
from services.home.types import BudgetLine, FocusLine, OwnWeek, ProjectLine, ReportLine, SessionLine, SuggestionCount
from services.pilot.types import SessionStatus, SessionSummary
from services.pm.months import Month
from services.pm.types import ProjectRef, ProjectType, Week
from services.pm.working_days import WorkingCalendar
from services.slack.limits import VIEW_BLOCKS, fit_view

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


def test_a_session_leads_into_its_thread_by_its_title_and_by_its_button() -> None:
    session = SessionSummary("s-1", "VPN drops", SessionStatus.OPEN, "", "", 1, "C1", "1.2", None, 3, AT, AT, None)
    url = "https://slack.example/archives/C1/p12?thread_ts=1.2&cid=C1"
    engineer = replace(PRIYA, role=Role.ENGINEER)
    for each, label in ((url, f"<{url}|VPN drops>".replace("&", "&amp;")), ("", "*VPN drops*")):
        blocks = home_view(HomeData(ACCOUNT, engineer, sessions=(SessionLine(session, each),)))["blocks"]
        (block,) = [block for block in blocks if "VPN drops" in blocks_text([block])]
        assert label in block["text"]["text"]
        assert block["accessory"].get("url", "") == each
        assert block["accessory"]["action_id"] == "pilot.resume:s-1"


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


CARE = ProjectRef("CARE", "Care <plan>", ProjectType.RETAINER, PRIYA, "C1", 6000, ())
SHOP = ProjectRef("SHOP", "Shop", ProjectType.SCOPE, None, None, None, (PRIYA.id,))
TODAY = date(2026, 11, 18)


@pytest.mark.requirement("PM-7.3")
def test_projects_stand_by_trouble_with_their_figures_and_only_own_budgets_open() -> None:
    lines = (
        ProjectLine(CARE, is_own=True, budget=BudgetLine(360_000, 331_200, date(2026, 11, 20))),
        ProjectLine(
            SHOP, is_own=False, over=(("SHOP-1", 55.4), ("SHOP-2", 21.0), ("SHOP-3", 20.5)), stuck=3, blocked=1
        ),
        ProjectLine(replace(SHOP, key="CALM", name="Calm"), is_own=True),
    )
    report = ReportLine(7, Month(2026, 10), 2, 36_000, AT)
    week = OwnWeek(Week(date(2026, 11, 16)), 43_200, 144_000)
    home = HomeData(ACCOUNT, PRIYA, day=TODAY, own_week=week, projects=lines, report=report)
    text = text_of(home)
    assert text.index("*SHOP*") < text.index("*CARE*") < text.index("*CALM*")
    assert ":red_circle: *SHOP* Shop · _you only look_" in text
    assert "over forecast: SHOP-1 *+55 %*, SHOP-2 *+21 %* and 1 more · *3* stuck (1 blocked)" in text
    assert "*CARE* Care &lt;plan&gt;\n`█████████░` *92 %* of 100 h, at this pace until *Fri Nov 20*" in text
    assert "Nothing is over, stuck or without an epic." in text
    shadow = text_of(HomeData(ACCOUNT, PRIYA, day=TODAY, projects=(ProjectLine(SHOP, True, over=None, stuck=None),)))
    assert "Nothing is without an epic." in shadow
    assert "`███░░░░░░░` *12 h* of 40 h, Nov 16 to 22" in text
    assert "*Reconciliation of October 2026*, revision 2: 10 h" in text
    assert {"pm.budgets.numbers:CARE", "pm.report.copy"} <= actions_of(home)


def test_a_viewer_looks_at_budgets_and_opens_nothing() -> None:
    dana = replace(PRIYA, id=9, role=Role.VIEWER)
    line = ProjectLine(CARE, is_own=False, budget=BudgetLine(360_000, 396_000, date(2026, 11, 17)))
    home = HomeData(ACCOUNT, dana, day=TODAY, projects=(line,))
    assert "*110 %* of 100 h, used up on *Tue Nov 17*" in text_of(home)
    assert not {action for action in actions_of(home) if action.startswith("pm.")}
    assert "*Projects*" not in text_of(HomeData(ACCOUNT, dana))


def test_fifty_projects_and_ten_agents_fit() -> None:
    lines = tuple(ProjectLine(replace(SHOP, key=f"P{number}"), is_own=True, stuck=1) for number in range(50))
    agents = tuple(replace(AGENT, name=f"agent-{number}") for number in range(10))
    view = home_view(HomeData(ACCOUNT, PRIYA, day=TODAY, projects=lines, agents=agents))
    assert fit_view(view)["blocks"] == view["blocks"]
    assert "and 38 more projects" in text_of(HomeData(ACCOUNT, PRIYA, day=TODAY, projects=lines))


def test_a_budget_ends_by_the_pace_of_the_working_days_that_are_over() -> None:
    calendar = WorkingCalendar(country="US").is_working_day
    # 11 working days before the 18th, Veterans Day left out: 66 h are 6 h a day, and 34 h more take 6 days
    seconds = {("CARE", date(2026, 11, 3)): 66 * 3600, ("SHOP", date(2026, 11, 3)): 900 * 3600}
    found = budget_line(CARE, seconds, TODAY, calendar)
    assert found == BudgetLine(360_000, 66 * 3600, date(2026, 11, 25))
    assert budget_line(CARE, {}, TODAY, calendar) == BudgetLine(360_000, 0, None)
    first_day = budget_line(CARE, {}, date(2026, 12, 1), calendar)
    assert first_day == BudgetLine(360_000, 0, None, has_pace=False)
    home = HomeData(ACCOUNT, PRIYA, day=TODAY, projects=(ProjectLine(CARE, is_own=True, budget=first_day),))
    assert "*0 %* of 100 h, no pace to go by yet" in text_of(home)
    assert budget_line(SHOP, seconds, TODAY, calendar) is None
    assert budget_line(replace(CARE, monthly_retainer_minutes=0), seconds, TODAY, calendar) is None


def test_one_sees_what_one_manages_or_is_a_stakeholder_of_and_an_admin_without_any_all() -> None:
    marcus = replace(PRIYA, id=2)
    assert projects_for(PRIYA, [CARE, SHOP]) == [CARE, SHOP]
    assert projects_for(marcus, [CARE, SHOP]) == []
    assert projects_for(replace(marcus, role=Role.ADMIN), [CARE, SHOP]) == [CARE, SHOP]
