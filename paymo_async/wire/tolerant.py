"""The tolerant path: a cattrs converter that reads what drifted.

Types drift in this service (BEHAVIOUR.md, Basics): numbers come as text, a field may be null, absent or of another type
than documented, and PHP writes an empty object as `[]`. Objects that do not fit their twin come here, one by one, as
plain JSON with exact numbers. What is read, beside the declared type itself:

    int        "72", 72.0, "72.0", true                    "" is None
    Decimal    "9424.50", a float by its shortest text     "" is None
    bool       0, 1, "0", "1", "true", "False"             "" is None
    str        a number or a boolean, as its JSON text
    date       a datetime (the day as written), a Unix timestamp             "", "0000-00-00" are None
    datetime   without a zone (that is UTC), a date (its midnight, UTC), a Unix timestamp, also as text
                                                                             "", "0000-00-00 00:00:00" are None
    list       "1,2,3", one element without its list, {"0": .., "1": ..}     "" is empty
    object     [] (empty), an id alone                                       "" is None
    enum       an unknown value, a number for a text and a text for a number

Null is None wherever it stands. Anything else is a `Misfit`, which the codec turns into a `DecodeError` with its path:
nothing is guessed and nothing dropped. An object is first tried as a whole on its twin, so that one odd row among
thousands costs little.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Union

import cattrs
import msgspec

from paymo_async.models.base import Attribute, Include, Model, declaration
from paymo_async.models.openenum import OpenIntEnum, OpenStrEnum
from paymo_async.wire.envelope import is_list, is_object
from paymo_async.wire.twins import FULL

__all__ = ["Misfit", "aware", "iso_utc", "make_converter", "reader"]


class Misfit(ValueError):
    """A value that is not of the declared type. path: the steps to it, from the object that was read."""

    def __init__(self, value: Any, expected: str) -> None:
        super().__init__(f"{value!r} is not {expected}")
        self.value = value
        self.expected = expected
        self.path: list[str | int] = []

    def under(self, step: str | int) -> Misfit:
        """The same, seen from one level further out."""
        self.path.insert(0, step)
        return self


def make_converter(*, secrets: bool = False) -> cattrs.Converter:
    """A cattrs converter for the models, to build own formats on.

    Structuring takes the service's names and drift; `Misfit` (a ValueError) says what cannot be read. Unstructuring
    gives the service's names, what is set only, unknown fields too; dates become ISO text, datetimes UTC with `Z`,
    enums their values, and Decimals stay exact. Secrets are left out unless asked for.
    """
    made = reader()

    def unstructure(model: Model) -> dict[str, Any]:
        found = {
            member.wire: made.unstructure(value)
            for member, value in model.set_attributes()
            if secrets or not member.marks.secret
        }
        found.update(made.unstructure(model.extra))
        return found

    made.register_unstructure_hook(Model, unstructure)
    made.register_unstructure_hook(datetime, iso_utc)
    made.register_unstructure_hook(date, date.isoformat)
    made.register_unstructure_hook(Decimal, lambda value: value)
    return made


def reader() -> cattrs.Converter:
    """The converter's structuring half, which the codec uses."""
    made = cattrs.Converter(detailed_validation=False)
    scalars: dict[type, Any] = {
        int: _int, Decimal: _decimal, bool: _bool, str: _str, date: _date, datetime: _datetime,
        OpenIntEnum: _int_enum, OpenStrEnum: _str_enum,
    }  # fmt: skip
    for type_, read in scalars.items():
        made.register_structure_hook(type_, read)

    def read_any(value: Any, type_: Any) -> Any:
        return None if value is None else made.structure(value, type_)

    made.register_structure_hook(Model, lambda value, cls: _model(value, cls, read_any))
    made.register_structure_hook_func(_is_list, lambda value, type_: _list(value, type_, read_any))
    made.register_structure_hook_func(_is_dict, _dict)
    made.register_structure_hook_func(_is_union, lambda value, type_: _union(value, type_, read_any))
    return made


def iso_utc(value: datetime) -> str:
    """`2015-01-17T18:23:02Z`. Raises ValueError for a naive one."""
    return aware(value).astimezone(UTC).isoformat().replace("+00:00", "Z")


def aware(value: datetime) -> datetime:
    """The datetime itself. Raises ValueError for a naive one: nobody knows which moment it is."""
    if value.tzinfo is None:
        raise ValueError(f"{value!r} is naive: give it a time zone")
    return value


_TRUE: Final = frozenset({"1", "true"})
_FALSE: Final = frozenset({"0", "false"})
_ZERO_DATE: Final = re.compile(r"0000-00-00([T ]00:00(:00(\.0+)?)?(Z|[+-]00:?00)?)?")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?")


def _int(value: Any, _: Any) -> int | None:
    if isinstance(value, int):
        return int(value)  # True is 1
    if value == "":
        return None
    number = _numeral(value)
    if number is None or not number.is_finite() or number != number.to_integral_value():
        raise Misfit(value, "a whole number")
    return int(number)


def _decimal(value: Any, _: Any) -> Decimal | None:
    if value == "":
        return None
    number = _numeral(value)
    if number is None:
        raise Misfit(value, "a number")
    return number


def _numeral(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        return None
    try:
        return Decimal(repr(value) if isinstance(value, float) else value)
    except InvalidOperation:
        return None


def _bool(value: Any, _: Any) -> bool | None:
    if value == "":
        return None
    text = value.lower() if isinstance(value, str) else ""
    if text in _TRUE or (not isinstance(value, str) and value == 1):
        return True
    if text in _FALSE or (not isinstance(value, str) and value == 0):
        return False
    raise Misfit(value, "true or false")


def _str(value: Any, _: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, Decimal)):
        return str(value)
    if not isinstance(value, str):
        raise Misfit(value, "text")
    return value


def _int_enum(value: Any, cls: type[OpenIntEnum]) -> OpenIntEnum | None:
    number = _int(value, int)
    return None if number is None else cls(number)


def _str_enum(value: Any, cls: type[OpenStrEnum]) -> OpenStrEnum:
    return cls(_str(value, str))


def _date(value: Any, _: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str) and _DAY.match(value):
        # The day as written, whatever the zone: a date given with a time means that day.
        moment = _moment(value)
        return None if moment is None else date.fromisoformat(value[:10])
    moment = _moment(value)
    return None if moment is None else moment.date()


def _datetime(value: Any, _: Any) -> datetime | None:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise Misfit(value, "a datetime with a time zone")
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return _moment(value)


def _moment(value: Any) -> datetime | None:
    if isinstance(value, str):
        if value == "" or _ZERO_DATE.fullmatch(value):
            return None
        if not _NUMBER.fullmatch(value):
            try:
                moment = datetime.fromisoformat(value)
            except ValueError:
                raise Misfit(value, "a date or datetime") from None
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    seconds = _numeral(value)
    try:
        # Unix time as a fraction of whole microseconds, so that no digit is lost to a float.
        return datetime.fromtimestamp(int(seconds // 1), UTC).replace(microsecond=int(seconds % 1 * 1_000_000))  # type: ignore[operator]  # None is caught as a TypeError
    except (TypeError, ValueError, OverflowError, OSError, InvalidOperation):
        raise Misfit(value, "a date or datetime") from None


def _is_list(type_: Any) -> bool:
    return typing.get_origin(type_) is list


def _list(value: Any, type_: Any, read: Any) -> list[Any]:
    (inner,) = typing.get_args(type_)
    elements: list[tuple[int | str, Any]]
    if is_list(value):
        elements = list(enumerate(value))
    elif isinstance(value, str) and not _is_model(inner):
        elements = list(enumerate(part.strip() for part in value.split(","))) if value else []
    elif value == "":
        elements = []
    elif is_object(value):
        stands_for_list = all(name.isdigit() for name in value)
        elements = list(value.items()) if stands_for_list else [(0, value)]
    else:
        elements = [(0, value)]
    found: list[Any] = []
    for step, element in elements:
        try:
            found.append(read(element, inner))
        except Misfit as misfit:
            raise misfit.under(step) from None
    return found


def _is_dict(type_: Any) -> bool:
    return typing.get_origin(type_) is dict


def _dict(value: Any, _: Any) -> dict[str, Any]:
    if value in ([], ""):
        return {}
    if not is_object(value):
        raise Misfit(value, "an object")
    return dict(value)


def _is_union(type_: Any) -> bool:
    return typing.get_origin(type_) in (Union, types.UnionType)


def _union(value: Any, type_: Any, read: Any) -> Any:
    members = [member for member in typing.get_args(type_) if member is not type(None)]
    if len(members) == 1:
        return read(value, members[0])
    for member in members:
        if type(value) is (typing.get_origin(member) or member):
            return read(value, member)
    for member in sorted(members, key=lambda member: _STRICTNESS.get(member, 2)):
        try:
            return read(value, member)
        except Misfit:
            continue
    raise Misfit(value, " or ".join(getattr(member, "__name__", str(member)) for member in members))


_STRICTNESS: Final[dict[Any, int]] = {bool: 0, int: 1, str: 3}  # anything can be read as text, so that comes last


def _is_model(type_: Any) -> bool:
    return isinstance(type_, type) and issubclass(type_, Model)


def _model(value: Any, cls: type[Model], read: Any) -> Model | None:
    if isinstance(value, cls):
        return value
    if value == "":
        return None
    if isinstance(value, (int, str)) and not isinstance(value, bool) and "id" in declaration(cls).attributes:
        try:
            id_ = read(value, declaration(cls).attributes["id"].annotation)
        except Misfit:
            raise Misfit(value, "an object") from None
        return _narrow(cls, id=id_)
    fields: Any = {} if value == [] else value
    if not is_object(fields):
        raise Misfit(value, "an object")
    twin = FULL.twin(cls)
    try:
        return typing.cast("Model", twin.copy(msgspec.convert(fields, twin.struct, strict=False)))
    except msgspec.ValidationError:
        return _by_attribute(fields, cls, read)


def _narrow(cls: Callable[..., Model], **known: Any) -> Model:
    return cls(**known)


def _by_attribute(fields: Mapping[str, Any], cls: type[Model], read: Any) -> Model:
    found = declaration(cls)
    made = cls()
    for wire, value in fields.items():
        member = _member(found.attributes.get(wire), found.includes.get(wire), value)
        if member is None:
            made.extra[wire] = value
            continue
        try:
            setattr(made, member.name, read(value, _annotation(member)))
        except Misfit as misfit:
            if member.marks.secret:
                misfit.value = "[secure]"
            raise misfit.under(wire) from None
    return made


def _member(attribute: Attribute | None, include: Include | None, value: Any) -> Attribute | Include | None:
    if attribute is None or include is None:
        return attribute or include
    # One name for ids and for objects: a list that holds no object holds ids.
    return attribute if is_list(value) and value and not any(is_object(element) for element in value) else include


def _annotation(member: Attribute | Include) -> Any:
    if isinstance(member, Attribute):
        return member.annotation
    target: Any = member.target
    return list[target] if member.many else target
