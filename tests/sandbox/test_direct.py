"""GETs straight through the connector: over real sockets, they end as those through `ClientSession.request` do."""

from __future__ import annotations

import asyncio
import functools
import gzip
import zlib
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest
from yarl import URL

from paymo_async import Password, PaymoClient, PaymoError, RetryPolicy, SessionToken, TokenBucket
from paymo_async.transport import direct
from paymo_async.transport.direct import DirectGets, new_session
from paymo_async.wire.messages import Response

pytestmark = pytest.mark.skipif(
    not aiohttp.__version__.startswith(direct.KNOWN),
    reason=f"aiohttp {aiohttp.__version__} is not in transport/direct.py: GETs go through ClientSession.request",
)

ONCE = RetryPolicy(attempts=1)
BODY = b'{"tasks":[{"id":1,"name":"Design"}]}'
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
SIZED = OK + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\n" + BODY[:5] + b"\r\n%x\r\n" % (len(BODY) - 5) + BODY[5:]
WAYS = ("direct", "session")


class Script:
    """A server that plays ready bytes, an answer for each request; `...` leaves the request unanswered.

    heads: what it was sent. connections: how many were made. closed: one event for each connection that ended.
    """

    def __init__(self, *answers: Any, then_close: bool = False) -> None:
        self.answers = list(answers)
        self.then_close = then_close
        self.heads: list[bytes] = []
        self.connections = 0
        self.asked = asyncio.Event()
        self.closed = asyncio.Event()

    async def __aenter__(self) -> Script:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/api/"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                self.heads.append(await reader.readuntil(b"\r\n\r\n"))
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                if answer is not ...:
                    writer.write(answer)
                self.asked.set()
                if self.then_close:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.closed.set()
            writer.close()


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The URLs that were asked for the direct way."""
    urls: list[str] = []
    straight = DirectGets.get

    async def get(self: DirectGets, url: Any, *rest: Any) -> aiohttp.ClientResponse:
        urls.append(str(url))
        return await straight(self, url, *rest)

    monkeypatch.setattr(DirectGets, "get", get)
    return urls


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, taken: list[str]) -> Iterator[str]:
    """Each test runs both ways, and really goes the way it says."""
    if request.param == "session":
        monkeypatch.setattr(DirectGets, "is_open", lambda self: False)
    yield request.param
    assert bool(taken) is (request.param == "direct")


def client(script: Script, **settings: Any) -> PaymoClient:
    settings = {"retry": ONCE, "limiter": TokenBucket(limit=100, period=0.01), **settings}
    return PaymoClient("key", base_url=script.url, **settings)


async def ask(script: Script, path: str = "tasks/1", **settings: Any) -> Response:
    async with client(script, **settings) as paymo:
        return await paymo.request("GET", path)


ANSWERS = {
    "sized": SIZED,
    "chunked": CHUNKED + b"\r\n0\r\n\r\n",
    "chunked with trailers": CHUNKED + b"\r\n0\r\nX-Sum: 1\r\n\r\n",
    "gzip": OK
    + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(gzip.compress(BODY))
    + gzip.compress(BODY),
    "deflate": OK
    + b"Content-Encoding: deflate\r\nContent-Length: %d\r\n\r\n" % len(zlib.compress(BODY))
    + zlib.compress(BODY),
    "after 100 and 103": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + SIZED,
    "with cookies": SIZED.replace(b"\r\n", b"\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n", 1),
    "HTTP/1.0": SIZED.replace(b"HTTP/1.1", b"HTTP/1.0"),
    "said to close": SIZED.replace(b"\r\n", b"\r\nConnection: close\r\n", 1),
}


@pytest.mark.parametrize("name", ANSWERS)
async def test_a_body_is_read_whole_however_it_is_framed(name: str, way: str):
    async with Script(ANSWERS[name]) as script:
        response = await ask(script)
    assert (response.status, response.body) == (200, BODY)


async def test_a_body_without_length_ends_with_the_connection(way: str):
    async with Script(OK + b"\r\n" + BODY, then_close=True) as script:
        assert (await ask(script)).body == BODY


async def test_an_answer_without_body_is_empty(way: str):
    async with Script(b"HTTP/1.1 204 No Content\r\n\r\n") as script:
        response = await ask(script)
    assert (response.status, response.body) == (204, b"")


FAILURES = {
    "not found": (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", False),
    "redirect": (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/else\r\nContent-Length: 0\r\n\r\n", False),
    "server error": (b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", False),
    "cut body": (SIZED[:-5], True),
    "cut chunks": (CHUNKED, True),
    "bytes that are no gzip": (SIZED.replace(b"\r\n", b"\r\nContent-Encoding: gzip\r\n", 1), False),
    "cut head": (OK, True),
    "nothing": (b"", True),
    "no HTTP": (b"220 smtp.paymo.test ESMTP\r\n\r\n", True),
    "head too long": (OK + b"X-Long: " + b"a" * 9000 + b"\r\n\r\n", True),
    "length that is none": (OK + b"Content-Length: many\r\n\r\n", True),
}


@pytest.mark.parametrize("name", FAILURES)
async def test_what_goes_wrong_is_the_same_error_either_way(name: str, taken, monkeypatch: pytest.MonkeyPatch):
    answer, close = FAILURES[name]
    told = []
    for is_open in (DirectGets.is_open, lambda self: False):
        monkeypatch.setattr(DirectGets, "is_open", is_open)
        async with Script(answer, then_close=close) as script:
            with pytest.raises(PaymoError) as caught:
                await ask(script)
            error = caught.value
            told.append((type(error), str(error).replace(script.url, ""), error.sent, error.status))
    assert told[0] == told[1]
    assert len(taken) == 1


async def test_the_same_bytes_are_sent_either_way(taken, monkeypatch: pytest.MonkeyPatch):
    heads: list[list[bytes]] = []
    for is_open in (DirectGets.is_open, lambda self: False):
        monkeypatch.setattr(DirectGets, "is_open", is_open)
        async with Script(SIZED) as script, client(script) as paymo:
            await paymo.request("GET", "tasks/1")
            await paymo.request("GET", "tasks", params={"where": 'name = "é ü+&"', "page": 0})
            await paymo.request("GET", "reports/1", accept="text/xml")
            await paymo.request("GET", "tasks/1")
            heads.append([head.replace(script.url.split("/")[2].encode(), b"HOST") for head in script.heads])
    assert heads[0] == heads[1]
    assert b"Host: HOST\r\n" in heads[0][0]
    assert len(taken) == 4


async def test_a_renewed_session_token_goes_with_the_next_get(way: str):
    made = b'{"sessions":[{"id":"new"}]}'
    answers = (
        b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
        OK + b"Content-Length: %d\r\n\r\n" % len(made) + made,
        SIZED,
    )
    async with Script(*answers) as script:
        auth = SessionToken("old", login=Password("a@b.test", "secret"))
        async with PaymoClient(auth=auth, base_url=script.url, retry=ONCE, limiter=TokenBucket()) as paymo:
            assert (await paymo.tasks.get(1)).name == "Design"
    shown = [b"X-Session: old" in head for head in script.heads], [b"X-Session: new" in head for head in script.heads]
    assert shown == ([True, False, False], [False, False, True])


async def test_one_connection_serves_calls_in_turn(way: str):
    async with Script(SIZED, CHUNKED + b"\r\n0\r\n\r\n", SIZED) as script, client(script) as paymo:
        for _ in range(3):
            await paymo.request("GET", "tasks/1")
    assert script.connections == 1


async def test_an_answer_too_many_is_no_part_of_the_next_one(way: str):
    async with (
        Script(SIZED + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", SIZED) as script,
        client(script) as paymo,
    ):
        bodies = [(await paymo.request("GET", "tasks/1")).body for _ in range(2)]
    assert bodies == [BODY, BODY]
    assert script.connections == 2


@pytest.mark.parametrize("begun", [b"", OK, OK + b"Content-Length: 50\r\n\r\n{"], ids=["asked", "head", "body"])
async def test_a_cancelled_call_takes_its_connection_along(begun: bytes, way: str):
    async with Script(begun or ..., SIZED) as script, client(script) as paymo:
        call = asyncio.create_task(paymo.request("GET", "tasks/1"))
        await script.asked.wait()
        for _ in range(3):
            await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await script.closed.wait()
        assert (await paymo.request("GET", "tasks/1")).body == BODY
    assert script.connections == 2


@pytest.mark.parametrize("begun", [..., OK, OK + b"Content-Length: 50\r\n\r\n{"], ids=["asked", "head", "body"])
async def test_an_answer_that_takes_too_long_takes_its_connection_along(begun: Any, way: str):
    async with Script(begun, SIZED) as script, client(script) as paymo:
        with pytest.raises(PaymoError, match="No whole answer within"):
            await paymo.with_options(timeout=0.05).request("GET", "tasks/1")
        await script.closed.wait()
        assert (await paymo.request("GET", "tasks/1")).body == BODY


async def test_nothing_was_sent_where_there_is_no_connection(way: str):
    async with Script(SIZED) as script:
        pass
    with pytest.raises(PaymoError, match="No connection to") as caught:
        await ask(script)
    assert not caught.value.sent


async def test_a_connection_that_takes_too_long_was_not_used(way: str, monkeypatch: pytest.MonkeyPatch):
    async def never(*_: object, **__: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(aiohttp.TCPConnector, "connect", never)
    async with Script(SIZED) as script:
        with pytest.raises(PaymoError, match="No connection to") as caught:
            await ask(script)
    assert isinstance(caught.value, TimeoutError)
    assert not caught.value.sent


async def test_a_connection_that_just_went_away_is_a_connection_error(way: str, monkeypatch: pytest.MonkeyPatch):
    # The pool checks for it, so it happens only between that check and the sending.
    connect = aiohttp.TCPConnector.connect

    async def lost(*given: Any, **named: Any) -> Any:
        connection = await connect(*given, **named)
        connection.transport.close()
        return connection

    monkeypatch.setattr(aiohttp.TCPConnector, "connect", lost)
    async with Script(SIZED) as script:
        with pytest.raises(PaymoError, match="The connection broke"):
            await ask(script)


async def test_a_session_closed_under_a_call_is_an_error(way: str):
    async with Script(SIZED) as script, client(script, limiter=Slow()) as paymo:
        call = asyncio.create_task(paymo.request("GET", "tasks/1"))
        await asyncio.sleep(0)
        await paymo.aclose()
        with pytest.raises(RuntimeError, match="Session is closed"):
            await call


class Slow(TokenBucket):
    """Lets other tasks run before each call."""

    async def acquire(self, **given: Any) -> Any:
        for _ in range(10):
            await asyncio.sleep(0)
        return await super().acquire(**given)


@pytest.mark.parametrize(
    ("method", "path", "given"),
    [("PUT", "tasks/1", {"json": {"name": "b"}}), ("DELETE", "tasks/1", {}), ("GET", "{root}tasks/1", {})],
)
async def test_only_plain_gets_go_the_direct_way(method: str, path: str, given: dict[str, Any], taken: list[str]):
    async with Script(SIZED) as script, client(script) as paymo:
        await paymo.request(method, path.format(root=script.url), **given)
    assert not taken
    assert len(script.heads) == 1


async def test_a_session_given_by_the_user_is_asked_itself(taken: list[str]):
    async with Script(SIZED) as script, aiohttp.ClientSession() as session, client(script, session=session) as paymo:
        await paymo.tasks.get(1)
    assert not taken


@pytest.mark.parametrize("name", ["request", "_request"])
async def test_who_stands_in_for_a_session_is_asked_instead(name: str, taken, monkeypatch: pytest.MonkeyPatch):
    seen: list[str] = []
    original = getattr(aiohttp.ClientSession, name)

    def watched(self: aiohttp.ClientSession, method: str, url: Any, **given: Any) -> Any:
        seen.append(str(url))
        return original(self, method, url, **given)

    async with Script(SIZED) as script, client(script) as paymo:
        await paymo.tasks.get(1)
        monkeypatch.setattr(aiohttp.ClientSession, name, watched)
        await paymo.tasks.get(2)
        monkeypatch.undo()
    assert [url.rpartition("/")[2] for url in taken] == ["1"]
    assert [url.rpartition("/")[2] for url in seen] == ["2"]


async def test_who_stood_in_before_the_first_call_is_asked_too(taken, monkeypatch: pytest.MonkeyPatch):
    original = aiohttp.ClientSession._request

    @functools.wraps(original)
    async def watched(self: aiohttp.ClientSession, *given: Any, **named: Any) -> Any:
        return await original(self, *given, **named)

    monkeypatch.setattr(aiohttp.ClientSession, "_request", watched)
    async with Script(SIZED) as script, client(script) as paymo:
        await paymo.tasks.get(1)
    assert not taken


async def test_an_unknown_aiohttp_goes_the_usual_way(taken: list[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(aiohttp, "__version__", "3.99.0")
    async with Script(SIZED) as script, client(script) as paymo:
        assert (await paymo.tasks.get(1)).name == "Design"
    assert not taken


async def test_a_traced_session_goes_the_usual_way():
    async with new_session() as plain, aiohttp.ClientSession(trace_configs=[aiohttp.TraceConfig()]) as traced:
        origin = URL("https://paymo.test")
        assert [DirectGets(session, origin).is_open() for session in (plain, traced)] == [True, False]
