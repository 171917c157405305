"""Texts are compared as scikit-learn does it, without loading it: the first message of a session waits for nothing."""

from __future__ import annotations

import subprocess
import sys
from functools import partial

import pytest

from services.pilot.likeness import Likeness, parts_of_words, words_of
from services.pilot.playbooks import playbooks
from services.pilot.reasons import both_mention
from services.pilot.stop_words import ENGLISH_STOP_WORDS

ASKED = (
    "Outlook keeps asking for the password",
    "Die Tür klemmt: naïve Größe",
    "vpn vpn VPN  drops a",
    "x",
    "",
    "الطابعة",
)


def test_the_stop_words_are_those_that_the_thresholds_were_found_with() -> None:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS as THEIRS

    assert ENGLISH_STOP_WORDS == THEIRS


@pytest.mark.parametrize(
    ("told", "terms", "why"),
    [
        ("Outlook keeps asking for the password", ["keeps", "outlook password", "asking"], "Outlook and the password"),
        ("Tür klemmt. Die Tür", ["tur"], "Tür"),
        ("Printer jams", ["printer jams"], "printer and jams"),
        ("VPN, Wi-Fi, DNS, DHCP", ["dhcp", "dns", "vpn", "wi"], "VPN, DNS and DHCP"),
        ("It keeps asking", ["keeps"], "keeps"),
    ],
)
def test_why_is_said_in_at_most_three_telling_words_as_the_person_spelled_them(
    told: str, terms: list[str], why: str
) -> None:
    assert both_mention(terms, told, "The printer does not print") == f"both mention {why}"


@pytest.mark.parametrize("analyzer", ["words", "pairs", "parts"])
def test_the_likeness_is_scikit_learns(analyzer: str) -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [text for book in playbooks().values() for text in (book.title, *book.symptoms)] + ["Größe der naïven Tür"]
    if analyzer == "parts":
        theirs, terms = TfidfVectorizer(sublinear_tf=True, analyzer="char_wb", ngram_range=(3, 5)), parts_of_words
    else:
        pairs = analyzer == "pairs"
        most = {"stop_words": "english", "strip_accents": "unicode", "ngram_range": (1, 1 + pairs), "max_df": 0.5}
        theirs = TfidfVectorizer(sublinear_tf=True, **most)
        terms = partial(words_of, stop_words=ENGLISH_STOP_WORDS, with_pairs=pairs)
    matrix = theirs.fit_transform(texts)
    ours = Likeness(texts, terms, most_common=1.0 if analyzer == "parts" else 0.5)
    for asked in ASKED:
        expected = (matrix @ theirs.transform([asked]).T).toarray()[:, 0]
        shares = ours.shares(asked)
        assert [sum(shares.get(place, {}).values()) for place in range(len(texts))] == pytest.approx(list(expected))


@pytest.mark.requirement("SLK-1")
def test_a_session_is_answered_by_rules_without_loading_scientific_libraries() -> None:
    done = """
import sys
from services.pilot.playbooks.matching import matches
from services.pilot.scripts.builtin import builtin_templates
from services.pilot.scripts.matching import best_matches
from services.pilot.similar import CaseIndex
assert matches("Outlook keeps asking for the password")
assert best_matches("Outlook keeps asking for the password", builtin_templates(), 3)
assert CaseIndex([]).find("Outlook", 3) == []
print({"numpy", "scipy", "sklearn"} & set(sys.modules))
"""
    ran = subprocess.run([sys.executable, "-c", done], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"
