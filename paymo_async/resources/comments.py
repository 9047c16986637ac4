"""Comments, the threads they stand in, and discussions."""

from __future__ import annotations

from paymo_async.models.comments import Comment, Discussion, Thread
from paymo_async.resources.base import Gets, Lists, Standard

__all__ = ["Comments", "Discussions", "Threads"]


class Comments(Standard[Comment]):
    """Comments on tasks, discussions and files."""

    model = Comment


class Threads(Lists[Thread], Gets[Thread]):
    """Threads of comments: they appear with their first comment, and cannot be made or changed."""

    model = Thread


class Discussions(Standard[Discussion]):
    """Discussions of projects."""

    model = Discussion
