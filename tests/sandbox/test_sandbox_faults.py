"""Rate limit and faults over a real socket."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from paymo_async.sandbox import Fault, RateModel, Sandbox


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_every_answer_tells_the_limit_even_without_one(call):
    for path, status in (("me", 200), ("nonsense", 404)):
        reply = await call("GET", path)
        assert reply.status == status
        names = ("Limit", "Remaining", "Decay-Period")
        assert [reply.headers[f"X-Ratelimit-{name}"] for name in names] == ["1000000", "1000000", "1"]


@pytest.mark.parametrize("box", [{"rate_headers": False}], indirect=True)
async def test_the_headers_can_be_left_out(call):
    assert "X-Ratelimit-Limit" not in (await call("GET", "me")).headers


@pytest.mark.parametrize("rate_headers", [True, False])
async def test_past_the_limit_all_are_refused_until_the_period_is_over(rate_headers):
    clock = Clock()
    limit = RateModel(2, 2.5, "window")
    async with (
        Sandbox(rate_limit=limit, monotonic=clock, rate_headers=rate_headers) as box,
        aiohttp.ClientSession() as http,
    ):
        seen = []
        for now, key in ((100, "a"), (100, "a"), (101, "a"), (102.4, "a"), (102.4, "b"), (102.5, "a")):
            clock.now = now
            async with http.get(box.url + "me", auth=aiohttp.BasicAuth(key, "x")) as reply:
                remaining = reply.headers.get("X-Ratelimit-Remaining")
                seen.append((reply.status, remaining, reply.headers.get("Retry-After")))
                assert reply.headers.get("X-Ratelimit-Decay-Period", "2.5") == "2.5"
        if rate_headers:
            assert seen == [
                (401, "1", None),
                (401, "0", None),
                (429, "0", "2"),
                (429, "0", "1"),
                (401, "1", None),
                (401, "1", None),
            ]
        assert [status for status, *_ in seen] == [401, 401, 429, 429, 401, 401]


@pytest.mark.parametrize(
    ("model", "moments"),
    [
        ("window", [(0.0, 200), (3.0, 200), (4.999, 429), (5.0, 200), (5.0, 200), (9.999, 429), (10.0, 200)]),
        ("clock", [(4.5, 200), (4.999, 200), (4.999, 429), (5.0, 200), (5.0, 200), (5.0, 429), (10.0, 200)]),
        ("sliding", [(0.0, 200), (3.0, 200), (4.999, 429), (5.0, 200), (5.0, 429), (7.999, 429), (8.0, 200)]),
        ("leaky", [(0.0, 200), (0.0, 200), (2.499, 429), (2.5, 200), (2.5, 429), (5.0, 200), (7.5, 200)]),
    ],
)
async def test_each_model_of_the_limit_at_its_very_edges(model, moments):
    clock = Clock()
    async with Sandbox(rate_limit=RateModel(2, 5.0, model), monotonic=clock) as box, aiohttp.ClientSession() as http:
        seen = []
        for moment, _ in moments:
            clock.now = 100.0 + moment
            async with http.get(box.url + "me", auth=aiohttp.BasicAuth(box.api_key, "x")) as reply:
                seen.append((moment, reply.status))
                assert ("Retry-After" in reply.headers) == (reply.status == 429)
    assert seen == moments


async def test_a_429_is_json_and_is_in_the_log():
    async with Sandbox(rate_limit=RateModel(1, 60.0)) as box, aiohttp.ClientSession() as http:
        for _ in range(2):
            async with http.get(box.url + "me") as reply:
                body = await reply.json()
        assert body == {"message": "Too many requests"}
        assert [seen.status for seen in box.requests] == [401, 429]


@pytest.mark.parametrize(
    ("effect", "status", "content_type"),
    [
        ("429", 429, "application/json"),
        ("500", 500, "application/json"),
        ("502", 502, "text/html"),
        ("503", 503, "text/html"),
        ("401", 401, "text/html"),
        ("403", 403, "application/json"),
    ],
)
async def test_a_fault_in_place_of_the_answer(call, effect, status, content_type):
    call.box.faults.add(effect, method="POST", seconds=3)
    before = await call.ids("clients")
    reply = await call("POST", "clients", json={"name": "x"})
    assert (reply.status, reply.headers["Content-Type"]) == (status, content_type)
    assert reply.headers.get("Retry-After") == ("3" if effect == "429" else None)
    assert await call.ids("clients") == before


async def test_a_project_can_be_denied_in_the_words_of_the_service(call):
    call.box.faults.add("403", path="projects/397706")
    assert (await call("GET", "projects/397706")).data == {"message": "Access to project denied"}
    assert (await call("GET", "projects/397707")).status == 200


async def test_latency_is_slept_by_the_given_clock():
    slept = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async with (
        Sandbox(faults=[Fault("latency", seconds=0.3)], sleep=sleep) as box,
        aiohttp.ClientSession() as http,
        http.get(box.url + "me") as reply,
    ):
        assert reply.status == 401
    assert slept == [0.3]


@pytest.mark.parametrize(("effect", "more"), [("reset", 0), ("reset-after", 1)])
async def test_a_reset_comes_before_or_after_the_work(call, effect, more):
    before = await call.ids("clients")
    call.box.faults.add(effect, path="clients", method="POST", times=1)
    with pytest.raises(aiohttp.ClientConnectionError):
        await call("POST", "clients", json={"name": "Once"})
    assert len(await call.ids("clients")) == len(before) + more
    assert [seen.status for seen in call.box.requests] == [200, 0, 200]


async def test_half_a_body(call):
    call.box.faults.add("cut-body", path="projects")
    with pytest.raises(aiohttp.ClientPayloadError):
        await call.get("projects")


async def test_a_length_that_promises_more_than_comes(call):
    call.box.faults.add("long-length", path="projects")
    with pytest.raises(aiohttp.ClientPayloadError):
        await call.get("projects")


async def test_a_length_that_promises_less_than_comes(call):
    whole = (await call("GET", "projects")).body
    call.box.faults.add("short-length")
    host, port = call.box.url.split("/")[2].split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    authorization = call.auth.encode()
    writer.write(f"GET /api/projects HTTP/1.1\r\nHost: x\r\nAuthorization: {authorization}\r\n\r\n".encode())
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    assert f"Content-Length: {len(whole) // 2}\r\n".encode() in head
    assert body == whole


@pytest.mark.parametrize(("method", "path"), [("GET", "projects"), ("DELETE", "clients/151304")])
async def test_a_stalled_body_goes_on_until_the_client_gives_up(call, method, path):
    call.box.faults.add("stalled-body", times=1)
    done = asyncio.Event()
    call.box.requests.listeners.add(lambda _: done.set())
    response = await call.session.request(method, call.box.url + path, auth=call.auth)
    assert response.status == 200
    assert not done.is_set()
    response.close()
    await done.wait()
    await call.get("projects")


async def test_a_slow_body_comes_whole_in_ten_pieces_with_a_pause_before_each():
    slept = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async with Sandbox(sleep=sleep) as box, aiohttp.ClientSession(auth=aiohttp.BasicAuth(box.api_key, "x")) as http:
        async with http.get(box.url + "projects") as reply:
            whole = await reply.read()
        box.faults.add("slow-body", seconds=0.25)
        async with http.get(box.url + "projects") as reply:
            assert await reply.read() == whole
        async with http.delete(box.url + "clients/151304") as reply:
            assert await reply.read() == b"{}"
    assert slept == [0.25] * 12


async def test_a_stale_page_shows_what_was_true_when_it_was_asked_before(call):
    call.box.faults.add("stale-page", path="clients/*")
    path = "clients/151303"
    seen = []
    for city in ("One", "Two", "Three"):
        await call.update(path, city=city)
        seen.append((await call.one(path, include="city"))["city"])
    assert seen == ["One", "One", "Two"]
    assert (await call.one(path, include="city,id"))["city"] == "Three"  # another request
    assert (await call.one(path, include="city"))["city"] == "Three"
    call.box.faults.clear()
    await call.update(path, city="Four")
    assert (await call.one(path, include="city"))["city"] == "Four"


async def test_a_stale_page_does_not_reach_back_before_a_reset(call):
    call.box.faults.add("stale-page")
    await call.update("clients/151303", city="Before")
    assert (await call.one("clients/151303"))["city"] == "Before"
    call.box.reset()
    call.box.faults.add("stale-page")
    assert (await call.one("clients/151303"))["city"] is None


async def test_a_stale_page_tells_of_the_limit_as_it_is_now():
    async with (
        Sandbox(rate_limit=RateModel(9, 60.0), faults=[Fault("stale-page", call=2)]) as box,
        aiohttp.ClientSession(auth=aiohttp.BasicAuth(box.api_key, "x")) as http,
    ):
        left = []
        for _ in range(3):
            async with http.get(box.url + "clients") as reply:
                left.append(reply.headers["X-Ratelimit-Remaining"])
    assert left == ["8", "7", "6"]


async def test_an_object_moves_between_pages_and_another_is_on_none(call):
    whole = [entry["id"] for entry in await call.get("entries")]
    assert len(whole) == 6
    call.box.faults.add("moved-object", path="entries", call=2)
    pages = [[entry["id"] for entry in await call.get("entries", page=page, page_size=2)] for page in range(3)]
    assert pages == [whole[:2], [whole[1], whole[2]], whole[4:]]


async def test_an_object_that_moves_needs_a_page_to_move_to(call):
    call.box.faults.add("moved-object")
    whole = [entry["id"] for entry in await call.get("entries")]
    assert [entry["id"] for entry in await call.get("entries", page=0, page_size=4)] == whole[:4]
    assert await call.get("entries", page=2, page_size=4) == []
    assert (await call.one(f"entries/{whole[0]}"))["id"] == whole[0]
    await call.refused("GET", "nonsense", 404, page=1, page_size=2)


async def test_a_wrong_content_type_around_the_right_body(call):
    call.box.faults.add("wrong-type")
    reply = await call("GET", "projects")
    assert (reply.headers["Content-Type"], len(reply.data["projects"])) == ("text/html", 2)


async def test_types_drift(call):
    call.box.faults.add("drift")
    found = await call.one("projects/397706", include="*,client")
    assert (found["id"], found["budget_hours"], found["users"]) == ("397706", "0.25", ["23129"])
    assert (found["created_on"], found["active"], found["client"]["id"]) == (None, True, "151303")
    assert (await call("DELETE", "projects/397707")).body == b"{}"


async def test_a_page_repeats_the_one_before(call):
    call.box.faults.add("repeat-page", call=2)
    pages = [await call.ids("entries", page=page, page_size=2) for page in range(3)]
    assert pages[0] == pages[1]
    assert pages[2]
    call.box.faults.clear()
    call.box.faults.add("repeat-page")
    assert await call.ids("entries", page=0, page_size=2) == pages[0]
    assert len(await call.ids("entries")) == 6


@pytest.mark.parametrize(
    ("effect", "wanted"),
    [
        ("503", 503),
        ("429", 429),
        ("latency", 200),
        ("slow-body", 200),
        ("reset", aiohttp.ClientConnectionError),
        ("reset-after", aiohttp.ClientConnectionError),
        ("cut-body", aiohttp.ClientPayloadError),
        ("long-length", aiohttp.ClientPayloadError),
    ],
)
async def test_faults_strike_uploaded_files_too(call, effect, wanted):
    form = aiohttp.FormData()
    form.add_field("file", b"0123456789", filename="a.txt")
    (made,) = (await call("POST", "files", data=form)).data["files"]
    call.auth = None
    assert (await call("GET", made["file"])).body == b"0123456789"
    call.box.faults.add(effect, path="assets/*", seconds=0.001)
    if isinstance(wanted, int):
        reply = await call("GET", made["file"])
        assert reply.status == wanted
        assert (reply.body == b"0123456789") == (effect in ("latency", "slow-body"))
    else:
        with pytest.raises(wanted):
            await call("GET", made["file"])


async def test_an_odd_response_key(call):
    call.box.faults.add("odd-key")
    assert list((await call("GET", "projects")).data) == [":projects"]


@pytest.mark.parametrize("effect", ["latency", "slow-body", "stalled-body"])
async def test_faults_do_not_keep_a_sandbox_from_ending(effect):
    faults = [Fault(effect, seconds=3600), Fault("drift")]
    async with Sandbox(faults=faults) as box, aiohttp.ClientSession() as http:
        asking = [asyncio.create_task(read(http, box.url + "me")) for _ in range(5)]
        while len(box.requests) < 5:
            await asyncio.sleep(0)
        asking[0].cancel()
    done = await asyncio.gather(*asking, return_exceptions=True)
    assert all(isinstance(outcome, aiohttp.ClientError | asyncio.CancelledError) for outcome in done)


async def read(http: aiohttp.ClientSession, url: str) -> bytes:
    async with http.get(url) as reply:
        return await reply.read()
