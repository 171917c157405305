"""The HTTP edge when vendors fail: what is repeated, what is not, and what is said."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace

import pytest
from aiohttp import web
from structlog.contextvars import bound_contextvars
from structlog.testing import capture_logs

from services.errors import (
    VendorAuthError,
    VendorError,
    VendorNotFoundError,
    VendorRateLimitedError,
    VendorRejectedError,
    VendorUnavailableError,
)
from services.vendors.circuit import Circuit
from services.vendors.http import Policy, VendorHttp, patience
from services.vendors.problems import Effect
from tests.vendors.faulty import Answer, says, vendor
from tests.vendors.site import QUICK

FINE = web.json_response({"fine": True})


async def silent(request: web.Request) -> web.StreamResponse:
    """Never answer."""
    await asyncio.sleep(30)
    return FINE


async def dropped(request: web.Request) -> web.StreamResponse:
    """Close the connection without an answer."""
    assert request.transport is not None
    request.transport.abort()
    return FINE


async def dripping(request: web.Request) -> web.StreamResponse:
    """Answer a byte at a time, for ever."""
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(300):
        await response.write(b" ")
        await asyncio.sleep(0.1)
    return response


@pytest.fixture
def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


SHORT = replace(QUICK, timeout_s=0.7)
"""For a vendor that never answers."""
BROKEN: dict[str, web.Response | Answer] = {
    "500": says(500, "Oh no"),
    "503": says(503),
    "silent": silent,
    "dropped": dropped,
}


def patient_for(how: str) -> Policy:
    """Return a policy that does not wait long for silence, nor gives up on a busy machine's answers."""
    return SHORT if how == "silent" else QUICK


@pytest.mark.parametrize("how", BROKEN)
@pytest.mark.parametrize("effect", [Effect.READ, Effect.REPEATABLE])
async def test_reads_and_repeatable_writes_are_tried_again(how: str, effect: Effect) -> None:
    async with vendor(BROKEN[how], FINE, policy=patient_for(how)) as (http, seen, _):
        assert await http.request("PUT", "/x", effect=effect, body={}) == {"fine": True}
        assert len(seen) == 2


@pytest.mark.parametrize("how", BROKEN)
async def test_a_write_that_may_have_arrived_is_never_sent_again(how: str) -> None:
    async with vendor(BROKEN[how], FINE, policy=patient_for(how)) as (http, seen, _):
        with pytest.raises(VendorUnavailableError, match="look before trying again") as caught:
            await http.request("POST", "/x", effect=Effect.ONCE, body={})
        assert caught.value.outcome_unknown
        assert len(seen) == 1


@pytest.mark.parametrize("how", BROKEN)
async def test_a_failed_read_leaves_nothing_unknown_a_failed_repeatable_write_does(how: str) -> None:
    async with vendor(BROKEN[how], policy=patient_for(how)) as (http, seen, _):
        with pytest.raises(VendorUnavailableError) as read:
            await http.request("GET", "/x")
        assert len(seen) == QUICK.attempts
        with pytest.raises(VendorUnavailableError) as written:
            await http.request("PUT", "/x", effect=Effect.REPEATABLE, body={})
    assert (read.value.outcome_unknown, written.value.outcome_unknown) == (False, True)


async def test_a_connection_that_was_refused_is_tried_again_even_for_a_write(free_port: int) -> None:
    with capture_logs() as logs:
        http = VendorHttp("Acme", f"http://127.0.0.1:{free_port}", headers={}, policy=QUICK)
        with pytest.raises(VendorUnavailableError, match="cannot be reached") as caught:
            await http.request("POST", "/x", effect=Effect.ONCE, body={})
    assert not caught.value.outcome_unknown
    assert len([line for line in logs if line["event"] == "vendor_call_failed"]) == QUICK.attempts


async def test_an_answer_that_drips_for_ever_is_cut_off() -> None:
    async with vendor(dripping, policy=replace(SHORT, attempts=1)) as (http, _, _changes):
        with pytest.raises(VendorUnavailableError, match=r"did not answer within 0\.7 s"):
            await http.request("GET", "/x")


async def test_the_vendors_words_are_quoted_and_its_secrets_are_not() -> None:
    body = {"errorMessages": ["Bad token s3cret-token"], "errors": {"priority": "is not valid"}}
    async with vendor(web.json_response(body, status=400)) as (http, seen, _):
        with pytest.raises(VendorRejectedError) as caught:
            await http.request("POST", "/x", effect=Effect.ONCE)
    assert caught.value.message == "Acme refused: Bad token [secret]; priority: is not valid"
    assert len(seen) == 1


async def test_a_refused_credential_says_what_to_do() -> None:
    async with vendor(web.Response(status=401, text="<html>Log in</html>")) as (http, seen, _):
        with pytest.raises(VendorAuthError, match="Check ACME_TOKEN"):
            await http.request("GET", "/x")
        assert len(seen) == 1


async def test_an_answer_as_to_a_stranger_is_no_answer() -> None:
    stranger = web.json_response({"issues": []}, headers={"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"})
    async with vendor(stranger) as (http, _, _changes):
        with pytest.raises(VendorAuthError):
            await http.request("GET", "/x")


async def test_a_log_in_page_instead_of_json_is_an_error() -> None:
    async with vendor(web.Response(text="<html>hello</html>", content_type="text/html")) as (http, _, _changes):
        with pytest.raises(VendorUnavailableError, match="not its API's JSON"):
            await http.request("GET", "/x")


async def test_a_redirect_is_not_followed() -> None:
    moved = web.Response(status=302, headers={"Location": "http://evil.test/"})
    async with vendor(moved) as (http, seen, _):
        with pytest.raises(VendorRejectedError, match="points elsewhere"):
            await http.request("GET", "/x")
        assert len(seen) == 1


async def test_a_delete_that_worked_before_its_answer_was_lost_is_done() -> None:
    async with vendor(dropped, says(404)) as (http, _, _changes):
        await http.request("DELETE", "/x", effect=Effect.REPEATABLE, gone_is_done=True)
    async with vendor(says(404)) as (http, _, _changes):
        with pytest.raises(VendorNotFoundError, match="Acme knows no thing"):
            await http.request("DELETE", "/x", effect=Effect.REPEATABLE, gone_is_done=True, missing="thing")


@pytest.mark.parametrize("effect", list(Effect))
async def test_after_a_429_anything_may_be_sent_again_for_nothing_was_done(effect: Effect) -> None:
    async with vendor(says(429, Retry_After="0.05"), FINE) as (http, seen, _):
        assert await http.request("POST", "/x", effect=effect) == {"fine": True}
        assert len(seen) == 2


async def test_nobody_waits_half_an_hour_for_a_click() -> None:
    async with vendor(says(429, Retry_After="1800")) as (http, seen, _):
        with pytest.raises(VendorRateLimitedError, match="wait 1800 s") as caught:
            await http.request("GET", "/x")
        assert caught.value.retry_after_s == 1800
        with pytest.raises(VendorRateLimitedError, match="s more"):
            await http.request("GET", "/y")
        assert len(seen) == 1, "the second call would have been refused too: it is not sent"


async def test_background_work_waits_as_long_as_it_may() -> None:
    async with vendor(says(429, Retry_After="0.4"), FINE) as (http, seen, _):
        with patience(0.1), pytest.raises(VendorRateLimitedError):
            await http.request("GET", "/x")
        assert len(seen) == 1
        with patience(10):
            assert await http.request("GET", "/x") == {"fine": True}


async def test_a_limit_on_one_issue_does_not_stop_the_other_calls() -> None:
    narrow = says(429, Retry_After="1800", RateLimit_Reason="jira-per-issue-on-write")
    async with vendor(narrow, FINE) as (http, _, _changes):
        with pytest.raises(VendorRateLimitedError):
            await http.request("PUT", "/issue/1", effect=Effect.REPEATABLE)
        assert await http.request("GET", "/issue/2") == {"fine": True}


async def test_calls_keep_the_pace_however_many_are_wanted() -> None:
    async with vendor(FINE, policy=replace(QUICK, calls=2, per_s=3600)) as (http, seen, _):
        calls = [asyncio.create_task(http.request("GET", "/x")) for _ in range(6)]
        await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait(calls, timeout=0.2)
        assert len(seen) == 2, "the other four wait for their turn"
        for call in calls:
            call.cancel()


async def test_the_circuit_opens_tells_once_and_closes_after_a_probe() -> None:
    clock = [0.0]
    policy = replace(QUICK, attempts=1, failures_to_open=2, open_for_s=30)
    answers = (says(500), says(500), says(500), FINE)
    async with vendor(*answers, policy=policy, monotonic=lambda: clock[0]) as (http, seen, changes):
        for _ in range(2):
            with pytest.raises(VendorUnavailableError, match="has a problem"):
                await http.request("GET", "/x")
        for _ in range(3):
            with pytest.raises(VendorUnavailableError, match="gives it a rest"):
                await http.request("GET", "/x")
        assert (len(seen), changes) == (2, [True])
        clock[0] = 31
        with pytest.raises(VendorUnavailableError, match="has a problem"):
            await http.request("GET", "/x")
        assert changes == [True], "a failed probe is no news"
        clock[0] = 62
        assert await http.request("GET", "/x") == {"fine": True}
        assert changes == [True, False]


def test_one_probe_at_a_time() -> None:
    clock = [0.0]
    circuit = Circuit("Acme", failures_to_open=1, open_for_s=10, monotonic=lambda: clock[0])
    circuit.failed()
    clock[0] = 11
    with circuit.admit():
        with pytest.raises(VendorUnavailableError), circuit.admit():
            pass
    with circuit.admit():
        circuit.succeeded()
    assert not circuit.is_open


async def test_refusals_do_not_open_the_circuit() -> None:
    policy = replace(QUICK, attempts=1, failures_to_open=2)
    async with vendor(says(400, "No"), policy=policy) as (http, _, changes):
        for _ in range(5):
            with pytest.raises(VendorRejectedError):
                await http.request("GET", "/x")
        assert changes == []


async def test_the_correlation_id_goes_with_the_call_and_no_secret_into_the_log() -> None:
    async with vendor(says(500, "s3cret-token"), headers={"Authorization": "Bearer s3cret-token"}) as (http, seen, _):
        with capture_logs() as logs, bound_contextvars(correlation_id="abc-1"), pytest.raises(VendorError):
            await http.request("GET", "/x")
    assert {request.headers["X-Correlation-Id"] for request in seen} == {"abc-1"}
    assert logs
    assert "s3cret" not in repr(logs)
