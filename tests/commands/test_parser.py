"""What people type becomes typed arguments, or a helpful refusal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.types import Role
from services.commands import (
    Commands,
    HelpRequest,
    Invocation,
    MemberMention,
    Parsed,
    Reply,
    Rest,
    TicketKey,
    Word,
    bind_tool_call,
    tool_schemas,
)
from services.errors import FlowPilotError, InvalidInputError

commands = Commands()


@commands.command("/ticket", "comment", summary="Comment on a ticket", role=Role.ENGINEER)
async def comment(request: object, key: TicketKey | None, text: Rest) -> Reply:
    return Reply("done")


@commands.command(
    "/ticket", "move", summary="Move a ticket", usage="[KEY] to STATUS", examples=("/ticket move ABC-1 to QA",)
)
async def move(request: object, key: TicketKey | None, to: Rest) -> Reply:
    return Reply("done")


@commands.command("/ticket", "assign", summary="Assign a ticket")
async def assign(request: object, key: TicketKey | None, to: MemberMention) -> Reply:
    return Reply("done")


@commands.command("/ticket", "block", summary="Block a ticket by another")
async def block(request: object, key: TicketKey | None, by: TicketKey) -> Reply:
    return Reply("done")


@commands.command("/ticket", "daily update", summary="Write the daily update")
async def daily(request: object, key: TicketKey) -> Reply:
    return Reply("done")


@commands.command("/pm", "run", summary="Run an agent", role=Role.PM)
async def run(request: object, agent: Word, *, dry_run: bool = False, as_of: datetime | None = None) -> Reply:
    return Reply("done")


@commands.command("/pm", "list", summary="List something", reads_only=True)
async def show(request: object, what: Literal["agents", "projects"], count: int = 5) -> Reply:
    return Reply("done")


@commands.command("/flowpilot", "settings", summary="Change settings", role=Role.ADMIN)
async def settings(request: object) -> Reply:
    return Reply("done")


@commands.command("/pm", "settings", summary="Change thresholds")
async def pm_settings(request: object) -> Reply:
    return Reply("done")


def arguments(parsed: Parsed) -> dict[str, Any]:
    assert isinstance(parsed, Invocation)
    return parsed.arguments


@pytest.mark.parametrize(
    ("slash", "text", "expected"),
    [
        ("/ticket", "comment ABC-1 looks good", {"key": "ABC-1", "text": "looks good"}),
        ("/ticket", "comment abc-1  two  spaces ", {"key": "ABC-1", "text": "two  spaces"}),
        ("/ticket", "COMMENT looks good", {"key": None, "text": "looks good"}),
        ("/ticket", 'comment "UTF-8 is broken"', {"key": None, "text": '"UTF-8 is broken"'}),
        ("/ticket", "comment ABC-1 line\nnext --dry-run", {"key": "ABC-1", "text": "line\nnext --dry-run"}),
        ("/ticket", "comment <https://x.test/browse/ABC-7|ABC-7> hi", {"key": "ABC-7", "text": "hi"}),
        ("/ticket", "move ABC-1 to QA", {"key": "ABC-1", "to": "QA"}),
        ("/ticket", "move ABC-1 Code Review", {"key": "ABC-1", "to": "Code Review"}),
        ("/ticket", "move to QA", {"key": None, "to": "QA"}),
        ("/ticket", "move ABC-1 To Do", {"key": "ABC-1", "to": "To Do"}),
        ("/ticket", "move ABC-1 to To Do", {"key": "ABC-1", "to": "To Do"}),
        ("/ticket", "block by XYZ-2", {"key": None, "by": "XYZ-2"}),
        ("/ticket", "block ABC-1 by XYZ-2", {"key": "ABC-1", "by": "XYZ-2"}),
        ("/ticket", "daily update ABC-1", {"key": "ABC-1"}),
        ("/pm", "run time-tracking --dry-run", {"agent": "time-tracking", "dry_run": True, "as_of": None}),
        ("/pm", "run —dry-run 'x'", {"agent": "'x'", "dry_run": True, "as_of": None}),
        ("/pm", 'run "time tracking"', {"agent": "time tracking", "dry_run": False, "as_of": None}),
        ("/pm", "run “time tracking”", {"agent": "time tracking", "dry_run": False, "as_of": None}),
        ("/pm", "run x --as-of 2026-11-23", {"agent": "x", "dry_run": False, "as_of": datetime(2026, 11, 23)}),  # noqa: DTZ001
        ("/pm", "list Agents", {"what": "agents", "count": 5}),
        ("/pm", "list projects 12", {"what": "projects", "count": 12}),
    ],
)
def test_a_line_becomes_typed_arguments(slash: str, text: str, expected: dict[str, Any]) -> None:
    assert arguments(commands.parse(slash, text)) == expected


def test_a_status_that_begins_with_to_can_be_found_when_the_word_was_left_out() -> None:
    to = arguments(commands.parse("/ticket", "move ABC-1 to do"))["to"]
    assert (to, to.full) == ("do", "to do")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("<@U123|sam>", MemberMention("<@U123|sam>", "U123", "sam")),
        ("to <@U123>", MemberMention("<@U123>", "U123", "")),
        ("to @sam", MemberMention("@sam", None, "sam")),
        ("to Sam Reyes", MemberMention("Sam Reyes", None, "Sam Reyes")),
        ("ABC-1 to me", MemberMention("me", None, "me")),
    ],
)
def test_a_person_is_read_from_a_mention_a_handle_or_a_name(typed: str, expected: MemberMention) -> None:
    person = arguments(commands.parse("/ticket", f"assign {typed}"))["to"]
    assert person == expected
    assert person.is_me == (typed == "ABC-1 to me")


@pytest.mark.parametrize(
    ("slash", "text", "message", "hint"),
    [
        ("/ticket", "mvoe ABC-1 to QA", "`/ticket mvoe` is not a command", "/ticket move [KEY] to STATUS"),
        ("/ticket", "daily updaet ABC-1", "not a command", "/ticket daily update KEY"),
        ("/ticket", "comment ABC-1", "`TEXT` is missing", "/ticket comment [KEY] TEXT"),
        ("/ticket", "move ABC-1 to", "`STATUS` is missing", "/ticket move [KEY] to STATUS"),
        ("/ticket", "daily update", "ticket key is missing", "/ticket daily update KEY"),
        ("/ticket", "daily update now", "`now` is not a ticket key", "KEY"),
        ("/ticket", "assign ABC-1", "person is missing", "to @person"),
        ("/ticket", "move ABC-1 to", "missing", "/ticket move ABC-1 to QA"),
        ("/pm", "run x --wet-run", "`--wet-run` is no option", "[--dry-run] [--as-of DATE]"),
        ("/pm", "run x --as-of tomorrow", "`tomorrow` is not a date", "--as-of"),
        ("/pm", "run x --as-of", "needs a value", "--as-of"),
        ("/pm", "run x y", "`y` is more than", "/pm run AGENT"),
        ("/pm", "list people", "not one of agents, projects", "agents|projects"),
        ("/pm", "list agents ٣", "not a whole number", "[COUNT]"),
        ("/pm", "list agents " + "9" * 5000, "not a whole number", "[COUNT]"),
        ("/nope", "x", "There is no `/nope`", "/ticket"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_what_to_type(slash: str, text: str, message: str, hint: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        commands.parse(slash, text)
    assert message in refusal.value.message
    assert hint in refusal.value.hint


def test_a_refusal_cannot_be_made_to_mention_a_channel() -> None:
    with pytest.raises(InvalidInputError) as refusal:
        commands.parse("/ticket", "<!channel> `x`")
    assert "<!" not in str(refusal.value)


@pytest.mark.parametrize("text", ["", "help", "HELP", "help me"])
def test_help_and_nothing_at_all_list_the_commands(text: str) -> None:
    asked = commands.parse("/pm", text)
    assert isinstance(asked, HelpRequest)
    assert {spec.name for spec in asked.specs} == {"run", "list", "settings"}


def test_help_on_one_word_shows_what_begins_with_it() -> None:
    asked = commands.parse("/ticket", "help daily")
    assert isinstance(asked, HelpRequest)
    assert [spec.name for spec in asked.specs] == ["daily update"]


@pytest.mark.parametrize(
    "text",
    [
        "move ABC-1 to QA",
        "/ticket move ABC-1 to QA",
        "ticket move ABC-1 to QA",
        "<@U0BOT> please move ABC-1 to QA",
        "Hey FlowPilot, can you move ABC-1 to QA",
    ],
)
def test_plain_words_reach_the_same_command(text: str) -> None:
    parsed = commands.parse_plain_text(text)
    assert isinstance(parsed, Invocation)
    assert parsed.spec.title == "/ticket move"
    assert parsed.arguments == {"key": "ABC-1", "to": "QA"}


def test_plain_words_that_several_commands_know_ask_which_one_is_meant() -> None:
    with pytest.raises(InvalidInputError) as refusal:
        commands.parse_plain_text("settings")
    assert "`pm settings`" in refusal.value.hint
    assert "`flowpilot settings`" in refusal.value.hint


@pytest.mark.parametrize(
    "text", ["flowpilot settings", "hey flowpilot settings", "<@U0BOT> flowpilot, flowpilot settings"]
)
def test_what_the_hint_says_to_say_is_understood(text: str) -> None:
    parsed = commands.parse_plain_text(text)
    assert isinstance(parsed, Invocation)
    assert parsed.spec.title == "/flowpilot settings"


def test_the_applications_name_before_other_commands_is_only_polite() -> None:
    parsed = commands.parse_plain_text("FlowPilot, please move ABC-1 to QA")
    assert isinstance(parsed, Invocation)
    assert parsed.spec.title == "/ticket move"


@pytest.mark.parametrize("text", ["thanks a lot", "the printer is on fire", "?"])
def test_plain_words_that_are_no_command_are_told_of_help(text: str) -> None:
    with pytest.raises(InvalidInputError, match="did nothing"):
        commands.parse_plain_text(text)


@given(
    st.text(max_size=300)
    | st.lists(st.sampled_from([*' "<>@|“”-—=`\n\t/aA1:', "--dry-run", "ABC-1", "to"])).map("".join)
)
def test_any_text_is_parsed_or_refused_but_never_breaks(text: str) -> None:
    for prefix in ("", "move ", "run ", "list ", "assign "):
        for slash in commands.slashes:
            assert parsed_or_refused(partial(commands.parse, slash, prefix + text))
        assert parsed_or_refused(partial(commands.parse_plain_text, prefix + text))


def parsed_or_refused(parse: Callable[[], Parsed]) -> Parsed | str:
    """Return what was parsed, or the refusal, which must be fit to be posted."""
    try:
        return parse()
    except FlowPilotError as refusal:
        shown = str(refusal)
    assert len(shown) < 3000
    return shown


@pytest.mark.parametrize(
    "piece", ['"', "<", "<@U1", "a ", "--dry-run ", "“", "ABC-1 ", "please ", "<!channel>", "\u202e"]
)
def test_fifty_thousand_characters_are_no_problem(piece: str) -> None:
    text = (piece * 50_000)[:50_000]
    assert arguments(commands.parse("/ticket", f"comment ABC-1 {text}"))["text"] == text.strip()
    assert parsed_or_refused(lambda: commands.parse("/pm", f"run {text}"))
    assert "not a command" in str(parsed_or_refused(lambda: commands.parse("/ticket", text)))
    assert "did nothing" in str(parsed_or_refused(lambda: commands.parse_plain_text(text)))


def test_a_command_cannot_be_declared_twice_nor_called_help() -> None:
    twice = Commands()
    twice.command("/x", "go", summary="Go")(settings)
    for name in ("go", "GO", "help"):
        with pytest.raises(ValueError, match="twice"):
            twice.command("/x", name, summary="Go again")(settings)


def test_a_declaration_that_cannot_be_typed_is_refused_at_once() -> None:
    async def takes_a_list(request: object, words: list[str]) -> Reply:
        return Reply("done")

    async def after_the_rest(request: object, text: Rest, key: TicketKey) -> Reply:
        return Reply("done")

    async def without_default(request: object, *, loud: bool) -> Reply:
        return Reply("done")

    for function in (takes_a_list, after_the_rest, without_default):
        with pytest.raises(TypeError):
            Commands().command("/x", "go", summary="Go")(function)


def test_every_command_is_a_tool_with_a_schema_that_its_own_arguments_fit() -> None:
    import jsonschema

    tools = {tool["name"]: tool for tool in tool_schemas(commands)}
    assert tools.keys() >= {"ticket_move", "ticket_daily_update", "pm_run"}
    call = {"key": "abc-1", "to": "QA"}
    jsonschema.validate(call, tools["ticket_move"]["parameters"])
    invocation = bind_tool_call(commands, "ticket_move", call)
    assert invocation.arguments == {"key": "ABC-1", "to": "QA"}
    assert tools["pm_list"]["reads_only"] is True
    assert tools["pm_run"]["parameters"]["required"] == ["agent"]


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("ticket_fly", {}),
        ("ticket_move", {"key": "ABC-1"}),
        ("ticket_move", {"to": "QA", "extra": 1}),
        ("ticket_move", {"key": "not a key", "to": "QA"}),
        ("pm_run", {"agent": ["x"]}),
        ("pm_run", {"agent": "x", "dry_run": "yes"}),
    ],
)
def test_a_tool_call_that_does_not_fit_is_refused(name: str, call: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        bind_tool_call(commands, name, call)
