"""The buttons that open the numbers behind time tracking (TRUST-7)."""

from __future__ import annotations

from datetime import date
from typing import Any

from agents.pm.time_tracking import assess
from blocks.pm import time_numbers as blocks
from handlers.pm.modals import open_filled
from handlers.request import Request
from handlers.router import Router
from services.errors import InvalidInputError, NotAllowedError, NotFoundError
from services.pm.time_numbers import numbers_of
from services.pm.types import PersonWeek, TimeTrackingSummary, Week


def register(router: Router) -> None:
    """Handle [Show the numbers], and the choice of a person in what it opens."""
    router.action(blocks.SHOW_NUMBERS)(show_numbers)
    router.action(blocks.CHOOSE_PERSON)(show_person)


async def show_numbers(request: Request) -> None:
    """Show a person's own week, or the seconds of the people whom the member looks after, as the mirror has them."""
    value = request.value_object()
    week, member_id = _week(str(value.get("week"))), value.get("of")

    async def make() -> dict[str, Any]:
        return await _summary_view(request, week) if member_id is None else await _view_of(request, week, member_id)

    await open_filled(request, blocks.numbers_loading(), make, blocks.numbers_failed)


async def show_person(request: Request) -> None:
    """Show the worklogs of one of the people."""
    member_id = int(request.value) if request.value.isdigit() else 0
    view = await _view_of(request, _week(request.suffix), member_id)
    await request.services.slack.update_view(str(request.view.get("id")), view)


async def _summary_view(request: Request, week: Week) -> dict[str, Any]:
    data = await request.services.pm.time_tracking_data(week, refresh=False)
    summary = _own_summary(request, assess(data, request.services.now()).summaries)
    if summary is None:
        raise NotAllowedError("These numbers are for the PM of the people in them.")
    return blocks.numbers_view(summary)


async def _view_of(request: Request, week: Week, member_id: int) -> dict[str, Any]:
    data = await request.services.pm.time_tracking_data(week, refresh=False)
    findings = assess(data, request.services.now())
    summary = _own_summary(request, findings.summaries)
    people: tuple[PersonWeek, ...] = summary.people if summary else ()
    if member_id != request.member.id and member_id not in {each.person.member.id for each in people}:
        raise NotAllowedError("These numbers are for the person and their PM.")
    numbers = numbers_of(data, findings, member_id)
    if numbers is None:
        raise NotFoundError("Nothing is known of that week.", hint="Is the Jira account linked? `/flowpilot link`")
    chosen_from = people if member_id in {each.person.member.id for each in people} else ()
    return blocks.person_view(numbers, request.services.settings.jira_url.rstrip("/"), chosen_from)


def _own_summary(request: Request, summaries: tuple[TimeTrackingSummary, ...]) -> TimeTrackingSummary | None:
    return next((summary for summary in summaries if summary.recipient.id == request.member.id), None)


def _week(text: str) -> Week:
    try:
        return Week(date.fromisoformat(text))
    except ValueError:
        raise InvalidInputError("That button is from an older version.", hint="Run the command again.") from None
