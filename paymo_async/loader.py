"""Many gets by id, asked for one by one at about the same moment, merged into few lists.

    loader = paymo.tasks.loader()
    tasks = await asyncio.gather(*(loader.load(id) for id in ids))     # one request, not len(ids)

A web app or a bot asks for one object here and another there. A loader keeps what is asked for within one turn of the
event loop (or `wait` seconds) and then asks for all of it with `where=id in (...)`. An object that several asked for is
fetched once and given to each. Nothing is kept after that: a loader is no cache.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

from paymo_async.errors import InvalidRequest
from paymo_async.fanout import Many
from paymo_async.models.base import Model

__all__ = ["Loader"]

M = TypeVar("M", bound=Model)


class Loader(Generic[M]):
    """Merges gets of one resource with one include. wait: seconds to gather before asking; 0 is one turn of the loop.

    Used within one event loop. Raises, from each `load`, what its own object's outcome was.
    """

    def __init__(self, get_many: Callable[[list[int]], Many[int, M]], *, wait: float = 0.0) -> None:
        if not wait >= 0:
            raise InvalidRequest(f"wait must be 0 seconds or more, not {wait}")
        self._get_many = get_many
        self._wait = wait
        self._asked: dict[int, list[asyncio.Future[M]]] = {}
        self._running: set[asyncio.Task[None]] = set()

    async def load(self, id: int) -> M:
        """One object. Raises `NotFound` where there is none, and what any call raises."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[M] = loop.create_future()
        if not self._asked:
            loop.call_later(self._wait, self._ask) if self._wait else loop.call_soon(self._ask)
        self._asked.setdefault(id, []).append(future)
        return await future

    def _ask(self) -> None:
        asked, self._asked = self._asked, {}
        waiting = {id: futures for id, futures in asked.items() if not all(future.done() for future in futures)}
        if not waiting:
            return
        task = asyncio.get_running_loop().create_task(self._fetch(waiting))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _fetch(self, waiting: dict[int, list[asyncio.Future[M]]]) -> None:
        try:
            async for outcome in self._get_many(list(waiting)):
                for future in waiting[outcome.item]:
                    if future.done():
                        continue
                    if outcome.error is not None:
                        future.set_exception(outcome.error)
                    else:
                        future.set_result(outcome.result())
        except Exception as error:  # noqa: BLE001  # each caller raises it
            for future in (future for futures in waiting.values() for future in futures if not future.done()):
                future.set_exception(error)
        finally:
            for future in (future for futures in waiting.values() for future in futures if not future.done()):
                future.cancel()

    def __repr__(self) -> str:
        return f"Loader({sum(map(len, self._asked.values()))} asked for, {len(self._running)} requests under way)"
