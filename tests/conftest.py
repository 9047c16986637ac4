"""Fixtures for all tests of this project."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, NamedTuple

import aiohttp
import msgspec
import pytest

if TYPE_CHECKING:
    from paymo_async.sandbox import Sandbox


@pytest.fixture
async def box(request: pytest.FixtureRequest) -> AsyncIterator[Sandbox]:
    """A running sandbox with the documented seed and no rate limit.

    Other options by indirect parameters: `@pytest.mark.parametrize("box", [{"seed": "fetch"}], indirect=True)`.
    """
    from paymo_async.sandbox import Sandbox  # here, so that unit tests do not need it

    async with Sandbox(**getattr(request, "param", {})) as running:
        yield running


class Reply(NamedTuple):
    """An answer of the sandbox as it came."""

    status: int
    headers: Any
    body: bytes

    @property
    def data(self) -> Any:
        return msgspec.json.decode(self.body)

    @property
    def message(self) -> str:
        return self.data["message"]


class Caller:
    """Asks a sandbox as any program would, with its API key unless told otherwise."""

    def __init__(self, box: Sandbox, session: aiohttp.ClientSession) -> None:
        self.box = box
        self.session = session
        self.auth: aiohttp.BasicAuth | None = aiohttp.BasicAuth(box.api_key, "x")

    async def __call__(
        self, method: str, path: str, *, json: Any = None, data: Any = None, headers: Any = None, **query: Any
    ) -> Reply:
        url = path if path.startswith("http") else self.box.url + path
        body = msgspec.json.encode(json) if json is not None else data
        sent = {"Content-Type": "application/json", **(headers or {})} if json is not None else headers
        params = {name: str(value) for name, value in query.items()}
        async with self.session.request(
            method, url, data=body, headers=sent, params=params, auth=self.auth
        ) as response:
            return Reply(response.status, response.headers, await response.read())

    async def get(self, path: str, **query: Any) -> Any:
        """The list, or the company, of an answer that must be 200."""
        reply = await self("GET", path, **query)
        assert reply.status == 200, reply.body
        (found,) = reply.data.values()
        return found

    async def one(self, path: str, **query: Any) -> Any:
        """The only object of an answer that must be 200."""
        (found,) = await self.get(path, **query)
        return found

    async def create(self, path: str, **given: Any) -> Any:
        """What a create that must succeed answers."""
        reply = await self("POST", path, json=given)
        assert reply.status == 201, reply.body
        ((made,),) = reply.data.values()
        return made

    async def update(self, path: str, **given: Any) -> Any:
        """What an update that must succeed answers."""
        reply = await self("PUT", path, json=given)
        assert reply.status == 200, reply.body
        (found,) = reply.data.values()
        return found[0] if isinstance(found, list) else found

    async def ids(self, path: str, where: str = "", **query: Any) -> list[int]:
        """The sorted ids of a list."""
        more = {"where": where} if where else {}
        return sorted(item["id"] for item in await self.get(path, include="id", **more, **query))

    async def refused(self, method: str, path: str, status: int, json: Any = None, **query: Any) -> str:
        """The message of an answer that must have this status."""
        reply = await self(method, path, json=json, **query)
        assert reply.status == status, reply.body
        return reply.message


@pytest.fixture
async def call(box: Sandbox) -> AsyncIterator[Caller]:
    """A plain HTTP program in front of the `box`."""
    async with aiohttp.ClientSession() as session:
        yield Caller(box, session)
