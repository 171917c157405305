"""Playbooks are found by how people tell a problem, ask what tells most, and come to the cause that the answers say."""

from __future__ import annotations

import pytest

from services.pilot.playbooks import GENERAL, playbooks
from services.pilot.playbooks.answers import option_in, outcome_words, reading_of, says_it_worked
from services.pilot.playbooks.evidence import chances, likely_cause, next_step
from services.pilot.playbooks.matching import matches
from services.pilot.playbooks.types import Cause, Playbook
from services.pilot.scripts.builtin import builtin_templates
from services.pilot.types import LaneKind, NewItem
from tests.pilot.talking.conftest import Talk


def test_there_are_twelve_and_more_and_their_templates_exist() -> None:
    books = playbooks()
    assert len(books) - 1 >= 12
    named = {cause.fix.template for book in books.values() for cause in book.causes if cause.fix.template}
    assert named <= {template.name for template in builtin_templates()}


@pytest.mark.parametrize(
    ("problem", "name"),
    [
        ("Outlook keeps asking for the password at Acme", "outlook-password"),
        ("Jane cannot log in, her account is locked", "account-locked"),
        ("The printer on floor 2 prints nothing", "printer-not-printing"),
        ("vpn wont connect from home", "vpn"),
        ("laptop of Bob is terribly slow since Monday", "slow-computer"),
        ("Files in OneDrive are not syncing", "onedrive-sync"),
        ("My microphone is not working in Teams meetings", "teams-audio"),
        ("website shows certificate has expired", "certificate"),
        ("The intranet returns 502 Bad Gateway", "server-service-down"),
        ("User clicked a link in a phishing mail", "phishing"),
        ("New phone, authenticator does not approve", "mfa"),
        ("C: drive is full on SRV-02", "disk-full"),
        ("Cannot open the shared mailbox info@", "shared-mailbox"),
        ("no internet in the meeting room", "no-internet"),
        ("Please order a new monitor", None),
        ("The coffee machine leaks", None),
        ("SAP report shows wrong numbers", None),
        ("لا شيء يعمل", None),
        ("", None),
    ],
)
def test_a_problem_finds_its_playbook_and_others_find_none(problem: str, name: str | None) -> None:
    found = matches(problem)
    assert (found[0].playbook.name if found else None) == name


@pytest.mark.parametrize(
    ("book", "cause"),
    [(book, cause) for book in playbooks().values() for cause in book.causes],
    ids=lambda each: each.id if isinstance(each, Cause) else each.name,
)
def test_answers_that_speak_for_a_cause_lead_to_its_fix(book: Playbook, cause: Cause) -> None:
    findings: dict[str, str] = {}
    asked: set[str] = set()
    while (step := next_step(book, findings, asked)) and likely_cause(book, findings) is None:
        asked.add(step.id)
        against = cause.contra.get(step.id, ())
        neutral = [option for option in step.options if option not in against]
        if step.options:
            findings[step.id] = next(iter(cause.pro.get(step.id, ())), neutral[-1] if neutral else step.options[0])
    found = likely_cause(book, findings, is_last_word=next_step(book, findings, asked) is None)
    assert found is not None, findings
    now = chances(book, findings)
    assert now[cause.id] >= 0.25, "it is at least among the first"
    if book.name != GENERAL:
        assert found.id == cause.id


def test_a_cause_that_was_ruled_out_is_not_named_again() -> None:
    book = playbooks()["outlook-password"]
    findings = {"webmail": "Works", "changed": "Yes", "others": "Only this machine"}
    first = likely_cause(book, findings)
    assert first is not None
    second = likely_cause(book, findings, {first.id})
    assert second is None or second.id != first.id
    assert first.id not in chances(book, findings, {first.id})
    assert chances(book, findings, {cause.id for cause in book.causes}) == {}


@pytest.mark.parametrize(
    ("said", "options", "meant"),
    [
        ("Yes, since Monday", ("Yes", "No"), "Yes"),
        ("nope", ("Yes", "No"), "No"),
        ("it is not locked", ("Locked", "Not locked"), "Not locked"),
        ("locked", ("Locked", "Not locked"), "Locked"),
        ("it does not work there", ("Works", "Refused"), None),
        ("not works", ("Works", "Refused"), None),
        ("works or refused, who knows", ("Works", "Refused"), None),
        ("", ("Yes", "No"), None),
    ],
)
def test_an_option_is_understood_only_when_it_is_plain(said: str, options: tuple[str, ...], meant: str | None) -> None:
    assert option_in(said, options) == meant


@pytest.mark.parametrize(
    ("said", "worked"),
    [
        ("that worked, thanks", True),
        ("Fixed!", True),
        ("did not help", False),
        ("it still asks", False),
        ("it hasn't worked", False),
        ("has it worked?", None),
        ("I will try it", None),
        ("it works now", True),
        ("That fixed it. If it comes back I'll write.", True),
        ("no change", False),
        ("it isn't fixed", False),
        ("not fixed yet", False),
        ("no change of the password is planned", None),
        ("it worked for a minute", None),
        ("It worked. But only on the laptop.", None),
        ("I think that fixed it", None),
        ("it should be fixed", None),
        ("tell me when it's fixed", None),
        ("it worked before the update", None),
    ],
)
def test_whether_a_fix_helped_is_understood(said: str, worked: bool | None) -> None:
    assert says_it_worked(said) is worked


def test_only_the_sentences_that_tell_of_the_fix_are_kept_of_it() -> None:
    assert outcome_words("Thanks a lot. That fixed it! Could you look at the printer") == "That fixed it!"
    assert outcome_words("it worked until noon") is None
    assert outcome_words("maybe no change") is None


async def test_plans_questions_and_chatter_answer_nothing(talk: Talk) -> None:
    session = await talk.sessions.open("Something odd", talk.alice)
    await talk.said(session.id, "Something odd")
    session = await talk.sessions.get(session.id)
    for said in ("I'll call her", "which one?", "let me look", "thanks", "maybe it is the cable"):
        assert reading_of(session, said) is None, said
    reading = reading_of(session, "Error 0x80070005 when it is opened")
    assert reading is not None
    assert not reading.cannot_say
    assert (skipped := reading_of(session, "no idea")) is not None
    assert skipped.cannot_say


async def test_a_yes_with_further_words_is_for_the_question_that_has_them(talk: Talk) -> None:
    session = await talk.sessions.open("The VPN drops", talk.alice)
    many = NewItem(LaneKind.QUESTION, "Are several people affected?", options=("Yes", "No"))
    update = NewItem(LaneKind.QUESTION, "Did it begin with an update?", options=("Yes", "No"))
    session = await talk.sessions.add_items(session.id, [many])
    session = await talk.sessions.add_items(session.id, [update])
    for said, asked in (("yes several people", many), ("No, only after the update", update), ("yes", update)):
        assert (reading := reading_of(session, said)) is not None
        assert reading.item.text == asked.text, said
    check = NewItem(LaneKind.CHECK, "Connect over a phone", options=("Stays", "Drops"))
    session = await talk.sessions.add_items(session.id, [check])
    assert reading_of(session, "yes") is None, "two questions ask for a yes"
    first = next(item for item in session.items if item.text == many.text)
    session = await talk.sessions.answer_item(session.id, first.id, "Yes", talk.alice)
    assert (reading := reading_of(session, "yes")) is not None
    assert reading.item.text == update.text


async def test_free_words_are_for_the_check_that_they_name(talk: Talk) -> None:
    session = await talk.sessions.open("OneDrive hangs", talk.alice)
    icon = NewItem(LaneKind.CHECK, "Read what OneDrive's icon says")
    browser = NewItem(LaneKind.QUESTION, "Does it sync in the browser?", options=("Yes", "No"))
    session = await talk.sessions.add_items(session.id, [icon])
    session = await talk.sessions.add_items(session.id, [browser])
    assert (reading := reading_of(session, "the icon says sync pending")) is not None
    assert reading.item.text == icon.text
    for said in (
        "it says nothing",
        "maybe the icon says error",
        "let me see what the icon says",
        "there is a red cross",
    ):
        assert reading_of(session, said) is None, said
