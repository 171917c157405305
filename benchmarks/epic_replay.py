"""Ask again, in the order of time, what would have been suggested for tickets whose epic is known."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from benchmarks.real_epics import RealIssues, without_epic
from services.pm.epics.calibration import expected_calibration_error, reliability
from services.pm.epics.embedders import Embedder
from services.pm.epics.history import Floats
from services.pm.epics.suggest import EpicSuggester
from services.pm.epics.text import text_of
from services.pm.epics.types import Suggestion, TicketText

FOLDS = 12
"""Refits over the whole period; each predicts the links up to the next one."""

Answers = list[tuple[TicketText, list[str], float]]
"""Ticket, epics best first, confidence of the best."""


def cuts(count: int, hold_out_from: int) -> list[tuple[int, int]]:
    """Cut the links into periods so that one begins where the hold-out does."""
    bounds = {round(count * index / FOLDS) for index in range(FOLDS + 1)} | {hold_out_from}
    return list(itertools.pairwise(sorted(bounds)))


def replay_at_creation(data: RealIssues, embedder: Embedder, periods: Sequence[tuple[int, int]]) -> Answers:
    """Suggest for each ticket at the instant of its creation, with weights from before its period."""
    answers: Answers = []
    for start, end in periods:
        group = data.linked[start:end]
        suggester = EpicSuggester(embedder).fit(data.tickets, data.epics, group[0].created_at)
        answers += _answers(group, suggester.suggest_at_creation([without_epic(ticket) for ticket in group]))
    return answers


def replay_daily(data: RealIssues, embedder: Embedder, periods: Sequence[tuple[int, int]]) -> Answers:
    """Suggest as the agent does, at 14:00 each day for the tickets of the last day, none of which has its epic yet."""
    answers: Answers = []
    for start, end in periods:
        group = data.linked[start:end]
        suggester = EpicSuggester(embedder).fit(data.tickets, data.epics, group[0].created_at)
        for run, tickets in itertools.groupby(group, key=lambda ticket: next_run(ticket.created_at)):
            todays = list(tickets)
            known = [ticket for ticket in data.linked if ticket.created_at < run - timedelta(days=1)]
            suggester.remember(known, data.epics)
            answers += _answers(todays, suggester.suggest([without_epic(ticket) for ticket in todays], run))
    return answers


def next_run(instant: datetime) -> datetime:
    """Give the next 14:00 (PM-6.1)."""
    run = instant.replace(hour=14, minute=0, second=0, microsecond=0)
    return run if instant <= run else run + timedelta(days=1)


def _answers(tickets: Sequence[TicketText], suggestions: Sequence[Suggestion]) -> Answers:
    return [
        (ticket, [found.epic_key for found in given.candidates], given.best.confidence if given.best else 0.0)
        for ticket, given in zip(tickets, suggestions, strict=True)
    ]


def replay_baselines(data: RealIssues, embedder: Embedder, periods: Sequence[tuple[int, int]]) -> dict[str, Answers]:
    """Rank with the plain rules that the suggestions have to beat."""
    answers: dict[str, Answers] = {}
    for start, end in periods:
        group = data.linked[start:end]
        past = [ticket for ticket in data.tickets if ticket.created_at < group[0].created_at]
        embedder.fit([*map(text_of, past[:: max(1, len(past) // 5_000)]), *map(text_of, data.epics)])
        for name, scores in _baseline_scores(data, embedder, group).items():
            best = np.argsort(-scores, axis=1, kind="stable")
            ranked = [[data.epics[column].key for column in row[:5]] for row in best]
            answers.setdefault(name, []).extend((t, keys, 0.0) for t, keys in zip(group, ranked, strict=True))
    return answers


def _baseline_scores(data: RealIssues, embedder: Embedder, tickets: list[TicketText]) -> dict[str, Floats]:
    linked = data.linked
    vectors = embedder.vectors([text_of(ticket) for ticket in tickets])
    text = _dense(vectors @ embedder.vectors([text_of(epic) for epic in data.epics]).T)
    alike = _dense(vectors @ embedder.vectors([text_of(child) for child in linked]).T)
    column = {epic.key: index for index, epic in enumerate(data.epics)}
    children, idle, last = text.copy(), np.full(text.shape, 1e6), np.full(text.shape, -1.0)
    for row, ticket in enumerate(tickets):
        for place, child in enumerate(linked):
            if child.created_at >= ticket.created_at or child.epic_key not in column:
                continue
            where = row, column[child.epic_key]
            children[where] = max(children[where], alike[row, place])
            idle[where] = (ticket.created_at - child.created_at).total_seconds() / 86_400
            if child.project_key == ticket.project_key:
                last[where] = place
    is_open = np.array([[epic.is_open(ticket.created_at) for epic in data.epics] for ticket in tickets])
    return {
        "text": text,
        "text + children": children,
        "text + children, open epics": np.where(is_open, children, -1.0),
        "text + children + recency, open epics": np.where(is_open, children + 0.2 * np.exp(-idle / 30), -1.0),
        "last used in the project": last,
    }


def _dense(product: Any) -> Floats:
    return np.asarray(product.toarray() if hasattr(product, "toarray") else product, dtype=np.float64)


def accuracy(answers: Answers, keep: Callable[[TicketText], bool]) -> dict[str, Any]:
    """Count how often the right epic came first, and among the first three."""
    kept = [(ticket, keys) for ticket, keys, _ in answers if keep(ticket)]
    if not kept:
        return {"links": 0}
    first = sum(keys[:1] == [ticket.epic_key] for ticket, keys in kept)
    three = sum(ticket.epic_key in keys[:3] for ticket, keys in kept)
    return {"links": len(kept), "top_1": round(first / len(kept), 3), "top_3": round(three / len(kept), 3)}


def honesty(answers: Answers, keep: Callable[[TicketText], bool]) -> dict[str, Any]:
    """Compare confidence with truth over the answers."""
    kept = [answer for answer in answers if keep(answer[0])]
    right = [keys[:1] == [ticket.epic_key] for ticket, keys, _ in kept]
    table = reliability([confidence for *_, confidence in kept], right)
    shown = [hit for (*_, confidence), hit in zip(kept, right, strict=True) if confidence >= 0.7]
    return {
        "expected_calibration_error": round(expected_calibration_error(table), 3),
        "suggested": len(shown),
        "suggested_right": round(sum(shown) / len(shown), 3) if shown else None,
        "table": [
            [f"{row.lower:.1f}-{row.upper:.1f}", row.count, round(row.mean_confidence, 2), round(row.share_right, 2)]
            for row in table
        ],
    }
