"""What the answers so far say about the causes of a playbook, and what to ask next.

Causes start with their weights as chances (naive Bayes). A result that speaks for a cause is `FOR` times as likely
under it as one that says nothing, one that speaks against it `AGAINST` times; answers that are none of the options
change nothing. The next step is the one whose answer is expected to tell most (the largest fall of the entropy of the
chances, in bits), divided by its `EFFORT`; of equals the first in the playbook. A question that takes any words counts
as `OPEN_QUESTION` bits: it comes first, as its answer may lead to another playbook.

A fix is proposed when its cause has a chance of `ENOUGH` and `MINIMUM_SIGNS` facts speak for it, or when nothing is
left to ask, the chance is at least `BEST_GUESS` and one fact speaks for it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from math import log2

from services.pilot.playbooks.types import Cause, Playbook, Step

FOR, AGAINST = 5.0, 0.15
EFFORT = {"question": 1.0, "check": 1.5}
ENOUGH = 0.7
BEST_GUESS = 0.4
MINIMUM_SIGNS = 2
OPEN_QUESTION = 2.0
TELLS_NOTHING = 0.01
"""Bits; below, an answer would change nothing."""

Findings = Mapping[str, str]
"""The option that was found, by step."""


def chances(playbook: Playbook, findings: Findings, ruled_out: Collection[str] = ()) -> dict[str, float]:
    """Return how likely each cause is that was not ruled out; they add up to 1, {} when none is left."""
    weights = {}
    for cause in playbook.causes:
        if cause.id in ruled_out:
            continue
        weight = cause.weight
        for step_id, option in findings.items():
            weight *= _likelihood(playbook.by_id[step_id], cause, option)
        weights[cause.id] = weight
    total = sum(weights.values())
    return {cause_id: weight / total for cause_id, weight in weights.items()} if total else {}


def next_step(
    playbook: Playbook, findings: Findings, asked: Collection[str], ruled_out: Collection[str] = ()
) -> Step | None:
    """Return the step that is expected to tell most for its effort; None when none would tell anything."""
    now = chances(playbook, findings, ruled_out)
    best: tuple[float, Step] | None = None
    for step in playbook.steps:
        if step.id in asked or step.id in findings:
            continue
        gain = _expected_gain(playbook, step, now) if step.options else OPEN_QUESTION
        worth = gain / EFFORT[step.kind]
        if gain >= TELLS_NOTHING and (best is None or worth > best[0] + 1e-9):
            best = (worth, step)
    return best[1] if best else None


def signs(cause: Cause, findings: Findings) -> list[str]:
    """Return the steps whose results speak for a cause."""
    return [step_id for step_id, option in findings.items() if option in cause.pro.get(step_id, ())]


def grounds(playbook: Playbook, cause: Cause, findings: Findings) -> list[str]:
    """Return the steps on which a cause rests: what speaks for it, and what speaks against another and not it."""
    own = set(signs(cause, findings))
    others = [other for other in playbook.causes if other.id != cause.id]
    for step_id, option in findings.items():
        is_against_other = any(option in other.contra.get(step_id, ()) for other in others)
        if is_against_other and option not in cause.contra.get(step_id, ()):
            own.add(step_id)
    return [step_id for step_id in findings if step_id in own]


def likely_cause(
    playbook: Playbook, findings: Findings, ruled_out: Collection[str] = (), *, is_last_word: bool = False
) -> Cause | None:
    """Return the cause that is certain enough for its fix to be proposed; `is_last_word`: nothing is left to ask."""
    now = chances(playbook, findings, ruled_out)
    if not now:
        return None
    top = max(playbook.causes, key=lambda cause: now.get(cause.id, -1.0))
    found = len(signs(top, findings))
    is_enough = now[top.id] >= ENOUGH and found >= MINIMUM_SIGNS
    is_best_guess = is_last_word and now[top.id] >= BEST_GUESS and found >= 1
    return top if is_enough or is_best_guess else None


def _likelihood(step: Step, cause: Cause, option: str) -> float:
    factors = {each: _factor(step, cause, each) for each in step.options}
    return factors[option] / sum(factors.values())


def _factor(step: Step, cause: Cause, option: str) -> float:
    if option in cause.pro.get(step.id, ()):
        return FOR
    return AGAINST if option in cause.contra.get(step.id, ()) else 1.0


def _expected_gain(playbook: Playbook, step: Step, now: Mapping[str, float]) -> float:
    causes = {cause.id: cause for cause in playbook.causes}
    gain = _entropy(now.values())
    for option in step.options:
        joint = {cause_id: chance * _likelihood(step, causes[cause_id], option) for cause_id, chance in now.items()}
        share = sum(joint.values())
        if share:
            gain -= share * _entropy(weight / share for weight in joint.values())
    return gain


def _entropy(parts: Iterable[float]) -> float:
    return -sum(part * log2(part) for part in parts if part > 0)
