"""A turn without a model: what a session knows, seen through a playbook, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.pilot.playbooks import GENERAL, playbooks
from services.pilot.playbooks.answers import option_in
from services.pilot.playbooks.evidence import grounds, likely_cause, next_step
from services.pilot.playbooks.types import Cause, Playbook, Step
from services.pilot.types import FixDecision, ItemStatus, LaneItem, LaneKind, NewItem, Session

ORIGIN = "playbook:"


@dataclass(frozen=True)
class Standing:
    """How far a session is in its playbook."""

    playbook: Playbook
    findings: Mapping[str, str] = field(default_factory=dict)
    asked: frozenset[str] = frozenset()
    ruled_out: frozenset[str] = frozenset()

    @property
    def cause(self) -> Cause | None:
        """The cause whose fix is to be proposed now, if any is certain enough."""
        is_last = self.step is None
        return likely_cause(self.playbook, self.findings, self.ruled_out, is_last_word=is_last)

    @property
    def step(self) -> Step | None:
        """The step that would tell most."""
        return next_step(self.playbook, self.findings, self.asked, self.ruled_out)


def playbook_in(session: Session) -> Playbook | None:
    """Return the playbook that asked last in a session."""
    asked = sorted((item for item in session.items if _place(item)), key=lambda item: item.changed_in)
    names = [place[0] for item in asked if (place := _place(item))]
    return playbooks().get(names[-1]) if names else None


def standing(session: Session, playbook: Playbook) -> Standing:
    """Return what a session's items and decisions say in terms of a playbook."""
    findings: dict[str, str] = {}
    asked: set[str] = set()
    for item in session.items:
        place = _place(item)
        if place is None or place[0] != playbook.name or place[1] not in playbook.by_id:
            continue
        asked.add(place[1])
        option = option_in(item.answer, playbook.by_id[place[1]].options)
        if item.status is ItemStatus.DONE and option:
            findings[place[1]] = option
    dismissed = {fix.title for fix in session.fixes if fix.user_decision is FixDecision.DISMISSED}
    ruled_out = frozenset(cause.id for cause in playbook.causes if cause.fix.title in dismissed)
    return Standing(playbook, findings, frozenset(asked), ruled_out)


def item_for(playbook: Playbook, step: Step) -> NewItem:
    """Return the lane item of a step; its origin says which step it is."""
    return NewItem(
        LaneKind(step.kind), step.text, step.options, detail=step.how, origin=f"{ORIGIN}{playbook.name}/{step.id}"
    )


def meaning(item: LaneItem) -> str:
    """Return what a playbook says that an item's answer means, "" where it says nothing."""
    place = _place(item)
    playbook = playbooks().get(place[0]) if place else None
    step = playbook.by_id.get(place[1]) if place and playbook else None
    return step.means.get(option_in(item.answer, step.options) or "", "") if step else ""


def facts_for(session: Session, found: Standing, cause: Cause) -> tuple[int, ...]:
    """Return the numbers of the facts that a cause rests on."""
    origins = {f"{ORIGIN}{found.playbook.name}/{step_id}" for step_id in grounds(found.playbook, cause, found.findings)}
    ids = {item.fact_id for item in session.items if item.origin in origins}
    return tuple(fact.number for fact in session.known if fact.id in ids)


def is_general(playbook: Playbook) -> bool:
    """Tell whether this is the playbook for what none fits."""
    return playbook.name == GENERAL


def _place(item: LaneItem) -> tuple[str, str] | None:
    if not item.origin.startswith(ORIGIN):
        return None
    name, _, step_id = item.origin.removeprefix(ORIGIN).partition("/")
    return name, step_id
