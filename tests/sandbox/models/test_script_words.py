"""The stand-in names scripts by what they hold, in the form that the request wants."""

from __future__ import annotations

import json

import pytest

from sandbox.models.exchange import Exchange
from sandbox.models.script_words import NAMING, VALUES, description_of, script_answer


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "Enable-Mailbox -Identity {{mailbox}} -Archive\nGet-MailboxStatistics -Identity {{mailbox}}",
            "Turns on a mailbox and shows mailbox statistics.",
        ),
        ("systemctl restart {{unit}}\njournalctl -u {{unit}}", "Restarts a service and shows the last messages."),
        ("print('hello')", ""),
    ],
)
def test_a_script_is_told_by_its_commands(body: str, said: str) -> None:
    assert description_of(body) == said


def test_every_parameter_is_named_and_no_value_is_made_up() -> None:
    data = '<outside_data name="body">\nStop-Service {{host}}\n</outside_data>\n' + (
        '<outside_data name="parameters">\n[{"name": "print_server", "type": "host"}]\n</outside_data>'
    )
    named = script_answer(Exchange("anthropic", "m", f"# {NAMING}", data))
    assert named is not None
    said = json.loads(named.text)
    assert said["description"] == "Stops a service."
    assert [each["label"] for each in said["parameters"]] == ["Print server"]
    values = script_answer(Exchange("anthropic", "m", f"# {VALUES}", ""))
    assert values is not None
    assert json.loads(values.text) == {"values": []}
    assert script_answer(Exchange("anthropic", "m", "# Task: another", "")) is None
