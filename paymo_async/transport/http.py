"""One request's life: gate, token, aiohttp, headers, limiter learns, status; and again, where that is safe.

The first attempt runs on a lean path: a ready URL, ready headers, no cookie jar, no timer of its own, and for a plain
GET not even `ClientSession.request` (see `direct`). What can go wrong is turned into this package's errors in one place
(`_failed`), which also says whether anything can have reached the service. Nothing here sleeps while it holds a token
or a connection.
"""

from __future__ import annotations

import asyncio
import logging
import random as random_module
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from paymo_async._version import __version__
from paymo_async.auth import Credentials, SessionToken
from paymo_async.errors import (
    IncompleteBody,
    InvalidRequest,
    NotFound,
    PaymoConnectionError,
    PaymoError,
    PaymoTimeout,
    Unauthorized,
)
from paymo_async.transport.call import Call, CallOptions
from paymo_async.transport.deadlines import Deadlines
from paymo_async.transport.direct import DirectGets, new_session
from paymo_async.transport.hooks import Hooks, RequestRecord, ResponseRecord, RetryRecord
from paymo_async.transport.retry import RetryPolicy, RetryQuota, repeat
from paymo_async.transport.sessions import SessionRenewal
from paymo_async.transport.tracing import is_tracing, span
from paymo_async.wire.failures import failure_from, redact_body, redact_url
from paymo_async.wire.messages import JSON, Request, Response, is_cut

if TYPE_CHECKING:
    from paymo_async.transport.limiter import Limiter, Permit

__all__ = ["Transport"]

_T = TypeVar("_T")
_log = logging.getLogger("paymo_async.transport")

_USER_AGENT: Final = f"paymo-async/{__version__}"
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS: Final = 5
_EXCERPT: Final = 10_000  # bytes of a broken body that an error keeps


class Transport:
    """Sends the requests of one account. `PaymoClient` makes it.

    requests_sent, rejections: attempts sent, and 429 answers, so far. latency: seconds from sending to the headers,
    a moving average, None before the first answer.
    """

    def __init__(
        self,
        *,
        base_url: URL,
        credentials: Credentials,
        limiter: Limiter | Callable[[], Limiter],
        retry: RetryPolicy,
        hooks: Hooks,
        session: aiohttp.ClientSession | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        random: Callable[[], float] = random_module.random,
    ) -> None:
        self.base_url = base_url
        self._find_limiter = limiter if callable(limiter) else lambda: limiter
        self._loop: asyncio.AbstractEventLoop | None = None
        self._limiter: Limiter
        self._deadlines: Deadlines
        self.retry = retry
        self.requests_sent: int = 0
        self.rejections: int = 0
        self.latency: float | None = None
        self._root = str(base_url)
        self._origin = base_url.origin()
        self._credentials = credentials
        self._hooks = hooks
        self._quota = RetryQuota(retry.quota)
        self._session = session
        self._owns_session = session is None
        self._clock = clock
        self._sleep = sleep
        self._random = random
        self._direct: DirectGets | None = None
        self._closed = False
        self._ready_headers: dict[tuple[str, str | None], CIMultiDict[str]] = {}
        self._timeouts: dict[tuple[float, bool], aiohttp.ClientTimeout] = {}
        self._renewal = SessionRenewal(credentials) if isinstance(credentials, SessionToken) else None

    @property
    def limiter(self) -> Limiter:
        """The limiter of the running event loop."""
        self._use_running_loop()
        return self._limiter

    def __repr__(self) -> str:
        return f"Transport({self._root}, {self.requests_sent} requests sent)"

    async def send(self, request: Request, options: CallOptions) -> Response:
        """Sends a request until it has a success answer, and reads that whole.

        Raises `APIError` and its kinds, `PaymoConnectionError`, `PaymoTimeout`, `RateLimitTooLong`.
        """
        # The timeout of an upload is its own: the whole may take long (see uploads.py).
        call = self._call(request, options, streams=callable(request.body))
        try:
            if self._renewal is not None:
                await self._renew_if_due(call)
            response = await self._whole(call)
        except PaymoError as error:
            response = await self._again_whole(call, error)
        finally:
            call.account()
        self._quota.give_back()
        return response

    @asynccontextmanager
    async def open(self, request: Request, options: CallOptions) -> AsyncGenerator[aiohttp.ClientResponse]:
        """A success answer whose body is still to be read; errors while reading come as this package's errors.

        The attempt until the headers is repeated as in `send`; what fails later is the reader's to resume. The
        timeout holds until the headers and then between two chunks, so that a long body is no error. Redirects are
        followed, since files lie on other hosts, and never with credentials.
        """
        call = self._call(request, options, streams=True)
        answer = await self._opened(call)
        for _ in range(_MOST_REDIRECTS):
            if answer.status not in _REDIRECTS:
                break
            call = self._redirected(call, answer)
            answer = await self._opened(call)
        if answer.status in _REDIRECTS:
            raise await self._refused(call, answer)
        try:
            yield answer
        except PaymoError:
            raise
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise self._failed(error, call) from error
        finally:
            # A body that was not read to its end would be mistaken for the next answer on this connection.
            answer.close()

    async def _opened(self, call: Call) -> aiohttp.ClientResponse:
        try:
            if self._renewal is not None:
                await self._renew_if_due(call)
            return await self._headers(call)
        except PaymoError as error:
            return await self._again(call, error, self._headers)
        finally:
            call.account()

    def _redirected(self, call: Call, answer: aiohttp.ClientResponse) -> Call:
        """The call that an answer redirects to: without credentials, wherever it leads."""
        answer.close()
        target = call.url.join(URL(answer.headers["Location"]))
        if target.scheme not in ("https", call.url.scheme):
            raise InvalidRequest(
                f"{redact_url(str(call.url))} redirects to {redact_url(str(target))}, which is not https; not followed"
            )
        return Call(call.request, call.options, target, ours=False, streams=True, started=call.started)

    async def repeat(
        self,
        method: str,
        error: PaymoError,
        send: Callable[[int], Awaitable[_T]],
        on_retry: Callable[[PaymoError, int, float], None] | None = None,
    ) -> _T:
        """Goes on after a first failure, under this transport's retry policy and quota: `send(2)`, `send(3)`, ..."""
        return await repeat(
            send,
            error,
            method=method,
            policy=self.retry,
            quota=self._quota,
            sleep=self._sleep,
            clock=self._clock,
            random=self._random,
            on_retry=on_retry,
        )

    async def aclose(self) -> None:
        """Closes the session, if it is the transport's own. Calls that still run end with an error."""
        self._closed = True
        if self._loop is not None:
            self._deadlines.close()
        if self._session is not None and self._owns_session:
            await self._session.close()
        self._session = None

    # -- one attempt ------------------------------------------------------------------------------------------------

    def _call(self, request: Request, options: CallOptions, *, streams: bool = False) -> Call:
        path = request.path
        whole = "://" in path
        text = path if whole else self._root + path
        url = URL(f"{text}?{request.query}" if request.query else text, encoded=True)
        ours = not whole or self._is_ours(url)
        call = Call(request, options, url, ours=ours, streams=streams, started=self._clock())
        call.is_plain_get = request.method == "GET" and not (whole or streams or request.body or request.headers)
        return call

    async def _whole(self, call: Call) -> Response:
        """One attempt, its body read."""
        try:
            answer = await self._headers(call)
            body = await answer.read()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            if isinstance(error, PaymoError):
                raise
            raise self._failed(error, call) from error
        except asyncio.CancelledError as error:
            if call.deadline is None or not call.deadline.caused():
                raise
            raise self._failed(TimeoutError(), call) from error
        finally:
            call.end()
        request = call.request
        if request.accept == JSON and is_cut(answer.headers, body):
            raise IncompleteBody(
                f"The answer ends in the middle, after {len(body)} bytes",
                status=answer.status,
                headers=answer.headers,
                body=redact_body(body[:_EXCERPT].decode("utf-8", "replace")),
                **self._known(call),
            )
        return Response(
            answer.status,
            answer.headers,
            body,
            request.method,
            call.url,
            call.attempt,
            call.waited,
            self._clock() - call.started,
        )

    async def _headers(self, call: Call) -> aiohttp.ClientResponse:
        """One attempt: waits for a token, sends, and returns an answer of success status, its body unread."""
        call.attempt += 1
        call.deadline = None  # that of an attempt before must not claim a cancellation of this one
        request, url = call.request, call.url
        session = self._ready_session()
        body = request.body() if callable(request.body) else request.body
        permit: Permit | None = None
        if call.ours:
            options = call.options
            permit = await self._limiter.acquire(
                priority=options.priority, max_wait=options.max_wait, first=call.rejected
            )
            call.waited += permit.waited
        if self._renewal is not None:
            call.token_used = self._renewal.current
        sent_at = self._clock()
        if not call.streams:
            call.deadline = self._deadlines.start(call.options.timeout)
        try:
            if self._hooks.on_request is not None:
                self._tell_request(call, self._hooks.on_request)
            self.requests_sent += 1
            answer = await (self._traced(session, call, body) if is_tracing() else self._ask(session, call, body))
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            failure = self._failed(error, call)
            if permit is not None:
                permit.lost() if failure.sent else permit.unsent()
            raise failure from error
        except BaseException:
            if permit is not None:
                permit.lost()
            raise
        took = self._clock() - sent_at
        status = answer.status
        if permit is not None:
            self.latency = took if self.latency is None else 0.8 * self.latency + 0.2 * took
            if status == 429:
                self.rejections += 1
                permit.rejected(answer.headers)
            else:
                permit.answered(answer.headers)
        if _log.isEnabledFor(logging.DEBUG):
            shown = redact_url(str(url))
            _log.debug("%s %s -> %d in %.3f s, attempt %d", request.method, shown, status, took, call.attempt)
        if self._hooks.on_response is not None:
            self._tell_response(call, answer, took, self._hooks.on_response)
        if 200 <= status < 300 or (call.streams and status in _REDIRECTS and "Location" in answer.headers):
            return answer
        raise await self._refused(call, answer)

    def _ask(self, session: aiohttp.ClientSession, call: Call, body: Any) -> Awaitable[aiohttp.ClientResponse]:
        headers, timeout = self._headers_for(call), self._timeout(call)
        direct = self._direct
        if direct is not None and call.is_plain_get and direct.is_open():
            return direct.get(call.url, headers, timeout)
        return session.request(
            call.request.method, call.url, data=body, headers=headers, timeout=timeout, allow_redirects=False
        )

    async def _traced(self, session: aiohttp.ClientSession, call: Call, body: Any) -> aiohttp.ClientResponse:
        with span(call, redact_url(str(call.url))) as current:
            answer = await self._ask(session, call, body)
            current.set_attribute("http.response.status_code", answer.status)
            return answer

    async def _refused(self, call: Call, answer: aiohttp.ClientResponse) -> PaymoError:
        try:
            body = await answer.read()
        except (aiohttp.ClientError, OSError, TimeoutError):
            body = b""  # the status alone says what happened
        if callable(call.request.body):
            answer.close()  # an upload that is refused would go on being sent
        return failure_from(
            answer.status,
            answer.headers,
            body,
            include=call.request.include,
            **self._known(call),
        )

    # -- again ------------------------------------------------------------------------------------------------------

    async def _again_whole(self, call: Call, error: PaymoError) -> Response:
        try:
            return await self._again(call, error, self._whole)
        except NotFound as gone:
            if call.request.method != "DELETE" or not call.may_have_arrived:
                raise
            # An earlier attempt deleted it, and only its answer was lost.
            return Response(200, gone.headers, b"", "DELETE", gone.url, call.attempt, call.waited)

    async def _again(self, call: Call, error: PaymoError, attempt: Callable[[Call], Awaitable[_T]]) -> _T:
        """Goes on after a first failure, as the retry policy says; a session that has ended is renewed first."""
        method = call.request.method
        last = error

        async def send(_: int) -> _T:
            nonlocal last
            try:
                return await attempt(call)
            except InvalidRequest as refused:
                raise refused from last  # an upload's source can be read only once
            except PaymoError as failed:
                call.note(failed)
                last = failed
                raise

        if isinstance(error, Unauthorized) and call.ours and self._renewal is not None and self._renewal.can_renew:
            await self._renewal.renew(call.token_used, self._log_in(call))
            self._ready_headers.clear()
            try:
                return await send(1)
            except InvalidRequest:
                raise
            except PaymoError as failed:
                error = failed
        call.note(error)
        # Attempts that a renewed session took are not held against the policy.
        if not self.retry.may_repeat(method, error, 1):
            raise error

        return await self.repeat(method, error, send, lambda failed, n, delay: self._tell_retry(call, failed, n, delay))

    async def _renew_if_due(self, call: Call) -> None:
        renewal = self._renewal
        if renewal is not None and call.ours and renewal.is_due():
            await renewal.renew(renewal.current, self._log_in(call))
            self._ready_headers.clear()

    def _log_in(self, call: Call) -> Callable[[Request], Awaitable[Response]]:
        return lambda request: self._whole(self._call(request, call.options))

    # -- pieces -----------------------------------------------------------------------------------------------------

    def _ready_session(self) -> aiohttp.ClientSession:
        session = self._session
        if session is not None and not session.closed and self._loop is asyncio.get_running_loop():
            return session
        if self._closed:
            raise InvalidRequest("This client is closed; make a new one")
        self._use_running_loop()
        if self._owns_session:
            session = self._session = new_session()
            self._direct = DirectGets(session, self._origin)
        elif session is None or session.closed:
            raise InvalidRequest("The aiohttp session given to this client is closed")
        return session

    def _use_running_loop(self) -> None:
        """A client may be made before there is a loop, and used in one after another."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop = loop
            self._deadlines = Deadlines(loop)
            self._limiter = self._find_limiter()

    def _is_ours(self, url: URL) -> bool:
        """Credentials and the rate limit belong to the API's own origin, and to no other."""
        origin = self._origin
        return url.host == origin.host and url.port == origin.port and url.scheme == origin.scheme

    def _headers_for(self, call: Call) -> CIMultiDict[str]:
        request = call.request
        if not call.ours:
            return CIMultiDict({"Accept": "*/*", "User-Agent": _USER_AGENT, **(request.headers or {})})
        key = (request.accept, request.content_type)
        headers = self._ready_headers.get(key)
        if headers is None:
            headers = CIMultiDict({"Accept": request.accept, "User-Agent": _USER_AGENT})
            if request.content_type is not None:
                headers["Content-Type"] = request.content_type
            proof = self._credentials.header
            if proof is not None:
                headers[proof[0]] = proof[1]
            self._ready_headers[key] = headers
        if request.headers:
            headers = CIMultiDict(headers)
            if "Authorization" in request.headers:
                headers.pop("X-Session", None)  # a new session is asked for with the login alone
            headers.update(request.headers)
        return headers

    def _timeout(self, call: Call) -> aiohttp.ClientTimeout:
        """aiohttp's part of the timeout; of a call that is read whole, `Deadlines` keeps the rest."""
        seconds = call.options.timeout
        key = (seconds, call.streams)
        timeout = self._timeouts.get(key)
        if timeout is None:
            # Connecting has a little less, so that a connection that never came is known as one: nothing was sent.
            connect = 0.9 * seconds
            read = seconds if call.streams else None
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=connect, sock_read=read)
            self._timeouts[key] = timeout
        return timeout

    def _known(self, call: Call) -> dict[str, Any]:
        return {
            "method": call.request.method,
            "url": redact_url(str(call.url)),
            "attempts": call.attempt,
            "elapsed": self._clock() - call.started,
        }

    def _failed(self, error: BaseException, call: Call) -> PaymoError:
        known = self._known(call)
        cause = str(error) or type(error).__name__
        if isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)):
            kind = PaymoTimeout if isinstance(error, TimeoutError) else PaymoConnectionError
            return kind(f"No connection to {call.url.host}: {cause}", sent=False, **known)
        if isinstance(error, TimeoutError):
            return PaymoTimeout(f"No whole answer within {call.options.timeout:g} seconds", **known)
        if isinstance(error, aiohttp.ClientPayloadError):
            return IncompleteBody(f"The answer's body ended early: {cause}", **known)
        return PaymoConnectionError(f"The connection broke: {cause}", **known)

    def _tell_request(self, call: Call, tell: Callable[[RequestRecord], None]) -> None:
        shown = redact_url(str(call.url))
        tell(RequestRecord(method=call.request.method, url=shown, attempt=call.attempt, waited=call.waited))

    def _tell_response(
        self, call: Call, answer: aiohttp.ClientResponse, took: float, tell: Callable[[ResponseRecord], None]
    ) -> None:
        tell(
            ResponseRecord(
                method=call.request.method,
                url=redact_url(str(call.url)),
                attempt=call.attempt,
                status=answer.status,
                headers=answer.headers,
                elapsed=took,
            )
        )

    def _tell_retry(self, call: Call, error: PaymoError, attempt: int, delay: float) -> None:
        method = call.request.method
        _log.info("%s %s again in %.2f s (attempt %d): %s", method, error.url, delay, attempt, error.message)
        if self._hooks.on_retry is not None:
            self._hooks.on_retry(RetryRecord(method=method, url=error.url, attempt=attempt, delay=delay, error=error))
