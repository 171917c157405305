"""What the rest knows of a workflow."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

JsonObject = dict[str, Any]


class WorkflowStatus(StrEnum):
    """Where a workflow is; the last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Tell whether nothing more will happen."""
        return self in (WorkflowStatus.DONE, WorkflowStatus.FAILED, WorkflowStatus.CANCELLED)


@dataclass(frozen=True)
class WorkflowState:
    """A workflow as `/…status` and App Home show it; `error` is safe to show."""

    workflow_id: str
    name: str
    account_id: str
    status: WorkflowStatus
    created_at: datetime
    updated_at: datetime
    waiting_for: str | None = None
    finished_at: datetime | None = None
    result: JsonObject | None = None
    error: str | None = None


def as_json(value: Any) -> Any:
    """Return `value` as it will read back from storage; raises `TypeError` for what is not plain JSON.

    The first run of a step then sees the same types as its replay after a crash.
    """
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except ValueError as error:
        raise TypeError(f"not plain JSON: {error}") from error
