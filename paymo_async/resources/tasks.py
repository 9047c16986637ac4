"""Task lists, tasks, subtasks and assignments."""

from __future__ import annotations

from paymo_async.models.tasks import Subtask, Task, TaskAssignment, Tasklist
from paymo_async.resources.base import Standard

__all__ = ["Subtasks", "TaskAssignments", "Tasklists", "Tasks"]


class Tasklists(Standard[Tasklist]):
    """Task lists of projects."""

    model = Tasklist


class Tasks(Standard[Task]):
    """Tasks. Deleting one deletes its time."""

    model = Task


class Subtasks(Standard[Subtask]):
    """Subtasks."""

    model = Subtask


class TaskAssignments(Standard[TaskAssignment]):
    """Who is assigned to which task; a list must be filtered by user or task."""

    model = TaskAssignment
