"""The weekly roll-up for leadership, on figures added up by hand."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from blocks.pm import rollup as blocks
from services.accounts.types import MemberRef, Role
from services.pm.rollup import ProjectWeek, RollUpData, RollUpNumbers, roll_up
from services.pm.types import TeamMember, Week

MONDAY = date(2026, 11, 23)
LAST = Week(date(2026, 11, 16))
WEEKS = tuple(LAST.back(number) for number in range(4, -2, -1))
ANA = MemberRef(1, "U1", "Ana <b>", Role.ENGINEER, "UTC", "ana")
BEN = MemberRef(2, "U2", "Ben", Role.ENGINEER, "UTC", "ben")
PEOPLE = (TeamMember(ANA, "Web"), TeamMember(BEN, "Ops"))
pytestmark = pytest.mark.requirement("PM-6.5")


def data(*rows: ProjectWeek, **rest: int) -> RollUpData:
    return RollUpData(MONDAY, WEEKS, rows, {"SHOP": "Shop"}, PEOPLE, (BEN,), **rest)


ROWS = (
    ProjectWeek("SHOP", LAST.back(1), 20, 4, {"ana": 4}),
    ProjectWeek("SHOP", LAST, 20, 5, {"ana": 3, "gone": 2}),
    ProjectWeek("APP", LAST, 30, 1, {"ben": 1}),
    ProjectWeek("OLD", LAST.back(1), 10, 0),
    ProjectWeek("NONE", LAST, 0, 0),
)


def test_the_newest_week_is_added_up_and_compared_with_the_one_before() -> None:
    found = roll_up(data(*ROWS, decided=8, taken=6, waiting=1))
    assert found is not None
    assert (found.week, found.total, found.orphaned, found.percent) == (LAST, 50, 6, Fraction(88))
    assert found.trend[-2:] == ((LAST.back(1), Fraction(100 * 26, 30)), (LAST, Fraction(88)))
    assert found.moved == 88 - Fraction(2600, 30)
    assert [(p.key, p.percent, p.moved) for p in found.projects] == [
        ("SHOP", 75, -5),
        ("APP", Fraction(2900, 30), None),
    ]
    assert [project.key for project in found.below] == ["SHOP"]
    assert [(team.team, team.by_week[-2:]) for team in found.teams] == [
        ("Web", (4, 3)),
        ("", (0, 2)),
        ("Ops", (0, 1)),
    ]
    assert [(creator.member, creator.orphans) for creator in found.creators] == [(ANA, 3), (None, 2), (BEN, 1)]


def test_the_message_says_the_share_first_and_names_people_kindly() -> None:
    found = roll_up(data(*ROWS, decided=8, taken=6, waiting=1))
    assert found is not None
    text, shown = blocks.message(found, MONDAY)
    assert "*88 %* (up 1 point) have an epic: 44 of 50 open tickets." in text
    assert "*SHOP* Shop: 75 % (down 5 points), 5 of 20 without" in text
    assert "Web: *3* (week before: 4)" in text
    assert "*Who could use a hand with linking*\n• Ana &lt;b&gt;: 3 tickets" in text
    assert "*75 %* of the suggestions were right at once (6 of 8). 1 ticket waits for a PM's decision." in text
    assert "<@" not in text, "nobody is called into it"
    assert len(shown) < 12


def test_when_all_is_linked_it_says_so_and_without_any_week_there_is_no_message() -> None:
    found = roll_up(data(ProjectWeek("APP", LAST, 10, 0)))
    assert found is not None
    assert found.moved is None
    assert "Every project is above 90 %" in blocks.message(found, MONDAY)[0]
    assert roll_up(data()) is None
    assert roll_up(data(ProjectWeek("NONE", LAST, 0, 0))) is None


@pytest.mark.requirement("TRUST-7")
def test_the_numbers_open_each_share_with_its_formula_and_the_tickets_behind_it() -> None:
    found = roll_up(data(*ROWS, decided=8, taken=6))
    assert found is not None
    _, shown = blocks.message(found, MONDAY)
    buttons = [element for block in shown if block["type"] == "actions" for element in block["elements"]]
    assert [(each["text"]["text"], each["value"]) for each in buttons] == [
        ("Show the numbers", '{"day": "2026-11-23"}')
    ]
    many = tuple(f"SHOP-{number}" for number in range(1, 46))
    text = str(blocks.numbers_view(RollUpNumbers(found, {"SHOP": many, "APP": ()}), "https://j/"))
    assert "All projects: (50 open - 6 without an epic) / 50 x 100 = *88.0 %*" in text
    assert "*SHOP*: (20 open - 5 without an epic) / 20 x 100 = *75.0 %*" in text
    assert "*SHOP* (45): <https://j/browse/SHOP-1|SHOP-1>, " in text
    assert "and 5 more" in text
    assert "Web: · → · → · → 4 → 3" in text
    assert "6 tickets got the epic that was suggested first / 8" in text
