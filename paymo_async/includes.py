"""Includes as values: `include="client,tasklists.tasks,project.client.name"`, read against the declarations.

An include tree has a level for the root and one for each included object. A level is whole, or narrowed to the
attributes that were named at its end (BEHAVIOUR.md, Lists): a narrowed object may come without its `id`. Naming
attributes of the root narrows the root, unless `*` stands beside them.

Whether `project.client` sends the project whole, and whether `project,project.name` narrows it, is not documented.
So nothing is rewritten: what is asked for is sent as it was asked, repeats dropped, and a level counts as narrowed as
soon as an attribute of it was named.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from paymo_async.conditions import Name, RawName
from paymo_async.errors import QueryError

if TYPE_CHECKING:
    from paymo_async.models.base import Attribute, Declaration, Include

__all__ = ["IncludeTree", "Included", "Includes", "build_include", "declared", "label", "nearest", "wire_name"]

_NAME: Final = re.compile(r"[a-z_]\w*", re.ASCII | re.IGNORECASE)
_FEW: Final = 12  # names that an error may list


class Included(NamedTuple):
    """An included level: its dotted path from the root, what is declared of it, and whether it is a list."""

    path: str
    declaration: Declaration
    many: bool


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class IncludeTree:
    """What one level of an answer is to hold. Iterating gives every included level below it, depth first.

    attributes: names that narrow this level, `*` among them for all the usual ones; none means whole.
    children: the included levels, by wire name. raw: names that were not checked; they can be of any level.
    named: whether this level was named by itself, and not only on the way to another one.
    """

    declaration: Declaration | None = None
    attributes: tuple[str, ...] = ()
    children: Mapping[str, IncludeTree] = field(default_factory=dict[str, "IncludeTree"])
    raw: tuple[str, ...] = ()
    many: bool = True
    named: bool = False

    @property
    def text(self) -> str:
        """As it is sent, before percent-encoding; empty where nothing is asked for."""
        return ",".join(self._names())

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for."""
        return not (self.attributes or self.children or self.raw)

    @property
    def narrows_root(self) -> bool:
        """Whether attributes of this level are named without `*`, so that its objects come without the others."""
        return bool(self.attributes) and "*" not in self.attributes

    @property
    def lacks_id(self) -> bool:
        """Whether this level is narrowed to attributes of which `id` is none."""
        return self.narrows_root and "id" not in self.attributes

    def with_id(self) -> IncludeTree:
        """The same tree, with `id` asked for where this level is narrowed to other attributes."""
        return replace(self, attributes=("id", *self.attributes)) if self.lacks_id else self

    def at(self, path: str) -> IncludeTree | None:
        """The level at this dotted path of wire names, None if it is not included."""
        tree: IncludeTree | None = self
        for name in path.split("."):
            tree = tree.children.get(name) if tree else None
        return tree

    def __iter__(self) -> Iterator[Included]:
        for path, tree in self._levels(""):
            assert tree.declaration is not None
            yield Included(path, tree.declaration, tree.many)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, IncludeTree):
            return NotImplemented
        return self.declaration is other.declaration and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"IncludeTree({self.text!r})"

    def _names(self) -> Iterator[str]:
        yield from self.attributes
        for name, child in self.children.items():
            if child.named or child.is_empty:
                yield name
            for below in child._names():
                yield f"{name}.{below}"
        yield from self.raw

    def _levels(self, prefix: str) -> Iterator[tuple[str, IncludeTree]]:
        for name, child in self.children.items():
            yield f"{prefix}{name}", child
            yield from child._levels(f"{prefix}{name}.")


Includes: TypeAlias = str | Name | Iterable[str | Name] | IncludeTree | None
"""What `include=` takes: names joined with commas, a list of them (`F.raw("new")` for an unchecked one), or a tree."""


def build_include(declaration: Declaration | None, include: Includes) -> IncludeTree:
    """The tree that these names ask for; `QueryError` for names that the declaration does not hold.

    Without a declaration nothing is checked, and what is included cannot be known.
    """
    if isinstance(include, IncludeTree):
        return include if include.declaration is declaration else build_include(declaration, _taken_apart(include))
    level = _Level(declaration, many=True)
    for name in _listed(include):
        if isinstance(name, RawName) or declaration is None:
            level.raw[str(name)] = None
        else:
            level.add(name.split("."), name)
    return level.tree()


def declared(include: Include) -> Declaration:
    """What is declared of the included object."""
    # Imported on use: this module is below `models`, and needs it only once there is a declaration to ask.
    from paymo_async.models.base import declaration

    return declaration(include.target)


def wire_name(declaration: Declaration, name: str) -> str:
    """The service's name for what is declared under this name, in either spelling; the name itself if nothing is."""
    if name in declaration.includes or name in declaration.attributes or name not in declaration.by_name:
        return name
    return declaration.by_name[name].wire


def label(declaration: Declaration) -> str:
    """What to call it in an error: the path, or the class of a nested object."""
    return declaration.path or declaration.cls.__name__


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of an error's sentence: the nearest known name, and all of them where they are few."""
    names = list(known)
    lower = {one.lower(): one for one in names}
    close = difflib.get_close_matches(name.lower(), lower, n=1)
    text = f"; did you mean `{lower[close[0]]}`?" if close else "."
    if len(names) <= _FEW:
        text += f" Known: {', '.join(names) or 'none'}."
    return text


class _Level:
    """A tree while it is put together."""

    def __init__(self, declaration: Declaration | None, *, many: bool) -> None:
        self.declaration = declaration
        self.many = many
        self.named = False
        self.attributes: dict[str, None] = {}
        self.children: dict[str, _Level] = {}
        self.raw: dict[str, None] = {}

    def add(self, parts: list[str], whole: str, depth: int = 0) -> None:
        assert self.declaration is not None
        name, rest = parts[0], parts[1:]
        if name == "*":
            self._add_star(whole, depth, rest)
            return
        wire = wire_name(self.declaration, name)
        include = self.declaration.includes.get(wire)
        if include is None:
            attribute = self.declaration.attributes.get(wire)
            if attribute is None:
                raise QueryError(_unknown(self.declaration, name, whole))
            _check_selectable(self.declaration, attribute, rest, whole)
            self.attributes[wire] = None
            return
        child = self.children.get(wire)
        if child is None:
            child = self.children[wire] = _Level(declared(include), many=include.many)
        if rest:
            child.add(rest, whole, depth + 1)
        else:
            child.named = True

    def tree(self) -> IncludeTree:
        children = {name: child.tree() for name, child in self.children.items()}
        return IncludeTree(
            self.declaration,
            tuple(self.attributes),
            children,
            tuple(self.raw),
            self.many,
            self.named,
        )

    def _add_star(self, whole: str, depth: int, rest: list[str]) -> None:
        if depth or rest:
            raise QueryError(f"include `{whole}`: `*` stands alone, for the usual attributes of the root")
        self.attributes["*"] = None


def _taken_apart(tree: IncludeTree) -> list[str | Name]:
    if tree.declaration is None:  # nothing of it was checked so far
        return [tree.text]
    return [replace(tree, raw=()).text, *map(RawName, tree.raw)]


def _listed(include: str | Name | Iterable[str | Name] | None) -> Iterator[str | RawName]:
    if include is None:
        return
    for one in (include,) if isinstance(include, str | Name) else include:
        if isinstance(one, Name):
            yield one if isinstance(one, RawName) else str(one)
        elif isinstance(one, str):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers without a checker
            yield from _split(one)
        else:
            raise QueryError(f"include takes names, not {one!r}")


def _split(text: str) -> Iterator[str]:
    if not text.strip():
        return
    for piece in text.split(","):
        name = piece.strip()
        if not name:
            raise QueryError(f"include {text!r} has an empty name between its commas")
        for part in name.split("."):
            if part != "*" and not _NAME.fullmatch(part):
                raise QueryError(f"include {text!r}: {name!r} is not a name")
        yield name


def _check_selectable(declaration: Declaration, attribute: Attribute, rest: list[str], whole: str) -> None:
    where = f"include `{whole}`: `{attribute.wire}` of {label(declaration)}"
    if rest:
        raise QueryError(f"{where} is an attribute, and nothing below it can be named")
    if attribute.marks.filter_only:
        raise QueryError(f"{where} exists only in `where`")
    if attribute.marks.write_only:
        raise QueryError(f"{where} is sent and never answered")
    if attribute.marks.unselectable:
        raise QueryError(
            f"{where} is answered by itself and refused when it is named: leave it out"
            + (", or ask for `*`" if "." not in whole else "")
        )


def _unknown(declaration: Declaration, name: str, whole: str) -> str:
    text = f"include `{whole}`: {label(declaration)} has no include or attribute `{name}`"
    for include in declaration.includes.values():
        if name in (f"{include.wire}s", include.wire.removesuffix("s")):
            return f"{text}; did you mean `{include.wire}` ({'a list' if include.many else 'one object'})?"
    known = (*declaration.includes, *declaration.attributes)
    text += nearest(name, known)
    return text if len(known) <= _FEW else f"{text} Includes: {', '.join(declaration.includes) or 'none'}."
