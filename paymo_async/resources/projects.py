"""Projects, their statuses and milestones."""

from __future__ import annotations

from collections.abc import Iterable

from paymo_async.models.projects import Milestone, Project, ProjectStatus
from paymo_async.models.tasks import Tasklist
from paymo_async.resources.base import Id, Standard, segment
from paymo_async.resources.mixins import Archives, Assigns, Completes, Reorders
from paymo_async.wire.messages import JSON, Request

__all__ = ["Milestones", "ProjectStatuses", "Projects"]


class Projects(Standard[Project], Archives[Project], Assigns[Project], Reorders[Project]):
    """Projects. Without a `client_id` a sample client is made with one."""

    model = Project

    async def add_managers(self, id: Id, *user_ids: int) -> Project:
        """Adds users to the managers. Nothing is written where all of them are."""
        return await self._change_list(id, "managers", add=user_ids)

    async def remove_managers(self, id: Id, *user_ids: int) -> Project:
        """Takes users from the managers. Nothing is written where none of them is."""
        return await self._change_list(id, "managers", remove=user_ids)

    async def apply_template(self, id: Id, template_id: int) -> Project:
        """Adds the task lists and tasks of a project template to those the project has.

        Applied twice, they are there twice: a repeat after a lost answer cannot be told from a second wish, so this is
        sent as a POST, which is repeated only when the service cannot have seen it.
        """
        segment(template_id)
        body = self._update_body(Project(template_id=template_id))
        return await self._one(Request("POST", f"{self.path}/{segment(id)}", body=body, content_type=JSON))

    async def reorder_tasklists(self, id: Id, tasklist_ids: Iterable[int]) -> Project:
        """Puts these task lists first, in this order; the others follow as they stood (one more request asks which).

        Raises `InvalidRequest` for a task list of another project.
        """
        return await self._reorder_whole(id, "tasklists_order", tasklist_ids, Tasklist, "project_id")


class ProjectStatuses(Standard[ProjectStatus]):
    """Statuses that projects can have."""

    model = ProjectStatus


class Milestones(Standard[Milestone], Completes[Milestone]):
    """Milestones of projects."""

    model = Milestone
