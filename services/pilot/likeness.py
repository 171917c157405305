"""How like texts are: terms in common, weighed by how rare they are (TF-IDF, cosine).

The formulas are scikit-learn's (`TfidfVectorizer`: smooth IDF, sublinear TF, L2), which stays outside: it takes 100 MiB
and up to many seconds when it is loaded, and the first message of a session would wait for that.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from itertools import pairwise

Terms = Callable[[str], list[str]]
_WORD = re.compile(r"\b\w\w+\b")
_BLANKS = re.compile(r"\s\s+")


def words_of(text: str, stop_words: Collection[str], *, with_pairs: bool = False) -> list[str]:
    """Return a text's words of two letters and more, without accents; `with_pairs` adds each two in a row."""
    plain = unicodedata.normalize("NFKD", text.lower())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    words = [word for word in _WORD.findall(plain) if word not in stop_words]
    pairs = [f"{first} {second}" for first, second in pairwise(words)] if with_pairs else []
    return words + pairs


def parts_of_words(text: str, shortest: int = 3, longest: int = 5) -> list[str]:
    """Return the pieces of a text's words, blanks at their ends included."""
    found: list[str] = []
    for word in _BLANKS.sub(" ", text.lower()).split():
        padded = f" {word} "
        for length in range(shortest, longest + 1):
            found += [padded[at : at + length] for at in range(max(1, len(padded) - length + 1))]
            if len(padded) <= length:
                break
    return found


class Likeness:
    """Documents by their terms; built once, asked often.

    A term that more than `most_common` (a share) of the documents have says nothing.
    """

    def __init__(self, documents: Sequence[str], terms: Terms, *, most_common: float = 1.0) -> None:
        self._terms = terms
        counted = [Counter(terms(document)) for document in documents]
        having = Counter(term for counts in counted for term in counts)
        most = most_common * len(documents)
        self._rarity = {
            term: math.log((1 + len(documents)) / (1 + number)) + 1 for term, number in having.items() if number <= most
        }
        self._having: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for place, counts in enumerate(counted):
            for term, weight in self._weights(counts).items():
                self._having[term].append((place, weight))

    def shares(self, text: str) -> dict[int, dict[str, float]]:
        """Return what each term adds to the likeness (0 to 1, their sum) of each document that has one of them."""
        found: defaultdict[int, dict[str, float]] = defaultdict(dict)
        for term, weight in self._weights(Counter(self._terms(text))).items():
            for place, other in self._having[term]:
                found[place][term] = weight * other
        return found

    def _weights(self, counts: Counter[str]) -> dict[str, float]:
        raw = {
            term: (1 + math.log(number)) * self._rarity[term] for term, number in counts.items() if term in self._rarity
        }
        length = math.sqrt(sum(weight * weight for weight in raw.values()))
        return {term: weight / length for term, weight in raw.items()}
