"""Operations that are the same for all resources, each written once; a resource is put together from them.

    class Tasks(Lists[Task], Gets[Task], Creates[Task], Updates[Task], Deletes[Task]):
        model = Task

So a type checker sees only what the service has: `paymo.company.list` is an error before it runs.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import attrs

from paymo_async.account import Account, Truncation
from paymo_async.conditions import F, Where
from paymo_async.errors import APIError, BadRequest, InvalidRequest, NotFound, TruncatedError
from paymo_async.fanout import FanOut, Many, Outcome, Progress
from paymo_async.includes import Includes, IncludeTree
from paymo_async.listing import MAX_URL, Listing, Plan
from paymo_async.loader import Loader
from paymo_async.models.base import UNSET, Model, declaration
from paymo_async.query import Wheres, build_include, build_where, encode_params
from paymo_async.transport.files import OnBytes, download
from paymo_async.truncation import CUT, complete, count_nested, cut_type, largest_page
from paymo_async.wire.codec import decode_one
from paymo_async.wire.encode import encode_create, encode_update
from paymo_async.wire.messages import JSON, Request

__all__ = [
    "Creates",
    "Deletes",
    "Documents",
    "Gets",
    "GetsOneByOne",
    "Id",
    "Lists",
    "Resource",
    "Singleton",
    "Standard",
    "Updates",
    "check_type",
    "segment",
]

M = TypeVar("M", bound=Model)

Id = int | str
"""Ids are integers; those of sessions are hex strings."""

_ID = re.compile(r"[0-9A-Za-z]+")
_CONTENT_TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class Resource(Generic[M]):
    """What can be done with one kind of object."""

    model: ClassVar[type[Any]]

    def __init__(self, account: Account) -> None:
        self._account = account
        self.path: str = declaration(self.model).path
        """Its path under the API's root."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} /{self.path}>"

    def _include(self, include: Includes) -> IncludeTree:
        return build_include(declaration(self.model), include)

    async def _one(self, request: Request) -> M:
        """The single object of an answer."""
        response = await self._account.send(request)
        item: M | None = decode_one(self.model, response.body)
        return self._only(request, *self._account.read(self.model, response)) if item is None else item

    @staticmethod
    def _only(request: Request, items: Sequence[M], count: int) -> M:
        if not items:
            reason = "is not readable" if count else "was not in the answer"
            raise NotFound(f"{request.path} {reason}", method=request.method, url=request.path, status=200)
        return items[0]

    async def _put(self, path: str, changes: M) -> M:
        return await self._one(Request("PUT", path, body=self._update_body(changes), content_type=JSON))

    def _update_body(self, changes: M) -> bytes:
        check_type(changes, self.model)
        return encode_update(changes)

    async def _fetch_all(self, cls: type[Any], where: Where, include: IncludeTree) -> list[Any]:
        plan: Plan[Any] = Plan(cls=cls, where=where, include=include.with_id(), truncation=self._account.truncation)
        return await Listing(self._account, plan).all()

    async def _save(self, request: Request, target: Path, expect: str | None, on_bytes: OnBytes | None) -> Path:
        """Downloads to `target`, whose folder is made if missing."""
        account = self._account
        await asyncio.to_thread(target.parent.mkdir, parents=True, exist_ok=True)
        return await download(account.transport, request, account.options, target, expect=expect, on_bytes=on_bytes)

    async def _get_whole(self, path: str, include: Includes, partial_include: str | None) -> M:
        """One object, its collections complete."""
        tree = self._include(include)
        query = encode_params(None, tree, partial_include=partial_include)
        item = await self._one(Request("GET", path, query, include=tree.text))
        if tree.is_empty:
            return item
        kind = cut_type(1, self.path, count_nested([item], tree))
        if kind is None:
            return item
        if self._account.truncation == "raise":
            raise TruncatedError(
                f"{path} reached {CUT} objects of {kind}, so some may be missing", type=kind, count=CUT
            )
        await complete(item, tree, Where(escape=self._account.escape), kind, self._fetch_all)
        return item


class Lists(Resource[M]):
    """Resources with a list."""

    def list(
        self,
        *,
        where: Wheres = None,
        include: Includes = None,
        partial_include: str | None = None,
        page_size: int | None = None,
        prefetch: int = 0,
        resume: str | None = None,
        truncation: Truncation | None = None,
        **equals: Any,
    ) -> Listing[M]:
        """The objects that match, as a listing: nothing is sent until it is used.

        where: conditions made with `F`, or text that is sent as it is. include: related objects to send along, as
        "client,tasklists.tasks". equals: keyword equality, `complete=False`; a list asks for one of its values.
        page_size: 1 to 2500, else it adapts. prefetch: 1 fetches the next page while this one is worked on.
        resume: a checkpoint of the same listing. truncation: "repair" or "raise" when an answer was cut at 2500.
        partial_include: sent as it is (the service names it and does not explain it).

        Raises `QueryError` at once for names and values that cannot be right.
        """
        if page_size is not None and not 1 <= page_size <= CUT:
            raise InvalidRequest(f"page_size must be 1 to {CUT}, not {page_size}")
        if prefetch not in (0, 1):
            raise InvalidRequest(f"prefetch must be 0 or 1, not {prefetch}")
        tree = self._include(include).with_id()
        asked = build_where(declaration(self.model), where, equals, include=tree, escape=self._account.escape)
        plan: Plan[M] = Plan(
            cls=self.model,
            where=asked,
            include=tree,
            partial_include=partial_include,
            page_size=page_size,
            prefetch=prefetch,
            truncation=truncation or self._account.truncation,
        )
        return Listing(self._account, plan, resume=resume)


class Gets(Resource[M]):
    """Resources of which one can be read by its id."""

    async def get(self, id: Id, *, include: Includes = None, partial_include: str | None = None) -> M:
        """One object. Raises `NotFound` where there is none with this id, and what `PaymoClient` says of any call."""
        path = f"{self.path}/{segment(id)}"
        if include is None and partial_include is None:
            return await self._one(Request("GET", path))
        return await self._get_whole(path, include, partial_include)

    async def refresh(self, item: M, *, include: Includes = None) -> M:
        """The object as the service has it now; `item` itself is not changed. Raises `InvalidRequest` without an id."""
        check_type(item, self.model)
        return await self.get(getattr(item, "id", None), include=include)  # type: ignore[arg-type]  # checked by get

    def get_many(
        self,
        ids: Iterable[int],
        *,
        include: Includes = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> Many[int, M]:
        """Many objects by id, with few requests: `where=id in (...)`, as many in one as fit.

        `await` gives a list in the ids' order; `async for` an `Outcome` for each id, as they come. An id that does
        not come back is an outcome with a `NotFound`. Should the service refuse such a filter for this resource,
        each object is asked for by itself, from then on.
        """
        wanted = list(ids)
        for id in wanted:
            segment(id)
        tree = self._include(include).with_id()
        indexes: dict[int, list[int]] = {}
        for index, id in enumerate(wanted):
            indexes.setdefault(id, []).append(index)

        async def fetch(chunk: Sequence[int]) -> list[Outcome[int, M]]:
            outcomes = await self._chunk(chunk, tree)
            return [attrs.evolve(outcome, index=i) for outcome in outcomes for i in indexes[outcome.item]]

        chunks = list(self._chunks(list(indexes), tree))
        batches = FanOut(fetch, chunks, width=self._account.width, ordered=True, on_progress=on_progress)
        return Many(batches, len(wanted))

    def loader(self, *, include: Includes = None, wait: float = 0.0) -> Loader[M]:
        """Merges gets made at about the same moment into few requests; see `paymo_async.loader`.

        wait: seconds to gather before asking; 0 is one turn of the event loop.
        """
        tree = self._include(include)
        return Loader(lambda ids: self.get_many(ids, include=tree), wait=wait)

    def _chunks(self, ids: Sequence[int], tree: IncludeTree) -> Iterable[Sequence[int]]:
        if self.path in self._account.learned.single_gets:
            yield from ([id] for id in ids)
            return
        hint = self._account.learned.densities.get((self.path, tree.text))
        most = min(largest_page(tree, self.path, hint), CUT - 1)
        room = MAX_URL - len(f"{self._account.transport.base_url}{self.path}?where=&page=0&page_size=0000")
        room -= len(encode_params(None, tree))
        for start in range(0, len(ids), most):
            for where in Where((F.id.in_(ids[start : start + most]),)).split(room):
                (condition,) = where.conditions
                yield condition.value  # type: ignore[misc]  # the ids of an `in`

    async def _chunk(self, ids: Sequence[int], tree: IncludeTree) -> list[Outcome[int, M]]:
        learned = self._account.learned
        if self.path in learned.single_gets:
            return [await self._outcome(id, tree) for id in ids]
        plan: Plan[M] = Plan(
            cls=self.model,
            where=Where((F.id.in_(ids),)),
            include=tree,
            page_size=len(ids),
            truncation=self._account.truncation,
        )
        try:
            # Every resource has an id; `Model` alone, which nested objects share, does not say so.
            found: dict[Any, M] = {
                getattr(item, "id", UNSET): item for item in await Listing(self._account, plan).all()
            }
        except BadRequest as error:
            if not _refuses_ids(error):
                return [Outcome(id, error=error) for id in ids]
            learned.single_gets.add(self.path)
            return await self._chunk(ids, tree)
        except Exception as error:  # noqa: BLE001  # each id of the request has this outcome
            return [Outcome(id, error=error) for id in ids]
        return [Outcome(id, found[id]) if id in found else Outcome(id, error=self._missing(id)) for id in ids]

    async def _outcome(self, id: int, tree: IncludeTree) -> Outcome[int, M]:
        try:
            return Outcome(id, await self.get(id, include=tree))
        except Exception as error:  # noqa: BLE001  # an outcome, whatever it is
            return Outcome(id, error=error)

    def _missing(self, id: int) -> NotFound:
        url = f"{self._account.transport.base_url}{self.path}/{id}"
        return NotFound(f"No object with id {id} in {self.path}", method="GET", url=url, status=404)


class GetsOneByOne(Gets[M]):
    """Resources whose list carries less than one of them does, so that each is asked for by itself."""

    def _chunks(self, ids: Sequence[int], tree: IncludeTree) -> Iterable[Sequence[int]]:
        return ([id] for id in ids)

    async def _chunk(self, ids: Sequence[int], tree: IncludeTree) -> list[Outcome[int, M]]:
        return [await self._outcome(id, tree) for id in ids]


class Creates(Resource[M]):
    """Resources that can be made."""

    async def create(self, item: M) -> M:
        """Makes an object of what is set on `item`, and returns it as the service answers it.

        Raises `InvalidRequest` before anything is sent where a required attribute is missing or a read-only one is
        set. It is sent again only when the service cannot have seen it.
        """
        return await self._one(Request("POST", self.path, body=self._create_body(item), content_type=JSON))

    def create_many(
        self,
        items: Iterable[M],
        *,
        dry_run: bool = False,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> FanOut[M, M]:
        """Makes many objects, a request each (the service has no bulk create), with an `Outcome` for each.

        All are checked before the first is sent. dry_run: only checked; each outcome's value is the item itself.
        """
        wanted = list(items)
        for item in wanted:
            self._create_body(item)

        async def one(item: M) -> M:
            return item if dry_run else await self.create(item)

        return FanOut(one, wanted, width=self._account.width, ordered=True, on_progress=on_progress)

    def _create_body(self, item: M) -> bytes:
        check_type(item, self.model)
        return encode_create(item)


class Updates(Resource[M]):
    """Resources that can be changed."""

    async def update(self, id: Id, changes: M) -> M:
        """Changes exactly what is set on `changes`, and returns the object as the service answers it.

        Raises `InvalidRequest` before anything is sent where nothing is set, or something that cannot be changed.
        """
        return await self._put(f"{self.path}/{segment(id)}", changes)

    def update_many(
        self,
        changes: Mapping[int, M],
        *,
        dry_run: bool = False,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> FanOut[int, M]:
        """Changes many objects, given as a mapping of ids to what to set on each, with an `Outcome` for each id.

        All are checked before the first is sent. dry_run: only checked; each outcome's value is what would be set.
        """
        wanted = dict(changes)
        for id, change in wanted.items():
            segment(id)
            self._update_body(change)

        async def one(id: int) -> M:
            return wanted[id] if dry_run else await self.update(id, wanted[id])

        return FanOut(one, list(wanted), width=self._account.width, ordered=True, on_progress=on_progress)


class Deletes(Resource[M]):
    """Resources that can be deleted."""

    async def delete(self, id: Id) -> None:
        """Deletes an object and what belongs to it. Raises `NotFound` where there is none with this id."""
        await self._account.send(Request("DELETE", f"{self.path}/{segment(id)}"))

    def delete_many(
        self,
        ids: Iterable[int],
        *,
        dry_run: bool = False,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> FanOut[int, None]:
        """Deletes many objects, with an `Outcome` for each id. dry_run: the ids are checked, and nothing is sent."""
        wanted = list(dict.fromkeys(ids))
        for id in wanted:
            segment(id)

        async def one(id: int) -> None:
            if not dry_run:
                await self.delete(id)

        return FanOut(one, wanted, width=self._account.width, ordered=True, on_progress=on_progress)


class Standard(Lists[M], Gets[M], Creates[M], Updates[M], Deletes[M]):
    """Resources with all five operations, as most have."""


class Singleton(Resource[M]):
    """A resource of which there is one."""

    async def get(self) -> M:
        """The object."""
        return await self._one(Request("GET", self.path))


class Documents(Resource[M]):
    """Resources that the service also writes as a document. formats: which."""

    formats: ClassVar[tuple[str, ...]]

    async def download(
        self,
        id: int,
        format: str,
        into: Path | str,
        *,
        name: str | None = None,
        on_bytes: OnBytes | None = None,
    ) -> Path:
        """Downloads a document into a folder (made if missing), as `reports-12.pdf` or `name`, and returns its path.

        The file has its name only once it is whole. Raises `InvalidRequest` for a format the service does not write.
        """
        self._check_format(format)
        request = Request(
            "GET", f"{self.path}/{segment(id)}", f"format={format}", accept=f"{_CONTENT_TYPES[format]}, {JSON};q=0.1"
        )
        target = Path(into) / (name or f"{self.path}-{id}.{format}")
        return await self._save(request, target, _CONTENT_TYPES[format], on_bytes)

    def download_many(
        self,
        ids: Iterable[int],
        format: str,
        *,
        into: Path | str,
        progress: Callable[[Progress], None] | None = None,
    ) -> FanOut[int, Path]:
        """Downloads many documents into a folder: outcomes with paths. progress: told after each."""
        self._check_format(format)

        def one(id: int) -> Awaitable[Path]:
            return self.download(id, format, into)

        return FanOut(one, ids, width=self._account.width, on_progress=progress)

    def _check_format(self, format: str) -> None:
        if format not in self.formats:
            raise InvalidRequest(f"{self.path} come as {' or '.join(self.formats)}, not as {format!r}")


def segment(id: object) -> str:
    """An id as part of a path; refused before it can be read as something else."""
    if (isinstance(id, int) and not isinstance(id, bool) and id > 0) or (isinstance(id, str) and _ID.fullmatch(id)):
        return str(id)
    raise InvalidRequest(f"An id is a positive integer, not {id!r}")


def check_type(item: object, model: type[Model]) -> None:
    """Refuses what is no object of a resource, with a remedy."""
    if isinstance(item, model):
        return
    if isinstance(item, Mapping):
        raise InvalidRequest(f"Give a {model.__name__}: {model.__name__}.from_dict(...) makes one of a dict")
    raise InvalidRequest(f"Give a {model.__name__}, not a {type(item).__name__}")


def _refuses_ids(error: APIError) -> bool:
    """Whether a 400 is about the filter by id, and not about what else was asked."""
    return "where" in error.server_message.lower() or getattr(error, "field", None) == "id"
