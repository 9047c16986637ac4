"""Request bodies: what is sent on create and update, and what is refused before anything is sent.

Exactly the attributes that are set are sent, under the service's names, and the unknown ones in `extra`. Numbers stay
exact: for a Decimal attribute give a Decimal, an int or a numeral as text; a float goes by its shortest text (0.1 is
sent as 0.1). Datetimes need a time zone and are sent as UTC; where an attribute is a Unix timestamp too (the days of a
report), as that. Every refusal is an `InvalidRequest` that names the attribute and the remedy.

Objects within an object (the lines in `items`) may come from an answer: of what only the service sets, just their `id`
is sent, by which the service knows which line is kept (BEHAVIOUR.md, Rules of single resources).
"""

from __future__ import annotations

import functools
from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

import cattrs
import msgspec

from paymo_async.errors import InvalidRequest
from paymo_async.models.base import Attribute, Include, Model, OneOf, declaration
from paymo_async.wire.tolerant import aware, iso_utc

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["create_fields", "encode_create", "encode_update", "update_fields"]


def encode_create(model: Model, *, given: Collection[str] = ()) -> bytes:
    """The JSON body of a create. `given` names what reaches the service otherwise (an uploaded `file`)."""
    return _json(create_fields(model, given=given))


def encode_update(model: Model, *, attach: bool = False) -> bytes:
    """The JSON body of an update: what is set, and refused when that is nothing.

    attach: lets create-only attributes pass, for the one update that attaches an uploaded file by its `token`
    (BEHAVIOUR.md, files).
    """
    return _json(update_fields(model, attach=attach))


def create_fields(model: Model, *, given: Collection[str] = ()) -> dict[str, Any]:
    """What a create sends, by the service's names, for bodies that are not JSON: numbers are int and Decimal."""
    fields = _fields(model, {"read_only", "filter_only"})
    set_ = {*given, *(name for name, value in fields.items() if value is not None)}
    missing = [str(rule) for rule in declaration(type(model)).requires if not _is_met(rule, set_)]
    if missing:
        raise InvalidRequest(f"to create a {type(model).__name__}, set {', and '.join(missing)}")
    return fields


def update_fields(model: Model, *, attach: bool = False) -> dict[str, Any]:
    """What an update sends, likewise."""
    fields = _fields(model, {"read_only", "filter_only"} if attach else {"read_only", "filter_only", "create_only"})
    if not fields:
        raise InvalidRequest(f"the {type(model).__name__} has no attribute set: there is nothing to update")
    return fields


_REMEDIES: Final = {
    "read_only": "only the service sets this; send an object that holds just what you want to change",
    "filter_only": "this exists only in `where`",
    "create_only": "this is fixed once the object exists",
}


def _json(fields: dict[str, Any]) -> bytes:
    for name, value in fields.items():
        try:
            _EXACT.encode(value)
        except (TypeError, UnicodeEncodeError) as error:
            raise InvalidRequest(f"{name!r} cannot be written as JSON: {error}") from error
    return _EXACT.encode(fields)


_EXACT: Final = msgspec.json.Encoder(decimal_format="number")


def _is_met(rule: str | OneOf, names: set[str]) -> bool:
    if isinstance(rule, str):
        return rule in names
    return any(names.issuperset(group) for group in rule.groups)


def _fields(model: Model, refused: set[str]) -> dict[str, Any]:
    problems: dict[str, list[str]] = {}
    for member, _ in model.set_attributes():
        remedy = _remedy(member, refused)
        if remedy:
            problems.setdefault(remedy, []).append(f"{type(model).__name__}.{member.name}")
    if problems:
        raise InvalidRequest("; ".join(f"not sent: {', '.join(names)}: {why}" for why, names in problems.items()))
    return dict(_sendable(model))


def _remedy(member: Attribute | Include, refused: set[str]) -> str | None:
    if isinstance(member, Include):
        return "an include is only read; set ids instead"
    return next((remedy for mark, remedy in _REMEDIES.items() if mark in refused and getattr(member.marks, mark)), None)


def _sendable(model: Model) -> Iterator[tuple[str, Any]]:
    """What is sent of an object, by the service's names; of what only the service sets, the id."""
    for member, value in model.set_attributes():
        marks = member.marks
        if isinstance(member, Include) or marks.filter_only or (marks.read_only and member.wire != "id"):
            continue
        try:
            yield member.wire, _value(member, value)
        except ValueError as error:
            if isinstance(error, InvalidRequest):
                raise
            raise InvalidRequest(f"{type(model).__name__}.{member.name}: {error}") from None
    for name, value in model.extra.items():
        try:
            yield name, _converter().unstructure(value)
        except ValueError as error:
            raise InvalidRequest(f"{type(model).__name__}.extra[{name!r}]: {error}") from None


def _value(attribute: Attribute, value: Any) -> Any:
    types = attribute.types
    if isinstance(value, datetime):
        if datetime not in types and date in types:
            raise ValueError(f"{value!r} is a datetime, and a date is due: give its .date()")
        if datetime in types and int in types:
            return int(aware(value).timestamp())
    elif isinstance(value, date) and datetime in types:
        raise ValueError(f"{value!r} is a date, and a datetime with a time zone is due")
    elif Decimal in types and value is not None:
        return _converter().unstructure(_decimal(value))
    return _converter().unstructure(value)


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        raise ValueError(f"{value!r} is no number")  # noqa: TRY004  # callers meet one kind of error
    try:
        return Decimal(repr(value) if isinstance(value, float) else value)
    except InvalidOperation:
        raise ValueError(f"{value!r} is no number") from None


@functools.cache
def _converter() -> cattrs.Converter:
    made = cattrs.Converter()
    made.register_unstructure_hook(Model, lambda model: dict(_sendable(model)))
    made.register_unstructure_hook(datetime, iso_utc)
    made.register_unstructure_hook(date, date.isoformat)
    made.register_unstructure_hook(Decimal, _finite)
    made.register_unstructure_hook(float, lambda value: _finite(Decimal(repr(value))))
    return made


def _finite(value: Decimal) -> Decimal:
    if not value.is_finite():
        raise ValueError(f"JSON has no number for {value}")
    return value
