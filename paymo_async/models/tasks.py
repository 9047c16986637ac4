"""Task lists, tasks, subtasks, and who a task is assigned to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paymo_async.models.base import UNSET, Model, create_only, include, one_of, read_only, resource, write_only
from paymo_async.models.durations import timedelta_of

if TYPE_CHECKING:
    from datetime import date, datetime, timedelta
    from decimal import Decimal
    from typing import Any

    from paymo_async.models.comments import Thread
    from paymo_async.models.entries import TimeEntry
    from paymo_async.models.enums import Priority
    from paymo_async.models.invoices import InvoiceItem
    from paymo_async.models.projects import Milestone, Project
    from paymo_async.models.users import User
    from paymo_async.models.workflows import WorkflowStatus

__all__ = ["Subtask", "Task", "TaskAssignment", "Tasklist"]


@resource("tasks", requires=("name", one_of("tasklist_id", "project_id")))
class Task(Model):
    """A piece of work that time is tracked on. Deleting it deletes its time."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    name: str = UNSET
    code: str | None = read_only()
    """The project's code and a number: `PD-16`."""
    project_id: int = create_only()
    """On create, instead of `tasklist_id`: the task lands in the project's default task list."""
    tasklist_id: int = UNSET
    seq: int | None = UNSET
    description: str | None = UNSET
    """HTML."""
    complete: bool = UNSET
    """Setting it moves `status_id` to the workflow's Complete status, unsetting it back to Backlog."""
    due_date: date | None = UNSET
    user_id: int | None = UNSET
    users: list[int] = UNSET
    """Ids; the whole list, not a change to it."""
    billable: bool = UNSET
    flat_billing: bool = UNSET
    price_per_hour: Decimal | None = UNSET
    """In the client's currency."""
    budget_hours: Decimal | None = UNSET
    """Hours."""
    estimated_price: Decimal | None = UNSET
    """Of a flat rate task."""
    invoiced: bool = read_only()
    invoice_item_id: int | None = UNSET
    priority: Priority = UNSET
    status_id: int | None = UNSET
    subtasks_order: list[int] = write_only(unselectable=True)
    """Ids of the subtasks, in the new order."""
    completed_on: datetime | None = read_only()
    completed_by: int | None = read_only()
    """Id of the user."""
    cover_file_id: int | None = read_only()
    price: Decimal | None = read_only()
    start_date: date | None = read_only()
    recurring_profile_id: int | None = read_only()
    billing_type: str | None = read_only()
    progress_status: Any = read_only(hidden=True)
    """Its shape is not documented."""

    project: Project = include()
    tasklist: Tasklist = include()
    user: User | None = include()
    thread: Thread | None = include()
    entries: list[TimeEntry] = include()
    subtasks: list[Subtask] = include()
    invoiceitem: InvoiceItem | None = include()
    workflowstatus: WorkflowStatus | None = include()


@resource("tasklists", requires=("name", "project_id"))
class Tasklist(Model):
    """A list of tasks in a project."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    name: str = UNSET
    seq: int | None = UNSET
    project_id: int = create_only()
    milestone_id: int | None = UNSET
    tasks_count: Any = read_only()
    """Its shape is not documented."""
    completed: int | None = UNSET
    tasks_order: list[int] = write_only()
    """Ids of tasks in the new order; a part of them will do."""

    project: Project = include()
    milestone: Milestone | None = include()
    tasks: list[Task] = include()


@resource("subtasks", requires=("name", "task_id"))
class Subtask(Model):
    """A step of a task."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    name: str = UNSET
    complete: bool = UNSET
    task_id: int = create_only()
    project_id: int = read_only()
    user_id: int | None = UNSET
    seq: int | None = UNSET
    completed_on: datetime | None = read_only()
    completed_by: int | None = read_only()
    """Id of the user."""

    project: Project = include()
    task: Task = include()
    user: User | None = include()


@resource("userstasks", requires=("user_id", "task_id"), must_filter=("user_id", "task_id"))
class TaskAssignment(Model):
    """The assignment of a user to a task. A list must be filtered by user or task."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    user_id: int = UNSET
    task_id: int = UNSET
    tracked_time: int | None = read_only()
    """Seconds."""
    task_complete: bool = read_only()

    user: User = include()
    task: Task = include()

    @property
    def tracked(self) -> timedelta | None:
        """`tracked_time` as a timedelta; None where the service sent none."""
        return timedelta_of(self.tracked_time)
