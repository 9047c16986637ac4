"""Any model there can be: written, drifted, read again, nothing lost."""

from __future__ import annotations

import json
import string
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, get_args, get_origin

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paymo_async.models import Estimate, Model, Report, Task, TimeEntry, models
from paymo_async.models.base import UNSET, Include, declaration
from paymo_async.models.openenum import OpenIntEnum, OpenStrEnum
from paymo_async.wire.codec import decode_item, decode_items
from paymo_async.wire.encode import encode_update
from paymo_async.wire.envelope import exact_json
from paymo_async.wire.plain import from_plain, to_json, to_plain

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # bounds
DAYS = st.dates(date(1990, 1, 1), date(2100, 1, 1))
NEW_NAMES = st.text(string.ascii_lowercase, min_size=3, max_size=8).map(lambda name: f"zz_{name}")
NEW_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | AMOUNTS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    int: st.integers(),
    str: TEXT,
    bool: st.booleans(),
    Decimal: AMOUNTS,
    date: DAYS,
    datetime: MOMENTS,
    Any: NEW_VALUES,
}


def values(type_: Any, depth: int) -> st.SearchStrategy[Any]:
    if type_ in SCALARS:
        return SCALARS[type_]
    if get_origin(type_) is list:
        return st.lists(values(get_args(type_)[0], depth), max_size=3)
    if get_origin(type_) is dict:
        return st.dictionaries(TEXT, NEW_VALUES, max_size=3)
    if issubclass(type_, Model):
        return objects(type_, depth - 1)
    if issubclass(type_, OpenIntEnum):
        return st.sampled_from([*type_, type_(61)])
    assert issubclass(type_, OpenStrEnum)
    return st.sampled_from([*type_, type_("brand new")])


@st.composite
def objects(draw: st.DrawFn, cls: type[Model], depth: int = 1, *, extra: bool = True) -> Model:
    """Any object of a class: any of its attributes set, includes down to a depth, unknown fields."""
    found = declaration(cls)
    members = [
        member
        for member in found.members
        if (member.wire not in found.includes if not isinstance(member, Include) else depth > 0)
    ]
    chosen = draw(st.sets(st.sampled_from(members), max_size=6)) if members else set()
    made: dict[str, Any] = {}
    for member in members:
        if member not in chosen:
            continue
        if isinstance(member, Include):
            inner = objects(member.target, depth - 1)
            made[member.name] = draw(st.lists(inner, max_size=2) if member.many else st.none() | inner)
        else:
            options = [values(type_, depth) for type_ in member.types if depth > 0 or member.model is None]
            made[member.name] = draw(st.one_of(st.none(), *options))
    more = draw(st.dictionaries(NEW_NAMES, NEW_VALUES, max_size=2)) if extra else {}
    return cls(**made, extra=more)


ANY_MODEL = st.sampled_from(models())


@settings(deadline=None, max_examples=80)
@given(ANY_MODEL.flatmap(lambda cls: st.lists(objects(cls, 2), min_size=1, max_size=4)))
def test_a_page_of_any_objects_is_read_as_it_was_written(written: list[Model]) -> None:
    cls = type(written[0])
    body = b'{"%b":[%b]}' % (declaration(cls).path.encode(), b",".join(to_json(it, secrets=True) for it in written))
    decoded = decode_items(cls, body)
    assert decoded.undecodable == []
    assert decoded.items == written


@settings(deadline=None, max_examples=50)
@given(ANY_MODEL.flatmap(lambda cls: objects(cls, 2)))
def test_plain_forms_lose_nothing(written: Model) -> None:
    plain = to_plain(written, secrets=True)
    assert json.loads(json.dumps(plain)) == plain
    read = from_plain(type(written), plain)
    # A number that no float holds is text in a plain form, and nobody knows it from text where no type is declared.
    assert to_plain(read, secrets=True) == plain


def as_text(value: Any) -> Any:
    return str(value) if type(value) in (int, Decimal) else value


def as_word(value: Any) -> Any:
    return {True: "1", False: "0"}.get(value, value) if isinstance(value, bool) else value


def as_local(value: Any) -> Any:
    return value.removesuffix("Z").replace("T", " ") if isinstance(value, str) and is_moment(value) else value


def is_moment(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return len(value) > 12


DRIFTS: list[Callable[[Any], Any]] = [as_text, as_word, as_local]


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from([Task, TimeEntry, Estimate]).flatmap(
        lambda cls: st.lists(objects(cls, 0, extra=False), min_size=1, max_size=6)
    ),
    st.data(),
)
def test_drifted_records_are_read_as_if_they_had_not(written: list[Model], data: st.DataObject) -> None:
    cls = type(written[0])
    rows = []
    for item in written:
        drift = data.draw(st.sampled_from([lambda value: value, *DRIFTS]))
        plain = exact_json(to_json(item, secrets=True))
        free = {name for name, found in declaration(cls).attributes.items() if {str, Any} & set(found.types)}
        rows.append({name: value if name in free else drift(value) for name, value in plain.items()})
    body = msgspec.json.Encoder(decimal_format="number").encode({declaration(cls).path: rows})
    decoded = decode_items(cls, body)
    assert decoded.undecodable == []
    assert decoded.items == written


@settings(deadline=None, max_examples=50)
@given(ANY_MODEL.flatmap(lambda cls: objects(cls, 1)))
def test_what_is_sent_is_what_was_set(written: Model) -> None:
    cls = type(written)
    for member in declaration(cls).members:
        marks = member.marks
        unsendable = marks.read_only or marks.filter_only or marks.create_only or isinstance(member, Include)
        nested = not isinstance(member, Include) and member.model is not None
        # Of a line, only what can be written is sent; of a report's day, Unix time.
        is_unix = not isinstance(member, Include) and {int, datetime} <= set(member.types)
        if unsendable or nested or is_unix:
            setattr(written, member.name, UNSET)
    if not list(written.set_attributes()) and not written.extra:
        return
    assert decode_item(cls, encode_update(written)) == written


@settings(deadline=None, max_examples=50)
@given(st.lists(NEW_VALUES, max_size=4), st.sampled_from([Task, Report, Estimate]))
def test_no_answer_is_dropped_silently(rows: list[Any], cls: type[Model]) -> None:
    body = msgspec.json.Encoder(decimal_format="number").encode({declaration(cls).path: rows})
    decoded = decode_items(cls, body)
    assert decoded.count == len(rows)
    assert len(decoded.items) == sum(isinstance(row, dict) for row in rows)


@pytest.mark.parametrize("cls", models())
def test_every_attribute_takes_null(cls: type[Model]) -> None:
    found = declaration(cls)
    body = json.dumps({found.path: [dict.fromkeys([*found.attributes, *found.includes])]}).encode()
    (item,) = decode_items(cls, body).items
    assert {value for _, value in item.set_attributes()} == {None}
