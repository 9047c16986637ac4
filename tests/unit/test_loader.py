"""Loaders without a service: gathering, cancelling, failing."""

from __future__ import annotations

import asyncio

import pytest
from fake_service import FakeService

from paymo_async.errors import InvalidRequest
from paymo_async.loader import Loader
from paymo_async.resources.clients import Clients


def loader_of(service: FakeService, **settings) -> Loader:
    return Clients(service.account()).loader(**settings)


async def test_gets_of_one_turn_are_one_request_and_repeats_are_asked_once():
    service = FakeService(clients=[{"id": i} for i in range(1, 300)])
    loader = loader_of(service)
    assert "0 asked for" in repr(loader)
    found = await asyncio.gather(*(loader.load(i) for i in [*range(1, 201), 1, 2, 3]))
    assert [client.id for client in found] == [*range(1, 201), 1, 2, 3]
    assert len(service.requests) == 1


async def test_a_wait_gathers_over_several_turns():
    service = FakeService(clients=[{"id": i} for i in range(1, 30)])
    loader = loader_of(service, wait=0.01)
    first = asyncio.ensure_future(loader.load(1))
    for _ in range(3):
        await asyncio.sleep(0)
    assert (await loader.load(2)).id == 2
    assert (await first).id == 1
    assert len(service.requests) == 1
    with pytest.raises(InvalidRequest, match="wait"):
        loader_of(service, wait=-1.0)


async def test_a_caller_that_went_away_costs_nothing():
    service = FakeService(clients=[{"id": i} for i in range(1, 30)])
    loader = loader_of(service)
    gone = asyncio.ensure_future(loader.load(1))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert service.requests == []
    kept, gone = asyncio.ensure_future(loader.load(1)), asyncio.ensure_future(loader.load(1))
    await asyncio.sleep(0)
    gone.cancel()
    assert (await kept).id == 1


async def test_what_breaks_the_whole_request_is_raised_to_each():
    def broken(ids: list[int]):
        raise LookupError("broken")

    loader: Loader = Loader(broken)
    results = await asyncio.gather(loader.load(1), loader.load(2), return_exceptions=True)
    assert [type(result) for result in results] == [LookupError, LookupError]


async def test_callers_whose_request_is_cancelled_are_cancelled():
    service = FakeService(clients=[{"id": 1}])

    async def never(request, options):
        await asyncio.Event().wait()

    service.send = never
    loader = loader_of(service)
    waiting = asyncio.ensure_future(loader.load(1))
    for _ in range(3):
        await asyncio.sleep(0)
    (task,) = loader._running
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
