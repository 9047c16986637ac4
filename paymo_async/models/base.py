"""How a resource is declared: once, as an attrs class.

    @resource("tasks", requires=("name", one_of("tasklist_id", "project_id")))
    class Task(Model):
        id: int = read_only()
        name: str = UNSET
        due_date: date | None = UNSET
        project: Project = include()

Everything that the rest of the package knows about a resource is read off that class with `declaration(Task)`: codec,
`where` checks, includes, request bodies, the sandbox's tables, command line columns and the reference docs.

The classes are ordinary attrs classes: keyword-only, with slots, mutable, compared by value. `UNSET` (the service did
not send it, or you do not set it) is not `None` (null). Annotations name the known type, so that editors and checkers
help; at run time any attribute may be `UNSET`, because narrowed includes send only a part.
"""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Final, Self, TypeGuard, TypeVar, Union, dataclass_transform

import attrs
import msgspec

__all__ = [
    "UNSET",
    "Attribute",
    "Declaration",
    "Include",
    "Model",
    "OneOf",
    "attribute",
    "create_only",
    "declaration",
    "filter_only",
    "include",
    "nested",
    "one_of",
    "read_only",
    "resource",
    "secret",
    "unselectable",
    "write_only",
]

UNSET: Any = msgspec.UNSET
"""Absent: not sent by the service, or not to be sent. Falsy, one instance, survives pickle and copy."""

_META: Final = "paymo"
_M = TypeVar("_M", bound="Model")


class Marks:
    """What an attribute is beside its type; kept in the attrs field's metadata."""

    __slots__ = (
        "create_only",
        "filter_only",
        "hidden",
        "include",
        "read_only",
        "secret",
        "unselectable",
        "wire",
        "write_only",
    )

    def __init__(
        self,
        *,
        wire: str | None = None,
        read_only: bool = False,
        write_only: bool = False,
        create_only: bool = False,
        secret: bool = False,
        unselectable: bool = False,
        filter_only: bool = False,
        hidden: bool = False,
        include: bool = False,
    ) -> None:
        self.wire: str | None = wire
        self.read_only: bool = read_only
        self.write_only: bool = write_only
        self.create_only: bool = create_only
        self.secret: bool = secret
        self.unselectable: bool = unselectable
        self.filter_only: bool = filter_only
        self.hidden: bool = hidden
        self.include: bool = include


_PLAIN: Final = Marks()


def attribute(
    *,
    default: Any = UNSET,
    alias: str | None = None,
    wire: str | None = None,
    read_only: bool = False,
    write_only: bool = False,
    create_only: bool = False,
    secret: bool = False,
    unselectable: bool = False,
    filter_only: bool = False,
    hidden: bool = False,
) -> Any:
    """An attribute with marks; a plain writable one needs none (`name: str = UNSET`).

    wire: the service's name for it, where that is not a good Python name here.
    read_only: the service sets it; it is refused in a create or update.
    write_only: sent, and never answered. create_only: fixed once the object exists.
    secret: left out of `repr`, logs and `to_dict()`.
    unselectable: answers 400 when named in `include` (BEHAVIOUR.md, Lists).
    filter_only: exists only in `where`. hidden: returned only when it is named in `include`.
    """
    marks = Marks(
        wire=wire,
        read_only=read_only,
        write_only=write_only,
        create_only=create_only,
        secret=secret,
        unselectable=unselectable,
        filter_only=filter_only,
        hidden=hidden,
    )
    return attrs.field(default=default, alias=alias, repr=not secret, metadata={_META: marks})


def read_only(
    *,
    default: Any = UNSET,
    wire: str | None = None,
    secret: bool = False,
    unselectable: bool = False,
    hidden: bool = False,
) -> Any:
    """An attribute that only the service sets."""
    return attribute(
        default=default, wire=wire, read_only=True, secret=secret, unselectable=unselectable, hidden=hidden
    )


def write_only(*, default: Any = UNSET, secret: bool = False, unselectable: bool = False) -> Any:
    """An attribute that is sent and never answered (a password, a new order)."""
    return attribute(default=default, write_only=True, secret=secret, unselectable=unselectable)


def create_only(*, default: Any = UNSET, unselectable: bool = False) -> Any:
    """An attribute that may be given on create, and is fixed afterwards."""
    return attribute(default=default, create_only=True, unselectable=unselectable)


def filter_only(*, default: Any = UNSET) -> Any:
    """A name that exists only in `where`."""
    return attribute(default=default, filter_only=True)


def secret(*, default: Any = UNSET, read_only: bool = False) -> Any:
    """An attribute that never shows in a repr or a log."""
    return attribute(default=default, secret=True, read_only=read_only)


def unselectable(*, default: Any = UNSET, read_only: bool = False) -> Any:
    """An attribute that the service returns by itself, and refuses when it is named in `include`."""
    return attribute(default=default, unselectable=True, read_only=read_only)


def include(*, default: Any = UNSET, wire: str | None = None) -> Any:
    """A related object (`project: Project`) or a list of them (`entries: list[TimeEntry]`), sent when asked for."""
    return attrs.field(default=default, metadata={_META: Marks(wire=wire, include=True, read_only=True)})


class OneOf:
    """A rule for create: one of these groups of attributes must be set; a group holds names that go together."""

    __slots__ = ("groups",)

    def __init__(self, groups: tuple[tuple[str, ...], ...]) -> None:
        self.groups: tuple[tuple[str, ...], ...] = groups

    def __repr__(self) -> str:
        return " or ".join(" with ".join(group) for group in self.groups)


def one_of(*groups: str | tuple[str, ...]) -> OneOf:
    """`one_of("tasklist_id", "project_id")`, or with groups `one_of("date_interval", ("start_date", "end_date"))`."""
    return OneOf(tuple((group,) if isinstance(group, str) else group for group in groups))


class _Named:
    """Where a class keeps what its decorator was told, until its declaration is asked for."""

    __slots__ = ("confirmed", "key", "must_filter", "path", "requires", "singleton")

    def __init__(
        self,
        path: str,
        key: tuple[str, ...],
        requires: tuple[str | OneOf, ...],
        must_filter: tuple[str, ...],
        *,
        singleton: bool,
        confirmed: bool,
    ) -> None:
        self.path: str = path
        self.key: tuple[str, ...] = key
        self.requires: tuple[str | OneOf, ...] = requires
        self.must_filter: tuple[str, ...] = must_filter
        self.singleton: bool = singleton
        self.confirmed: bool = confirmed


_define = functools.partial(
    attrs.define,
    kw_only=True,
    slots=True,
    eq=False,
    order=False,
    repr=False,
    on_setattr=attrs.setters.NO_OP,
)


@dataclass_transform(
    kw_only_default=True,
    eq_default=False,
    field_specifiers=(attrs.field,),
)
def resource(
    path: str,
    *,
    key: str | tuple[str, ...] = (),
    requires: tuple[str | OneOf, ...] = (),
    must_filter: tuple[str, ...] = (),
    singleton: bool = False,
    confirmed: bool = True,
) -> Callable[[type[_M]], type[_M]]:
    """Declares a resource at `/path`.

    key: response keys that were seen beside the path (BEHAVIOUR.md, Basics).
    requires: names, or `one_of(...)`, that a create must set.
    must_filter: names of which a list must be filtered by one. singleton: one object at the path, not a list.
    confirmed: False for resources that the service's documentation does not hold.
    """
    keys = (key,) if isinstance(key, str) else key
    named = _Named(path, keys, requires, must_filter, singleton=singleton, confirmed=confirmed)

    def decorate(cls: type[_M]) -> type[_M]:
        made: type[_M] = _define(cls)
        made.__paymo__ = named
        return made

    return decorate


@dataclass_transform(
    kw_only_default=True,
    eq_default=False,
    field_specifiers=(attrs.field,),
)
def nested(cls: type[_M]) -> type[_M]:
    """Declares an object that exists only inside another one (the content of a report, say)."""
    made: type[_M] = _define(cls)
    made.__paymo__ = None
    return made


def _own_copy(extra: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return dict(extra) if extra else None


@dataclass_transform(
    kw_only_default=True,
    eq_default=False,
    field_specifiers=(attrs.field,),
)
@attrs.define(kw_only=True, slots=True, eq=False, order=False, repr=False, on_setattr=attrs.setters.NO_OP)
class Model:  # noqa: PLW1641  # compared by value and mutable, so no hash
    """Base of all objects: equality by value, a repr of what is set, plain forms.

    `extra` holds fields that this version does not know, by the service's name; what you put there is sent on create
    and update, so a field that the service added this month can be used at once.
    """

    __paymo__: ClassVar[_Named | None]
    _declared: ClassVar[Declaration]

    _extra: dict[str, Any] | None = attrs.field(default=None, alias="extra", converter=_own_copy)

    @property
    def extra(self) -> dict[str, Any]:
        """Fields the service sent and this version does not know (numbers with a fraction as exact `Decimal`)."""
        if self._extra is None:
            self._extra = {}
        return self._extra

    def set_attributes(self) -> Iterator[tuple[Attribute | Include, Any]]:
        """The declared attributes and includes that are set, with their values, in the declared order."""
        for member in declaration(type(self)).members:
            value = getattr(self, member.name)
            if value is not UNSET:
                yield member, value

    def to_dict(self, *, secrets: bool = False) -> dict[str, Any]:
        """A JSON-ready dict of what is set, under the service's names, includes and unknown fields too.

        Dates are ISO strings. A Decimal becomes an int, or a float where the float's text is the same number (every
        amount of up to 15 digits), or else a string: nothing is rounded. Secrets are left out unless asked for.
        """
        from paymo_async.wire.plain import to_plain

        return to_plain(self, secrets=secrets)

    def to_json(self, *, secrets: bool = False) -> bytes:
        """The same as UTF-8 JSON, with every number written exactly as it came (`9424.50` keeps its zero)."""
        from paymo_async.wire.plain import to_json

        return to_json(self, secrets=secrets)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The object that `to_dict` (or the service) wrote. Raises `DecodeError` for what cannot be read."""
        from paymo_async.wire.plain import from_plain

        return from_plain(cls, data)

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        names = [field.name for field in attrs.fields(type(self))]
        return all(
            (getattr(self, name) or None) == (getattr(other, name) or None)
            if name == "_extra"
            else getattr(self, name) == getattr(other, name)
            for name in names
        )

    def __repr__(self) -> str:
        shown = [
            f"{field.name}={_short(value)}"
            for field in attrs.fields(type(self))
            if field.repr and field.name != "_extra" and (value := getattr(self, field.name)) is not UNSET
        ]
        if self._extra:  # names only: a value that is new to us may be a secret
            shown.append(f"extra=<{', '.join(self._extra)}>")
        return f"{type(self).__name__}({', '.join(shown)})"


def _short(value: object) -> str:
    """A repr in which a long list of included objects does not drown the rest."""
    if _is_list(value) and len(value) > 3 and isinstance(value[0], Model):
        return f"[{value[0]!r}, ... {len(value)} in all]"
    return repr(value)


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


class Attribute:
    """One declared attribute. `types` are the members of its annotation without `None`."""

    __slots__ = ("annotation", "marks", "name", "nullable", "types", "wire")

    is_include: ClassVar[bool] = False

    def __init__(self, name: str, annotation: Any, marks: Marks) -> None:
        self.name: str = name
        self.wire: str = marks.wire or name
        members = _members(annotation)
        self.nullable: bool = type(None) in members
        self.types: tuple[Any, ...] = tuple(member for member in members if member is not type(None))
        self.annotation: Any = annotation
        self.marks: Marks = marks

    @property
    def model(self) -> type[Model] | None:
        """The nested class, where the attribute holds one object of it or a list of them."""
        for member in self.types:
            inner = typing.get_args(member)[0] if typing.get_origin(member) is list else member
            if isinstance(inner, type) and issubclass(inner, Model):
                return inner
        return None

    @property
    def many(self) -> bool:
        """Whether a list is one of its types."""
        return any(typing.get_origin(member) is list for member in self.types)

    def __repr__(self) -> str:
        return f"Attribute({self.wire!r}, {self.annotation})"


class Include:
    """One declared include: `target` is the class of the related object or objects."""

    __slots__ = ("many", "marks", "name", "target", "wire")

    is_include: ClassVar[bool] = True

    def __init__(self, name: str, target: type[Model], marks: Marks, *, many: bool) -> None:
        self.name: str = name
        self.wire: str = marks.wire or name
        self.target: type[Model] = target
        self.many: bool = many
        self.marks: Marks = marks

    def __repr__(self) -> str:
        return f"Include({self.wire!r}, {'list of ' if self.many else ''}{self.target.__name__})"


class Declaration:
    """All that is declared of one class, by the service's names. Get it with `declaration(cls)`.

    path, keys: the path under the API's root, and the response keys to look for (the path first).
    requires, must_filter: rules for create and list. singleton: one object, not a list.
    attributes, includes: by wire name, in the declared order. members: both, in the declared order.
    """

    def __init__(self, cls: type[Model], named: _Named | None) -> None:
        self.cls = cls
        self.path: str = named.path if named else ""
        self.keys: tuple[str, ...] = tuple(dict.fromkeys((self.path, *named.key))) if named else ()
        self.requires: tuple[str | OneOf, ...] = named.requires if named else ()
        self.must_filter: tuple[str, ...] = named.must_filter if named else ()
        self.singleton: bool = named.singleton if named else False
        self.confirmed: bool = named.confirmed if named else True
        self.members: tuple[Attribute | Include, ...] = tuple(_read(cls))
        self.attributes: Mapping[str, Attribute] = {m.wire: m for m in self.members if isinstance(m, Attribute)}
        self.includes: Mapping[str, Include] = {m.wire: m for m in self.members if isinstance(m, Include)}
        self.by_name: Mapping[str, Attribute | Include] = {m.name: m for m in self.members}

    @property
    def is_resource(self) -> bool:
        """Whether it has a path of its own; nested objects have none."""
        return bool(self.path)

    def __repr__(self) -> str:
        return f"Declaration({self.cls.__name__}, /{self.path})"


def declaration(cls: type[Model]) -> Declaration:
    """The declaration of a class that `@resource` or `@nested` decorates; forward references are resolved here."""
    made = cls.__dict__.get("_declared")  # of this very class, not of one it inherits from
    if made is None:
        made = cls._declared = Declaration(cls, cls.__paymo__)  # pyright: ignore[reportPrivateUsage]  # its own cache
    return made


class _ModelNames(dict[str, Any]):
    """Names in annotations: what model modules import for checkers only is found in `paymo_async.models`."""

    def __missing__(self, name: str) -> Any:
        import paymo_async.models

        try:
            return getattr(paymo_async.models, name)
        except AttributeError:
            raise KeyError(name) from None


_NAMES = {"date": date, "datetime": datetime, "Decimal": Decimal, "Any": Any}


def _read(cls: type[Model]) -> Iterator[Attribute | Include]:
    hints = typing.get_type_hints(cls, localns=_ModelNames(_NAMES))
    for field in attrs.fields(cls):
        if field.name == "_extra":
            continue
        marks: Marks = field.metadata.get(_META, _PLAIN)
        annotation = hints[field.name]
        if not marks.include:
            yield Attribute(field.name, annotation, marks)
            continue
        (target,) = (member for member in _members(annotation) if member is not type(None))
        many = typing.get_origin(target) is list
        yield Include(field.name, typing.get_args(target)[0] if many else target, marks, many=many)


def _members(annotation: Any) -> tuple[Any, ...]:
    if typing.get_origin(annotation) in (Union, types.UnionType):
        return typing.get_args(annotation)
    return (annotation,)
