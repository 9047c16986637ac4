"""The `where` language, parsed and compiled to SQL (BEHAVIOUR.md, Lists and Dates and money).

    conditions := condition { ("and" | "&&") condition }
    condition  := name operator value
    operator   := = | != | <> | > | >= | < | <= | like | not like | in | not in
    value      := "quoted" | bare words | ( value , value ... )

Bare words end at the next `and`, so a bare value that holds the word is read wrongly, as by the service. How a quote
inside a quoted string is escaped is not known: here nothing escapes it, the string ends there and what follows is
refused. There is no `or` and no nesting, hence a flat list of conditions and no precedence. The words `and`, `like`,
`in`, `not`, `null`, `true` and `false` are read in any case, names only as they are.

What the service's documentation leaves open is decided as follows (guessed):

- **Null.** An attribute that is null fulfils `= null` and an `in` that lists null, and nothing else: not `!=`, `not in`
  or `not like` either, as in SQL. Null is compared with `=`, `!=`, `in` and `not in` only. A list of ids is never null:
  where there is none, it names nobody, which is what `anyone` asks for.
- **Quotes** are double ones. A bare value that begins with another kind of quote (`name='Paymo'`, also a curly one or a
  backtick) is refused: read as a bare word it would hold its quotes, and be found nowhere.
- **Text** is compared exactly and ordered by code points. `like` takes `%` for any text and `_` for one character,
  without an escape, and does not tell `a` from `A` among the ASCII letters.
- **Numbers** are digits with a sign and a fraction, booleans `true`, `false`, `1` and `0`, both quoted or bare.
- **Datetimes** are compared with Unix timestamps, dates with ISO dates; the other form of either is refused. Only the
  two intervals take ISO datetimes.
- Where an attribute may hold a **number or a text** (`start_date` of reports), what reads as a number is one, quoted or
  not, and numbers come before texts.
- **Objects** (`progress_status`) can be asked for null and nothing else.
- A name that another table answers (`client_id` of entries) is fulfilled by no entry whose project does not exist.
"""

# ruff: noqa: S608  # what is spliced into SQL are names of the declarations; values go as parameters

from __future__ import annotations

import re
import typing
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from paymo_async.sandbox.schema import RUNNING, Kind, Schema, Table
from paymo_async.sandbox.values import Problem, day

__all__ = ["Condition", "Filter", "compile_where", "parse_where"]


class Filter(NamedTuple):
    """SQL that is true for the wanted rows of one table, and its parameters. The empty one is true for all."""

    sql: str = ""
    params: tuple[Any, ...] = ()

    def and_(self, sql: str, *params: Any) -> Filter:
        """Both: this filter and another condition."""
        return Filter(f"{self.sql} AND {sql}" if self.sql else sql, (*self.params, *params))


class Condition(NamedTuple):
    """One parsed condition. value: a text, or a list of texts for `in`; quoted says whether each was quoted."""

    path: tuple[str, ...]
    operator: str
    values: tuple[Value, ...]
    text: str


class Value(NamedTuple):
    """One value as it stood in the text."""

    text: str
    quoted: bool

    @property
    def is_null(self) -> bool:
        """Whether it is the bare word null."""
        return not self.quoted and self.text.lower() == "null"


def parse_where(text: str) -> list[Condition]:
    """The conditions of a `where` value. Raises Problem 400 with the service's words."""
    if not _readable(text):
        raise _invalid(text.encode("ascii", "backslashreplace").decode().replace("\x00", "\\x00"))
    found: list[Condition] = []
    position = values = 0
    while True:
        condition, position = _condition(text, position)
        found.append(condition)
        values += len(condition.values)
        if len(found) > _MOST_CONDITIONS or values > _MOST_VALUES:
            raise _invalid("too long")
        joint = _JOINT.match(text, position)
        if joint is None:
            if text[position:].strip():
                raise _invalid(text[position:].strip())
            return found
        position = joint.end()


def compile_where(conditions: list[Condition], table: Table, tables: Schema, user_id: int) -> Filter:
    """The SQL for conditions on one table. user_id: who asks, for `me` and `mytasks`."""
    return _Compiler(table, tables, user_id).all(conditions)


# What SQLite takes in one statement with room to spare, and more than fits into a URL.
_MOST_CONDITIONS, _MOST_VALUES, _LONGEST_PATTERN = 500, 10_000, 10_000
# No expression looks at a character more than twice, so that a long text of spaces costs no more than another.
_SPACE = re.compile(r"\s*")
_NAME = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)\s*")
_OPERATOR = re.compile(r"(!=|<>|>=|<=|=|>|<|not\s+like\b|not\s+in\b|like\b|in\b)\s*", re.IGNORECASE)
_QUOTED = re.compile(r'"([^"]*)"')
_BARE = re.compile(r"(?<!\s)\s+and\s|&&|\Z", re.IGNORECASE)
_AND = re.compile(r"and(?:\s|\Z)", re.IGNORECASE)
_BARE_IN_LIST = re.compile(r"[^,()\"]+")
_OTHER_QUOTES = ("'", "`", "\u00b4", "\u2018", "\u2019", "\u201a", "\u201c", "\u201d", "\u201e", "\u00ab", "\u00bb")
_JOINT = re.compile(r"\s*(?:and\s+|&&\s*)", re.IGNORECASE)


def _invalid(text: str) -> Problem:
    return Problem(400, f'Invalid condition in "where" param: {text}')


def _readable(text: str) -> bool:
    """Whether SQLite can take the text: no lone surrogates, no zero character."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def _condition(text: str, start: int) -> tuple[Condition, int]:
    name = _NAME.match(text, start)
    operator = _OPERATOR.match(text, name.end()) if name else None
    if name is None or operator is None:
        raise _invalid(text[start:].strip() or text)
    sign = " ".join(operator[1].lower().split())
    if sign.endswith("in"):
        values, end = _list(text, operator.end(), start)
    else:
        value, end = _value(text, operator.end(), start)
        values = (value,)
    path = tuple(name[1].split("."))
    return Condition(path, "!=" if sign == "<>" else sign, values, text[start:end].strip()), end


def _value(text: str, position: int, start: int) -> tuple[Value, int]:
    if text.startswith('"', position):
        quoted = _QUOTED.match(text, position)
        if quoted is None:
            raise _invalid(text[start:].strip())
        return Value(quoted[1], quoted=True), quoted.end()
    found = _BARE.search(text, position)
    end = found.start() if found else len(text)
    bare = text[position:end].strip()
    if not bare or '"' in bare or bare.startswith(("(", *_OTHER_QUOTES)) or _AND.match(bare):
        raise _invalid(text[start:].strip())
    return Value(bare, quoted=False), end


def _list(text: str, position: int, start: int) -> tuple[tuple[Value, ...], int]:
    if not text.startswith("(", position):
        raise _invalid(text[start:].strip())
    position += 1
    values: list[Value] = []
    while True:
        position = _skip_space(text, position)
        if text.startswith('"', position):
            value, position = _value(text, position, start)
        else:
            bare = _BARE_IN_LIST.match(text, position)
            if bare is None or not bare[0].strip() or bare[0].startswith(_OTHER_QUOTES):
                raise _invalid(text[start:].strip())
            value, position = Value(bare[0].strip(), quoted=False), bare.end()
        values.append(value)
        if len(values) > _MOST_VALUES:
            raise _invalid("too long")
        position = _skip_space(text, position)
        if text.startswith(")", position):
            return tuple(values), position + 1
        if not text.startswith(",", position):
            raise _invalid(text[start:].strip())
        position += 1


def _skip_space(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


# Names that exist only in `where` and are answered by another table: the hops to it (column, table), from here on.
_VIA: Mapping[tuple[str, str], tuple[tuple[str, str], ...]] = {
    ("entries", "client_id"): (("project_id", "projects"),),
    ("bookings", "task_id"): (("user_task_id", "userstasks"),),
    ("bookings", "project_id"): (("user_task_id", "userstasks"), ("task_id", "tasks")),
}
_SIGNS = {"=": "=", "!=": "<>", ">": ">", ">=": ">=", "<": "<", "<=": "<=", "like": "LIKE", "not like": "NOT LIKE"}
_ORDERED = frozenset({Kind.INT, Kind.DECIMAL, Kind.DATE, Kind.DATETIME, Kind.TEXT, Kind.ANY})


class _Compiler:
    """Compiles conditions for one table; one object per `where`, thrown away after it."""

    def __init__(self, table: Table, tables: Schema, user_id: int) -> None:
        self.table = table
        self.tables = tables
        self.user_id = user_id

    def all(self, conditions: list[Condition]) -> Filter:
        made = Filter()
        for condition in conditions:
            sql, params = self.one(condition)
            made = made.and_(sql, *params)
        return made

    def one(self, condition: Condition) -> Filter:
        name = condition.path[-1]
        kind = self.table.kinds.get(name)
        if name == "mytasks" and self.table.path == "tasks":
            return self.mytasks(condition)
        if kind is None or name in self.table.private - self.table.hidden:
            raise Problem(400, f"Unknown field or reference: `{'.'.join(condition.path)}`")
        if (special := _SPECIAL.get((self.table.path, name))) is not None:
            return special(condition, self)
        if (via := _VIA.get((self.table.path, name))) is not None:
            return self.via(condition, via)
        if kind is Kind.LIST:
            return self.of_list(condition)
        return self.plain(condition, self.expression(name), kind)

    def expression(self, name: str) -> str:
        if name == "id" or name in self.table.columns:
            return f'"{name}"'
        source = "private" if name in self.table.private else "body"
        return f"({source} ->> '$.{name}')"

    def plain(self, condition: Condition, expression: str, kind: Kind, null: str = "") -> Filter:
        """null: SQL that is true where the attribute is null, unless that is all there is to it."""
        null = null or f"{expression} IS NULL"
        sign = condition.operator
        if sign in ("in", "not in"):
            return self.membership(condition, expression, kind, null)
        (value,) = condition.values
        if value.is_null:
            if sign not in ("=", "!="):
                raise _invalid(condition.text)
            return Filter(null if sign == "=" else f"NOT ({null})")
        if sign in ("like", "not like"):
            if kind not in (Kind.TEXT, Kind.ANY) or len(value.text) > _LONGEST_PATTERN:
                raise _invalid(condition.text)
            return Filter(f"{expression} {_SIGNS[sign]} ?", (value.text,))
        if sign not in ("=", "!=") and kind not in _ORDERED:
            raise _invalid(condition.text)
        sql = f"{expression} {_SIGNS[sign]} ?"
        if kind is Kind.BOOL:  # so that SQLite prefers any other index, which singles out more
            sql = f"likelihood({sql}, 0.5)"
        return Filter(sql, (self.read(value, kind, condition),))

    def membership(self, condition: Condition, expression: str, kind: Kind, null: str) -> Filter:
        values = [self.read(value, kind, condition) for value in condition.values if not value.is_null]
        marks = ", ".join("?" * len(values))
        has_null = len(values) < len(condition.values)
        if condition.operator == "not in":
            more = f" AND NOT ({null})" if has_null else ""
            return Filter(f"({expression} NOT IN ({marks}){more})", tuple(values))
        more = f" OR ({null})" if has_null else ""
        return Filter(f"({expression} IN ({marks}){more})", tuple(values))

    def of_list(self, condition: Condition) -> Filter:
        """Lists: `users=12` is membership, and `anyone` or null stands for a list that names nobody."""
        if condition.operator not in ("=", "!=", "in", "not in"):
            raise _invalid(condition.text)
        name = condition.path[-1]
        items, kind = f"body -> '$.{name}'", self.kind_of_items(name)
        named = [value for value in condition.values if not value.is_null and value.text != "anyone"]
        wanted = [self.read(value, kind, condition) for value in named]
        parts: list[str] = []
        if wanted:
            marks = ", ".join("?" * len(wanted))
            parts.append(f"EXISTS (SELECT 1 FROM json_each({items}) WHERE json_each.value IN ({marks}))")
        if len(named) < len(condition.values):
            parts.append(f"coalesce(json_array_length({items}), 0) = 0")
        negated = condition.operator in ("!=", "not in")
        return Filter(f"{'NOT ' if negated else ''}({' OR '.join(parts)})", tuple(wanted))

    def kind_of_items(self, name: str) -> Kind:
        """Ids unless the list is declared to hold texts (tags)."""
        (member, *_) = self.table.attributes[name].types
        return Kind.TEXT if str in typing.get_args(member) else Kind.INT

    def mytasks(self, condition: Condition) -> Filter:
        (value, *more) = condition.values
        if condition.operator != "=" or more:
            raise _invalid(condition.text)
        mine = "EXISTS (SELECT 1 FROM json_each(body -> '$.users') WHERE json_each.value = ?)"
        return Filter(mine if _boolean(value, condition) else f"NOT {mine}", (self.user_id,))

    def via(self, condition: Condition, hops: tuple[tuple[str, str], ...]) -> Filter:
        last = self.tables[hops[-1][1]]
        sql, params = _Compiler(last, self.tables, self.user_id).one(condition)
        for column, other in reversed(hops):
            sql = f'"{column}" IN (SELECT id FROM "{other}" WHERE {sql})'
        return Filter(sql, params)

    def read(self, value: Value, kind: Kind, condition: Condition) -> Any:
        """The SQL parameter for a value. Datetimes are Unix timestamps, dates are ISO, `me` is the asking user."""
        if kind is Kind.INT and value.text == "me" and condition.path[-1] in _OF_USERS:
            return self.user_id
        try:
            return _READERS[kind](value, condition)
        except ValueError:
            raise _invalid(condition.text) from None


_OF_USERS = frozenset({"user_id", "users", "managers", "completed_by", "creator_id"})


def _boolean(value: Value, condition: Condition) -> int:
    known = {"true": 1, "1": 1, "false": 0, "0": 0}
    if value.text.lower() not in known:
        raise _invalid(condition.text)
    return known[value.text.lower()]


def _integer(value: Value, condition: Condition) -> int:
    number = _number(value, condition)
    if isinstance(number, float):
        raise _invalid(condition.text)
    return number


def _number(value: Value, condition: Condition) -> int | float:
    if not _NUMBER.fullmatch(value.text):
        raise _invalid(condition.text)
    number = Decimal(value.text)
    if abs(number) >= 1 << 63:
        raise _invalid(condition.text)
    return int(number) if number == number.to_integral_value() else float(number)


def _text(value: Value, _: Condition) -> str:
    return value.text


def _iso_date(value: Value, _: Condition) -> str:
    return day(value.text)


def _any(value: Value, condition: Condition) -> Any:
    if value.text.lower() in ("true", "false"):
        return _boolean(value, condition)
    return _number(value, condition) if _NUMBER.fullmatch(value.text) else value.text


def _never(_: Value, condition: Condition) -> Any:
    raise _invalid(condition.text)


_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")

_READERS = {
    Kind.INT: _integer,
    Kind.BOOL: _boolean,
    Kind.DECIMAL: _number,
    Kind.DATETIME: _number,
    Kind.DATE: _iso_date,
    Kind.TEXT: _text,
    Kind.LIST: _integer,
    Kind.OBJECT: _never,
    Kind.ANY: _any,
}


_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?)?", re.ASCII)


def _interval(condition: Condition) -> Iterator[datetime]:
    if condition.operator != "in" or len(condition.values) != 2:
        raise _invalid(condition.text)
    for value in condition.values:
        if not _ISO.fullmatch(value.text):
            raise _invalid(condition.text)
        try:
            moment = datetime.fromisoformat(value.text)
        except ValueError:
            raise _invalid(condition.text) from None
        yield moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _time_interval(condition: Condition, _: _Compiler) -> Filter:
    """Entries that begin in [start, end); one with a date alone counts as at noon of it (guessed)."""
    start, end = _interval(condition)
    return Filter('("moment" >= ? AND "moment" < ?)', (start.timestamp(), end.timestamp()))


def _date_interval(condition: Condition, _: _Compiler) -> Filter:
    """Bookings that touch the days from start to end, both included."""
    start, end = _interval(condition)
    return Filter('("start_date" <= ? AND "end_date" >= ?)', (end.date().isoformat(), start.date().isoformat()))


def _end_time(condition: Condition, compiler: _Compiler) -> Filter:
    """`end_time=null` finds running timers (BEHAVIOUR.md, Dates and money), so not entries with a date alone."""
    return compiler.plain(condition, '"end_time"', Kind.DATETIME, null=RUNNING)


def _start_time(condition: Condition, compiler: _Compiler) -> Filter:
    """The same as of any datetime; `moment` is the start where there is one, and is in more indexes."""
    made = compiler.plain(condition, '"start_time"', Kind.DATETIME)
    if condition.operator in ("=", ">", ">=", "<", "<=") and not condition.values[0].is_null:
        return made.and_(f'"moment" {condition.operator} ?', *made.params)
    return made


_SPECIAL = {
    ("entries", "start_time"): _start_time,
    ("entries", "end_time"): _end_time,
    ("entries", "time_interval"): _time_interval,
    ("bookings", "date_interval"): _date_interval,
}
