"""Task lists, tasks, subtasks and assignments."""

from __future__ import annotations

from collections.abc import Iterable

from paymo_async.errors import InvalidRequest
from paymo_async.models.enums import Priority
from paymo_async.models.tasks import Subtask, Task, TaskAssignment, Tasklist
from paymo_async.resources.base import Id, Standard, segment
from paymo_async.resources.mixins import Assigns, Completes, Reorders, Uploads

__all__ = ["Subtasks", "TaskAssignments", "Tasklists", "Tasks"]


class Tasklists(Standard[Tasklist], Reorders[Tasklist]):
    """Task lists of projects."""

    model = Tasklist

    async def reorder_tasks(self, id: Id, task_ids: Iterable[int]) -> Tasklist:
        """Puts tasks of a list in this order. A part of them will do: the service lets the others follow."""
        return await self._reorder(id, "tasks_order", task_ids)


class Tasks(Standard[Task], Assigns[Task], Completes[Task], Reorders[Task], Uploads[Task]):
    """Tasks. Deleting one deletes its time."""

    model = Task

    async def set_status(self, id: Id, status: int | str) -> Task:
        """Moves a task to a status of its project's workflow, given as an id or as the name it has there.

        A name costs one more request, and any case of its letters will do. Raises `InvalidRequest` for a name that
        the workflow does not have, and names those that it has.
        """
        status_id = status if isinstance(status, int) else await self._status_named(id, status)
        segment(status_id)
        return await self.update(id, Task(status_id=status_id))

    async def set_priority(self, id: Id, priority: Priority | int) -> Task:
        """Sets how urgent a task is: `Priority.LOW` (25), `NORMAL` (50), `HIGH` (75) or `CRITICAL` (100)."""
        if priority not in _PRIORITIES:
            raise InvalidRequest(f"priority is one of {', '.join(map(str, _PRIORITIES))}, not {priority!r}")
        return await self.update(id, Task(priority=Priority(priority)))

    async def reorder_subtasks(self, id: Id, subtask_ids: Iterable[int]) -> Task:
        """Puts these subtasks first, in this order; the others follow as they stood (one more request asks which).

        Raises `InvalidRequest` for a subtask of another task.
        """
        return await self._reorder_whole(id, "subtasks_order", subtask_ids, Subtask, "task_id")

    async def _status_named(self, id: Id, name: str) -> int:
        task = await self.get(id, include="project.workflow.workflowstatuses")
        workflow = task.project.workflow
        known = (workflow.workflowstatuses or []) if workflow else []
        for status in known:
            if status.name.casefold() == name.strip().casefold():
                return status.id
        names = ", ".join(repr(status.name) for status in known)
        raise InvalidRequest(f"The workflow of {self.path}/{id} has no status {name!r}; it has {names or 'none'}")


class Subtasks(Standard[Subtask], Completes[Subtask]):
    """Subtasks."""

    model = Subtask


class TaskAssignments(Standard[TaskAssignment]):
    """Who is assigned to which task; a list must be filtered by user or task."""

    model = TaskAssignment


_PRIORITIES = tuple(member.value for member in Priority)
