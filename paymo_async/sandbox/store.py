"""The state of the account in SQLite: one table a resource, an object a row.

A row holds the object's JSON as it is answered (`body`: numbers keep their text), what is never or rarely answered
(`private`), and as real columns whatever `where` compares by number, day or moment: ids, booleans, dates as ISO texts,
datetimes as Unix timestamps. Foreign keys and dates are indexed. A filter runs wholly in SQLite, so a page out of a
million entries costs what its index costs.

Whole lists come in the order of ids. Filtered ones come in the order of the index that SQLite picks: equal for equal
data, and no order is promised by the service either.
"""

# ruff: noqa: S608  # what is spliced into SQL are names of the declarations; values go as parameters

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from paymo_async.sandbox.schema import Kind, Schema, Table
from paymo_async.sandbox.values import dump, load, timestamp
from paymo_async.sandbox.where import Filter

__all__ = ["Row", "Store"]


class Row(NamedTuple):
    """A stored object: its id, its JSON, its private JSON, and the foreign keys that were asked for."""

    id: Any
    body: bytes
    private: bytes | None
    keys: Mapping[str, Any]

    @classmethod
    def of(cls, table: Table, values: Mapping[str, Any]) -> Row:
        """The row of an object; its keys are all that the object has."""
        body = {name: value for name, value in values.items() if name not in table.private}
        private = {name: values[name] for name in table.private if name in values}
        return cls(values["id"], dump(body), dump(private) if private else None, values)

    @property
    def values(self) -> dict[str, Any]:
        """The object with its private attributes."""
        return {**load(self.body), **(load(self.private) if self.private else {})}


# A file survives a killed process, by its journal, if not a machine that loses power; nobody else writes to it.
_PRAGMAS = (
    "locking_mode=EXCLUSIVE",
    "journal_mode=TRUNCATE",
    "synchronous=OFF",
    "temp_store=MEMORY",
    "cache_size=-65536",
    f"mmap_size={1 << 27}",
)


class Store:
    """One account's objects. path: a SQLite file, kept when the store closes; None is memory.

    Raises OSError for a file that is something else, was made by a version with other tables, or is in use.
    """

    def __init__(self, tables: Schema, path: Path | None = None) -> None:
        self.tables = tables
        self._marks: dict[str, dict[int, Any]] = {}
        try:
            # Threads other than the server's look in under the account's lock.
            self._db = sqlite3.connect(
                path or ":memory:", isolation_level=None, cached_statements=512, check_same_thread=False, timeout=0
            )
            try:
                self._open()
            except BaseException:
                self._db.close()
                raise
        except sqlite3.Error as error:
            in_use = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
            reason = "it is in use, perhaps by another sandbox" if in_use else str(error)
            raise OSError(f"{path} cannot hold a sandbox's state: {reason}") from None

    def _open(self) -> None:
        for pragma in _PRAGMAS:
            self._db.execute(f"PRAGMA {pragma}")
        with self.transaction():
            self._lay_out()

    def _lay_out(self) -> None:
        """Makes the tables, where they are not there. Raises sqlite3.DatabaseError where others are."""
        version = zlib.crc32("".join(table.statement for table in self.tables).encode()) & 0x7FFFFFFF
        ((found,),) = self.query("PRAGMA user_version")
        if found != version and self.query("SELECT 1 FROM sqlite_master LIMIT 1"):
            raise sqlite3.DatabaseError(
                "it was made by another version of the sandbox, or by something else; begin with a new file"
            )
        self._db.execute(f"PRAGMA user_version={version}")
        self._db.execute("CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, number INTEGER)")
        for table in self.tables:
            self._db.execute(table.statement)
            self.index(table)

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction has begun, of whichever thread."""
        return self._db.in_transaction

    def close(self) -> None:
        """Closes the database; what is in memory is gone."""
        self._db.close()

    def snapshot(self) -> bytes:
        """The whole database, as the bytes of a SQLite file."""
        return self._db.serialize()

    def restore(self, snapshot: bytes) -> None:
        """Goes back to a snapshot; all that came after it is gone."""
        kept = sqlite3.connect(":memory:")
        try:
            kept.deserialize(snapshot)
            kept.backup(self._db)
        finally:
            kept.close()
        self._marks.clear()

    def save(self, path: Path) -> None:
        """Writes a copy of the database to a file, and replaces what is there."""
        path.unlink(missing_ok=True)
        copy = sqlite3.connect(path)
        try:
            self._db.backup(copy)
        finally:
            copy.close()

    def empty(self) -> None:
        """Deletes every object and every upload."""
        with self.transaction():
            for (name,) in self.query("SELECT name FROM sqlite_master WHERE type = 'table'"):
                self._db.execute(f'DELETE FROM "{name}"')
        self._marks.clear()

    def tick(self, name: str) -> int:
        """The next number of a counter that lives with the data; the first is 1."""
        ((number,),) = self.query(
            "INSERT INTO counters VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET number = number + 1 RETURNING number",
            (name,),
        )
        return int(number)

    @contextmanager
    def transaction(self) -> Generator[None]:
        """All writes within happen, or none. It cannot be begun within another one."""
        self._db.execute("BEGIN")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            self._marks.clear()
            raise
        self._db.execute("COMMIT")

    def index(self, table: Table) -> None:
        """Makes the table's indexes, where they are not there."""
        for statement in table.indexes:
            self._db.execute(statement)

    def bulk(self, table: Table, objects: Iterable[Mapping[str, Any]]) -> None:
        """Adds many objects, ids included; indexes are made afterwards, which is several times faster."""
        self.bulk_rows(table, (_row(table, values) for values in objects))

    def bulk_rows(self, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
        """The same with rows as they are stored: id, body, private, and the table's columns in their order."""
        self._forget(table)
        for name in table.index_names:
            self._db.execute(f'DROP INDEX IF EXISTS "{name}"')
        marks = ", ".join("?" * (3 + len(table.columns)))
        self._db.executemany(f'INSERT INTO "{table.path}" VALUES ({marks})', rows)
        self.index(table)

    def put(self, table: Table, values: Mapping[str, Any]) -> None:
        """Adds an object, or replaces the one with its id."""
        self._forget(table)
        marks = ", ".join("?" * (3 + len(table.columns)))
        self._db.execute(f'INSERT OR REPLACE INTO "{table.path}" VALUES ({marks})', _row(table, values))

    def get(self, table: Table, key: Any) -> dict[str, Any] | None:
        """An object with its private attributes, or None."""
        found = self.by_ids(table, [key])
        return found[0].values if found else None

    def find(self, table: Table, where: Filter, limit: int = -1) -> list[dict[str, Any]]:
        """The objects that a filter finds, with their private attributes."""
        return [row.values for row in self.select(table, where, limit=limit)]

    def select(
        self,
        table: Table,
        where: Filter,
        *,
        columns: Sequence[str] = (),
        limit: int = -1,
        offset: int = 0,
        shuffle: int | None = None,
    ) -> list[Row]:
        """Rows by a filter. limit: -1 is no limit. shuffle: picks one of many orders of all that the filter finds."""
        if shuffle is not None:
            clause = f"WHERE {where.sql or '1'} ORDER BY {_shuffled(table, shuffle)} LIMIT ? OFFSET ?"
            ids = [
                key
                for (key,) in self.query(f'SELECT id FROM "{table.path}" t {clause}', (*where.params, limit, offset))
            ]
            found = {row.id: row for row in self.by_ids(table, ids, columns)}
            return [found[key] for key in ids]
        if where.sql:
            return self._rows(table, columns, f"WHERE {where.sql} LIMIT ? OFFSET ?", (*where.params, limit, offset))
        # A deep offset would walk all rows before it: where the page before ended is remembered until a write.
        marks = self._marks.setdefault(table.path, {})
        last = marks.get(offset)
        if last is None:
            start = f'WHERE id >= (SELECT id FROM "{table.path}" ORDER BY id LIMIT 1 OFFSET ?)' if offset else ""
            params = (offset, limit) if offset else (limit,)
            rows = self._rows(table, columns, f"{start} ORDER BY id LIMIT ?", params)
        else:
            rows = self._rows(table, columns, "WHERE id > ? ORDER BY id LIMIT ?", (last, limit))
        if rows:
            marks[offset + len(rows)] = rows[-1].id
        return rows

    def by_ids(self, table: Table, ids: Sequence[Any], columns: Sequence[str] = ()) -> list[Row]:
        """Rows by id, in no certain order."""
        if len(ids) == 1:
            return self._rows(table, columns, "WHERE id = ?", (ids[0],))
        return self._rows(table, columns, "WHERE id IN (SELECT value FROM json_each(?))", (dump(ids).decode(),))

    def child_ids(
        self,
        table: Table,
        fk: str,
        parents: Sequence[Any],
        where: Filter,
        limit: int = -1,
        *,
        shuffle: int | None = None,
    ) -> list[tuple[Any, Any]]:
        """(parent, child) ids, at most `limit`: parents in the given order, children by seq or as the index has them.

        shuffle: picks one of many orders of each parent's children.
        """
        # The parents are the outer loop, so that a limit stops the search among a million children.
        statement = (
            "SELECT p_value, t.id FROM (SELECT key AS p_key, value AS p_value FROM json_each(?)) "
            f'CROSS JOIN "{table.path}" t ON t."{fk}" = p_value'
        )
        if where.sql:
            statement += f" WHERE {where.sql}"
        if shuffle is not None:
            statement += f" ORDER BY p_key, {_shuffled(table, shuffle)}"
        elif "seq" in table.columns:
            statement += " ORDER BY p_key, t.seq, t.id"
        return self._db.execute(f"{statement} LIMIT ?", (dump(parents).decode(), *where.params, limit)).fetchall()

    def count(self, table: Table, where: Filter | None = None) -> int:
        """How many objects a filter finds."""
        clause = f"WHERE {where.sql}" if where and where.sql else ""
        (number,) = self.query(f'SELECT count(*) FROM "{table.path}" {clause}', where.params if where else ())[0]
        return int(number)

    def fits(self, table: Table, values: Mapping[str, Any], where: Filter) -> bool:
        """Whether a filter finds an object, be it stored (any more) or not."""
        columns = ", ".join(f'? AS "{name}"' for name in ("id", "body", "private", *table.columns))
        made = "".join(f', {sql} AS "{name}"' for name, sql in table.generated.items())
        # A table of this one row hides the stored one of its name.
        one = f'WITH "{table.path}" AS (SELECT *{made} FROM (SELECT {columns}))'
        statement = f'{one} SELECT 1 FROM "{table.path}" WHERE {where.sql or "TRUE"}'
        return bool(self.query(statement, (*_row(table, values), *where.params)))

    def delete(self, table: Table, where: Filter) -> int:
        """Deletes what a filter finds, and tells how many."""
        self._forget(table)
        if not table.text_id:  # the highest id is not given out again
            self._db.execute(
                f'INSERT INTO counters SELECT ?, max(id) FROM "{table.path}" HAVING max(id) IS NOT NULL '
                "ON CONFLICT (name) DO UPDATE SET number = max(number, excluded.number)",
                (f"ids of {table.path}",),
            )
        return self._db.execute(f'DELETE FROM "{table.path}" WHERE {where.sql}', where.params).rowcount

    def next_id(self, table: Table) -> int:
        """An id that no object of the table ever had, deleted ones included."""
        ((highest,),) = self.query(
            f'SELECT max(coalesce((SELECT max(id) FROM "{table.path}"), 0), '
            "coalesce((SELECT number FROM counters WHERE name = ?), 0))",
            (f"ids of {table.path}",),
        )
        return int(highest) + 1

    def query(self, statement: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of a statement of the sandbox's own; nothing from a request may be spliced into it."""
        return self._db.execute(statement, params).fetchall()

    def _rows(self, table: Table, columns: Sequence[str], clause: str, params: Sequence[Any]) -> list[Row]:
        keys = "".join(f', "{name}"' for name in columns)
        statement = f'SELECT id, CAST(body AS BLOB), CAST(private AS BLOB){keys} FROM "{table.path}" {clause}'
        found = self._db.execute(statement, params)
        if not columns:
            return [Row(row[0], row[1], row[2], _NO_KEYS) for row in found]
        return [Row(row[0], row[1], row[2], dict(zip(columns, row[3:], strict=True))) for row in found]

    def _forget(self, table: Table) -> None:
        self._marks.pop(table.path, None)


_PRIME = (1 << 31) - 1


def _shuffled(table: Table, number: int) -> str:
    """SQL to order the rows of `t` by: ids are sent about a prime field by a factor of the number's, and squared there.

    The order is that of the ids and the number alone, so pages of one order are a partition while objects come and go.
    """
    if table.text_id:  # of random hex digits
        return f"substr(t.id, {1 + number % 24}), t.id"
    spread = f"(t.id % {_PRIME} * {1 + number * 48271 % (_PRIME - 1)} + {number % _PRIME}) % {_PRIME}"
    return f"({spread}) * ({spread}) % {_PRIME}, t.id"


_NO_KEYS: Mapping[str, Any] = {}


def _row(table: Table, values: Mapping[str, Any]) -> tuple[Any, ...]:
    """What is written of an object: its texts, and the values of its columns."""
    key, body, private, _ = Row.of(table, values)
    columns = (_column(table.kinds[name], values.get(name)) for name in table.columns)
    return key, body.decode(), private.decode() if private else None, *columns


def _column(kind: Kind, value: Any) -> Any:
    if value is None:
        return None
    if kind is Kind.DATETIME:
        return timestamp(value)
    if kind is Kind.DATE:
        return value
    return int(value) if value != "" else None  # settings of the company come as texts, "" for false
