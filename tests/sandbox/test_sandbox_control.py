"""The control API below `/_sandbox/`, as a program in any language uses it."""

import asyncio
import re
import shutil
import sqlite3
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import msgspec
import pytest
from aiohttp import test_utils, web

from paymo_async import PaymoClient
from paymo_async.models import Client
from paymo_async.sandbox import RateModel, Sandbox
from paymo_async.sandbox import control as package
from paymo_async.sandbox.control.events import MOST_WAITING
from paymo_async.sandbox.control.guard import check_host
from paymo_async.sandbox.control.page import PAGES
from paymo_async.sandbox.control.serving import Control
from paymo_async.sandbox.traffic import Seen
from paymo_async.sandbox.values import Problem
from paymo_async.sandbox.where import Filter


class Desk:
    """Asks one sandbox's control API, without any credentials."""

    def __init__(self, box, http):
        self.box = box
        self.http = http
        self.root = box.url.removesuffix("api/") + "_sandbox/"

    async def __call__(self, method, path="", json=None, status=200, headers=None):
        async with self.http.request(method, self.root + path, json=json, headers=headers) as answer:
            told = await answer.json()
            assert answer.status == status, told
            return told


@asynccontextmanager
async def target():
    """The URL of a webhook's target that takes everything."""

    async def take(request):
        await request.read()
        return web.Response()

    async with test_utils.RawTestServer(take) as server:
        yield str(server.make_url("/told"))


async def hook(box, url):
    async with (
        aiohttp.ClientSession(auth=aiohttp.BasicAuth(box.api_key, "x")) as http,
        http.post(f"{box.url}hooks", json={"event": "model.insert.Client", "target_url": url}) as answer,
    ):
        assert answer.status == 201


def project_names(box):
    return [project["name"] for project in box.account.store.find(box.account.tables["projects"], Filter())]


@pytest.fixture
async def desk(box):
    async with aiohttp.ClientSession() as http:
        yield Desk(box, http)


async def test_the_state_tells_what_the_sandbox_is_and_holds(desk, box):
    box.faults.add("500", path="estimates")
    told = await desk("GET")
    assert (told["url"], told["api_key"], told["seed"], told["number"]) == (box.url, box.api_key, "documented", 1)
    assert (told["objects"]["clients"], told["objects"]["estimates"], told["objects"]["invoices"]) == (4, 2, 0)
    assert told["rate_limit"] is None
    assert [fault["effect"] for fault in told["faults"]] == ["500"]
    assert told["options"]["cut"] == 2500
    assert (await desk("GET", "../_sandbox")).keys() == told.keys()


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_each_line_of_the_documentation_does_as_it_says(desk, box, tmp_path):
    lines = re.findall(r"^    .{26}(curl .*)$", package.__doc__, flags=re.MULTILINE)
    assert len(lines) == 30
    listening = "curl -N $S/events"
    lines.remove(listening)
    script = "\n".join(f"echo; {line} -sS --fail-with-body" for line in lines).replace('"demo"', '"empty"')
    told = await asyncio.create_subprocess_exec(
        "sh", "-ec", script, cwd=tmp_path, env={"S": desk.root.rstrip("/"), "J": "Content-Type: application/json"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await told.communicate()
    assert (told.returncode, err) == (0, b""), out[-500:]
    assert (tmp_path / "account.db").stat().st_size > 0
    assert len(box.faults) == 0
    assert box.limiter is None
    assert (await desk("GET"))["objects"]["entries"] == 900


@pytest.mark.parametrize(
    ("method", "path", "json", "status", "words"),
    [
        ("POST", "seed", {"seed": "demmo"}, 400, "unknown seed 'demmo'; known are documented, empty"),
        ("POST", "seed", {"sead": "demo"}, 400, "unknown field `sead` in the body; it takes `seed`: a seed's name"),
        ("POST", "seed", {"seed": {"dogs": 1}}, 400, "An unknown amount in `seed`; known are users, clients"),
        ("POST", "seed", {"number": "x"}, 400, "at `$.number`"),
        ("POST", "reset", {"hard": True}, 400, "it takes no field"),
        ("POST", "snapshot", {"name": "../x"}, 400, "1 to 64 letters"),
        ("POST", "restore", {}, 400, "missing required field `id`"),
        ("POST", "restore", {"id": "x"}, 404, "No snapshot has the id `x`; there are: none"),
        ("GET", "snapshot/x", None, 404, "No snapshot has the id `x`"),
        ("DELETE", "snapshot/x", None, 404, "No snapshot has the id `x`"),
        ("POST", "clock", {}, 400, "one of `set` (a moment as 2026-01-31T09:00:00Z)"),
        ("POST", "clock", {"resume": True, "reset": True}, 400, "one of `set`"),
        ("POST", "clock", {"freeze": False}, 400, "`freeze` (true, or a moment)"),
        ("POST", "clock", {"resume": 1}, 400, "at `$.resume`"),
        ("POST", "clock", {"resume": False}, 400, "`resume` (true)"),
        ("POST", "clock", {"set": "2026-01-31T09:00:00"}, 400, "with its zone, as 2026-01-31T09:00:00Z"),
        ("POST", "clock", {"freeze": "tomorrow"}, 400, "`freeze` must be a moment"),
        ("POST", "clock", {"set": "2126-01-31T09:00:00Z"}, 400, "of the years 2000 to 2099"),
        ("POST", "clock", {"move": {"days": 1e300}}, 400, "`move` must end within the years 2000 to 2099"),
        ("POST", "clock", {"move": {"days": -99999}}, 400, "`move` must end within the years 2000 to 2099"),
        ("POST", "faults", {"effect": "explode"}, 400, "unknown effect 'explode'; known are 429, 500"),
        ("POST", "faults", {"effect": "500", "probability": 7}, 400, "probability: 7.0 is not between 0 and 1"),
        ("DELETE", "faults/7", None, 404, "No fault has the id `7`; there are: none"),
        ("POST", "rate-limit", {"limit": 0}, 400, "a whole number from 1, or null for none"),
        ("POST", "rate-limit", {"limit": 5, "model": "x"}, 400, "window, clock, sliding or leaky"),
        ("POST", "rate-limit", {"limit": 5, "period": 0}, 400, "seconds from above 0"),
        ("GET", "requests?status=9", None, 400, "`status`: as 404, 4xx"),
        ("GET", "requests?page=1", None, 400, "unknown field `page` in the query"),
        ("GET", "deliveries?limit=0", None, 400, "`limit`: 1 to 10000"),
        ("POST", "keys", {"user_id": 99}, 404, "No user has the id 99"),
        ("POST", "keys", {"user_id": 2**64}, 400, "`user_id`: the id of a user"),
        ("POST", "keys", {}, 400, "missing required field `user_id`"),
        ("GET", "nonsense", None, 404, "the sandbox's own below /_sandbox/"),
        ("GET", "reset/1", None, 404, "Not found"),
        ("GET", "../reset", None, 404, "the API is below /api/"),
        ("GET", "reset", None, 405, "/_sandbox/reset takes POST"),
        ("POST", "events", None, 405, "/_sandbox/events takes GET"),
        ("POST", "../", None, 405, "/ takes GET, HEAD"),
    ],
)  # fmt: skip
async def test_a_refusal_names_what_is_wrong_and_what_is_allowed(desk, method, path, json, status, words):
    assert words in (await desk(method, path, json, status))["message"]


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b'"x"'])
async def test_a_body_that_is_no_object_is_refused(desk, body):
    headers = {"Content-Type": "application/json"}
    async with desk.http.post(f"{desk.root}seed", data=body, headers=headers) as answer:
        assert (answer.status, "must be a JSON object" in await answer.text()) == (400, True)


async def test_a_method_that_is_not_taken_is_told_which_are(desk):
    async with desk.http.put(f"{desk.root}faults") as answer:
        assert (answer.status, answer.headers["Allow"]) == (405, "GET, POST, DELETE, HEAD")


async def test_a_head_is_answered_without_a_body(desk):
    async with desk.http.head(f"{desk.root}requests") as answer:
        assert (answer.status, await answer.read()) == (200, b"")


async def test_a_page_of_another_origin_reaches_nothing(desk, box):
    box.faults.add("500")
    async with desk.http.post(f"{desk.root}reset", data="{}", headers={"Content-Type": "text/plain"}) as answer:
        assert answer.status == 415
    for origin in ("http://elsewhere.example", "null"):
        told = await desk("POST", "reset", status=403, headers={"Origin": origin})
        assert f"A page of {origin} may not" in told["message"]
    assert len(box.faults) == 1
    own = {"Origin": box.url.removesuffix("/api/")}
    proxied = {"Origin": "https://proxy.example", "Sec-Fetch-Site": "same-origin"}
    for headers in (own, proxied):
        await desk("DELETE", "faults", headers=headers)
        assert len(box.faults) == 0
        box.faults.add("500")


async def test_a_name_that_is_not_the_sandboxs_own_reaches_nothing(desk):
    for path in ("", "events", "../"):
        told = await desk("GET", path, status=403, headers={"Host": "elsewhere.example:80"})
        assert told["message"] == "The sandbox is not elsewhere.example: ask for localhost or 127.0.0.1"
    await desk("GET", headers={"Host": "localhost:80"})


@pytest.mark.parametrize(
    ("host", "bound", "own"),
    [
        ("127.0.0.1:8080", "127.0.0.1", True),
        ("127.1.2.3", "127.0.0.1", True),
        ("[::1]:8080", "127.0.0.1", True),
        ("LOCALHOST:1", "127.0.0.1", True),
        ("paymo.localhost", "127.0.0.1", True),
        ("192.168.7.7:80", "127.0.0.1", False),
        ("paymo:80", "127.0.0.1", False),
        ("", "127.0.0.1", False),
        ("paymo.test:80", "paymo.test", True),
        ("192.168.7.7:80", "0.0.0.0", True),
        ("[fe80::7]:80", "::", True),
        ("paymo:80", "0.0.0.0", True),
        ("elsewhere.example", "0.0.0.0", False),
        ("", "0.0.0.0", False),
    ],
)
def test_the_sandboxs_own_names(host, bound, own):
    if own:
        check_host(host, bound)
    else:
        with pytest.raises(Problem, match="The sandbox is not"):
            check_host(host, bound)


async def test_nothing_here_is_limited_struck_or_seen(desk, box):
    box.limit(RateModel(1, 3600.0))
    box.faults.add("reset")
    for _ in range(3):
        await desk("GET", "requests")
    assert (len(box.requests), box.limiter.left(), next(iter(box.faults)).seen) == (0, {}, 0)


async def test_another_seed_by_its_name_or_by_amounts(desk, box):
    assert (await desk("POST", "seed", {"seed": "empty"}))["objects"]["clients"] == 0
    size = {"users": 3, "clients": 2, "projects": 4, "tasks": 9, "entries": 40, "estimates": 1, "reports": 1}
    made = [(await desk("POST", "seed", {"seed": size, "number": number})) for number in (7, 8, 7)]
    assert [(told["objects"]["entries"], told["number"]) for told in made] == [(40, 7), (40, 8), (40, 7)]
    assert made[0]["seed"].items() >= size.items()
    names = project_names(box)
    assert (await desk("POST", "seed", {}))["seed"] == made[0]["seed"]
    assert project_names(box) == names


async def test_a_snapshot_is_gone_back_to_and_downloaded(desk, box, tmp_path):
    assert (await desk("POST", "snapshot", status=201))["id"] == "1"
    kept = await desk("POST", "snapshot", {"name": "full"}, status=201)
    assert (await desk("POST", "seed", {"seed": "empty"}))["objects"]["clients"] == 0
    assert (await desk("POST", "restore", {"id": "full"}))["objects"]["clients"] == 4
    async with desk.http.get(f"{desk.root}snapshot/full") as answer:
        (tmp_path / "full.db").write_bytes(await answer.read())
        assert answer.content_type == "application/vnd.sqlite3"
    database = sqlite3.connect(tmp_path / "full.db")
    assert database.execute("SELECT count(*) FROM clients").fetchone() == (4,)
    database.close()
    assert (tmp_path / "full.db").stat().st_size == kept["size"]
    async with Sandbox(state=tmp_path / "full.db") as other:
        assert other.account.store.count(other.account.tables["clients"]) == 4
    assert [one["id"] for one in (await desk("DELETE", "snapshot/1"))["snapshots"]] == ["full"]


async def test_only_so_many_snapshots_are_kept(desk):
    await desk("POST", "seed", {"seed": "empty"})
    await desk("POST", "snapshot", {"name": "2"}, status=201)
    made = [(await desk("POST", "snapshot", status=201))["id"] for _ in range(9)]
    assert made == ["1", *(str(number) for number in range(3, 11))]
    assert "10 snapshots are kept at most" in (await desk("POST", "snapshot", status=409))["message"]
    await desk("POST", "snapshot", {"name": "2"}, status=201)  # in place of the one before
    assert [one["id"] for one in (await desk("GET", "snapshot"))["snapshots"]] == [*made, "2"]


async def test_the_clock_is_set_moved_frozen_and_let_go(desk, box):
    at = datetime(2031, 5, 1, 12, tzinfo=UTC)
    told = await desk("POST", "clock", {"freeze": "2031-05-01T14:00:00+02:00"})
    assert told == {"now": "2031-05-01T12:00:00.000Z", "seconds": at.timestamp(), "frozen": True}
    told = await desk("POST", "clock", {"move": {"days": 1, "hours": -2, "minutes": 30}})
    assert told["now"] == "2031-05-02T10:30:00.000Z"
    assert (await desk("POST", "clock", {"set": "2031-06-01T09:00:00Z"}))["frozen"]
    assert (await desk("POST", "clock", {"resume": True}))["now"].startswith("2031-06-01T09:00:0")
    assert not box.clock.frozen
    assert not (await desk("POST", "clock", {"reset": True}))["now"].startswith("2031")
    assert (await desk("POST", "clock", {"freeze": True}))["frozen"]


async def test_a_fault_is_added_felt_and_taken_away(desk, box):
    box.faults.add("latency", seconds=0.0)  # by the program that holds the sandbox
    made = await desk("POST", "faults", {"effect": "500", "path": "clients", "times": 1}, status=201)
    assert (made["id"], made["effect"], made["acted"]) == (2, "500", 0)
    async with PaymoClient(box.api_key, base_url=box.url) as paymo:
        assert await paymo.clients.list()
    assert [(one["id"], one["seen"], one["acted"]) for one in (await desk("GET", "faults"))["faults"]] == [
        (1, 2, 2),
        (2, 2, 1),
    ]
    assert [one["id"] for one in (await desk("DELETE", "faults/1"))["faults"]] == [2]
    assert (await desk("DELETE", "faults")) == {"faults": []}
    assert (await desk("POST", "faults", {"effect": "500"}, status=201))["id"] == 3


async def test_of_two_equal_faults_the_named_one_goes(desk, box):
    first, second = box.faults.add("drift"), box.faults.add("drift")
    assert [one["id"] for one in (await desk("DELETE", "faults/2"))["faults"]] == [1]
    assert [id(one) for one in box.faults] == [id(first)] != [id(second)]


async def test_the_rate_limit_is_set_and_tells_what_is_left(desk, box):
    told = await desk("POST", "rate-limit", {"limit": 7, "period": 3600, "model": "window"})
    assert told == {"limit": 7, "period": 3600.0, "model": "window", "keys": []}
    async with PaymoClient(box.api_key, base_url=box.url) as paymo:
        await paymo.clients.list()
    assert (await desk("GET", "rate-limit"))["keys"] == [{"key": "-key", "left": 6}]
    assert await desk("POST", "rate-limit", {"limit": None}) == {"limit": None} == await desk("GET", "rate-limit")
    assert box.limiter is None


async def test_requests_are_found_by_path_method_and_status(desk, box):
    for number, (method, path, status) in enumerate(
        [("GET", "clients", 200), ("POST", "clients", 400), ("GET", "clients/1", 404), ("GET", "tasks", 0)], start=1
    ):
        assert box.requests.begin(Seen(method, path, status=status)).number == number

    async def found(query):
        return [seen["number"] for seen in (await desk("GET", f"requests?{query}"))["requests"]]

    assert await found("") == [1, 2, 3, 4]
    assert await found("path=clients") == [1, 2]
    assert await found("path=clients*&method=GET") == [1, 3]
    assert await found("status=4xx") == [2, 3]
    assert await found("status=404") == [3]
    assert await found("status=0") == [4]
    assert await desk("DELETE", "requests") == {"requests": [], "more": False, "total": 4}


async def test_requests_are_paged_through_by_their_numbers(desk, box):
    for _ in range(7):
        box.requests.begin(Seen("GET", "clients"))
    box.requests.clear()
    for number in range(8, 13):
        box.requests.begin(Seen("GET", "clients" if number % 2 else "tasks"))
    since, pages = 0, []
    more = True
    while more:
        page = await desk("GET", f"requests?path=clients&limit=1&since={since}")
        pages.append([seen["number"] for seen in page["requests"]])
        since, more = pages[-1][-1], page["more"]
    assert pages == [[9], [11]]
    assert (await desk("GET", "requests?since=99"))["requests"] == []


async def test_deliveries_are_told_with_body_headers_and_answer(desk, box):
    async with target() as url, PaymoClient(box.api_key, base_url=box.url) as paymo:
        await hook(box, url)
        made = await paymo.clients.create(Client(name="Nordlicht"))
        await box.delivered()
    told = await desk("GET", "deliveries")
    (delivery,) = told["deliveries"]
    assert (delivery["event"], delivery["status"], delivery["url"]) == ("model.insert.Client", 200, url)
    assert msgspec.json.decode(delivery["body"])["id"] == made.id
    assert delivery["headers"]["X-Paymo-Event"] == "model.insert.Client"
    assert (told["total"], told["waiting"]) == (1, False)
    assert (await desk("GET", f"deliveries?since={delivery['number']}"))["deliveries"] == []


async def test_deliveries_on_their_way_are_waited_for(desk, box):
    release = asyncio.Event()

    async def answer(_: web.BaseRequest) -> web.Response:
        await release.wait()
        return web.Response()

    async with (
        test_utils.RawTestServer(answer) as server,
        PaymoClient(box.api_key, base_url=box.url) as paymo,
    ):
        await hook(box, str(server.make_url("/")))
        await paymo.clients.create(Client(name="Nordlicht"))
        told = await desk("GET", "deliveries")
        assert ([one["status"] for one in told["deliveries"]] in ([], [0]), told["waiting"]) == (True, True)
        waiting = asyncio.create_task(desk("GET", "deliveries?wait=30"))
        release.set()
        told = await waiting
        assert ([one["status"] for one in told["deliveries"]], told["waiting"]) == ([200], False)


async def test_a_key_of_another_user(desk, box):
    key = (await desk("POST", "keys", {"user_id": 23130}, status=201))["key"]
    async with PaymoClient(key, base_url=box.url) as judith:
        assert (await judith.me()).id == 23130


async def test_a_sandbox_in_a_thread_is_controlled_too():
    with Sandbox() as box:
        async with aiohttp.ClientSession() as http:
            desk = Desk(box, http)
            await desk("POST", "faults", {"effect": "500"}, status=201)
            assert [fault.effect for fault in box.faults] == ["500"]


# Events


class Events:
    """The server-sent events of a sandbox, as they come: (name, data), or (":", None) for a comment."""

    def __init__(self, answer):
        self.answer = answer

    async def __aiter__(self):
        name = ""
        async for line in self.answer.content:
            field, _, value = line.decode().rstrip("\n").partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                yield name, msgspec.json.decode(value)
            elif field.startswith(":"):
                yield ":", None

    async def until(self, wanted):
        async for name, data in self:
            if wanted(name, data):
                return data
        raise AssertionError("the events ended")


@pytest.fixture
async def events(desk):
    async with desk.http.get(f"{desk.root}events") as answer:
        assert answer.content_type == "text/event-stream"
        listening = Events(answer)
        first = await listening.until(lambda *_: True)
        assert first.keys() == (await desk("GET")).keys()
        yield listening


async def test_requests_are_told_as_they_come(events, box):
    async with PaymoClient(box.api_key, base_url=box.url) as paymo:
        await paymo.clients.list()
    ((seen,)) = await events.until(lambda name, _: name == "requests")
    assert (seen["method"], seen["path"], seen["status"], seen["key"]) == ("GET", "clients", 200, "-key")


async def test_what_changes_of_the_state_is_told_whoever_changes_it(events, box):
    box.faults.add("500")
    told = await events.until(lambda name, data: name == "state" and "faults" in data)
    assert told.keys() == {"faults"}
    box.clock.freeze(datetime(2031, 5, 1, tzinfo=UTC))
    assert (await events.until(lambda _, data: "clock" in data))["clock"]["frozen"]
    box.account.create("clients", {"name": "Nordlicht"}, 23129)
    assert (await events.until(lambda _, data: "objects" in data))["objects"]["clients"] == 5
    box.limit(RateModel(5, 3600.0))
    assert (await events.until(lambda _, data: "rate_limit" in data))["rate_limit"]["limit"] == 5


async def test_deliveries_are_told_as_they_come(events, box):
    async with target() as url:
        await hook(box, url)
        async with PaymoClient(box.api_key, base_url=box.url) as paymo:
            await paymo.clients.create(Client(name="Nordlicht"))
        (delivery,) = await events.until(lambda name, _: name == "deliveries")
    assert (delivery["event"], delivery["status"]) == ("model.insert.Client", 200)


async def test_silence_is_broken_by_a_comment(desk, box):
    box._control = Control(box, "127.0.0.1", heartbeat=0.0)
    async with desk.http.get(f"{desk.root}events") as answer:
        assert await Events(answer).until(lambda name, _: name == ":") is None


async def test_who_reads_too_slowly_is_dropped(events, box):
    for number in range(MOST_WAITING + 1):
        box.requests.end(Seen("GET", "clients", number=number))
    with pytest.raises((AssertionError, aiohttp.ClientError)):
        await events.until(lambda name, _: name == "never")


async def test_who_goes_is_forgotten(desk, box):
    before = [len(each.listeners) for each in (box.requests, box.deliveries, box.clock)]
    async with desk.http.get(f"{desk.root}events") as answer:
        await Events(answer).until(lambda *_: True)
        assert [len(each.listeners) for each in (box.requests, box.deliveries, box.clock)] == [n + 1 for n in before]
    while [len(each.listeners) for each in (box.requests, box.deliveries, box.clock)] != before:
        await asyncio.sleep(0)  # until the server has seen it


async def test_the_end_of_the_sandbox_is_the_end_of_the_events(caplog):
    async with aiohttp.ClientSession() as http:
        async with Sandbox() as box:
            answer = await http.get(f"{Desk(box, http).root}events")
            await Events(answer).until(lambda *_: True)
        assert [name async for name, _ in Events(answer)] == []  # a clean end: an error would be raised
    assert not caplog.records


async def come(reader, word):
    """Reads until a word has come, and little more."""
    read = b""
    while word not in read:
        chunk = await reader.read(1024)
        assert chunk
        read += chunk


@asynccontextmanager
async def deaf(box):
    """A reader of the events that has stopped to read, with more on its way than the sockets hold."""
    port = int(box.url.split(":")[2].split("/")[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    writer.write(b"GET /_sandbox/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await come(reader, b"event: state")
    tell(box, MOST_WAITING)
    await come(reader, b"event: requests")
    yield
    writer.transport.abort()


def tell(box, number):
    for each in range(number):
        box.requests.end(Seen("GET", "x" * 400, number=each))


async def test_who_stops_to_read_is_dropped_while_it_is_written_to(box, caplog):
    async with deaf(box):
        tell(box, MOST_WAITING)
        assert box.requests.listeners
        tell(box, 1)
        while box.requests.listeners:
            await asyncio.sleep(0)  # until the server has seen that it is gone
    assert not caplog.records


async def test_who_goes_while_it_is_written_to_is_forgotten(box, caplog):
    async with deaf(box):
        assert box.requests.listeners
    while box.requests.listeners:
        await asyncio.sleep(0)  # until the server has seen that it is gone
    assert not caplog.records


async def test_the_end_does_not_wait_for_who_does_not_read(caplog):
    box = Sandbox()
    async with box:
        hearing = deaf(box)
        await hearing.__aenter__()
    await hearing.__aexit__(None, None, None)
    assert not caplog.records


# The page's files; test_sandbox_console.py has the page as a person sees it.


async def test_the_page_may_load_nothing_from_elsewhere(desk):
    kinds = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
    for path, (name, _) in PAGES.items():
        async with desk.http.get(f"{desk.root.removesuffix('/_sandbox/')}{path}") as answer:
            assert (answer.status, answer.content_type) == (200, kinds[Path(name).suffix])
            assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'; ")
            text = await answer.text()
        assert "://" not in text.replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert "innerHTML" not in text


async def test_the_page_has_a_switch_for_each_effect(desk):
    from paymo_async.sandbox.faults import EFFECTS

    async with desk.http.get(f"{desk.root}faults.js") as answer:
        listed = (await answer.text()).partition("const EFFECTS = [")[2].partition("\n];")[0]
    assert sorted(re.findall(r'^    "([a-z0-9-]+)": ', listed, flags=re.MULTILINE)) == sorted(EFFECTS)
