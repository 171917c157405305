"""The engine's rows as our types."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from services.durable.types import WorkflowState, WorkflowStatus

if TYPE_CHECKING:
    from dbos import WorkflowStatus as EngineStatus

WAITING_FOR = "waiting_for"

_STATUSES = {
    "DELAYED": WorkflowStatus.QUEUED,
    "ENQUEUED": WorkflowStatus.QUEUED,
    "PENDING": WorkflowStatus.RUNNING,
    "SUCCESS": WorkflowStatus.DONE,
    "ERROR": WorkflowStatus.FAILED,
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": WorkflowStatus.FAILED,
    "CANCELLED": WorkflowStatus.CANCELLED,
}


def _instant(epoch_ms: int | None) -> datetime | None:
    return None if epoch_ms is None else datetime.fromtimestamp(epoch_ms / 1000, UTC)


def state_of(found: EngineStatus, events: Mapping[str, Any]) -> WorkflowState:
    """Return the state of a workflow from the engine's row and the events that it has set."""
    status = _STATUSES[found.status]
    waiting_for = events.get(WAITING_FOR) if status is WorkflowStatus.RUNNING else None
    created_at = _instant(found.created_at) or datetime.fromtimestamp(0, UTC)
    return WorkflowState(
        workflow_id=found.workflow_id,
        name=found.name,
        account_id=found.authenticated_user or "",
        status=WorkflowStatus.WAITING if waiting_for else status,
        waiting_for=waiting_for,
        created_at=created_at,
        updated_at=_instant(found.updated_at) or created_at,
        finished_at=_instant(found.completed_at),
        result=found.output,
        error=None if found.error is None else str(found.error),
    )
