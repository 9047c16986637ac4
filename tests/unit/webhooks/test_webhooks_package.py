"""The public names, and what importing them costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

import paymo_async.webhooks as webhooks


@pytest.mark.parametrize("name", webhooks.__all__)
def test_every_public_name_is_there_and_listed(name: str):
    assert getattr(webhooks, name) is not None
    assert name in dir(webhooks)


def test_a_name_that_is_not_there_says_so():
    with pytest.raises(AttributeError, match="no attribute 'flask_handler'"):
        _ = webhooks.flask_handler


def test_adapters_and_redis_are_loaded_only_when_they_are_used():
    code = (
        "import sys, paymo_async.webhooks as w\n"
        "print([m for m in ('aiohttp.web', 'redis', 'paymo_async.webhooks.asgi') if m in sys.modules])\n"
        "w.aiohttp_handler, w.asgi_app\n"
        "print('aiohttp.web' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[]", "True"]
