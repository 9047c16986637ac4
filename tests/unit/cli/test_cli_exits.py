"""How a run that ends with an error is told, and its exit code."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from paymo_async import InvalidRequest, MissingCredentials, Unauthorized
from paymo_async.cli.exits import Exit, UsageProblem
from paymo_async.cli.fetch import FetchOptions, _Run, fetch
from paymo_async.cli.job import JobOptions

OPTIONS = FetchOptions(job=JobOptions(), into=Path("out"), command="paymo-async fetch reports --into out")


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (UsageProblem("no [such] folder"), Exit.USAGE, "paymo-async: no [such] folder"),
        (MissingCredentials("none"), Exit.CREDENTIALS, "Set PAYMO_API_KEY to an API key"),
        (Unauthorized("no", status=401, body="<html>"), Exit.CREDENTIALS, "refuses the API key in PAYMO_API_KEY (401)"),
        (InvalidRequest("not like that"), Exit.USAGE, "paymo-async: not like that"),
        (KeyboardInterrupt(), Exit.INTERRUPTED, "\n  paymo-async fetch reports --into out\n"),
        (asyncio.CancelledError(), Exit.INTERRUPTED, "kept in out, in whole files"),
        (OSError(28, "No space left on device"), Exit.FAILED, "No space left on device"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_each_error_has_its_exit_code_and_its_words(monkeypatch, capsys, error, code, words):
    def fail(self):
        raise error

    monkeypatch.setattr(_Run, "all", fail)
    assert fetch(OPTIONS) == code
    printed = capsys.readouterr()
    assert words in printed.err
    assert printed.out == ""


def test_an_error_of_our_own_making_is_not_hidden(monkeypatch):
    def fail(self):
        raise ZeroDivisionError

    monkeypatch.setattr(_Run, "all", fail)
    with pytest.raises(ZeroDivisionError):
        fetch(OPTIONS)
