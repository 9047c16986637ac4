"""Expenses and their receipts."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import ClassVar

from yarl import URL

from paymo_async.errors import InvalidRequest
from paymo_async.models.expenses import Expense
from paymo_async.resources.base import Documents, Id, Standard
from paymo_async.resources.mixins import Keeps, Uploads
from paymo_async.transport.files import OnBytes
from paymo_async.transport.uploads import Source

__all__ = ["Expenses"]


class Expenses(Standard[Expense], Documents[Expense], Uploads[Expense], Keeps[Expense]):
    """Expenses, with or without a receipt. `create_with_file` makes one with its receipt in one request."""

    model = Expense
    formats: ClassVar[tuple[str, ...]] = ("pdf",)

    async def upload_receipt(
        self, id: Id, source: Source, *, filename: str | None = None, on_bytes: OnBytes | None = None
    ) -> Expense:
        """Sets the receipt; another name for `upload_file`."""
        return await self.upload_file(id, source, filename=filename, on_bytes=on_bytes)

    async def download_receipt(
        self, expense: Id | Expense, into: Path | str, *, name: str | None = None, on_bytes: OnBytes | None = None
    ) -> Path:
        """Downloads a receipt into a folder (made if missing), as `expense-12.jpg` or `name`, and returns its path.

        expense: an id, which costs one more request, or the expense as it was read. Otherwise as `files.download`.
        Raises `InvalidRequest` where there is no receipt.
        """
        known = expense if isinstance(expense, Expense) else await self.get(expense)
        if not known.file:
            raise InvalidRequest(f"expenses/{known.id} has no receipt")
        ending = PurePosixPath(URL(known.file).path).suffix
        fallback = f"expense-{known.id}"
        return await self._save_url(known.file, into, name, fallback + ending, fallback, on_bytes)
