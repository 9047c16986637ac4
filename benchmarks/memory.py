"""Resident memory while a million time entries stream through a listing.

    python benchmarks/memory.py [entries]

The sandbox (another process, its state in a file) holds the entries; the client's resident growth is sampled at every
page after the first. Beside it, for scale, what `await listing` needs to hold a tenth of them. Target: below 30 MB.
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

import psutil

from paymo_async import PaymoClient
from paymo_async.sandbox import Sandbox, Size


def _serve(entries: int, folder: str, report: Connection) -> None:
    async def main() -> None:
        size = Size(users=40, clients=200, projects=600, tasks=12_000, entries=entries, estimates=10, reports=1)
        async with Sandbox(seed=size, state=Path(folder) / "state.db") as box:
            report.send((box.url, box.api_key))
            await asyncio.Event().wait()

    asyncio.run(main())


def resident() -> float:
    """Megabytes of this process in memory."""
    return psutil.Process().memory_info().rss / 1e6


async def stream(url: str, key: str, entries: int) -> float:
    async with PaymoClient(key, base_url=url, timeout=300) as paymo:
        base, most, seen, began = 0.0, 0.0, 0, time.perf_counter()
        async for page in paymo.entries.list(prefetch=1).pages():
            if not base:
                gc.collect()
                base = resident()
            seen += len(page.items)
            most = max(most, resident() - base)
        seconds = time.perf_counter() - began
        assert seen == entries, seen
        print(f"streamed {seen:,} entries in {seconds:.0f} s ({seen / seconds:,.0f}/s), {paymo.requests_sent} requests")
        print(f"resident growth after the first page: {most:.1f} MB (target below 30)")
        gc.collect()
        base = resident()
        held = await paymo.entries.list().limit(entries // 10)
        print(f"for scale, {len(held):,} entries held in a list: {resident() - base:.1f} MB")
        return most


def main() -> None:
    entries = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    receiver, sender = multiprocessing.Pipe(duplex=False)
    with tempfile.TemporaryDirectory() as folder:
        server = multiprocessing.get_context("spawn").Process(
            target=_serve, args=(entries, folder, sender), daemon=True
        )
        server.start()
        began = time.perf_counter()
        url, key = receiver.recv()
        print(f"sandbox with {entries:,} entries built in {time.perf_counter() - began:.0f} s")
        try:
            most = asyncio.run(stream(url, key, entries))
        finally:
            server.terminate()
            server.join()
    sys.exit(0 if most < 30 else 1)


if __name__ == "__main__":
    main()
