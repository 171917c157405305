"""Shadow mode's other half: what an agent would have sent, and how right it was (JOIN-7)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from db.engine import Database
from db.models.alerts import AlertDelivery
from db.repositories import alerts as repository
from services.alerts.types import Status
from services.clock import Now
from services.pm.hindsight.evidence import Evidence
from services.pm.hindsight.facts import claims_of
from services.pm.hindsight.judges import judge, monday_of
from services.pm.hindsight.types import LookBack, Sample, TrackRecord, Verdict, WeekCount

LOOKS_BACK = timedelta(days=180)


class Hindsight:
    """Looks back at alerts of the current account, live ones and those of shadow mode."""

    def __init__(self, database: Database, evidence: Evidence, now: Now) -> None:
        self._database = database
        self._evidence = evidence
        self._now = now

    async def track_record(self, agent: str, since: datetime | None = None) -> TrackRecord:
        """Return how right an agent has been since an instant (half a year where None)."""
        return (await self.look_back(agent, since)).record

    async def look_back(self, agent: str, since: datetime | None = None) -> LookBack:
        """Return an agent's alerts with the verdict over each, messages by week and recipient, and the record."""
        since = since or self._now() - LOOKS_BACK
        async with self._database.transaction(write=False) as session:
            rows = await repository.told_by(session, agent, since)
            said = await repository.feedback_on(session, [row.id for row in rows])
        votes = Counter((vote.delivery_id, vote.useful) for vote in said)
        claims = [(row.created_at, claim) for row in rows for claim in claims_of(agent, row.facts)]
        later = await self._evidence.of(agent, claims)
        samples = []
        for row in reversed(rows):
            was_told = row.status != Status.SHADOW
            judgements = judge(agent, row.facts, row.created_at, was_told, later)
            sample = Sample(row.id, row.created_at, row.recipient, row.text, row.why, tuple(judgements))
            samples.append(replace(sample, useful=votes[row.id, True], not_useful=votes[row.id, False]))
        return LookBack(agent, since, _weeks(rows), tuple(samples), _record(agent, samples, votes))


def _record(agent: str, samples: Sequence[Sample], votes: Mapping[tuple[int, bool], int]) -> TrackRecord:
    # what was said again on another day, about the same and with the same end, is one claim
    distinct = {judgement for sample in samples for judgement in sample.judgements}
    verdicts = Counter(judgement.verdict for judgement in distinct)
    return TrackRecord(
        agent,
        useful=sum(count for (_, useful), count in votes.items() if useful),
        not_useful=sum(count for (_, useful), count in votes.items() if not useful),
        right=verdicts[Verdict.RIGHT],
        wrong=verdicts[Verdict.WRONG],
        open=verdicts[Verdict.OPEN],
    )


def _weeks(rows: Sequence[AlertDelivery]) -> tuple[WeekCount, ...]:
    """Count messages by week and recipient; what shared a message counts once, what waited is a line of a digest."""
    messages: dict[tuple[str, str], set[int]] = defaultdict(set)
    lines: Counter[tuple[str, str]] = Counter()
    for row in rows:
        key = (monday_of(row.created_at.date()).isoformat(), row.recipient)
        if row.sent_at is not None or row.bundled_in_id is not None:
            messages[key].add(row.bundled_in_id or row.id)
        else:
            lines[key] += 1
    return tuple(
        WeekCount(datetime.fromisoformat(monday).date(), recipient, len(messages[monday, recipient]), lines[key])
        for key in sorted({*messages, *lines}, reverse=True)
        for monday, recipient in [key]
    )
