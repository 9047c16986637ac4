"""Downloads against a server that breaks off: resumed where it offers that, begun anew elsewhere, never half a file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from yarl import URL

from paymo_async.auth import ApiKey
from paymo_async.errors import APIError, IncompleteBody, InvalidRequest, NotFound, PaymoConnectionError
from paymo_async.transport.bucket import TokenBucket
from paymo_async.transport.call import CallOptions
from paymo_async.transport.files import download
from paymo_async.transport.hooks import Hooks
from paymo_async.transport.http import Transport
from paymo_async.transport.retry import RetryPolicy
from paymo_async.wire.messages import Request

WHOLE = bytes(range(256)) * 40
FILE = Request("GET", "files/1", accept="*/*")


class Server:
    """Sends `first` bytes and breaks off, then goes by what a later request asks. headers: of every answer."""

    def __init__(self, headers: dict[str, str], *, resumes: bool = True, breaks: int = 1, first: int = 4000) -> None:
        self.headers = headers
        self.resumes = resumes
        self.breaks = breaks
        self.first = first
        self.asked: list[tuple[str | None, str | None]] = []

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.headers.get("Range"), request.headers.get("If-Range")))
        start = 0
        if self.resumes and "Range" in request.headers:
            start = int(request.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        status = 206 if start else 200
        answer = web.StreamResponse(status=status, headers=self.headers)
        answer.content_length = len(WHOLE) - start
        if start:
            answer.headers["Content-Range"] = f"bytes {start}-{len(WHOLE) - 1}/{len(WHOLE)}"
        await answer.prepare(request)
        if len(self.asked) <= self.breaks:
            await answer.write(WHOLE[start : start + self.first])
            assert request.transport is not None
            request.transport.close()
            return answer
        await answer.write(WHOLE[start:])
        return answer


@asynccontextmanager
async def transport_to(handler) -> AsyncIterator[Transport]:
    app = web.Application()
    app.router.add_get("/api/files/1", handler.__call__)
    runner = web.AppRunner(app, shutdown_timeout=0.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    transport = Transport(
        base_url=URL(f"http://127.0.0.1:{runner.addresses[0][1]}/api/"),
        credentials=ApiKey("k"),
        limiter=TokenBucket(limit=100, period=0.01),
        retry=RetryPolicy(base=0.001, cap=0.001),
        hooks=Hooks(),
    )
    try:
        yield transport
    finally:
        await transport.aclose()
        await runner.cleanup()


@pytest.mark.parametrize(
    ("headers", "if_range"),
    [
        ({"Accept-Ranges": "bytes", "ETag": '"v1"'}, '"v1"'),
        ({"Accept-Ranges": "bytes", "ETag": 'W/"weak"', "Last-Modified": "yesterday"}, "yesterday"),
        ({"Accept-Ranges": "bytes", "Last-Modified": "yesterday"}, "yesterday"),
    ],
)
async def test_a_body_that_breaks_off_is_resumed_where_it_stopped(tmp_path, headers, if_range):
    server = Server(headers, breaks=2)
    async with transport_to(server) as transport:
        path = await download(transport, FILE, CallOptions(), tmp_path / "a.bin")
    assert path.read_bytes() == WHOLE
    assert server.asked == [(None, None), ("bytes=4000-", if_range), ("bytes=8000-", if_range)]


@pytest.mark.parametrize(
    "headers", [{}, {"Accept-Ranges": "bytes"}, {"ETag": '"v1"'}, {"Accept-Ranges": "bytes", "ETag": 'W/"weak"'}]
)
async def test_without_a_strong_name_of_its_version_a_body_is_begun_anew(tmp_path, headers):
    server = Server(headers)
    async with transport_to(server) as transport:
        path = await download(transport, FILE, CallOptions(), tmp_path / "a.bin")
    assert path.read_bytes() == WHOLE
    assert server.asked == [(None, None), (None, None)]


async def test_a_server_that_sends_the_whole_again_is_taken_at_its_word(tmp_path):
    server = Server({"Accept-Ranges": "bytes", "ETag": '"v1"'}, resumes=False)
    async with transport_to(server) as transport:
        path = await download(transport, FILE, CallOptions(), tmp_path / "a.bin")
    assert path.read_bytes() == WHOLE
    assert len(server.asked) == 2


async def test_a_part_from_another_place_is_not_joined(tmp_path):
    class Shifted(Server):
        async def __call__(self, request: web.Request) -> web.StreamResponse:
            if len(self.asked) == 1:
                self.asked.append((request.headers.get("Range"), None))
                wrong = {"Content-Range": f"bytes 10-{len(WHOLE) - 1}/{len(WHOLE)}"}
                return web.Response(status=206, body=WHOLE, headers=wrong)
            return await super().__call__(request)

    server = Shifted({"Accept-Ranges": "bytes", "ETag": '"v1"'})
    async with transport_to(server) as transport:
        path = await download(transport, FILE, CallOptions(), tmp_path / "a.bin")
    assert path.read_bytes() == WHOLE


async def test_a_download_that_never_ends_whole_leaves_no_file(tmp_path):
    server = Server({}, breaks=99)
    async with transport_to(server) as transport:
        with pytest.raises(PaymoConnectionError):
            await download(transport, FILE, CallOptions(), tmp_path / "a.bin")
    assert list(tmp_path.iterdir()) == []
    assert len(server.asked) == RetryPolicy().attempts


async def test_bytes_that_got_lost_unnoticed_are_noticed(tmp_path, monkeypatch: pytest.MonkeyPatch):
    async def loses(self, answer, file, total) -> None:
        await answer.read()

    monkeypatch.setattr("paymo_async.transport.files._Download._write", loses)
    async with transport_to(Server({}, breaks=0)) as transport:
        with pytest.raises(IncompleteBody, match=f"0 of {len(WHOLE)} bytes came"):
            await download(transport, FILE, CallOptions(), tmp_path / "a.bin")


async def test_an_existing_file_is_kept_until_the_new_one_is_whole(tmp_path):
    target = tmp_path / "a.bin"
    target.write_bytes(b"old")
    async with transport_to(Server({}, breaks=99)) as transport:
        with pytest.raises(PaymoConnectionError):
            await download(transport, FILE, CallOptions(), target)
        assert target.read_bytes() == b"old"
        with pytest.raises(NotFound):
            await download(transport, Request("GET", "files/2"), CallOptions(), target)
    async with transport_to(Server({}, breaks=0)) as transport:
        await download(transport, FILE, CallOptions(), target)
    assert target.read_bytes() == WHOLE


class Redirecting:
    """Sends on to what `target` says, a number of times, and keeps the credentials that came."""

    def __init__(self, times: int, target: str = "/api/files/1", status: int = 302) -> None:
        self.times = times
        self.target = target
        self.status = status
        self.credentials: list[str | None] = []

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        self.credentials.append(request.headers.get("Authorization"))
        if len(self.credentials) <= self.times:
            return web.Response(status=self.status, headers={"Location": self.target})
        return web.Response(body=WHOLE)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_of_a_file_is_followed_without_credentials(tmp_path, status: int):
    server = Redirecting(2, status=status)
    async with transport_to(server) as transport:
        path = await download(transport, FILE, CallOptions(), tmp_path / "a.bin")
    assert path.read_bytes() == WHOLE
    assert [given is not None for given in server.credentials] == [True, False, False]


async def test_redirects_without_end_are_an_error(tmp_path):
    server = Redirecting(99)
    async with transport_to(server) as transport:
        with pytest.raises(APIError, match="redirects"):
            await download(transport, FILE, CallOptions(), tmp_path / "a.bin")
    assert len(server.credentials) == 6
    assert list(tmp_path.iterdir()) == []


async def test_a_redirect_out_of_the_web_is_not_followed(tmp_path):
    async with transport_to(Redirecting(1, "ftp://files.test/a.bin")) as transport:
        with pytest.raises(InvalidRequest, match="not https"):
            await download(transport, FILE, CallOptions(), tmp_path / "a.bin")
