"""Templates of workflows: which sub-tasks a ticket gets in which phase."""

from services.tickets.workflows.templates import Phase, SubtaskTemplate, WorkflowTemplate, load_templates

__all__ = ["Phase", "SubtaskTemplate", "WorkflowTemplate", "load_templates"]
