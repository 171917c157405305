"""Which messages of a session's thread are for FlowPilot."""

from __future__ import annotations

from typing import Any, cast

import pytest

from handlers.pilot.talking import is_meant
from handlers.request import Delivery, Kind, Request

NOBODY = cast(Any, None)
OWN = {"authorizations": [{"user_id": "U0FLOWPILOT"}]}


@pytest.mark.requirement("SLK-2")
@pytest.mark.parametrize(
    ("text", "is_for_us"),
    [
        ("Works", True),
        ("<@U0FLOWPILOT> it works", True),
        ("@FlowPilot it works", True),
        ("the @acme.example addresses bounce", True),
        ("@ 5 pm it stopped", True),
        ("<@U0LUCA> can you look?", False),
        ("@luca can you look?", False),
        ("@Émile can you look?", False),
        ("<!here> who has the key?", False),
        ("<!subteam^S0DESK|@desk> who has the key?", False),
        (".. lunch?", False),
        ("&gt; quoted", False),
    ],
)
def test_what_is_said_to_somebody_else_is_left_alone(text: str, is_for_us: bool) -> None:
    payload = {"event": {"type": "message", "text": text}, **OWN}
    delivery = Delivery(Kind.EVENT, "message.thread", payload, "T0", "U0ANA", text=text)
    assert is_meant(Request(NOBODY, NOBODY, NOBODY, delivery, "c", NOBODY)) is is_for_us
