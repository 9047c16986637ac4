"""No secret reaches an error: not in its text, its repr, its traceback, or what it carries."""

from __future__ import annotations

import html
import json
import time
import traceback
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from paymo_async.errors import APIError
from paymo_async.wire.failures import failure_from, redact_body, redact_headers, redact_url

SECRETS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=18, max_size=40).map(
    lambda text: f"Q{text}Z"
)
NAMES = st.sampled_from(
    [
        "token",
        "download_token",
        "permalink",
        "pdf_link",
        "password",
        "op_stripe_secret_key",
        "op_paypal_email",
        "secret",
        "user_hash",
        "api_key",
        "Access_Token",
    ]
)
BODIES = [
    '{{"{name}": "{secret}"}}',
    '{{"{name}" : "a\\"{secret}", "b": 1}}',
    '{{"company": {{"{name}":"{secret}"}}}}',
    '{{"{name}": ["x", "{secret}"]}}',
    '{{"{name}": {{"a": "{secret}"}}}}',
    '{{"message": "bad {name}={secret}&x=1"}}',
    '{{"message": "Invalid condition in \\"where\\" param: {name}=\\"{secret}\\""}}',
    '{{"message": "{name} in (\\"{secret}\\")"}}',
    '{{"message": "{name} not like \'{secret}\'"}}',
    '{{"echo": "{{\\"{name}\\": \\"{secret}\\"}}"}}',
    '{{"sessions": [{{"id": "{secret}", "ip": "::1"}}]}}',
    '{{"url": "https://{secret}:X@app.paymoapp.com/api/"}}',
    '{{"url": "https://app.paymoapp.com/api/sessions/{secret}"}}',
    '{{"{name}": "{secret}',
    '{{"items": [{{"{name}": "{secret}\\',
    "<error><message>No</message><{name}>{secret}</{name}></error>",
    '<a:{name} type="x">{secret}</a:{name}>',
    "<sessions><id>{secret}</id></sessions>",
    "<{name}>{secret}",
    '<input {name}="{secret}">',
    "<html><body>https://x.test/?{name}={secret}</body></html>",
    "<pre>&quot;{name}&quot;: &quot;{secret}&quot;</pre>",
    "{name}={secret}&a=1",
    "where={name}%3D%22{secret}%22",
    "Authorization: Basic {secret}",
    "got Basic {secret} and Bearer {secret}",
    "X-Session: {secret}",
]


def raised(error: APIError) -> str:
    """All that a program may print of an error."""
    try:
        raise error
    except APIError as caught:
        shown = "".join(traceback.format_exception(caught))
    return "\n".join([shown, str(error), repr(error), repr(error.__dict__), repr(error.args)])


@pytest.mark.parametrize("body", BODIES)
@settings(max_examples=25)
@given(
    secret=SECRETS,
    name=NAMES,
    status=st.sampled_from([302, 400, 401, 403, 404, 409, 418, 429, 500]),
)
def test_known_secrets_never_show_in_an_error(body: str, secret: str, name: str, status: int):
    error = failure_from(
        status,
        {
            "X-Session": secret,
            "Set-Cookie": f"a={secret}",
            "authorization": f"Basic {secret}",
            "Location": f"https://me:{secret}@host.test/sessions/{secret}?{name}={secret}",
        },
        body.format(name=name, secret=secret).encode(),
        method="DELETE",
        url=f"https://key:{secret}@app.paymoapp.com/api/sessions/{secret}?{name}={secret}&include=a#{secret}",
        attempts=1,
        elapsed=0.1,
    )
    assert secret not in raised(error)
    assert secret[1:] not in raised(error)


@pytest.mark.parametrize(
    "body",
    [
        '{"message": "Unknown field or reference: `token`"}',
        '{"tasks": [{"id": 12, "name": "Rotate keys", "active": true}]}',
        '{"op_authorize_accepted_cc_visa": true, "token": null, "custom": false}',
        "<error><message>Access to project denied</message></error>",
        "<p>Read about tokens in the manual</p>",
        '{"id": "109404"}',
    ],
)
def test_what_is_no_secret_stays(body: str):
    assert redact_body(body) == body


def test_only_the_values_go():
    body = '{"number": "#EST-1", "download_token": "Ey5kC8A/GYbD8==", "op_port": 25, "total": 9424.50}'
    assert redact_body(body) == '{"number": "#EST-1", "download_token": "***", "op_port": "***", "total": 9424.50}'
    assert json.loads(redact_body(body))["total"] == 9424.5


def test_redacting_twice_changes_nothing_more():
    once = redact_body('{"token": "abc"} token=abc <token>abc</token> Basic abcdefgh https://a:b@c/')
    assert redact_body(once) == once
    assert "abc" not in once


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://app.paymoapp.com/api/tasks?where=id%3D1&include=a,b", None),
        (
            "https://app.paymoapp.com/api/reports/1?format=pdf&token=abc",
            "https://app.paymoapp.com/api/reports/1?format=pdf",
        ),
        ("https://h/api/estimates/1/?token=abc", "https://h/api/estimates/1/"),
        ("https://h/f?download_token=abc&size=1&X-Amz-Signature=f&sig=x&Expires=5", "https://h/f?size=1&Expires=5"),
        ("https://h/f?to%6ben=abc", "https://h/f"),
        ("https://me:pw@h:8443/api/", "https://h:8443/api/"),
        ("https://me@x.test:pw@h/api/", "https://h/api/"),
        ("https://me:p/w@h/api/", "https://h/api/"),
        ("https://me:p?w@h/api/", "https://***"),
        ("https://me:p#w@h/api/", "https://***"),
        ("me:pw@h/api", "h/api"),
        ("me:pw", "***"),
        ("https://[::1]:8080/api/tasks?page=0", None),
        ("http://127.0.0.1:8080/api/tasks", None),
        ("https://files.test/logo@2x.png?a", None),
        ("https://h/api/sessions/0a1b2c", "https://h/api/sessions/***"),
        ("https://h/api/sessions?where=id%3D%22abc%22&page=0", "https://h/api/sessions?page=0"),
        (
            "https://h/api/files?where=token%3D%22abc%22%20and%20id%3E1",
            "https://h/api/files?where=token%3D***%20and%20id%3E1",
        ),
        ("https://h/api/files?where=token+in+(%22abc%22)", "https://h/api/files?where=token%20in%20***"),
        ("https://h/#access_token=abc", "https://h/"),
        ("tasks/12?page=0", None),
        ("", ""),
        ("https://[bad", None),
    ],
)
def test_a_url_keeps_all_but_its_secrets(url: str, shown: str | None):
    assert redact_url(url) == (url if shown is None else shown)


@given(
    user=st.text(min_size=1),
    password=SECRETS,
    noise=st.text(max_size=5),
)
@example(user="me", password="Qp@s/w?rdZ", noise="")
def test_quoted_user_information_never_stays(user: str, password: str, noise: str):
    shown = redact_url(f"https://{quote(user, safe='')}:{quote(noise + password, safe='')}@host.test/api/tasks?page=1")
    assert shown == "https://host.test/api/tasks?page=1"


@given(url=st.text())
def test_redacting_a_url_never_fails_and_settles(url: str):
    once = redact_url(url)
    assert redact_url(once) == once


def test_headers_are_masked_by_name_in_any_case():
    headers = {
        "AUTHORIZATION": "Basic x",
        "x-session": "abc",
        "Set-Cookie": "a=b",
        "X-Paymo-Signature": "sha1=1",
        "X-Ratelimit-Limit": "5",
        "Content-Type": "text/html",
        "Location": "https://a:b@h/x?token=1",
    }
    assert redact_headers(headers) == {
        "AUTHORIZATION": "***",
        "x-session": "***",
        "Set-Cookie": "***",
        "X-Paymo-Signature": "***",
        "X-Ratelimit-Limit": "5",
        "Content-Type": "text/html",
        "Location": "https://h/x",
    }


@pytest.mark.parametrize(
    "text",
    [
        "token" * 40_000,
        '"token' * 40_000,
        "\\" * 200_000,
        '\\"token' * 30_000,
        "<token>" * 30_000,
        "<token " * 30_000,
        "://" * 60_000,
        "op_" * 60_000,
        "token=" * 30_000,
        "token in " * 20_000,
        "token" + " " * 200_000,
        html.escape('"token":"') * 20_000,
        "basic " * 30_000,
        '"id":"aaaaaaaaaaaaaaaaaa' * 8_000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_no_text_makes_it_slow(text: str):
    before = time.process_time()
    redact_body(text)
    assert time.process_time() - before < 3  # 200,000 characters take a few tenths; what is not linear takes hours
