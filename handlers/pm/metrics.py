"""`/pm metrics`, and what stands behind each of its numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import structlog

from agents.catalogue import AGENTS, agent_named
from blocks.pm import metrics as blocks
from handlers.permissions import require
from handlers.pm.modals import open_filled
from handlers.request import Request
from handlers.router import Router
from services.accounts.types import Role
from services.charts.trend import Line, trend_png
from services.commands import Commands, Reply, Word
from services.errors import InvalidInputError, VendorError
from services.pm.metrics.service import MOST_WEEKS
from services.pm.metrics.types import MeasureName, Metrics

COMMANDS = Commands()
USUAL_WEEKS = 12
log = structlog.get_logger(__name__)


def register(router: Router) -> None:
    """Add the command, and handle [How is this counted?]."""
    router.commands.include(COMMANDS)
    router.action(blocks.SHOW)(show_how)


@COMMANDS.command(
    "/pm",
    "metrics",
    summary="Show how well the agents do: compliance, surprises, precision, messages, hours saved",
    role=Role.LEAD,
    examples=("/pm metrics", "/pm metrics time-tracking", "/pm metrics --weeks 26"),
    reads_only=True,
)
async def metrics(request: Request, agent: Word | None = None, *, weeks: int = USUAL_WEEKS) -> Reply:
    """Measure the agents over some weeks, or one of them."""
    if not 1 <= weeks <= MOST_WEEKS:
        raise InvalidInputError(f"{weeks} weeks cannot be shown.", hint=f"Use 1 to {MOST_WEEKS}, such as `--weeks 12`.")
    only = agent_named(agent).name if agent else None
    found = await _measure(request, weeks, only)
    file_id = await _chart(request, found)
    return Reply(*blocks.metrics(found, file_id, blocks.chart_alt(found)))


async def _measure(request: Request, weeks: int, only: str | None = None) -> Metrics:
    titles = {spec.name: spec.title for spec in AGENTS if only in (None, spec.name)}
    found = await request.services.metrics.measure(titles, request.account.time_zone, weeks)
    if only is None:
        return found
    shown = [m for m in found.measured if m.definition.agent == only or m.definition.name is MeasureName.PRECISION]
    return replace(found, measured=tuple(shown))


async def _chart(request: Request, found: Metrics) -> str | None:
    """Return the id of the chart in Slack; None where there is nothing to draw, or Slack does not take it."""
    lines = [
        Line(
            measured.definition.title,
            [(point.week.start, float(point.value)) for point in measured.trend if point.value is not None],
            float(measured.definition.target.bound) if measured.definition.target else None,
        )
        for measured in blocks.charted(found)
    ]
    if not lines:
        return None
    try:
        png = await trend_png("By week (targets dashed)", lines)
        title = "How the agents do, by week"
        return await request.services.slack.upload_image(
            "metrics.png", png, title=title, alt_text=blocks.chart_alt(found)
        )
    except VendorError as error:
        log.warning("chart_not_uploaded", why=error.message)
        return None


async def show_how(request: Request) -> None:
    """Open what a measure is made of, counted anew."""
    await require(request, Role.LEAD, "see how the agents do", action="pm_metrics", target=request.suffix)
    value = request.value_object()
    weeks = value.get("weeks")
    wanted = weeks if isinstance(weeks, int) and 1 <= weeks <= MOST_WEEKS else USUAL_WEEKS

    async def make() -> dict[str, Any]:
        found = await _measure(request, wanted)
        measured = next((m for m in found.measured if m.definition.name == value.get("measure")), None)
        if measured is None:
            raise InvalidInputError("That button is from an older version.", hint="Run `/pm metrics` again.")
        return blocks.how(measured, found)

    await open_filled(request, blocks.loading(), make, blocks.failed)
