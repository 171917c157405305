"""Secrets are taken out of what people say of a problem, and everything else is left."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pilot.redaction import as_reference, cleaned, without_secrets


@pytest.mark.parametrize(
    ("said", "secret"),
    [
        ("I changed her password to Hunter22!x this morning", "Hunter22!x"),
        ("password is Summer2026!", "Summer2026!"),
        ("the password is sunshine", "sunshine"),
        ("It was changed back: password: hunter, says Ana", "hunter"),
        ("the temporary password (from IT) is: Kx9#mmpQ", "Kx9#mmpQ"),
        ("signed in with password Winter2025 and it worked", "Winter2025"),
        ("pw: qwe!rtz99", "qwe!rtz99"),
        ("Das Kennwort lautet Sommer#2026", "Sommer#2026"),
        ("mot de passe : Azerty!123", "Azerty!123"),
        ("la contraseña es Verano#2026", "Verano#2026"),
        ("a senha é Verao#2026", "Verao#2026"),
        ("her PIN is 4711, she says", "4711"),
        ("recovery 123456-234567-345678-456789-567890-678901-789012-890123 works", "123456-234567"),
        ("كلمة المرور هي Ahmed@2026x", "Ahmed@2026x"),
        ("Authorization: Bearer abcDEF123456ghiJKL7890", "abcDEF123456ghiJKL7890"),
        ("key AKIAQ3EGRIOTK7BVJ2PL leaked", "AKIAQ3EGRIOTK7BVJ2PL"),
    ],
)
def test_secrets_go(said: str, secret: str) -> None:
    assert secret in said
    assert secret not in without_secrets(said)
    assert "[SECRET_1]" in without_secrets(said)


@pytest.mark.parametrize(
    "said",
    [
        "Outlook keeps asking for the password since 2026-11-20 09:30",
        "The password prompt is shown 12 times a day on Windows 11 23H2",
        "Her password was reset to nothing in particular; it expired 90 days ago",
        "Is the password policy set to require rotation?",
        "jane.doe@acme.example cannot sign in to https://outlook.office365.com/mail, error 0x80070005",
        "The PIN pad on floor 2 is broken since 2024, ticket 48213",
        "The PIN was asked 3 times, then error 1603 at 09:30",
        "password is [SECRET_1]",
        "It comes from https://login.microsoftonline.com/common/oauth2/v2.0/token and admin.example.com/v2",
        "Is the password correct?",
        "The password is correct, but the saved password was expired",
        "صندوق البريد لا يقبل كلمة المرور منذ الأمس",
    ],
)
def test_everything_else_stays(said: str) -> None:
    assert without_secrets(said) == said
    assert without_secrets(said, question="Since when does it ask for the password?") == said


@pytest.mark.parametrize(
    "question", ["What is the new password?", "Which password did she set?", "Please send me the PIN"]
)
def test_a_bare_word_can_be_the_secret_that_was_asked_for(question: str) -> None:
    assert without_secrets("Blue$Sky4", question=question) == "[SECRET_1]"
    assert (without_secrets("4711", question=question) == "[SECRET_1]") == ("PIN" in question)
    assert without_secrets("unknown to me, ask jane@acme.example", question=question).startswith("unknown to me")


def test_no_end_of_a_secret_is_left_when_several_rules_see_it() -> None:
    assert without_secrets("password: Kx9#mmpQ(77)!z ok") == "password: [SECRET_1] ok"


def test_the_same_secret_has_the_same_placeholder() -> None:
    said = "password: Aa1!aa1!bb and again password: Aa1!aa1!bb, not password: Cc2?cc2?dd"
    assert without_secrets(said) == "password: [SECRET_1] and again password: [SECRET_1], not password: [SECRET_2]"


@given(st.text(max_size=80))
def test_what_is_clean_stays_as_it_is(said: str) -> None:
    once = without_secrets(said)
    assert without_secrets(once) == once


def test_documents_are_cleaned_all_the_way_down_and_sensitive_parameters_become_references() -> None:
    assert cleaned({"a": ["pwd: Zz9!zz9!yy", 3, None]}) == {"a": ["pwd: [SECRET_1]", 3, None]}
    parameter = {"name": "admin", "type": "secret", "sensitive": True, "value": "Zz9!zz9!yy"}
    assert as_reference(parameter)["value"] == "secret:admin"
    assert as_reference(parameter | {"value": "secret:acme-admin"})["value"] == "secret:acme-admin"
    assert as_reference({"name": "host", "value": "srv1"}) == {"name": "host", "value": "srv1"}
