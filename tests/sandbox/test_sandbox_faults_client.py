"""What the client makes of each fault: it gets all the data, or says that it did not."""

from __future__ import annotations

import contextlib

import pytest

from paymo_async import (
    Forbidden,
    IncompleteBody,
    PagingError,
    PaymoClient,
    PaymoConnectionError,
    PaymoError,
    PaymoTimeout,
    RateLimitTooLong,
    RetryPolicy,
    ServerError,
    Task,
    Unauthorized,
)
from paymo_async.sandbox import Fault, Sandbox, Size
from paymo_async.sandbox.faults import EFFECTS

QUICK = RetryPolicy(base=0.001, cap=0.002)
TASKS = 60


@pytest.fixture
async def box():
    async with Sandbox(seed=Size(tasks=TASKS, entries=10, estimates=1, reports=1)) as running:
        yield running


@pytest.fixture
async def paymo(box: Sandbox):
    async with PaymoClient(box.api_key, base_url=box.url, retry=QUICK, max_wait=0.5) as client:
        yield client


def patient(paymo: PaymoClient, effect: str) -> PaymoClient:
    """The client with a timeout that ends what would not end, and with a long one where none should end."""
    return paymo.with_options(timeout=0.3 if effect == "stalled-body" else 20.0)


async def listed(paymo: PaymoClient) -> list[int]:
    return [task.id for task in await paymo.tasks.list(page_size=20)]


SURVIVED_ONCE = [
    "500",
    "502",
    "503",
    "reset",
    "reset-after",
    "cut-body",
    "long-length",
    "stalled-body",
    "slow-body",
    "latency",
    "wrong-type",
    "drift",
    "odd-key",
    "stale-page",
]
REPORTED_ONCE = {
    "429": RateLimitTooLong,
    "401": Unauthorized,
    "403": Forbidden,
    "repeat-page": PagingError,
}


def test_every_effect_is_tried():
    assert {*SURVIVED_ONCE, *REPORTED_ONCE, "moved-object", "short-length"} == {*EFFECTS}


@pytest.mark.parametrize("effect", SURVIVED_ONCE)
async def test_a_listing_survives_it_once(box, paymo, effect):
    whole = await listed(paymo)
    box.faults.add(effect, path="tasks", call=2, seconds=0.001)
    assert await listed(patient(paymo, effect)) == whole
    assert len(set(whole)) == TASKS
    assert [fault.acted for fault in box.faults] == [1]


@pytest.mark.parametrize("effect", REPORTED_ONCE)
async def test_a_listing_reports_what_it_cannot_repair(box, paymo, effect):
    box.faults.add(effect, path="tasks", call=2, seconds=5)
    with pytest.raises(REPORTED_ONCE[effect]):
        await listed(paymo)


async def test_a_part_never_passes_for_the_whole_list(box, paymo):
    """The rest of the body is there or not when the client has read what was promised: it repeats, or it says so."""
    whole = await listed(paymo)
    fault = box.faults.add("short-length", path="tasks", call=2)
    with contextlib.suppress(PaymoError):
        assert await listed(paymo) == whole
    assert fault.acted == 1


LASTING = {
    "500": ServerError,
    "502": ServerError,
    "503": ServerError,
    "reset": PaymoConnectionError,
    "reset-after": PaymoConnectionError,
    "cut-body": IncompleteBody,
    "long-length": IncompleteBody,
    "stalled-body": PaymoTimeout,
}


@pytest.mark.parametrize("effect", LASTING)
async def test_what_does_not_end_is_an_error_of_its_kind(box, effect):
    box.faults.add(effect, path="tasks")
    policy = RetryPolicy(base=0.001, cap=0.002, attempts=2)
    async with PaymoClient(box.api_key, base_url=box.url, retry=policy) as paymo:
        with pytest.raises(LASTING[effect]) as caught:
            await listed(patient(paymo, effect))
    assert isinstance(caught.value, PaymoError)
    assert caught.value.attempts == 2


async def test_an_object_that_moves_comes_once_and_the_one_it_pushes_away_slips_past(box, paymo):
    """All that the client promises of it: repeats are dropped, and what is on no page cannot be had."""
    whole = await listed(paymo)
    box.faults.add("moved-object", path="tasks", call=2)
    assert await listed(paymo) == [*whole[:39], *whole[40:]]


async def test_stale_pages_that_do_not_end_show_an_earlier_list_whole(box, paymo):
    box.faults.add("stale-page", path="tasks")
    before = await listed(paymo)
    made = await paymo.tasks.create(Task(name="New", tasklist_id=(await paymo.tasklists.list().first()).id))
    assert await listed(paymo) == before
    assert {*await listed(paymo)} == {*before, made.id}


@pytest.mark.parametrize("effect", ["cut-body", "long-length", "short-length", "stalled-body", "reset-after", "502"])
async def test_a_create_whose_answer_is_lost_is_never_sent_again(box, paymo, effect):
    tasklist = await paymo.tasklists.list().first()
    fault = box.faults.add(effect, path="tasks", method="POST")
    with pytest.raises(PaymoError):
        await patient(paymo, effect).tasks.create(Task(name="once", tasklist_id=tasklist.id))
    assert fault.acted == 1
    assert len(await listed(paymo)) == TASKS + (effect != "502")


@pytest.mark.parametrize("effect", ["cut-body", "long-length", "stalled-body", "slow-body", "reset-after"])
async def test_a_download_is_whole_or_an_error(box, paymo, effect, tmp_path):
    report = await paymo.reports.list().first()
    whole = (await paymo.reports.download(report.id, "pdf", into=tmp_path / "whole")).read_bytes()
    box.faults.add(effect, path="reports/*", call=1, seconds=0.001)
    again = (await patient(paymo, effect).reports.download(report.id, "pdf", into=tmp_path / "again")).read_bytes()
    assert whole.rstrip().endswith(b"%%EOF")
    assert again.rstrip().endswith(b"%%EOF")


async def test_faults_by_chance_lose_nothing(box, paymo):
    whole = await listed(paymo)
    for seed, effect in enumerate(("500", "reset", "cut-body", "long-length", "drift", "odd-key")):
        box.faults.add(Fault(effect, probability=0.15, seed=seed))
    for _ in range(5):
        assert await listed(paymo) == whole
    assert sum(fault.acted for fault in box.faults) > 5
