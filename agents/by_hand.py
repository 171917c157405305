"""Runs that a person asks for: from a command, from Home, from a shell."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from agents.runs import RunResult, run_agent, scheduled_mode
from agents.spec import AgentSpec, RunMode, RunTrigger, Slot
from services.accounts.types import AccountRef, MemberRef
from services.errors import ConflictError, InvalidInputError

if TYPE_CHECKING:
    from services.container import Services


async def run_by_hand(
    services: Services,
    spec: AgentSpec[Any, Any],
    account: AccountRef,
    *,
    dry_run: bool = False,
    as_of: datetime | None = None,
    actor: MemberRef | None = None,
) -> RunResult:
    """Run an agent now, or as at `as_of` (on the account's clock where it has no zone of its own).

    An agent in shadow mode stays silent whoever runs it; one that is off runs because somebody asks for it. As of an
    earlier day, one that tells of now only shows what it would have said: what is kept since is newer. Raises
    `ConflictError` while the same agent is being run by hand already, `InvalidInputError` for a time to come, and
    `NotAllowedError` when the actor's role does not suffice.
    """
    now = services.now()
    slot = Slot(_instant(now, account.time_zone, as_of), account.time_zone)
    is_over = spec.tells_of_now and slot.day < Slot(now, account.time_zone).day
    mode = RunMode.DRY_RUN if dry_run or is_over else await scheduled_mode(services, spec.name) or RunMode.LIVE
    if not services.homes.begin_run(account.id, spec.name):
        raise ConflictError(f"{spec.title} is running already.", hint="Home shows when it is done.")
    try:
        services.homes.changed()
        return await run_agent(services, spec, slot, RunTrigger.MANUAL, mode, actor)
    finally:
        services.homes.end_run(account.id, spec.name)
        services.homes.changed()


def _instant(now: datetime, time_zone: str, as_of: datetime | None) -> datetime:
    if as_of is None:
        return now
    at = (as_of if as_of.tzinfo else as_of.replace(tzinfo=ZoneInfo(time_zone))).astimezone(UTC)
    if at > now:
        raise InvalidInputError("That day is still to come.", hint="`--as-of` takes a day up to today.")
    return at
