"""Task lists and tasks."""

from __future__ import annotations

from paymo_async.models.tasks import Task, Tasklist
from paymo_async.resources.base import Creates, Deletes, Gets, Lists, Updates

__all__ = ["Tasklists", "Tasks"]


class Tasklists(Lists[Tasklist], Gets[Tasklist], Creates[Tasklist], Updates[Tasklist], Deletes[Tasklist]):
    """Task lists of projects."""

    model = Tasklist


class Tasks(Lists[Task], Gets[Task], Creates[Task], Updates[Task], Deletes[Task]):
    """Tasks. Deleting one deletes its time."""

    model = Task
