"""Credentials: headers, hidden secrets, one kind at a time."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest

from paymo_async.auth import ApiKey, Password, SessionToken, find_credentials
from paymo_async.errors import MissingCredentials

SECRET = "s3cr3t-value"


def basic(text: str) -> tuple[str, str]:
    return "Authorization", "Basic " + base64.b64encode(text.encode()).decode()


def test_each_kind_has_its_header():
    assert ApiKey(SECRET).header == basic(f"{SECRET}:x")
    assert Password("me@x.test", "pä:ss").header == basic("me@x.test:pä:ss")
    assert SessionToken("abc").header == ("X-Session", "abc")
    assert SessionToken(login=ApiKey(SECRET)).header is None


@pytest.mark.parametrize(
    "credentials",
    [ApiKey(SECRET), Password("me@x.test", SECRET), SessionToken(SECRET), SessionToken(login=ApiKey(SECRET))],
    ids=lambda credentials: type(credentials).__name__,
)
def test_no_repr_shows_a_secret(credentials: object):
    assert SECRET not in repr(credentials)
    assert SECRET not in f"{credentials} {credentials!s}"


@pytest.mark.parametrize("blank", ["", "  ", "a\nb", "a\x00"])
def test_blank_and_unprintable_secrets_are_refused(blank: str):
    for make in (ApiKey, SessionToken, lambda value: Password("me@x.test", value)):
        with pytest.raises(MissingCredentials):
            make(blank)


def test_a_session_token_needs_a_token_or_a_login():
    with pytest.raises(MissingCredentials, match="login="):
        SessionToken()


def test_a_session_is_due_before_it_ends_and_only_where_it_can_be_renewed():
    now = datetime(2026, 1, 1, tzinfo=UTC)
    login = ApiKey(SECRET)
    assert SessionToken(login=login).is_due(now)
    assert not SessionToken("t", login=login).is_due(now)
    assert SessionToken("t", login=login, expires_on=now + timedelta(seconds=30)).is_due(now)
    assert not SessionToken("t", login=login, expires_on=now + timedelta(hours=1)).is_due(now)
    assert not SessionToken("t", expires_on=now).is_due(now)


def test_a_renewal_is_told_with_the_new_token():
    told: list[str | None] = []
    token = SessionToken("old", login=ApiKey(SECRET), on_renewed=lambda session: told.append(session.token))
    token.renewed("new", None)
    assert (told, token.header) == (["new"], ("X-Session", "new"))
    SessionToken("x").renewed("y", None)


def test_the_limit_is_kept_for_the_caller_and_not_for_one_session():
    assert SessionToken("t", login=ApiKey(SECRET)).account == ApiKey(SECRET).account
    assert SessionToken("t").account == "t"
    assert Password("me@x.test", SECRET).account == "me@x.test"


def test_credentials_are_found_in_the_arguments_and_then_in_the_environment():
    environment = {"PAYMO_API_KEY": "from-env"}
    assert find_credentials("k", None, None, None, environment) == ApiKey("k")
    assert find_credentials(None, "e", "p", None, environment) == Password("e", "p")
    assert find_credentials(None, None, None, "t", environment).header == ("X-Session", "t")
    assert find_credentials(None, None, None, None, environment) == ApiKey("from-env")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ((None, None, None, None), "PAYMO_API_KEY"),
        (("k", "e", "p", None), "one kind of credentials, not api_key and email and password"),
        ((None, "e", None, None), "password is missing"),
        ((None, None, "p", None), "email is missing"),
    ],
)
def test_none_half_and_several_are_refused_with_the_remedy(given: tuple, sentence: str):
    with pytest.raises(MissingCredentials, match=sentence):
        find_credentials(*given, {})
