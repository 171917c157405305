"""What a PM's Monday card says, and of what it is silent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from agents.schedule import WorkingMonday, slots_between
from blocks.pm import monday as blocks
from services.accounts.types import MemberRef, Role
from services.pm.budgets.months import BudgetMonth
from services.pm.budgets.types import BudgetData, RetainerData
from services.pm.hours import LoggedTime
from services.pm.monday.compose import compose
from services.pm.monday.types import ExtraLine, MondayData, StuckItem, Trouble
from services.pm.months import Month
from services.pm.types import ProjectRef, ProjectType
from services.pm.working_days import WorkingCalendar
from tests.pm.variance.test_assess import data as variance_data

MONDAY, AT = date(2026, 11, 23), datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
PRIYA = MemberRef(1, "U1", "Priya", Role.PM, "UTC")
ADA = MemberRef(2, "U2", "Ada", Role.ADMIN, "UTC")
CARE = ProjectRef("CARE", "Care <plan>", ProjectType.RETAINER, PRIYA, "C1", 6000, ())
SHOP = ProjectRef("SHOP", "Shop", ProjectType.SCOPE, PRIYA, None, None, ())
CALM = ProjectRef("CALM", "Calm", ProjectType.SCOPE, PRIYA, "C2", None, ())
LOST = ProjectRef("LOST", "Lost", ProjectType.INTERNAL, None, None, None, ())
NOVEMBER = Month(2026, 11)
WORKED = tuple(WorkingCalendar(country="US").working_days(NOVEMBER.start, NOVEMBER.end))
pytestmark = pytest.mark.requirement("JOIN-5")


def budgets(hours: float) -> BudgetData:
    entry = LoggedTime("CARE", "", "CARE-1", "", "ana", date(2026, 11, 3), int(hours * 3600))
    month = BudgetMonth(NOVEMBER, {entry.day: entry.seconds}, dict.fromkeys(WORKED, 1.0))
    return BudgetData(MONDAY, NOVEMBER, WORKED, (RetainerData(CARE, month, (), (entry,)),), {})


def stuck(key: str, days: int, blocker: str | None = None) -> StuckItem:
    since = AT - timedelta(days=days)
    url = f"https://j/{key}"
    project, number = key.split("-")
    return StuckItem(key, project, "Code Review", since, blocker is not None, blocker or "", url, int(number))


def data(**rest: Any) -> MondayData:
    usual: dict[str, Any] = {"projects": (CARE, SHOP, CALM), "admins": (ADA,)}
    return MondayData(MONDAY, AT, **(usual | rest))


def test_projects_stand_by_trouble_with_what_is_wrong_and_quiet_ones_share_a_line() -> None:
    found = compose(
        data(
            budgets=budgets(92),
            variances=variance_data(at=AT, day=MONDAY),
            stuck=(stuck("SHOP-5", 6), stuck("SHOP-7", 2, "the <client>")),
        )
    )
    [card] = found.cards
    assert [(each.project.key, each.trouble) for each in card.cards] == [
        ("CARE", Trouble.WARNING),
        ("SHOP", Trouble.WARNING),
    ]
    text, shown = blocks.message(card, AT, "https://j/")
    assert "*CARE* Care &lt;plan&gt;\n• Budget: *92 %* of 100 h used, 8 h left, at this pace until *Tue Nov 24*" in text
    assert "1 epic over forecast: <https://j/browse/SHOP-1|SHOP-1> *+40 %*" in text
    assert (
        "2 items stuck: <https://j/SHOP-7|SHOP-7> blocked by the &lt;client&gt;, 2 days, "
        "<https://j/SHOP-5|SHOP-5> 6 days in Code Review" in text
    )
    assert text.endswith("Quiet: CALM.")
    labels = [e["text"]["text"] for block in shown if block["type"] == "actions" for e in block["elements"]]
    assert labels == ["Budget numbers", "Numbers of SHOP-1", "Stuck days"]
    opens = [e["value"] for block in shown if block["type"] == "actions" for e in block["elements"]][-1]
    assert opens == '{"stays": [7, 5], "day": "2026-11-23"}'


def test_a_week_without_trouble_is_one_line() -> None:
    [card] = compose(data(budgets=budgets(40))).cards
    assert card.cards == ()
    text, shown = blocks.message(card, AT, "https://j")
    assert "Nothing needs you this week. Quiet: CALM, CARE, SHOP." in text
    assert [block["type"] for block in shown] == ["header", "section"]


@pytest.mark.parametrize(
    ("hours", "trouble"),
    [(74, Trouble.QUIET), (75, Trouble.NOTICE), (90, Trouble.WARNING), (100, Trouble.CRITICAL)],
)
def test_a_budget_is_as_grave_as_its_threshold_unless_it_is_to_end_early(hours: float, trouble: Trouble) -> None:
    found = compose(data(budgets=replace(budgets(hours), day=date(2026, 11, 30))))
    card = next((each for each in found.cards[0].cards if each.project is CARE), None)
    grave = Trouble.QUIET if card is None else card.trouble
    early = card is not None and card.budget is not None and card.budget.ends_early
    assert grave == (max(trouble, Trouble.WARNING) if early else trouble)


def test_other_features_add_lines_and_a_project_without_a_pm_is_the_admins() -> None:
    extras = {"LOST": (ExtraLine("2 sessions are open <now>", Trouble.NOTICE),)}
    found = compose(data(projects=(CALM, LOST), extras=extras))
    ada, priya = found.cards
    assert (ada.recipient, [card.project.key for card in ada.cards]) == (ADA, ["LOST"])
    assert (priya.recipient, priya.cards) == (PRIYA, ())
    assert "• 2 sessions are open &lt;now&gt;" in blocks.message(ada, AT, "https://j")[0]


def test_channels_get_their_own_card_only_if_that_is_set_and_there_is_something_to_say() -> None:
    loud = data(budgets=budgets(101))
    assert compose(loud).for_channels == ()
    [card] = compose(replace(loud, to_channels=True)).for_channels
    assert card.project is CARE
    text, _ = blocks.channel_message(card, AT, MONDAY, "https://j")
    assert "*101 %* of 100 h used, 1 h over, used up on *Tue Nov 3*" in text


def test_many_projects_fit_into_one_message() -> None:
    many = tuple(replace(SHOP, key=f"P{number}") for number in range(120))
    found = compose(data(projects=many, stuck=tuple(stuck(f"P{number}-1", 12) for number in range(120))))
    text, shown = blocks.message(found.cards[0], AT, "https://j")
    assert len(shown) < 50
    assert "*P119*" in text


def test_after_a_holiday_the_card_comes_on_the_next_working_day() -> None:
    calendar = WorkingCalendar({date(2026, 12, 1): False}, country="US")
    start, end = datetime(2026, 8, 31, 12, tzinfo=UTC), datetime(2026, 9, 15, tzinfo=UTC)
    found = slots_between(WorkingMonday(time(11, 30)), "America/New_York", start, end, calendar.is_working_day)
    assert [f"{slot:%a %d %b}" for slot in found] == ["Mon 31 Aug", "Tue 08 Sep", "Mon 14 Sep"], "Labor Day"
