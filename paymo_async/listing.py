"""The streaming paginator: a listing is a value, and gives all objects, however many pages they come in.

    async for entry in paymo.entries.list(user_id=12):       # page by page
    entries = await paymo.entries.list(user_id=12)           # all of them, never just a page

What the service promises is little (BEHAVIOUR.md, Lists): `page` and `page_size` exist, a page shorter than asked for
is the last, and no order is promised. So:

- The place in a listing is an offset, the number of objects before it. A page of another size may be asked for at any
  offset: page `offset // size` holds it, and objects that come again are dropped by their ids. The size with the least
  overlap is taken.
- A page that brings nothing new, though it is full, ends the listing with `PagingError`: asking on would not end.
- Page sizes follow what the last pages held, so that no type of object reaches 2500 in one answer; a page in which one
  did is asked for again, smaller (`paymo_async.truncation`).
- Where the filter names ids, the listing ends when all of them have come, without asking for a last empty page.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Generator
from typing import Any, Generic, Self, TypeVar

import attrs
import msgspec

from paymo_async.account import Account, Truncation
from paymo_async.conditions import Condition, Where
from paymo_async.errors import InvalidRequest, PagingError, TruncatedError
from paymo_async.includes import IncludeTree
from paymo_async.models.base import UNSET, Model, declaration
from paymo_async.query import encode_params
from paymo_async.seen import SeenIds
from paymo_async.truncation import CUT, complete, count_nested, cut_type, density, largest_page
from paymo_async.wire.messages import Request

__all__ = ["MAX_URL", "Listing", "Page", "Plan", "Stream"]

M = TypeVar("M", bound=Model)

MAX_URL = 6_000
"""Characters of a URL; longer `in` lists are split into several requests."""


@attrs.frozen(kw_only=True)
class Plan(Generic[M]):
    """What a listing asks for, checked. page_size: fixed by the caller, None to adapt it."""

    cls: type[M]
    where: Where
    include: IncludeTree
    partial_include: str | None = None
    page_size: int | None = None
    prefetch: int = 0
    truncation: Truncation = "repair"

    @property
    def path(self) -> str:
        return declaration(self.cls).path

    @property
    def digest(self) -> str:
        """Names what is asked, to hold a checkpoint against."""
        text = "|".join((self.path, self.where_text, self.include.text, self.partial_include or ""))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def parts(self, root_url: str) -> list[Where]:
        """The filter, in pieces that keep each URL short; none where nothing can match."""
        if self.where.is_never:
            return []
        rest = len(f"{root_url}{self.path}?where=&page=000000&page_size=0000") + len(self.query(Where(), None, None))
        return self.where.split(max(MAX_URL - rest, 200))

    def query(self, where: Where, page: int | None, page_size: int | None) -> str:
        return encode_params(where, self.include, page=page, page_size=page_size, partial_include=self.partial_include)

    @property
    def where_text(self) -> str:
        """The filter as it is sent, for a repr or a digest."""
        return "nothing" if self.where.is_never else self.where.text


@attrs.frozen
class Page(Generic[M]):
    """A page of a listing: its new objects, and where to go on after it.

    number: counts the pages given, from 0. checkpoint: hand it to `resume=` to go on after this page.
    """

    items: list[M]
    number: int
    checkpoint: str = attrs.field(repr=False)


class _Position(msgspec.Struct, frozen=True, rename={"digest": "k", "part": "p", "offset": "o", "taken": "t"}):
    """Where a listing stands: the filter's part, objects before in it, and ids taken beyond that offset."""

    digest: str
    part: int = 0
    offset: int = 0
    taken: list[int | str] = []


class Listing(Generic[M]):
    """All objects that match; nothing is asked for until it is used, and each use asks anew.

    `async for` streams; `await` gives the complete list; `pages()`, `first()`, `limit(n)`, `stream()` are below.
    Raises, while it is used: `APIError` and its kinds, `DecodeError` for an object that cannot be read (unless the
    client has `on_undecodable`), `TruncatedError`, `PagingError`.
    """

    def __init__(self, account: Account, plan: Plan[M], *, limit: int | None = None, resume: str | None = None) -> None:
        if limit is not None and limit < 0:
            raise InvalidRequest(f"limit must be 0 or more, not {limit}")
        self._account = account
        self._plan = plan
        self._limit = limit
        self._start = _position(resume, plan)

    def __aiter__(self) -> Stream[M]:
        return self.stream()

    def __await__(self) -> Generator[Any, None, list[M]]:
        return self.all().__await__()

    async def all(self) -> list[M]:
        """The complete list (`await listing` is the same)."""
        items: list[M] = []
        async with self.stream() as stream:
            while page := await stream.next_page():
                items.extend(page.items)
        return items

    def stream(self) -> Stream[M]:
        """One pass over the objects, with a `checkpoint()` at any moment; what `async for` uses."""
        return Stream(self._account, self._plan, self._start, self._limit)

    async def pages(self) -> AsyncIterator[Page[M]]:
        """The objects page by page, each with a checkpoint behind it."""
        async with self.stream() as stream:
            while page := await stream.next_page():
                yield page

    async def first(self) -> M | None:
        """Some object that matches (no order is promised), or None."""
        async with self.limit(1).stream() as stream:
            async for item in stream:
                return item
        return None

    def limit(self, n: int) -> Listing[M]:
        """The same listing, ended after `n` objects; no more are asked for than that takes."""
        fewer = n if self._limit is None else min(n, self._limit)
        limited = Listing(self._account, self._plan, limit=fewer)
        limited._start = self._start
        return limited

    def __repr__(self) -> str:
        plan = self._plan
        asked = [text for text in (plan.where_text, plan.include.text and f"include={plan.include.text}") if text]
        return f"Listing({', '.join([plan.path, *asked])})"


class Stream(Generic[M]):
    """One pass over a listing. Ends what is open when it is closed, dropped, or at its end.

    An error does not lose the place: `checkpoint()` still says how to go on.
    """

    def __init__(self, account: Account, plan: Plan[M], start: _Position, limit: int | None) -> None:
        self._pager = _Pager(account, plan, start, limit)
        self._prefetch = plan.prefetch > 0
        self._ahead: asyncio.Task[_Fetched[M] | None] | None = None
        self._left = limit
        self._items: list[M] = []
        self._index = 0
        self._at = start
        self._after = start
        self._number = 0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> M:
        while self._index >= len(self._items):
            if not await self._turn():
                raise StopAsyncIteration
        item = self._items[self._index]
        self._index += 1
        return item

    async def next_page(self) -> Page[M] | None:
        """The rest of this page, or the next one; None at the end."""
        while self._index >= len(self._items):
            if not await self._turn():
                return None
        items, self._index = self._items[self._index :], len(self._items)
        page = Page(items, self._number, self.checkpoint())
        self._number += 1
        return page

    def checkpoint(self) -> str:
        """Text that says how to go on after the last object taken; hand it to `resume=` of the same listing.

        Objects that the service moved meanwhile may come twice, as always.
        """
        at = self._after
        if self._index < len(self._items):
            taken = (getattr(item, "id", UNSET) for item in self._items[: self._index])
            ids = [id for id in taken if id is not UNSET]
            at = _Position(self._at.digest, self._at.part, self._at.offset, [*self._at.taken, *ids])
        return msgspec.json.encode(at).decode()

    async def aclose(self) -> None:
        """Cancels a page that is being fetched ahead, and waits until it has ended."""
        ahead, self._ahead = self._ahead, None
        self._pager.over = True
        if ahead is not None:
            ahead.cancel()
            await asyncio.wait([ahead])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __del__(self) -> None:
        ahead = self._ahead
        if ahead is not None and not ahead.done() and not ahead.get_loop().is_closed():
            ahead.cancel()

    async def _turn(self) -> bool:
        """Takes over the next page; False at the end."""
        if self._left is not None and self._left <= 0:
            await self.aclose()
            return False
        ahead, self._ahead = self._ahead, None
        fetched = await (ahead if ahead is not None else self._pager.fetch())
        if fetched is None:
            return False
        self._at, self._after = fetched.at, fetched.after
        items = fetched.items
        if self._left is not None:
            items = items[: self._left]
            self._left -= len(items)
        self._items, self._index = items, 0
        if self._prefetch and not self._pager.over and (self._left is None or self._left > 0):
            self._ahead = asyncio.get_running_loop().create_task(self._pager.fetch())
        return True


@attrs.frozen
class _Fetched(Generic[M]):
    items: list[M]
    at: _Position
    after: _Position


class _Pager(Generic[M]):
    """Fetches one page after another. A fetch that fails or is cancelled leaves everything as it was before."""

    def __init__(self, account: Account, plan: Plan[M], start: _Position, limit: int | None) -> None:
        self._account = account
        self._plan = plan
        self._path = plan.path
        self._parts = plan.parts(str(account.transport.base_url))
        self._at = start
        self._limit = limit
        self._seen = SeenIds(start.taken)
        self._in_part = len(start.taken)
        self._page_before: list[M] = []
        self._size_limit = CUT
        self._hint = (self._path, plan.include.text)
        self.over = start.part >= len(self._parts)

    async def fetch(self) -> _Fetched[M] | None:
        """The next page; None at the end."""
        if self.over:
            return None
        part = self._parts[self._at.part]
        while True:
            size = self._size()
            page = self._at.offset // size
            request = Request(
                "GET",
                self._path,
                self._plan.query(part, page, size),
                include=self._plan.include.text,
            )
            items, count = await self._account.fetch(self._plan.cls, request)
            nested = count_nested(items, self._plan.include)
            kind = cut_type(count, self._path, nested)
            if kind is None:
                return self._take(items, count, page, size)
            if self._plan.truncation == "raise":
                raise TruncatedError(
                    f"Page {page} of {self._path} reached {CUT} objects of {kind}, so some may be missing; "
                    'ask for smaller pages, or leave truncation at "repair"',
                    type=kind,
                    count=CUT,
                )
            if count > 1:
                self._size_limit = max(1, min(size // 2, self._whole_roots(items)))
                continue
            await complete(items[0], self._plan.include, part, kind, self._fetch_all)
            return self._take(items, count, page, size)

    def _whole_roots(self, items: list[M]) -> int:
        """How many root objects to ask for, after a cut: 0.8 of those that had children before it set in."""
        members = [
            declaration(self._plan.cls).includes[name].name
            for name, tree in self._plan.include.children.items()
            if tree.many
        ]
        last = max(
            (index + 1 for index, item in enumerate(items) if any(getattr(item, name) for name in members)),
            default=len(items),
        )
        return int(last * 0.8)

    def _size(self) -> int:
        """The page size to ask for at this offset."""
        plan, offset = self._plan, self._at.offset
        most = self._size_limit
        if plan.page_size is not None:
            return min(plan.page_size, most)
        most = min(most, largest_page(plan.include, self._path, self._account.learned.densities.get(self._hint)))
        if self._limit is not None and offset == 0:
            most = max(1, min(most, self._limit + self._in_part))
        if offset == 0:
            return most
        # Any size will do at any offset; the one that overlaps least with what was had wastes least.
        return min(range(max(1, most * 3 // 4), most + 1), key=lambda size: (offset % size, -size))

    def _take(self, items: list[M], count: int, page: int, size: int) -> _Fetched[M]:
        ignored = count > size  # more than asked for: the service took no notice of paging here
        if ignored and count >= CUT:
            raise TruncatedError(
                f"{self._path} came unpaged with {count} objects, and an answer holds {CUT}: some may be missing. "
                "Filter the list, by date or by parent",
                type=self._path,
                count=count,
            )
        ids = [getattr(item, "id", UNSET) for item in items]
        nameless = all(id is UNSET for id in ids)
        news = iter(self._seen.add_new(id for id in ids if id is not UNSET))
        fresh = [item for item, id in zip(items, ids, strict=True) if id is UNSET or next(news)]
        full = count >= size and not ignored
        repeats = not fresh or (nameless and items == self._page_before)
        if full and items and repeats and self._at.offset > 0:
            raise PagingError(
                f"Page {page} of {self._path} (size {size}) repeats what came before: "
                "the service does not page this list, or it changed all the while",
                page=page,
            )
        self._page_before = items if nameless else []
        self._in_part += len(fresh)
        self._learn(items, count, size)
        at = self._at
        if full and not self._has_all_ids():
            self._at = _Position(at.digest, at.part, page * size + count)
        else:
            self._at = _Position(at.digest, at.part + 1)
            self._in_part = 0
            self._page_before = []
            self.over = self._at.part >= len(self._parts)
        return _Fetched(fresh, at, self._at)

    def _learn(self, items: list[M], count: int, size: int) -> None:
        if self._plan.include.is_empty:
            return
        seen = density(count, self._path, count_nested(items, self._plan.include))
        densities = self._account.learned.densities
        # One light page must not make the next too large: what was seen before fades slowly.
        densities[self._hint] = max(seen, 0.5 * densities.get(self._hint, 0.0))
        if self._size_limit < CUT and count:
            self._size_limit = min(CUT, size * 2)

    def _has_all_ids(self) -> bool:
        """Whether the filter names ids, and all of them have come."""
        named = [_values(one) for one in self._parts[self._at.part].conditions if one.name == "id"]
        return any(values is not None and self._in_part >= len(values) for values in named)

    async def _fetch_all(self, cls: type[Model], where: Where, include: IncludeTree) -> list[Any]:
        plan: Plan[Any] = Plan(cls=cls, where=where, include=include.with_id(), truncation=self._plan.truncation)
        return await Listing(self._account, plan).all()


def _values(condition: Condition) -> tuple[Any, ...] | None:
    if condition.operator == "in" and isinstance(condition.value, tuple):
        return condition.value
    return (condition.value,) if condition.operator == "=" else None


def _position(resume: str | None, plan: Plan[Any]) -> _Position:
    if resume is None:
        return _Position(plan.digest)
    try:
        position = msgspec.json.decode(resume, type=_Position)
    except msgspec.DecodeError as error:
        raise InvalidRequest(f"resume is not a checkpoint of a listing: {error}") from None
    if position.digest != plan.digest:
        raise InvalidRequest(
            "resume is a checkpoint of another listing: its resource, where or include is not the same"
        )
    return position
