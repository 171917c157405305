"""How traces become hours: the day's missing seconds, shared out by weight. Pure, exact, the same every time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction

from services.pm.worklog_drafts.types import INDIRECT, Evidence, EvidenceKind, LoggedDay, Proposal

STEP_S = 15 * 60
MOST_ROWS = 5
"""Rows drafted for a day: more than somebody checks with care."""
LEAST_ROW_S = 30 * 60
"""A day gets only so many rows that each can have this much: quarters of an hour on four issues are noise."""
MOST_COUNTED = 4
"""Traces of one kind that count for an issue and day: a rebase of thirty commits is not thirty pieces of work."""
SESSION_UNIT_S = 30 * 60

WEIGHTS: Mapping[EvidenceKind, int] = {
    EvidenceKind.SESSION: 4,
    EvidenceKind.COMMIT: 4,
    EvidenceKind.REVIEW: 3,
    EvidenceKind.MOVE: 2,
    EvidenceKind.COMMENT: 2,
    EvidenceKind.PULL_REQUEST_COMMENT: 2,
    EvidenceKind.FLOWPILOT: 2,
    EvidenceKind.EDIT: 1,
    EvidenceKind.FOCUS: 1,
    EvidenceKind.IN_PROGRESS: 1,
    EvidenceKind.NEIGHBOUR: 1,
}
"""How much a trace says about where the day went, against the others; a session counts by its length as well."""

_PHRASES: Mapping[EvidenceKind, str] = {
    EvidenceKind.SESSION: "Troubleshooting",
    EvidenceKind.COMMIT: "Implementation",
    EvidenceKind.REVIEW: "Code review",
    EvidenceKind.PULL_REQUEST_COMMENT: "Code review",
    EvidenceKind.COMMENT: "Clarification",
    EvidenceKind.FLOWPILOT: "Follow-up",
}
MAX_DESCRIPTION = 200


def weight_of(evidence: Iterable[Evidence]) -> int:
    """Return what the traces of one issue and day weigh together."""
    by_kind: dict[EvidenceKind, list[Evidence]] = defaultdict(list)
    for trace in evidence:
        by_kind[trace.kind].append(trace)
    counted = sum(WEIGHTS[kind] * min(len(traces), MOST_COUNTED) for kind, traces in by_kind.items())
    return counted + sum(trace.seconds for trace in by_kind[EvidenceKind.SESSION]) // SESSION_UNIT_S


def draft_week(
    days: Sequence[LoggedDay], evidence: Iterable[Evidence], summaries: Mapping[str, str], *, step_s: int = STEP_S
) -> list[Proposal]:
    """Return the entries for each of `days` on which something is missing; none where there are no traces.

    `days` are all of the week that may be drafted (no future ones): what one day has too much another needs less, so
    that the week is never drafted beyond what it requires. `summaries` are of the issues that may be logged on.
    """
    by_day: dict[date, dict[str, list[Evidence]]] = defaultdict(lambda: defaultdict(list))
    for trace in sorted(set(evidence), key=_order):
        if trace.issue_key in summaries:
            by_day[trace.day][trace.issue_key].append(trace)
    room = allowances([day for day in days if day.day in by_day], missing_of(days), step_s)
    return [
        proposal
        for day in days
        if room.get(day.day)
        for proposal in _draft_day(day, room[day.day], by_day[day.day], summaries, step_s)
    ]


def missing_of(days: Iterable[LoggedDay]) -> int:
    """Return the seconds that a week's days lack together: what is too much on one day counts for the others."""
    week = list(days)
    balance = sum(day.required_seconds - day.logged_seconds for day in week)
    return max(0, min(balance, sum(day.missing_seconds for day in week)))


def allowances(days: Sequence[LoggedDay], most_s: int, step_s: int = STEP_S) -> dict[date, int]:
    """Return how much of each day may be drafted, at most `most_s` in all, in proportion to what the days lack."""
    lacking = {day.day.isoformat(): day.missing_seconds for day in days if day.missing_seconds}
    if sum(lacking.values()) > most_s:
        shares = share_out(most_s, lacking, {}, step_s=step_s)
        lacking = {day: min(lacking[day], share) for day, share in shares.items()}
    return {date.fromisoformat(day): seconds for day, seconds in lacking.items()}


def _order(trace: Evidence) -> tuple[bool, str, str, str, str]:
    return (
        trace.kind in INDIRECT,
        trace.at.isoformat() if trace.at else "",
        trace.kind,
        trace.issue_key,
        trace.what,
    )


def _draft_day(
    day: LoggedDay, room_s: int, traces: Mapping[str, Sequence[Evidence]], summaries: Mapping[str, str], step_s: int
) -> list[Proposal]:
    ranked = sorted(traces, key=lambda key: (not _is_direct(traces[key]), -weight_of(traces[key]), key))
    strongest = ranked[: min(MOST_ROWS, max(1, room_s // LEAST_ROW_S))]
    weights = {key: weight_of(traces[key]) for key in strongest}
    shares = share_out(room_s, weights, day.by_issue, step_s=step_s)
    return [
        Proposal(day.day, key, shares[key], tuple(traces[key]), describe(summaries[key], traces[key]))
        for key in strongest
        if shares.get(key)
    ]


def _is_direct(traces: Iterable[Evidence]) -> bool:
    return any(trace.kind not in INDIRECT for trace in traces)


def share_out(
    missing_s: int, weights: Mapping[str, int], logged_s: Mapping[str, int], *, step_s: int = STEP_S
) -> dict[str, int]:
    """Share out seconds by weight in whole steps; the largest share also gets the odd rest, so that the sum is exact.

    What is logged on an issue already counts towards its share: one that has its share gets nothing. Less than a step
    is nobody's.
    """
    if missing_s < step_s or not weights:
        return {}
    exact = _targets(missing_s, weights, logged_s)
    steps = {key: int(share // step_s) for key, share in exact.items()}
    left = missing_s // step_s - sum(steps.values())
    by_remainder = sorted(exact, key=lambda key: (-(exact[key] - steps[key] * step_s), -weights[key], key))
    for key in by_remainder[:left]:
        steps[key] += 1
    shares = {key: count * step_s for key, count in steps.items() if count}
    largest = min(shares, key=lambda key: (-shares[key], key))
    shares[largest] += missing_s - sum(shares.values())
    return shares


def _targets(missing_s: int, weights: Mapping[str, int], logged_s: Mapping[str, int]) -> dict[str, Fraction]:
    """Return what each issue lacks of its share of the day; they add up to `missing_s`."""
    left = dict(weights)
    while True:
        pool = missing_s + sum(logged_s.get(key, 0) for key in left)
        whole = sum(left.values())
        lacking = {key: Fraction(pool * weight, whole) - logged_s.get(key, 0) for key, weight in left.items()}
        enough = [key for key, share in lacking.items() if share <= 0]
        if not enough:
            return lacking
        for key in enough:
            del left[key]


def describe(summary: str, traces: Iterable[Evidence]) -> str:
    """Return a worklog's words: what was done, by the heaviest traces, and the issue's summary."""
    kinds = sorted({trace.kind for trace in traces}, key=lambda kind: (-WEIGHTS[kind], kind))
    phrases = list(dict.fromkeys(_PHRASES[kind] for kind in kinds if kind in _PHRASES))[:2]
    words = " and ".join([*phrases[:1], *(phrase.lower() for phrase in phrases[1:])])
    text = ": ".join(part for part in (words, " ".join(summary.split())) if part) or "Work"
    return text if len(text) <= MAX_DESCRIPTION else text[: MAX_DESCRIPTION - 1].rstrip() + "…"
