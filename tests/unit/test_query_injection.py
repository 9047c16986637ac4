"""No value can become part of the filter: what is written is read back by a parser that knows nothing of ours."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from paymo_async.errors import QueryError
from paymo_async.query import Escape, F, build_where, encode_params

NAMES = ("id", "name", "start_time", "projects.active", "x_1")
SCALARS: st.SearchStrategy[Any] = st.one_of(
    st.text(max_size=30),
    st.text('" \\()=,%and', max_size=30),
    st.integers(-(10**12), 10**12),
    st.booleans(),
    st.decimals(-(10**9), 10**9, places=4),
    st.dates(),
    st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC)).map(  # noqa: DTZ001  # bounds are naive there
        lambda moment: moment.replace(microsecond=0)
    ),
)
COMPARISONS = st.one_of(
    st.tuples(st.sampled_from(["=", "!="]), st.one_of(st.none(), SCALARS)),
    st.tuples(st.sampled_from(["<", "<=", ">", ">="]), SCALARS.filter(lambda value: not isinstance(value, bool))),
    st.tuples(st.sampled_from(["like", "not like"]), st.text(max_size=30)),
    st.tuples(st.sampled_from(["in", "not in"]), st.lists(SCALARS, min_size=1, max_size=5)),
)
METHODS = {
    "=": "__eq__",
    "!=": "__ne__",
    "<": "__lt__",
    "<=": "__le__",
    ">": "__gt__",
    ">=": "__ge__",
    "like": "like",
    "not like": "not_like",
    "in": "in_",
    "not in": "not_in",
}


class Reader:
    """A reader of the grammar as BEHAVIOUR.md gives it, under each way to escape a quote."""

    def __init__(self, text: str, escape: Escape) -> None:
        self.text = text
        self.at = 0
        self.escape = escape

    def take(self, pattern: str) -> str:
        found = re.compile(pattern, re.DOTALL).match(self.text, self.at)
        assert found, f"expected {pattern} at {self.text[self.at :]!r}"
        self.at = found.end()
        return found.group()

    def conditions(self) -> list[tuple[str, str, Any]]:
        found = [self.condition()]
        while self.at < len(self.text):
            self.take(" and ")
            found.append(self.condition())
        return found

    def condition(self) -> tuple[str, str, Any]:
        name = self.take(r"[a-z_0-9.]+")
        operator = self.take(r" not like | like | not in | in |!=|<>|>=|<=|=|>|<").strip()
        operator = "!=" if operator == "<>" else operator
        if operator not in ("in", "not in"):
            return name, operator, self.value()
        self.take(r"\(")
        values = [self.value()]
        while self.text[self.at] == ",":
            self.at += 1
            values.append(self.value())
        self.take(r"\)")
        return name, operator, values

    def value(self) -> Any:
        if self.text[self.at] != '"':
            return self.take(r"null|true|false|-?\d+(\.\d+)?")
        if self.escape == "refuse":
            return '"' + self.take(r'"[^"\\]*"')[1:-1]
        if self.escape == "double":
            return '"' + self.take(r'"([^"]|"")*"')[1:-1].replace('""', '"')
        return '"' + re.sub(r"\\(.)", r"\1", self.take(r'"([^"\\]|\\.)*"')[1:-1], flags=re.DOTALL)


def as_read(value: Any) -> Any:
    """What the reader is to find for a value: texts begin with a quote, the rest is as it stands."""
    if isinstance(value, list):
        return [as_read(one) for _, one in dict.fromkeys((type(one), one) for one in value)]
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return str(int((value - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()))
    if isinstance(value, date):
        return '"' + value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return '"' + value if isinstance(value, str) else str(value)


def texts_in(value: Any) -> list[str]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]


@pytest.mark.parametrize("escape", ["refuse", "backslash", "double"])
@given(asked=st.lists(st.tuples(st.sampled_from(NAMES), COMPARISONS), min_size=1, max_size=4))
@example(asked=[("name", ("=", 'x" and id>0 and name="'))])
@example(asked=[("name", ("in", ["a,b", ") and (", "\\"]))])
@example(asked=[("name", ("=", "x\\"))])
def test_a_value_is_refused_or_read_back_as_it_was(escape: Escape, asked: list[tuple[str, tuple[str, Any]]]):
    texts = [text for _, (_, value) in asked for text in texts_in(value)]
    forbidden = r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]" + (r'|["\\]' if escape == "refuse" else "")
    try:
        conditions = [getattr(F[name], METHODS[operator])(value) for name, (operator, value) in asked]
        where = build_where(None, None, {}, escape=escape)
        for condition in conditions:
            where &= condition
        sent = encode_params(where)
    except QueryError:
        assert any(re.search(forbidden, text) for text in texts)
        return
    assert not any(re.search(forbidden, text) for text in texts)
    (received,) = parse_qs(sent)["where"]
    assert Reader(received, escape).conditions() == [
        (name, operator, as_read(value)) for name, (operator, value) in asked
    ]
