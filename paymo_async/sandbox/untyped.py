"""What texts mean where a request can say nothing but texts: in forms and in XML."""

from __future__ import annotations

import re
import typing
from collections.abc import Mapping
from typing import Any

from paymo_async.sandbox.schema import Kind, Schema, Table
from paymo_async.sandbox.values import is_list, is_object

__all__ = ["from_texts", "list_names"]

_NO_TEXT = frozenset({Kind.INT, Kind.DECIMAL, Kind.DATE, Kind.DATETIME})
_OPEN = frozenset({Kind.OBJECT, Kind.ANY})
_WORDS: Mapping[str, bool] = {"true": True, "false": False}


def from_texts(table: Table, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a form or of XML as JSON would have them (guessed).

    An empty number, day or moment is null. Within what has no declared type (a report's options) digits are numbers and
    `true` and `false` are booleans.
    """
    return {name: _meant(table.kinds.get(name), value) for name, value in fields.items()}


def list_names(schema: Schema) -> frozenset[str]:
    """The attributes of any resource that may be lists, and `order`, which is one within a report's options."""
    return frozenset({"order"}) | {
        name
        for table in schema
        for name, attribute in table.attributes.items()
        if any(list in (member, typing.get_origin(member)) for member in attribute.types)
    }


def _meant(kind: Kind | None, value: Any) -> Any:
    if value == "" and kind in _NO_TEXT:
        return None
    return _plain(value) if kind in _OPEN else value


def _plain(value: Any) -> Any:
    if is_object(value):
        return {name: _plain(item) for name, item in value.items()}
    if is_list(value):
        return [_plain(item) for item in value]
    if not isinstance(value, str):
        return value
    return int(value) if re.fullmatch(r"-?[0-9]{1,15}", value) else _WORDS.get(value, value)
