"""What the HTTP API takes: unknown fields are refused, and types are not guessed at."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.pilot.types import FixDecision, SessionStatus

LARGEST_ID = 2_147_483_647
LARGEST_PAGE = 100
Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
"""Text without NUL, which databases refuse."""
Line = Annotated[Text, Field(max_length=200)]
Uuid = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class Asked(BaseModel):
    """What a caller sends: unknown fields are refused, types are not guessed at."""

    model_config = ConfigDict(extra="forbid")


class NewSession(Asked):
    """A session to open; `ticket` as people type it: 48213, #48213 or ABC-123."""

    problem: Annotated[Text, Field(min_length=1, max_length=12_000)]
    title: Line = ""
    ticket: Annotated[Text, Field(max_length=500)] = ""
    team: Annotated[Text, Field(max_length=100)] = ""
    company: Line = ""


class NewMessage(Asked):
    """A turn of the conversation; without `answer` it is only kept."""

    text: Annotated[Text, Field(min_length=1, max_length=40_000)]
    answer: bool = True


class FactText(Asked):
    """The words of a fact."""

    text: Annotated[Text, Field(min_length=1, max_length=4_000)]


class Promotion(Asked):
    """A task-lane item to make a fact of; with `answer` it is answered in the same step."""

    item_id: Uuid
    answer: Annotated[Text, Field(min_length=1, max_length=3_000)] | None = None


class Decision(Asked):
    """What a person decided on a fix."""

    decision: FixDecision


class NotePost(Asked):
    """A note as confirmed; `expected_status` is the ticket's as it was seen: with another one nothing is done."""

    markdown: Annotated[Text, Field(min_length=1, max_length=30_000)]
    status: Annotated[Text, Field(min_length=1, max_length=100)] | None = None
    expected_status: Annotated[Text, Field(min_length=1, max_length=100)] | None = None


class FromTemplate(Asked):
    """A script to make of a template; a secret's value is a reference such as `secret:acme-admin`."""

    kind: Literal["template"]
    template_id: Annotated[Text, Field(min_length=1, max_length=36)]
    values: dict[Line, Annotated[Text, Field(max_length=2_000)]] = Field(default={}, max_length=100)
    fix_id: Uuid | None = None


class OneOff(Asked):
    """A script as it was written."""

    kind: Literal["one_off"]
    language: Literal["powershell", "bash", "python"]
    body: Annotated[Text, Field(min_length=1, max_length=100_000)]
    fix_id: Uuid | None = None


class NewScript(Asked):
    """A script to record in the session."""

    script: Annotated[FromTemplate | OneOff, Field(discriminator="kind")]


class Nothing(Asked):
    """An empty body, or an empty object."""


class Paging(Asked):
    """Which page."""

    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = 20


class SessionQuery(Paging):
    """Which sessions; what is left out does not narrow."""

    status: list[SessionStatus] = []
    mine: bool = False
    team: Annotated[Text, Field(max_length=100)] | None = None
    company: Line | None = None
    ticket_id: Annotated[Text, Field(max_length=60)] | None = None
    text: Line = ""
    cursor: Annotated[Text, Field(max_length=300)] | None = None


class MessageQuery(Paging):
    """Which turns: the newest, or those before one."""

    before_id: Annotated[int, Field(ge=1, le=LARGEST_ID)] | None = None
