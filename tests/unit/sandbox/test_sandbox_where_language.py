"""The parser of the query language, by itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paymo_async.sandbox.schema import schema
from paymo_async.sandbox.store import Store
from paymo_async.sandbox.values import Problem
from paymo_async.sandbox.where import compile_where, parse_where


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    opened = Store(schema())
    yield opened
    opened.close()


def parts(text: str) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(".".join(c.path), c.operator, tuple(v.text for v in c.values)) for c in parse_where(text)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a=1", [("a", "=", ("1",))]),
        (" a  =  1 ", [("a", "=", ("1",))]),
        ("a<>1", [("a", "!=", ("1",))]),
        ('a="x and y=2" and b=3', [("a", "=", ("x and y=2",)), ("b", "=", ("3",))]),
        ('a=""', [("a", "=", ("",))]),
        ("a=x and y", None),
        ("a=b AND c>=2 && d<3", [("a", "=", ("b",)), ("c", ">=", ("2",)), ("d", "<", ("3",))]),
        ('a="x"and b=1', [("a", "=", ("x",)), ("b", "=", ("1",))]),
        ('a NOT  LIKE "%x%"', [("a", "not like", ("%x%",))]),
        ('a.b.c in ("x, y" , 2,z z)', [("a.b.c", "in", ("x, y", "2", "z z"))]),
        ("a not in(1)and b=2", [("a", "not in", ("1",)), ("b", "=", ("2",))]),
        ("a=sand and b=1", [("a", "=", ("sand",)), ("b", "=", ("1",))]),
        ("a=or b=2", [("a", "=", ("or b=2",))]),
    ],
)
def test_conditions_are_read(text, wanted):
    if wanted is None:
        with pytest.raises(Problem):
            parse_where(text)
    else:
        assert parts(text) == wanted


def test_only_the_bare_word_is_null():
    quoted, bare = parse_where('a="null" and b=NULL')
    assert (quoted.values[0].is_null, bare.values[0].is_null) == (False, True)


def status_of(text: str, store: Store) -> int:
    """200 where the text compiles and runs, else the status of the refusal."""
    table = schema()["projects"]
    try:
        store.select(table, compile_where(parse_where(text), table, schema(), 1))
    except Problem as problem:
        return problem.status
    return 200


@given(st.text(max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused(store, text):
    assert status_of(text, store) in (200, 400)


NAMES = "name id users created_on client_id budget_hours active"
SIGNS = "= != < like in ( ) , and null true anyone me 12 -1 1.5 inf"
pieces = st.sampled_from((*NAMES.split(), *SIGNS.split(), "not in", '"', "' OR 1=1 --", "a b"))


@given(st.lists(pieces, max_size=12).map(" ".join))
@settings(max_examples=300, deadline=None)
def test_whatever_compiles_runs(store, text):
    assert status_of(text, store) in (200, 400)
