"""What a call costs above raw aiohttp: wall time of typed GETs at concurrency 1, 10 and 100, as a ratio.

    python benchmarks/overhead.py

A server of a few lines in another process answers one task of 16 attributes. Baseline: `aiohttp.ClientSession.get`,
`raise_for_status`, `orjson.loads`, with its default timeout and the same Basic header, as its documentation shows.
Ours: `paymo.tasks.get(id)` with limiter, retry policy, timeout and typed decoding on. httpx: `AsyncClient.get` and
`json()`. Rounds alternate; the numbers are medians, the ratios those of each round by itself, so that a machine that
is busy for a while slows both. Targets: at most 1.03 of the baseline, goal 1.00.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable

import aiohttp
import httpx
import orjson
from _server import serving

from paymo_async import PaymoClient

TASK = {
    "id": 2158,
    "name": "Design",
    "code": "PD-16",
    "project_id": 1,
    "tasklist_id": 2,
    "user_id": 1,
    "complete": False,
    "billable": True,
    "seq": 1,
    "description": "",
    "price_per_hour": 72.5,
    "due_date": "2014-10-30",
    "budget_hours": None,
    "users": [45],
    "created_on": "2014-07-25T11:16:24Z",
    "updated_on": "2014-10-13T14:22:53Z",
}
ROUNDS = 31
CALLS = {"raw aiohttp + orjson": 600, "paymo_async": 600, "httpx": 150}


async def spread(call: Callable[[], Awaitable[object]], calls: int, concurrency: int) -> float:
    """Seconds for that many calls with that many under way."""
    left = calls

    async def worker() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            await call()

    began = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(concurrency)))
    return time.perf_counter() - began


async def measure(url: str, concurrency: int) -> dict[str, list[float]]:
    """Seconds a call of each candidate in each round."""
    key = aiohttp.BasicAuth("key", "x").encode()
    async with (
        aiohttp.ClientSession(headers={"Authorization": key, "Accept": "application/json"}) as session,
        httpx.AsyncClient(headers={"Authorization": key}, limits=httpx.Limits(max_connections=None)) as client,
        PaymoClient("key", base_url=url) as paymo,
    ):

        async def raw() -> object:
            async with session.get(f"{url}tasks/2158") as answer:
                answer.raise_for_status()
                return orjson.loads(await answer.read())

        async def ours() -> object:
            return await paymo.tasks.get(2158)

        async def with_httpx() -> object:
            answer = await client.get(f"{url}tasks/2158")
            return answer.raise_for_status().json()

        candidates = {"raw aiohttp + orjson": raw, "paymo_async": ours, "httpx": with_httpx}
        times: dict[str, list[float]] = {name: [] for name in candidates}
        for call in candidates.values():
            await spread(call, 50, concurrency)
        for turn in range(ROUNDS):
            order = list(candidates.items())
            for name, call in order[turn % 3 :] + order[: turn % 3]:
                times[name].append(await spread(call, CALLS[name], concurrency) / CALLS[name])
    return times


def ratio(times: list[float], baseline: list[float]) -> float:
    return statistics.median(time / raw for time, raw in zip(times, baseline, strict=True))


def main() -> None:
    print(f"{'microseconds a call':24}{'raw aiohttp':>14}{'paymo_async':>14}{'httpx':>10}   ours / raw   httpx / raw")
    worst = 0.0
    with serving(orjson.dumps({"tasks": [TASK]})) as url:
        for concurrency in (1, 10, 100):
            raw, ours, httpx_ = asyncio.run(measure(url, concurrency)).values()
            medians = [statistics.median(times) * 1e6 for times in (raw, ours, httpx_)]
            worst = max(worst, ratio(ours, raw))
            print(
                f"{f'  concurrency {concurrency}':24}{medians[0]:14.0f}{medians[1]:14.0f}{medians[2]:10.0f}"
                f"{ratio(ours, raw):13.2f}{ratio(httpx_, raw):14.2f}"
            )
    print(f"worst {worst:.2f}; target at most 1.03, goal 1.00")
    sys.exit(0 if worst <= 1.03 else 1)


if __name__ == "__main__":
    main()
