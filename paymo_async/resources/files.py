"""Files of projects, tasks, discussions and comments: up and down."""

from __future__ import annotations

from pathlib import Path

from paymo_async.errors import InvalidRequest
from paymo_async.models.files import File
from paymo_async.resources.base import Deletes, Gets, Id, Lists, Updates, segment
from paymo_async.resources.mixins import Keeps, Sends, only_one
from paymo_async.transport.files import OnBytes
from paymo_async.transport.uploads import Content, Source
from paymo_async.wire.encode import encode_update
from paymo_async.wire.messages import JSON, Request

__all__ = ["Files"]


class Files(Lists[File], Gets[File], Updates[File], Deletes[File], Sends[File], Keeps[File]):
    """Files. They are made by uploading; only their name and description change afterwards."""

    model = File

    async def upload(
        self,
        source: Source,
        *,
        filename: str | None = None,
        project_id: int | None = None,
        task_id: int | None = None,
        discussion_id: int | None = None,
        comment_id: int | None = None,
        description: str | None = None,
        on_bytes: OnBytes | None = None,
    ) -> File:
        """Uploads a file to a project, task, discussion or comment; without one, its `token` attaches it later.

        source: a path, bytes, a binary file (from where it stands) or an async iterator; it is streamed. filename: else
        the source's own. on_bytes: told bytes sent, and bytes in all or None. It is sent again only when the service
        cannot have seen it, or refused it for the rate limit, and the source can be read again. Raises what reading
        the source raises, and `PaymoTimeout` where nothing is taken for the timeout's seconds.
        """
        parents = {"project_id": project_id, "task_id": task_id, "discussion_id": discussion_id}
        fields: dict[str, int | str] = {**only_one({**parents, "comment_id": comment_id}, needed=False)}
        if description is not None:
            fields["description"] = description
        content = await Content.of(source, filename)
        return await self._send_file(Request("POST", self.path), "file", content, fields, on_bytes)

    async def attach(
        self,
        file: File,
        *,
        project_id: int | None = None,
        task_id: int | None = None,
        discussion_id: int | None = None,
        comment_id: int | None = None,
    ) -> File:
        """Attaches a file that was uploaded without a parent, by its `id` and `token`, once.

        Raises `InvalidRequest` for a file without a token: it has a parent already.
        """
        parents = {"project_id": project_id, "task_id": task_id, "discussion_id": discussion_id}
        parent = only_one({**parents, "comment_id": comment_id}, needed=True)
        if not file.token:
            raise InvalidRequest(f"files/{file.id} has no token: only a file uploaded without a parent is attached")
        body = encode_update(File(token=file.token, **parent), attach=True)
        # A POST, since a second one would be refused: it is repeated only when the service cannot have seen it.
        return await self._one(Request("POST", f"{self.path}/{segment(file.id)}", body=body, content_type=JSON))

    async def download(
        self, file: Id | File, into: Path | str, *, name: str | None = None, on_bytes: OnBytes | None = None
    ) -> Path:
        """Downloads a file into a folder (made if missing), and returns its path.

        file: an id, which costs one more request, or the file as it was read. name: else its original name, in a form
        that is safe on any system and never leads out of the folder; a file of that name is replaced. The file is there
        only once it is whole, and what breaks off is resumed. Credentials never go to the host that keeps it. Raises
        `InvalidRequest` for a file that another service keeps.
        """
        known = file if isinstance(file, File) else await self.get(file)
        url = known.download_url or known.file
        if not url:
            kept = f": {known.external_service} keeps it" if known.external_service else ""
            raise InvalidRequest(f"files/{known.id} has no address to download it from{kept}")
        return await self._save_url(url, into, name, known.original_filename or None, f"file-{known.id}", on_bytes)
