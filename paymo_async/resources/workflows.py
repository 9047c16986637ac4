"""Workflows and their statuses."""

from __future__ import annotations

from paymo_async.models.workflows import Workflow, WorkflowStatus
from paymo_async.resources.base import Standard

__all__ = ["WorkflowStatuses", "Workflows"]


class Workflows(Standard[Workflow]):
    """Workflows. A new one has the statuses Backlog and Complete; one with projects cannot be deleted."""

    model = Workflow


class WorkflowStatuses(Standard[WorkflowStatus]):
    """Statuses of workflows; one with tasks cannot be deleted."""

    model = WorkflowStatus
