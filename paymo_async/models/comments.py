"""Comments, the threads that hold them, and discussions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paymo_async.models.base import UNSET, Model, create_only, include, one_of, read_only, resource

if TYPE_CHECKING:
    from datetime import datetime

    from paymo_async.models.files import File
    from paymo_async.models.projects import Project
    from paymo_async.models.tasks import Task
    from paymo_async.models.users import User

__all__ = ["Comment", "Discussion", "Thread"]


@resource("comments", requires=("content", one_of("thread_id", "task_id", "discussion_id", "file_id")))
class Comment(Model):
    """A comment, as HTML. The first one on a task, discussion or file makes its thread."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    content: str = UNSET
    """HTML."""
    thread_id: int = create_only()
    user_id: int = read_only()
    task_id: int | None = create_only()
    discussion_id: int | None = create_only()
    file_id: int | None = create_only()

    thread: Thread = include()
    user: User = include()
    project: Project | None = include()
    files: list[File] = include()


@resource("threads")
class Thread(Model):
    """The comments of one task, discussion or file. It appears with the first comment."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    project_id: int | None = read_only()
    discussion_id: int | None = read_only()
    task_id: int | None = read_only()
    file_id: int | None = read_only()

    project: Project | None = include()
    discussion: Discussion | None = include()
    task: Task | None = include()
    file: File | None = include()
    comments: list[Comment] = include()


@resource("discussions", requires=("name", "project_id"))
class Discussion(Model):
    """A topic of a project that people comment on."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    name: str = UNSET
    description: str | None = UNSET
    """HTML."""
    project_id: int = UNSET
    user_id: int | None = read_only()
    comments_count: int | None = read_only()

    project: Project = include()
    user: User = include()
    thread: Thread | None = include()
    files: list[File] = include()
