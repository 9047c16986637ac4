"""Operations that several resources share, beside the general ones of `base.py`; each is written once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from yarl import URL

from paymo_async.conditions import F, Where
from paymo_async.errors import DecodeError, InvalidRequest
from paymo_async.models.base import UNSET, Model, declaration
from paymo_async.query import build_include
from paymo_async.resources.base import Creates, Gets, Id, Resource, Updates, check_type, segment
from paymo_async.transport.files import OnBytes
from paymo_async.transport.uploads import Content, Source, upload
from paymo_async.wire.encode import create_fields
from paymo_async.wire.filenames import HEAD, image_type, safe_name
from paymo_async.wire.messages import Request
from paymo_async.wire.redaction import redact_url

__all__ = [
    "Archives",
    "Assigns",
    "Completes",
    "IdLists",
    "Images",
    "Keeps",
    "Reorders",
    "Sends",
    "SingleImage",
    "Uploads",
    "only_one",
]

M = TypeVar("M", bound=Model)


class Archives(Updates[M]):
    """Resources that can be put aside without being deleted."""

    async def archive(self, id: Id) -> M:
        """Archives one: it keeps all that belongs to it, and no longer counts as active."""
        return await self.update(id, self.model(active=False))

    async def activate(self, id: Id) -> M:
        """Brings an archived one back. Raises `PlanLimit` where the plan has no room for it."""
        return await self.update(id, self.model(active=True))


class Completes(Updates[M]):
    """Resources that get done. A task's status follows: to its workflow's Complete, and back to Backlog."""

    async def complete(self, id: Id) -> M:
        """Marks it as done."""
        return await self.update(id, self.model(complete=True))

    async def reopen(self, id: Id) -> M:
        """Marks it as not done."""
        return await self.update(id, self.model(complete=False))


class IdLists(Gets[M], Updates[M]):
    """Resources with lists of ids that the service takes only whole (BEHAVIOUR.md, Rules of single resources)."""

    async def _change_list(self, id: Id, name: str, *, add: Iterable[int] = (), remove: Iterable[int] = ()) -> M:
        """Reads the list, adds and removes, and writes it where that changed it; returns the object as it is then.

        Changes of one object made with one client wait for each other. What others write between the read and the
        write is lost: the service has no conditional update.
        """
        added, removed = _ids(add), set(_ids(remove))
        if not added and not removed:
            raise InvalidRequest(f"Give at least one id for {self.path}/{id}")
        path = f"{self.path}/{segment(id)}"
        async with self._account.learned.lock(path):
            item = await self.get(id)
            before = getattr(item, name)
            if before is UNSET:
                raise DecodeError(
                    f"{path} came without {name}, so there is nothing to add to or remove from",
                    resource=self.path,
                    id=id,
                    path=f"$.{name}",
                )
            after = [one for one in dict.fromkeys([*(before or ()), *added]) if one not in removed]
            if after == (before or []):
                return item
            return await self.update(id, self.model(**{name: after}))


class Assigns(IdLists[M]):
    """Resources that users are assigned to."""

    async def assign(self, id: Id, *user_ids: int) -> M:
        """Adds users to those assigned. Nothing is written where all of them are."""
        return await self._change_list(id, "users", add=user_ids)

    async def unassign(self, id: Id, *user_ids: int) -> M:
        """Takes users from those assigned. Nothing is written where none of them is."""
        return await self._change_list(id, "users", remove=user_ids)


class Reorders(Updates[M]):
    """Resources whose children have an order."""

    async def _reorder(self, id: Id, name: str, order: Iterable[int]) -> M:
        """Sends ids in their new order."""
        wanted = _ids(order)
        if not wanted:
            raise InvalidRequest("Give the ids in their new order")
        if len(set(wanted)) < len(wanted):
            raise InvalidRequest(f"An id stands twice in the new order: {wanted}")
        return await self.update(id, self.model(**{name: wanted}))

    async def _reorder_whole(self, id: Id, name: str, order: Iterable[int], child: type[Any], key: str) -> M:
        """The same where the service wants all ids: those that are not named follow as they stood."""
        named = _ids(order)
        where = Where((getattr(F, key) == int(segment(id)),))
        children = await self._fetch_all(child, where, build_include(declaration(child), None))
        known = {one.id for one in children}
        strange = [one for one in named if one not in known]
        if strange:
            raise InvalidRequest(f"{self.path}/{id} has no {declaration(child).path} with id {strange[0]}")
        rest = sorted((one for one in children if one.id not in named), key=lambda one: (one.seq or 0, one.id))
        return await self._reorder(id, name, [*named, *(one.id for one in rest)] if named else [])


class Sends(Resource[M]):
    """Resources that take files."""

    async def _send_file(
        self,
        request: Request,
        field: str,
        content: Content,
        fields: Mapping[str, Any] | None,
        on_bytes: OnBytes | None,
    ) -> M:
        account = self._account
        response = await upload(
            account.transport, request, account.options, content, field=field, fields=fields, on_bytes=on_bytes
        )
        return self._only(request, *account.read(self.model, response))

    async def _send_image(self, request: Request, source: Source, filename: str | None, on_bytes: OnBytes | None) -> M:
        """An image, after a look at its first bytes."""
        content = await Content.of(source, filename, unnamed="image")
        kind = image_type(await content.head(HEAD))
        if kind is None:
            raise InvalidRequest(f"{content.filename} is no image that the service takes: JPEG, PNG or GIF")
        content.content_type = kind
        if content.filename == "image":
            content.filename = kind.replace("/", ".")
        return await self._send_file(request, "image", content, None, on_bytes)


class Images(Sends[M]):
    """Resources with an image: a logo or a portrait."""

    async def upload_image(
        self, id: Id, source: Source, *, filename: str | None = None, on_bytes: OnBytes | None = None
    ) -> M:
        """Sets the image: a JPEG, PNG or GIF from a path, bytes, a binary file or an async iterator.

        on_bytes: told bytes sent, and bytes in all or None. Raises `InvalidRequest` before anything is sent where the
        first bytes are of something else, whatever the name says.
        """
        return await self._send_image(Request("POST", f"{self.path}/{segment(id)}"), source, filename, on_bytes)


class SingleImage(Sends[M]):
    """A resource of which there is one, with an image."""

    async def upload_image(self, source: Source, *, filename: str | None = None, on_bytes: OnBytes | None = None) -> M:
        """Sets the image, as `upload_image` of other resources does."""
        return await self._send_image(Request("PUT", self.path), source, filename, on_bytes)


class Uploads(Creates[M], Sends[M]):
    """Resources that a file can be put on."""

    async def upload_file(
        self, id: Id, source: Source, *, filename: str | None = None, on_bytes: OnBytes | None = None
    ) -> M:
        """Puts a file on it, from a path, bytes, a binary file or an async iterator; returns the object itself.

        on_bytes: told bytes sent, and bytes in all or None. It is sent again only when the service cannot have seen
        it, or refused it for the rate limit.
        """
        content = await Content.of(source, filename)
        request = Request("POST", f"{self.path}/{segment(id)}")
        return await self._send_file(request, "file", content, None, on_bytes)

    async def create_with_file(
        self, item: M, source: Source, *, filename: str | None = None, on_bytes: OnBytes | None = None
    ) -> M:
        """Makes an object and puts a file on it, in one request; otherwise as `create` and `upload_file`."""
        check_type(item, self.model)
        fields = create_fields(item)
        content = await Content.of(source, filename)
        return await self._send_file(Request("POST", self.path), "file", content, fields, on_bytes)


class Keeps(Resource[M]):
    """Resources whose objects have a file of their own, under a URL."""

    async def _save_url(
        self,
        url: str,
        into: Path | str,
        name: str | None,
        known_as: str | None,
        fallback: str,
        on_bytes: OnBytes | None,
    ) -> Path:
        """Downloads a file's own URL into a folder, as `name`, or under a safe form of the name it is known by.

        Files are on other hosts, and no credentials go there: `Transport` gives them to the API's own origin only.
        """
        try:
            given = URL(url)
        except ValueError as error:
            raise InvalidRequest(f"{redact_url(url)!r} is no URL: {error}") from None
        if given.scheme not in ("http", "https") or not given.host:
            raise InvalidRequest(f"{redact_url(url)!r} is no address of the web")
        request = Request("GET", str(given.with_fragment(None)), accept="*/*")
        return await self._save(request, Path(into) / (name or safe_name(known_as, fallback)), None, on_bytes)


def only_one(given: Mapping[str, int | None], *, needed: bool) -> dict[str, Any]:
    """The one parent that was given, by its attribute. Raises `InvalidRequest` for several, and for none if needed."""
    found = {name: id for name, id in given.items() if id is not None}
    if len(found) > 1 or (needed and not found):
        raise InvalidRequest(f"Give {'one' if needed else 'at most one'} of {', '.join(given)}")
    for id in found.values():
        segment(id)
    return found


def _ids(given: Iterable[int]) -> list[int]:
    found = list(given)
    for id in found:
        segment(id)
        if isinstance(id, str):
            raise InvalidRequest(f"An id here is an integer, not {id!r}")
    return found
