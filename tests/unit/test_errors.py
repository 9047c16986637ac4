"""Errors: they carry what is known, read well, and survive pickle."""

from __future__ import annotations

import copy
import pickle

import pytest

from paymo_async import errors
from paymo_async.errors import APIError, PaymoError

KINDS = [getattr(errors, name) for name in errors.__all__]
KNOWN = {
    "status": 418,
    "method": "GET",
    "url": "https://x.test/api/tasks/1",
    "body": "teapot",
    "headers": {"X-A": "1"},
    "attempts": 3,
    "elapsed": 1.5,
    "sent": False,
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("through", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy, copy.deepcopy])
def test_every_error_survives_pickle_and_copy_with_all_it_knows(kind: type[PaymoError], through):
    error = kind("what happened", **KNOWN)
    again = through(error)
    assert type(again) is kind
    assert again.__dict__ == error.__dict__
    assert str(again) == str(error)
    assert again.args == error.args


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_is_rooted_and_documented(kind: type[PaymoError]):
    assert issubclass(kind, PaymoError)
    assert kind.__doc__
    assert kind.__name__ in (errors.__doc__ or "")


def test_the_usual_except_clauses_catch_them():
    assert issubclass(errors.PaymoConnectionError, ConnectionError)
    assert issubclass(errors.PaymoTimeout, TimeoutError)
    assert issubclass(errors.InvalidRequest, ValueError)


def test_the_text_says_what_where_and_a_cut_of_the_body():
    error = APIError("Not like this", **{**KNOWN, "body": "x" * 500})
    assert str(error) == f"Not like this [GET https://x.test/api/tasks/1 -> 418, 3 attempts]: {'x' * 300}..."
    assert str(PaymoError("plain")) == "plain"
    assert str(APIError("has teapot", body="teapot")) == "has teapot"
    assert str(PaymoError("no answer", method="GET", url="u")) == "no answer [GET u]"


def test_about_adds_only_what_an_error_can_hold():
    assert APIError("x").about(status=404).status == 404
    with pytest.raises(AttributeError, match="colour"):
        APIError("x").about(colour="red")
