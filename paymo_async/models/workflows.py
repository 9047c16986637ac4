"""Workflows and the statuses that tasks go through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paymo_async.models.base import UNSET, Model, include, read_only, resource

if TYPE_CHECKING:
    from datetime import datetime

    from paymo_async.models.enums import StatusAction

__all__ = ["Workflow", "WorkflowStatus"]


@resource("workflows", requires=("name",))
class Workflow(Model):
    """An order of statuses. A new one has Backlog and Complete; one with projects cannot be deleted."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    name: str = UNSET
    is_default: bool = UNSET

    workflowstatuses: list[WorkflowStatus] = include()


@resource("workflowstatuses", requires=("name", "color", "workflow_id"))
class WorkflowStatus(Model):
    """A status of a workflow. One with tasks cannot be deleted."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    name: str = UNSET
    workflow_id: int = UNSET
    color: str | None = UNSET
    """As `5BDBF6`, without a hash."""
    seq: int | None = read_only()
    action: StatusAction | None = read_only()
    """Empty for an ordinary status."""

    workflow: Workflow = include()
