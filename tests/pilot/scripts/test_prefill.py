"""Forms are filled in from what is known, each value with its source, and nothing is made up."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pilot.scripts.builtin import builtin_templates
from services.pilot.scripts.prefill import Confidence, Prefilled, ValueSource, prefill
from services.pilot.scripts.types import Parameter, ParameterType
from services.pilot.types import Fact, FactSource, Session, SessionStatus, TicketRef

AT = datetime(2026, 11, 20, tzinfo=UTC)
TYPES = {each.value: each for each in ParameterType}


def session(*facts: str, problem: str = "", company: str = "Acme Corp", **ticket: str) -> Session:
    return Session(
        id="s1",
        title="",
        problem=problem,
        status=SessionStatus.OPEN,
        team="",
        company=company,
        opened_by_member_id=None,
        channel_id=None,
        thread_ts=None,
        lane_ts=None,
        state_version=1,
        items=(),
        facts=tuple(
            Fact(f"f{number}", number, text, FactSource.MANUAL, None, None, AT, AT)
            for number, text in enumerate(facts, start=1)
        ),
        fixes=(),
        scripts=(),
        ticket=TicketRef("connectwise", "48213", ticket) if ticket else None,
        artifacts={},
        resolution_note_external_id=None,
        escalation_package_external_id=None,
        created_at=AT,
        updated_at=AT,
        closed_at=None,
    )


def parameter(name: str, type_: str, **rest: str) -> Parameter:
    return Parameter(name, TYPES[type_], label=rest.get("label", ""), default=rest.get("default", ""))


def only(fields: tuple[Prefilled, ...]) -> Prefilled:
    [field] = fields
    return field


@pytest.mark.requirement("FLP-5.1")
def test_each_field_says_where_its_value_is_from() -> None:
    known = session(
        "The print server is SRV-PRINT01.",
        "The mailbox sales@acme.com is shared.",
        "The queue of the printer is called “Floor 3 Color”.",
        problem="ana@acme.com cannot print",
        contact_email="bob@acme.com",
    )
    fields = prefill(
        [
            parameter("print_server", "host"),
            parameter("printer", "text"),
            parameter("mailbox", "email"),
            parameter("contact", "email"),
            parameter("days", "number", default="14"),
            parameter("admin", "secret"),
            parameter("domain_controller", "host"),
        ],
        known,
        {
            "*": {"admin": "secret:all"},
            "Acme Corp": {"admin": "secret:acme-admin", "domain_controller": "dc01.acme.local"},
        },
    )
    assert [(each.chosen.value, each.chosen.words) if each.chosen else None for each in fields] == [
        ("SRV-PRINT01", "from fact F1"),
        ("Floor 3 Color", "from fact F3"),
        ("sales@acme.com", "from fact F2"),
        ("bob@acme.com", "from the ticket (contact email)"),
        ("14", "the template's default"),
        ("secret:acme-admin", "from the settings (Acme Corp)"),
        ("dc01.acme.local", "from the settings (Acme Corp)"),
    ]
    assert [each.chosen.confidence for each in fields[:2] if each.chosen] == [Confidence.HIGH, Confidence.HIGH]


@pytest.mark.requirement("FLP-5.1")
def test_values_that_stand_against_each_other_are_shown_and_none_is_chosen() -> None:
    field = only(
        prefill([parameter("mailbox", "email")], session("Mailbox a@acme.com fails.", "Mailbox b@acme.com fails."))
    )
    assert field.is_conflict
    assert [(other.value, other.reference) for other in field.others] == [("a@acme.com", "F1"), ("b@acme.com", "F2")]
    known = session("a@acme.com wrote to b@acme.com.")
    proposed = {"person": "b@acme.com"}
    field = only(prefill([parameter("person", "email")], known, proposed=proposed))
    assert field.chosen
    assert (field.chosen.source, field.chosen.words) == (ValueSource.MODEL, "proposed, stands in F1")
    assert [other.value for other in field.others] == ["a@acme.com"]


@pytest.mark.requirement("FLP-5.1")
def test_nothing_is_made_up() -> None:
    known = session("The password is [SECRET_1].", "It fails since Monday.")
    parameters = [parameter("user", "user"), parameter("admin_password", "secret"), parameter("host", "host")]
    fields = prefill(
        parameters, known, proposed={"user": "administrator", "admin_password": "secret:x", "host": "srv99"}
    )
    assert [each.chosen for each in fields] == [None, None, None]
    bad = {"*": {"admin_password": "hunter2", "host": "a b"}}
    assert [each.chosen for each in prefill(parameters, known, bad)] == [None, None, None]


@pytest.mark.requirement("FLP-5.1")
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Outlook is on the desktop, yes.", None),
        ("She does not want to restart the laptop.", None),
        ("Restart Outlook on Monday.", None),
        ("Automatic restart: yes, Outlook: no idea.", None),
        ("Restart Outlook: yes.", "true"),
        ("restart_outlook is off", "false"),
        ("Please turn off restart Outlook", "false"),
        ("Close Outlook first = no", "false"),
    ],
)
def test_a_switch_is_set_only_by_a_text_that_says_so(text: str, value: str | None) -> None:
    wanted = parameter("restart_outlook", "boolean", label="Close Outlook first")
    chosen = only(prefill([wanted], session(problem=text))).chosen
    assert (chosen.value if chosen else None) == value


WORDS = (
    *(
        "the",
        "mailbox",
        "of",
        "ana@acme.com",
        "bob@acme.com",
        "SRV-01",
        "dc02.acme.local",
        "user",
        "ACME\\ana",
        "printer",
    ),
    *("“Floor 3”", "server", "C:\\Data\\x", "30", "days", "not", "yes", "folder", "/srv/data/x", "10.1.2.3", "'nginx'"),
)


@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join), max_size=4))
def test_every_value_stands_in_its_source_word_for_word(facts: list[str]) -> None:
    known = session(*facts)
    for template in builtin_templates():
        for field in prefill(template.parameters, known):
            for each in [field.chosen, *field.others] if field.chosen else field.others:
                if each.source is ValueSource.FACT and field.parameter.type is not ParameterType.BOOLEAN:
                    assert each.value.casefold() in facts[int(each.reference[1:]) - 1].casefold()
