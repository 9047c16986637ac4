"""Fixtures for all tests of this project."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from paymo_async.sandbox import Sandbox


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    """A running sandbox with the documented seed and no rate limit."""
    async with Sandbox() as running:
        yield running
