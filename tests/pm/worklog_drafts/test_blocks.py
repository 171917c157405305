"""How the form and the messages read, however much there is and whatever issues are called."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from blocks.pm.worklog_drafts import form, pages_of
from blocks.pm.worklog_messages import hours_message, logged_message
from services.accounts.types import MemberRef, Role
from services.pm.types import ComplianceStatus, Week
from services.pm.worklog_drafts.judging import obstacle
from services.pm.worklog_drafts.types import (
    DraftDay,
    DraftRow,
    DraftStatus,
    DraftWeek,
    Evidence,
    EvidenceKind,
    LogOutcome,
    NotLogged,
)
from services.slack.limits import VIEW_BLOCKS, fit_view

HOUR = 3600
MONDAY = date(2026, 11, 16)
HOSTILE = "<!channel> & *Bold* <https://evil.test|here>"
SAM = MemberRef(1, "U0SAM", "Sam", Role.ENGINEER, "UTC", "a1")


def row(number: int, day: date, status: DraftStatus = DraftStatus.EDITED) -> DraftRow:
    """Return a row with a commit behind it."""
    trace = Evidence(EvidenceKind.COMMIT, day, f"A-{number}", HOSTILE, url="https://github.test/1")
    return DraftRow(number, day, f"A-{number}", str(number), HOSTILE, HOUR, HOSTILE, (trace,), status)


def week(rows_a_day: int, status: DraftStatus = DraftStatus.EDITED) -> DraftWeek:
    """Return a week of five empty days with so many rows each."""
    days = [
        DraftDay(
            MONDAY + timedelta(days=n),
            8 * HOUR,
            0,
            tuple(row(10 * n + k, MONDAY + timedelta(days=n), status) for k in range(rows_a_day)),
        )
        for n in range(5)
    ]
    return DraftWeek(SAM, Week(MONDAY), tuple(days), ComplianceStatus.NON_COMPLIANT)


@pytest.mark.requirement("JOIN-1")
@pytest.mark.parametrize("rows_a_day", [0, 1, 5, 9])
def test_every_row_is_on_exactly_one_page_that_fits_into_a_view(rows_a_day: int) -> None:
    found = week(rows_a_day)
    pages = [
        form(found, page, site_url="https://jira.test", replies=False)
        for page in range(1, len(pages_of(found.days)) + 1)
    ]
    ids = [b["block_id"] for view in pages for b in view["blocks"] if str(b.get("block_id", "")).startswith("hours:")]
    assert len(ids) == len(set(ids)) == 5 * rows_a_day
    for view in pages:
        assert len(view["blocks"]) <= VIEW_BLOCKS
        assert fit_view(view)["blocks"] == view["blocks"]
        held = json.loads(view["private_metadata"])
        assert len(view["private_metadata"]) <= 3000
        here = sum(str(b.get("block_id", "")).startswith("hours:") for b in view["blocks"])
        assert here + len(held["elsewhere"]) == 5 * rows_a_day
        assert view.get("submit", {"text": "Log 0 h"})["text"] == f"Log {5 * rows_a_day} h"


def test_what_only_hints_speak_for_has_no_inputs_until_it_is_ticked_and_nothing_from_outside_is_markup() -> None:
    found = week(2, DraftStatus.DROPPED)
    view = form(found, 1, site_url="https://jira.test", replies=False)
    assert not [block for block in view["blocks"] if block["type"] == "input"]
    assert json.loads(view["private_metadata"])["offered"]["1"] == HOUR
    shown = str([block for block in view["blocks"] if block["type"] != "input"])
    assert "<!channel>" not in shown
    assert "<https://evil.test" not in shown


@pytest.mark.requirement("JOIN-1")
def test_an_empty_week_says_that_there_are_no_traces_and_a_closed_one_that_it_is_closed() -> None:
    text, _ = hours_message(week(0))
    assert "no traces of your work for the *40 h* that are missing, so nothing is drafted" in text
    free = DraftWeek(SAM, Week(MONDAY), (), ComplianceStatus.NOT_REQUIRED)
    assert hours_message(free)[0] == "Nothing is required of you in the week of Nov 16 to 22; *0 h* are logged."
    shown = str(form(week(0), 1, site_url="https://jira.test", replies=False))
    assert shown.count("No traces of your work that day") == 5
    closed = DraftWeek(SAM, Week(MONDAY), (), ComplianceStatus.PARTIAL, locked="Your timesheet is approved.")
    assert "submit" not in form(closed, 1, site_url="https://jira.test", replies=False)


def test_what_was_not_logged_is_listed_with_the_reason_and_the_way_to_try_again() -> None:
    failed = NotLogged(row(3, MONDAY), "Tempo refused: <no>")
    text, blocks = logged_message(LogOutcome(week(1), (), (failed,)))
    assert text.startswith(":warning: Nothing was logged")
    assert "Mon Nov 16 A-3 1 h: Tempo refused: &lt;no&gt;" in text
    assert "Look and log…" in str(blocks)
    assert "Undo all" not in str(blocks)


@pytest.mark.requirement("JOIN-1")
def test_a_row_is_held_back_that_would_fill_a_day_beyond_24_hours_or_that_nobody_has_seen_so() -> None:
    found = week(1)
    day = found.days[0]
    (entry,) = day.rows
    assert obstacle(found, day, entry, HOUR, {day.day: 0}, {day.day: 23 * HOUR}) == ""
    assert "24 hours" in obstacle(found, day, entry, HOUR, {day.day: 0}, {day.day: 23 * HOUR + 1})
    assert "changed in Tempo" in obstacle(found, day, entry, HOUR, {day.day: 60}, {day.day: 0})
    assert "drafted anew" in obstacle(found, day, entry, 2 * HOUR, {day.day: 0}, {day.day: 0})
    assert "still to come" in obstacle(found, replace(day, is_ahead=True), entry, HOUR, {}, {day.day: 0})
