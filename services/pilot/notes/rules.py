"""Write a note by rules: each sentence restates something recorded and cites it; what is not recorded is not said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.pilot.notes.bounds import bounded
from services.pilot.notes.conflicts import conflicts
from services.pilot.notes.redaction import NoteRedactor, sensitive_values
from services.pilot.notes.sources import (
    PROBLEM_LABEL,
    company_words,
    fix_label,
    has_taken_back_result,
    item_label,
    sources_of,
    ticket_words,
)
from services.pilot.notes.types import HEADINGS, Heading, Note, NoteKind, Section, Sentence, Source, SourceKind
from services.pilot.notes.words import as_sentence, sentences_of
from services.pilot.types import Fact, FixDecision, ItemStatus, LaneItem, LaneKind, Session, SuggestedFix

FACT_CHARACTERS = 1000
_OPENERS = {LaneKind.ACTION: "To do", LaneKind.CHECK: "To check", LaneKind.QUESTION: "To ask"}
_DECISIONS = {
    FixDecision.ONE_OFF: "Chosen as a one-off",
    FixDecision.TEMPLATE: "Chosen, with a script from a template",
    FixDecision.DRAFT_TEMPLATE: "Chosen, to become a template",
    FixDecision.BUILD_TEMPLATE: "Chosen, built as a template",
    FixDecision.DISMISSED: "Considered and dismissed",
}
_EMPTY = {
    Heading.PROBLEM: "No problem statement is recorded.",
    Heading.CONFIRMED: "No facts are recorded.",
    Heading.CONFIRMED_SO_FAR: "No facts are recorded yet.",
    Heading.ROOT_CAUSE: "No root cause is recorded.",
    Heading.RESOLUTION: "No fix and no action is recorded.",
    Heading.TRIED: "Nothing tried is recorded.",
    Heading.HYPOTHESIS: "No hypothesis is recorded.",
    Heading.NEXT_STEPS: "No open questions, checks, actions or fixes are recorded.",
}


def write_note(session: Session, kind: NoteKind) -> Note:
    """Return the note of a session as rules write it; the same session always gives the same note."""
    redactor = NoteRedactor(sensitive_values(session))
    desk = _Desk(session, redactor, sources_of(session, redactor), conflicts(session.known))
    written = {heading: _by_heading(desk, heading) for heading in HEADINGS[kind]}
    sections = tuple(
        Section(heading, tuple(each for each in sentences if each.cites and each.text), desk.empty_words(heading))
        for heading, sentences in written.items()
    )
    sections = bounded(sections, _needed(session, desk.disputes))
    cited = {label for section in sections for sentence in section.sentences for label in sentence.cites}
    return Note(
        kind=kind,
        session_id=session.id,
        state_version=session.state_version,
        sections=sections,
        sources=tuple(source for label, source in desk.sources.items() if label in cited),
    )


@dataclass(frozen=True)
class _Desk:
    """A session with what its note is written from."""

    session: Session
    redactor: NoteRedactor
    sources: dict[str, Source]
    disputes: tuple[frozenset[int], ...]

    @property
    def chosen_fix(self) -> SuggestedFix | None:
        """The active fix when a person decided for it."""
        fix = self.session.active_fix
        return fix if fix is not None and fix.user_decision is not None else None

    def taken_back(self, fix: SuggestedFix) -> list[str]:
        """List the facts that a fix rests on and that do not stand any more."""
        known = {fact.number for fact in self.session.known}
        return [f"F{number}" for number in fix.fact_numbers if number not in known]

    def cites_of(self, fix: SuggestedFix) -> tuple[str, ...]:
        """Return a fix's own label and those of the facts that speak for it."""
        return (fix_label(self.session, fix), *(f"F{number}" for number in fix.fact_numbers))

    def empty_words(self, heading: Heading) -> str:
        """Say what is missing; of a cause that rested on a fact that was taken back, that it did."""
        fix = self.session.active_fix
        gone = self.taken_back(fix) if fix is not None and fix.root_cause else []
        if gone and heading in (Heading.ROOT_CAUSE, Heading.HYPOTHESIS):
            return f"No cause that still stands: the one recorded rested on {_listed(gone)}, taken back since."
        return _EMPTY[heading]


def _needed(session: Session, disputes: Iterable[frozenset[int]]) -> set[str]:
    """Return the labels that a note is not cut by: what the active fix rests on, and what is disputed."""
    numbers = {number for group in disputes for number in group}
    fix = session.active_fix
    return {f"F{number}" for number in numbers | set(fix.fact_numbers if fix else ())}


def _by_heading(desk: _Desk, heading: Heading) -> Iterable[Sentence]:
    match heading:
        case Heading.PROBLEM:
            return _problem(desk)
        case Heading.CONFIRMED | Heading.CONFIRMED_SO_FAR:
            return _confirmed(desk)
        case Heading.ROOT_CAUSE | Heading.HYPOTHESIS:
            return _cause(desk, is_note_of_resolution=heading is Heading.ROOT_CAUSE)
        case Heading.RESOLUTION:
            return [*_fix(desk), *_scripts(desk), *_done_actions(desk)]
        case Heading.TRIED:
            return [*_done_checks(desk), *_done_actions(desk), *_past_fixes(desk), *_scripts(desk)]
        case Heading.NEXT_STEPS:
            return [*_suggestion(desk), *_open_items(desk)]


def _problem(desk: _Desk) -> list[Sentence]:
    session = desk.session
    said = session.problem or session.title
    parts = sentences_of(desk.redactor.redact(said))
    named = [company_words(session.company, said), ticket_words(session.ticket, said)]
    parts += [desk.redactor.redact(part) for part in named if part]
    return [Sentence(as_sentence(part), (PROBLEM_LABEL,)) for part in parts]


def _confirmed(desk: _Desk) -> list[Sentence]:
    """Restate each fact once, in order; those that contradict each other together."""
    facts = {fact.number: fact for fact in desk.session.known}
    disputes = {number: group for group in desk.disputes for number in group}
    same: dict[str, list[Fact]] = {}
    sentences: dict[int, Sentence] = {}
    for number, fact in sorted(facts.items()):
        if group := disputes.get(number):
            if number == min(group):
                sentences[number] = _disputed(desk, [facts[each] for each in sorted(group)])
        else:
            same.setdefault(" ".join(fact.text.casefold().split()).rstrip("."), []).append(fact)
    for alike in same.values():
        text = as_sentence(_fact_words(desk, alike[0]))
        sentences[alike[0].number] = Sentence(text, tuple(fact.label for fact in alike))
    return [sentences[number] for number in sorted(sentences)]


def _fact_words(desk: _Desk, fact: Fact) -> str:
    words = desk.sources[fact.label].says
    return words if len(words) <= FACT_CHARACTERS else words[: FACT_CHARACTERS - 1].rstrip() + "…"


def _disputed(desk: _Desk, facts: Sequence[Fact]) -> Sentence:
    said = "; ".join(f"“{_fact_words(desk, fact).rstrip('.')}” ({fact.label})" for fact in facts)
    return Sentence(f"Not settled, the facts disagree: {said}.", tuple(fact.label for fact in facts))


def _cause(desk: _Desk, *, is_note_of_resolution: bool) -> list[Sentence]:
    """Restate the active fix's cause, unless a fact that it rests on was taken back."""
    fix = desk.session.active_fix
    if fix is None or not fix.root_cause.strip() or desk.taken_back(fix):
        return []
    cites = desk.cites_of(fix)
    disputed = sorted({number for group in desk.disputes if group & set(fix.fact_numbers) for number in group})
    words = sentences_of(desk.redactor.redact(fix.root_cause))
    if disputed:
        labels = tuple(f"F{number}" for number in disputed)
        words[0] = f"Not settled, as {_listed(labels)} disagree: {words[0]}"
        cites = tuple(dict.fromkeys((*cites, *labels)))
    elif is_note_of_resolution and fix.user_decision is None:
        words[0] = f"Suggested, not confirmed: {words[0]}"
    return [Sentence(as_sentence(part), cites) for part in words]


def _fix(desk: _Desk) -> list[Sentence]:
    """Tell of the fix that was chosen; what rests on a fact that was taken back is left at its title."""
    fix = desk.chosen_fix
    return [] if fix is None else _fix_words(desk, fix, _decision(fix))


def _suggestion(desk: _Desk) -> list[Sentence]:
    fix = desk.session.active_fix
    return [] if fix is None or fix.user_decision is not None else _fix_words(desk, fix, "Suggested fix, not decided")


def _fix_words(desk: _Desk, fix: SuggestedFix, opener: str) -> list[Sentence]:
    label = (fix_label(desk.session, fix),)
    title = desk.redactor.redact(fix.title)
    parts = [] if desk.taken_back(fix) else sentences_of(desk.redactor.redact(fix.description))
    return [Sentence(as_sentence(part), label) for part in (f"{opener}: {title}", *parts)]


def _decision(fix: SuggestedFix) -> str:
    return "Suggested and replaced, not decided" if fix.user_decision is None else _DECISIONS[fix.user_decision]


def _past_fixes(desk: _Desk) -> list[Sentence]:
    """Tell of all fixes but the one that is still open; by title, as their reasons may not stand any more."""
    active = desk.session.active_fix
    return [
        Sentence(as_sentence(f"{_decision(fix)}: {desk.redactor.redact(fix.title)}"), (fix_label(desk.session, fix),))
        for fix in desk.session.fixes
        if fix.user_decision is not None or (active is not None and fix.id != active.id)
    ]


def _scripts(desk: _Desk) -> list[Sentence]:
    return [
        Sentence(as_sentence(source.says), (label,))
        for label, source in desk.sources.items()
        if source.kind is SourceKind.SCRIPT
    ]


def _items(desk: _Desk, status: ItemStatus, *kinds: LaneKind) -> list[tuple[str, LaneItem]]:
    numbered = [(item_label(number), item) for number, item in enumerate(desk.session.items, 1)]
    return [(label, item) for label, item in numbered if item.status is status and item.kind in kinds]


def _done_actions(desk: _Desk) -> list[Sentence]:
    sentences = []
    for label, item in _items(desk, ItemStatus.DONE, LaneKind.ACTION):
        answer = "" if has_taken_back_result(desk.session, item) else item.answer.strip()
        words = f"Done: {item.text.rstrip('.')}" + (f" ({answer.rstrip('.')})" if answer else "")
        sentences.append(Sentence(as_sentence(desk.redactor.redact(words)), (label,)))
    return sentences


def _done_checks(desk: _Desk) -> list[Sentence]:
    """Name checks that were made, with the facts that came of them, else with what was said."""
    sentences = []
    for label, item in _items(desk, ItemStatus.DONE, LaneKind.CHECK):
        if has_taken_back_result(desk.session, item):
            continue
        made = [fact.label for fact in desk.session.known if fact.id == item.fact_id or fact.source_ref == item.id]
        answer = item.answer.strip().rstrip(".")
        result = f" ({_listed(made)})" if made else (f" ({answer})" if answer else "")
        words = f"Checked: {item.text.rstrip('.')}{result}"
        sentences.append(Sentence(as_sentence(desk.redactor.redact(words)), (label, *made)))
    return sentences


def _open_items(desk: _Desk) -> list[Sentence]:
    return [
        Sentence(as_sentence(desk.redactor.redact(f"{_OPENERS[kind]}: {item.text}")), (label,))
        for kind in _OPENERS
        for label, item in _items(desk, ItemStatus.OPEN, kind)
    ]


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
