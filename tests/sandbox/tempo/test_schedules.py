"""What is required of people."""

from __future__ import annotations

from typing import Any

from tests.sandbox.vendor_server import Client

THANKSGIVING = {"from": "2026-11-23", "to": "2026-11-29"}


async def hours(tempo: Client, account: str, **dates: Any) -> list[tuple[float, str]]:
    """Return a person's required hours and kinds of days."""
    answer = await tempo.get(f"/4/user-schedule/{account}", **dates)
    return [(day["requiredSeconds"] / 3600, day["type"]) for day in answer.body["results"]]


async def test_a_public_holiday_and_the_weekend_require_nothing(tempo: Client) -> None:
    week = await hours(tempo, "712020:bob", **THANKSGIVING)
    assert week == [
        (8, "WORKING_DAY"),
        (8, "WORKING_DAY"),
        (8, "WORKING_DAY"),
        (0, "HOLIDAY"),
        (8, "WORKING_DAY"),
        (0, "NON_WORKING_DAY"),
        (0, "NON_WORKING_DAY"),
    ]


async def test_workloads_differ_by_person(tempo: Client) -> None:
    assert sum(h for h, _ in await hours(tempo, "712020:fatima", **THANKSGIVING)) == 16
    assert sum(h for h, _ in await hours(tempo, "712020:dana", **THANKSGIVING)) == 0


async def test_a_holiday_on_a_free_day_is_both(tempo: Client) -> None:
    ((_, kind),) = await hours(tempo, "712020:bob", **{"from": "2026-07-04", "to": "2026-07-04"})
    assert kind == "HOLIDAY_AND_NON_WORKING_DAY"


async def test_a_schedule_needs_its_days_and_a_known_person(tempo: Client) -> None:
    assert (await tempo.get("/4/user-schedule/712020:bob")).status == 400
    assert (await tempo.get("/4/user-schedule/712020:bob", **{"from": "2026-11-29", "to": "2026-11-01"})).status == 400
    assert (await tempo.get("/4/user-schedule/nobody", **THANKSGIVING)).status == 404


async def test_leave_is_planned_and_not_taken_off_the_schedule(tempo: Client) -> None:
    plans = (await tempo.get("/4/plans/user/712020:mei")).body["results"]
    latest = max(plans, key=lambda plan: str(plan["endDate"]))
    dates = {"from": latest["startDate"], "to": latest["endDate"]}
    required = sum(h for h, _ in await hours(tempo, "712020:mei", **dates))
    assert required * 3600 == latest["totalPlannedSeconds"] > 0
    assert latest["planItem"]["type"] == "ISSUE"
