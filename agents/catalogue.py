"""All scheduled agents; adding one is adding its line here."""

from __future__ import annotations

from typing import Any

from agents.pm import (
    bottlenecks,
    epic_assignment,
    epic_rollup,
    forecast_variance,
    monday_card,
    reconciliation,
    retainer_budget,
    time_tracking,
)
from agents.spec import AgentSpec
from services.errors import InvalidInputError

AGENTS: tuple[AgentSpec[Any, Any], ...] = (
    time_tracking.SPEC,
    retainer_budget.SPEC,
    forecast_variance.SPEC,
    reconciliation.SPEC,
    bottlenecks.SPEC,
    epic_assignment.SPEC,
    epic_rollup.SPEC,
    monday_card.SPEC,
)


def agent_named(name: str, agents: tuple[AgentSpec[Any, Any], ...] = AGENTS) -> AgentSpec[Any, Any]:
    """Return the agent of that name; `InvalidInputError` lists those there are."""
    for spec in agents:
        if spec.name == name.strip().lower():
            return spec
    known = ", ".join(f"`{spec.name}`" for spec in agents) or "none yet"
    raise InvalidInputError(f"There is no agent “{name}”.", hint=f"Agents: {known}.")
