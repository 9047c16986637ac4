"""The sandbox: an embedded Paymo on a real socket of this machine.

    async with Sandbox(seed="documented") as box:
        ...  # requests to box.url with box.api_key

All requests are served in the event loop that entered the sandbox; SQLite is asked directly, since its answers take
less time than a thread's hand-over would. Nothing survives the `async with` but a state file that was asked for.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

import aiohttp
from aiohttp import web

from paymo_async.sandbox.account import Account
from paymo_async.sandbox.answers import CDN_401, PROXY_502, Answer, drifted, message
from paymo_async.sandbox.api import Api, Request
from paymo_async.sandbox.assets import Download
from paymo_async.sandbox.auth import credential
from paymo_async.sandbox.faults import Effect, Fault, Faults
from paymo_async.sandbox.include import CUT
from paymo_async.sandbox.ratelimit import RateLimiter, RateModel, Verdict
from paymo_async.sandbox.rules import rules
from paymo_async.sandbox.schema import schema
from paymo_async.sandbox.seed import OWNER_EMAIL, OWNER_PASSWORD, Seed, plant
from paymo_async.sandbox.store import Store

__all__ = ["API_KEY", "Sandbox", "Seen"]

API_KEY: Final = "sandbox-api-key"
"""The key that every sandbox accepts; it belongs to the seed's owner."""

_ROOT = "/api/"
_PATIENCE = 0.05  # seconds for answers that are being written when the sandbox ends
_UNLIMITED: Final = {
    "X-Ratelimit-Limit": "1000000",
    "X-Ratelimit-Remaining": "1000000",
    "X-Ratelimit-Decay-Period": "1",
}
_log = logging.getLogger("paymo_async.sandbox")


class Seen(NamedTuple):
    """One request as it came. status: 0 where the connection was lost on purpose. at: seconds since 1970."""

    method: str
    path: str
    query: str
    status: int
    at: float


class Sandbox:
    """An embedded Paymo; use it with `async with`.

    seed: what is in the account: "empty", "documented", "demo", "fetch", "large", or a `Size`. seed_number: of the
    generator. rate_limit: none unless given; the headers come anyway, with a limit of a million, unless rate_headers
    is off. state: a SQLite file, seeded when it is new, kept afterwards. cut: objects of one type in an answer, None
    switches the cut off. odd_keys: response keys as seen of the live service. html_401: a wrong key gets HTML.
    plan: limits by the company's names (`{"max_users": 2}`); lacks: paths that the plan does not have.
    clock: seconds since 1970; monotonic: seconds, for the rate limit; sleep: for latency.
    """

    def __init__(
        self,
        *,
        seed: Seed = "documented",
        seed_number: int = 1,
        rate_limit: RateModel | None = None,
        rate_headers: bool = True,
        faults: Collection[Fault] = (),
        state: Path | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        cut: int | None = CUT,
        odd_keys: bool = True,
        html_401: bool = False,
        plan: Mapping[str, int | None] | None = None,
        lacks: Collection[str] = (),
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
    ) -> None:
        self.api_key = API_KEY
        self.email = OWNER_EMAIL
        self.password = OWNER_PASSWORD
        self.faults: Faults = Faults(faults)
        self.requests: list[Seen] = []
        self.limiter: RateLimiter | None = RateLimiter(rate_limit, monotonic) if rate_limit else None
        self._rate_headers = rate_headers
        self._seed = seed
        self._seed_number = seed_number
        self._state = state
        self._where = (host, port)
        self._options: dict[str, Any] = {
            "cut": cut,
            "odd_keys": odd_keys,
            "html_401": html_401,
            "lacks": frozenset(lacks),
        }
        self._plan = dict(plan or {})
        self._clock = clock
        self._sleep = sleep
        self._account: Account | None = None
        self._api: Api | None = None
        self._runner: web.ServerRunner | None = None
        self._files: web.ServerRunner | None = None
        self._serving: set[asyncio.Task[Any]] = set()
        self._url = ""

    @property
    def url(self) -> str:
        """The API's root: `http://127.0.0.1:PORT/api/`. Raises RuntimeError when the sandbox does not run."""
        if not self._url:
            raise RuntimeError("the sandbox is not running: use it with `async with`")
        return self._url

    @property
    def account(self) -> Account:
        """The account behind it, for looking and for changes that no request makes."""
        if self._account is None:
            raise RuntimeError("the sandbox is not running: use it with `async with`")
        return self._account

    @property
    def downloads(self) -> list[Download]:
        """The requests to the origin that serves uploaded files, and whether credentials came along."""
        return self.account.assets.downloads

    async def __aenter__(self) -> Self:
        store = Store(schema(), self._state)
        account = Account(store, rules(), clock=self._clock, seed=self._seed_number)
        runner = self._runner = web.ServerRunner(web.Server(self._handle, access_log=None), shutdown_timeout=_PATIENCE)
        try:
            await runner.setup()
            await web.TCPSite(runner, *self._where).start()
            host, port = runner.addresses[0][:2]
            self._url = account.url = f"http://{host}:{port}{_ROOT}"
            account.assets.url = await self._serve_files(account)
            owner = plant(account, self._seed, self._seed_number)
            if self._plan:
                store.put(store.tables["company"], {**account.company(), **self._plan})
        except BaseException:
            await self._stop(store)
            raise
        self._account = account
        self._api = Api(account, {self.api_key: owner}, **self._options)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop(self.account.store)

    async def _serve_files(self, account: Account) -> str:
        """Serves the uploaded files from a port of their own, and returns its root."""

        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            path = request.path.removeprefix("/")
            struck = self.faults.striking(request.method, path)
            answer = account.assets.answer(path, request.headers)
            if "reset" in struck:
                return _reset(request)
            if "cut-body" in struck:
                return await _cut(request, answer)
            return _response(answer)

        runner = self._files = web.ServerRunner(web.Server(answer, access_log=None), shutdown_timeout=_PATIENCE)
        await runner.setup()
        await web.TCPSite(runner, self._where[0], 0).start()
        host, port = runner.addresses[0][:2]
        return f"http://{host}:{port}/"

    async def _stop(self, store: Store) -> None:
        for task in self._serving:
            task.cancel()
        try:
            if self._serving:
                await asyncio.wait(self._serving)
            for runner in (self._runner, self._files):
                if runner is not None:
                    await runner.cleanup()
        finally:
            self._runner = self._files = self._account = self._api = None
            self._url = ""
            store.close()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Serves one request, and lets itself be cancelled when the sandbox ends."""
        task = asyncio.current_task()
        if task is not None:
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)
        try:
            body = await request.content.read()
        except (aiohttp.ClientError, ConnectionError):
            return web.Response()  # the client has gone, and this goes nowhere
        return await self._serve(request, body)

    async def _serve(self, request: web.BaseRequest, body: bytes) -> web.StreamResponse:
        """Log, faults, rate limit, API, faults again."""
        at = self._clock()
        path = request.path.removeprefix(_ROOT).strip("/")
        place = len(self.requests)
        self.requests.append(Seen(request.method, path, request.query_string, 0, at))
        struck = self.faults.striking(request.method, path)
        if "latency" in struck:
            await self._sleep(struck["latency"].seconds)
        if "reset" in struck:
            return _reset(request)
        key = credential(request.headers)
        verdict = self.limiter.take(key) if self.limiter else Verdict(0.0, 0)
        answer = message(429, "Too many requests") if verdict.wait > 0 else self._answer(request, path, body, struck)
        answer.headers.update(self._headers(verdict))
        if "reset-after" in struck:
            return _reset(request)
        self.requests[place] = self.requests[place]._replace(status=answer.status)
        if "cut-body" in struck:
            return await _cut(request, answer)
        return _response(answer)

    def _headers(self, verdict: Verdict) -> dict[str, str]:
        if self.limiter is not None:
            return self.limiter.headers(verdict) if self._rate_headers or verdict.wait > 0 else {}
        return _UNLIMITED if self._rate_headers else {}

    def _answer(self, request: web.BaseRequest, path: str, body: bytes, struck: dict[Effect, Fault]) -> Answer:
        for effect, fault in struck.items():
            if effect in _REPLACED:
                return _replaced(effect, fault)
        if not request.path.startswith(_ROOT) or self._api is None:
            return message(404, "Not found")
        query = dict(request.query)
        if "repeat-page" in struck and query.get("page", "").isdecimal():
            query["page"] = str(max(0, int(query["page"]) - 1))
        try:
            answer = self._api.answer(Request(request.method, path, query, request.headers, body))
        except Exception:  # noqa: BLE001  # whatever breaks in here, a server answers
            _log.exception("%s /%s", request.method, path)
            return message(500, "Internal server error")
        if answer.content_type == "application/json" and answer.body:
            if "drift" in struck:
                answer.body = drifted(answer.body)
            if "odd-key" in struck:
                answer.body = answer.body.replace(b'{"', b'{":', 1)
        if "wrong-type" in struck:
            answer.content_type = "text/html"
        return answer


_REPLACED: Final = ("429", "500", "502", "503", "401")
_PROXY_WORDS: Final = {502: b"Bad Gateway", 503: b"Service Unavailable"}


def _replaced(effect: Effect, fault: Fault) -> Answer:
    """The answer of a fault that comes in place of the API's."""
    status = int(effect)
    if status == 429:
        answer = message(429, "Too many requests")
        answer.headers["Retry-After"] = str(max(1, round(fault.seconds)))
        return answer
    if status == 401:
        return Answer(401, CDN_401, "text/html")
    if status in _PROXY_WORDS:
        words = _PROXY_WORDS[status]
        return Answer(status, PROXY_502 % (status, words, status, words), "text/html")
    return message(500, "Internal server error")


def _response(answer: Answer) -> web.Response:
    headers = {"Content-Type": answer.content_type, **answer.headers}
    return web.Response(status=answer.status, body=answer.body, headers=headers)


def _reset(request: web.BaseRequest) -> web.StreamResponse:
    """Loses the connection at once (RST); what is returned goes nowhere."""
    transport = request.transport
    if transport is not None:
        sock = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response()


async def _cut(request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    """Promises the whole body, sends half of it, and closes the connection."""
    headers = {"Content-Type": answer.content_type, "Content-Length": str(len(answer.body)), **answer.headers}
    response = web.StreamResponse(status=answer.status, headers=headers)
    await response.prepare(request)
    await response.write(answer.body[: len(answer.body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
