"""Many creates, updates and deletes at once; refreshing; minimal changes; loaders."""

from __future__ import annotations

import asyncio

import pytest

from paymo_async import InvalidRequest, NotFound, PaymoClient, ServerError, Task, changes
from paymo_async.models import TaskAssignment
from paymo_async.sandbox import Sandbox


@pytest.fixture
async def paymo(box: Sandbox):
    async with PaymoClient(box.api_key, base_url=box.url) as client:
        yield client


async def some_task(paymo: PaymoClient) -> Task:
    task = await paymo.tasks.list().first()
    assert task is not None
    return task


async def test_many_are_made_with_an_outcome_each_and_the_bad_one_named(paymo: PaymoClient):
    task = await some_task(paymo)
    items = [Task(name=f"n{i}", tasklist_id=task.tasklist_id if i != 2 else 999_999) for i in range(4)]
    outcomes = await paymo.tasks.create_many(items)
    assert [outcome.ok for outcome in outcomes] == [True, True, False, True]
    assert [outcome.value.name for outcome in outcomes if outcome.value] == ["n0", "n1", "n3"]


async def test_all_are_checked_before_the_first_is_sent(paymo: PaymoClient, box: Sandbox):
    task = await some_task(paymo)
    before = len(box.requests)
    with pytest.raises(InvalidRequest, match="tasklist_id or project_id"):
        paymo.tasks.create_many([Task(name="fine", tasklist_id=1), Task(name="not fine")])
    with pytest.raises(InvalidRequest, match=r"nothing|empty"):
        paymo.tasks.update_many({task.id: Task()})
    with pytest.raises(InvalidRequest, match="positive integer"):
        paymo.tasks.delete_many([task.id, 0])
    assert len(box.requests) == before


async def test_a_dry_run_sends_nothing(paymo: PaymoClient, box: Sandbox):
    task = await some_task(paymo)
    before = len(box.requests)
    new = Task(name="x", tasklist_id=task.tasklist_id)
    assert await paymo.tasks.create_many([new], dry_run=True).values() == [new]
    assert await paymo.tasks.update_many({task.id: Task(name="y")}, dry_run=True).values() == [Task(name="y")]
    assert await paymo.tasks.delete_many([task.id, task.id], dry_run=True).values() == [None]
    assert len(box.requests) == before


async def test_many_are_changed_and_deleted(paymo: PaymoClient):
    tasks = await paymo.tasks.list()
    updated = await paymo.tasks.update_many({task.id: Task(name=f"new {task.id}") for task in tasks}).values()
    assert [task.name for task in updated] == [f"new {task.id}" for task in tasks]
    outcomes = await paymo.tasks.delete_many([tasks[0].id, 999_999])
    assert [outcome.ok for outcome in outcomes] == [True, False]
    assert isinstance(outcomes[1].error, NotFound)


async def test_a_refreshed_object_is_new_and_the_old_one_untouched(paymo: PaymoClient):
    task = await some_task(paymo)
    await paymo.tasks.update(task.id, Task(name="elsewhere"))
    fresh = await paymo.tasks.refresh(task, include="project")
    assert (fresh.name, fresh.project.id) == ("elsewhere", task.project_id)
    assert task.name != "elsewhere"
    with pytest.raises(InvalidRequest, match="positive integer"):
        await paymo.tasks.refresh(Task(name="never sent"))


async def test_changes_send_only_what_differs(paymo: PaymoClient):
    old = await some_task(paymo)
    new = Task.from_dict(old.to_dict())
    new.name = "Other"
    assert changes(old, new) == Task(name="Other")
    updated = await paymo.tasks.update(old.id, changes(old, new))
    assert updated.name == "Other"
    with pytest.raises(InvalidRequest):
        await paymo.tasks.update(old.id, changes(old, old))


async def test_two_hundred_gets_at_a_time_are_one_request(box: Sandbox, paymo: PaymoClient):
    loader = paymo.estimates.loader(include="estimateitems")
    before = paymo.requests_sent
    found = await asyncio.gather(*(loader.load(id) for id in [1498, 1500] * 100))
    assert paymo.requests_sent == before + 1
    assert {estimate.id for estimate in found} == {1498, 1500}
    assert len(found[1].estimateitems) == 3


async def test_a_loader_gives_each_caller_its_own_outcome(box: Sandbox, paymo: PaymoClient):
    loader = paymo.estimates.loader()
    found, missing = await asyncio.gather(loader.load(1500), loader.load(77), return_exceptions=True)
    assert found.id == 1500
    assert isinstance(missing, NotFound)
    box.faults.add("500", path="estimates")
    with pytest.raises(ServerError):
        await loader.load(1500)


async def test_resources_without_an_operation_do_not_have_it(paymo: PaymoClient):
    for name, missing in {
        "company": ("list", "create", "delete"),
        "sessions": ("update",),
        "threads": ("create", "update", "delete"),
        "estimatetemplatesgallery": ("create", "update", "delete"),
        "statsreports": ("list", "get", "update", "delete"),
    }.items():
        for operation in missing:
            assert not hasattr(getattr(paymo, name), operation)


async def test_lists_that_must_be_filtered_say_so_before_any_request(paymo: PaymoClient, box: Sandbox):
    with pytest.raises(InvalidRequest, match="task_id"):
        paymo.userstasks.list()
    assert box.requests == []
    assert all(isinstance(one, TaskAssignment) for one in await paymo.userstasks.list(task_id=1))
