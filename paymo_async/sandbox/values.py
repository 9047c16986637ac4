"""Values on their way in and out: JSON with exact numbers, dates as texts, and what a request may hold.

Inside the sandbox an object is a dict of JSON values: datetimes are texts in UTC (`2015-01-17T18:23:02Z`), dates are
ISO texts, numbers with a fraction are Decimals that keep their digits.
"""

from __future__ import annotations

import enum
import typing
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeGuard

import msgspec

from paymo_async.models.base import Attribute
from paymo_async.sandbox.schema import Kind, Table

__all__ = ["Problem", "accept", "day", "defaults", "dump", "is_list", "is_object", "iso", "load", "plain", "timestamp"]


class Problem(Exception):  # it is an answer, not a fault of the program
    """A refusal; raised anywhere below the handlers, which turn it into `{"message": ...}` with its status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


dump: Callable[[Any], bytes] = msgspec.json.Encoder(decimal_format="number").encode
"""JSON; Decimals are written as numbers with all their digits."""

load: Callable[[bytes | str], Any] = msgspec.json.Decoder(float_hook=Decimal).decode
"""The reverse; numbers with a fraction become Decimals."""


def is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    """Whether a JSON value is an object."""
    return isinstance(value, dict)


def is_list(value: Any) -> TypeGuard[list[Any]]:
    """Whether a JSON value is a list."""
    return isinstance(value, list)


def plain(number: Decimal) -> int | Decimal:
    """9150 for 9150.00, and 9424.5 for 9424.50: as the service writes numbers."""
    return int(number) if number == number.to_integral_value() else number.normalize()


def timestamp(text: str) -> int:
    """Seconds since 1970 of a datetime in the service's form."""
    return int(datetime.fromisoformat(text).timestamp())


def iso(moment: datetime | float) -> str:
    """A moment, or a Unix timestamp, in the service's form."""
    if not isinstance(moment, datetime):
        moment = datetime.fromtimestamp(moment, UTC)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def defaults(table: Table) -> dict[str, Any]:
    """What a new object holds where nothing was sent: null, or the empty value of the type.

    Thumbnails exist only where an image was uploaded, and a moment or day that cannot be null has no empty value.
    """
    made: dict[str, Any] = {}
    for name in table.body:
        if name.startswith("image_thumb"):
            continue
        attribute = table.attributes[name]
        if attribute.nullable or table.kinds[name] is Kind.ANY:
            made[name] = None
        elif table.kinds[name] in _EMPTY:
            made[name] = _EMPTY[table.kinds[name]]()
    return made


def accept(table: Table, given: Mapping[str, Any], *, creating: bool) -> dict[str, Any]:
    """What a request's body sets, in the stored form. Raises Problem 400 for what may not be set or does not fit."""
    taken: dict[str, Any] = {}
    for name, value in given.items():
        if name in table.undocumented:
            taken[name] = None if value is None else _read(name, table.undocumented[name].kind, value)
            continue
        attribute = table.attributes.get(name)
        if attribute is None or attribute.marks.filter_only:
            raise Problem(400, f"Unknown field or reference: `{name}`")
        if attribute.marks.read_only or (attribute.marks.create_only and not creating):
            raise Problem(400, f"Field is read only: `{name}`")
        taken[name] = _accept(attribute, table.kinds[name], value)
    return taken


_HUGE = 2**63  # what a column of SQLite cannot hold
_DIGITS = 30  # before or behind the point
_FIRST_YEAR = 1001  # in any time zone a year of four digits

_EMPTY: Mapping[Kind, Callable[[], Any]] = {
    Kind.INT: int,
    Kind.BOOL: bool,
    Kind.DECIMAL: int,
    Kind.TEXT: str,
    Kind.LIST: list,
    Kind.OBJECT: dict,
}


def _accept(attribute: Attribute, kind: Kind, value: Any) -> Any:
    if value is None:
        if attribute.nullable or kind is Kind.ANY:
            return None
        raise Problem(400, f"Invalid value for `{attribute.wire}`")
    of_numbers = kind is Kind.LIST and attribute.types[0] is not list and typing.get_args(attribute.types[0])[0] is int
    taken = _read(attribute.wire, kind, value, of_numbers=of_numbers)
    (known, *more) = attribute.types or (object,)
    if not more and isinstance(known, type) and issubclass(known, enum.Enum) and taken not in _members(known):
        raise Problem(400, f"Invalid value for `{attribute.wire}`")
    return taken


def _read(name: str, kind: Kind, value: Any, *, of_numbers: bool = False) -> Any:
    try:
        taken = _READERS[kind](value)
        return [_integer(item) for item in taken] if of_numbers else taken
    except (ValueError, TypeError, OverflowError, InvalidOperation):
        raise Problem(400, f"Invalid value for `{name}`") from None


def _members(known: type[enum.Enum]) -> set[Any]:
    return {member.value for member in known}


def _integer(value: Any) -> int:
    number = Decimal("NaN" if isinstance(value, bool) else value)
    if not -_HUGE <= number < _HUGE or number != int(number):
        raise ValueError(value)
    return int(number)


def _boolean(value: Any) -> bool:
    known = {"true": True, "1": True, "false": False, "0": False, "": False}
    return known[str(value).lower()] if str(value).lower() in known else _refuse(value)


def _refuse(value: Any) -> Any:
    raise ValueError(value)


def _decimal(value: Any) -> int | Decimal:
    if isinstance(value, bool):
        raise TypeError(value)
    number = Decimal(value)
    if not number.is_finite() or abs(number.adjusted()) > _DIGITS:
        raise ValueError(value)
    return value if isinstance(value, int) else number


def _text(value: Any) -> str:
    return value if isinstance(value, str) else _refuse(value) if isinstance(value, list | dict) else str(value)


def _moment(value: Any) -> str:
    if isinstance(value, str):
        moment = datetime.fromisoformat(value)
        if moment.year < _FIRST_YEAR:
            raise ValueError(value)
        return iso(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    return iso(_integer(value))


def day(value: Any) -> str:
    """An ISO date. Raises ValueError for any other writing of one, TypeError for what is no text."""
    if date.fromisoformat(value).isoformat() != value:
        raise ValueError(value)
    return str(value)


def _list(value: Any) -> list[Any]:
    if isinstance(value, str):  # forms have no lists
        return [part.strip() for part in value.split(",") if part.strip()]
    return value if is_list(value) else _refuse(value)


def _object(value: Any) -> dict[str, Any]:
    return value if is_object(value) else _refuse(value)


def _anything(value: Any) -> Any:
    return value


_READERS: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.INT: _integer,
    Kind.BOOL: _boolean,
    Kind.DECIMAL: _decimal,
    Kind.TEXT: _text,
    Kind.DATETIME: _moment,
    Kind.DATE: day,
    Kind.LIST: _list,
    Kind.OBJECT: _object,
    Kind.ANY: _anything,
}
