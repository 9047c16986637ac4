"""What the pytest plugin's fixtures are made of."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from paymo_async.client import PaymoClient
from paymo_async.sandbox.seed import SEEDS, Seed, check_seed
from paymo_async.sandbox.server import Sandbox, Snapshot
from paymo_async.transport.hooks import Hooks, RequestRecord

__all__ = ["Seeds", "client_on", "make_sandbox"]

_QUICK = ("documented", "empty")  # made anew in less time than a snapshot is restored in
_OWN = ("state",)  # tests that share a file are no longer alone


class Seeds:
    """Snapshots of seeds that take long to make, each made once."""

    def __init__(self) -> None:
        self._made: dict[tuple[Seed, int], Snapshot] = {}

    def get(self, seed: Seed, number: int) -> Seed | Snapshot:
        """What a sandbox with this seed begins with. Raises ValueError for an unknown seed."""
        check_seed(seed)
        if seed in _QUICK:
            return seed
        if (seed, number) not in self._made:
            with Sandbox(seed=seed, seed_number=number) as box:
                self._made[seed, number] = box.snapshot()
        return self._made[seed, number]


def make_sandbox(options: Mapping[str, Any], seeds: Seeds) -> Sandbox:
    """A sandbox by options as a marker has them. Raises TypeError or ValueError for one that is wrong."""
    known = [name for name in inspect.signature(Sandbox).parameters if name not in _OWN]
    for name in options:
        if name not in known:
            raise TypeError(f"unknown option {name!r}; known are {', '.join(known)}")
    made = {**options}
    if not isinstance(made.get("seed"), Snapshot):
        made["seed"] = seeds.get(made.get("seed", SEEDS[0]), made.get("seed_number", 1))
    return Sandbox(**made)


@contextmanager
def client_on(box: Sandbox) -> Generator[PaymoClient]:
    """A client that is closed with the event loop that it was used in, or at the end of the block."""
    used: list[tuple[asyncio.AbstractEventLoop, AsyncGenerator[None]]] = []

    def note(record: RequestRecord) -> None:
        """Before each request: lets the loop close the client when it ends.

        A loop closes its generators before it ends. So the client is closed whether pytest-asyncio, anyio or
        `asyncio.run` runs the loop, and this fixture needs none of them.
        """
        loop = asyncio.get_running_loop()
        if all(loop is not other for other, _ in used):
            closing = _closing(client)
            used.append((loop, closing))
            _begin(closing)

    client = PaymoClient(box.api_key, base_url=box.url, hooks=Hooks(on_request=note))
    yield client
    for loop, closing in used:
        if not loop.is_closed():
            loop.run_until_complete(closing.aclose())


async def _closing(client: PaymoClient) -> AsyncGenerator[None]:
    try:
        yield
    finally:
        await client.aclose()


def _begin(generator: AsyncGenerator[None]) -> None:
    """Runs to the first `yield`, before which nothing is awaited."""
    with suppress(StopIteration):
        generator.__anext__().send(None)
