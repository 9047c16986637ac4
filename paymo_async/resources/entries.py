"""Time entries and running timers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from paymo_async.conditions import F
from paymo_async.errors import InvalidRequest, NotFound, TimerRunning, TimerTooShort
from paymo_async.includes import Includes
from paymo_async.listing import Listing
from paymo_async.models.entries import TimeEntry
from paymo_async.models.users import User
from paymo_async.query import Wheres
from paymo_async.resources.base import Standard
from paymo_async.timespans import Zone, days_span, week_of
from paymo_async.tracking import day_of_entry, is_running, moment_of
from paymo_async.wire.messages import Request

__all__ = ["TimeEntries"]

_SHORTEST = 60  # seconds; the service refuses shorter entries (BEHAVIOUR.md, Dates and money)


class TimeEntries(Standard[TimeEntry]):
    """Tracked time. A running timer is an entry with a start and no end: creating a second one is `TimerRunning`.

    `paymo_async.tracking.tracked` adds entries up by project, task, user or day.
    """

    model = TimeEntry

    async def start_timer(
        self,
        task_id: int,
        *,
        user_id: int | None = None,
        description: str | None = None,
        switch: bool = False,
        discard_short: bool = False,
        at: datetime | None = None,
    ) -> TimeEntry:
        """Starts a timer and returns its entry.

        user_id: whose; without it the caller's, who is asked for once in the client's life. at: an aware moment, now
        by default. switch: a timer that runs is stopped first, at the same moment (discard_short: see `stop_timer`);
        looking for one costs a request. Without switch it raises `TimerRunning` with the running one as `entry`.
        """
        moment = _second(at)
        who = await self._who(user_id)
        timer = TimeEntry(task_id=task_id, user_id=who, start_time=moment)
        if description is not None:
            timer.description = description
        if switch and (running := await self.running_timer(who)):
            await self._stop(running, moment, None, discard_short=discard_short)
        try:
            return await self.create(timer)
        except TimerRunning as error:
            error.entry = await self.running_timer(who)
            if error.entry is not None:
                raise
        return await self.create(timer)  # the other one was stopped between the refusal and the look

    async def stop_timer(
        self,
        user_id: int | None = None,
        *,
        at: datetime | None = None,
        description: str | None = None,
        discard_short: bool = False,
    ) -> TimeEntry | None:
        """Stops the running timer and returns its entry; None where it was discarded.

        user_id, at: as for `start_timer`. description: set along with the end. discard_short: deletes a timer that ran
        for less than a minute, which the service refuses to store; without it `TimerTooShort` is raised before
        anything is changed. Raises `NotFound` where no timer runs.
        """
        moment = _second(at)
        who = await self._who(user_id)
        running = await self.running_timer(who)
        if running is None:
            raise NotFound(f"No timer of user {who} is running", method="GET", url=self.path, status=200)
        return await self._stop(running, moment, description, discard_short=discard_short)

    async def running_timer(self, user_id: int | None = None) -> TimeEntry | None:
        """The running timer of a user (of the caller by default), or None. One request."""
        who = await self._who(user_id)
        # An entry with a date and a duration has no end either: whether `end_time=null` finds it is not known.
        async with self.list(where=(F.user_id == who) & (F.end_time == None)).stream() as found:  # noqa: E711  # a condition
            async for entry in found:
                if is_running(entry):
                    return entry
        return None

    async def of_day(
        self, day: date, tz: Zone, *, where: Wheres = None, include: Includes = None, **equals: Any
    ) -> list[TimeEntry]:
        """All entries of a day as a time zone has it, in the order of time.

        tz: a `tzinfo` or a name, as in `User.timezone`. An entry with two times belongs to the day it began on. Two
        requests: `time_interval` asks for these, and the ones with a date and a duration are asked for by `date`,
        since the service does not say whether, and by which zone's days, the interval takes them in.
        """
        return await self._of_days(day, day, tz, where, include, equals)

    async def of_week(
        self,
        day: date,
        tz: Zone,
        week_start: int = 1,
        *,
        where: Wheres = None,
        include: Includes = None,
        **equals: Any,
    ) -> list[TimeEntry]:
        """All entries of the week that holds this day, likewise. week_start: 0 is Sunday, 1 Monday, to 6 Saturday."""
        first, last = week_of(day, week_start)
        return await self._of_days(first, last, tz, where, include, equals)

    def unbilled(self, *, where: Wheres = None, include: Includes = None, **equals: Any) -> Listing[TimeEntry]:
        """The entries that are on no invoice, as a listing; filtered further as in `list`.

        Running timers are among them, and time that is not to be billed: with `include="task"` each tells by
        `entry.task.billable`.
        """
        return self.list(where=where, include=include, billed=False, **equals)

    async def _of_days(
        self, first: date, last: date, tz: Zone, where: Wheres, include: Includes, equals: dict[str, Any]
    ) -> list[TimeEntry]:
        span = days_span(first, last, tz)
        days = [first + timedelta(days=count) for count in range((last - first).days + 1)]
        timed = await self.list(where=where, include=include, time_interval=span, **equals)
        dated = await self.list(where=where, include=include, date=days, **equals)
        found = {entry.id: entry for entry in (*timed, *dated) if first <= day_of_entry(entry, tz) <= last}
        return sorted(found.values(), key=moment_of)

    async def _stop(
        self, running: TimeEntry, moment: datetime, description: str | None, *, discard_short: bool
    ) -> TimeEntry | None:
        assert running.start_time is not None
        seconds = int((moment - running.start_time).total_seconds())
        if seconds < 0:
            raise InvalidRequest(
                f"timer {running.id} began at {running.start_time}, after the {moment} it is to end at"
            )
        if seconds < _SHORTEST:
            if discard_short:
                await self.delete(running.id)
                return None
            raise TimerTooShort(
                f"timer {running.id} ran for {seconds} seconds, and the service stores no less than {_SHORTEST}: "
                "stop it later, or delete it with discard_short=True",
                entry=running,
                seconds=seconds,
            )
        changes = TimeEntry(end_time=moment)
        if description is not None:
            changes.description = description
        return await self.update(running.id, changes)

    async def _who(self, user_id: int | None) -> int:
        if user_id is not None:
            return user_id
        learned = self._account.learned
        if learned.user_id is None:
            (me, *_), _ = await self._account.fetch(User, Request("GET", "me"))
            learned.user_id = me.id
        return learned.user_id


def _second(at: datetime | None) -> datetime:
    """The moment, or now, in whole seconds: the service keeps no fractions. Raises `InvalidRequest` for a naive one."""
    moment = datetime.now(UTC) if at is None else at
    if moment.tzinfo is None:
        raise InvalidRequest(f"at={at!r} is naive: give it a time zone")
    return moment.replace(microsecond=0)
