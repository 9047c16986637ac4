"""Files attached to projects, tasks, discussions and comments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paymo_async.models.base import UNSET, Model, create_only, include, read_only, resource, secret

if TYPE_CHECKING:
    from datetime import datetime

    from paymo_async.models.comments import Comment, Discussion
    from paymo_async.models.projects import Project
    from paymo_async.models.tasks import Task
    from paymo_async.models.users import User

__all__ = ["File"]


@resource("files", requires=("file",))
class File(Model):
    """An uploaded file. Once uploaded, only its name and description change, and an unattached one is attached once."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    original_filename: str | None = UNSET
    description: str | None = UNSET
    user_id: int | None = create_only()
    project_id: int | None = create_only()
    discussion_id: int | None = create_only()
    task_id: int | None = create_only()
    comment_id: int | None = create_only()
    token: str | None = secret()
    """Of a file uploaded without a parent: attaches it later."""
    size: int | None = read_only()
    """Bytes."""
    file: str | None = create_only()
    """URL, on another host: never send credentials there."""
    image_thumb_small: str | None = read_only(unselectable=True)
    image_thumb_medium: str | None = read_only(unselectable=True)
    image_thumb_large: str | None = read_only(unselectable=True)
    mime: str | None = read_only()
    external_url: str | None = read_only()
    external_service: str | None = read_only()
    download_url: str | None = read_only()
    tags: list[str] | None = UNSET

    project: Project | None = include()
    user: User | None = include()
    task: Task | None = include()
    discussion: Discussion | None = include()
    comment: Comment | None = include()
