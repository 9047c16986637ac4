"""The `include` parameter: parsed to a tree, then expanded over rows with one query a level (BEHAVIOUR.md, Lists).

Expansion works on the stored JSON bytes: an object that is answered whole is its stored text with the included ones
spliced in before the last brace, so a page of 2,500 entries is never decoded. Only narrowed objects are taken apart,
into raw pieces, so that a number's text survives there too.

Naming an include by itself answers the whole object, also where another path narrows it: `client,client.name` is the
client with all its attributes (guessed).

**The 2500 cut.** One answer holds at most `cut` objects of each type, counted over the whole answer. Roots are counted
first; then each list of children takes from what is left of its type, in the order of the parents, include by include
as they are named, each with all that is below it; when nothing is left the lists come back empty, without any sign.
Parents (single objects) are not counted, and what is below them is counted once: many objects share one. Only
ids are read to find out which children fit, so a project with a million entries costs an index scan, not a million
bodies.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from paymo_async.models.base import declaration
from paymo_async.sandbox.schema import Relation, Schema, Table
from paymo_async.sandbox.store import Row, Store
from paymo_async.sandbox.values import Problem
from paymo_async.sandbox.where import Condition, Filter, compile_where

__all__ = ["CUT", "Expander", "Node", "children_asked", "parse_include"]

CUT = 2500
"""Objects of one type that one answer holds (BEHAVIOUR.md, Lists)."""


_DEEPEST = 30  # more than anything hangs together; each level of an answer is a level of calls here

# Includes that no key of either side links: the key to the object between, its path, and its key to the included one.
_THROUGH = {("comments", "project"): ("thread_id", "threads", "project_id")}


class Node:
    """What is wanted of one object. names: attributes it is narrowed to, empty for all. children: its includes."""

    __slots__ = ("children", "names", "star", "table")

    def __init__(self, table: Table) -> None:
        self.table: Table = table
        self.names: dict[str, None] = {}
        self.star: bool = False
        self.children: dict[str, Node] = {}

    @property
    def narrowed(self) -> tuple[str, ...] | None:
        """The attributes to answer, or None for the stored object as it is."""
        if not self.names:
            return None
        return (*self.table.body, *self.names) if self.star else tuple(self.names)

    def at(self, path: Sequence[str]) -> Node:
        """The included node at a dotted path. Raises KeyError where nothing is included."""
        node = self
        for name in path:
            node = node.children[name]
        return node


def parse_include(text: str, table: Table, tables: Schema) -> Node:
    """The tree for an `include` value. Raises Problem: 400 for an unknown name, 500 for a wrong plural."""
    root = Node(table)
    for path in filter(None, (part.strip() for part in text.split(","))):
        _add(root, path, tables)
    return root


def children_asked(root: Node, conditions: Sequence[Condition]) -> dict[tuple[str, ...], list[Condition]]:
    """The conditions on included children, by the path of their include.

    Raises Problem 400 for one on what is not included, or on a single object: a list cannot be filtered by a parent.
    """
    found: dict[tuple[str, ...], list[Condition]] = {}
    for condition in conditions:
        *above, _ = condition.path
        if above and not _lists(root, above):
            raise Problem(400, f"Unknown field or reference: `{'.'.join(condition.path)}`")
        if above:
            found.setdefault(tuple(above), []).append(condition)
    return found


def _lists(root: Node, path: Sequence[str]) -> bool:
    *above, last = path
    try:
        node = root.at(above)
    except KeyError:
        return False
    return last in node.children and node.table.declaration.includes[last].many


def _add(node: Node, path: str, tables: Schema) -> None:
    names = path.split(".")
    if len(names) > _DEEPEST:
        raise Problem(400, f"Unknown field or reference: `{path}`")
    for position, name in enumerate(names):
        table = node.table
        last = position == len(names) - 1
        relation = table.declaration.includes.get(name)
        if relation is not None:
            node = node.children.setdefault(name, Node(tables[declaration(relation.target).path]))
            node.star |= last
        elif last and name == "*":
            node.star = True
        elif last and _selectable(name, table):
            node.names[name] = None
        elif _wrong_number(name, table):
            raise Problem(500, "Internal server error")
        else:
            raise Problem(400, f"Unknown field or reference: `{path}`")


def _selectable(name: str, table: Table) -> bool:
    if name in table.hidden:
        return True
    return name in table.body and not table.attributes[name].marks.unselectable


def _wrong_number(name: str, table: Table) -> bool:
    """Whether it is an include's key in the wrong number: `project` for `projects`, `entrys` for `entries`."""
    plurals = {name + "s", name + "es", name.removesuffix("y") + "ies", name.removesuffix("s")}
    plurals |= {name.removesuffix("es"), name.removesuffix("ies") + "y"}
    return not plurals.isdisjoint(table.declaration.includes)


class Expander:
    """Renders rows with what is included of them. One per answer, since it counts the objects in it.

    shuffle: a number that picks the order of children; None leaves them in the order of `seq`, or of the store.
    """

    def __init__(
        self,
        store: Store,
        tables: Schema,
        *,
        cut: int | None = CUT,
        where: Mapping[tuple[str, ...], list[Condition]] | None = None,
        user_id: int = 0,
        shuffle: int | None = None,
    ) -> None:
        self.store = store
        self.tables = tables
        self.cut = cut
        self.where: Mapping[tuple[str, ...], list[Condition]] = where or {}
        self.user_id = user_id
        self.shuffle = shuffle
        self.counts: Counter[str] = Counter()

    def roots(self, rows: Sequence[Row], node: Node) -> list[bytes]:
        """The answer's objects as JSON, in the order of the rows."""
        self.counts[node.table.path] += len(rows)
        return self._render(rows, node, ())

    def columns(self, node: Node) -> tuple[str, ...]:
        """The columns that rows for this node must carry: the keys of the single objects it includes."""
        relations = (node.table.relations[name] for name in node.children)
        own = [relation.fk for relation in relations if relation is not None and relation.own]
        through = [_THROUGH[node.table.path, name][0] for name in node.children if (node.table.path, name) in _THROUGH]
        return tuple(dict.fromkeys(own + through))

    def _render(self, rows: Sequence[Row], node: Node, path: tuple[str, ...]) -> list[bytes]:
        bodies = [_narrow(row, node) for row in rows]
        for name, child in node.children.items():
            relation = node.table.relations[name]
            many = node.table.declaration.includes[name].many
            if relation is None:
                parts = self._beyond(rows, child, _THROUGH[node.table.path, name], (*path, name))
            elif many:
                parts = self._children(rows, child, relation, (*path, name))
            elif relation.own:
                parts = self._parents(rows, child, relation, (*path, name))
            else:
                parts = self._mirrors(rows, child, relation, (*path, name))
            opening = b'"' + name.encode() + b'":'
            bodies = [_splice(body, opening, part) for body, part in zip(bodies, parts, strict=True)]
        return bodies

    def _parents(self, rows: Sequence[Row], node: Node, relation: Relation, path: tuple[str, ...]) -> list[bytes]:
        return self._singles([row.keys.get(relation.fk) for row in rows], node, path)

    def _beyond(
        self, rows: Sequence[Row], node: Node, through: tuple[str, str, str], path: tuple[str, ...]
    ) -> list[bytes]:
        """Single objects that another one links to: the project of a comment's thread."""
        fk, between, beyond = through
        keys = [row.keys.get(fk) for row in rows]
        found = self.store.by_ids(self.tables[between], list(dict.fromkeys(keys)), (beyond,))
        links = {row.id: row.keys[beyond] for row in found}
        return self._singles([links.get(key) for key in keys], node, path)

    def _singles(self, keys: Sequence[Any], node: Node, path: tuple[str, ...]) -> list[bytes]:
        """For each key its object, or null."""
        rendered = self._by_id([key for key in dict.fromkeys(keys) if key is not None], node, path)
        return [rendered.get(key, b"null") for key in keys]

    def _mirrors(self, rows: Sequence[Row], node: Node, relation: Relation, path: tuple[str, ...]) -> list[bytes]:
        """Single objects that point here (the thread of a task); the first where there are more."""
        first: dict[Any, Any] = {}
        for parent, child in self.store.child_ids(node.table, relation.fk, [row.id for row in rows], Filter()):
            first.setdefault(parent, child)
        rendered = self._by_id(list(first.values()), node, path)
        return [rendered[first[row.id]] if row.id in first else b"null" for row in rows]

    def _children(self, rows: Sequence[Row], node: Node, relation: Relation, path: tuple[str, ...]) -> list[bytes]:
        condition = compile_where(self.where.get(path, []), node.table, self.tables, self.user_id)
        chosen = self._within_the_cut(rows, node.table, relation.fk, condition)
        rendered = self._by_id([child for children in chosen.values() for child in children], node, path)
        return [b"[" + b",".join(rendered[child] for child in chosen.get(row.id, ())) + b"]" for row in rows]

    def _by_id(self, ids: Sequence[Any], node: Node, path: tuple[str, ...]) -> Mapping[Any, bytes]:
        """The objects with these ids, rendered in this order, since what is below them counts for the cut in it."""
        found = {row.id: row for row in self.store.by_ids(node.table, ids, self.columns(node))}
        rows = [found[key] for key in ids if key in found]
        return dict(zip((row.id for row in rows), self._render(rows, node, path), strict=True))

    def _within_the_cut(
        self, rows: Sequence[Row], table: Table, fk: str, condition: Filter
    ) -> Mapping[Any, Sequence[Any]]:
        chosen: dict[Any, list[Any]] = defaultdict(list)
        left = -1 if self.cut is None else max(0, self.cut - self.counts[table.path])
        parents = [row.id for row in rows]
        pairs = self.store.child_ids(table, fk, parents, condition, left, shuffle=self.shuffle)
        for parent, child in pairs:
            chosen[parent].append(child)
        self.counts[table.path] += len(pairs)
        return chosen


_pieces = msgspec.json.Decoder(dict[str, msgspec.Raw])
_encode = msgspec.json.Encoder().encode


def _narrow(row: Row, node: Node) -> bytes:
    wanted = node.narrowed
    if wanted is None:
        return row.body
    pieces = _pieces.decode(row.body)
    if row.private and not node.table.hidden.isdisjoint(wanted):
        private = _pieces.decode(row.private)
        pieces |= {name: private[name] for name in node.table.hidden if name in private}
    for name in node.table.hidden:
        if name in wanted:
            pieces.setdefault(name, msgspec.Raw(b"null"))
    return _encode({name: pieces[name] for name in wanted if name in pieces})


def _splice(body: bytes, opening: bytes, part: bytes) -> bytes:
    joint = b"," if len(body) > 2 else b""
    return b"%b%b%b%b}" % (body[:-1], joint, opening, part)
