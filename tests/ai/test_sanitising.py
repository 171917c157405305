"""Secrets and personal data are found; versions, ids and look-alikes are left alone."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ai.material import cleaned
from services.ai.sanitise import SECRET, Redactor, find_all, redact

DATA = Path(__file__).parents[3] / "shared" / "data"
RANDOM = "q7Rk2Lm9Xw4Tz8Vb3Nc6"


@pytest.mark.requirement("SYS-8")
@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"use ghp_{RANDOM}{RANDOM[:16]} please", "use [SECRET_1] please"),
        (f"postgres://app:{RANDOM}@db.test/x", "postgres://app:[SECRET_1]@db.test/x"),
        (f"Authorization: Bearer {RANDOM}", "Authorization: Bearer [SECRET_1]"),
        (f'api_key = "{RANDOM}"', 'api_key = "[SECRET_1]"'),
        ("the password is tr0ub4dor&3", "the password is [SECRET_1]"),
        (f"curl -u bob:{RANDOM} https://x.test", "curl -u [SECRET_1] https://x.test"),
        (
            f"-----BEGIN RSA PRIVATE KEY-----\n{RANDOM * 4}\n-----END RSA PRIVATE KEY-----",
            "[SECRET_1]",
        ),
        (f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.{RANDOM}{RANDOM}", "[SECRET_1]"),
        ("mail ana@example.org or +49 30 901820123", "mail [EMAIL_1] or [PHONE_1]"),
        ("(212) 555-0187 and 4111 1111 1111 1111", "[PHONE_1] and [CARD_1]"),
        ("IBAN DE89 3704 0044 0532 0130 00 from 203.0.113.9", "IBAN [IBAN_1] from [IP_1]"),
        ("SSN 536-22-1234 at 2001:db8::7", "SSN [SSN_1] at [IP_1]"),
    ],
)
def test_it_finds(text: str, kept: str) -> None:
    assert redact(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "Deployed v2.13.7 on 2026-11-21 10:15:00 as build 20261121.4",
        "CPE-1042 blocks NET-88; see commit 5b39158e9a19049bce923c66f5de8aa047f5f9b0",
        'password = "changeme"',
        "api_key: <your-api-key>",
        "4111 1111 1111 1112 is not a card",
        "id 123e4567-e89b-12d3-a456-426614174000",
        "from 127.0.0.1:8080 to ::1",
        "KeyError: token is missing in parse_token(value)",
        "https://example.test/a/b?page=2#top",
        "10:30:45 started, took 00:12:13",
    ],
)
def test_it_leaves_alone(text: str) -> None:
    assert redact(text) == text


def test_the_same_value_gets_the_same_placeholder_in_every_text() -> None:
    redactor = Redactor()
    assert redactor.redact("a@x.test, b@x.test") == "[EMAIL_1], [EMAIL_2]"
    assert redactor.redact("b@x.test") == "[EMAIL_2]"
    assert redactor.found == {"EMAIL": 2}


def test_a_placeholder_that_somebody_typed_is_not_mistaken_for_a_value() -> None:
    redactor = Redactor()
    text = "[EMAIL_1] wrote from a@x.test"
    assert redactor.redact(text) == "[EMAIL_1] wrote from [EMAIL_2]"
    assert redactor.restore("[EMAIL_1] and [EMAIL_2]") == "[EMAIL_1] and a@x.test"


_PIECES = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["a@x.test", "+49 30 901820123", "4111111111111111", f"token={RANDOM}", "[EMAIL_1]", "[IP_2]"]),
)


@given(st.lists(_PIECES, max_size=8).map(" ".join))
def test_what_is_redacted_once_holds_nothing_more_and_comes_back_as_it_was(text: str) -> None:
    redactor = Redactor()
    clean = redactor.redact(text)
    assert [find for find in find_all(clean) if find.kind in ("EMAIL", "CARD")] == []
    if SECRET not in redactor.found:
        assert redactor.restore(clean) == text


@given(st.text(alphabet=":/@=-.+ \"'aA0{}<>", max_size=400))
def test_odd_text_is_read_to_its_end(text: str) -> None:
    finds = find_all(text)
    assert all(a.end <= b.start for a, b in pairwise(finds))


def _rows(name: str) -> list[dict[str, Any]]:
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"{name} is not beside the project")
    with gzip.open(path) as file:
        rows: list[dict[str, Any]] = json.load(file)
    return rows


def _finds_secret(row: dict[str, Any]) -> bool:
    start = row["text"].find(row["secret"]) if row["secret"] else -1
    end = start + len(row["secret"]) if start >= 0 else len(row["text"])
    return any(f.kind == SECRET and f.start < end and f.end > max(start, 0) for f in find_all(row["text"]))


def test_on_published_vectors_most_secrets_are_found_and_few_look_alikes() -> None:
    core = [row for row in _rows("secrets_gitleaks/vectors.json.gz") if row["core"]]
    secrets = [row for row in core if row["label"]]
    look_alikes = [row for row in core if not row["label"] and not row["other_rule_hit"]]
    recall = sum(map(_finds_secret, secrets)) / len(secrets)
    false_positives = sum(1 for row in look_alikes if any(f.kind == SECRET for f in find_all(row["text"])))
    assert recall >= 0.96
    assert false_positives / len(look_alikes) <= 0.22


def test_on_published_sentences_personal_data_is_found_and_nothing_else() -> None:
    kinds = {"EMAIL_ADDRESS": 0.99, "IBAN_CODE": 0.9, "IP_ADDRESS": 0.99, "CREDIT_CARD": 0.9, "PHONE_NUMBER": 0.6}
    found: Counter[str] = Counter()
    total: Counter[str] = Counter()
    wrong = 0
    for row in _rows("pii_presidio/synth_dataset_v2.json.gz"):
        finds = find_all(row["full_text"])
        spans = [(s["start_position"], s["end_position"], s["entity_type"]) for s in row["spans"]]
        for start, end, kind in spans:
            total[kind] += 1
            found[kind] += any(f.start < end and f.end > start for f in finds)
        wrong += sum(1 for f in finds if not any(f.start < end and f.end > start for start, end, _ in spans))
    assert {kind: found[kind] / total[kind] >= share for kind, share in kinds.items()} == dict.fromkeys(kinds, True)
    assert wrong <= 3


def test_in_structures_names_tell_what_is_a_secret_and_are_read_themselves() -> None:
    redactor = Redactor()
    found = cleaned({"password": "Winter26", "jane@acme.example": {"key": "CPE-101", "notes": ["a", 1]}}, redactor)
    assert found == {"password": "[SECRET_1]", "[EMAIL_1]": {"key": "CPE-101", "notes": ["a", 1]}}
    assert redactor.restore("[EMAIL_1]") == "jane@acme.example"
