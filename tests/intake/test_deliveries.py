"""What comes from Slack is acknowledged at once, handled once, in order, and always answered."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from db.tenancy import current_account_id
from handlers import build_router
from handlers.request import Request
from handlers.router import Router
from services.commands import Reply, Rest, Visibility
from services.errors import ConflictError, VendorAuthError
from services.slack.dedupe import Deliveries
from tests.intake.conftest import ALICE, BOB, GENERAL, World, button, eventually
from tests.sandbox.slack.conftest import until


def echo(router: Router) -> None:
    @router.commands.command("/ticket", "echo", summary="Say it again")
    async def say(request: Request, text: Rest) -> Reply:
        return Reply(f"{request.member.display_name} in {current_account_id()[:4]}: {text}")


async def test_a_command_is_run_as_the_member_in_their_account_and_only_they_see_the_answer(world: World) -> None:
    await world.connect(build_router([echo]))
    assert (await world.types(BOB, "/ticket echo hello <there>"))["ok"]
    assert await world.sees(BOB, "hello") == "bob in acc_: hello &lt;there&gt;"
    assert await world.texts(ALICE) == []


@pytest.mark.requirement("SYS-6")
async def test_an_event_that_slack_delivers_twice_is_handled_once(world: World) -> None:
    seen: list[str] = []
    router = Router()

    @router.event("app_mention")
    async def note(request: Request) -> None:
        seen.append(request.text)

    connection = await world.connect(router)
    world.fault("event_duplicate", "events_api/app_mention")
    await world.says(BOB, "@flowpilot first")
    await world.says(BOB, "@flowpilot second")
    await until(lambda: len(seen) >= 2)
    await world.sandbox.slack.hub.idle()
    await until(lambda: connection.intake.pool.unfinished == 0)
    assert not world.sandbox.faults.armed, "the duplicate was sent"
    assert sorted(text.split()[-1] for text in seen) == ["first", "second"]


@pytest.mark.requirement("SYS-6")
async def test_a_click_whose_envelope_comes_twice_is_handled_once(world: World) -> None:
    clicks: list[str] = []
    router = Router()

    @router.action("press")
    async def press(request: Request) -> Reply:
        clicks.append(request.suffix)
        return Reply("Pressed", replace=True)

    connection = await world.connect(router)
    posted = await connection.app.client.chat_postMessage(channel=GENERAL, text="?", blocks=[button("press:7")])
    world.fault("event_duplicate", "interactive/block_actions")
    await world.clicks(BOB, posted["ts"], "press:7")
    await world.sees(BOB, "Pressed")
    await until(lambda: connection.intake.pool.unfinished == 0)
    assert not world.sandbox.faults.armed, "the duplicate was sent"
    assert clicks == ["7"]


@pytest.mark.requirement("SYS-6")
async def test_a_restart_remembers_what_was_handled(world: World) -> None:
    before = Deliveries(world.database, (await world.services()).now)
    assert await before.claim("Ev1")
    after = Deliveries(world.database, (await world.services()).now)
    assert not after.is_repeated("Ev1")
    assert await after.claim("Ev1") is False
    assert await after.claim("Ev2") is True


@pytest.mark.requirement("SYS-6")
async def test_an_event_that_slack_sends_again_after_a_restart_is_not_handled_again(world: World) -> None:
    seen: list[str] = []
    router = Router()

    @router.event("app_mention")
    async def note(request: Request) -> None:
        seen.append(request.text)

    def mention(event_id: str) -> dict[str, Any]:
        event = {"type": "app_mention", "user": BOB, "text": event_id, "channel": GENERAL, "ts": "1.1"}
        return {"type": "event_callback", "team_id": "T0SANDBOX", "event_id": event_id, "event": event}

    first = await world.connect(router)
    world.sandbox.slack.hub.push(mention("Ev1"))
    await until(lambda: seen == ["Ev1"])
    await first.stop()
    await until(lambda: not world.sandbox.slack.hub.is_connected)
    second = await world.connect(router)
    world.sandbox.slack.hub.push(mention("Ev1"))
    world.sandbox.slack.hub.push(mention("Ev2"))
    await until(lambda: "Ev2" in seen)
    await world.sandbox.slack.hub.idle()
    await until(lambda: second.intake.pool.unfinished == 0)
    assert seen == ["Ev1", "Ev2"]


async def test_deliveries_of_a_burst_are_claimed_once_each(world: World) -> None:
    deliveries = Deliveries(world.database, (await world.services()).now)
    claims = await asyncio.gather(*(deliveries.claim(f"Ev{n % 300}-{n // 300}") for n in range(900)))
    assert all(claims)
    again = Deliveries(world.database, (await world.services()).now)
    assert not any(await asyncio.gather(*(again.claim(f"Ev{n}-0") for n in range(300))))


@pytest.mark.requirement("SYS-6", "SLK-1")
async def test_slack_is_acknowledged_while_the_work_hangs_and_the_person_is_told(world: World) -> None:
    go_on = asyncio.Event()
    router = Router()

    @router.commands.command("/ticket", "slow", summary="Take long")
    async def slow(request: Request) -> Reply:
        await go_on.wait()
        return Reply("Finished")

    await world.connect(build_router([lambda r: r.commands.include(router.commands)]), patience_s=0.05)
    assert (await world.types(BOB, "/ticket slow"))["ok"]
    await world.sees(BOB, "Working on it")
    go_on.set()
    await world.sees(BOB, "Finished")
    assert await world.texts(BOB) == ["Finished"], "the answer takes the place of the placeholder"


async def test_an_answer_for_all_replaces_the_private_placeholder(world: World) -> None:
    go_on = asyncio.Event()
    router = Router()

    @router.commands.command("/ticket", "slow", summary="Take long")
    async def slow(request: Request) -> Reply:
        await go_on.wait()
        return Reply("For all", visibility=Visibility.CHANNEL)

    await world.connect(build_router([lambda r: r.commands.include(router.commands)]), patience_s=0.05)
    await world.types(BOB, "/ticket slow")
    await world.sees(BOB, "Working on it")
    go_on.set()
    await world.sees(ALICE, "For all")
    assert await world.texts(BOB) == ["For all"]


@pytest.mark.requirement("SLK-1", "SLK-3")
async def test_a_handler_that_shows_its_result_itself_leaves_no_placeholder_behind(world: World) -> None:
    go_on = asyncio.Event()
    router = Router()

    @router.command("/pm")
    async def board(request: Request) -> None:
        await go_on.wait()
        await request.services.slack.post(GENERAL, "The board")

    connection = await world.connect(router, patience_s=0.05)
    await world.types(BOB, "/pm")
    await world.sees(BOB, "Working on it")
    go_on.set()
    await world.sees(BOB, "The board")

    async def only_the_board() -> bool:
        return await world.texts(BOB) == ["The board"]

    await eventually(only_the_board)
    await until(lambda: connection.intake.pool.unfinished == 0)
    assert await world.texts(BOB) == ["The board"]


@pytest.mark.requirement("SLK-1")
async def test_an_unexpected_error_gives_the_person_a_reference_and_later_work_goes_on(world: World) -> None:
    router = Router()
    echo(router)

    @router.commands.command("/ticket", "broken", summary="Fail")
    async def broken(request: Request) -> Reply:
        raise KeyError("secret detail")

    @router.commands.command("/ticket", "refused", summary="Refuse")
    async def refused(request: Request) -> Reply:
        raise ConflictError("It changed.", hint="Look again.")

    await world.connect(build_router([lambda r: r.commands.include(router.commands)]))
    assert (await world.types(BOB, "/ticket broken"))["ok"]
    assert "secret detail" not in await world.sees(BOB, "reference `")
    await world.types(BOB, "/ticket refused")
    assert await world.sees(BOB, "It changed") == ":warning: It changed.\nLook again."
    await world.types(BOB, "/ticket echo still here")
    await world.sees(BOB, "still here")


@pytest.mark.requirement("SLK-1")
async def test_a_button_that_nothing_handles_any_more_says_so(world: World) -> None:
    connection = await world.connect(Router())
    posted = await connection.app.client.chat_postMessage(channel=GENERAL, text="Old", blocks=[button("last.month:4")])
    assert (await world.clicks(BOB, posted["ts"], "last.month:4"))["ok"]
    await world.sees(BOB, "no longer in use")
    assert await world.texts(ALICE) == ["Old"]


async def test_an_unknown_word_is_answered_with_the_nearest_command(world: World) -> None:
    await world.connect(build_router([echo]))
    await world.types(BOB, "/ticket ecoh hello")
    assert "/ticket echo TEXT" in await world.sees(BOB, "is not a command")


async def test_clicks_of_one_person_on_one_message_keep_their_order(world: World) -> None:
    order: list[str] = []
    router = Router()

    @router.action("press")
    async def press(request: Request) -> None:
        await asyncio.sleep(0.3 if request.suffix == "slow" else 0)
        order.append(request.suffix)

    connection = await world.connect(router)
    blocks = [button("press:slow"), button("press:fast", block_id="c")]
    posted = await connection.app.client.chat_postMessage(channel=GENERAL, text="?", blocks=blocks)
    await world.clicks(BOB, posted["ts"], "press:slow")
    await world.clicks(BOB, posted["ts"], "press:fast", block_id="c")
    await until(lambda: len(order) == 2)
    assert order == ["slow", "fast"]


async def test_what_was_said_while_the_socket_was_down_arrives_after_the_reconnect(world: World) -> None:
    await world.connect(build_router([echo]))
    hub = world.sandbox.slack.hub
    world.fault("socket_drop")
    await until(lambda: not hub.is_connected)
    await world.says(BOB, "@flowpilot echo after the storm")
    await until(lambda: hub.is_connected)
    assert await world.sees(BOB, "bob in acc_:") == "bob in acc_: after the storm"


async def test_slacks_polite_disconnect_is_followed_by_a_new_connection(world: World) -> None:
    connection = await world.connect(build_router([echo]))
    first = world.sandbox.slack.hub.connections[0]
    world.fault("socket_disconnect")
    hub = world.sandbox.slack.hub
    await until(lambda: hub.is_connected and first not in hub.connections)
    assert await connection.is_connected()
    assert (await world.types(BOB, "/ticket echo back"))["ok"]
    await world.sees(BOB, "back")


async def test_shutdown_waits_for_running_work_and_tells_of_what_it_had_to_cut(world: World) -> None:
    started: list[str] = []
    router = Router()

    @router.commands.command("/ticket", "wait", summary="Wait")
    async def wait(request: Request, text: Rest) -> Reply:
        started.append(text)
        await asyncio.sleep(0.3 if text == "a little" else 60)
        return Reply(f"Waited {text}")

    connection = await world.connect(build_router([lambda r: r.commands.include(router.commands)]))
    await world.types(BOB, "/ticket wait a little")
    await world.types(ALICE, "/ticket wait for ever")
    await until(lambda: len(started) == 2)
    await connection.stop(1.0)
    assert await world.sees(BOB, "Waited") == "Waited a little"
    await world.sees(ALICE, "restarted before this was finished")
    assert connection.intake.pool.unfinished == 0


async def test_work_that_still_waits_for_room_at_shutdown_is_told_of_too(world: World) -> None:
    router = Router()

    @router.commands.command("/ticket", "wait", summary="Wait")
    async def wait(request: Request) -> Reply:
        await asyncio.sleep(60)
        return Reply("Done")

    waiting = build_router([lambda r: r.commands.include(router.commands)])
    connection = await world.connect(waiting, max_concurrent_tasks=1)
    await world.types(BOB, "/ticket wait")
    await world.types(ALICE, "/ticket wait")
    await until(lambda: connection.intake.pool.unfinished == 2)
    await connection.stop(0.1)
    told = [await world.sees(user, "restarted before this was finished") for user in (BOB, ALICE)]
    assert all("Done" not in text for text in told)
    assert connection.intake.pool.unfinished == 0


async def test_a_refused_token_stops_the_start_with_its_name(world: World) -> None:
    with pytest.raises(VendorAuthError, match="token"):
        await world.connect(Router(), slack_bot_token="xoxb-wrong")
    with pytest.raises(VendorAuthError, match="token"):
        await world.connect(Router(), slack_app_token="xapp-wrong")


async def test_variables_of_an_oauth_app_or_a_proxy_in_the_environment_change_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"):
        monkeypatch.setenv(name, "present")
    for name in ("HTTPS_PROXY", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    await world.connect(build_router([echo]))
    await world.types(BOB, "/ticket echo hello")
    assert await world.sees(BOB, "hello") == "bob in acc_: hello"
