"""A resource is one declaration: the example of docs/pages/contributing.md, taken from the page itself."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from paymo_async import openapi
from paymo_async.errors import InvalidRequest, QueryError
from paymo_async.includes import build_include
from paymo_async.models.base import declaration
from paymo_async.query import build_where
from paymo_async.reference import notes, operations, type_text
from paymo_async.sandbox.schema import Kind, Table
from paymo_async.wire.codec import decode_items
from paymo_async.wire.encode import encode_create, encode_update

PAGE = Path(__file__).parents[2] / "docs" / "pages" / "contributing.md"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The declarations of the page's example, as a module that stands in a file, as any would."""
    (example,) = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    file = tmp_path_factory.mktemp("contributing") / "rooms.py"
    file.write_text(example.partition("answer = ")[0])
    spec = importlib.util.spec_from_file_location("rooms", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "rooms", module)
        spec.loader.exec_module(module)
        yield module


def test_it_is_read(page: Any):
    raw = b'{"meeting_rooms": [{"id": "7", "size": 12.50, "free_from": "2030-01-01", "owner": {"id": 1}, "view": 2}]}'
    (room,) = decode_items(page.Room, raw, keys=declaration(page.Room).keys).items
    assert (room.id, room.size, room.free_from, room.owner.id) == (7, Decimal("12.50"), date(2030, 1, 1), 1)
    assert room.extra == {"view": 2}
    assert page.Room.from_dict(room.to_dict()) == room


def test_its_request_bodies_follow_its_rules(page: Any):
    assert encode_create(page.Room(name="Attic", seats=4)) == b'{"name":"Attic","seats":4}'
    assert encode_update(page.Room(size=Decimal("9.50"))) == b'{"size":9.50}'
    with pytest.raises(InvalidRequest, match="seats or size"):
        encode_create(page.Room(name="Attic"))
    with pytest.raises(InvalidRequest, match="only the service sets this"):
        encode_update(page.Room(id=1))


def test_its_conditions_and_includes_are_checked(page: Any):
    declared = declaration(page.Room)
    assert build_where(declared, None, {"seats": 4}).text == "seats=4"
    assert build_include(declared, "owner.name").text == "owner.name"
    with pytest.raises(QueryError, match="did you mean `seats`"):
        build_where(declared, None, {"seat": 4})
    with pytest.raises(QueryError, match="did you mean `owner`"):
        build_include(declared, "ownr")


def test_it_is_in_an_openapi_document_with_its_unit(page: Any):
    made = openapi.document([page.Rooms])
    assert set(made["paths"]) == {"/rooms", "/rooms/{id}"}
    size = made["components"]["schemas"]["Room"]["properties"]["size"]
    assert size == {"type": ["number", "null"], "description": "Square metres."}


def test_it_has_its_rows_in_the_reference_and_a_table_in_the_sandbox(page: Any):
    declared = declaration(page.Room)
    assert operations(page.Rooms) == ("list", "get", "create", "update", "delete")
    assert notes(page.Room) == {"size": "Square metres."}
    assert type_text(declared.attributes["free_from"]) == "date | None"
    assert Table(declared).kinds["size"] is Kind.DECIMAL
    assert "free_from" in Table(declared).columns
