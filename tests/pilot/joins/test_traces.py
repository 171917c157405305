"""What sessions tell others: hours for worklog drafts, lines for the Monday card."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.build import build_services, close_services
from application.demo import demo_settings
from db.models.pm.projects import Project
from services.accounts.types import MemberRef
from services.pilot.traces import LONGEST_PAUSE, SessionLines, SessionTraces, Unfinished, unfinished_lines, worked
from services.pilot.traces import session_traces as traces_of
from services.pilot.types import Author, TicketRef
from services.pm.monday.types import Trouble
from services.pm.types import Week
from services.pm.worklog_drafts.drafting import draft_week
from services.pm.worklog_drafts.evidence import span_of
from services.pm.worklog_drafts.types import EvidenceKind, LoggedDay, Span
from tests.pilot.engine.conftest import Desk, desk
from tests.pm.worklog_drafts.test_drafting import MONDAY, span

__all__ = ["desk"]

SITE = "https://jira.test"
NINE = datetime(2026, 11, 16, 14, tzinfo=UTC)
"""Nine in New York."""


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


@pytest.mark.requirement("JOIN-1")
def test_time_counts_from_the_first_to_the_last_act_of_a_day_without_the_long_pauses() -> None:
    sessions = {"s": ("SHOP-7", "Outlook <asks>\n again")}
    acts = [("s", at(minutes)) for minutes in (0, 10, 25, 120, 125, 24 * 60, 7 * 24 * 60)] + [("other", at(1))]
    first, second = traces_of(acts, sessions, span(), SITE)
    assert (first.kind, first.day, first.issue_key, first.seconds) == (EvidenceKind.SESSION, MONDAY, "SHOP-7", 30 * 60)
    assert (first.what, first.at, first.url) == (
        "Session “Outlook <asks> again”, 30 min",
        NINE,
        f"{SITE}/browse/SHOP-7",
    )
    assert (second.day, second.seconds, second.what) == (date(2026, 11, 17), 0, "Session “Outlook <asks> again”")
    (row,) = draft_week([LoggedDay(MONDAY, 3600)], [first, second], {"SHOP-7": "Mail"})
    assert (row.seconds, row.description) == (3600, "Troubleshooting: Mail")


@given(st.lists(st.integers(0, 5_000), max_size=30))
def test_no_more_is_counted_than_passed_and_nothing_of_a_pause(minutes: list[int]) -> None:
    found = worked(at(each) for each in minutes)
    assert timedelta() <= found <= timedelta(minutes=max(minutes, default=0) - min(minutes, default=0))
    assert found <= LONGEST_PAUSE * max(0, len(set(minutes)) - 1)


@pytest.mark.requirement("JOIN-5")
def test_a_projects_line_counts_its_sessions_and_speaks_up_only_where_one_waits_long_or_was_escalated() -> None:
    young, old = Unfinished("SHOP", False, at(0)), Unfinished("PORT", False, at(0) - timedelta(days=3))
    lines = unfinished_lines([young, old, replace(old, since=at(0)), Unfinished("CARE", True, at(0))], at(60))
    assert {key: line.text for key, (line,) in lines.items()} == {
        "SHOP": "1 troubleshooting session open",
        "PORT": "2 troubleshooting sessions open, the oldest for 3 days",
        "CARE": "1 session escalated in the last seven days",
    }
    assert [line.trouble for (line,) in lines.values()] == [Trouble.QUIET, Trouble.NOTICE, Trouble.NOTICE]


@pytest.mark.requirement("JOIN-1", "JOIN-5")
async def test_only_a_persons_own_acts_in_sessions_on_jira_tickets_are_traces_of_their_work(desk: Desk) -> None:
    now = datetime(2026, 11, 21, 9, tzinfo=UTC)
    week = Week(date(2026, 11, 16))
    shop = await desk.sessions.open("Checkout fails", desk.alice, ticket=TicketRef("jira", "SHOP-7"))
    psa = await desk.sessions.open("Outlook asks", desk.alice, ticket=TicketRef("connectwise", "48213"))
    for session in (shop, psa):
        await desk.sessions.add_message(session.id, Author.PERSON, "It began today", by=desk.alice)
        await desk.sessions.add_note(session.id, "The log is empty", desk.alice)
    await desk.sessions.add_note(shop.id, "Bob saw it too", desk.bob)
    await desk.sessions.attach_thread(psa.id, "C0CARE", "1.0")

    async def traces(member: MemberRef, week: Week = week) -> list[tuple[str, int]]:
        own = Span(member, week, "UTC", *span_of(week.start, "UTC"))
        return [(each.issue_key, each.seconds) for each in await SessionTraces(desk.database, SITE).traces(own)]

    (alices,) = await traces(desk.alice)
    assert alices[0] == "SHOP-7"
    assert 0 < alices[1] < 60
    assert await traces(desk.bob) == [("SHOP-7", 0)]
    assert await traces(desk.victor) == await traces(desk.alice, Week(date(2026, 11, 9))) == []

    async with desk.database.transaction() as transaction:
        transaction.add(Project(project_key="CARE", name="Care", project_type="retainer", slack_channel_id="C0CARE"))
    lines = await SessionLines(desk.database).lines(["SHOP", "CARE", "PORT"], now.date())
    assert {key: [line.text for line in found] for key, found in lines.items()} == {
        "SHOP": ["1 troubleshooting session open"],
        "CARE": ["1 troubleshooting session open"],
    }
    await desk.sessions.escalate(shop.id, desk.alice)
    await desk.sessions.resolve(psa.id, desk.alice)
    lines = await SessionLines(desk.database).lines(["SHOP", "CARE"], now.date())
    assert [(key, found[0].trouble) for key, found in lines.items()] == [("SHOP", Trouble.NOTICE)]


@pytest.mark.requirement("JOIN-1", "JOIN-5")
async def test_the_application_asks_sessions_for_drafts_and_cards(tmp_path: Path) -> None:
    services = await build_services(demo_settings("http://127.0.0.1:9", tmp_path))
    try:
        assert sum(isinstance(source, SessionTraces) for source in services.worklog_drafts.sources) == 1
        assert sum(isinstance(source, SessionLines) for source in services.monday_cards.sources) == 1
    finally:
        await close_services(services)
