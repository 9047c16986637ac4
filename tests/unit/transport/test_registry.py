"""The shared bucket: one per loop, origin and key, gone with its clients, and no secret kept."""

from __future__ import annotations

import asyncio
import gc
import weakref

import pytest

from paymo_async.transport import registry
from paymo_async.transport.registry import shared_bucket

API = "https://app.paymoapp.com"


async def test_the_same_origin_and_key_share_one_bucket():
    one = shared_bucket(API, "key")
    assert shared_bucket(API, "key") is one
    assert shared_bucket("HTTPS://app.paymoapp.com/", "key") is one


async def test_another_origin_or_key_has_its_own():
    one = shared_bucket(API, "key")
    assert shared_bucket(API, "other") is not one
    assert shared_bucket("https://127.0.0.1:80", "key") is not one


def test_another_event_loop_has_its_own():
    kept = []

    async def ask():
        kept.append(shared_bucket(API, "key"))

    asyncio.run(ask())
    asyncio.run(ask())
    assert kept[0] is not kept[1]


async def test_the_stricter_settings_hold_for_all():
    one = shared_bucket(API, "key", limit=10, period=5.0)
    shared_bucket(API, "key", limit=4, period=1.0)
    assert (one.snapshot().limit, one.snapshot().period) == (4, 5.0)
    shared_bucket(API, "key", period=8.0)
    shared_bucket(API, "key")
    assert (one.snapshot().limit, one.snapshot().period) == (4, 8.0)


async def test_a_bucket_dies_with_its_last_client():
    bucket = shared_bucket(API, "a key of this test alone")
    permit = await bucket.acquire()
    permit.answered({})
    died = weakref.ref(bucket)
    del bucket, permit
    await asyncio.sleep(0)
    gc.collect()
    assert died() is None, gc.get_referrers(died())


def test_a_closed_loop_leaves_nothing_behind():
    async def ask():
        shared_bucket(API, "key")
        return weakref.ref(asyncio.get_running_loop())

    loop = asyncio.run(ask())
    gc.collect()
    assert loop() is None


async def test_no_part_of_the_registry_holds_the_key():
    kept = shared_bucket(API, "a-very-secret-key")
    held = [name for of_loop in registry._BUCKETS.values() for name in of_loop]
    assert held
    assert "a-very-secret-key" not in repr(held)
    assert kept.snapshot().limit == 5


def test_it_needs_a_running_loop():
    with pytest.raises(RuntimeError):
        shared_bucket(API, "key")
