"""Timeouts of the calls under way, by one timer for all of them.

aiohttp's total timeout sets a timer for each request and takes it back when the answer has come: about a tenth of what
a call costs. Here calls with the same timeout stand in a queue, which is in the order of their deadlines by itself; one
timer waits for the first. A call that ends marks its deadline and goes; what is left of it falls off the queue's front.

A call that is late is cancelled, and turns that cancellation into a timeout when it sees its deadline marked as passed,
as `asyncio.timeout` does it: a cancellation that comes from elsewhere at the same moment stays one.
"""

from __future__ import annotations

import asyncio
from collections import deque

__all__ = ["Deadline", "Deadlines"]


class Deadline:
    """When one call must have ended. `passed` is set just before the call is cancelled for it."""

    __slots__ = ("_cancelling", "at", "ended", "passed", "task")

    def __init__(self, task: asyncio.Task[object], at: float) -> None:
        self.task: asyncio.Task[object] = task
        self.at: float = at
        self.ended: bool = False
        self.passed: bool = False
        self._cancelling = task.cancelling()

    def caused(self) -> bool:
        """Whether the CancelledError just caught is this deadline's; takes that cancellation back if so."""
        return self.passed and self.task.uncancel() <= self._cancelling


class Deadlines:
    """The deadlines of one event loop's calls, by their timeout in seconds."""

    __slots__ = ("_loop", "_queues", "_timers")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._queues: dict[float, deque[Deadline]] = {}
        self._timers: dict[float, asyncio.TimerHandle] = {}

    def start(self, seconds: float) -> Deadline:
        """A deadline for the current task, from now."""
        task = asyncio.current_task()
        assert task is not None
        deadline = Deadline(task, self._loop.time() + seconds)
        queue = self._queues.get(seconds)
        if queue is None:
            queue = self._queues[seconds] = deque()
        while queue and queue[0].ended:
            queue.popleft()
        queue.append(deadline)
        if seconds not in self._timers:
            self._timers[seconds] = self._loop.call_at(deadline.at, self._due, seconds)
        return deadline

    def close(self) -> None:
        """Stops the timers; calls still under way have no timeout any more."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._queues.clear()

    def _due(self, seconds: float) -> None:
        queue = self._queues[seconds]
        now = self._loop.time()
        while queue and (queue[0].ended or queue[0].at <= now):
            deadline = queue.popleft()
            if not deadline.ended:
                deadline.passed = True
                deadline.task.cancel()
        if queue:
            self._timers[seconds] = self._loop.call_at(queue[0].at, self._due, seconds)
        else:
            del self._timers[seconds], self._queues[seconds]
