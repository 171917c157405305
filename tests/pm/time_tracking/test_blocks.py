"""How the messages read, whatever people and teams are called."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.pm import runs
from blocks.pm.time_numbers import numbers_view
from blocks.pm.time_tracking import reminder, summary
from blocks.pm.words import BARS, hours_text, listed, sparkline, week_text
from services.pm.time_tracking import assess_week
from services.pm.types import TimeTrackingSummary, Week
from services.slack.limits import VIEW_BLOCKS, fit_view
from tests.pm.time_tracking.test_arithmetic import HOUR, MONDAY, PM, data, person, schedule, worklog

HOSTILE = "<!channel> & *Bold* <https://evil.test|here>"


def summary_of(people: int = 1, **fields: Any) -> TimeTrackingSummary:
    """Return a PM's summary of people who logged 9 hours and a half on Monday."""
    found = assess_week(
        data(
            [*(replace(person(n, **fields), team=HOSTILE) for n in range(people)), PM],
            [worklog(f"a{n}", MONDAY, 34_200) for n in range(people)] + [worklog(HOSTILE, MONDAY, HOUR)],
            [day for n in range(people) for day in schedule(f"a{n}")],
        )
    )
    return found.summaries[0]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 h"), (34_200, "9 h 30 min"), (32 * HOUR - 1, "31 h 59 min"), (59, "0 h"), (2_700, "45 min")],
)
def test_hours_read_as_hours_and_minutes_and_never_as_more_than_there_are(seconds: int, text: str) -> None:
    assert hours_text(seconds) == text


@given(st.integers(0, 10**7))
def test_hours_lose_less_than_a_minute(seconds: int) -> None:
    hours, _, minutes = hours_text(seconds).removesuffix(" min").rpartition(" h")
    shown = int(hours or 0) * HOUR + int(minutes or 0) * 60
    assert 0 <= seconds - shown < 60


@given(st.lists(st.one_of(st.none(), st.integers(0, 100)), min_size=1, max_size=20))
def test_a_sparkline_has_a_bar_for_each_week_and_higher_bars_for_more(percents: list[int | None]) -> None:
    bars = sparkline(percents)
    assert len(bars) == len(percents)
    known = [(p, BARS.index(bar)) for p, bar in zip(percents, bars, strict=True) if p is not None]
    assert all(one[1] <= other[1] for one in known for other in known if one[0] <= other[0])


def test_weeks_and_lists_read_as_words() -> None:
    assert week_text(Week(date(2026, 11, 16))) == "Nov 16 to 22"
    assert week_text(Week(date(2026, 11, 30))) == "Nov 30 to Dec 6"
    assert [listed(["a", "b", "c"]), listed(["a"]), listed([])] == ["a, b and c", "a", ""]


def test_nothing_from_outside_is_markup_in_a_summary() -> None:
    found = summary_of(slack_user_id="", display_name=HOSTILE)
    text, blocks = summary(found)
    # what a select offers is plain text, in which nothing is markup
    numbers = [block for block in numbers_view(found)["blocks"] if block["type"] != "actions"]
    for shown in (text, str(blocks), str(numbers)):
        assert "<!channel>" not in shown
        assert "<https://evil.test" not in shown
    assert "&lt;!channel&gt;" in text


def test_a_reminder_of_a_week_without_empty_days_says_so() -> None:
    found = assess_week(data([person(1)], [worklog("a1", day, HOUR) for day in Week(MONDAY)], schedule("a1")))
    assert "No day is empty" in reminder(found.people[0], "https://example.test")[0]


@pytest.mark.requirement("PM-1.2", "PM-1.5")
def test_a_team_on_leave_is_neither_praised_nor_blamed() -> None:
    text, _ = summary(assess_week(data([person(1), PM], [], [])).summaries[0])
    assert "*Blue*: nobody had to log time" in text
    assert "Nobody here had to log time." in text
    assert "weeks*" not in text


@pytest.mark.requirement("TRUST-7")
def test_the_numbers_show_the_hours_by_person_and_day_the_formula_and_the_total() -> None:
    shown = str(numbers_view(summary_of()))
    assert "9 h 30 min / 40 h = 23.8 %: non-compliant" in shown
    assert "Mon 9 h 30 min / 8 h · Tue 0 h / 8 h" in shown
    assert "Sat" not in shown
    assert "*Total* 9 h 30 min" in shown
    assert "80 % of the required hours" in shown


@pytest.mark.requirement("TRUST-7")
def test_the_numbers_of_a_large_team_fit_in_a_modal_and_say_what_is_left_out() -> None:
    view = numbers_view(summary_of(120))
    assert len(view["blocks"]) <= VIEW_BLOCKS
    assert fit_view(view)["blocks"] == view["blocks"]
    assert "30 more people are in the total." in str(view)


def test_a_dry_run_shows_the_messages_and_a_live_one_only_who_got_any() -> None:
    messages = [runs.MessageShown("U1", "You logged 3 h.", "would send")]
    assert "You logged 3 h." in runs.run_result("Time", "line", "dry_run", messages)[0]
    sent = [replace(messages[0], recipient=f"U{number}", outcome="sent") for number in range(31)]
    live = runs.run_result("Time", "line", "live", sent, "U1")[0]
    assert "You logged" not in live
    assert live.endswith("and 1 more")


def test_a_live_run_names_each_reader_once_and_shows_who_asked_what_was_held_back_from_them() -> None:
    held = runs.MessageShown("U1", "SHOP-13 is over.", "held back: 5 messages today already")
    live = runs.run_result(
        "Variance", "line", "live", [held, held, replace(held, recipient="U2", text="Not yours")], "U1"
    )
    assert live[0].count("<@U1>") == 1
    assert "5 messages today already (2 parts)" in live[0]
    assert "For you:\nSHOP-13 is over." in live[0]
    assert "Not yours" not in live[0]


def test_a_run_ends_in_one_full_stop_and_shadow_is_called_a_mode() -> None:
    assert runs.run_result("Epics", "4 for review.", "live", [])[0] == "*Epics*: 4 for review."
    assert runs.mode_set("Epics", "shadow")[0].startswith("*Epics* is in shadow mode: it runs on schedule and only")


def test_why_a_run_failed_is_escaped_once() -> None:
    assert runs.run_failed("Epics", "R&D <x>")[0] == ":warning: *Epics* did not run: R&amp;D &lt;x&gt;"
