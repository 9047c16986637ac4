"""From a socket's request to an answer: the log, the faults, the rate limit, the API, and the faults again."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, NamedTuple

import aiohttp
from aiohttp import HttpVersion11, web
from aiohttp.http_exceptions import HttpProcessingError
from multidict import MultiMapping

from paymo_async.sandbox.answers import CDN_401, JSON, PROXY_502, Answer, drifted, message, worded
from paymo_async.sandbox.api import Api, Request
from paymo_async.sandbox.auth import credential
from paymo_async.sandbox.changing import Changing
from paymo_async.sandbox.cors import SHARED, preflight
from paymo_async.sandbox.faults import Effect, Fault, Faults
from paymo_async.sandbox.ratelimit import RateLimiter, Verdict
from paymo_async.sandbox.traffic import Seen, Traffic
from paymo_async.sandbox.values import Problem
from paymo_async.sandbox.writing import reset, write

__all__ = ["MOST", "ROOT", "Serving", "Wire", "serve_file"]

ROOT: Final = "/api/"
"""Where the API begins on its host."""

MOST: Final = 100 * 2**20
"""Bytes of a request's body, unless a sandbox is told otherwise; what the service takes is unknown."""

_UNLIMITED: Final = {
    "X-Ratelimit-Limit": "1000000",
    "X-Ratelimit-Remaining": "1000000",
    "X-Ratelimit-Decay-Period": "1",
}
_REPLACED: Final = ("429", "500", "502", "503", "401", "403")
_PROXY_WORDS: Final = {502: b"Bad Gateway", 503: b"Service Unavailable"}
_log = logging.getLogger("paymo_async.sandbox")


class Wire(NamedTuple):
    """How answers and requests look on the wire.

    rate_headers: whether answers tell of the rate limit. drift: whether types drift as they do live. compress: gzip for
    those who accept it. max_body: bytes of a request's body, 413 past them. cors: whether pages of other origins may
    read the answers.
    """

    rate_headers: bool = True
    drift: bool = False
    compress: bool = False
    max_body: int = MOST
    cors: bool = False


class Serving:
    """Serves the API's requests of one sandbox.

    limiter: the rate limit, None for none. clock: the account's; sleep: for what is slow on purpose. settle: called
    after each request that the API has answered.
    """

    def __init__(
        self,
        api: Api,
        *,
        faults: Faults,
        traffic: Traffic,
        limiter: RateLimiter | None,
        wire: Wire,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[Any]],
        settle: Callable[[], None],
    ) -> None:
        self.api = api
        self.limiter = limiter
        self._faults = faults
        self._traffic = traffic
        self._wire = wire
        self._clock = clock
        self._sleep = sleep
        self._settle = settle
        self._changing = Changing(self._asked)

    def forget(self) -> None:
        """Forgets what the account looked like before."""
        self._changing.forget()

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answers one request, or loses it where a fault says so; a browser's question before one is none."""
        asked_first = preflight(request) if self._wire.cors else None
        if asked_first is not None:
            return asked_first
        refusal: Answer | None = None
        body = b""
        unread = False
        try:
            body = await _whole_body(request, self._wire.max_body)
        except (aiohttp.ClientError, ConnectionError):
            return web.Response()  # the client has gone, and this goes nowhere
        except Problem as problem:
            refusal, unread = message(problem.status, problem.message), True
        path = request.path.removeprefix(ROOT).strip("/")
        struck = self._faults.striking(request.method, path)
        key = credential(request.headers)
        seen = self._traffic.begin(
            Seen(request.method, path, request.query_string, at=self._clock(), faults=(*struck,), key=key[-4:])
        )
        began = time.perf_counter()
        try:
            if "latency" in struck:
                await self._sleep(struck["latency"].seconds)
            if "reset" in struck:
                return reset(request)
            limiter = self.limiter  # read once: another thread may set another
            verdict = limiter.take(key) if limiter else Verdict(0.0, 0)
            if verdict.wait > 0:
                refusal = message(429, "Too many requests")
            answer = refusal or self._answer(request, path, body, struck)
            answer.headers.update({**self._rate_headers(limiter, verdict), **(SHARED if self._wire.cors else {})})
            if "reset-after" in struck:
                return reset(request)
            response = await self._write(request, answer, struck, seen)
            if unread:
                response.force_close()
            return response
        finally:
            seen.seconds = time.perf_counter() - began
            self._traffic.end(seen)

    async def _write(
        self, request: web.BaseRequest, answer: Answer, struck: dict[Effect, Fault], seen: Seen
    ) -> web.StreamResponse:
        answer = worded(answer, request.headers.get("Accept", ""))
        if "wrong-type" in struck:
            answer.content_type = "text/html"
        seen.status, seen.size = answer.status, len(answer.body)
        return await write(request, answer, struck, self._sleep, compress=self._wire.compress)

    def _rate_headers(self, limiter: RateLimiter | None, verdict: Verdict) -> Mapping[str, str]:
        if limiter is not None:
            return limiter.headers(verdict) if self._wire.rate_headers or verdict.wait > 0 else {}
        return _UNLIMITED if self._wire.rate_headers else {}

    def _answer(self, request: web.BaseRequest, path: str, body: bytes, struck: dict[Effect, Fault]) -> Answer:
        instead = _instead(struck)
        if instead is not None:
            return instead
        remember = self._faults.concerning("stale-page", request.method, path)
        asked = Request(request.method, path, _query(request.query), request.headers, body)
        try:
            answer = self._changing.answer(asked, struck, remember=remember)
        except Exception:  # noqa: BLE001  # whatever breaks in here, a server answers
            _log.exception("%s /%s", request.method, path)
            return message(500, "Internal server error")
        if answer.content_type == JSON and answer.body:
            if self._wire.drift or "drift" in struck:
                answer.body = drifted(answer.body)
            if "odd-key" in struck:
                answer.body = answer.body.replace(b'{"', b'{":', 1)
        return answer

    def _asked(self, request: Request) -> Answer:
        with self.api.account.lock:
            self.api.account.pass_time()
            answer = self.api.answer(request)
            self._settle()
        return answer


async def serve_file(
    request: web.BaseRequest, answer: Answer, struck: Mapping[Effect, Fault], sleep: Callable[[float], Awaitable[Any]]
) -> web.StreamResponse:
    """Serves an uploaded file, as far as faults let it; neither the limit nor what befalls lists has to do with it."""
    if "latency" in struck:
        await sleep(struck["latency"].seconds)
    if "reset" in struck or "reset-after" in struck:
        return reset(request)
    return await write(request, _instead(struck) or answer, struck, sleep)


async def _whole_body(request: web.BaseRequest, most: int = MOST) -> bytes:
    """A request's body. Raises aiohttp.ClientError or ConnectionError when the client goes away, Problem 413 past
    `most` bytes, 417 for an expectation that cannot be met, 400 for a wrong Content-Encoding.
    """
    expected = request.headers.get("Expect", "")
    if expected and expected.lower() != "100-continue":
        raise Problem(417, f"Expectation failed: {expected}")
    if (request.content_length or 0) > most:
        raise Problem(413, f"The request is larger than {most} bytes")
    if expected and request.version >= HttpVersion11 and request.transport is not None:
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in request.content.iter_any():
            chunks.append(chunk)
            size += len(chunk)
            if size > most:
                raise Problem(413, f"The request is larger than {most} bytes")
    except (web.RequestPayloadError, HttpProcessingError):
        request.content.feed_eof()  # what cannot be decoded cannot be drained either
        raise Problem(400, "The request body is not in its Content-Encoding") from None
    return b"".join(chunks)


def _query(given: MultiMapping[str]) -> dict[str, str]:
    """The query parameters; of one that comes twice the last counts, as in PHP (guessed).

    `where%3Dactive=true`, whose name is `where=active`, is read as it was meant: a program in use filters so (guessed).
    """
    return dict(_unglued(name, value) for name, value in given.items())


def _unglued(name: str, value: str) -> tuple[str, str]:
    return ("where", f"{name.removeprefix('where=')}={value}") if name.startswith("where=") else (name, value)


def _instead(struck: Mapping[Effect, Fault]) -> Answer | None:
    """The answer of the first fault that comes in place of the right one, None without such a fault."""
    for effect, fault in struck.items():
        if effect in _REPLACED:
            return _replaced(effect, fault)
    return None


def _replaced(effect: Effect, fault: Fault) -> Answer:
    status = int(effect)
    if status == 429:
        answer = message(429, "Too many requests")
        answer.headers["Retry-After"] = str(max(1, round(fault.seconds)))
        return answer
    if status == 401:
        return Answer(401, CDN_401, "text/html")
    if status == 403:
        return message(403, "Access to project denied")
    if status in _PROXY_WORDS:
        words = _PROXY_WORDS[status]
        return Answer(status, PROXY_502 % (status, words, status, words), "text/html")
    return message(500, "Internal server error")
