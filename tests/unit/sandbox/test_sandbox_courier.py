"""Deliveries without a socket: what the queues and their workers do when something breaks."""

import asyncio
import gc
from typing import Any

import pytest

from paymo_async.sandbox.courier import Courier
from paymo_async.sandbox.notify import Notice
from paymo_async.sandbox.traffic import Deliveries

NOTICE = Notice(1, 7, "model.insert.Task", "http://127.0.0.1/", "", b"{}")


def courier(wanted: Any) -> Courier:
    return Courier(
        log=Deliveries(),
        wanted=wanted,
        answered=lambda notice, status: None,
        timeout=1,
        retries=0,
        clock=lambda: 0.0,
        sleep=asyncio.sleep,
    )


async def test_a_delivery_that_breaks_keeps_nobody_waiting_and_is_not_silent():
    told: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context["exception"]))

    def broken(_: Notice) -> bool:
        raise RuntimeError("a bug in here")

    made = courier(broken)
    made.send([NOTICE])
    await made.idle()
    gc.collect()
    assert [str(error) for error in told] == ["a bug in here"]


@pytest.mark.parametrize("turns", [0, 1, 2])
async def test_a_closed_courier_is_idle_however_far_its_worker_had_come(turns: int):
    made = courier(lambda _: False)
    made.send([NOTICE, NOTICE])
    for _ in range(turns):
        await asyncio.sleep(0)
    await made.close()
    await made.idle()
    made.send([NOTICE])
    await made.idle()
