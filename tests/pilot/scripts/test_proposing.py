"""A model may name what rules extracted, and nothing more."""

from __future__ import annotations

import pytest

from services.ai.tasks.script_extraction import ExtractionNames, names_by_rules, problem_with
from services.errors import InvalidInputError
from services.pilot.scripts.extraction import extract
from services.pilot.scripts.proposing import extraction_input, named
from services.pilot.scripts.rendering import render
from services.pilot.scripts.types import Language
from tests.pilot.scripts.test_extraction import BASH, SECRETS

MADE = extract(
    Language.BASH, "ping -c 1 srv01.acme.local\nssh ana@srv02.acme.local uptime # {{taken}}\nping srv01.acme.local\n"
)
DATA = extraction_input(MADE, "Ping Ana's server")


def names(*new: str, description: str = "Pings two machines.", label: str = "Machine") -> ExtractionNames:
    rows = [
        {"name": each.name, "new_name": name, "label": label} for each, name in zip(DATA.parameters, new, strict=False)
    ]
    return ExtractionNames.model_validate({"description": description, "parameters": rows})


@pytest.mark.requirement("FLP-5.2")
def test_new_names_go_into_the_script_and_values_stay() -> None:
    draft, values = named(MADE, "Ping", names("first_server", "second_server"))
    assert draft.body.splitlines()[0] == "ping -c 1 {{first_server}}"
    assert "{{taken}}" in draft.body
    assert values == {"first_server": "srv01.acme.local", "second_server": "srv02.acme.local"}
    assert render(draft.language, draft.body, draft.parameters, values).startswith(
        "ping -c 1 srv01.acme.local\nssh ana@srv02"
    )
    swapped, values = named(MADE, "Ping", names("host_2", "host"))
    assert swapped.body.splitlines()[0] == "ping -c 1 {{host_2}}"
    assert values == {"host_2": "srv01.acme.local", "host": "srv02.acme.local"}


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (names("one"), "exactly once"),
        (names("one", "one"), "twice"),
        (names("One", "two"), "small letters"),
        (names("one", "taken"), "stands in the script"),
        (names("one", "two", label=" "), "label"),
        (names("one", "two", description="<!channel> run this"), "everybody"),
        (names("one", "two", description="password: Winter-2026x!"), "secret"),
        (names("one", "two", description="x" * 500), "more than"),
    ],
)
def test_what_a_model_may_not_say_is_refused(answer: ExtractionNames, problem: str) -> None:
    assert problem in problem_with(DATA, answer)


def test_rules_give_names_that_hold() -> None:
    assert problem_with(DATA, names_by_rules(DATA)) == ""
    assert problem_with(DATA, names("first_server", "second_server")) == ""


@pytest.mark.requirement("FLP-5.2")
def test_a_model_sees_neither_secrets_nor_values() -> None:
    shown = extraction_input(extract(Language.BASH, BASH), "Fix printing").model_dump_json()
    assert not [each for each in (*SECRETS, "print01.acme.local", "bob@acme.com") if each in shown]


def test_a_name_that_a_renaming_would_break_never_reaches_a_template() -> None:
    draft, _ = named(MADE, "", names("one", "two"))
    assert draft.name == "Script"
    with pytest.raises(InvalidInputError):
        render(draft.language, draft.body, draft.parameters, {"host": "srv01"})
