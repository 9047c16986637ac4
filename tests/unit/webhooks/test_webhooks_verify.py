"""Signatures: the documented one, rotation, and everything that must not pass."""

from __future__ import annotations

import hashlib
import hmac
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from paymo_async.errors import InvalidRequest, WebhookError
from paymo_async.webhooks import parse, sign
from paymo_async.webhooks.verify import Verifier

BODY = b'{"id":"1679584"}'
SIGNATURE = "sha1=dc03736e396e70138bf7af4ffaa2948cde42dcf1"
HEADERS = {"X-Paymo-Webhook": "7", "X-Paymo-Event": "model.delete.Task", "X-Paymo-Signature": SIGNATURE}


def refusal(headers: object, body: bytes = BODY, **options: object) -> WebhookError:
    with pytest.raises(WebhookError) as caught:
        parse(headers, body, **{"secret": "secret", **options})
    return caught.value


def signed_as(signature: str) -> dict[str, str]:
    return {**HEADERS, "X-Paymo-Signature": signature}


def test_the_documented_signature_is_made_and_accepted():
    assert sign("secret", BODY) == SIGNATURE
    assert parse(HEADERS, BODY, secret="secret").id == 1679584


@pytest.mark.parametrize(
    "headers",
    [
        {name.lower(): value for name, value in HEADERS.items()},
        {name.upper(): value for name, value in HEADERS.items()},
        list(HEADERS.items()),
        iter(HEADERS.items()),
        CIMultiDict(HEADERS),
    ],
    ids=["lower", "upper", "pairs", "iterator", "multidict"],
)
def test_headers_are_taken_in_any_form_and_case(headers):
    event = parse(headers, BODY, secret="secret")
    assert (event.name, event.webhook_id) == ("model.delete.Task", 7)


@pytest.mark.parametrize("secrets", [["secret"], ["new", "secret"], ("secret", "new"), ["a", "b", "secret"]])
def test_any_of_several_secrets_will_do_while_one_replaces_another(secrets):
    assert parse(HEADERS, BODY, secret=secrets).id == 1679584


def test_none_of_several_secrets_is_refused():
    assert refusal(HEADERS, secret=["new", "other"]).status == 401


@given(st.integers(0, len(BODY) * 8 - 1))
def test_any_flipped_bit_of_the_body_is_refused(bit: int):
    body = bytearray(BODY)
    body[bit // 8] ^= 1 << bit % 8
    assert refusal(HEADERS, bytes(body)).status == 401


@given(st.integers(0, len(SIGNATURE) * 8 - 1))
def test_any_flipped_bit_of_the_signature_is_refused(bit: int):
    signature = bytearray(SIGNATURE, "ascii")
    signature[bit // 8] ^= 1 << bit % 8
    assert refusal(signed_as(signature.decode("latin-1"))).status == 401


@given(st.text(min_size=1).filter(lambda text: text != "secret"))
def test_any_other_secret_is_refused(secret: str):
    assert refusal(HEADERS, secret=secret).status == 401


@given(st.text(min_size=1), st.binary(max_size=200))
def test_what_is_signed_with_a_secret_is_accepted_with_it(secret: str, body: bytes):
    Verifier(secret=secret).check({"X-Paymo-Signature": sign(secret, body)}, body)


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "sha1=",
        SIGNATURE.removeprefix("sha1="),
        SIGNATURE.upper(),
        SIGNATURE.replace("sha1", "sha256"),
        f" {SIGNATURE}",
        f"{SIGNATURE},{SIGNATURE}",
        SIGNATURE[:-1],
        "sha1=ü",
        "sha1=\ud800",
        "sha256=" + hmac.new(b"secret", BODY, hashlib.sha256).hexdigest(),
    ],
)
def test_an_odd_signature_is_refused(signature: str):
    assert refusal(signed_as(signature)).status == 401


def test_a_missing_signature_is_refused():
    assert refusal({"X-Paymo-Event": "model.delete.Task"}).status == 401


def test_two_signatures_are_refused_even_where_one_is_right():
    assert refusal([*HEADERS.items(), ("x-paymo-signature", "sha1=00")]).status == 401


def test_a_body_at_the_limit_passes_and_one_byte_more_is_too_large():
    assert parse(HEADERS, BODY, secret="secret", max_size=len(BODY)).id == 1679584
    assert refusal(HEADERS, max_size=len(BODY) - 1).status == 413


def test_size_is_checked_before_the_signature():
    assert refusal({}, b"x" * 1_000_001).status == 413


def test_nothing_given_is_refused_rather_than_trusting_everybody():
    with pytest.raises(InvalidRequest, match="unsigned=True"):
        parse(HEADERS, BODY)


def test_unsigned_deliveries_are_taken_where_that_is_said():
    assert parse({"X-Paymo-Event": "model.delete.Task"}, BODY, unsigned=True).id == 1679584


def test_a_secret_and_unsigned_contradict_each_other():
    with pytest.raises(InvalidRequest, match="not both"):
        parse(HEADERS, BODY, secret="secret", unsigned=True)


@pytest.mark.parametrize("secret", ["", [], ["secret", ""], ()])
def test_an_empty_secret_is_refused_since_anybody_could_sign_with_it(secret):
    with pytest.raises(InvalidRequest, match="must not be empty"):
        parse(HEADERS, BODY, secret=secret)


def test_neither_secret_nor_signature_is_ever_shown():
    secret = "hush-7a1b"
    right = sign(secret, BODY)
    error = refusal(signed_as("sha1=" + "0" * 40), secret=[secret])
    shown = str(error) + repr(error) + "".join(traceback.format_exception(error)) + repr(Verifier(secret=secret))
    for text in (secret, right, right[5:], "0" * 40):
        assert text not in shown
    assert repr(Verifier(secret=["a", "b"])) == "<Verifier 2 secrets>"
