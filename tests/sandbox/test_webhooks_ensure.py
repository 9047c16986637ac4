"""Hooks registered once, against the sandbox."""

from __future__ import annotations

import asyncio

import pytest

from paymo_async import InvalidRequest, PaymoClient
from paymo_async.models import Webhook
from paymo_async.sandbox import Sandbox

URL = "https://example.org/paymo"


@pytest.fixture
async def paymo(box: Sandbox):
    async with PaymoClient(box.api_key, base_url=box.url) as client:
        yield client


def calls(box: Sandbox) -> list[str]:
    return [request.method for request in box.requests]


async def test_a_missing_hook_is_made_and_a_second_call_only_looks(box: Sandbox, paymo: PaymoClient):
    made = await paymo.hooks.ensure(URL, "model.insert.Task", where="project_id=1")
    assert (made.target_url, made.event, made.where) == (URL, "model.insert.Task", "project_id=1")
    box.requests.clear()
    assert (await paymo.hooks.ensure(URL, "model.insert.Task", where="project_id=1")).id == made.id
    assert calls(box) == ["GET"]
    assert len(await paymo.hooks.list()) == 1


async def test_another_url_event_or_filter_is_another_hook(paymo: PaymoClient):
    made = [
        await paymo.hooks.ensure(URL, "model.insert.Task"),
        await paymo.hooks.ensure(URL, "model.insert.Task", where="project_id=1"),
        await paymo.hooks.ensure(URL, "*.Task"),
        await paymo.hooks.ensure(URL + "/2", "*.Task"),
    ]
    assert len({hook.id for hook in made}) == 4


async def test_a_secret_is_given_to_a_hook_that_is_there_since_none_can_be_read(box: Sandbox, paymo: PaymoClient):
    made = await paymo.hooks.ensure(URL, "*", secret="old-secret")
    box.requests.clear()
    again = await paymo.hooks.ensure(URL, "*", secret="new-secret")
    assert again.id == made.id
    assert calls(box) == ["GET", "PUT"]
    stored = box.account.store.get(box.account.tables["hooks"], made.id)
    assert stored["secret"] == "new-secret"
    assert "new-secret" not in repr(again)


async def test_a_hook_keeps_its_secret_where_none_is_given(box: Sandbox, paymo: PaymoClient):
    made = await paymo.hooks.ensure(URL, "*", secret="old-secret")
    await paymo.hooks.ensure(URL, "*")
    assert box.account.store.get(box.account.tables["hooks"], made.id)["secret"] == "old-secret"


async def test_several_workers_at_once_leave_one_hook_and_all_get_it(paymo: PaymoClient):
    hooks = await asyncio.gather(*(paymo.hooks.ensure(URL, "*", secret="s") for _ in range(5)))
    (left,) = await paymo.hooks.list()
    assert {hook.id for hook in hooks} == {left.id}


async def test_of_equal_hooks_that_are_there_the_oldest_is_given_and_none_deleted(paymo: PaymoClient):
    first, second = [await paymo.hooks.create(Webhook(target_url=URL, event="*")) for _ in range(2)]
    assert (await paymo.hooks.ensure(URL, "*")).id == first.id < second.id
    assert len(await paymo.hooks.list()) == 2


async def test_a_hook_deleted_right_after_it_was_made_is_still_returned(
    box: Sandbox, paymo: PaymoClient, monkeypatch: pytest.MonkeyPatch
):
    create = paymo.hooks.create

    async def create_and_lose(item: Webhook) -> Webhook:
        made = await create(item)
        await paymo.hooks.delete(made.id)
        return made

    monkeypatch.setattr(paymo.hooks, "create", create_and_lose)
    assert (await paymo.hooks.ensure(URL, "*")).target_url == URL


@pytest.mark.parametrize(
    ("url", "event", "secret"),
    [
        (URL, "model.insert.Tsk", None),
        (URL, "*", ""),
        ("example.org/paymo", "*", None),
        ("ftp://example.org", "*", None),
        ("https://", "*", None),
    ],
)
async def test_what_cannot_work_is_refused_before_anything_is_sent(
    box: Sandbox, paymo: PaymoClient, url: str, event: str, secret: str | None
):
    with pytest.raises(InvalidRequest):
        await paymo.hooks.ensure(url, event, secret=secret)
    assert box.requests == []
