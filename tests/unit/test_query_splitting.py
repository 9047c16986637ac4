"""Long filters: pieces whose answers together are the whole answer."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paymo_async.errors import QueryError
from paymo_async.query import F, Where, encoded


def values_of(piece: Where, name: str) -> tuple:
    (condition,) = (one for one in piece.conditions if one.name == name)
    assert isinstance(condition.value, tuple)
    return condition.value


def test_a_filter_that_fits_is_left_alone():
    where = Where((F.id.in_([1, 2]),))
    assert where.split(6000) == [where]


def test_ids_are_split_in_order_into_as_few_pieces_as_fit():
    ids = range(1_000_000, 1_002_000)
    where = F.id.in_(ids) & (F.name == "a b")
    pieces = where.split(1000)
    assert [i for piece in pieces for i in values_of(piece, "id")] == list(ids)
    fixed = len(encoded('id in () and name="a b"'))
    assert len(pieces) == math.ceil(len(ids) / ((1000 - fixed + 1) // 8))
    assert all(len(encoded(piece.text)) <= 1000 for piece in pieces)
    assert all('name="a b"' in piece.text for piece in pieces)


def test_repeated_ids_are_asked_for_once():
    assert F.id.in_([1, 2, 1, 2, 3]).value == (1, 2, 3)


@given(
    first=st.lists(st.integers(0, 10**9), min_size=1, max_size=60, unique=True),
    second=st.lists(st.text("äb c", max_size=6), min_size=1, max_size=40, unique=True),
    room=st.integers(90, 600),
)
def test_two_lists_are_split_into_a_product_that_covers_every_pair_once(first, second, room):
    pieces = (F.id.in_(first) & (F.name.in_(second))).split(room)
    pairs = [(i, n) for piece in pieces for i in values_of(piece, "id") for n in values_of(piece, "name")]
    assert len(pairs) == len(first) * len(second)
    assert set(pairs) == {(i, n) for i in first for n in second}
    assert all(len(encoded(piece.text)) <= room for piece in pieces)


def test_a_short_second_list_is_not_cut_along_with_the_long_one():
    pieces = (F.id.in_(range(1000, 3000)) & F.status.in_(["draft", "sent"])).split(1000)
    assert {values_of(piece, "status") for piece in pieces} == {("draft", "sent")}


def test_two_long_lists_share_the_room():
    ids = range(1_000_000, 1_001_000)  # 8,000 characters each, 6,000 fit
    assert len((F.id.in_(ids) & F.user_id.in_(ids)).split(6000)) <= 9


@pytest.mark.parametrize(
    "where",
    [
        Where((F.id.not_in(range(1000)),)),
        Where(("id in (1,2,3)" * 100,)),
        Where((F.name == "x" * 500,)),
        F.id.in_(range(1000)) & (F.name == "x" * 500),
        F.id.in_([1]) & (F.name == "x" * 500),
    ],
)
def test_what_cannot_be_split_is_refused(where: Where):
    with pytest.raises(QueryError, match="filter the answer yourself"):
        where.split(400)


def test_an_interval_is_never_split():
    with pytest.raises(QueryError, match="Only `in` lists"):
        Where((F.time_interval.in_(["2020-01-01T00:00Z", "2020-01-02T00:00Z"]),)).split(30)
