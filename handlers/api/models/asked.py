"""What the HTTP API takes: unknown fields are refused, and types are not guessed at."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.pilot.scripts.types import Language
from services.pilot.types import FixDecision, SessionStatus

LARGEST_ID = 2_147_483_647
LARGEST_PAGE = 100
Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
"""Text without NUL, which databases refuse."""
Line = Annotated[Text, Field(max_length=200)]
UUID_PATTERN = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
Uuid = Annotated[str, Field(pattern=UUID_PATTERN)]
Channel = Annotated[str, Field(pattern=r"^[CG][A-Z0-9]{2,20}$")]
"""A channel's id in Slack; nobody's direct conversation."""
Cursor = Annotated[Text, Field(max_length=300)]


class Asked(BaseModel):
    """What a caller sends: unknown fields are refused, types are not guessed at."""

    model_config = ConfigDict(extra="forbid")


class NewSession(Asked):
    """A session to open; `ticket` as people type it: 48213, #48213 or ABC-123.

    Its thread is in `channel`, or else in the account's channel for sessions; where there is neither, it has none.
    """

    problem: Annotated[Text, Field(min_length=1, max_length=12_000)]
    title: Line = ""
    ticket: Annotated[Text, Field(max_length=500)] = ""
    team: Annotated[Text, Field(max_length=100)] = ""
    company: Line = ""
    channel: Channel | None = None


class ThreadStart(Asked):
    """Where a session gets its thread; without `channel` in the account's channel for sessions."""

    channel: Channel | None = None


class TicketLink(Asked):
    """A ticket as people type it: 48213, #48213 or ABC-123."""

    ticket: Annotated[Text, Field(min_length=1, max_length=500)]


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


class TemplateEdit(Asked):
    """What to change of a draft before it becomes a template; null leaves a thing as it was drafted."""

    name: Annotated[Text, Field(min_length=1, max_length=200)] | None = None
    description: Annotated[Text, Field(max_length=2_000)] | None = None
    body: Annotated[Text, Field(min_length=1, max_length=100_000)] | None = None


class Decision(Asked):
    """What a person decided on a fix; `template` is for `build_template` only."""

    decision: FixDecision
    template: TemplateEdit | None = None


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


class Listing(Asked):
    """Which page: `cursor` is the `next_cursor` of the one before."""

    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = LARGEST_PAGE
    cursor: Cursor | None = None


class FactQuery(Listing):
    """Which facts; with `deleted` also those that were taken back."""

    deleted: bool = False


class TemplateQuery(Listing):
    """Which templates; with `retired` also those that were taken out of the library."""

    text: Line = ""
    language: Language | None = None
    retired: bool = False


class DraftQuery(Listing):
    """Which drafts: of all sessions or of one."""

    session_id: Uuid | None = None


class SessionQuery(Paging):
    """Which sessions; what is left out does not narrow."""

    status: list[SessionStatus] = []
    mine: bool = False
    team: Annotated[Text, Field(max_length=100)] | None = None
    company: Line | None = None
    ticket_id: Annotated[Text, Field(max_length=60)] | None = None
    text: Line = ""
    cursor: Cursor | None = None


class MessageQuery(Paging):
    """Which turns: the newest, or those before one."""

    before_id: Annotated[int, Field(ge=1, le=LARGEST_ID)] | None = None
