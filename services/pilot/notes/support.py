"""Hold a model's sentences against what is recorded, by rules; what does not pass is not written.

A sentence may bring recorded statements into another order, join them and drop filling words. It passes when
1. each label that it cites exists,
2. the whole of it, or each of its clauses (at `;`, `:`, commas, dashes, and, but, while), restates one statement that
   the rules would write in the same section and that it cites: the clause's meaningful words stand in that statement
   in the same order, nothing is added, at most a fifth of the statement's words are left out, and none of those is a
   negation, a limit ("only", "when", "probably"), a number or a name,
3. it tells at least one statement whole that no sentence before it told,
4. it touches no facts that contradict each other: those are told by rule.
It then cites exactly what those statements rest on. Statements that no sentence told are added as the rules write them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from services.pilot.notes.redaction import redact_secrets
from services.pilot.notes.types import Note, Origin, Section, Sentence
from services.pilot.notes.words import Token, as_sentence, tokens_of

LEFT_OUT_SHARE = 0.2
MAX_SENTENCE_CHARACTERS = 1200
_CLAUSE_END = re.compile(r"\s*[;:–—]\s+|,\s+(?:and|but|while|whereas)\s+|,\s+|\s+(?:and|but|while|whereas)\s+")
_MARKUP = re.compile(r"<[!@#]|\]\(|@(?:channel|here|everyone)\b|\[~accountid")


@dataclass(frozen=True)
class _Statement:
    """A sentence of the rules with its words."""

    sentence: Sentence
    tokens: tuple[Token, ...]


def compose(draft: Note, proposed: Sequence[tuple[str, Sentence]], disputed: frozenset[str], answered_by: str) -> Note:
    """Return the note with what passed of a model's sentences (by heading), and the rules' where none did.

    `disputed` are labels of facts that contradict each other.
    """
    known = {label for _, sentence in draft.all_sentences() for label in sentence.cites}
    sections = []
    for section in draft.sections:
        texts = [sentence for heading, sentence in proposed if heading == section.heading]
        wanted = [each for each in texts if each.cites and known.issuperset(each.cites)]
        sections.append(_section(section, [each for each in wanted if disputed.isdisjoint(each.cites)]))
    return replace(draft, sections=tuple(sections), answered_by=answered_by)


def _section(section: Section, proposed: Sequence[Sentence]) -> Section:
    untold = [_Statement(sentence, tuple(tokens_of(sentence.text))) for sentence in section.sentences]
    passed: list[Sentence] = []
    for sentence in proposed:
        cited = [each for each in untold if not set(each.sentence.cites).isdisjoint(sentence.cites)]
        told = statements_told(sentence.text, cited)
        if told:
            untold = [each for each in untold if each not in told]
            cites = tuple(dict.fromkeys(label for each in told for label in each.sentence.cites))
            passed.append(Sentence(as_sentence(" ".join(sentence.text.split())), cites, Origin.MODEL))
    return replace(section, sentences=(*passed, *(each.sentence for each in untold)))


def statements_told(text: str, statements: Sequence[_Statement]) -> list[_Statement]:
    """Return the statements that a text restates, or [] when any part of it restates none."""
    if len(text) > MAX_SENTENCE_CHARACTERS or _MARKUP.search(text) or redact_secrets(text)[1]:
        return []
    for parts in _readings(text):
        told: list[_Statement] = []
        for words in parts:
            found = next((each for each in statements if each not in told and _restates(words, each.tokens)), None)
            if found is None:
                break
            told.append(found)
        else:
            return told
    return []


def _readings(text: str) -> Iterator[list[list[Token]]]:
    """Read a text as one statement, then as all its clauses, then with neighbouring clauses joined to two."""
    yield [tokens_of(text)]
    ends = [match.span() for match in _CLAUSE_END.finditer(text)]
    starts = [0, *(end for _, end in ends)]
    stops = [*(start for start, _ in ends), len(text)]
    if ends:
        yield [tokens_of(text[start:stop]) for start, stop in zip(starts, stops, strict=True)]
    for (start, end), _ in zip(ends, range(20), strict=False):
        if len(ends) > 1:
            yield [tokens_of(text[:start]), tokens_of(text[end:])]


def _restates(words: Sequence[Token], statement: Sequence[Token]) -> bool:
    """Tell whether `words` are those of a statement, in order, with little and nothing of weight left out."""
    if not words:
        return False
    left_out: list[Token] = []
    position = 0
    for word in words:
        while position < len(statement) and statement[position].stem != word.stem:
            left_out.append(statement[position])
            position += 1
        if position == len(statement):
            return False
        position += 1
    left_out += statement[position:]
    return len(left_out) <= len(statement) * LEFT_OUT_SHARE and not any(token.is_guarded for token in left_out)
