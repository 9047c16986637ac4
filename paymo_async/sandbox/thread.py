"""An event loop in a thread of its own, so that a program without one can enter a sandbox.

    with Sandbox() as box:
        requests.get(f"{box.url}projects", auth=(box.api_key, "x"))

The sandbox serves in that thread. What a `Sandbox` offers may be called from any other: the account's lock guards what
it holds.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Any

__all__ = ["LoopThread"]


class LoopThread:
    """Enters, keeps its event loop running, and leaves when it is told to. enter, leave: run in that loop."""

    def __init__(self, enter: Callable[[], Awaitable[Any]], leave: Callable[[], Awaitable[Any]]) -> None:
        self._enter = enter
        self._leave = leave
        self._entered: Future[None] = Future()
        self._told: Future[None] = Future()
        self._left: Future[None] = Future()
        # Nobody's exit waits for a sandbox that was never left.
        self._thread = threading.Thread(target=self._run, name="paymo-sandbox", daemon=True)

    def start(self) -> None:
        """Returns when it has entered, or raises what entering raised; then the thread has ended."""
        self._thread.start()
        try:
            self._entered.result()
        except BaseException:  # also Ctrl-C while waiting: then it leaves as soon as it has entered
            self._end()
            raise

    def stop(self) -> None:
        """Leaves and ends the thread. Raises what leaving raised."""
        self._end()
        self._left.result()

    def _end(self) -> None:
        if not self._told.done():
            self._told.set_result(None)
        self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001  # raised in the thread that waits for it
            self._left.set_exception(error)
            if not self._entered.done():
                self._entered.set_exception(error)
        else:
            self._left.set_result(None)

    async def _serve(self) -> None:
        await self._enter()
        self._entered.set_result(None)
        try:
            await asyncio.wrap_future(self._told)
        finally:
            await self._leave()
