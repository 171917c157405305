"""A fact says nothing that the answer does not say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pilot.facts import FUNCTION_WORDS, fact_words, is_certain, is_supported, words_of

_VOCABULARY = (
    "the account Outlook password error code locked online VPN not no yes 0x80070005 12% v16.0.2 srv-01 or and since "
    "still Monday asks *bold* _it_ `cmd` الحساب مقفل maybe sure unknown you it is are ? , . : — ; n't don't"
)
WORDS = st.lists(st.sampled_from(_VOCABULARY.split()), max_size=6).map(" ".join)
BEGINNINGS = st.sampled_from(["Is the", "Has it", "Are they", "What is the", "Which are their", "Does", "Was this", ""])
QUESTIONS = st.one_of(st.builds("{} {}{}".format, BEGINNINGS, WORDS, st.sampled_from("?؟:. ")), st.text(max_size=40))
ANSWERS = st.one_of(st.sampled_from(["yes", "No", "nope.", "n", "12"]), WORDS, st.text(max_size=40))


@pytest.mark.parametrize(
    ("question", "answer", "fact"),
    [
        ("Is the account locked?", "No", "The account is not locked."),
        ("Is the account locked?", "yes.", "The account is locked."),
        ("Has it expired?", "nope", "It has not expired."),
        ("Was the password changed in the last days?", "Yes", "The password was changed in the last days."),
        ("Was the laptop restarted?", "No", "The laptop was not restarted."),
        ("Is the old shared printer broken?", "Yes", "Is the old shared printer broken? Yes."),
        ("Is the newly added user licensed?", "Yes", "The newly added user is licensed."),
        ("Is the Outlook client up to date?", "yes", "The Outlook client is up to date."),
        ("Is the account locked?", "No, but it was", "Is the account locked? No, but it was."),
        ("Is the shared mailbox listed in the tree?", "Yes", "Is the shared mailbox listed in the tree? Yes."),
        ("Is the account locked or disabled?", "Yes", "Is the account locked or disabled? Yes."),
        ("Isn't the account locked?", "No", "Isn't the account locked? No."),
        ("Does Outlook ask again?", "n", "Does Outlook ask again? N."),
        ("What is the error code?", "0x80070005", "The error code: 0x80070005."),
        ("What's the build?", "no", "What's the build? No."),
        ("How many users have it?", "3 of 12", "How many users have it? 3 of 12."),
        ("Which version?", "16.0.2, I think 64 bit", "Which version? 16.0.2, I think 64 bit."),
        ("Error text:", "unknown user *x*", "Error text: Unknown user *x*."),
        ("Run `ping srv-01`", "4 replies\n0 lost", "Run `ping srv-01`: 4 replies 0 lost."),
        ("هل الحساب مقفل؟", "لا", "هل الحساب مقفل؟ لا."),
    ],
)
@pytest.mark.requirement("FLP-2.2")
def test_answers_become_facts_in_their_own_words(question: str, answer: str, fact: str) -> None:
    assert fact_words(question, answer) == fact


@pytest.mark.parametrize(
    "answer",
    [
        *("not sure", "Not really sure.", "I don't know", "no idea", "maybe", "Probably yes", "I think so", "unknown"),
        *(
            "n/a",
            "?",
            "",
            "idk",
            "Not sure, maybe since Monday",
            "can't tell",
            "will check",
            "could be",
            "ربما",
            "لا أعرف",
        ),
        *("weiß ich nicht", "keine Ahnung", "It seems so", "perhaps 12", "skip"),
    ],
)
@pytest.mark.requirement("FLP-2.2")
def test_doubt_is_no_fact(answer: str) -> None:
    assert fact_words("Is the account locked?", answer) is None
    assert not is_supported("The account is locked", "Is the account locked?", answer)


@pytest.mark.requirement("FLP-2.2")
@given(QUESTIONS, ANSWERS)
def test_every_content_word_of_a_fact_is_in_the_question_or_the_answer(question: str, answer: str) -> None:
    fact = fact_words(question, answer)
    if fact is None:
        return
    said = words_of(f"{question} {answer}")
    assert [word for word in words_of(fact) if word not in said and word not in FUNCTION_WORDS] == []
    added = [word for word in words_of(fact) if word in ("not", "no") and word not in said]
    assert added == [] or words_of(answer)[0] in ("no", "n", "nope", "nah", "false", "negative", "nein", "non", "لا")


@given(QUESTIONS)
def test_a_question_alone_is_no_fact(question: str) -> None:
    assert fact_words(question, "") is None
    assert not is_certain("")


@pytest.mark.parametrize(
    ("words", "question", "answer"),
    [
        ("The account is locked.", "Is the account locked?", "Yes"),
        ("The account isn't locked.", "Is the account locked?", "No"),
        (
            "Outlook asked for the password after the restart",
            "Does Outlook ask for the password after a restart?",
            "Yes",
        ),
        ("Error 0x80070005 is shown", "Which error is shown?", "0x80070005"),
        ("The VPN was not connected", "Was the VPN connected?", "It was not connected on Monday"),
        ("4 replies to ping", "Ping it", "4 replies, 0 lost"),
    ],
)
def test_a_models_words_are_taken_when_the_answer_says_so(words: str, question: str, answer: str) -> None:
    assert is_supported(words, question, answer)


@pytest.mark.parametrize(
    ("words", "question", "answer"),
    [
        ("The account is locked.", "Is the account locked?", "No"),
        ("The account is not locked.", "Is the account locked?", "Yes"),
        ("The account is locked by policy.", "Is the account locked?", "Yes"),
        ("Error 0x80070006 is shown", "Which error is shown?", "0x80070005"),
        ("The VPN was connected", "Was the VPN connected?", "It was not connected on Monday"),
        ("The user is on the VPN", "Is the user on the VPN?", "In the office"),
        ("It is not synced", "Is it not synced?", "No"),
        ("", "Is it synced?", "Yes"),
        ("It is.", "Is it synced?", "Yes"),
    ],
)
@pytest.mark.requirement("FLP-2.2")
def test_a_models_words_are_refused_when_they_say_more_or_else(words: str, question: str, answer: str) -> None:
    assert not is_supported(words, question, answer)
