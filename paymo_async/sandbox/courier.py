"""Deliveries of notices to the targets of webhooks, in the background of the sandbox's event loop.

Each hook has a queue and, while something is in it, a task of its own: what is told of one hook comes in order, and a
target that hangs delays no other. What waits is bounded by its bytes; what comes on top is given up and logged.

How often the service tries, and for how long, is not documented. Guessed: once, for ten seconds, without following
redirects. With retries asked for, everything but a 2xx and the 410 is tried again, after 1, 2, 4 and so on up to 60
seconds, while the hook's later notices wait. What waits for a hook when it is deleted is not sent.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

import aiohttp

from paymo_async.sandbox.notify import Notice
from paymo_async.sandbox.traffic import Deliveries, Delivery

__all__ = ["BACKLOG", "GONE", "Courier"]

BACKLOG: Final = 16 << 20
"""Bytes that may wait for one target."""

GONE: Final = 410
"""The status with which a target wants to hear no more."""

_OVERHEAD = 256  # bytes that a notice takes beside its body, about
_LONGEST_PAUSE = 60.0  # seconds


class Courier:
    """Delivers notices. Make it in the event loop that is to send them.

    log: gets every attempt. wanted: whether a notice is still to be sent, asked before each attempt. answered: called
    with the status of an answer, 0 for none. timeout: seconds for an attempt. retries: attempts after the first.
    clock: seconds since 1970. sleep: for the pauses between attempts. backlog: bytes that may wait for one hook.
    """

    def __init__(
        self,
        *,
        log: Deliveries,
        wanted: Callable[[Notice], bool],
        answered: Callable[[Notice, int], None],
        timeout: float,
        retries: int,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[Any]],
        backlog: int = BACKLOG,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._log = log
        self._wanted = wanted
        self._answered = answered
        self._timeout = timeout
        self._retries = retries
        self._clock = clock
        self._sleep = sleep
        self._backlog = backlog
        self._incoming: deque[Notice] = deque()  # all that other threads touch
        self._queues: dict[int, _Queue] = {}
        self._workers: dict[int, asyncio.Task[None]] = {}
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    def send(self, notices: Iterable[Notice]) -> None:
        """Has notices delivered, in their order; returns at once. Any thread may call it."""
        self._incoming.extend(notices)
        if self._incoming and not self._closed:
            self._loop.call_soon_threadsafe(self._sort)

    async def idle(self) -> None:
        """Returns when nothing waits and nothing is on its way; also when it was closed."""
        self._sort()
        while self._workers:
            await asyncio.wait(self._workers.values())
            self._sort()

    async def close(self) -> None:
        """Gives up what waits and what is on its way."""
        self._closed = True
        self._incoming.clear()
        workers = list(self._workers.values())
        for worker in workers:
            worker.cancel()
        if workers:
            await asyncio.wait(workers)
        self._workers.clear()  # one that had not begun took nothing away
        self._queues.clear()
        if self._session is not None:
            await self._session.close()

    def _sort(self) -> None:
        """Puts what has come into the queues, and has each queue worked off."""
        while self._incoming and not self._closed:
            notice = self._incoming.popleft()
            queue = self._queues.setdefault(notice.hook_id, _Queue())
            if queue.size >= self._backlog:
                self._give_up(notice)
                continue
            queue.put(notice)
            if notice.hook_id not in self._workers:
                self._workers[notice.hook_id] = self._loop.create_task(self._work(notice.hook_id, queue))

    async def _work(self, hook_id: int, queue: _Queue) -> None:
        try:
            while (notice := queue.take()) is not None:
                await self._deliver(notice)
        finally:  # also where a delivery broke, or `idle` would wait for ever
            # Nothing may be awaited from here on: what comes now must find either the queue or no worker.
            del self._queues[hook_id], self._workers[hook_id]

    async def _deliver(self, notice: Notice) -> None:
        pause = 1.0
        for attempt in range(1, self._retries + 2):
            if attempt > 1:
                await self._sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            if not self._wanted(notice):
                return
            status = await self._attempt(notice, attempt)
            self._answered(notice, status)
            if 200 <= status < 300 or status == GONE:
                return

    async def _attempt(self, notice: Notice, attempt: int) -> int:
        """The status of the answer; 0 for none."""
        delivery = self._log.begin(self._delivery(notice, attempt))
        began = time.perf_counter()
        try:
            async with self._open().post(
                notice.url, data=notice.body, headers=notice.headers, allow_redirects=False
            ) as response:
                delivery.status = response.status
        except asyncio.CancelledError:
            delivery.error = "the sandbox ended"
            raise
        except TimeoutError:
            delivery.error = f"no answer within {self._timeout:g} s"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            delivery.error = str(error) or type(error).__name__
        finally:
            delivery.seconds = time.perf_counter() - began
            self._log.end(delivery)
        return delivery.status

    def _delivery(self, notice: Notice, attempt: int) -> Delivery:
        return Delivery(
            notice.hook_id,
            notice.event,
            notice.url,
            notice.body,
            notice.headers,
            attempt=attempt,
            at=self._clock(),
        )

    def _give_up(self, notice: Notice) -> None:
        delivery = self._log.begin(self._delivery(notice, 0))
        delivery.error = f"given up: more than {self._backlog} bytes wait for this target"
        self._log.end(delivery)

    def _open(self) -> aiohttp.ClientSession:
        """The session, opened when the first notice is sent; a connection is used once, as targets come and go."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, force_close=True),
                timeout=aiohttp.ClientTimeout(total=self._timeout),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": "Paymo sandbox"},
            )
        return self._session


class _Queue:
    """What waits for one hook. size: its bytes."""

    def __init__(self) -> None:
        self.size = 0
        self._notices: deque[Notice] = deque()

    def put(self, notice: Notice) -> None:
        self._notices.append(notice)
        self.size += len(notice.body) + _OVERHEAD

    def take(self) -> Notice | None:
        if not self._notices:
            return None
        notice = self._notices.popleft()
        self.size -= len(notice.body) + _OVERHEAD
        return notice
