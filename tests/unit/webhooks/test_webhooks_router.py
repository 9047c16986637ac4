"""Which handlers an event comes to, and what the service is answered."""

from __future__ import annotations

import asyncio
import gc
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paymo_async.errors import InvalidRequest
from paymo_async.eventnames import ACTIONS, EVENT_TYPES, EVENTS, EventPattern
from paymo_async.webhooks import Event, Gone, MemorySeen, WebhookRouter, sign


def told(name: str, id_: int = 1) -> tuple[dict[str, str], bytes]:
    body = json.dumps({"id": id_}).encode()
    return {"X-Paymo-Event": name, "X-Paymo-Webhook": "7", "X-Paymo-Signature": sign("s", body)}, body


async def chunked(body: bytes, size: int = 4) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


async def deliver(router: WebhookRouter, name: str, id_: int = 1) -> int:
    headers, body = told(name, id_)
    return (await router.receive(headers, chunked(body))).status


@pytest.fixture
def router() -> WebhookRouter:
    return WebhookRouter(secret="s")


# -- patterns ---------------------------------------------------------------------------------------------------------


@given(st.sampled_from(EVENTS))
def test_every_event_matches_its_name_and_the_three_wildcards_and_no_other(name: str):
    _, action, type_ = name.split(".")
    choices = {*EVENTS, "*", *(f"model.{one}.*" for one in ACTIONS), *(f"*.{one}" for one in EVENT_TYPES)}
    matching = {text for text in choices if EventPattern.parse(text).matches(action, type_)}
    assert matching == {name, "*", f"model.{action}.*", f"*.{type_}"}


@pytest.mark.parametrize(
    ("pattern", "near"),
    [
        ("model.insert.Tsk", "model.insert.Task"),
        ("model.Insert.task", "model.insert.Task"),
        ("*.TimeEntry", "*.Entry"),
        ("model.stop.Entries", "model.stop.Entry"),
    ],
)
def test_a_pattern_that_cannot_match_is_refused_with_the_nearest(router: WebhookRouter, pattern: str, near: str):
    with pytest.raises(InvalidRequest, match=f"did you mean `{re.escape(near)}`"):
        router.on(pattern)


def test_a_timer_event_of_another_type_is_refused(router: WebhookRouter):
    with pytest.raises(InvalidRequest, match=r"No event is called `model\.start\.Task`"):
        router.on("model.start.Task")


@pytest.mark.parametrize("pattern", ["", "model.*", "model.*.Task", "*.*", "*.", "model.insert.", "**"])
def test_wildcards_of_other_forms_are_refused(router: WebhookRouter, pattern: str):
    with pytest.raises(InvalidRequest, match="No event is called"):
        router.on(pattern)


def test_a_handler_without_a_pattern_is_refused(router: WebhookRouter):
    with pytest.raises(InvalidRequest, match="Name the events"):
        router.on()


def test_a_router_without_a_secret_is_refused_when_it_is_made():
    with pytest.raises(InvalidRequest, match="unsigned=True"):
        WebhookRouter()


# -- handlers ---------------------------------------------------------------------------------------------------------


async def test_handlers_run_in_order_async_or_not_and_once_for_several_patterns(router: WebhookRouter):
    calls: list[str] = []

    @router.on("*.Task", "model.insert.*")
    async def first(event: Event[Any]) -> None:
        await asyncio.sleep(0)
        calls.append("first")

    @router.on("model.insert.Task")
    def second(event: Event[Any]) -> None:
        calls.append("second")

    @router.on("model.delete.Task")
    def never(event: Event[Any]) -> None:
        calls.append("never")

    assert await deliver(router, "model.insert.Task") == 200
    assert calls == ["first", "second"]


async def test_an_undocumented_event_comes_to_the_wildcards(router: WebhookRouter):
    calls: list[str] = []
    router.on("*")(lambda event: calls.append(event.name))
    router.on("model.insert.*")(lambda event: calls.append("insert"))
    router.on("model.insert.Task")(lambda event: calls.append("task"))
    assert await deliver(router, "model.insert.Robot") == 200
    assert await deliver(router, "ping") == 200
    assert calls == ["model.insert.Robot", "insert", "ping"]


async def test_an_event_nobody_waits_for_is_answered_200(router: WebhookRouter):
    assert await deliver(router, "model.insert.Task") == 200


async def test_the_decorator_gives_the_handler_back(router: WebhookRouter):
    def handler(event: Event[Any]) -> None: ...

    assert router.on("*")(handler) is handler


async def test_a_handlers_error_is_raised_and_ends_the_delivery(router: WebhookRouter):
    calls: list[str] = []

    @router.on("*")
    def broken(event: Event[Any]) -> None:
        raise LookupError("no such customer")

    router.on("*")(lambda event: calls.append("after"))
    with pytest.raises(LookupError):
        await deliver(router, "model.insert.Task")
    assert calls == []


async def test_gone_is_answered_410_which_deletes_the_hook(router: WebhookRouter):
    @router.on("*")
    async def stop(event: Event[Any]) -> None:
        raise Gone

    assert await deliver(router, "model.insert.Task") == 410


# -- deliveries -------------------------------------------------------------------------------------------------------


async def test_a_bad_signature_is_answered_401_and_handled_by_nobody(
    router: WebhookRouter, caplog: pytest.LogCaptureFixture
):
    router.on("*")(lambda event: pytest.fail("handled"))
    headers, body = told("model.insert.Task")
    signature = headers["X-Paymo-Signature"]
    answer = await router.receive(headers, chunked(body + b" "))
    assert answer.status == 401
    assert "refused" in caplog.text
    assert signature not in caplog.text + answer.text


async def test_an_unreadable_delivery_is_answered_400():
    router = WebhookRouter(unsigned=True)
    assert (await router.receive({"X-Paymo-Event": "model.insert.Task"}, chunked(b"<xml>"))).status == 400


async def test_an_announced_size_is_refused_before_a_byte_is_read(router: WebhookRouter):
    async def unread() -> AsyncIterator[bytes]:
        pytest.fail("read")
        yield b""

    answer = await router.receive({"content-length": "1000001"}, unread())
    assert answer.status == 413


@pytest.mark.parametrize(
    "length", [{}, {"Content-Length": "5"}, {"Content-Length": "-1"}, {"Content-Length": "9" * 9999}]
)
async def test_an_endless_body_is_read_no_further_than_the_limit(length: dict[str, str]):
    router = WebhookRouter(secret="s", max_size=1000)
    given_out = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given_out
        while True:
            given_out += 100
            yield b"x" * 100

    assert (await router.receive(length, endless())).status == 413
    assert given_out == 1100


# -- what was seen ----------------------------------------------------------------------------------------------------


async def test_without_a_store_each_delivery_is_handled(router: WebhookRouter):
    calls: list[int | None] = []
    router.on("*")(lambda event: calls.append(event.id))
    for _ in range(2):
        assert await deliver(router, "model.insert.Task") == 200
    assert calls == [1, 1]


async def test_a_delivery_that_was_handled_is_answered_200_and_not_handled_again():
    router = WebhookRouter(secret="s", seen=MemorySeen())
    calls: list[int | None] = []
    router.on("*")(lambda event: calls.append(event.id))
    for id_ in (1, 1, 2):
        assert await deliver(router, "model.insert.Task", id_) == 200
    assert calls == [1, 2]


async def test_a_delivery_is_remembered_only_after_success():
    router = WebhookRouter(secret="s", seen=MemorySeen())
    results: list[Exception | None] = [LookupError(), Gone(), None]

    @router.on("*")
    def handler(event: Event[Any]) -> None:
        result = results.pop(0)
        if result:
            raise result

    with pytest.raises(LookupError):
        await deliver(router, "model.insert.Task")
    assert await deliver(router, "model.insert.Task") == 410
    assert await deliver(router, "model.insert.Task") == 200
    assert await deliver(router, "model.insert.Task") == 200
    assert results == []


@pytest.mark.parametrize("fails", [False, True])
async def test_an_equal_delivery_waits_for_the_one_that_is_being_handled(fails: bool):
    router = WebhookRouter(secret="s", seen=MemorySeen())
    running, finish = asyncio.Event(), asyncio.Event()
    calls = 0

    @router.on("*")
    async def slow(event: Event[Any]) -> None:
        nonlocal calls
        calls += 1
        is_first = calls == 1
        running.set()
        await finish.wait()
        if fails and is_first:
            raise LookupError

    first = asyncio.create_task(deliver(router, "model.insert.Task"))
    await running.wait()
    second = asyncio.create_task(deliver(router, "model.insert.Task"))
    other = asyncio.create_task(deliver(router, "model.insert.User"))
    while calls < 2:
        await asyncio.sleep(0)
    finish.set()
    results = await asyncio.gather(first, second, other, return_exceptions=True)
    assert isinstance(results[0], LookupError) is fails
    assert results[1:] == [200, 200]
    assert calls == (3 if fails else 2)


async def test_nothing_is_held_of_a_delivery_that_is_over():
    router = WebhookRouter(secret="s", seen=MemorySeen())
    await deliver(router, "model.insert.Task")
    gc.collect()
    assert len(router._turns) == 0


class Failing:
    """A store of which one operation fails."""

    def __init__(self, operation: str) -> None:
        self.operation = operation

    async def seen(self, key: str) -> bool:
        if self.operation == "seen":
            raise ConnectionError
        return False

    async def mark(self, key: str) -> None:
        raise ConnectionError


async def test_a_store_that_cannot_be_asked_fails_the_delivery_before_it_is_handled():
    router = WebhookRouter(secret="s", seen=Failing("seen"))
    router.on("*")(lambda event: pytest.fail("handled"))
    with pytest.raises(ConnectionError):
        await deliver(router, "model.insert.Task")


async def test_a_store_that_cannot_remember_does_not_undo_a_handled_delivery(caplog: pytest.LogCaptureFixture):
    router = WebhookRouter(secret="s", seen=Failing("mark"))
    assert await deliver(router, "model.insert.Task") == 200
    assert "could not be remembered" in caplog.text


async def test_an_event_from_a_queue_is_handled_once():
    router = WebhookRouter(secret="s", seen=MemorySeen())
    event = Event(
        name="model.delete.Task", action="delete", type="Task", id=1, object=None, webhook_id=7, body=b'{"id":1}'
    )
    assert await router.handle(event) is True
    assert await router.handle(event) is False
    assert await WebhookRouter(secret="s").handle(event) is True
