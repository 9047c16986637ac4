"""How fast the sandbox answers, starts and is built, and how much memory it takes.

    python benchmarks/sandbox.py [entries]

The sandbox runs in a process of its own. Small GETs come over eight raw connections from this process, so that the
server's core is what limits. Rates, starting and building are measured in seconds of the server's CPU, which hold on a
busy machine too; the wall clock's stand beside them. Pages of 500 entries out of a million are medians over one
raw connection, each filter in turns with the others, with the account's state in a file. Exits with 1 for a missed
target.
"""

from __future__ import annotations

import asyncio
import base64
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

import msgspec
import psutil

from paymo_async.sandbox import Sandbox, Size
from paymo_async.sandbox.generate import LARGE

CONNECTIONS, SECONDS, ROUNDS = 8, 5.0, 15
SMALL = ("clients/7", "projects/31", "tasks/512", "entries/30000", "tasks/77?include=id,name", "users?where=id=3", "me")
FILTERS = {
    "no filter": "",
    "project_id": "project_id=17",
    "user_id": "user_id=9",
    "user_id in a project": "user_id=9 and project_id=17",
    "user_id, page 10": "user_id=9",
    "task_id in 5": "task_id in (5,77,1033,4000,9001)",
    "time_interval of a month": 'time_interval in ("2026-02-01T00:00:00Z","2026-03-01T00:00:00Z")',
    "time_interval of a year": 'time_interval in ("2025-07-01T00:00:00Z","2026-07-01T00:00:00Z")',
    "a user's month": 'user_id=9 and time_interval in ("2026-02-01T00:00:00Z","2026-03-01T00:00:00Z")',
    "a project's month, to bill": 'project_id=17 and billed=false and time_interval in ("2026-02-01","2026-03-01")',
    "billed=false": "billed=false",
    "billed=false, page 1000": "billed=false",
    "updated_on>= last week": "updated_on>=1782172800",
    "updated_on>=, page 1500": "updated_on>=1750000000",
    "client_id": "client_id=5",
    "a client's month": 'client_id=5 and time_interval in ("2026-02-01","2026-03-01")',
    "date, in days": 'date in ("2026-02-02","2026-02-03")',
    "running timers": "user_id=9 and end_time=null",
    "page 1500": "",
    "page 1999": "",
}
PAGES = {"user_id, page 10": 10, "page 1500": 1500, "page 1999": 1999, "updated_on>=, page 1500": 1500}
PAGES["billed=false, page 1000"] = 1000


class Served(NamedTuple):
    """A running sandbox: where it is, its process, and what it took to be there, interpreter and imports included."""

    url: str
    key: str
    process: psutil.Process
    seconds: float  # of its CPU
    wall: float
    peak: float  # megabytes resident, at most, while it was built


class Row(NamedTuple):
    """One measured number and what it should be: at least (`>`) or at most (`<`)."""

    name: str
    value: float
    unit: str
    sign: str
    target: float

    @property
    def met(self) -> bool:
        return self.value >= self.target if self.sign == ">" else self.value <= self.target


def _serve(options: dict[str, Any], report: Connection) -> None:
    async def main() -> None:
        async with Sandbox(**options) as box:
            report.send((box.url, box.api_key))
            await asyncio.Event().wait()

    asyncio.run(main())


@contextmanager
def sandbox(**options: Any) -> Iterator[Served]:
    """A sandbox in another process."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(options, theirs), daemon=True)
    began = time.perf_counter()
    process.start()
    try:
        watched, peak = psutil.Process(process.pid), 0.0
        while not ours.poll(0.02):
            peak = max(peak, watched.memory_info().rss / 1e6)
        url, key = ours.recv()
        yield Served(url, key, watched, _cpu(watched), time.perf_counter() - began, peak)
    finally:
        process.terminate()
        process.join()


class Connected:
    """One raw keep-alive connection of HTTP/1.1."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, key: str) -> None:
        self.reader = reader
        self.writer = writer
        token = base64.b64encode(f"{key}:x".encode()).decode()
        self.head = f"HTTP/1.1\r\nHost: sandbox\r\nAuthorization: Basic {token}\r\nAccept: application/json\r\n\r\n"

    @classmethod
    async def to(cls, served: Served) -> Connected:
        parts = urlsplit(served.url)
        return cls(*await asyncio.open_connection(parts.hostname, parts.port, limit=1 << 22), served.key)

    async def get(self, path: str) -> bytes:
        """The body of an answer that must be 200."""
        self.writer.write(f"GET /api/{path} {self.head}".encode())
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        body = await self.reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{path}: {body[:200]!r}")
        return body


async def small_gets(served: Served) -> tuple[float, float]:
    """Requests per second of the server's CPU, and by the wall clock."""
    connections = [await Connected.to(served) for _ in range(CONNECTIONS)]
    sent = 0

    async def ask(connected: Connected, place: int, until: float) -> None:
        nonlocal sent
        while time.perf_counter() < until:
            place += 1
            await connected.get(SMALL[place % len(SMALL)])
            sent += 1

    async def storm(seconds: float) -> None:
        until = time.perf_counter() + seconds
        await asyncio.gather(*(ask(connected, place, until) for place, connected in enumerate(connections)))

    await storm(0.5)
    sent, began, busy = 0, time.perf_counter(), _cpu(served.process)
    await storm(SECONDS)
    return sent / (_cpu(served.process) - busy), sent / (time.perf_counter() - began)


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


async def pages(served: Served) -> dict[str, tuple[float, int]]:
    """The median of milliseconds that a page of 500 takes, and how many entries it has, by filter."""
    connected = await Connected.to(served)
    paths = {}
    for name, where in FILTERS.items():
        asked = f"&where={quote(where)}" if where else ""
        paths[name] = f"entries?page={PAGES.get(name, 0)}&page_size=500{asked}"
    names = quote("*,task.name,task.project.name,user.name")
    paths["a client's month, with names"] = paths["a client's month"] + f"&include={names}"
    times: dict[str, list[float]] = {name: [] for name in paths}
    found = {name: len(msgspec.json.decode(await connected.get(path))["entries"]) for name, path in paths.items()}
    for _ in range(ROUNDS):
        for name, path in paths.items():
            began = time.perf_counter()
            await connected.get(path)
            times[name].append(1000 * (time.perf_counter() - began))
    return {name: (statistics.median(times[name]), found[name]) for name in paths}


def demo() -> Iterator[Row]:
    """With the demo seed in memory."""
    with sandbox(seed="demo") as served:
        print(f"start of demo by the wall clock: {served.wall:.1f} s")
        yield Row("start of demo, interpreter and imports included", served.seconds, "s", "<", 2.0)
        by_cpu, by_wall = asyncio.run(small_gets(served))
        print(f"small GETs by the wall clock: {by_wall:,.0f}/s")
        yield Row("small GETs per second of one core", by_cpu, "/s", ">", 1500)


def large(size: Size) -> Iterator[Row]:
    """With a million entries in a file."""
    with tempfile.TemporaryDirectory() as folder, sandbox(seed=size, state=Path(folder) / "state.db") as served:
        megabytes = sum(path.stat().st_size for path in Path(folder).iterdir()) / 1e6
        print(f"{size.entries:,} entries make a file of {megabytes:,.0f} MB in {served.wall:.0f} s by the wall clock")
        yield Row(f"building {size.entries:,} entries", served.seconds, "s", "<", 60)
        yield Row("resident at most while building", served.peak, "MB", "<", 400)
        for name, (milliseconds, found) in asyncio.run(pages(served)).items():
            yield Row(f"page of {found} entries: {name}", milliseconds, "ms", "<", 50)
        yield Row("resident after that", served.process.memory_info().rss / 1e6, "MB", "<", 400)


def main() -> None:
    entries = int(sys.argv[1]) if len(sys.argv) > 1 else LARGE.entries
    missed = 0
    for rows in (demo(), large(LARGE._replace(entries=entries))):
        for row in rows:
            missed += not row.met
            verdict = "" if row.met else "   MISSED"
            print(f"{row.name:<58}{row.value:>10,.1f} {row.unit:<3}  target {row.sign} {row.target:,.0f}{verdict}")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
