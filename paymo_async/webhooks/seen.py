"""Stores of the deliveries that were handled, so that one which comes again is not handled again.

The service gives deliveries no id (BEHAVIOUR.md, Webhooks), so a delivery is known by a digest of hook, event and body.
Two events that are equal to the byte within the time to live are taken for one: keep it short.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from paymo_async.errors import InvalidRequest

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = ["TTL", "MemorySeen", "RedisSeen", "SQLiteSeen", "SeenStore"]

TTL: Final = 60.0
"""Seconds for which a delivery is remembered, unless told otherwise."""


class SeenStore(Protocol):
    """What a router asks of a store."""

    async def seen(self, key: str) -> bool:
        """Whether a delivery was handled within the time to live."""
        ...

    async def mark(self, key: str) -> None:
        """Remembers a delivery, from now on."""
        ...


class MemorySeen:
    """Remembers in this process. ttl: seconds. bound: how many at most; past it the oldest is forgotten."""

    def __init__(self, *, ttl: float = TTL, bound: int = 10_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._ttl = _positive(ttl)
        self._bound = bound
        self._clock = clock
        self._ends: OrderedDict[str, float] = OrderedDict()  # oldest first, as all live for the same time

    def __len__(self) -> int:
        return len(self._ends)

    async def seen(self, key: str) -> bool:
        """Whether it was marked, and not forgotten since."""
        return self._ends.get(key, float("-inf")) > self._clock()

    async def mark(self, key: str) -> None:
        """Remembers it, and forgets what is too old or too much."""
        now = self._clock()
        self._ends[key] = now + self._ttl
        self._ends.move_to_end(key)
        while self._ends and (len(self._ends) > self._bound or next(iter(self._ends.values())) <= now):
            self._ends.popitem(last=False)


class SQLiteSeen:
    """Remembers in a SQLite file, which several processes of one machine may share. Close it with `aclose()`.

    ttl: seconds. clock: seconds since 1970, the same for all processes. The file is asked in a thread.
    """

    def __init__(self, path: Path | str, *, ttl: float = TTL, clock: Callable[[], float] = time.time) -> None:
        self._ttl = _positive(ttl)
        self._clock = clock
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("CREATE TABLE IF NOT EXISTS seen (key TEXT PRIMARY KEY, ends REAL NOT NULL) WITHOUT ROWID")
        self._db.execute("CREATE INDEX IF NOT EXISTS seen_ends ON seen (ends)")

    async def seen(self, key: str) -> bool:
        """Whether it was marked, and not forgotten since."""
        return await asyncio.to_thread(self._seen, key)

    async def mark(self, key: str) -> None:
        """Remembers it, and forgets what is too old."""
        await asyncio.to_thread(self._mark, key)

    async def aclose(self) -> None:
        """Closes the file."""
        await asyncio.to_thread(self._close)

    def _seen(self, key: str) -> bool:
        asked = "SELECT 1 FROM seen WHERE key = ? AND ends > ?"
        with self._lock, closing(self._db.execute(asked, (key, self._clock()))) as rows:
            return rows.fetchone() is not None

    def _mark(self, key: str) -> None:
        now = self._clock()
        with self._lock:
            self._db.execute("DELETE FROM seen WHERE ends <= ?", (now,))
            self._db.execute("INSERT OR REPLACE INTO seen VALUES (?, ?)", (key, now + self._ttl))

    def _close(self) -> None:
        with self._lock:
            self._db.close()


class RedisSeen:
    """Remembers in Redis, which all processes may share. redis: your `redis.asyncio.Redis`, which stays yours to close.

    ttl: seconds. prefix: of the keys, each of which expires by itself.
    """

    def __init__(self, redis: Redis, *, ttl: float = TTL, prefix: str = "paymo-webhook:") -> None:
        self._redis = redis
        self._milliseconds = max(1, round(_positive(ttl) * 1000))
        self._prefix = prefix

    async def seen(self, key: str) -> bool:
        """Whether it was marked, and has not expired since."""
        return bool(await self._redis.exists(self._prefix + key))

    async def mark(self, key: str) -> None:
        """Remembers it until it expires."""
        await self._redis.set(self._prefix + key, b"1", px=self._milliseconds)


def _positive(ttl: float) -> float:
    if ttl > 0:
        return ttl
    raise InvalidRequest(f"ttl is in seconds, and more than 0: not {ttl}")
