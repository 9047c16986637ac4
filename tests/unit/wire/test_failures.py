"""From statuses, headers and bodies to errors that say what to do."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paymo_async.errors import (
    APIError,
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    PlanLimit,
    RateLimited,
    ServerError,
    TimerRunning,
    Unauthorized,
)
from paymo_async.wire.failures import failure_from

ROOT = "https://app.paymoapp.com/api/"
PAGE = b"""<!DOCTYPE html><html><head><title>Access
 denied</title><style>p {color: red}</style></head><body><p>Blocked by the firewall.<br></p></body></html>"""


def failure(
    status: int = 400,
    body: bytes | dict[str, Any] = b"",
    headers: dict[str, str] | None = None,
    *,
    method: str = "GET",
    path: str = "tasks",
    include: str = "",
    now: float | None = None,
) -> APIError:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return failure_from(
        status,
        headers or {},
        raw,
        method=method,
        url=ROOT + path,
        include=include,
        attempts=2,
        elapsed=1.5,
        now=now,
    )


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, BadRequest),
        (422, BadRequest),
        (401, Unauthorized),
        (403, Forbidden),
        (404, NotFound),
        (409, Conflict),
        (429, RateLimited),
        (500, ServerError),
        (502, ServerError),
        (599, ServerError),
        (301, APIError),
        (405, APIError),
        (418, APIError),
        (499, APIError),
    ],
)
def test_each_status_has_its_error_and_carries_what_is_known(status: int, kind: type[APIError]):
    error = failure(status, {"message": "Said so."}, {"X-Request-Id": "7"})
    assert type(error) is kind
    assert (error.status, error.method, error.url) == (status, "GET", ROOT + "tasks")
    assert (error.attempts, error.elapsed, error.headers) == (2, 1.5, {"X-Request-Id": "7"})
    assert error.server_message == "Said so."
    assert error.body == '{"message": "Said so."}'
    assert ": Said so. " in error.message
    assert pickle.loads(pickle.dumps(error)).__dict__ == error.__dict__


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ("Unknown field or reference: `foo`", "foo"),
        ("Unknown field or reference: project.foo.", "project.foo"),
        ('Invalid condition in "where" param: foo=1', "foo"),
        ("Invalid condition in where param: `projects.foo` > 3", "projects.foo"),
        ('Invalid condition in "where" param: ...', None),
        ("Something is missing", None),
    ],
)
def test_a_bad_request_names_the_field(message: str, field: str | None):
    error = failure(400, {"message": message})
    assert isinstance(error, BadRequest)
    assert error.field == field
    assert ("Check `" in error.message) is (field is not None)


@pytest.mark.parametrize(
    "body",
    [
        {"message": "No such thing"},
        {"error": "No such thing"},
        {"error": {"code": 5, "message": "No such thing"}},
        {"errors": ["No such thing"]},
        {"errors": [{"detail": "No such thing"}, {"x": 1}, None]},
        {"message": "", "error_description": "No such thing"},
        b'"No such thing"',
        b'["No such thing"]',
        b"No such thing",
        b"\xef\xbb\xbf  No such\r\n\tthing \n",
        b"<?xml version='1.0'?><response><error><message>No such thing</message></error></response>",
        b"<error>No such thing</error>",
        b"<error>\n <code>5</code><message><![CDATA[No such thing]]></message></error>",
        b"<error><empty/><message>No such</b> thing</message></error>",
        b"<answer>No such thing</answer>",
        b"<error><![if x]>No such thing</error>",
    ],
)
def test_the_servers_words_are_found_in_every_form(body: bytes | dict[str, Any]):
    error = failure(404, body)
    assert error.server_message == "No such thing"
    assert error.message == (
        "Not found: No such thing. It was deleted, or this user cannot see it, or the path or base URL is wrong."
    )


@pytest.mark.parametrize("body", [b"", b"  ", b"{}", b"null ", b'{"message": 5}', b"<error> </error>", b"[1, {}]"])
def test_without_words_the_status_speaks_for_itself(body: bytes):
    assert failure(404, body).message.startswith(("Not found. It was", "Not found: null. It"))


@pytest.mark.parametrize(
    ("body", "content_type", "words"),
    [
        ("Größe".encode("latin-1"), "text/plain; charset=ISO-8859-1", "Größe"),
        ("Größe".encode(), "text/plain; charset=ISO-8859-1", "Größe"),
        ("Größe".encode("utf-16"), 'text/plain; charset="utf-16"', "Größe"),
        ("Größe".encode("latin-1"), "text/plain", "Gr\ufffd\ufffde"),
        (b"Gr\xf6", "text/plain; charset=klingon", "Gr\ufffd"),
        (b"Gr\xf6", "text/plain; charset=base64", "Gr\ufffd"),
        (b"Gr\xf6", "text/plain; charset=undefined", "Gr\ufffd"),
        (b"a\x00b", "", "ab"),
    ],
)
def test_a_wrong_charset_loses_no_more_than_it_must(body: bytes, content_type: str, words: str):
    assert failure(400, body, {"CONTENT-TYPE": content_type}).server_message == words


def test_a_web_page_is_told_from_the_apis_answer():
    error = failure(502, PAGE)
    assert error.message == ("The service failed: a proxy answered, not the API (Access denied). Try again later.")
    assert error.server_message == ""
    body_only = failure(502, b"<html><body><script>x()</script><h1>Bad &amp; gone</h1></body></html>")
    assert "not the API (Bad & gone)" in body_only.message
    assert "not the API. Try" in failure(502, b"<html></html>").message


def test_an_html_401_is_what_a_wrong_key_gets():
    error = failure(401, PAGE)
    assert isinstance(error, Unauthorized)
    assert "a proxy answered, not the API (Access denied). That is what a wrong key gets. Check the API key" in str(
        error
    )


def test_entities_are_never_expanded():
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]><error>&a;&b;</error>'
    assert "aaaaaaaaaa" not in failure(400, bomb).server_message
    assert "root:" not in str(failure(400, bomb))


@pytest.mark.parametrize("body", [b'{"message": "cut o', b"[" * 100_000, b"<error" * 9000, b"<" * 30_000, b"\xff" * 99])
def test_broken_bodies_still_make_an_error(body: bytes):
    error = failure(500, body)
    assert isinstance(error, ServerError)
    assert len(error.message) < 500


def test_words_are_shortened_and_hold_no_control_sequences():
    error = failure(400, {"message": "\x1b[31m" + "x\n" * 500})
    assert "\x1b" not in error.message
    assert "\n" not in error.message
    assert len(error.message) < 300
    assert len(error.server_message) > 900


@pytest.mark.parametrize(
    "message",
    [
        "Could not add user. Maximum number of users reached.",
        "Project limit reached",
        "Scheduling is not part of your plan",
        "Please upgrade",
        "This feature is not available",
    ],
)
def test_a_plans_limit_is_told_from_a_missing_right(message: str):
    assert type(failure(403, {"message": message})) is PlanLimit
    assert type(failure(403, {"message": "Access to project denied"})) is Forbidden
    assert type(failure(403, f"<html><body>{message}</body></html>".encode())) is Forbidden


def test_a_forbidden_booking_may_be_the_plans_doing():
    assert "scheduling" in failure(403, path="bookings?where=user_id%3D1").message
    assert "scheduling" in failure(403, path="bookings/12").message
    assert "scheduling" not in failure(403, path="tasks/12").message


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("POST", "entries", TimerRunning),
        ("post", "entries/?include=task", TimerRunning),
        ("PUT", "entries/12", Conflict),
        ("POST", "entries/12", Conflict),
        ("POST", "tasks", Conflict),
    ],
)
def test_a_conflict_on_a_new_entry_is_a_running_timer(method: str, path: str, kind: type[APIError]):
    assert type(failure(409, {"message": "x"}, method=method, path=path)) is kind


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "5"}, 5.0),
        ({"retry-after": "2.5"}, 2.5),
        ({"Retry-After": "Sat, 21 Nov 2026 08:00:07 GMT", "Date": "Sat, 21 Nov 2026 08:00:00 GMT"}, 7.0),
        ({"Retry-After": "Sat, 21 Nov 2026 08:00:07 GMT", "date": "Sat, 21 Nov 2026 08:00:00 -0000"}, 7.0),
        ({"Retry-After": "Thu, 01 Jan 1970 00:01:40 GMT"}, 10.0),
        ({"Retry-After": "Thu, 01 Jan 1970 00:01:40 GMT", "Date": "yesterday"}, 10.0),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_a_429_tells_when_to_come_back_by_the_servers_clock(headers: dict[str, str], seconds: float | None):
    error = failure(429, b"", headers, now=90.0)
    assert isinstance(error, RateLimited)
    assert error.retry_after == seconds
    assert (f"in {seconds:g} seconds" if seconds else "Try again later") in error.message


def test_without_any_other_clock_the_systems_own_counts():
    error = failure(429, b"", {"Retry-After": "Thu, 01 Jan 1970 00:01:40 GMT"})
    assert isinstance(error, RateLimited)
    assert error.retry_after == 0


@pytest.mark.parametrize(
    ("include", "told"),
    [("project", "try without `project`."), ("a,b.c", "try without `a` or `b.c`."), ("", "Try again later.")],
)
def test_a_server_error_names_the_includes(include: str, told: str):
    assert told in failure(500, include=include).message


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed_and_says_where_it_led(status: int):
    error = failure(status, b"", {"Location": "https://me:pw@other.test/x?token=abc&a=1"})
    assert "redirects to https://other.test/x?a=1. Redirects are not followed" in error.message
    assert error.headers == {"Location": "https://other.test/x?a=1"}
    assert "The service redirects. " in failure(status).message


@pytest.mark.parametrize(("status", "told"), [(405, "405 (Method Not Allowed)"), (499, "answered 499. ")])
def test_other_statuses_are_named(status: int, told: str):
    assert told in failure(status).message


@given(
    status=st.integers(300, 999),
    body=st.binary(max_size=200) | st.text('<>&;"{}[]:,/\\ae', max_size=80).map(str.encode),
    headers=st.dictionaries(st.sampled_from(["Content-Type", "Date", "Retry-After", "Location"]), st.text(max_size=20)),
    path=st.text(max_size=30),
)
def test_no_answer_can_break_the_reading(status: int, body: bytes, headers: dict[str, str], path: str):
    error = failure(status, body, headers, path=path)
    assert error.status == status
    assert error.message.isprintable()
