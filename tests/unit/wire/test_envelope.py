"""Where in an answer the objects are, for raw bytes and for plain values alike."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from paymo_async.errors import DecodeError, UnexpectedContent
from paymo_async.wire.envelope import exact_json, find_items, raw_items

CASES = [
    (b'{"tasks":[{"id":1},2]}', "tasks", [{"id": 1}, 2]),
    (b'{"others":[{"id":1}]}', "others", [{"id": 1}]),
    (b'{"meta":{"a":[1]},"others":[]}', "others", []),
    (b'{"second":[1],"tasks":[2]}', "tasks", [2]),
    (b'{"tasks":{"id":1}}', "tasks", [{"id": 1}]),
    (b'{"tasks":{"3":{"id":1},"7":{"id":2}}}', "tasks", [{"id": 1}, {"id": 2}]),
    (b'{"tasks":{"3":{"id":1},"name":{"id":2}}}', "tasks", [{"3": {"id": 1}, "name": {"id": 2}}]),
    (b'{"tasks":{"1":2}}', "tasks", [{"1": 2}]),
    (b'{"tasks":{}}', "tasks", []),
    (b'[1,2]', "", [1, 2]),
    (b'{"errors":[1],"others":[2]}', "others", [2]),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "key", "items"), CASES)
def test_the_objects_are_found_the_same_way_in_bytes_and_in_values(answer: bytes, key: str, items: list[Any]) -> None:
    raw_key, raws = raw_items(answer, ("tasks", "second"))
    assert (raw_key, [exact_json(bytes(raw)) for raw in raws]) == (key, items)
    assert find_items(answer, ("tasks", "second")) == (key, items)


@pytest.mark.parametrize(
    "answer",
    [b"{}", b"5", b'"x"', b'{"tasks":null,"others":[]}', b'{"a":[],"b":[]}', b'{"messages":["x"]}', b'{"tasks":true}'],
)
def test_no_objects_are_no_empty_list(answer: bytes) -> None:
    with pytest.raises(UnexpectedContent):
        raw_items(answer, ("tasks",))
    with pytest.raises(UnexpectedContent):
        find_items(answer, ("tasks",))


def test_plain_values_are_exact() -> None:
    assert repr(exact_json(b"[1.50, 1e2, 12345678901234567890123]")) == (
        "[Decimal('1.50'), Decimal('1E+2'), 12345678901234567890123]"
    )
    found = exact_json(b"[1.50, NaN, -Infinity]")
    assert str(found[0]) == "1.50"
    assert found[1].is_nan()
    assert found[2] == Decimal("-Infinity")


@pytest.mark.parametrize(
    ("answer", "error"),
    [(b'{"tasks":[', DecodeError), (b"[1,", DecodeError), (b"", UnexpectedContent), (b"<p>", UnexpectedContent)],
)
def test_a_cut_body_and_another_kind_of_body_are_told_apart(answer: bytes, error: type[DecodeError]) -> None:
    with pytest.raises(DecodeError) as caught:
        exact_json(answer)
    assert type(caught.value) is error
