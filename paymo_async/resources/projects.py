"""Projects, their statuses and milestones."""

from __future__ import annotations

from paymo_async.models.projects import Milestone, Project, ProjectStatus
from paymo_async.resources.base import Standard

__all__ = ["Milestones", "ProjectStatuses", "Projects"]


class Projects(Standard[Project]):
    """Projects. Without a `client_id` a sample client is made with one."""

    model = Project


class ProjectStatuses(Standard[ProjectStatus]):
    """Statuses that projects can have."""

    model = ProjectStatus


class Milestones(Standard[Milestone]):
    """Milestones of projects."""

    model = Milestone
