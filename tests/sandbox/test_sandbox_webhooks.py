"""Webhooks that the sandbox delivers, received by this package's own receiver over real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest
from aiohttp import web

from paymo_async import PaymoClient
from paymo_async.errors import BadRequest
from paymo_async.models import Invoice, InvoiceItem, InvoicePayment, Task, TimeEntry, Webhook
from paymo_async.sandbox import Sandbox
from paymo_async.webhooks import Event, Gone, WebhookError, WebhookRouter, aiohttp_handler, parse

PROJECT = 397706
EXAMPLES = Path(__file__).resolve().parents[3] / "shared" / "paymo-api" / "examples.json"


@attrs.define
class Target:
    """A server on this machine that takes deliveries, and answers each path as it is told to."""

    url: str = ""
    statuses: dict[str, int] = attrs.field(factory=dict)
    posts: list[tuple[str, dict[str, str], bytes]] = attrs.field(factory=list)
    came: asyncio.Event = attrs.field(factory=asyncio.Event)
    held: dict[str, asyncio.Event] = attrs.field(factory=dict)

    async def take(self, request: web.Request) -> web.StreamResponse:
        path = request.path.strip("/")
        self.posts.append((path, dict(request.headers), await request.read()))
        self.came.set()
        if path in self.held:
            await self.held[path].wait()
        return web.Response(status=self.statuses.get(path, 200), headers={"Location": self.url + "elsewhere"})

    def events(self, path: str = "", **how: Any) -> list[Event[Any]]:
        """What came to a path, each checked and read; it is signed with `s` unless told otherwise."""
        how = how or {"secret": "s"}
        return [parse(headers, body, **how) for at, headers, body in self.posts if at == path]

    def told(self, path: str = "", **how: Any) -> list[tuple[str, int | None]]:
        return [(event.name, event.id) for event in self.events(path, **how)]


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app, shutdown_timeout=0.05)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}/"
    await runner.cleanup()


@pytest.fixture
async def target() -> AsyncIterator[Target]:
    target = Target()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", target.take)
    async with serving(app) as target.url:
        yield target


@pytest.fixture
async def paymo(box: Sandbox) -> AsyncIterator[PaymoClient]:
    async with PaymoClient(box.api_key, base_url=box.url) as client:
        yield client


@pytest.fixture
async def task(paymo: PaymoClient) -> Task:
    return await paymo.tasks.create(Task(name="Logo", project_id=PROJECT))


# What is told


async def test_a_task_is_told_of_from_its_making_to_its_end(box: Sandbox, paymo: PaymoClient, target: Target):
    hook = await paymo.hooks.ensure(target.url, "*.Task", secret="s")
    made = await paymo.tasks.create(Task(name="Logo", project_id=PROJECT))
    await paymo.tasks.update(made.id, Task(complete=True))
    await paymo.tasks.delete(made.id)
    await box.delivered()
    inserted, updated, deleted = target.events()
    assert [event.name for event in (inserted, updated, deleted)] == [
        "model.insert.Task",
        "model.update.Task",
        "model.delete.Task",
    ]
    assert {event.webhook_id for event in (inserted, updated, deleted)} == {hook.id}
    more = {name: getattr(inserted.object, name) for name in ("project", "tasklist", "extra")}
    assert inserted.object == attrs.evolve(made, **more)
    assert (inserted.object.project.name, inserted.object.tasklist.name) == ("Understanding Paymo", "Default Task List")
    assert (inserted.object.complete, updated.object.complete) == (False, True)
    assert (deleted.id, deleted.data) == (made.id, {"id": made.id})


async def test_a_timer_is_told_of_when_it_starts_and_when_it_stops(
    box: Sandbox, paymo: PaymoClient, target: Target, task: Task
):
    await paymo.hooks.ensure(target.url, "*.Entry", secret="s")
    me = await paymo.me()
    start = datetime(2026, 1, 31, 8, tzinfo=UTC)
    entry = await paymo.entries.create(TimeEntry(task_id=task.id, user_id=me.id, start_time=start))
    await paymo.entries.update(entry.id, TimeEntry(end_time=start + timedelta(minutes=30)))
    await box.delivered()
    assert target.told() == [(f"model.{action}.Entry", entry.id) for action in ("insert", "start", "update", "stop")]
    assert target.events()[-1].object.duration == 1800


async def test_a_payment_is_told_of_and_so_is_the_invoice_that_it_pays(
    box: Sandbox, paymo: PaymoClient, target: Target
):
    client = (await paymo.clients.list())[0]
    invoice = await paymo.invoices.create(
        Invoice(
            client_id=client.id,
            currency="EUR",
            status="sent",
            items=[InvoiceItem(item="Logo", price_unit=Decimal(100), quantity=Decimal(1))],
        )
    )
    await paymo.hooks.ensure(target.url, "*", secret="s")
    paid = await paymo.invoicepayments.create(InvoicePayment(invoice_id=invoice.id, amount=invoice.total))
    await box.delivered()
    told = {event.name: event for event in target.events()}
    assert told["model.insert.InvoicePayment"].id == paid.id
    assert (told["model.update.Invoice"].id, told["model.update.Invoice"].object.status) == (invoice.id, "paid")
    assert told["model.update.Invoice"].object.client.name == client.name


async def test_what_the_service_does_by_itself_is_told_too(box: Sandbox, paymo: PaymoClient, target: Target):
    box.clock.freeze(datetime(2026, 1, 31, 8, 59, tzinfo=UTC))
    client = (await paymo.clients.list())[0]
    item = {"item": "Hosting", "price_unit": 20, "quantity": 1}
    profile = {"client_id": client.id, "currency": "EUR", "frequency": "m", "start_date": "2026-01-31", "items": [item]}
    box.account.create("recurringprofiles", profile, client.id)
    await paymo.hooks.ensure(target.url, "model.insert.Invoice", secret="s")
    box.clock.move(minutes=2)
    await box.delivered()
    (made,) = target.events()
    assert (made.object.date, made.object.total) == (date(2026, 1, 31), 20)


async def test_all_that_a_deleted_project_takes_along_is_told_of(box: Sandbox, paymo: PaymoClient, target: Target):
    await paymo.hooks.ensure(target.url, "model.delete.*", secret="s")
    tasks = [task.id for task in await paymo.tasks.list(where=f"project_id={PROJECT}")]
    await paymo.projects.delete(PROJECT)
    await box.delivered()
    assert {("model.delete.Task", key) for key in tasks} < {*target.told()}
    assert target.told()[-1] == ("model.delete.Project", PROJECT)


async def test_a_change_that_a_test_makes_without_a_request_is_told(
    box: Sandbox, paymo: PaymoClient, target: Target, task: Task
):
    await paymo.hooks.ensure(target.url, "model.update.Task", secret="s")
    with box.account.transaction():
        box.account.update("tasks", task.id, {"name": "Flyer"}, 0)
    await box.delivered()
    assert target.events()[0].object.name == "Flyer"


async def test_a_refused_request_is_told_to_nobody(box: Sandbox, paymo: PaymoClient, target: Target):
    await paymo.hooks.ensure(target.url, "*", secret="s")
    with pytest.raises(BadRequest):
        await paymo.tasks.create(Task(name="Logo", project_id=1))
    await box.delivered()
    assert target.posts == []


async def test_wildcards_and_where_choose_what_a_hook_is_told(
    box: Sandbox, paymo: PaymoClient, target: Target, task: Task
):
    await paymo.hooks.ensure(target.url + "updates", "model.update.*", secret="s")
    await paymo.hooks.ensure(target.url + "done", "*.Task", where="complete=true", secret="s")
    await paymo.hooks.ensure(target.url + "clients", "*.Client", secret="s")
    await paymo.tasks.update(task.id, Task(name="Flyer"))
    await paymo.tasks.update(task.id, Task(complete=True))
    await box.delivered()
    assert target.told("updates") == [("model.update.Task", task.id)] * 2
    assert target.told("done") == [("model.update.Task", task.id)]
    assert target.told("clients") == []


async def test_a_hook_that_cannot_be_is_refused(paymo: PaymoClient, target: Target):
    with pytest.raises(BadRequest, match=r"Invalid event: `model\.insert\.Tsk`"):
        await paymo.hooks.create(Webhook(target_url=target.url, event="model.insert.Tsk"))
    with pytest.raises(BadRequest, match='Invalid condition in "where" param'):
        await paymo.hooks.create(Webhook(target_url=target.url, event="*.Task", where="name"))


@pytest.mark.parametrize("box", [{"webhook_text_ids": True}], indirect=True)
async def test_the_id_of_a_deleted_object_may_come_as_text(
    box: Sandbox, paymo: PaymoClient, target: Target, task: Task
):
    await paymo.hooks.ensure(target.url, "model.delete.Task", secret="s")
    await paymo.tasks.delete(task.id)
    await box.delivered()
    assert (target.posts[0][2], target.told()) == (b'{"id":"%d"}' % task.id, [("model.delete.Task", task.id)])


@pytest.mark.parametrize("box", [{"webhooks": False}], indirect=True)
async def test_without_webhooks_nothing_is_delivered(box: Sandbox, paymo: PaymoClient, target: Target, task: Task):
    await paymo.hooks.ensure(target.url, "*", secret="s")
    await paymo.tasks.update(task.id, Task(name="Flyer"))
    await box.delivered()
    assert (target.posts, len(box.deliveries), box.account.watched) == ([], 0, ())


@pytest.mark.skipif(not EXAMPLES.exists(), reason="shared/paymo-api/examples.json is not beside this checkout")
async def test_a_task_is_told_of_as_documented(box: Sandbox, paymo: PaymoClient, target: Target):
    said: list[dict[str, Any]] = [
        one["json"] for one in json.loads(EXAMPLES.read_text()) if one["heading"] == "Notifications"
    ]
    (documented,) = [body for body in said if "project" in body]
    await paymo.hooks.ensure(target.url, "model.insert.Task", secret="s")
    await paymo.tasks.create(Task(name="Logo", project_id=PROJECT))
    await box.delivered()
    told = target.events()[0].data
    assert {*documented} <= {*told}
    assert (documented["project"].keys(), documented["tasklist"].keys()) == (told["project"].keys(), {"name"})


# Secrets


async def test_a_hook_without_a_secret_is_not_signed(box: Sandbox, paymo: PaymoClient, target: Target, task: Task):
    await paymo.hooks.ensure(target.url, "*.Task")
    await paymo.tasks.delete(task.id)
    await box.delivered()
    assert target.told(unsigned=True) == [("model.delete.Task", task.id)]
    assert "X-Paymo-Signature" not in target.posts[0][1]


async def test_a_new_secret_signs_what_happens_from_then_on(
    box: Sandbox, paymo: PaymoClient, target: Target, task: Task
):
    await paymo.hooks.ensure(target.url, "*.Task", secret="old")
    await paymo.tasks.update(task.id, Task(name="Flyer"))
    await paymo.hooks.ensure(target.url, "*.Task", secret="new")
    await paymo.tasks.update(task.id, Task(name="Poster"))
    await box.delivered()
    assert [event.object.name for event in target.events(secret=["new", "old"])] == ["Flyer", "Poster"]
    with pytest.raises(WebhookError):
        target.events(secret="old")


# What the target answers


async def test_a_router_that_says_gone_gets_no_more(box: Sandbox, paymo: PaymoClient, task: Task):
    router = WebhookRouter(secret="s")
    got: list[str] = []

    @router.on("*")
    async def enough(event: Event[Any]) -> None:
        got.append(event.name)
        raise Gone

    app = web.Application()
    app.router.add_post("/", aiohttp_handler(router))
    async with serving(app) as url:
        await paymo.hooks.ensure(url, "*.Task", secret="s")
        await paymo.tasks.update(task.id, Task(name="Flyer"))
        await paymo.tasks.update(task.id, Task(name="Poster"))
        await box.delivered()
        await paymo.tasks.delete(task.id)
        await box.delivered()
    assert (got, await paymo.hooks.list()) == (["model.update.Task"], [])
    assert box.account.watched == {"hooks"}


async def test_what_waits_for_a_deleted_hook_is_not_sent(box: Sandbox, paymo: PaymoClient, target: Target, task: Task):
    held = target.held[""] = asyncio.Event()
    hook = await paymo.hooks.ensure(target.url, "*.Task", secret="s")
    await paymo.tasks.update(task.id, Task(name="Flyer"))
    await paymo.tasks.update(task.id, Task(name="Poster"))
    await target.came.wait()
    await paymo.hooks.delete(hook.id)
    held.set()
    await box.delivered()
    assert len(target.posts) == 1


async def test_a_hook_shows_what_its_target_answered_last(box: Sandbox, paymo: PaymoClient, target: Target, task: Task):
    hook = await paymo.hooks.ensure(target.url, "*.Task", secret="s")
    assert hook.last_status_code is None
    for status in (500, 204):
        target.statuses[""] = status
        await paymo.tasks.update(task.id, Task(name="Flyer"))
        await box.delivered()
        again = await paymo.hooks.get(hook.id)
        assert (again.last_status_code, again.updated_on) == (status, hook.updated_on)


async def test_a_redirect_is_not_followed(box: Sandbox, paymo: PaymoClient, target: Target, task: Task):
    target.statuses[""] = 307
    await paymo.hooks.ensure(target.url, "*.Task", secret="s")
    await paymo.tasks.delete(task.id)
    await box.delivered()
    assert ([at for at, _, _ in target.posts], box.deliveries[0].status) == ([""], 307)


async def test_a_dead_target_is_tried_once_and_hurts_no_other(
    box: Sandbox, paymo: PaymoClient, target: Target, task: Task
):
    async with serving(web.Application()) as dead:
        pass
    hook = await paymo.hooks.ensure(dead, "*.Task", secret="s")
    await paymo.hooks.ensure(target.url, "*.Task", secret="s")
    await paymo.tasks.delete(task.id)
    await box.delivered()
    assert target.told() == [("model.delete.Task", task.id)]
    (failed,) = [delivery for delivery in box.deliveries if delivery.hook_id == hook.id]
    assert (failed.status, "connect" in failed.error.lower()) == (0, True)
    assert (await paymo.hooks.get(hook.id)).last_status_code is None


async def test_a_target_that_hangs_delays_neither_answers_nor_other_hooks(
    box: Sandbox, paymo: PaymoClient, target: Target, task: Task
):
    held = target.held["slow"] = asyncio.Event()
    await paymo.hooks.ensure(target.url + "slow", "*.Task", secret="s")
    await paymo.hooks.ensure(target.url + "quick", "*.Task", secret="s")
    both = asyncio.Event()
    box.deliveries.listeners.add(lambda one: both.set() if one.event == "model.delete.Task" else None)
    await paymo.tasks.update(task.id, Task(name="Flyer"))
    await paymo.tasks.delete(task.id)
    await both.wait()
    assert target.told("quick") == [("model.update.Task", task.id), ("model.delete.Task", task.id)]
    assert target.told("slow") == [("model.update.Task", task.id)]
    held.set()
    await box.delivered()
    assert target.told("slow") == target.told("quick")


@pytest.mark.parametrize("box", [{"webhook_timeout": 0.05}], indirect=True)
async def test_a_target_that_hangs_is_given_up(box: Sandbox, paymo: PaymoClient, target: Target, task: Task):
    target.held[""] = asyncio.Event()
    await paymo.hooks.ensure(target.url, "*.Task", secret="s")
    await paymo.tasks.delete(task.id)
    await box.delivered()
    assert (box.deliveries[0].status, box.deliveries[0].error) == (0, "no answer within 0.05 s")
    assert box.deliveries[0].seconds < 5


async def test_it_is_tried_again_where_retries_are_asked_for(target: Target):
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        target.statuses[""] = 200 if len(pauses) == 3 else 503

    target.statuses[""] = 500
    async with Sandbox(webhook_retries=5, sleep=sleep) as box, PaymoClient(box.api_key, base_url=box.url) as paymo:
        await paymo.hooks.ensure(target.url, "*.Client", secret="s")
        client = (await paymo.clients.list())[0]
        await paymo.clients.update(client.id, type(client)(city="Larkhill"))
        await paymo.clients.update(client.id, type(client)(city="Nordheim"))
        await box.delivered()
        assert [(one.attempt, one.status) for one in box.deliveries] == [
            (1, 500),
            (2, 503),
            (3, 503),
            (4, 200),
            (1, 200),
        ]
    assert pauses == [1, 2, 4]
    assert [event.object.city for event in target.events()] == ["Larkhill"] * 4 + ["Nordheim"]


# The log


async def test_a_delivery_is_logged_as_it_was_sent(box: Sandbox, paymo: PaymoClient, target: Target, task: Task):
    heard: list[Any] = []
    box.deliveries.listeners.add(heard.append)
    box.clock.freeze(datetime(2026, 1, 31, 8, tzinfo=UTC))
    hook = await paymo.hooks.ensure(target.url, "*.Task", secret="s")
    await paymo.tasks.delete(task.id)
    await box.delivered()
    (delivery,) = box.deliveries
    ((_, headers, body),) = target.posts
    assert heard == [delivery]
    assert (delivery.hook_id, delivery.event, delivery.url) == (hook.id, "model.delete.Task", target.url)
    assert (delivery.body, {*delivery.headers.items()} < {*headers.items()}) == (body, True)
    assert headers["Content-Type"] == "application/json"
    assert (delivery.status, delivery.attempt, delivery.at, delivery.number) == (200, 1, box.clock(), 1)
    assert delivery.seconds > 0


# The sandbox's life


@pytest.mark.parametrize("again", [Sandbox.seed, Sandbox.reset, lambda box: box.restore(box.snapshot())])
async def test_what_waits_is_given_up_when_the_account_becomes_another(
    box: Sandbox, paymo: PaymoClient, target: Target, task: Task, again: Any
):
    held = target.held[""] = asyncio.Event()
    await paymo.hooks.ensure(target.url, "*.Task", secret="s")
    await paymo.tasks.update(task.id, Task(name="Flyer"))
    await paymo.tasks.update(task.id, Task(name="Poster"))
    await target.came.wait()
    again(box)
    held.set()
    await box.delivered()
    assert len(target.posts) == 1
    assert not [hook for hook in await paymo.hooks.list() if hook.last_status_code]


async def test_hooks_survive_in_snapshots_and_state_files(
    box: Sandbox, paymo: PaymoClient, target: Target, task: Task, tmp_path: Any
):
    await paymo.hooks.ensure(target.url, "*.Task", secret="s")
    snapshot = box.snapshot()
    box.save(tmp_path / "account.db")
    box.seed("empty")
    box.restore(snapshot)
    await paymo.tasks.update(task.id, Task(name="Flyer"))
    await box.delivered()
    async with (
        Sandbox(state=tmp_path / "account.db") as other,
        PaymoClient(other.api_key, base_url=other.url) as elsewhere,
    ):
        await elsewhere.tasks.update(task.id, Task(name="Poster"))
        await other.delivered()
    assert [event.object.name for event in target.events()] == ["Flyer", "Poster"]


async def test_a_sandbox_ends_at_once_whatever_hangs(target: Target):
    target.held[""] = asyncio.Event()
    async with Sandbox() as box, PaymoClient(box.api_key, base_url=box.url) as paymo:
        await paymo.hooks.ensure(target.url, "*.Client", secret="s")
        client = (await paymo.clients.list())[0]
        await paymo.clients.update(client.id, type(client)(city="Larkhill"))
        await paymo.clients.update(client.id, type(client)(city="Nordheim"))
        await target.came.wait()
        ended = box.deliveries
    assert [(one.status, one.error) for one in ended] == [(0, "the sandbox ended")]


async def test_deliveries_are_waited_for_from_other_threads_and_loops(target: Target):
    def program() -> None:
        with Sandbox() as box:
            hook = {"target_url": target.url, "event": "*.Client", "secret": "s"}
            box.account.create("hooks", hook, 0)
            box.wait_delivered(5)
            client = box.account.create("clients", {"name": "Nordlicht"}, 0)
            box.wait_delivered(5)
            box.account.delete("clients", client["id"])
            asyncio.run(box.delivered())

    await asyncio.to_thread(program)
    assert [event.action for event in target.events()] == ["insert", "delete"]


async def test_the_sandboxs_own_thread_cannot_stand_still_for_deliveries(box: Sandbox):
    with pytest.raises(RuntimeError, match="own thread"):
        box.wait_delivered()


async def test_a_wait_for_deliveries_can_end_before_them(target: Target):
    target.held[""] = asyncio.Event()

    def program() -> None:
        with Sandbox() as box:
            box.account.create("hooks", {"target_url": target.url, "event": "*.Client"}, 0)
            box.wait_delivered(5)
            box.account.create("clients", {"name": "Nordlicht"}, 0)
            with pytest.raises(TimeoutError):
                box.wait_delivered(0.01)

    await asyncio.to_thread(program)
