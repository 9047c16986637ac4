"""Time reports."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from datetime import datetime
from typing import ClassVar, Final

from paymo_async.errors import DecodeError, IncompleteBody, InvalidRequest
from paymo_async.models.base import declaration
from paymo_async.models.enums import DateInterval, ReportType
from paymo_async.models.reports import Report, ReportInclude, ReportItem, ReportOptions
from paymo_async.reporting import total
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

    async def run(
        self,
        *,
        date_interval: DateInterval | str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        projects: Iterable[int] | int | str = "all",
        clients: Iterable[int] | int | str = "all",
        users: Iterable[int] | int | str = "all",
        include: ReportInclude | Iterable[str] = (),
        options: ReportOptions | None = None,
        name: str | None = None,
    ) -> Report:
        """Makes a report that the service does not store (`temp`), and returns it with its rows in `content`.

        date_interval: `this_week`, `all_time` and so on; or start and end, aware datetimes. projects, clients, users:
        ids, or a preset: `all`, `all_active`, `all_archived`, and of projects `status_id=N`. include: how time is
        grouped, as names (`["projects", "tasks"]`) or a `ReportInclude`; without any there is a total only.
        options: what is left out and rounded; `options.order` says how the groups nest.
        `paymo_async.reporting` makes a tree, a table or CSV of it. Raises `InvalidRequest` before anything is sent.
        """
        _check_span(date_interval, start, end)
        asked = Report(
            type=ReportType.TEMP,
            projects=_chosen("projects", projects),
            clients=_chosen("clients", clients),
            users=_chosen("users", users),
            include=_grouped(include),
        )
        if date_interval is not None:
            asked.date_interval = DateInterval(date_interval)
        else:
            asked.start_date, asked.end_date = start, end
        if options is not None:
            asked.options = options
        if name is not None:
            asked.name = name
        return await self.create(asked)

    async def total_hours(self, project_id: int) -> float:
        """All hours ever tracked on a project, by all users, as a number. One request, whatever the project's size.

        Running timers do not count. A project that does not exist, or that the caller cannot see, may count as 0.
        """
        report = await self.run(date_interval=DateInterval.ALL_TIME, projects=[project_id])
        return total(report).total_seconds() / 3600

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


_PRESETS: Final = ("all", "all_active", "all_archived")


def _check_span(date_interval: str | None, start: datetime | None, end: datetime | None) -> None:
    if date_interval is not None and start is None and end is None:
        return
    if date_interval is not None or start is None or end is None:
        raise InvalidRequest("a report covers either a date_interval, or the time from start to end")
    if start.tzinfo is None or end.tzinfo is None:
        raise InvalidRequest(f"a time zone is missing of {start!r} or {end!r}")
    if end < start:
        raise InvalidRequest(f"the report ends ({end}) before it starts ({start})")


def _chosen(name: str, chosen: Iterable[int] | int | str) -> list[int] | str:
    if isinstance(chosen, int):
        return [chosen]
    if not isinstance(chosen, str):
        ids = list(chosen)
        if not ids:  # the service would take it for all of them
            raise InvalidRequest(f"{name} is empty: give ids, or a preset such as 'all'")
        return ids
    preset, equals, status = chosen.partition("=")
    if chosen in _PRESETS or (name == "projects" and preset == "status_id" and equals and status.isdecimal()):
        return chosen
    more = ", status_id=N" if name == "projects" else ""
    raise InvalidRequest(f"{name} are ids, or one of {', '.join(_PRESETS)}{more}, not {chosen!r}")


def _grouped(include: ReportInclude | Iterable[str]) -> ReportInclude:
    if isinstance(include, ReportInclude):
        return include
    names = [include] if isinstance(include, str) else list(include)
    known = declaration(ReportInclude).by_name
    if unknown := [name for name in names if name not in known]:
        raise InvalidRequest(f"time is grouped by {', '.join(known)}, not by {', '.join(unknown)}")
    return ReportInclude.from_dict(dict.fromkeys(names, True))
