"""From an answer's bytes to models: the fast path for a whole page, and the tolerant one for what is odd in it.

A page is decoded at once, into the leanest twins that take it (see `twins` for which there are, and why that is fast).
When something does not fit its declared type, the page is taken apart, its objects are decoded one by one, and only
the odd ones take the tolerant path.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import attrs
import msgspec
from msgspec import UNSET

from paymo_async.errors import DecodeError
from paymo_async.models.base import Model, declaration
from paymo_async.wire.envelope import exact_json, find_items, is_list, is_object, raw_items
from paymo_async.wire.tolerant import Misfit, reader
from paymo_async.wire.twins import FLAT, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import cattrs

__all__ = ["Decoded", "decode_array", "decode_item", "decode_items", "decode_one", "read_plain"]

M = TypeVar("M", bound=Model)

_VALUE_SHOWN: Final = 200  # characters of a value in an error's text


@attrs.define
class Decoded(Generic[M]):
    """The objects of one answer.

    items: what was read, in the order of the answer. undecodable: an error for each object that cannot be read, its
    `path` starting at the body (`$.entries[17].date`); nothing else is missing from `items`.
    places: where in the answer the undecodable ones stood, counted from 0.
    """

    items: list[M]
    undecodable: list[DecodeError] = attrs.field(factory=list[DecodeError])
    places: list[int] = attrs.field(factory=list[int])

    @property
    def count(self) -> int:
        """How many objects the answer held, readable or not: a page shorter than its size is the last."""
        return len(self.items) + len(self.undecodable)


def decode_items(cls: type[M], body: bytes, *, keys: Sequence[str] = ()) -> Decoded[M]:
    """The objects of an answer, under one of the declared response keys, `keys`, or the body's only list.

    Raises `UnexpectedContent` where there are no objects to read (HTML, another envelope), and `DecodeError` where the
    body is cut or broken.
    """
    known = declaration(cls).keys
    return _decode(cls, body, (*known, *keys) if keys else known)


def decode_one(cls: type[M], body: bytes) -> M | None:
    """The object of an answer that holds just one, quicker than `decode_items`; None where that must look closer.

    It never raises: whatever is odd about an answer, `decode_items` says so.
    """
    flat = FLAT.twin(cls)
    twin = flat if flat.hint is None else flat.hint.twin(cls)
    try:
        found: Any = twin.page_decoder(declaration(cls).keys).decode(body).key_0
    except _UNFIT:
        return None
    if not is_list(found) or len(found) != 1:
        return None
    made: M = twin.copy(found[0])
    return made


def decode_array(cls: type[M], body: bytes) -> Decoded[M]:
    """The objects of a JSON list without an envelope. Raises as `decode_items` does."""
    decoded = _decode(cls, b'{"items":%b}' % body, ("items",))
    for error in decoded.undecodable:
        error.path = error.path.replace("$.items", "$", 1)
    return decoded


def decode_item(cls: type[M], raw: bytes | msgspec.Raw) -> M:
    """One object without an envelope. Raises `DecodeError`."""
    return _decode_item(cls, FLAT, raw)


def read_plain(cls: type[M], plain: Any) -> M:
    """One object from plain values, by the tolerant path. Raises `DecodeError`."""
    if not is_object(plain):
        raise _error(cls, plain, Misfit(plain, "an object"))
    try:
        made: M = _reader().structure(plain, cls)
    except Misfit as misfit:
        raise _error(cls, plain, misfit) from None
    return made


_UNFIT: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def _decode(cls: type[M], body: bytes, accepted: tuple[str, ...]) -> Decoded[M]:
    kind, flat = FLAT, FLAT.twin(cls)
    while True:
        twin = kind.twin(cls)
        try:
            structs = _first_list(twin.page_decoder(accepted).decode(body))
        except _UNFIT as error:
            wider = kind.wider(cls, str(error), envelope=True)
            if wider is None:
                break
            kind = flat.hint if kind is FLAT and flat.hint and flat.hint.covers(wider) else wider
            continue
        if structs is None:
            break
        if kind is not FLAT:
            flat.hint = kind
        return Decoded(twin.copy_all(structs))
    try:
        key, raws = raw_items(body, accepted)
    except _UNFIT:
        key, plain = find_items(body, accepted)
        return _one_by_one(key, plain, functools.partial(_read_odd, cls))
    return _one_by_one(key, raws, functools.partial(_decode_item, cls, kind))


def _first_list(page: Any) -> list[Any] | None:
    for field in page.__struct_fields__:
        found: Any = getattr(page, field)
        if found is not UNSET:
            return found if is_list(found) else [found]
    return None


def _decode_item(cls: type[M], kind: Kind, raw: bytes | msgspec.Raw) -> M:
    tried: Kind | None = kind
    while tried is not None:
        twin = tried.twin(cls)
        try:
            made: M = twin.copy(twin.item_decoder.decode(raw))
        except _UNFIT as error:
            tried = tried.wider(cls, str(error), envelope=False)
        else:
            return made
    try:
        plain = exact_json(bytes(raw))
    except DecodeError as error:
        raise error.about(resource=_resource(cls)) from None
    return read_plain(cls, plain)


@functools.cache
def _reader() -> cattrs.Converter:
    return reader()


def _one_by_one(key: str, elements: Sequence[Any], read: Callable[[Any], M]) -> Decoded[M]:
    decoded = Decoded[M]([])
    for place, element in enumerate(elements):
        try:
            decoded.items.append(read(element))
        except DecodeError as error:
            error.path = f"$.{key}[{place}]{error.path[1:]}" if key else f"$[{place}]{error.path[1:]}"
            decoded.undecodable.append(error)
            decoded.places.append(place)
    return decoded


def _read_odd(cls: type[M], plain: Any) -> M:
    """For values that only Python's own parser took: half a surrogate pair is no text, and would fail later on."""
    try:
        json.dumps(plain, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError as error:
        raise DecodeError(f"{cls.__name__} cannot be read: {error}", resource=_resource(cls), path="$") from None
    return read_plain(cls, plain)


def _resource(cls: type[Model]) -> str:
    return declaration(cls).path or cls.__name__


def _error(cls: type[Model], plain: Any, misfit: Misfit) -> DecodeError:
    path = "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in misfit.path)
    shown = repr(misfit.value)
    shown = shown if len(shown) <= _VALUE_SHOWN else shown[:_VALUE_SHOWN] + "..."
    id_: Any = plain.get("id") if is_object(plain) else None
    id_ = None if "id" in declaration(cls).by_name and declaration(cls).by_name["id"].marks.secret else id_
    which = cls.__name__ if id_ is None else f"{cls.__name__} {id_}"
    return DecodeError(
        f"{which} cannot be read: {path} is {shown}, not {misfit.expected}",
        resource=_resource(cls),
        id=id_,
        path=path,
        value=misfit.value,
    )
