"""Resolved sessions that are like a problem: words in common, weighed by how rare they are (TF-IDF, cosine)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from db.tenancy import current_account_id
from services.clock import Now
from services.errors import NotFoundError
from services.pilot.likeness import Likeness, words_of
from services.pilot.listing import MOST_CASES
from services.pilot.reasons import both_mention
from services.pilot.scripts.library import ScriptTemplates
from services.pilot.scripts.matching import Match
from services.pilot.sessions import PilotSessions
from services.pilot.stop_words import ENGLISH_STOP_WORDS, TICKET_WORDS
from services.pilot.types import ResolvedCase, SessionStatus

MINIMUM_SCORE = 0.15
"""Below, what is in common is one common word."""
OVERLAP = timedelta(minutes=5)
"""Asked for again each time: other processes' clocks and transactions that were not over."""
MAX_TEXT_CHARACTERS = 4_000
MANY_CASES = 20
"""From here on, words of more than half of the cases say nothing."""


@dataclass(frozen=True)
class SimilarCase:
    """A resolved session that is like the problem; `score` is 0 to 1, `reason` says why."""

    case: ResolvedCase
    score: float
    reason: str


@dataclass(frozen=True)
class Similar:
    """What may help with a problem."""

    cases: tuple[SimilarCase, ...] = ()
    templates: tuple[Match, ...] = ()


class CaseIndex:
    """Cases by their words; built once, asked often."""

    def __init__(self, cases: Sequence[ResolvedCase]) -> None:
        self._cases = list(cases)
        most_common = 0.5 if len(cases) > MANY_CASES else 1.0
        terms = partial(words_of, stop_words=ENGLISH_STOP_WORDS | TICKET_WORDS)
        self._likeness = Likeness([_text(case) for case in cases], terms, most_common=most_common)

    def find(self, text: str, limit: int) -> list[SimilarCase]:
        """Return the cases that are like `text`, the most alike first."""
        shares = self._likeness.shares(text[:MAX_TEXT_CHARACTERS])
        scores = {place: sum(each.values()) for place, each in shares.items()}
        best = [
            place for place in sorted(scores, key=scores.__getitem__, reverse=True) if scores[place] >= MINIMUM_SCORE
        ]
        return [
            SimilarCase(
                self._cases[place],
                min(scores[place], 1.0),
                both_mention(
                    sorted(shares[place], key=shares[place].__getitem__, reverse=True),
                    text[:MAX_TEXT_CHARACTERS],
                    _text(self._cases[place]),
                ),
            )
            for place in best[:limit]
        ]


@dataclass
class _Known:
    """What an account's resolved sessions taught, as of `read_at`."""

    cases: dict[str, ResolvedCase] = field(default_factory=dict)
    index: CaseIndex | None = None
    read_at: datetime | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class SimilarCases:
    """Resolved sessions and script templates of the current account that are like a problem."""

    def __init__(self, sessions: PilotSessions, library: ScriptTemplates, now: Now) -> None:
        self._sessions = sessions
        self._library = library
        self._now = now
        self._known: dict[str, _Known] = {}

    async def find(self, text: str, *, limit: int = 3, without: str = "") -> Similar:
        """Return what is like `text`, the most alike first, each with why; `without` is a session to leave out."""
        if not text.strip():
            return Similar()
        index = await self._index()
        found = await asyncio.to_thread(index.find, text, 3 * limit + 1)
        cases: list[SimilarCase] = []
        for each in found:
            if len(cases) < limit and each.case.session_id != without and await self._is_resolved(each.case.session_id):
                cases.append(each)
        return Similar(tuple(cases), tuple(await self._library.search(text, limit=limit)))

    async def _index(self) -> CaseIndex:
        known = self._known.setdefault(current_account_id(), _Known())
        async with known.lock:
            now = self._now()
            since = known.read_at - OVERLAP if known.read_at else None
            new = {case.session_id: case for case in await self._sessions.resolved_cases(since)}
            known.read_at = now if known.read_at is None else max(now, known.read_at)
            if known.index is None or _differs(known.cases, new):
                known.cases |= new
                for oldest in list(known.cases)[:-MOST_CASES]:
                    del known.cases[oldest]
                known.index = await asyncio.to_thread(CaseIndex, list(known.cases.values()))
            return known.index

    async def _is_resolved(self, session_id: str) -> bool:
        """Tell whether a session still is: taken up again, it is no example any more."""
        try:
            return (await self._sessions.get(session_id)).status is SessionStatus.RESOLVED
        except NotFoundError:
            return False


def _differs(known: Mapping[str, ResolvedCase], new: Mapping[str, ResolvedCase]) -> bool:
    return any(known.get(session_id) != case for session_id, case in new.items())


def _text(case: ResolvedCase) -> str:
    """Return a case's words; title and cause count twice."""
    parts = (case.title, case.title, case.problem, *case.facts, case.root_cause, case.root_cause, case.fix_title)
    return ". ".join(part for part in parts if part)[:MAX_TEXT_CHARACTERS]
