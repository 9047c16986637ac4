"""Time reports."""

from __future__ import annotations

from paymo_async.models.reports import Report
from paymo_async.resources.base import Creates, Deletes, Documents, GetsOneByOne, Lists, Updates

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
    formats = ("pdf", "xlsx")
