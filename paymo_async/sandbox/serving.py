"""From a socket's request to an answer: the log, the faults, the rate limit, the API, and the faults again."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import aiohttp
from aiohttp import web

from paymo_async.sandbox.answers import CDN_401, PROXY_502, Answer, drifted, message
from paymo_async.sandbox.api import Api, Request
from paymo_async.sandbox.auth import credential
from paymo_async.sandbox.faults import Effect, Fault, Faults
from paymo_async.sandbox.ratelimit import RateLimiter, Verdict
from paymo_async.sandbox.traffic import Seen, Traffic
from paymo_async.sandbox.writing import reset, write

__all__ = ["ROOT", "Serving", "whole_body"]

ROOT: Final = "/api/"
"""Where the API begins on its host."""

_UNLIMITED: Final = {
    "X-Ratelimit-Limit": "1000000",
    "X-Ratelimit-Remaining": "1000000",
    "X-Ratelimit-Decay-Period": "1",
}
_REPLACED: Final = ("429", "500", "502", "503", "401")
_PROXY_WORDS: Final = {502: b"Bad Gateway", 503: b"Service Unavailable"}
_log = logging.getLogger("paymo_async.sandbox")


class Serving:
    """Serves the API's requests of one sandbox.

    limiter: the rate limit, None for none. headers: whether answers tell of it. clock: the account's; sleep: for what
    is slow on purpose. settle: called after each request that the API has answered.
    """

    def __init__(
        self,
        api: Api,
        *,
        faults: Faults,
        traffic: Traffic,
        limiter: RateLimiter | None,
        headers: bool,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[Any]],
        settle: Callable[[], None],
    ) -> None:
        self.api = api
        self.limiter = limiter
        self._faults = faults
        self._traffic = traffic
        self._headers = headers
        self._clock = clock
        self._sleep = sleep
        self._settle = settle

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answers one request, or loses it where a fault says so."""
        try:
            body = await whole_body(request)
        except (aiohttp.ClientError, ConnectionError):
            return web.Response()  # the client has gone, and this goes nowhere
        path = request.path.removeprefix(ROOT).strip("/")
        struck = self._faults.striking(request.method, path)
        key = credential(request.headers)
        seen = self._traffic.begin(
            Seen(request.method, path, request.query_string, at=self._clock(), faults=(*struck,), key=key[-4:])
        )
        began = time.perf_counter()
        try:
            return await self._serve(request, path, body, struck, key, seen)
        finally:
            seen.seconds = time.perf_counter() - began
            self._traffic.end(seen)

    async def _serve(
        self, request: web.BaseRequest, path: str, body: bytes, struck: dict[Effect, Fault], key: str, seen: Seen
    ) -> web.StreamResponse:
        if "latency" in struck:
            await self._sleep(struck["latency"].seconds)
        if "reset" in struck:
            return reset(request)
        verdict = self.limiter.take(key) if self.limiter else Verdict(0.0, 0)
        answer = message(429, "Too many requests") if verdict.wait > 0 else self._answer(request, path, body, struck)
        answer.headers.update(self._rate_headers(verdict))
        if "reset-after" in struck:
            return reset(request)
        seen.status, seen.size = answer.status, len(answer.body)
        return await write(request, answer, struck, self._sleep)

    def _rate_headers(self, verdict: Verdict) -> Mapping[str, str]:
        if self.limiter is not None:
            return self.limiter.headers(verdict) if self._headers or verdict.wait > 0 else {}
        return _UNLIMITED if self._headers else {}

    def _answer(self, request: web.BaseRequest, path: str, body: bytes, struck: dict[Effect, Fault]) -> Answer:
        for effect, fault in struck.items():
            if effect in _REPLACED:
                return _replaced(effect, fault)
        query = dict(request.query)
        if "repeat-page" in struck and query.get("page", "").isdecimal():
            query["page"] = str(max(0, int(query["page"]) - 1))
        try:
            with self.api.account.lock:
                self.api.account.pass_time()
                answer = self.api.answer(Request(request.method, path, query, request.headers, body))
                self._settle()
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


async def whole_body(request: web.BaseRequest) -> bytes:
    """A request's body. Raises aiohttp.ClientError or ConnectionError when the client goes away."""
    return await request.content.read()


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
