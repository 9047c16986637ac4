"""The logs of requests and deliveries, and the bound of what waits for one target."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from paymo_async.sandbox.courier import Courier
from paymo_async.sandbox.notify import Notice
from paymo_async.sandbox.traffic import Deliveries, Seen, Traffic

NOWHERE = "http://127.0.0.1:0/"


def notices(*names: str) -> list[Notice]:
    return [Notice(1, 7, f"model.{name}.Task", NOWHERE, "", b"{}") for name in names]


@pytest.fixture
async def courier() -> Any:
    made: list[Courier] = []

    def make(log: Deliveries, **more: Any) -> Courier:
        options: dict[str, Any] = {"wanted": lambda _: True, "answered": lambda _, __: None, "timeout": 5, "retries": 0}
        made.append(Courier(**{**options, "log": log, "clock": time.time, "sleep": asyncio.sleep, **more}))
        return made[-1]

    yield make
    for one in made:
        await one.close()


def test_a_log_forgets_the_oldest_and_goes_on_counting():
    log = Traffic(kept=2)
    for path in ("a", "b", "c"):
        log.begin(Seen("GET", path))
    assert [(seen.number, seen.path) for seen in log] == [(2, "b"), (3, "c")]
    assert (log.total, len(log), log[-1].path, [seen.path for seen in log[:1]]) == (3, 2, "c", ["b"])
    log.clear()
    assert (log.total, list(log)) == (3, [])


def test_a_listener_that_fails_hurts_no_other(caplog: pytest.LogCaptureFixture):
    def fail(_: Seen) -> None:
        raise LookupError

    heard: list[Seen] = []
    log = Traffic()
    log.listeners.update([fail, heard.append])
    log.end(log.begin(Seen("GET", "clients")))
    assert [seen.path for seen in heard] == ["clients"]
    assert "A listener failed" in caplog.text


async def test_what_waits_for_a_target_is_bounded(courier: Callable[..., Courier]):
    log = Deliveries()
    one = courier(log, backlog=1)
    one.send(notices("insert", "update"))
    await one.idle()
    assert [(entry.event, entry.attempt) for entry in log] == [("model.update.Task", 0), ("model.insert.Task", 1)]
    assert "more than 1 bytes" in log[0].error


async def test_what_is_not_wanted_any_more_is_not_sent(courier: Callable[..., Courier]):
    log = Deliveries()
    one = courier(log, wanted=lambda notice: notice.event == "model.delete.Task")
    one.send(notices("insert", "delete"))
    await one.idle()
    assert [entry.event for entry in log] == ["model.delete.Task"]


async def test_a_closed_courier_takes_nothing(courier: Callable[..., Courier]):
    log = Deliveries()
    one = courier(log)
    await one.close()
    one.send(notices("insert"))
    await one.idle()
    assert len(log) == 0


async def test_pauses_between_attempts_grow_to_a_minute(courier: Callable[..., Courier]):
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    one = courier(Deliveries(), retries=8, sleep=sleep)
    one.send(notices("insert"))
    await one.idle()
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
