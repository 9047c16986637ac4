"""Twins: from bytes to models at nearly the speed of plain msgspec Structs.

Decoding straight onto attrs classes is slow where keys are absent: msgspec then pays about 0.2 us for every one of
them, and the service leaves most out. So each model has a twin, a msgspec Struct made from the same declaration, in
which everything may be `UNSET` or null. A page is decoded into twins in C, and a generated function then copies the
slots over, for a whole list at once: 1.5 to 1.9 times the cost of the Structs alone, whether keys are absent or not.
The copiers are the one place where code is made from text: a loop with `setattr` takes three times as long, and a
call for every object costs a fifth more.

Twins refuse unknown fields, so that anything new is noticed for nothing; `Kind.wider` then says what to try next:

- flat twins hold no includes. Most answers carry none, and then no twin is made of the models that a resource could
  reach through its includes;
- full ones hold the includes too;
- widened ones also hold, in the class where each was met, fields that the service has and we do not know. A page
  fails for each such field, mostly at its first object, which costs next to nothing, and ends with twins that keep
  them all in `extra`. (Reading the page again as plain JSON and looking for what is unknown costs five times as much.)

Twins are derived from classes and hold no state. They are made when they are first needed, and kept; of the widened
ones, the last few sets. attrs converters, validators and hooks do not run here.
"""

from __future__ import annotations

import functools
import itertools
import re
import threading
import types
import typing
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Final, Union

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from paymo_async.models.base import Attribute, Include, Model, declaration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["FLAT", "FULL", "Kind", "Twin", "json_decoder"]

Unknown = frozenset[tuple[type[Model], str]]
"""Fields that no declaration holds: the class in which each was met, and the service's name for it."""

_AWARE = Annotated[datetime, Meta(tz=True)]  # a naive one takes the tolerant path, which knows that it is UTC
_MOST_UNKNOWN: Final = 32  # an answer with more of them than this is read one object at a time, without twins
_STRUCT_NAME: Final = re.compile(r'[^"\\\x00-\x1f]*')  # what msgspec takes as a field's name
_REFUSED: Final = re.compile(r"unknown field `(?P<name>.*?)`(?: - at `(?P<path>[^`]*)`)?$", re.DOTALL)


class Twin:
    """What the codec knows of one model.

    struct: the Struct beside it. copy, copy_all: make the model from an instance of it, the models from a list.
    nested: by the service's names, the twins of the objects in it.
    hint: of a flat twin, the wider kind that took the last answer it refused. What the service added stays added, and
    so an answer fails once on its way to the right kind, not once for each new field.
    """

    def __init__(self, model: type[Model], struct: type[Struct]) -> None:
        self.model = model
        self.struct = struct
        self.copy: Callable[[Any], Any]
        self.copy_all: Callable[[list[Any]], list[Any]]
        self.nested: dict[str, Twin] = {}
        self.hint: Kind | None = None
        self._pages: dict[tuple[str, ...], msgspec.json.Decoder[Any]] = {}

    @functools.cached_property
    def item_decoder(self) -> msgspec.json.Decoder[Any]:
        """For one object."""
        return json_decoder(self.struct)

    def page_decoder(self, keys: tuple[str, ...]) -> msgspec.json.Decoder[Any]:
        """For an answer that holds a list of objects under one of `keys`, all others being passed over.

        A singleton's answer may be its object, without the list. Elsewhere the tolerant path looks closer at that.
        """
        found = self._pages.get(keys)
        if found is None:
            struct: Any = self.struct
            objects: Any = list[struct] | struct if declaration(self.model).singleton else list[struct]
            fields = {f"key_{number}": key for number, key in enumerate(dict.fromkeys(keys))}
            page = msgspec.defstruct(
                "Page", [(name, objects | UnsetType, UNSET) for name in fields], rename=fields, gc=False
            )
            found = self._pages[keys] = json_decoder(page)
        return found


class Kind:
    """All twins that hold, or do not hold, includes and certain unknown fields. Get one with `FLAT`, `FULL`, `wider`.

    The copiers of a kind call each other, so they share the names that they look up.
    """

    def __init__(self, *, includes: bool, unknown: Unknown = frozenset()) -> None:
        self.includes = includes
        self.unknown = unknown
        self._twins: dict[type[Model], Twin] = {}
        self._names: dict[str, Any] = {"UNSET": UNSET, "new": object.__new__, "repeat": itertools.repeat}
        self._lock = threading.Lock()

    def twin(self, model: type[Model]) -> Twin:
        """The twin of a model; made at its first use, together with all that it reaches."""
        found = self._twins.get(model)
        if found is not None:  # a twin is put in when all that it reaches is complete, so readers need no lock
            return found
        with self._lock:
            return self._twins.get(model) or self._build(model)

    def wider(self, model: type[Model], refusal: str, *, envelope: bool) -> Kind | None:
        """The kind that takes the field for which msgspec refused an answer, by the text of its error.

        None where it refused something else. envelope: whether the error's path starts outside the object.
        """
        match = _REFUSED.search(refusal)
        if match is None:
            return None
        twin: Twin | None = self.twin(model)
        for step in re.findall(r"\.(\w+)", match["path"] or "")[1 if envelope else 0 :]:
            twin = twin.nested.get(step) if twin else None
        if twin is None or len(self.unknown) == _MOST_UNKNOWN:
            return None
        name: str = match["name"]
        if not _STRUCT_NAME.fullmatch(name):
            return None
        if name in declaration(twin.model).includes:
            return None if self.includes else _kind(True, self.unknown)
        met = (twin.model, name)
        return None if met in self.unknown else _kind(self.includes, self.unknown | {met})

    def covers(self, other: Kind) -> bool:
        """Whether it takes all that the other one takes."""
        return self.includes >= other.includes and self.unknown >= other.unknown

    def _build(self, model: type[Model]) -> Twin:
        made = {cls: Twin(cls, self._bare_struct(cls)) for cls in self._reachable(model) if cls not in self._twins}
        every = {**self._twins, **made}
        for cls, twin in made.items():
            for member in self._decoded(cls):
                target = _target(member)
                if target is not None:
                    twin.nested[member.wire] = every[target]
                # msgspec reads annotations when a decoder is made: until then, twins may name each other freely.
                twin.struct.__annotations__[member.name] = _annotation(member, every)
        for cls, twin in made.items():
            self._names[f"cls_{cls.__name__}"] = cls
            exec(self._copiers(cls), self._names)  # noqa: S102  # its text holds names of our own classes only
            twin.copy = self._names[f"copy_{cls.__name__}"]
            twin.copy_all = self._names[f"copy_all_{cls.__name__}"]
        self._twins.update(made)
        return made[model]

    def _bare_struct(self, cls: type[Model]) -> type[Struct]:
        names = {member.name: member.wire for member in self._decoded(cls)}
        names.update(self._unknown_of(cls))
        return msgspec.defstruct(
            cls.__name__,
            [(name, Any, UNSET) for name in names],
            rename=names,
            forbid_unknown_fields=True,
            gc=False,
        )

    def _unknown_of(self, cls: type[Model]) -> list[tuple[str, str]]:
        """The unknown fields of a class, each with the slot that the twin keeps it in."""
        names = sorted(name for where, name in self.unknown if where is cls)
        return [(f"unknown_{number}", name) for number, name in enumerate(names)]

    def _decoded(self, cls: type[Model]) -> Iterator[Attribute | Include]:
        """The members of the twin; where an attribute and an include share the service's name, it is the include."""
        found = declaration(cls)
        for member in found.members:
            if self.includes if member.is_include else member.wire not in found.includes:
                yield member

    def _reachable(self, model: type[Model]) -> Iterator[type[Model]]:
        seen = {model}
        left = [model]
        while left:
            cls = left.pop()
            yield cls
            targets = {target for member in self._decoded(cls) if (target := _target(member)) is not None}
            left.extend(targets - seen)
            seen |= targets

    def _copiers(self, cls: type[Model]) -> str:
        """The text of `copy_Task(o)`, which makes a Task of the twin `o`, and of `copy_all_Task(os)`."""
        name = cls.__name__
        slots = [*self._slots(cls), *self._extra(cls)]
        return "\n".join(
            (
                f"def copy_{name}(o):",
                f"    x = new(cls_{name})",
                *(f"    {line}" for line in slots),
                "    return x",
                f"def copy_all_{name}(os):",
                f"    xs = list(map(new, repeat(cls_{name}, len(os))))",
                "    for x, o in zip(xs, os):",
                *(f"        {line}" for line in slots),
                "    return xs",
            )
        )

    def _slots(self, cls: type[Model]) -> Iterator[str]:
        """The lines that fill the slots of the model `x` from its twin `o`."""
        decoded = {member.name for member in self._decoded(cls)}
        absent = [member.name for member in declaration(cls).members if member.name not in decoded]
        if absent:
            yield "".join(f"x.{name} = " for name in absent) + "UNSET"
        for member in self._decoded(cls):
            target = _target(member)
            if target is None:
                yield f"x.{member.name} = o.{member.name}"
                continue
            yield f"v = o.{member.name}"
            copied = f"copy_all_{target.__name__}" if member.many else f"copy_{target.__name__}"
            yield f"x.{member.name} = {copied}(v) if v else v"

    def _extra(self, cls: type[Model]) -> Iterator[str]:
        unknown = self._unknown_of(cls)
        if not unknown:
            yield "x._extra = None"
            return
        yield "e = {}"
        for slot, wire in unknown:
            self._names[f"{slot}_{cls.__name__}"] = wire  # looked up: the service's words are no part of any code
            yield f"if o.{slot} is not UNSET: e[{slot}_{cls.__name__}] = o.{slot}"
        yield "x._extra = e or None"


def json_decoder(type_: Any) -> msgspec.json.Decoder[Any]:
    """A lax decoder: numbers may be text, datetimes Unix timestamps; fractions in untyped places become Decimals."""
    return msgspec.json.Decoder(type_, strict=False, float_hook=Decimal)


@functools.lru_cache(maxsize=32)
def _kind(includes: bool, unknown: Unknown) -> Kind:  # lru_cache has no use for names
    if not unknown:
        return FULL if includes else FLAT
    return Kind(includes=includes, unknown=unknown)


FLAT: Final = Kind(includes=False)
FULL: Final = Kind(includes=True)


def _target(member: Attribute | Include) -> type[Model] | None:
    return member.target if isinstance(member, Include) else member.model


def _annotation(member: Attribute | Include, twins: Mapping[type[Model], Twin]) -> Any:
    if isinstance(member, Include):
        struct: Any = twins[member.target].struct
        return (list[struct] if member.many else struct) | None | UnsetType
    return Union[(*(_twin_type(found, twins) for found in member.types), None, UnsetType)]


def _twin_type(found: Any, twins: Mapping[type[Model], Twin]) -> Any:
    if found is datetime:
        return _AWARE
    if typing.get_origin(found) is list:
        inner: Any = _twin_type(typing.get_args(found)[0], twins)
        return types.GenericAlias(list, inner)
    return twins[found].struct if found in twins else found
