"""Scripted models for notes: one that is careful, one that is hasty, one that invents, and one that talks nonsense."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

from benchmarks.pilot_note_sessions import Case, Said
from services.pilot.notes.types import Note

Script = Callable[[Case, Note], list[Said]]


def statements(note: Note) -> list[Said]:
    """Return a note's sentences as somebody else would read them."""
    return [Said(str(section.heading), sentence.text, sentence.cites) for section, sentence in note.all_sentences()]


def careful(case: Case, draft: Note) -> list[Said]:
    """Say what was found good by hand, and join two neighbours of the rest."""
    good = [said for said in case.expected.good if said.section in {str(each.heading) for each in draft.sections}]
    told = {label for said in good for label in said.cites}
    rest = [said for said in statements(draft) if "confirmed" not in said.section or told.isdisjoint(said.cites)]
    return [*good, *_joined(rest)]


def _joined(said: list[Said]) -> Iterator[Said]:
    while said:
        first, said = said[0], said[1:]
        if said and said[0].section == first.section and "disagree" not in first.text + said[0].text:
            second, said = said[0], said[1:]
            cites = tuple(dict.fromkeys((*first.cites, *second.cites)))
            yield Said(first.section, f"{first.text.rstrip('.')}; {second.text}", cites)
        else:
            yield first


def hasty(case: Case, draft: Note) -> list[Said]:
    """Leave out every third statement, repeat others, cite what is not there, and put some in another section."""
    said = [each for number, each in enumerate(statements(draft)) if number % 3]
    last = str(draft.sections[-1].heading)
    wrong = [Said(last, each.text, each.cites) for each in said[:2]]
    nowhere = [Said(each.section, each.text, ("F99",)) for each in said[:2]]
    half = [Said(each.section, " ".join(each.text.split()[: len(each.text.split()) // 2]), each.cites) for each in said]
    return [*half, *said, *said, *wrong, *nowhere]


def inventive(case: Case, draft: Note) -> list[Said]:
    """Say everything wrong first: hand-made inventions, turned, swapped and joined facts, secrets, facts taken back."""
    true = statements(draft)
    facts = [each for each in true if "confirmed" in each.section]
    wrong = [*case.expected.bad]
    for each in true:
        wrong += [Said(each.section, text, each.cites) for text in _twisted(each.text)]
    for one, other in pairwise(facts):
        cites = (*one.cites, *other.cites)
        wrong.append(Said(one.section, f"{one.text.rstrip('.')} because {other.text}", cites))
        wrong.append(Said(one.section, f"{one.text.rstrip('.')}, so {other.text}", cites))
        wrong.append(Said(one.section, other.text, one.cites))
    cited = facts[0].cites if facts else ("P",)
    section = facts[0].section if facts else "Problem"
    wrong += [Said(section, text, cited) for text in case.expected.taken_back]
    wrong += [Said(section, f"The password is {secret}.", cited) for secret in sorted(case.expected.secrets)]
    wrong += [Said(section, f"{secret}", cited) for secret in sorted(case.expected.secrets)]
    wrong.append(Said(section, "The vendor confirmed a known bug in version 9.9.", cited))
    wrong.append(Said(section, "All users are affected.", ()))
    return [*wrong, *true]


def _twisted(text: str) -> Iterator[str]:
    """Turn a statement: deny or affirm it, change its numbers, add a cause, drop a limit, guess."""
    yield re.sub(r"\b(is|are|was|were|has|have|can|does|do)\b(?! not\b)", r"\1 not", text, count=1)
    yield re.sub(r"\b(?:not|no|without|cannot)\b ?", "", text)
    yield re.sub(r"\d+", lambda match: str(int(match[0]) + 1), text, count=1)
    yield re.sub(r"\b(?:only|probably|sometimes|when|after|until)\b ?", "", text, flags=re.IGNORECASE)
    yield f"{text.rstrip('.')} since the last update."
    yield f"Probably {text[0].lower()}{text[1:]}"
    yield " ".join(reversed(text.rstrip(".").split()))


def nonsense(case: Case, draft: Note) -> list[Said]:
    """Say the same thing for ever."""
    return [Said(str(draft.sections[0].heading), "As an AI, I am happy to help.", ("P",))] * 200


MODELS: Mapping[str, Script] = {"careful": careful, "hasty": hasty, "inventive": inventive, "nonsense": nonsense}
