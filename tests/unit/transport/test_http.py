"""One request's life, without sockets: aioresponses stands where the network is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from yarl import URL

from paymo_async.auth import ApiKey, SessionToken
from paymo_async.errors import (
    BadRequest,
    IncompleteBody,
    InvalidRequest,
    NotFound,
    PaymoConnectionError,
    PaymoTimeout,
    RateLimited,
    RateLimitTooLong,
    ServerError,
    Unauthorized,
    UnexpectedContent,
)
from paymo_async.transport.bucket import TokenBucket
from paymo_async.transport.call import CallOptions, check_base_url
from paymo_async.transport.hooks import Hooks
from paymo_async.transport.http import Transport
from paymo_async.transport.retry import RetryPolicy
from paymo_async.transport.sessions import SessionRenewal
from paymo_async.wire.messages import Request

if tuple(int(part) for part in aiohttp.__version__.split(".")[:2]) >= (3, 14):
    pytest.skip("aioresponses 0.7 works with aiohttp < 3.14 only", allow_module_level=True)
aioresponses = pytest.importorskip("aioresponses")
Mock, CallbackResult = aioresponses.aioresponses, aioresponses.CallbackResult

ROOT = "https://paymo.test/api/"
KEY = "k3y-that-must-not-show"
RATE = {"X-Ratelimit-Limit": "50", "X-Ratelimit-Remaining": "49", "X-Ratelimit-Decay-Period": "0.01"}
GET = Request("GET", "tasks/1")


class Lab:
    """A transport whose sleeps take no time, and the network it talks to."""

    def __init__(self, network: Any, **settings: Any) -> None:
        self.network = network
        self.sleeps: list[float] = []
        self.transport = Transport(
            **{
                "base_url": URL(ROOT),
                "credentials": ApiKey(KEY),
                "limiter": TokenBucket(limit=50, period=0.01),
                "retry": RetryPolicy(),
                "hooks": Hooks(),
                "sleep": self.sleep,
                "random": lambda: 0.0,
                **settings,
            }
        )

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)

    def answers(self, *answers: dict[str, Any] | BaseException, method: str = "GET", path: str = "tasks/1") -> None:
        for answer in answers:
            if isinstance(answer, BaseException):
                self.network.add(ROOT + path, method, exception=answer)
                continue
            headers = {"Content-Type": "application/json", **RATE, **answer.pop("headers", {})}
            self.network.add(ROOT + path, method, **{"body": b"{}", "headers": headers, **answer})

    async def send(self, request: Request = GET, **options: Any):
        return await self.transport.send(request, CallOptions(**options))

    @property
    def sent(self) -> list[Any]:
        return [call for calls in self.network.requests.values() for call in calls]


@pytest.fixture
async def lab():
    made: list[Lab] = []
    with Mock() as network:

        def make(**settings: Any) -> Lab:
            made.append(Lab(network, **settings))
            return made[-1]

        yield make
        for one in made:
            await one.transport.aclose()


Make = Callable[..., Lab]


async def test_a_request_goes_out_with_key_accept_and_agent(lab: Make):
    one = lab()
    one.answers({"body": b'{"tasks":[]}'})
    response = await one.send()
    assert (response.status, response.json(), response.attempts) == (200, {"tasks": []}, 1)
    headers = one.sent[0].kwargs["headers"]
    assert headers["Accept"] == "application/json"
    assert headers["User-Agent"].startswith("paymo-async/")
    assert headers["Authorization"] == ApiKey(KEY).header[1]
    assert one.sent[0].kwargs["allow_redirects"] is False
    assert repr(one.transport) == f"Transport({ROOT}, 1 requests sent)"


async def test_credentials_go_to_no_other_origin_and_no_token_is_spent_there(lab: Make):
    one = lab(limiter=TokenBucket(limit=1, period=60.0))
    for url in ("https://files.test/a.png", "https://paymo.test:444/a.png"):
        one.network.get(url, body=b"png")
        response = await one.send(Request("GET", url, accept="*/*"))
        assert response.body == b"png"
    assert all("Authorization" not in call.kwargs["headers"] for call in one.sent)


async def test_a_redirect_is_not_followed(lab: Make):
    one = lab()
    one.answers({"status": 302, "headers": {"Location": "https://elsewhere.test/"}})
    with pytest.raises(Exception, match="302"):
        await one.send()
    assert len(one.sent) == 1


async def test_errors_carry_what_is_known_of_the_call(lab: Make):
    one = lab()
    one.answers({"status": 400, "body": b'{"message":"Unknown field or reference: `foo`"}'})
    with pytest.raises(BadRequest) as caught:
        await one.send()
    error = caught.value
    assert (error.status, error.method, error.field, error.attempts) == (400, "GET", "foo", 1)
    assert error.url == f"{ROOT}tasks/1"
    assert error.elapsed >= 0
    assert error.headers["Content-Type"] == "application/json"


async def test_a_failing_include_is_named(lab: Make):
    one = lab()
    one.answers(*[{"status": 500} for _ in range(4)])
    with pytest.raises(ServerError, match="thread"):
        await one.send(Request("GET", "tasks/1", include="thread"))


async def test_reads_are_repeated_and_say_how_often(lab: Make):
    told: list[Any] = []
    one = lab(hooks=Hooks(on_retry=told.append))
    one.answers({"status": 503}, aiohttp.ServerDisconnectedError(), {"body": b"{}"})
    response = await one.send()
    assert response.attempts == 3
    assert [(record.attempt, type(record.error)) for record in told] == [(2, ServerError), (3, PaymoConnectionError)]
    assert one.transport.requests_sent == 3


async def test_a_create_is_sent_once_when_it_may_have_arrived(lab: Make):
    one = lab()
    one.answers(aiohttp.ServerDisconnectedError(), {"status": 201}, method="POST", path="tasks")
    with pytest.raises(PaymoConnectionError):
        await one.send(Request("POST", "tasks", body=b"{}", content_type="application/json"))
    assert len(one.sent) == 1


async def test_a_create_that_found_no_connection_is_sent_again(lab: Make):
    one = lab()
    key = aiohttp.client_reqrep.ConnectionKey("paymo.test", 443, True, True, None, None, None)
    refused = aiohttp.ClientConnectorError(key, OSError(111, "refused"))
    one.answers(refused, {"status": 201}, method="POST", path="tasks")
    response = await one.send(Request("POST", "tasks", body=b"{}"))
    assert (response.status, response.attempts) == (201, 2)


async def test_a_body_is_made_anew_for_each_attempt(lab: Make):
    made: list[int] = []

    def body() -> bytes:
        made.append(1)
        return b"abc"

    one = lab()
    one.answers({"status": 429, "headers": {"Retry-After": "0"}}, {"status": 201}, method="POST", path="files")
    await one.send(Request("POST", "files", body=body))
    assert len(made) == 2


async def test_a_repeated_delete_that_finds_nothing_has_succeeded(lab: Make):
    one = lab()
    one.answers({"status": 502}, {"status": 404}, method="DELETE")
    response = await one.send(Request("DELETE", "tasks/1"))
    assert (response.status, response.attempts) == (200, 2)


@pytest.mark.parametrize("before", [[], [{"status": 429, "headers": {"Retry-After": "0"}}]])
async def test_a_delete_that_never_arrived_before_is_not_found(lab: Make, before: list):
    one = lab()
    one.answers(*before, {"status": 404}, method="DELETE")
    with pytest.raises(NotFound):
        await one.send(Request("DELETE", "tasks/1"))


async def test_a_429_is_counted_and_sent_again_without_a_sleep_of_its_own(lab: Make):
    one = lab()
    one.answers({"status": 429, "headers": {"Retry-After": "0"}}, {})
    assert (await one.send()).attempts == 2
    assert one.transport.rejections == 1
    assert one.sleeps == [0.0]


async def test_a_429_that_never_ends_is_raised_with_what_was_told(lab: Make):
    one = lab(retry=RetryPolicy(rate_limited_attempts=2))
    one.answers(*[{"status": 429, "headers": {"Retry-After": "0"}} for _ in range(2)])
    with pytest.raises(RateLimited) as caught:
        await one.send()
    assert caught.value.retry_after == 0.0


async def test_json_that_ends_early_is_noticed_and_fetched_again(lab: Make):
    one = lab()
    one.answers({"body": b'{"tasks":[{"id":1},{"i'}, {"body": b'{"tasks":[]}\n'})
    assert (await one.send()).attempts == 2
    one.answers(*[{"body": b'{"tasks":[{"id":1},{"i'} for _ in range(4)])
    with pytest.raises(IncompleteBody, match="after 22 bytes"):
        await one.send()


async def test_a_body_that_is_not_json_is_left_as_it_is(lab: Make):
    one = lab()
    one.answers({"body": b"<html>", "headers": {"Content-Type": "text/html"}})
    response = await one.send()
    assert response.text == "<html>"
    with pytest.raises(UnexpectedContent, match="text/html"):
        response.json()


async def test_an_unread_error_body_still_gives_the_error(lab: Make, monkeypatch: pytest.MonkeyPatch):
    async def breaks(self) -> bytes:
        raise aiohttp.ClientPayloadError("cut")

    one = lab()
    one.answers({"status": 404})
    monkeypatch.setattr(aiohttp.ClientResponse, "read", breaks)
    with pytest.raises(NotFound):
        await one.send()


async def test_a_body_that_breaks_off_is_fetched_again(lab: Make, monkeypatch: pytest.MonkeyPatch):
    read, broken = aiohttp.ClientResponse.read, []

    async def breaks_once(self) -> bytes:
        if not broken:
            broken.append(1)
            raise aiohttp.ClientPayloadError("cut")
        return await read(self)

    one = lab()
    one.answers({}, {})
    monkeypatch.setattr(aiohttp.ClientResponse, "read", breaks_once)
    assert (await one.send()).attempts == 2


async def test_a_timeout_says_how_long_was_waited(lab: Make):
    one = lab(retry=RetryPolicy(attempts=1))
    one.answers(TimeoutError())
    with pytest.raises(PaymoTimeout, match="within 7 seconds"):
        await one.send(timeout=7)


async def test_a_cancellation_while_a_late_call_waits_for_its_repeat_stays_one(lab: Make):
    class Blocks(TokenBucket):
        calls = 0
        blocked = asyncio.Event()

        async def acquire(self, **settings: Any):
            self.calls += 1
            if self.calls == 2:
                self.blocked.set()
                await asyncio.Event().wait()
            return await super().acquire(**settings)

    async def never(url: URL, **_: Any) -> CallbackResult:
        await asyncio.Event().wait()
        return CallbackResult()

    bucket = Blocks(limit=9, period=0.01)
    one = lab(limiter=bucket)
    one.network.get(ROOT + "tasks/1", callback=never, repeat=True)
    call = asyncio.ensure_future(one.send(timeout=0.005))
    await bucket.blocked.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call


async def test_every_outcome_ends_its_permit(lab: Make):
    limiter = TokenBucket(limit=50, period=1000.0)
    one = lab(limiter=limiter, retry=RetryPolicy(attempts=1))
    one.answers({}, {"status": 500}, aiohttp.ServerDisconnectedError(), TimeoutError())
    await one.send()
    for kind in (ServerError, PaymoConnectionError, PaymoTimeout):
        with pytest.raises(kind):
            await one.send()
    assert limiter.snapshot().in_flight == 0


async def test_a_hook_that_raises_ends_the_call_and_gives_its_token_back(lab: Make):
    def broken(_: object) -> None:
        raise LookupError("hook")

    limiter = TokenBucket(limit=50, period=1000.0)
    one = lab(limiter=limiter, hooks=Hooks(on_request=broken))
    with pytest.raises(LookupError):
        await one.send()
    assert limiter.snapshot().in_flight == 0


async def test_hooks_are_told_of_requests_and_answers_without_secrets(lab: Make):
    told: list[Any] = []
    one = lab(hooks=Hooks(on_request=told.append, on_response=told.append))
    url = "https://paymo.test/api/reports/1?token=s3cret&format=html"
    one.network.get(url, body=b"{}", headers=RATE)
    await one.send(Request("GET", "reports/1", "token=s3cret&format=html"))
    assert [type(record).__name__ for record in told] == ["RequestRecord", "ResponseRecord"]
    assert (told[1].status, told[1].attempt) == (200, 1)
    assert "s3cret" not in repr(told)
    assert KEY not in repr(told)


async def test_logging_says_what_was_sent_and_no_secret(lab: Make, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG, logger="paymo_async")
    one = lab()
    one.answers({"status": 503}, {})
    await one.send()
    assert "GET https://paymo.test/api/tasks/1 -> 200" in caplog.text
    assert "again in" in caplog.text
    assert KEY not in caplog.text
    assert ApiKey(KEY).header[1].removeprefix("Basic ") not in caplog.text


async def test_ready_headers_are_kept_for_each_kind_of_content(lab: Make):
    one = lab()
    one.answers({}, {})
    one.answers({"status": 201}, method="POST", path="tasks")
    await one.send()
    await one.send(Request("GET", "tasks/1", headers={"X-Extra": "1"}))
    await one.send(Request("POST", "tasks", body=b"{}", content_type="text/xml", accept="text/xml"))
    sent = [call.kwargs["headers"] for call in one.sent]
    assert [h.get("X-Extra") for h in sent] == [None, "1", None]
    assert (sent[2]["Content-Type"], sent[2]["Accept"]) == ("text/xml", "text/xml")


# -- sessions ---------------------------------------------------------------------------------------------------------

SESSION = {"status": 201, "body": b'{"sessions":[{"id":"new","expires_on":"2030-01-01T00:00:00Z"}]}'}


async def test_a_session_is_made_before_the_first_call(lab: Make):
    one = lab(credentials=SessionToken(login=ApiKey(KEY)))
    one.answers(dict(SESSION), method="POST", path="sessions")
    one.answers({})
    await one.send()
    login, call = one.sent
    assert login.kwargs["headers"]["Authorization"] == ApiKey(KEY).header[1]
    assert call.kwargs["headers"]["X-Session"] == "new"
    assert "Authorization" not in call.kwargs["headers"]


async def test_an_ended_session_is_renewed_once_for_all_calls(lab: Make):
    one = lab(credentials=SessionToken("old", login=ApiKey(KEY)))

    def answer(url: URL, **sent: Any) -> CallbackResult:
        return CallbackResult(status=401 if sent["headers"]["X-Session"] == "old" else 200, body=b"{}", headers=RATE)

    one.network.get(ROOT + "tasks/1", callback=answer, repeat=True)
    one.answers(dict(SESSION), method="POST", path="sessions")
    responses = await asyncio.gather(*(one.send() for _ in range(3)))
    assert [response.status for response in responses] == [200] * 3
    logins = [call for (method, url), calls in one.network.requests.items() if method == "POST" for call in calls]
    assert len(logins) == 1
    assert "X-Session" not in logins[0].kwargs["headers"]


async def test_after_a_renewal_other_failures_are_repeated_as_ever(lab: Make):
    one = lab(credentials=SessionToken("old", login=ApiKey(KEY)))
    one.answers({"status": 401}, {"status": 503}, {})
    one.answers(dict(SESSION), method="POST", path="sessions")
    assert (await one.send()).status == 200


async def test_a_stream_makes_its_session_first_too(lab: Make):
    one = lab(credentials=SessionToken(login=ApiKey(KEY)))
    one.answers(dict(SESSION), method="POST", path="sessions")
    one.answers({"body": b"{}"})
    async with one.transport.open(GET, CallOptions()) as answer:
        assert await answer.read() == b"{}"
    assert one.sent[1].kwargs["headers"]["X-Session"] == "new"


async def test_renewing_without_a_login_is_unauthorized():
    async def never(_: Request) -> Any:
        raise AssertionError("nothing to send")

    with pytest.raises(Unauthorized, match="no login"):
        await SessionRenewal(SessionToken("t")).renew("t", never)


@pytest.mark.parametrize("failure", [aiohttp.ServerDisconnectedError(), asyncio.CancelledError()])
async def test_what_fails_at_another_origin_has_no_token_to_give_back(lab: Make, failure: BaseException):
    one = lab(retry=RetryPolicy(attempts=1))
    one.network.get("https://files.test/a", exception=failure)
    with pytest.raises((PaymoConnectionError, asyncio.CancelledError)):
        await one.send(Request("GET", "https://files.test/a"))


async def test_a_limiter_that_refuses_ends_the_call_before_it_began(lab: Make):
    one = lab(limiter=TokenBucket(limit=1, period=60.0))
    one.answers({})
    await one.send()
    with pytest.raises(RateLimitTooLong):
        await one.send(max_wait=1.0)
    assert len(one.sent) == 1


async def test_a_session_without_login_ends_with_unauthorized(lab: Make):
    one = lab(credentials=SessionToken("old"))
    one.answers({"status": 401})
    with pytest.raises(Unauthorized):
        await one.send()
    assert len(one.sent) == 1


async def test_a_login_that_is_refused_is_unauthorized_and_asked_once(lab: Make):
    one = lab(credentials=SessionToken("old", login=ApiKey(KEY)))
    one.answers({"status": 401})
    one.answers({"status": 401}, method="POST", path="sessions")
    with pytest.raises(Unauthorized):
        await one.send()
    assert len(one.sent) == 2


@pytest.mark.parametrize("body", [b'{"sessions":[]}', b"<html>", b'{"sessions":[{"id":"s3cret","expires_on":"soon"}]}'])
async def test_an_answer_that_holds_no_session_is_loud_and_not_quoted(lab: Make, body: bytes):
    one = lab(credentials=SessionToken(login=ApiKey(KEY)))
    one.answers(
        {"status": 201, "body": body, "headers": {"Content-Type": "text/plain"}}, method="POST", path="sessions"
    )
    with pytest.raises(UnexpectedContent, match="did not answer with a session") as caught:
        await one.send()
    assert "s3cret" not in str(caught.value)


async def test_a_session_answered_as_one_object_is_taken(lab: Make):
    one = lab(credentials=SessionToken(login=ApiKey(KEY)))
    one.answers({"status": 201, "body": b'{"sessions":{"id":"abc"}}'}, method="POST", path="sessions")
    one.answers({})
    await one.send()
    assert one.sent[1].kwargs["headers"]["X-Session"] == "abc"


# -- aiohttp's sessions, loops, closing --------------------------------------------------------------------------------


async def test_a_given_session_is_used_and_not_closed(lab: Make):
    async with aiohttp.ClientSession() as session:
        one = lab(session=session)
        one.answers({})
        await one.send()
        await one.transport.aclose()
        assert not session.closed


async def test_a_closed_client_and_a_closed_session_say_so(lab: Make):
    one = lab()
    await one.transport.aclose()
    with pytest.raises(InvalidRequest, match="client is closed"):
        await one.send()
    session = aiohttp.ClientSession()
    await session.close()
    with pytest.raises(InvalidRequest, match="session given to this client is closed"):
        await lab(session=session).send()


def test_a_client_may_be_used_in_one_event_loop_after_another():
    limiters: list[TokenBucket] = []

    def find() -> TokenBucket:
        limiters.append(TokenBucket(limit=9, period=0.01))
        return limiters[-1]

    with Mock() as network:
        one = Lab(network, limiter=find)
        one.answers({}, {}, {})

        async def use() -> None:
            await one.send()
            session = one.transport._session
            assert session is not None
            await session.close()

        async def close() -> None:
            await one.send()
            await one.transport.aclose()

        asyncio.run(use())
        asyncio.run(close())
    assert len(limiters) == 2


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("http://app.paymoapp.com/api/", "unencrypted"),
        ("ftp://x/", "scheme and a host"),
        ("paymo", "scheme and a host"),
        ("me:pw@x.test/api", "scheme and a host"),
        ("https://user:pw@x.test/", "holds credentials"),
        ("https://x.test/api?key=1", "query"),
        ("https://x.test:port/", "not a URL"),
    ],
)
def test_a_base_url_that_cannot_be_right_is_refused(text: str, sentence: str):
    with pytest.raises(InvalidRequest, match=sentence) as caught:
        check_base_url(text)
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["https://x.test/api", "http://127.0.0.1:8080/api/", "http://localhost/", "http://[::1]/"]
)
def test_https_and_loopback_are_fine_and_end_in_a_slash(text: str):
    assert str(check_base_url(text)).endswith("/")
