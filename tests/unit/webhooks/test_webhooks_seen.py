"""Stores of handled deliveries: time to live, bound, and files shared by processes."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from paymo_async.errors import InvalidRequest
from paymo_async.webhooks import MemorySeen, RedisSeen, SeenStore, SQLiteSeen


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, clock: Clock, tmp_path: Path):
    if request.param == "memory":
        yield MemorySeen(ttl=10, clock=clock)
        return
    made = SQLiteSeen(tmp_path / "seen.db", ttl=10, clock=clock)
    yield made
    await made.aclose()


async def test_what_was_marked_is_seen_until_its_time_is_over(store: SeenStore, clock: Clock):
    assert not await store.seen("a")
    await store.mark("a")
    clock.now += 9.9
    assert await store.seen("a")
    assert not await store.seen("b")
    clock.now += 0.1
    assert not await store.seen("a")


async def test_marking_again_starts_the_time_again(store: SeenStore, clock: Clock):
    await store.mark("a")
    clock.now += 6
    await store.mark("a")
    clock.now += 6
    assert await store.seen("a")


async def test_memory_forgets_what_is_old_when_something_new_comes(clock: Clock):
    store = MemorySeen(ttl=10, clock=clock)
    for key in "abc":
        await store.mark(key)
    clock.now += 10
    await store.mark("d")
    assert len(store) == 1


async def test_memory_forgets_the_oldest_past_its_bound(clock: Clock):
    store = MemorySeen(bound=2, clock=clock)
    for key in ("a", "b", "a", "c"):
        await store.mark(key)
    assert [await store.seen(key) for key in "abc"] == [True, False, True]


@pytest.mark.parametrize("options", [{"bound": 0}, {"ttl": 1e-300}])
async def test_memory_with_no_room_or_no_time_remembers_nothing(clock: Clock, options: dict[str, float]):
    store = MemorySeen(clock=clock, **options)
    await store.mark("a")
    assert not await store.seen("a")
    assert len(store) == 0


async def test_a_file_outlives_its_process_and_is_shared(tmp_path: Path, clock: Clock):
    first = SQLiteSeen(tmp_path / "seen.db", clock=clock)
    second = SQLiteSeen(str(tmp_path / "seen.db"), clock=clock)
    await first.mark("a")
    assert await second.seen("a")
    await first.aclose()
    await second.aclose()
    third = SQLiteSeen(tmp_path / "seen.db", clock=clock)
    assert await third.seen("a")
    await third.aclose()


async def test_a_file_does_not_grow_with_what_is_old(tmp_path: Path, clock: Clock):
    store = SQLiteSeen(tmp_path / "seen.db", ttl=10, clock=clock)
    for key in "abc":
        await store.mark(key)
    clock.now += 10
    await store.mark("d")
    await store.aclose()
    with closing(sqlite3.connect(tmp_path / "seen.db")) as db:
        assert db.execute("SELECT key FROM seen").fetchall() == [("d",)]


async def test_a_store_takes_many_at_once(store: SeenStore):
    keys = [str(n) for n in range(50)]
    await asyncio.gather(*map(store.mark, keys))
    assert all(await asyncio.gather(*map(store.seen, keys)))


@pytest.mark.parametrize("ttl", [0, -1])
def test_a_time_to_live_must_be_positive(ttl: float):
    for make in (
        lambda: MemorySeen(ttl=ttl),
        lambda: SQLiteSeen(":memory:", ttl=ttl),
        lambda: RedisSeen(None, ttl=ttl),
    ):
        with pytest.raises(InvalidRequest, match="seconds"):
            make()
