"""The query language once more, without SQL: what a condition means for one object, in plain Python.

Written from BEHAVIOUR.md and the decisions at the top of `paymo_async/sandbox/where.py`, to hold the two together.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
from hypothesis import strategies as st

from paymo_async.sandbox.schema import Kind, schema

ME = "me"
ANYONE = "anyone"
ASKING = 2  # the id of the user who asks

World = Mapping[str, Mapping[int, Mapping[str, Any]]]
"""Objects by path and id; dates are dates, datetimes aware datetimes, both null or not."""


class Asked(NamedTuple):
    """A condition with its values as Python has them."""

    name: str
    sign: str
    values: tuple[Any, ...]
    style: int = 0

    @property
    def text(self) -> str:
        """As it stands in `where`; style picks one of the writings that mean the same."""
        sign = {"!=": ("!=", "<>")}.get(self.sign, (self.sign, self.sign.upper()))[self.style % 2]
        written = [_written(value, bare=self.style % 3 == 0) for value in self.values]
        value = f"({', '.join(written)})" if self.sign in ("in", "not in") else written[0]
        space = " " if self.sign.isalpha() or " " in self.sign or self.style % 5 else ""
        return f"{self.name}{space}{sign}{space}{value}"


def fulfils(path: str, values: Mapping[str, Any], asked: Asked, world: World) -> bool:
    """Whether an object of a resource fulfils a condition."""
    kind = schema()[path].kinds.get(asked.name)
    wanted = [_compared(kind, ASKING if value == ME else value) for value in asked.values]
    if asked.name == "mytasks":
        return (ASKING in values["users"]) is wanted[0]
    if asked.name == "time_interval":
        start, end = asked.values
        return start <= _beginning(values) < end
    if asked.name == "date_interval" and path == "bookings":
        start, end = (moment.date() for moment in asked.values)
        return bool(values["start_date"] <= end and values["end_date"] >= start)
    if kind is Kind.LIST:
        hits = any(
            value in values[asked.name] if value not in (None, ANYONE) else not values[asked.name] for value in wanted
        )
        return hits if asked.sign in ("=", "in") else not hits
    try:
        held = _compared(kind, _looked_up(path, values, asked.name, world))
    except LookupError:
        return False
    null = held is None and not (path == "entries" and asked.name == "end_time" and values["date"] is not None)
    if asked.sign in ("in", "not in"):
        return _listed(held, null, asked.sign, wanted)
    (value,) = wanted
    if value is None:
        return null if asked.sign == "=" else not null
    if held is None:
        return False
    if asked.sign in ("like", "not like"):
        return _like(str(held), value) is (asked.sign == "like")
    return bool(_COMPARES[asked.sign](_ranked(held), _ranked(value)))


def _listed(held: Any, null: bool, sign: str, wanted: list[Any]) -> bool:
    plain = [value for value in wanted if value is not None]
    if sign == "in":
        return (None in wanted and null) or (held is not None and held in plain)
    if None in wanted and null:
        return False
    return not plain or (held is not None and held not in plain)


_COMPARES = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_HOPS = {
    ("entries", "client_id"): (("project_id", "projects"),),
    ("bookings", "task_id"): (("user_task_id", "userstasks"),),
    ("bookings", "project_id"): (("user_task_id", "userstasks"), ("task_id", "tasks")),
}


def _looked_up(path: str, values: Mapping[str, Any], name: str, world: World) -> Any:
    for column, other in _HOPS.get((path, name), ()):
        values = world[other][values[column]]
    return values[name]


def _beginning(values: Mapping[str, Any]) -> datetime:
    if values["start_time"] is not None:
        return values["start_time"]
    day: date = values["date"]
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def _compared(kind: Kind | None, value: Any) -> Any:
    """What two values are compared by."""
    if isinstance(value, datetime):
        return int(value.timestamp())
    if kind is Kind.OBJECT and value is not None:
        return msgspec.json.encode(value)
    return value


def _ranked(value: Any) -> tuple[bool, Any]:
    """Numbers before texts, where an attribute may hold both."""
    return isinstance(value, str), value


def _like(text: str, pattern: str) -> bool:
    parts = ({"%": ".*", "_": "."}.get(letter, re.escape(letter)) for letter in pattern)
    return re.fullmatch("".join(parts), text, re.DOTALL | re.ASCII | re.IGNORECASE) is not None


def _written(value: Any, *, bare: bool) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return f'"{value.strftime("%Y-%m-%dT%H:%M:%SZ")}"' if not bare else str(int(value.timestamp()))
    if isinstance(value, int | Decimal) and bare:
        return str(value)
    return f'"{value}"'


# What the random objects hold, small enough for values to meet.
_TEXTS = ("", "a", "A", "ab", "aB", "Ä", "ä", "b and c=1", "a%", "a_b", "x'y", "12", "line\nend", "null", "🙂", "(a,b)")
_PATTERNS = ("a%", "%b", "%B%", "_", "__", "%", "", "ä", "%_%_%", "A", "%and%", "%\n%", "[ab]", "\\%", "_'_")
_NUMBERS = (Decimal("0.1"), Decimal("0.25"), Decimal("1.5"), Decimal("33.33"), 0, 1, 10, -2, Decimal("9424.5"))
_MOMENTS = tuple(datetime(2026, 3, day, hour, tzinfo=UTC) for day in (1, 2, 3) for hour in (0, 9, 12, 23))
_DAYS = tuple(date(2026, 3, day) for day in (1, 2, 3, 4))
_IDS = (1, 2, 3, 4)
_POOLS: Mapping[Kind, tuple[Any, ...]] = {
    Kind.INT: _IDS,
    Kind.BOOL: (True, False),
    Kind.DECIMAL: _NUMBERS,
    Kind.DATETIME: _MOMENTS,
    Kind.DATE: _DAYS,
    Kind.TEXT: _TEXTS,
    Kind.ANY: (*_IDS, "all", "all_active", ""),
    Kind.OBJECT: ({"progress": 0}, {"progress": 50}),
}
_ITEMS = {"tags": ("", "a", "b", "x'y")}
ASKABLE: Mapping[str, tuple[str, ...]] = {
    "projects": ("id", "client_id", "name", "description", "active", "budget_hours", "created_on", "users", "managers"),
    "entries": (
        *("id", "user_id", "project_id", "client_id", "task_id", "start_time", "end_time", "date", "duration"),
        *("billed", "description", "time_interval"),
    ),
    "tasks": ("id", "user_id", "due_date", "completed_on", "complete", "users", "name", "progress_status", "mytasks"),
    "reports": ("id", "start_date", "end_date", "projects", "type", "share_users_ids"),
    "expenses": ("amount", "tags", "date", "notes"),
    "bookings": ("task_id", "project_id", "start_date", "end_date", "date_interval", "hours_per_day"),
    "invoices": ("number", "total", "options"),
    "userstasks": ("user_id", "task_id"),
}
"""The attributes that random objects have and random conditions ask for, by path."""


def _values_of(name: str, kind: Kind) -> st.SearchStrategy[Any]:
    if kind is Kind.LIST:
        return st.lists(st.sampled_from(_ITEMS.get(name, _IDS)), max_size=3, unique=True)
    return st.sampled_from(_POOLS[kind]) | st.none()


@st.composite
def objects(draw: st.DrawFn, path: str, most: int = 8) -> dict[int, dict[str, Any]]:
    """Objects of a resource by id, with the askable attributes."""
    table, made = schema()[path], dict[int, dict[str, Any]]()
    names = [name for name in ASKABLE[path] if name in table.attributes and name not in table.filter_only]
    for key in range(1, draw(st.integers(1, most)) + 1):
        values = {name: draw(_values_of(name, table.kinds[name])) for name in names}
        if path == "entries" and (values["date"] is None) is (values["start_time"] is None):
            values |= {"date": None, "start_time": draw(st.sampled_from(_MOMENTS))}
        if path == "entries" and values["date"] is not None:
            values["end_time"] = None
        if path == "bookings":
            values["start_date"], values["end_date"] = draw(st.sampled_from(_DAYS)), draw(st.sampled_from(_DAYS))
        if path in ("bookings", "tasks", "userstasks"):
            more = {"bookings": "user_task_id", "tasks": "project_id", "userstasks": "task_id"}[path]
            values[more] = draw(st.sampled_from(_IDS))
        made[key] = {**values, "id": key}
    return made


@st.composite
def asked(draw: st.DrawFn, path: str) -> Asked:
    """A condition that may be asked of a resource."""
    name = draw(st.sampled_from(ASKABLE[path]))
    kind, style = schema()[path].kinds.get(name), draw(st.integers(0, 29))
    if name == "mytasks":
        return Asked(name, "=", (draw(st.booleans()),), style)
    if name.endswith("_interval"):
        ends = st.sampled_from(_MOMENTS)
        return Asked(name, "in", (draw(ends), draw(ends)), 1)  # ISO texts
    assert kind is not None
    sign = draw(st.sampled_from(_signs(kind)))
    if kind is Kind.DATETIME:
        style = 6 * (style // 6) + 3 * (style % 2)  # timestamps
    if sign in ("like", "not like"):
        return Asked(name, sign, (draw(st.sampled_from(_PATTERNS)),), 1 + style % 2)
    pool = _asked_values(name, kind, null=sign in ("=", "!=", "in", "not in"))
    several = sign in ("in", "not in")
    values = draw(st.lists(pool, min_size=1, max_size=4 if several else 1))
    if kind is Kind.TEXT:
        style = 3 * (style // 3) + 1  # quoted
    return Asked(name, sign, tuple(values), style)


def _signs(kind: Kind) -> tuple[str, ...]:
    if kind is Kind.OBJECT:
        return "=", "!="
    equal = ("=", "!=", "in", "not in")
    if kind in (Kind.LIST, Kind.BOOL):
        return equal
    ordered = (*equal, "<", "<=", ">", ">=")
    return (*ordered, "like", "not like") if kind in (Kind.TEXT, Kind.ANY) else ordered


def _asked_values(name: str, kind: Kind, *, null: bool) -> st.SearchStrategy[Any]:
    if kind is Kind.OBJECT:
        return st.none()
    if kind is Kind.LIST:
        items = st.sampled_from((*_ITEMS.get(name, _IDS), ANYONE)) | st.none()
        return items | st.just(ME) if name in ("users", "managers") else items
    pool = st.sampled_from(_POOLS[kind])
    if name == "user_id":
        pool |= st.just(ME)
    return pool | st.none() if null else pool


def stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """An object in the form that the sandbox stores."""
    return {name: _stored(value) for name, value in values.items()}


def _stored(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat() if isinstance(value, date) else value
