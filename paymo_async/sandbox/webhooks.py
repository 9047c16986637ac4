"""The webhooks of one sandbox: from its account's changes to deliveries, and from their answers back to the hooks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from paymo_async.sandbox.account import Account
from paymo_async.sandbox.courier import GONE, Courier
from paymo_async.sandbox.notify import Notice, Notifier
from paymo_async.sandbox.traffic import Deliveries

__all__ = ["Terms", "Webhooks"]


class Terms(NamedTuple):
    """How deliveries are made. timeout: seconds for an attempt. retries: attempts after the first.

    text_ids: the ids of deleted objects come as texts.
    """

    timeout: float
    retries: int
    text_ids: bool


class Webhooks:
    """Tells the account's hooks of its changes. Make it in the event loop that is to send.

    log: gets every attempt. clock: seconds since 1970. sleep: for the pauses between attempts.
    """

    def __init__(
        self,
        account: Account,
        terms: Terms,
        *,
        log: Deliveries,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[Any]],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._account = account
        self._notifier = Notifier(account, text_ids=terms.text_ids)
        self._courier = Courier(
            log=log,
            wanted=self._notifier.wants,
            answered=self._answered,
            timeout=terms.timeout,
            retries=terms.retries,
            clock=clock,
            sleep=sleep,
        )

    def begin(self, owner_id: int) -> None:
        """Begins anew, after the account was seeded or restored; what waits is given up. owner_id: who is `me`."""
        with self._account.lock:
            self._notifier.begin(owner_id)

    def settle(self) -> None:
        """Has what changed since the last call told. It returns at once, and any thread may call it."""
        with self._account.lock:
            self._courier.send(self._notifier.notices())

    async def delivered(self) -> None:
        """Returns when all is told, also what the targets have caused by that; from any event loop."""
        self.settle()
        if asyncio.get_running_loop() is self._loop:
            await self._courier.idle()
        else:
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._courier.idle(), self._loop))

    def wait_delivered(self, timeout: float | None) -> None:
        """The same for a thread without an event loop. timeout: seconds, None for ever.

        Raises TimeoutError; RuntimeError in the sandbox's own thread, in which nothing is delivered while it waits.
        """
        if threading.get_ident() == self._thread:
            raise RuntimeError("this is the sandbox's own thread: use `await box.delivered()`")
        self.settle()
        waiting = asyncio.run_coroutine_threadsafe(self._courier.idle(), self._loop)
        try:
            waiting.result(timeout)
        finally:
            waiting.cancel()

    async def close(self) -> None:
        """Gives up what waits and what is on its way."""
        await self._courier.close()

    def _answered(self, notice: Notice, status: int) -> None:
        """Keeps what a target answered last; none at all leaves it as it was (guessed). 410 deletes the hook."""
        account = self._account
        with account.lock:
            hook = account.look("hooks", notice.hook_id) if self._notifier.wants(notice) else None
            if hook is None:
                return
            if status == GONE:
                with account.transaction():
                    account.delete("hooks", notice.hook_id)
                self.settle()
            elif status and hook.get("last_status_code") != status:
                account.store.put(account.tables["hooks"], {**hook, "last_status_code": status})
