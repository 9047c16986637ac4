"""The events of a sandbox as server-sent events: its state, its requests and its deliveries, as they come.

Each reader has bounded queues of its own, and a task that empties them a few times a second. Changes of the state are
found by comparing, so that it does not matter who made them: a request, a program that holds the sandbox, or time.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final, Generic, TypeVar

import aiohttp
from aiohttp import web

from paymo_async.sandbox.control import views
from paymo_async.sandbox.control.endpoints import Desk
from paymo_async.sandbox.traffic import KEPT_DELIVERIES, Delivery, Seen
from paymo_async.sandbox.values import dump

__all__ = ["HEARTBEAT", "MOST_WAITING", "Events"]

MOST_WAITING: Final = 20_000
"""How many requests may wait for a reader before it is dropped."""

HEARTBEAT: Final = 15.0
"""Seconds without a word after which a comment is sent, since proxies and readers give a silent connection up."""

_TICK: Final = 0.1  # seconds between two looks; a person sees no delay, and a page is not redrawn for every request
_PATIENCE: Final = 0.05  # seconds for the last words when the sandbox ends
_AT_ONCE: Final = 500  # in one message
_AGAIN: Final = b"retry: 500\n\n"  # milliseconds after which a browser comes again, as when the sandbox was restarted
_HEADERS: Final = {"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-cache"}

T = TypeVar("T")


class Events:
    """Tells one reader of a sandbox until it goes, is too slow, or the sandbox ends. heartbeat: seconds."""

    def __init__(self, desk: Desk, request: web.BaseRequest, *, heartbeat: float) -> None:
        self._desk = desk
        self._request = request
        self._heartbeat = heartbeat
        self._changes = _Changes(desk)
        self._seen: _Queue[Seen] = _Queue(MOST_WAITING, self._drop)
        self._made: _Queue[Delivery] = _Queue(KEPT_DELIVERIES, self._drop)

    async def stream(self) -> web.StreamResponse:
        """The answer; it returns when there is nobody to tell any more."""
        response = web.StreamResponse(headers=_HEADERS)
        with self._listening():
            await response.prepare(self._request)
            try:
                await self._tell(response)
            except (aiohttp.ClientError, ConnectionError):
                pass  # the reader has gone
            except asyncio.CancelledError:  # the sandbox ends, and says so
                with suppress(TimeoutError, aiohttp.ClientError, ConnectionError):
                    async with asyncio.timeout(_PATIENCE):
                        await response.write_eof()
                raise
        return response

    @contextmanager
    def _listening(self) -> Generator[None]:
        box = self._desk.box
        box.requests.listeners.add(self._seen.put)
        box.deliveries.listeners.add(self._made.put)
        box.clock.listeners.add(self._changes.clock_moved)
        try:
            yield
        finally:
            box.requests.listeners.discard(self._seen.put)
            box.deliveries.listeners.discard(self._made.put)
            box.clock.listeners.discard(self._changes.clock_moved)

    async def _tell(self, response: web.StreamResponse) -> None:
        loop = asyncio.get_running_loop()
        told = loop.time()
        await response.write(_AGAIN)
        while (transport := self._request.transport) is not None and not transport.is_closing():
            words = b"".join(self._news())
            if not words and loop.time() >= told + self._heartbeat:
                words = b":\n\n"
            if words:
                told = loop.time()
                await response.write(words)
            await asyncio.sleep(_TICK)

    def _news(self) -> Iterator[bytes]:
        if changed := self._changes.take():
            yield _message("state", changed)
        for seen in self._seen.take():
            yield _message("requests", views.requests(seen))
        for made in self._made.take():
            yield _message("deliveries", views.deliveries(made))

    def _drop(self) -> None:
        """Loses the connection, since the reader does not keep up; it may come again."""
        if self._request.transport is not None:
            self._request.transport.abort()


class _Queue(Generic[T]):
    """What waits for a reader. most: how much may wait. overflow: called when there would be more, which is lost."""

    def __init__(self, most: int, overflow: Callable[[], None]) -> None:
        self._waiting: deque[T] = deque()
        self._most = most
        self._overflow = overflow

    def put(self, one: T) -> None:
        if len(self._waiting) < self._most:
            self._waiting.append(one)
        else:
            self._waiting.clear()
            self._overflow()

    def take(self) -> Iterator[Sequence[T]]:
        """All that waits, in lists that are not too long."""
        while self._waiting:
            yield [self._waiting.popleft() for _ in range(min(_AT_ONCE, len(self._waiting)))]


class _Changes:
    """Which parts of the state are other than what was told last."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._told: dict[str, Any] = {}
        self._moved = True

    def clock_moved(self) -> None:
        """The clock is told of when it was frozen or moved, not for going on."""
        self._moved = True

    def take(self) -> dict[str, Any]:
        state = self._desk.state()
        clock = state.pop("clock")
        changed = {name: value for name, value in state.items() if name not in self._told or self._told[name] != value}
        self._told = state
        if self._moved:
            self._moved = False
            changed["clock"] = clock
        return changed


def _message(event: str, data: Any) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (event.encode(), dump(data))
