"""What holds for suggestions whatever the tickets and epics are."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.pm.epics.suggest import EpicSuggester
from services.pm.epics.types import MAX_CANDIDATES, EpicText, Suggestion, TicketText
from tests.pm.epics.world import START, day

texts = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["", " ", "the", "支払い 検索", "🙂🙂", "{code}x{code}", "\ud800", "\x00", "card payment", "search " * 9_000]
    ),
)
instants = st.integers(0, 100 * 24).map(lambda hours: START + timedelta(hours=hours))
projects = st.sampled_from(["AA", "BB"])


@st.composite
def epic_lists(draw: st.DrawFn) -> list[EpicText]:
    made = []
    for number in range(draw(st.integers(0, 7))):
        created, project = draw(instants), draw(projects)
        resolved = draw(st.none() | instants)
        resolved = resolved and max(resolved, created)
        done = resolved is not None or draw(st.booleans())
        made.append(EpicText(f"{project}-{number}", project, draw(texts), draw(texts), created, resolved, done))
    return made


@st.composite
def ticket_lists(draw: st.DrawFn, epics: list[EpicText]) -> list[TicketText]:
    epic_keys = st.sampled_from([None, "GONE-1", *(epic.key for epic in epics)])
    names = st.lists(st.sampled_from(["api", "web", "é"]), max_size=2).map(tuple)
    return [
        TicketText(
            f"{project}-{100 + number}", project, draw(texts), draw(texts), draw(instants),
            reporter=draw(st.sampled_from([None, "ann", "bob"])), labels=draw(names), components=draw(names),
            epic_key=draw(epic_keys),
        )
        for number, project in enumerate(draw(st.lists(projects, max_size=12)))
    ]  # fmt: skip


def confidences_of(suggestion: Suggestion) -> dict[str, float]:
    return {candidate.epic_key: candidate.confidence for candidate in suggestion.candidates}


@settings(max_examples=40, deadline=None)
@given(st.data(), instants)
def test_suggestions_are_sorted_shares_of_epics_open_at_the_time(data: st.DataObject, as_of: datetime) -> None:
    epics = data.draw(epic_lists())
    tickets = data.draw(ticket_lists(epics))
    open_keys = {epic.key for epic in epics if epic.is_open(as_of)}
    suggestions = EpicSuggester().fit(tickets, epics, as_of).suggest(tickets, as_of)
    assert [suggestion.ticket_key for suggestion in suggestions] == [ticket.key for ticket in tickets]
    for suggestion in suggestions:
        confidences = [candidate.confidence for candidate in suggestion.candidates]
        assert confidences == sorted(confidences, reverse=True)
        assert all(0.0 <= confidence <= 1.0 for confidence in confidences)
        assert sum(confidences) <= 1.0 + 1e-9
        assert len(confidences) <= MAX_CANDIDATES
        assert {candidate.epic_key for candidate in suggestion.candidates} <= open_keys
        assert len({candidate.epic_key for candidate in suggestion.candidates}) == len(confidences)
    assert EpicSuggester().fit(tickets, epics, as_of).suggest(tickets, as_of) == suggestions


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_what_comes_later_never_changes_a_suggestion(data: st.DataObject) -> None:
    epics = data.draw(epic_lists())
    tickets = data.draw(ticket_lists(epics))
    now = day(50)
    past = [ticket for ticket in tickets if ticket.created_at < now]
    known = EpicSuggester().fit(past, [epic for epic in epics if epic.created_at <= now], now).suggest(past, now)
    for before, after in zip(known, EpicSuggester().fit(tickets, epics, now).suggest(past, now), strict=True):
        assert confidences_of(after) == pytest.approx(confidences_of(before), abs=1e-3)


@settings(max_examples=20, deadline=None)
@given(st.data(), texts)
def test_an_unrelated_epic_of_another_project_changes_nothing(data: st.DataObject, text: str) -> None:
    epics = data.draw(epic_lists())
    tickets = data.draw(ticket_lists(epics))
    now = day(50)
    before = EpicSuggester().fit(tickets, epics, now).suggest(tickets, now)
    other = EpicText("ZZ-1", "ZZ", text, text, day(100), None, False)
    after = EpicSuggester().fit(tickets, [*epics, other], now).suggest(tickets, now)
    assert [confidences_of(suggestion) for suggestion in after] == [confidences_of(suggestion) for suggestion in before]
