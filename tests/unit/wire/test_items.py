"""Items of one long answer while it arrives, wherever its chunks are cut."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paymo_async.errors import DecodeError, IncompleteBody, UnexpectedContent
from paymo_async.models import Estimate, EstimateItem, ReportItem, TimeEntry
from paymo_async.wire.codec import decode_items
from paymo_async.wire.items import ItemSplitter, ItemStream

PATH = ("reports", 0, "content", "items")
AWKWARD = 'x"]},{"type":"\\\\é😀\n[{'


def rows(count: int) -> list[dict[str, Any]]:
    return [
        {"type": "entry", "title": f"{AWKWARD}{number}", "time": number, "pct": number / 8, "more": [{"type": {}}]}
        for number in range(count)
    ]


def report(items: Any, **dumps: Any) -> bytes:
    before = {"id": 1, "content": AWKWARD, "nested": [{"content": {"items": [1]}}, []]}
    around = {**before, "content": {"also": [{"items": [2]}], "items": items, "total": [AWKWARD]}, "name": AWKWARD}
    return json.dumps({"meta": ["reports"], "reports": [around], "end": {}}, **dumps).encode()


def split(body: bytes, size: int, path: tuple[str | int, ...] = PATH) -> list[Any]:
    splitter = ItemSplitter(path)
    found: list[Any] = []
    for start in range(0, len(body), size):
        for batch in splitter.feed(body[start : start + size]):
            found += json.loads(batch)
    splitter.close()
    return found


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 333, 4096, 10**6])
@pytest.mark.parametrize("dumps", [{"separators": (",", ":")}, {"indent": 2}, {"ensure_ascii": False}])
def test_all_items_come_wherever_the_chunks_are_cut(size: int, dumps: dict[str, Any]) -> None:
    count = 30 if size < 50 else 300
    assert split(report(rows(count), **dumps), size) == rows(count)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
ROW = st.fixed_dictionaries({"id": st.integers(), "name": st.text(max_size=8)}, optional={"more": JSON, "last": JSON})


@settings(deadline=None, max_examples=60)
@given(st.lists(JSON, max_size=12) | st.lists(ROW, max_size=40), st.data())
def test_random_items_in_random_chunks_are_the_same_as_at_once(items: list[Any], data: st.DataObject) -> None:
    body = report(items, ensure_ascii=data.draw(st.booleans()), indent=data.draw(st.sampled_from([None, 1])))
    splitter = ItemSplitter(PATH)
    found: list[Any] = []
    start = 0
    while start < len(body):
        size = data.draw(st.integers(1, 400))
        for batch in splitter.feed(body[start : start + size]):
            found += json.loads(batch)
        start += size
    splitter.close()
    assert found == items


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 60), st.integers(1, 900), st.integers(0, 60))
def test_models_are_the_same_as_from_the_whole_answer(count: int, size: int, odd: int) -> None:
    items = [{"id": number, "duration": "x" if number == odd else number, "new": 1.5} for number in range(count)]
    body = json.dumps({"entries": items}).encode()
    stream = ItemStream(TimeEntry, ("entries",))
    found, places, paths = [], [], []
    for start in range(0, len(body), size):
        decoded = stream.feed(body[start : start + size])
        found += decoded.items
        places += decoded.places
        paths += [error.path for error in decoded.undecodable]
    stream.close()
    at_once = decode_items(TimeEntry, body)
    assert found == at_once.items
    assert places == at_once.places
    assert paths == [error.path for error in at_once.undecodable]


def test_the_first_item_comes_before_the_last_byte() -> None:
    body = report(rows(1000))
    stream = ItemStream(ReportItem, PATH)
    assert stream.feed(body[:1000]).items[0].title == f"{AWKWARD}0"
    with pytest.raises(IncompleteBody):
        stream.close()


def test_memory_holds_one_item_and_no_more() -> None:
    body = report(rows(2000))
    splitter = ItemSplitter(PATH)
    most = 0
    for start in range(0, len(body), 500):
        splitter.feed(body[start : start + 500])
        most = max(most, splitter.held)
    assert most < 700


def test_amounts_stay_exact() -> None:
    stream = ItemStream(ReportItem, ("items",))
    assert stream.feed(b'{"items":[{"pct":1.50},').items == [ReportItem(pct=Decimal("1.50"))]


def test_nested_items_with_alike_boundaries_are_told_apart() -> None:
    estimates = [
        {"id": number, "estimateitems": [{"id": place, "item": "a"} for place in range(number % 5)]}
        for number in range(400)
    ]
    body = json.dumps({"estimates": estimates}, separators=(",", ":")).encode()
    stream = ItemStream(Estimate, ("estimates",))
    found = [item for start in range(0, len(body), 2000) for item in stream.feed(body[start : start + 2000]).items]
    stream.close()
    assert [item.id for item in found] == list(range(400))
    assert found[399].estimateitems == [EstimateItem(id=place, item="a") for place in range(4)]


def test_items_that_look_alike_inside_end_the_guessing_and_lose_nothing() -> None:
    inner = [{"id": number, "x": 1} for number in range(200)]
    items = [{"id": 1, "x": 1}, {"id": 2, "x": 1}, *({"id": 3, "inner": inner} for _ in range(20))]
    body = json.dumps({"entries": items}, separators=(",", ":")).encode()
    for size in (64, 500, 3000):
        assert split(body, size, ("entries",)) == items


def test_one_item_larger_than_all_chunks() -> None:
    items = [{"id": 1, "text": AWKWARD * 3000}, {"id": 2}]
    assert split(json.dumps({"entries": items}).encode(), 100, ("entries",)) == items


@pytest.mark.parametrize("items", [[], [{}], [[]], [1], ["a,b"], [1.5, -2, None, True], [[1, [2]], []], [{"a": {}}]])
@pytest.mark.parametrize("size", [1, 1000])
def test_small_arrays_of_any_kind(items: list[Any], size: int) -> None:
    assert split(report(items), size) == items
    assert split(json.dumps(items, indent=1).encode(), size, ()) == items


def test_a_body_without_an_envelope_and_with_a_byte_order_mark() -> None:
    assert split(b'\xef\xbb\xbf{"entries":[{"id":1}]}', 1000, ("entries",)) == [{"id": 1}]
    assert split(b' \n[{"id":1}] \n', 1, ()) == [{"id": 1}]


def test_a_cut_body_never_looks_complete() -> None:
    body = report(rows(2))
    for cut in range(len(body)):
        splitter = ItemSplitter(PATH)
        splitter.feed(body[:cut])
        with pytest.raises(IncompleteBody, match=r"\$\.reports\[0\]\.content\.items"):
            splitter.close()


@pytest.mark.parametrize("body", [b"<html>", b"Bad gateway", b'"text"', b"5 ", b"null "])
def test_what_is_no_json_object_is_refused_at_once(body: bytes) -> None:
    with pytest.raises(UnexpectedContent):
        ItemSplitter(("entries",)).feed(body)


def test_a_body_without_the_list_names_the_keys_that_were_seen() -> None:
    with pytest.raises(UnexpectedContent, match=r"no list at \$\.entries; the keys are: message, caf\u00e9"):
        ItemSplitter(("entries",)).feed(b'{"message":"no","caf\\u00e9":{"entries":[]}}')
    with pytest.raises(UnexpectedContent, match="the keys are: none"):
        ItemSplitter(("entries",)).feed(b"{}")


@pytest.mark.parametrize(
    "body",
    [b'{"entries":[,1]}', b'{"entries":[1,,2]}', b'{"entries":[1,]}', b'{"entries":[{"a":1]}]}', b'{"entries":[nul]}'],
)
@pytest.mark.parametrize("size", [1, 1000])
def test_broken_json_is_an_error(body: bytes, size: int) -> None:
    with pytest.raises(DecodeError):
        feed_all(ItemStream(TimeEntry, ("entries",)), body, size)


def feed_all(stream: ItemStream[Any], body: bytes, size: int) -> None:
    for start in range(0, len(body), size):
        stream.feed(body[start : start + size])


def test_a_broken_name_is_an_error() -> None:
    with pytest.raises(DecodeError, match="broken"):
        ItemSplitter(("entries",)).feed(b'{"\xff":1}')
