"""Durable work: functions that survive restarts, wait for people, and run once per id."""

from services.durable.service import Durable, WorkflowFunction
from services.durable.steps import NO_RETRY, Retry, StepFailedError
from services.durable.types import WorkflowState, WorkflowStatus

__all__ = ["NO_RETRY", "Durable", "Retry", "StepFailedError", "WorkflowFunction", "WorkflowState", "WorkflowStatus"]
