"""How many requests a job takes, against one for each object: at one request a second, that is its price.

    python benchmarks/requests_per_job.py

Counted at the sandbox, without a rate limit. saved: of the requests that asking for each object alone would take.
"""

from __future__ import annotations

import asyncio

from paymo_async import PaymoClient
from paymo_async.sandbox import Sandbox, Size


async def main() -> None:
    print(f"{'job':56}{'objects':>9}{'requests':>10}{'one each':>10}   ratio")
    async with Sandbox(seed="fetch") as box, PaymoClient(box.api_key, base_url=box.url) as paymo:
        ids = [estimate.id async for estimate in paymo.estimates.list(include="id").limit(500)]

        async def job(name: str, count: int, work) -> None:
            before = paymo.requests_sent
            done = await work
            assert len(done) == count, (name, len(done))
            used = paymo.requests_sent - before
            print(f"{name:56}{count:9}{used:10}{count:10}{used / count:8.3f}")

        await job("500 estimates with their lines, by id", 500, paymo.estimates.get_many(ids, include="estimateitems"))
        await job("500 estimates, by id", 500, paymo.estimates.get_many(ids))
        loader = paymo.estimates.loader()
        await job("200 gets at a moment, through a loader", 200, asyncio.gather(*map(loader.load, ids[:200])))
        every = await paymo.estimates.list(include="id")
        await job("all estimates with their lines", len(every), paymo.estimates.list(include="estimateitems"))
        reports = await paymo.reports.list(include="id")
        await job("all reports with content", len(reports), paymo.reports.get_many([report.id for report in reports]))
    async with (
        Sandbox(seed=Size(entries=10_000, tasks=500)) as box,
        PaymoClient(box.api_key, base_url=box.url) as paymo,
    ):
        found = await paymo.entries.list()
        used, count = paymo.requests_sent, len(found)
        print(f"{'all time entries':56}{count:9}{used:10}{count:10}{used / count:8.4f}")


if __name__ == "__main__":
    asyncio.run(main())
