"""Modals, selects, plain words, threads: each surface is answered where the person is looking."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from handlers import build_router
from handlers.errors import GONE_FORM
from handlers.request import Request
from handlers.router import Router, errors
from services.accounts.types import Role
from services.commands import Reply, Rest, Visibility
from tests.intake.conftest import ALICE, BOB, GENERAL, World, button, eventually
from tests.sandbox.slack.conftest import until


def modal(callback_id: str = "form", *, with_input: bool = True) -> dict[str, Any]:
    element = {"type": "plain_text_input", "action_id": "text"}
    field = {
        "type": "input",
        "block_id": "name",
        "label": {"type": "plain_text", "text": "Name"},
        "element": element,
        "optional": True,
    }
    said = {"type": "section", "text": {"type": "mrkdwn", "text": "Sure?"}}
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": {"type": "plain_text", "text": "A form"},
        "submit": {"type": "plain_text", "text": "Save"},
        "blocks": [field if with_input else said],
    }


def form_feature(saved: list[str], *, validate: Any = None, view: dict[str, Any] | None = None) -> Any:
    def register(router: Router) -> None:
        @router.action("open")
        async def show(request: Request) -> None:
            await request.services.slack.open_view(request.trigger_id, view or modal())

        @router.view("form", validate=validate)
        async def save(request: Request) -> Reply:
            saved.append(str(request.input("name")))
            return Reply(f"Saved {saved[-1]}")

    return register


async def opened(world: World, user: str = BOB) -> str:
    services = await world.services()
    posted = await services.slack.post(GENERAL, "Open?", [button("open")])
    await world.clicks(user, posted.ts, "open")
    views: list[dict[str, Any]] = []

    async def look() -> bool:
        views[:] = (await world.control.get("slack/views", **{"as": user}))["views"]
        return bool(views)

    await eventually(look)
    return str(views[-1]["id"])


async def submits(world: World, view_id: str, name: str) -> dict[str, Any]:
    values = {"name": {"text": {"type": "plain_text_input", "value": name}}}
    return await world.control.post("slack/view_submit", user=BOB, view_id=view_id, values=values)


async def test_a_modal_is_validated_before_it_closes_and_handled_after(world: World) -> None:
    saved: list[str] = []

    async def validate(request: Request) -> Mapping[str, Any] | None:
        return errors(name="Too short") if len(str(request.input("name"))) < 3 else None

    await world.connect(build_router([form_feature(saved, validate=validate)]))
    view_id = await opened(world)
    refused = await submits(world, view_id, "x")
    assert refused["errors"] == {"name": "Too short"}
    assert saved == []
    taken = await submits(world, view_id, "Harbor")
    assert taken.get("errors") is None
    await world.sees(BOB, "Saved Harbor", await world.direct_channel(BOB))
    assert saved == ["Harbor"]


async def test_a_validation_that_fails_keeps_what_was_typed_in_the_modal(world: World) -> None:
    async def validate(request: Request) -> Mapping[str, Any] | None:
        raise ZeroDivisionError

    await world.connect(build_router([form_feature([], validate=validate)]))
    view_id = await opened(world)
    assert "reference" in (await submits(world, view_id, "Harbor"))["errors"]["name"]


async def test_a_validation_that_fails_in_a_modal_without_inputs_says_so_in_it(world: World) -> None:
    async def validate(request: Request) -> Mapping[str, Any] | None:
        raise ZeroDivisionError

    feature = form_feature([], validate=validate, view=modal(with_input=False))
    await world.connect(build_router([feature]))
    view_id = await opened(world)
    answer = await world.control.post("slack/view_submit", user=BOB, view_id=view_id, values={})
    assert answer["response_action"] == "update"


async def test_a_form_that_nothing_handles_any_more_says_so(world: World) -> None:
    saved: list[str] = []
    await world.connect(build_router([form_feature(saved, view=modal("form_of_last_month"))]))
    await submits(world, await opened(world), "Harbor")
    assert GONE_FORM in await world.sees(BOB, "form is no longer", await world.direct_channel(BOB))
    assert saved == []


async def test_an_external_select_is_answered_and_an_unknown_or_failing_one_is_empty(world: World) -> None:
    router = Router()

    @router.options("epic")
    async def epics(request: Request) -> Mapping[str, Any]:
        if request.value == "boom":
            raise ZeroDivisionError
        return {"options": [{"text": {"type": "plain_text", "text": f"Epic {request.value}"}, "value": "E-1"}]}

    connection = await world.connect(router)

    def select(action_id: str) -> dict[str, Any]:
        placeholder = {"type": "plain_text", "text": "Which?"}
        element = {"type": "external_select", "action_id": action_id, "placeholder": placeholder, "min_query_length": 0}
        return {"type": "actions", "block_id": action_id.replace(":", "-"), "elements": [element]}

    client = connection.app.client
    posted = await client.chat_postMessage(channel=GENERAL, text="?", blocks=[select("epic:7"), select("gone")])
    container = {"type": "message", "channel": GENERAL, "message_ts": posted["ts"]}

    async def options(action_id: str, typed: str) -> list[str]:
        answer = await world.control.post(
            "slack/options",
            user=BOB,
            container=container,
            action_id=action_id,
            block_id=action_id.replace(":", "-"),
            value=typed,
        )
        return [option["text"]["text"] for option in answer["options"]]

    assert await options("epic:7", "pay") == ["Epic pay"]
    assert await options("epic:7", "boom") == []
    assert await options("gone", "pay") == []


def talkative(router: Router) -> None:
    @router.commands.command("/ticket", "echo", summary="Say it again")
    async def say(request: Request, text: Rest) -> Reply:
        visibility = Visibility.CHANNEL if text == "loud" else Visibility.PRIVATE
        return Reply(f"echo: {text}", visibility=visibility)

    @router.commands.command("/ticket", "close", summary="Close all", role=Role.ADMIN)
    async def close(request: Request) -> Reply:
        return Reply("closed")


async def test_plain_words_in_a_direct_message_run_the_same_command(world: World) -> None:
    await world.connect(build_router([talkative]))
    direct = await world.direct_channel(BOB)
    await world.says(BOB, "please echo hello", direct)
    await world.sees(BOB, "echo: hello", direct)
    await world.says(BOB, "make me a coffee", direct)
    await world.sees(BOB, "did nothing", direct)
    await world.says(BOB, "help", direct)
    assert "/ticket echo TEXT" in await world.sees(BOB, "What I can do", direct)


async def test_slow_plain_words_are_one_message_that_is_edited(world: World) -> None:
    go_on = asyncio.Event()
    router = Router()

    @router.commands.command("/ticket", "slow", summary="Take long")
    async def slow(request: Request) -> Reply:
        await go_on.wait()
        return Reply("Finished")

    await world.connect(build_router([lambda r: r.commands.include(router.commands)]), patience_s=0.05)
    direct = await world.direct_channel(BOB)
    await world.says(BOB, "slow", direct)
    working = await world.message(BOB, "Working on it", direct)
    go_on.set()
    finished = await world.message(BOB, "Finished", direct)
    assert finished["ts"] == working["ts"]


@pytest.mark.requirement("SLK-6")
async def test_a_mention_in_a_thread_is_answered_in_that_thread(world: World) -> None:
    await world.connect(build_router([talkative]))
    parent = (await world.says(ALICE, "Something broke"))["message"]["ts"]
    await world.says(BOB, "@flowpilot echo quiet", thread_ts=parent)
    await world.sees(BOB, "echo: quiet", thread_ts=parent)
    assert not any("echo" in text for text in await world.texts(BOB))
    assert not any("echo: quiet" in text for text in await world.texts(ALICE, thread_ts=parent))
    await world.says(BOB, "@flowpilot echo loud", thread_ts=parent)
    await world.sees(ALICE, "echo: loud", thread_ts=parent)


@pytest.mark.requirement("SLK-6")
async def test_the_private_answer_to_a_click_in_a_thread_is_in_that_thread(world: World) -> None:
    router = Router()

    @router.action("press")
    async def press(request: Request) -> Reply:
        return Reply("Only you see this")

    connection = await world.connect(router)
    parent = (await world.says(ALICE, "Something broke"))["message"]["ts"]
    posted = await connection.app.client.chat_postMessage(
        channel=GENERAL, text="?", blocks=[button("press")], thread_ts=parent
    )
    await world.clicks(BOB, posted["ts"], "press")
    await world.sees(BOB, "Only you see this", thread_ts=parent)
    assert not any("Only you" in text for text in await world.texts(BOB))


@pytest.mark.requirement("TKT-9.2")
async def test_a_refusal_names_the_role_and_is_on_the_record(world: World) -> None:
    connection = await world.connect(build_router([talkative]))
    await world.types(BOB, "/ticket close")
    assert "role *admin*" in await world.sees(BOB, "You need the role")
    services = connection.intake.services
    account, _ = await services.accounts.identify("T0SANDBOX", BOB)
    from db.tenancy import account_scope

    with account_scope(account.id):
        lines = await services.audit.lines()
    assert [(line.actor_name, line.action, line.result) for line in lines] == [("bob", "ticket_close", "refused")]


async def test_what_other_apps_and_the_bot_itself_say_is_left_alone(world: World) -> None:
    seen: list[str] = []
    router = Router()

    @router.event("message.channel")
    async def note(request: Request) -> None:
        seen.append(request.text)

    connection = await world.connect(router)
    services = connection.intake.services
    await services.slack.post(GENERAL, "I said this myself")
    await world.says(BOB, "a person said this")
    await until(lambda: seen)
    await world.sandbox.slack.hub.idle()
    assert seen == ["a person said this"]


async def test_edits_and_deletions_are_not_taken_for_new_messages(world: World) -> None:
    kinds: list[str] = []
    router = Router()

    @router.event("message.channel")
    async def note(request: Request) -> None:
        kinds.append(request.delivery.id)

    @router.event("message.message_changed")
    async def edited(request: Request) -> None:
        kinds.append(request.delivery.id)

    await world.connect(router)
    message = (await world.says(BOB, "frist"))["message"]
    state = world.sandbox.slack
    channel = state.channels[GENERAL]
    state.events.message_changed(channel, {**message, "text": "first"}, message)
    state.events.message_deleted(channel, message)
    await state.hub.idle()
    await until(lambda: len(kinds) == 2)
    assert sorted(kinds) == ["message.channel", "message.message_changed"]
