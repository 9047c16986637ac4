"""Time reports."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import ClassVar

from paymo_async.errors import DecodeError, IncompleteBody
from paymo_async.models.reports import Report, ReportItem
from paymo_async.resources.base import Creates, Deletes, Documents, GetsOneByOne, Id, Lists, Updates, segment
from paymo_async.wire.items import ItemStream
from paymo_async.wire.messages import Request
from paymo_async.wire.redaction import redact_url

__all__ = ["Reports"]


class Reports(
    Lists[Report],
    GetsOneByOne[Report],
    Creates[Report],
    Updates[Report],
    Deletes[Report],
    Documents[Report],
):
    """Time reports. A list of them carries no `content`, so `get_many` asks for each by itself."""

    model = Report
    formats: ClassVar[tuple[str, ...]] = ("pdf", "xlsx")

    async def stream_items(self, id: Id) -> AsyncGenerator[ReportItem, None]:
        """The rows of one report while they arrive, for reports too long to hold: the first before the last byte.

        Memory holds one chunk and one row. A connection that breaks in the middle raises `PaymoConnectionError`: the
        service cannot resume, and rows given once are not given again.
        """
        account = self._account
        rows = ItemStream(ReportItem, (self.path, 0, "content", "items"))
        request = Request("GET", f"{self.path}/{segment(id)}")
        async with account.transport.open(request, account.options) as answer:
            known = {"method": "GET", "url": redact_url(str(answer.url)), "status": answer.status}
            try:
                async for chunk in answer.content.iter_any():
                    found = rows.feed(chunk)
                    account.tell(found.undecodable, **known)
                    for item in found.items:
                        yield item
                rows.close()
            except (DecodeError, IncompleteBody) as error:
                raise error.about(**known) from None
