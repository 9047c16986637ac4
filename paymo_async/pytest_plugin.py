"""Fixtures for tests against Paymo; pytest finds them wherever this package is installed.

    @pytest.mark.paymo_sandbox(seed="demo", rate_limit=(5, 5.0))
    async def test_something(paymo_sandbox, paymo_client): ...

paymo_sandbox: a `Sandbox` of the test's own, running in a thread, so tests with and without an event loop can use it.
paymo_client: a `PaymoClient` on it, for the event loop of pytest-asyncio, of anyio or of the test itself.
paymo_environment: sets PAYMO_BASE_URL and PAYMO_API_KEY to it for the length of the test, and returns both.

The marker's options are those of `Sandbox`. A rate limit may be a tuple, faults may be texts, and a clock a `datetime`
or its text, at which time stands still. The marker of a test goes before those of its class and module. The ini option
`paymo_sandbox_seed` is the seed where no marker gives one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:  # all of it is imported when a test first asks for it, so that other tests do not pay for it
    from paymo_async import PaymoClient
    from paymo_async.sandbox import Sandbox
    from paymo_async.sandbox.fixtures import Seeds

__all__ = ["paymo_client", "paymo_environment", "paymo_sandbox"]

_MARK: Final = "paymo_sandbox"
_INI: Final = "paymo_sandbox_seed"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the ini option."""
    parser.addini(_INI, "what is in a sandbox of Paymo where a test's marker does not say", default="documented")


def pytest_configure(config: pytest.Config) -> None:
    """Tells of the marker."""
    config.addinivalue_line(
        "markers", f"{_MARK}(seed=..., rate_limit=..., ...): options of the test's sandbox of Paymo."
    )


@pytest.fixture(scope="session")
def _paymo_seeds() -> Seeds:  # pyright: ignore[reportUnusedFunction]  # pytest uses it
    from paymo_async.sandbox.fixtures import Seeds

    return Seeds()


@pytest.fixture
def paymo_sandbox(request: pytest.FixtureRequest, _paymo_seeds: Seeds) -> Iterator[Sandbox]:
    """A sandbox of the test's own, running in a thread; options by the marker `paymo_sandbox`."""
    from paymo_async.sandbox.fixtures import make_sandbox

    try:
        box = make_sandbox(_options(request), _paymo_seeds)
    except (TypeError, ValueError) as error:
        pytest.fail(f"@pytest.mark.{_MARK}: {error}", pytrace=False)
    with box:
        yield box


@pytest.fixture
def paymo_client(paymo_sandbox: Sandbox) -> Iterator[PaymoClient]:
    """A client on the test's sandbox; it needs no `async with`, and is closed after the test."""
    from paymo_async.sandbox.fixtures import client_on

    with client_on(paymo_sandbox) as client:
        yield client


@pytest.fixture
def paymo_environment(paymo_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of programs that are to use the test's sandbox; this process has it too while the test runs."""
    variables = {"PAYMO_BASE_URL": paymo_sandbox.url, "PAYMO_API_KEY": paymo_sandbox.api_key}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PAYMO_RATE_LIMIT", raising=False)
    return variables


def _options(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What the markers say, the closest first. Raises TypeError for an option without a name."""
    options: dict[str, Any] = {}
    for mark in request.node.iter_markers(_MARK):
        if mark.args:
            raise TypeError(f"options have names, as seed={mark.args[0]!r}")
        options = {**mark.kwargs, **options}
    return {"seed": request.config.getini(_INI), **options}
