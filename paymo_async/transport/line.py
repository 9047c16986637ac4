"""Callers in line for a token: three lanes, each first in, first out."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
from collections import OrderedDict
from collections.abc import Callable, Iterator

from paymo_async.transport.limiter import Permit, Priority

__all__ = ["Line", "Waiter"]


class Waiter:
    """A caller in line. since: when it came. max_wait: seconds it may wait, None without end."""

    __slots__ = ("deadline", "future", "lane", "max_wait", "since")

    def __init__(self, future: asyncio.Future[Permit], since: float, max_wait: float | None) -> None:
        self.future: asyncio.Future[Permit] = future
        self.since: float = since
        self.max_wait: float | None = max_wait
        self.deadline: float = math.inf if max_wait is None else since + max_wait
        self.lane: OrderedDict[Waiter, None] | None = None


class Line:
    """Callers in the order in which they are served: rejected calls, interactive ones, background ones.

    size: how many wait.
    Leaving from anywhere takes constant time, so that a thousand cancelled callers leave as fast as they came.
    """

    __slots__ = ("_background", "_deadlines", "_interactive", "_rejected", "_ticket", "size")

    def __init__(self) -> None:
        self._rejected: OrderedDict[Waiter, None] = OrderedDict()
        self._interactive: OrderedDict[Waiter, None] = OrderedDict()
        self._background: OrderedDict[Waiter, None] = OrderedDict()
        self._deadlines: list[tuple[float, int, Waiter]] = []
        self._ticket = itertools.count()
        self.size: int = 0

    def __iter__(self) -> Iterator[Waiter]:
        return itertools.chain(self._rejected, self._interactive, self._background)

    def ahead(self, priority: Priority, *, first: bool) -> int:
        """How many would be served before one that joins now."""
        if first:
            return len(self._rejected)
        sooner = len(self._rejected) + len(self._interactive)
        return sooner if priority == "interactive" else sooner + len(self._background)

    def waiting(self) -> dict[Priority, int]:
        """How many wait with each priority; rejected calls count as interactive."""
        return {"interactive": len(self._rejected) + len(self._interactive), "background": len(self._background)}

    def join(self, waiter: Waiter, priority: Priority, *, first: bool) -> None:
        """Puts a caller at the end of its lane."""
        lane = self._rejected if first else self._interactive if priority == "interactive" else self._background
        lane[waiter] = None
        self.size += 1
        waiter.lane = lane
        if waiter.deadline != math.inf:
            heapq.heappush(self._deadlines, (waiter.deadline, next(self._ticket), waiter))

    def next(self) -> Waiter:
        """Takes the caller at the front."""
        waiter = (self._rejected or self._interactive or self._background).popitem(last=False)[0]
        waiter.lane = None
        self.size -= 1
        return waiter

    def leave(self, waiter: Waiter) -> None:
        """Takes a caller out, wherever it stands; nothing if it has left."""
        if waiter.lane is not None:
            del waiter.lane[waiter]
            waiter.lane = None
            self.size -= 1

    def hopeless(self, now: float, wait: Callable[[int], float]) -> Iterator[tuple[Waiter, float]]:
        """Takes out those who would wait too long, each with its wait. wait: seconds, with so many ahead."""
        if self.next_deadline() == math.inf:
            return
        ahead = 0
        for waiter in list(self):
            expected = wait(ahead)
            if now + expected > waiter.deadline:
                self.leave(waiter)
                yield waiter, expected
            else:
                ahead += 1

    def next_deadline(self) -> float:
        """The earliest moment at which a caller has waited too long."""
        deadlines = self._deadlines
        while deadlines and deadlines[0][2].lane is None:
            heapq.heappop(deadlines)
        return deadlines[0][0] if deadlines else math.inf

    def expired(self, now: float) -> list[Waiter]:
        """Takes out those that have waited too long."""
        late: list[Waiter] = []
        while self.next_deadline() <= now:
            waiter = heapq.heappop(self._deadlines)[2]
            self.leave(waiter)
            late.append(waiter)
        return late
