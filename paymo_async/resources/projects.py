"""Projects."""

from __future__ import annotations

from paymo_async.models.projects import Project
from paymo_async.resources.base import Creates, Deletes, Gets, Lists, Updates

__all__ = ["Projects"]


class Projects(Lists[Project], Gets[Project], Creates[Project], Updates[Project], Deletes[Project]):
    """Projects. Without a `client_id` a sample client is made with one."""

    model = Project
