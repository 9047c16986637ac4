"""The SQL of a `where` finds what a naive reading of it finds, over random objects and conditions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_query import ASKABLE, ASKING, Asked, asked, fulfils, objects, stored

from paymo_async.sandbox.schema import Kind, schema
from paymo_async.sandbox.store import Store
from paymo_async.sandbox.where import Filter, compile_where, parse_where

NEIGHBOURS = {"entries": ("projects",), "bookings": ("userstasks", "tasks")}


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    opened = Store(schema())
    yield opened
    opened.close()


def fill(store: Store, world) -> None:
    with store.transaction():
        for path, rows in world.items():
            store.delete(schema()[path], Filter("1"))
            for values in rows.values():
                store.put(schema()[path], stored(values))


def found(store: Store, path: str, where: str) -> list[int]:
    table = schema()[path]
    return sorted(row.id for row in store.select(table, compile_where(parse_where(where), table, schema(), ASKING)))


@pytest.mark.parametrize("path", [path for path in ASKABLE if path != "userstasks"])
@given(data=st.data())
@settings(max_examples=25, deadline=None, derandomize=True)
def test_sql_finds_what_a_naive_reading_finds(store, path, data):
    world = {name: data.draw(objects(name), name) for name in (path, *NEIGHBOURS.get(path, ()))}
    conditions = data.draw(st.lists(st.lists(asked(path), min_size=1, max_size=3), min_size=1, max_size=12))
    fill(store, world)
    for several in conditions:
        where = " and ".join(one.text for one in several)
        wanted = [
            key for key, values in world[path].items() if all(fulfils(path, values, one, world) for one in several)
        ]
        assert found(store, path, where) == wanted, where


def test_every_kind_is_asked_for():
    asked_for = {schema()[path].kinds[name] for path, names in ASKABLE.items() for name in names if name != "mytasks"}
    assert asked_for == set(Kind)


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (Asked("a", "!=", (None,), 1), "a <> null"),
        (Asked("a", "not in", (1, "x"), 3), 'a NOT IN (1, "x")'),
        (Asked("a", "=", (True,), 0), "a=true"),
    ],
)
def test_the_naive_side_writes_conditions_in_several_ways(one, text):
    assert one.text == text
