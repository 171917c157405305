"""Parameters are edited as lines, and say which line makes no sense."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pilot.scripts.checking import InvalidTemplateError
from services.pilot.scripts.parameter_lines import lines_of, parameters_of
from services.pilot.scripts.types import Parameter, ParameterType

WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Zs"), exclude_characters="|"), max_size=12)
VALUES = st.text(min_size=1, max_size=12)
PARAMETERS = st.builds(
    Parameter,
    name=st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True),
    type=st.sampled_from(ParameterType),
    label=WORDS,
    help=WORDS,
    default=st.just("") | VALUES,
    options=st.lists(VALUES, max_size=3).map(tuple),
    is_required=st.booleans(),
)


@pytest.mark.requirement("FLP-5.2")
@given(st.lists(PARAMETERS, max_size=4))
def test_parameters_come_back_from_their_lines_as_they_were(parameters: list[Parameter]) -> None:
    assert parameters_of(lines_of(parameters)) == tuple(parameters)


def test_a_person_writes_lines_as_they_think() -> None:
    host, mode, admin = parameters_of(
        "host: HOST = srv-01 # Print server | Where the queue runs\n\nmode?:choice(Fast|Slow)#Mode\n admin : secret\n"
    )
    assert host == Parameter("host", ParameterType.HOST, "Print server", "Where the queue runs", "srv-01")
    assert (mode.options, mode.label, mode.is_required) == (("Fast", "Slow"), "Mode", False)
    assert (admin.type, admin.title) == (ParameterType.SECRET, "Admin")


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("host: host\nprinter", "Line 2 cannot be read"),
        ("host: server", "Line 1 has no type “server”.*Types are text"),
        ("mode: choice (a | b", "Line 1 cannot be read"),
    ],
)
def test_a_line_that_makes_no_sense_is_named(text: str, match: str) -> None:
    with pytest.raises(InvalidTemplateError, match=match) as wrong:
        parameters_of(text)
    assert wrong.value.part == "parameters"
