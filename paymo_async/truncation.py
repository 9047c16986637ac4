"""The silent cut at 2500 objects: noticing it, sizing pages below it, and completing a single object.

One answer of the service holds at most 2500 objects of each type, counted over the whole answer; past it, included
children come back as empty lists, without any error (BEHAVIOUR.md, Lists). So with 10 lines each, estimates 1 to 250
have theirs, and estimate 251 looks as if it had none.

Noticing. An answer in which any nested type reaches 2500 is taken for cut. It may be whole by chance, with exactly
2500; asking again is cheap, and losing objects is not. A full page of root objects is no cut: the next page follows.
All occurrences are counted, and not distinct objects, since the service does not say which it counts; the higher
number errs on the safe side.

Sizing. A collection's size varies from object to object, so pages are made for 0.8 of 2500 at the density (objects of
the commonest type for each root object) that was last seen. An include of one object (a parent) adds at most one for
each root object: there the bound is exact, and no margin is needed.

Completing. When a page of one root object is cut, no smaller page helps. Then each of its collections is asked for by
a list of its own, filtered by the parent's id, with what was included below it, which pages and repairs itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any

from paymo_async.conditions import F, Where
from paymo_async.errors import QueryError, TruncatedError
from paymo_async.includes import IncludeTree
from paymo_async.models.base import UNSET, Declaration, Model
from paymo_async.models.keys import foreign_key

__all__ = ["CUT", "complete", "count_nested", "cut_type", "density", "largest_page"]

CUT = 2500
"""Objects of one type that an answer holds at most."""

_MARGIN = 0.8
_FIRST_GUESS = 10.0  # children for each root object, before anything was seen: pages of 200

FetchAll = Callable[[type[Model], Where, IncludeTree], Awaitable[list[Any]]]


def count_nested(items: Iterable[Model], tree: IncludeTree) -> Counter[str]:
    """How many nested objects of each type there are, by the type's path; unknown lists by their own name."""
    counts: Counter[str] = Counter()
    _count(list(items), tree, counts)
    return counts


def cut_type(roots: int, root_path: str, nested: Counter[str]) -> str | None:
    """The type in which an answer may have been cut, None where none can have been."""
    for kind, count in nested.items():
        if count + (roots if kind == root_path else 0) >= CUT:
            return kind
    return None


def density(roots: int, root_path: str, nested: Counter[str]) -> float:
    """Objects of the commonest nested type for each root object, in this answer."""
    if not roots or not nested:
        return 0.0
    return max((count + (roots if kind == root_path else 0)) / roots for kind, count in nested.items())


def largest_page(tree: IncludeTree, root_path: str, seen: float | None) -> int:
    """The largest page in which no type should reach 2500.

    seen: the density of the last pages, None before the first.
    """
    parents: Counter[str] = Counter()
    collections: set[str] = set()
    in_collection: list[str] = []
    for path, declared, many in tree:
        if many or any(path.startswith(f"{above}.") for above in in_collection):
            in_collection.append(path)
            collections.add(declared.path)
        else:
            parents[declared.path] += 1
    bounds = [CUT]
    for kind, each in parents.items():
        if kind not in collections:
            bounds.append((CUT - 1) // (each + (kind == root_path)))
    if collections or tree.raw:
        guess = _FIRST_GUESS if seen is None else max(seen, _MARGIN)
        bounds.append(int(_MARGIN * CUT / guess))
    return max(1, min(bounds))


async def complete(item: Any, tree: IncludeTree, where: Where, kind: str, fetch_all: FetchAll) -> None:
    """Fills the collections of one object whose answer was cut, in place.

    where: the filter of the request, for its conditions on children. Raises `TruncatedError` where the declaration
    does not say how the children name their parent, or the parent came without its id.
    """
    if tree.raw:
        raise _hopeless(kind, f"{', '.join(tree.raw)} is not known here, so it cannot be asked for by itself")
    assert tree.declaration is not None
    for name, below in tree.children.items():
        member = tree.declaration.includes[name]
        if member.many:
            setattr(item, member.name, await _children(item, tree.declaration, name, below, where, kind, fetch_all))
        elif any(many for _, _, many in below):
            parent = getattr(item, member.name)
            if isinstance(parent, Model):
                await complete(parent, below, _under(where, name, kind), kind, fetch_all)
        elif kind in _types(name, below):
            await _refresh(item, tree, name, below, kind, fetch_all)


async def _children(
    item: Any,
    parent: Declaration,
    name: str,
    tree: IncludeTree,
    where: Where,
    kind: str,
    fetch_all: FetchAll,
) -> list[Any]:
    assert tree.declaration is not None
    key = foreign_key(tree.declaration, parent)
    if key is None or item.id is UNSET:
        why = f"{tree.declaration.path} do not name their parent" if key is None else f"{parent.path} came without id"
        raise _hopeless(kind, f"{why}, so `{name}` cannot be asked for by itself")
    of_parent = Where((F[key.wire] == item.id,)) & _under(where, name, kind)
    return await fetch_all(tree.declaration.cls, of_parent, tree)


async def _refresh(item: Any, tree: IncludeTree, name: str, below: IncludeTree, kind: str, fetch_all: FetchAll) -> None:
    """A parent object of a type that was cut may be missing; it comes with the root object alone."""
    assert tree.declaration is not None
    if item.id is UNSET:
        raise _hopeless(kind, f"{tree.declaration.path} came without id")
    alone = IncludeTree(tree.declaration, ("id",), {name: below})
    member = tree.declaration.includes[name]
    for again in await fetch_all(tree.declaration.cls, Where((F.id == item.id,)), alone):
        setattr(item, member.name, getattr(again, member.name))


def _types(name: str, tree: IncludeTree) -> Iterator[str]:
    assert tree.declaration is not None
    yield tree.declaration.path
    for _, declared, _ in tree:
        yield declared.path


def _under(where: Where, name: str, kind: str) -> Where:
    try:
        return where.under(name)
    except QueryError as error:
        raise _hopeless(kind, error.message) from error


def _hopeless(kind: str, why: str) -> TruncatedError:
    return TruncatedError(
        f"The answer reached {CUT} objects of {kind}, so some may be missing, and it cannot be repaired: {why}. "
        "Ask for fewer objects, or leave that include out",
        type=kind,
        count=CUT,
    )


def _count(items: list[Any], tree: IncludeTree, counts: Counter[str]) -> None:
    for item in items:
        if item._extra:
            for name, value in item._extra.items():
                if isinstance(value, list):
                    counts[name] += len(value)  # pyright: ignore[reportUnknownArgumentType]  # whatever was sent
    if tree.declaration is None:
        return
    for name, below in tree.children.items():
        member = tree.declaration.includes[name]
        nested: list[Any] = []
        for item in items:
            value = getattr(item, member.name)
            if isinstance(value, list):
                nested.extend(value)  # pyright: ignore[reportUnknownArgumentType]  # a list of models
            elif isinstance(value, Model):
                nested.append(value)
        assert below.declaration is not None
        counts[below.declaration.path] += len(nested)
        _count(nested, below, counts)
