"""Files of projects, tasks, discussions and comments."""

from __future__ import annotations

from paymo_async.models.files import File
from paymo_async.resources.base import Deletes, Gets, Lists, Updates

__all__ = ["Files"]


class Files(Lists[File], Gets[File], Updates[File], Deletes[File]):
    """Files. They are made by uploading; only their name and description change afterwards."""

    model = File
