"""Tables read off the declarations: which attributes are columns, which are private, how resources hang together."""

from __future__ import annotations

import enum
import functools
import typing
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from paymo_async.models.base import Attribute, Declaration, Include, Model, declaration
from paymo_async.models.keys import foreign_key, linking_key

__all__ = ["RUNNING", "Kind", "Relation", "Schema", "Table", "Undocumented", "schema"]


class Kind(enum.Enum):
    """How an attribute's values are stored and compared."""

    INT = "int"
    BOOL = "bool"
    DATETIME = "datetime"
    DATE = "date"
    DECIMAL = "decimal"
    TEXT = "text"
    LIST = "list"
    OBJECT = "object"
    ANY = "any"


class Undocumented(typing.NamedTuple):
    """An attribute that no declaration has. target: the path of what it refers to."""

    kind: Kind
    target: str = ""


# What programs in use were seen to send, and to read back where it was sent, though no document has it (observed). It
# is no name for `where` and `include` (guessed).
_UNDOCUMENTED: Mapping[str, Mapping[str, Undocumented]] = {
    "expenses": {
        "name": Undocumented(Kind.TEXT),
        "price": Undocumented(Kind.DECIMAL),
        "billable": Undocumented(Kind.BOOL),
    },
    "files": {"expense_id": Undocumented(Kind.INT, "expenses")},
    "invoices": {"project_id": Undocumented(Kind.INT, "projects")},
}

_COLUMNS = frozenset({Kind.INT, Kind.BOOL, Kind.DATETIME, Kind.DATE})
# Attributes that are asked for by range or by a list of ids, so worth an index in a table of a million rows.
_INDEXED = ("start_time", "created_on", "updated_on", "billed")
_TYPES = {Kind.DATE: "TEXT"}  # without a type, `IN (SELECT id ...)` would use no index
# A million entries are asked for by two or three attributes at once: an index that holds the others too sorts out what
# does not fit without a look at the table, and reports are summed from it. The one of ids alone finds deep pages.
_WIDE = {
    "entries": {
        "project_id": ("project_id", "billed", "moment", "user_id", "task_id", "updated_on", "duration"),
        "user_id": ("user_id", "billed", "moment", "project_id", "task_id", "updated_on", "duration", "date"),
        "task_id": ("task_id", "user_id", "billed", "moment", "duration", "date"),
        "moment": ("moment", "project_id", "user_id", "billed", "task_id", "duration", "date"),
        "id": ("id",),
    }
}

# An entry with a date alone counts as at noon of it: then it is in the span of its day wherever midnight is, and in
# one of two spans that touch (guessed).
_GENERATED = {"entries": {"moment": 'coalesce("start_time", unixepoch("date") + 43200)'}}


RUNNING = '"end_time" IS NULL AND "date" IS NULL'
"""Running timers, as SQL on entries: an entry with a date alone has no end time either, and runs no more."""


# Answered when one object is read, and never in a list (BEHAVIOUR.md, Rules of single resources: reports).
_ONE_ONLY = frozenset({("reports", "content")})


class Relation:
    """What an include stands for. fk: the column that links; own: it is a column of the table with the include."""

    __slots__ = ("fk", "many", "own", "target")

    def __init__(self, target: str, fk: str, *, many: bool, own: bool) -> None:
        self.target: str = target
        self.fk: str = fk
        self.many: bool = many
        self.own: bool = own


class Table:
    """One resource's table.

    kinds: of every attribute that may stand in `where` or a body. body: attributes that a read answers by default.
    private: stored, and answered only when named (`progress_status`) or never (a password). columns: real columns,
    beside `id`, `body` and `private`. text_id: the key is a text (sessions). generated: columns that SQL makes of
    others. undocumented: attributes that an object has only where a request gave them.
    """

    def __init__(self, declared: Declaration) -> None:
        self.declaration = declared
        self.path: str = declared.path
        self.attributes: Mapping[str, Attribute] = declared.attributes
        self.kinds: dict[str, Kind] = {name: kind_of(attribute) for name, attribute in declared.attributes.items()}
        marks = {name: attribute.marks for name, attribute in declared.attributes.items()}
        self.hidden: frozenset[str] = frozenset(
            name for name, mark in marks.items() if mark.hidden or (declared.path, name) in _ONE_ONLY
        )
        self.private: frozenset[str] = self.hidden | {name for name, mark in marks.items() if mark.write_only}
        self.filter_only: frozenset[str] = frozenset(name for name, mark in marks.items() if mark.filter_only)
        self.body: tuple[str, ...] = tuple(
            name for name in marks if name not in self.private and name not in self.filter_only
        )
        self.columns: tuple[str, ...] = tuple(
            name for name in self.body if name != "id" and self.kinds[name] in _COLUMNS
        )
        self.indexed: tuple[str, ...] = tuple(
            name for name in self.columns if name.endswith("_id") or name in _INDEXED or self.kinds[name] is Kind.DATE
        )
        self.text_id: bool = self.kinds.get("id") is Kind.TEXT
        self.relations: dict[str, Relation | None] = {}
        self.generated: Mapping[str, str] = _GENERATED.get(declared.path, {})
        self.undocumented: Mapping[str, Undocumented] = _UNDOCUMENTED.get(declared.path, {})

    @functools.cached_property
    def statement(self) -> str:
        """The SQL that makes the table."""
        key = "TEXT" if self.text_id else "INTEGER"
        columns = "".join(f', "{name}" {_TYPES.get(self.kinds[name], "INTEGER")}' for name in self.columns)
        for name, sql in self.generated.items():
            columns += f', "{name}" INTEGER GENERATED ALWAYS AS ({sql}) VIRTUAL'
        return f'CREATE TABLE IF NOT EXISTS "{self.path}" (id {key} PRIMARY KEY, body TEXT, private TEXT{columns})'

    @functools.cached_property
    def indexes(self) -> tuple[str, ...]:
        """The SQL that makes the indexes; apart, since a bulk load is faster without them."""
        columns = {**{name: (name,) for name in self.indexed}, **_WIDE.get(self.path, {})}
        made = [
            f'CREATE INDEX IF NOT EXISTS "{self.path}.{name}" ON "{self.path}" ({", ".join(of)})'
            for name, of in columns.items()
        ]
        if self.path == "entries":
            made.append(f'CREATE INDEX IF NOT EXISTS "entries.running" ON "entries" ("user_id") WHERE {RUNNING}')
        return tuple(made)

    @property
    def index_names(self) -> tuple[str, ...]:
        """The names of those indexes."""
        return tuple(statement.split('"')[1] for statement in self.indexes)

    def __repr__(self) -> str:
        return f"Table({self.path!r})"


class Schema:
    """All tables, by path."""

    def __init__(self, models: tuple[type[Model], ...]) -> None:
        self.tables: dict[str, Table] = {}
        for model in models:
            declared = declaration(model)
            self.tables[declared.path] = Table(declared)
        for table in self.tables.values():
            for name, include in table.declaration.includes.items():
                table.relations[name] = _relation(table.declaration, include)

    def __getitem__(self, path: str) -> Table:
        return self.tables[path]

    def __contains__(self, path: str) -> bool:
        return path in self.tables

    def __iter__(self) -> Iterator[Table]:
        return iter(self.tables.values())


@functools.cache
def schema() -> Schema:
    """The schema of all declared resources; made once, since it depends on nothing but the declarations."""
    from paymo_async.models import models

    return Schema(tuple(models()))


def kind_of(attribute: Attribute) -> Kind:
    """The kind behind an annotation; a union of several types is ANY."""
    if attribute.model is not None and not attribute.many:
        return Kind.OBJECT
    kinds = {_kind(member) for member in attribute.types}
    return kinds.pop() if len(kinds) == 1 else Kind.ANY


def _kind(member: Any) -> Kind:
    if typing.get_origin(member) is list:
        return Kind.LIST
    if typing.get_origin(member) is dict:
        return Kind.OBJECT
    if not isinstance(member, type):
        return Kind.ANY
    for kind_class, kind in _KINDS:
        if issubclass(member, kind_class):
            return kind
    return Kind.ANY


_KINDS: tuple[tuple[type, Kind], ...] = (
    (bool, Kind.BOOL),
    (int, Kind.INT),
    (Decimal, Kind.DECIMAL),
    (datetime, Kind.DATETIME),
    (date, Kind.DATE),
    (str, Kind.TEXT),
    (list, Kind.LIST),
    (dict, Kind.OBJECT),
)


def _relation(declared: Declaration, include: Include) -> Relation | None:
    """Finds the foreign key: on this side by the include's name, or on the other by its include that points back.

    None where no key links the two: `comments?include=project` goes through the thread.
    """
    target = declaration(include.target)
    if not include.many and (key := linking_key(declared, include.wire)) is not None:
        return Relation(target.path, key.wire, many=False, own=True)
    key = foreign_key(target, declared)
    return None if key is None else Relation(target.path, key.wire, many=include.many, own=False)
