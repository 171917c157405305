"""Suggest epics for tickets without one (PM-6.2), learning from the tickets that have one."""

from __future__ import annotations

import asyncio
import itertools
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import numpy as np
import structlog

from services.errors import VendorError
from services.pm.epics.calibration import BLOCKS, Calibration, fit_calibration
from services.pm.epics.embedders import Embedder
from services.pm.epics.features import FeatureBlock, measure
from services.pm.epics.history import Floats, ProjectHistory, build_histories, seconds
from services.pm.epics.ranker import NONE, Choices, default_weights, fit_weights, probabilities, with_none
from services.pm.epics.reasons import reasons
from services.pm.epics.text import text_of
from services.pm.epics.tfidf import TfidfEmbedder
from services.pm.epics.types import MAX_CANDIDATES, Candidate, EpicText, Suggestion, SuggestionRun, TicketText

CHUNK = 1_000
"""Tickets measured at once; bounds memory at CHUNK times MAX_CHILDREN numbers."""

MAX_TRAINING_LINKS = 3_000
"""Newest links that weights are learnt from."""

MAX_CORPUS = 5_000
"""Tickets that show how rare a word is; more only cost time."""

log = structlog.get_logger()


class EpicSuggester:
    """Rank the open epics of each ticket's project. Pure computing: call it in a thread.

    `fit` may be given newer tickets than `as_of`: weights, vocabulary and calibration come from before `as_of` only,
    and `suggest` uses children and epics only as far as they were known at its own `as_of`.
    """

    def __init__(self, embedder: Embedder | None = None) -> None:
        self.embedder: Embedder = embedder if embedder is not None else TfidfEmbedder()
        self.weights: Floats = default_weights()
        self.calibration = Calibration()
        self._histories: dict[str, ProjectHistory] = {}

    def fit(self, tickets: Sequence[TicketText], epics: Sequence[EpicText], as_of: datetime) -> EpicSuggester:
        """Learn from links made before `as_of`; without any, the default weights stay."""
        past = sorted((t for t in tickets if t.created_at < as_of), key=lambda t: (t.created_at, t.key))
        self.embedder.fit(_corpus(past, epics, as_of))
        self.remember(tickets, epics)
        known = {epic.key for epic in epics if epic.created_at <= as_of}  # a link to a later epic is not known yet
        links = [ticket for ticket in past if ticket.epic_key in known][-MAX_TRAINING_LINKS:]
        periods = [
            [self._choices(project, group) for project, group in _by_project(links[start:end]).items()]
            for start, end in _cuts(len(links))
        ]
        self.weights = fit_weights([choices for period in periods for choices in period])
        self.calibration = fit_calibration(periods)
        return self

    def remember(self, tickets: Sequence[TicketText], epics: Sequence[EpicText]) -> None:
        """Replace the known children and epics; what was learnt stays."""
        self._histories = build_histories(tickets, epics, self.embedder)

    def suggest(self, tickets: Sequence[TicketText], as_of: datetime) -> list[Suggestion]:
        """Give one suggestion per ticket, in the same order, from what was known at `as_of`."""
        return self._suggest(tickets, [as_of] * len(tickets))

    def suggest_at_creation(self, tickets: Sequence[TicketText]) -> list[Suggestion]:
        """Give what would have been suggested when each ticket was created; for measuring."""
        return self._suggest(tickets, [ticket.created_at for ticket in tickets])

    def _suggest(self, tickets: Sequence[TicketText], instants: Sequence[datetime]) -> list[Suggestion]:
        found: dict[int, Suggestion] = {}
        groups: dict[str, list[int]] = defaultdict(list)
        for index, ticket in enumerate(tickets):
            groups[ticket.project_key].append(index)
        for project, places in groups.items():
            for start in range(0, len(places), CHUNK):
                chunk = places[start : start + CHUNK]
                suggestions = self._rank(project, [tickets[i] for i in chunk], [instants[i] for i in chunk])
                found.update(zip(chunk, suggestions, strict=True))
        return [found[index] for index in range(len(tickets))]

    def _rank(self, project: str, tickets: Sequence[TicketText], instants: Sequence[datetime]) -> list[Suggestion]:
        history = self._histories.get(project)
        if history is None:
            return [Suggestion(ticket.key, ()) for ticket in tickets]
        block = self._measure(history, tickets, instants)
        values, available = with_none(block)
        chances = probabilities(self.calibration.apply(values @ self.weights), available)[:, :-1]
        chances = np.round(chances, 9)  # sums in another order must not turn a tie around
        best = np.argsort(-np.where(block.available, chances, -1.0), axis=1, kind="stable")[:, :MAX_CANDIDATES]
        return [
            Suggestion(
                ticket.key,
                tuple(
                    Candidate(history.epics[column].key, float(chances[row, column]), _reasons(block, row, column))
                    for column in best[row]
                    if block.available[row, column]
                ),
            )
            for row, ticket in enumerate(tickets)
        ]

    def _measure(
        self, history: ProjectHistory, tickets: Sequence[TicketText], instants: Sequence[datetime]
    ) -> FeatureBlock:
        vectors = self.embedder.vectors([text_of(ticket) for ticket in tickets])
        as_of = np.array([seconds(instant) for instant in instants])
        return measure(history, tickets, vectors, as_of, self.embedder.similarity_range)

    def _choices(self, project: str, tickets: Sequence[TicketText]) -> Choices:
        """Look at each linked ticket as of its creation; its epic, if it was open, is the right choice."""
        history = self._histories[project]
        values, available = with_none(self._measure(history, tickets, [ticket.created_at for ticket in tickets]))
        column = {epic.key: index for index, epic in enumerate(history.epics)}
        chosen = np.array([column.get(ticket.epic_key or "", NONE) for ticket in tickets], dtype=np.intp)
        chosen = np.where(available[np.arange(len(tickets)), chosen], chosen, NONE)
        useful = available[:, :-1].any(axis=1)
        return Choices(values[useful], available[useful], chosen[useful])


def texts_to_prepare(
    tickets: Sequence[TicketText], epics: Sequence[EpicText], orphans: Sequence[TicketText]
) -> list[str]:
    """List the texts whose vectors fit and suggest will ask for."""
    known = {epic.key for epic in epics}
    linked = [ticket for ticket in tickets if ticket.epic_key in known]
    return [*map(text_of, epics), *map(text_of, linked), *map(text_of, orphans)]


async def suggest_epics(
    tickets: Sequence[TicketText],
    epics: Sequence[EpicText],
    orphans: Sequence[TicketText],
    as_of: datetime,
    embedder: Embedder,
) -> SuggestionRun:
    """Fit on `tickets` and suggest for `orphans`, off the event loop; TF-IDF answers when a vendor of vectors fails."""
    reason = None
    try:
        await embedder.prepare(texts_to_prepare(tickets, epics, orphans))
    except VendorError as error:
        reason = str(error)
        log.warning("embedder_failed", embedder=embedder.name, reason=reason)
        embedder = TfidfEmbedder()

    def compute() -> list[Suggestion]:
        return EpicSuggester(embedder).fit(tickets, epics, as_of).suggest(orphans, as_of)

    return SuggestionRun(tuple(await asyncio.to_thread(compute)), embedder.name, reason)


def _corpus(past: Sequence[TicketText], epics: Sequence[EpicText], as_of: datetime) -> list[str]:
    """Take an even sample of past tickets, all linked ones, and the epics that existed."""
    step = max(1, len(past) // MAX_CORPUS)
    sample = {ticket.key: ticket for ticket in (*past[::step], *[t for t in past if t.epic_key][-MAX_CORPUS:])}
    return [*map(text_of, sample.values()), *(text_of(epic) for epic in epics if epic.created_at < as_of)]


def _cuts(count: int) -> list[tuple[int, int]]:
    """Cut `count` things in order into periods of about the same size."""
    bounds = [round(count * index / BLOCKS) for index in range(BLOCKS + 1)]
    return list(itertools.pairwise(bounds))


def _by_project(tickets: Sequence[TicketText]) -> dict[str, list[TicketText]]:
    groups: dict[str, list[TicketText]] = defaultdict(list)
    for ticket in tickets:
        groups[ticket.project_key].append(ticket)
    return groups


def _reasons(block: FeatureBlock, row: int, column: int) -> tuple[str, ...]:
    return reasons({name: float(figures[row, column]) for name, figures in block.evidence.items()})
