"""Comments, the threads they stand in, and discussions."""

from __future__ import annotations

import html

from paymo_async.conditions import F
from paymo_async.models.comments import Comment, Discussion, Thread
from paymo_async.resources.base import Gets, Lists, Standard
from paymo_async.resources.mixins import Uploads, only_one

__all__ = ["Comments", "Discussions", "Threads"]


class Comments(Standard[Comment], Uploads[Comment]):
    """Comments on tasks, discussions and files."""

    model = Comment

    async def on(
        self,
        text: str,
        *,
        task_id: int | None = None,
        discussion_id: int | None = None,
        file_id: int | None = None,
    ) -> Comment:
        """Comments on one task, discussion or file; its first comment makes its thread.

        text: plain; it is sent as HTML that shows just that. For HTML of your own, `create(Comment(content=...))`.
        """
        parent = only_one({"task_id": task_id, "discussion_id": discussion_id, "file_id": file_id}, needed=True)
        lines = html.escape(text, quote=False).splitlines()
        return await self.create(Comment(content="<br>".join(lines), **parent))


class Threads(Lists[Thread], Gets[Thread]):
    """Threads of comments: they appear with their first comment, and cannot be made or changed."""

    model = Thread

    async def of(
        self,
        *,
        task_id: int | None = None,
        discussion_id: int | None = None,
        file_id: int | None = None,
    ) -> Thread | None:
        """The thread of one task, discussion or file, with its `comments`; None where nobody has commented yet."""
        parent = only_one({"task_id": task_id, "discussion_id": discussion_id, "file_id": file_id}, needed=True)
        ((name, id),) = parent.items()
        return await self.list(where=getattr(F, name) == id, include="comments").first()


class Discussions(Standard[Discussion], Uploads[Discussion]):
    """Discussions of projects."""

    model = Discussion
