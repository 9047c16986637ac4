"""How a value is written in a `where`, and whether it can be compared with an attribute of that type.

What is known of the service (BEHAVIOUR.md, Lists; Dates and money), and what follows from it:

- Numbers and `true`, `false`, `null` stand bare. A float or `Decimal` is written without an exponent.
- Texts and dates stand in double quotes: in bare text the service reads ` and ` as its operator.
- A datetime is compared as a Unix timestamp in whole seconds. Fractions are rounded so that the answer is the same as
  with the exact moment: up for `>=` and `<`, down for `>` and `<=`; for `=` and lists a fraction is refused.
- The intervals (`time_interval`, `date_interval`) take two ISO texts instead. A fraction widens the interval.

How the service wants a double quote or backslash inside a text is unknown. A wrong guess would let a value end its
text early and add conditions of its own, so the setting `escape` stands at "refuse" until you have tried it with your
account: "backslash" writes `\\"` for a quote and `\\\\` for a backslash, "double" writes `""` and leaves backslashes.
Control characters and lone surrogates are refused under every setting.
"""

from __future__ import annotations

import enum
import math
import operator
import re
import typing
import unicodedata
from collections.abc import Iterable
from datetime import MAXYEAR, UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias
from urllib.parse import quote

import msgspec

from paymo_async.errors import QueryError

if TYPE_CHECKING:
    from paymo_async.models.base import Attribute

__all__ = ["Escape", "Scalar", "check_text", "encoded", "fitted", "literal", "pair", "scalar", "whole_second"]

Escape: TypeAlias = Literal["refuse", "backslash", "double"]
"""What to do with a double quote or backslash inside a text; see the top of this module."""

Scalar: TypeAlias = str | int | float | Decimal | datetime | date | None
"""A single value as conditions keep it (bool is an int)."""

_LARGEST: Final = 10**30  # beyond any number of the service, and short of Python's limit for int to text
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)
_WHOLE: Final = re.compile(r"[+-]?\d{1,30}", re.ASCII)
_NUMERAL: Final = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?", re.ASCII)
_ROUNDED_UP: Final = (">=", "<")
_ZONE_REMEDY: Final = (
    "when a day begins depends on the time zone, so give an aware datetime: "
    'datetime.combine(day, time(), tzinfo=ZoneInfo("Europe/Paris"))'
)
_UNQUOTABLE_REMEDY: Final = (
    "ask with .like() and a % or _ in its place and filter the answer yourself, "
    "or set `escape` once you know what your account accepts"
)


def encoded(text: str) -> str:
    """Percent-encoded for a query string; commas, parentheses, colons, slashes and `*` stay readable, as they may."""
    return quote(text, safe="(),:/*")


def check_text(text: str, what: str) -> str:
    """The text itself; raises `QueryError` for control characters and for what is not Unicode text."""
    for char in text:
        if unicodedata.category(char) in ("Cc", "Cs"):
            raise QueryError(f"{what} holds {char!r}: control characters and lone surrogates cannot be sent")
    return text


def scalar(value: Any, name: str) -> Scalar:
    """The value in the form that conditions keep: enum members by value, whole numbers of any kind as int.

    Raises `QueryError` for what no attribute can be compared with: UNSET, naive datetimes, NaN, lists, objects.
    """
    if value is None or isinstance(value, bool):
        return value
    if value is msgspec.UNSET:
        raise QueryError(f"`{name}` is compared with UNSET: the service did not send that value; check it first")
    if isinstance(value, enum.Enum):
        return scalar(value.value, name)
    if isinstance(value, str):
        return check_text(str.__str__(value), f"the text for `{name}`")
    if isinstance(value, datetime):
        return _aware(value, name)
    if isinstance(value, date):
        return value
    if isinstance(value, float | Decimal):
        return _finite(value, name)
    try:
        number = operator.index(value)
    except TypeError:
        raise QueryError(f"`{name}` cannot be compared with {_described(value)}{_object_remedy(value)}") from None
    _check_range(number, name)
    return number


def whole_second(value: Scalar, name: str) -> Scalar:
    """The value itself; raises `QueryError` for a datetime with a fraction, which equals nothing that is stored."""
    if isinstance(value, datetime) and value.microsecond:
        raise QueryError(
            f"`{name}` holds whole seconds and can never equal {value.isoformat()}: "
            f"give value.replace(microsecond=0), or ask for a range with >= and <"
        )
    return value


def literal(value: Scalar, comparison: str, name: str, *, escape: Escape, iso: bool = False) -> str:
    """The value as it stands in a `where` after this comparison; `iso` writes datetimes as ISO text."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return f'"{_iso(value)}"' if iso else str(_timestamp(value, comparison))
    if isinstance(value, date):
        return f'"{value.isoformat()}"'
    return _quoted(value, name, escape)


def pair(values: tuple[Scalar, ...], name: str) -> tuple[Scalar, Scalar]:
    """The two ends of an interval; texts are read as ISO.

    `time_interval` takes aware datetimes and is widened to whole seconds, `date_interval` takes dates.
    Raises `QueryError` for another number of values, another kind, or an end before the start.
    """
    if len(values) != 2:
        raise QueryError(f"`{name}` takes a pair, its start and its end, not {len(values)} values")
    start, end = (_moment(value, name) if name == "time_interval" else _day(value, name) for value in values)
    if end < start:
        raise QueryError(f"`{name}` ends ({end}) before it starts ({start})")
    if isinstance(start, datetime) and isinstance(end, datetime):
        return start.replace(microsecond=0), _rounded_up(end)
    return start, end


def fitted(attribute: Attribute, comparison: str, value: Scalar) -> Scalar:
    """The value as this attribute is compared with it: numerals become numbers for numeric attributes.

    Raises `QueryError` where the comparison cannot be meant (a text for an id, a date for a moment). null fits all,
    and values that an enum does not know yet pass.
    """
    if any(member is Any or member is list for member in attribute.types):
        return value
    if comparison in ("like", "not like"):
        if any(member is str or _is_enum_of(member, str) for member in attribute.types):
            return value
        raise QueryError(f"`{attribute.wire}` is not text, so `{comparison}` cannot be asked of it")
    if value is None or (isinstance(value, str) and str in attribute.types):
        return value
    for member in attribute.types:
        fits, converted = _fit(value, member)
        if fits:
            return converted
    wanted = " or ".join(dict.fromkeys(_wanted(member) for member in attribute.types))
    raise QueryError(f"`{attribute.wire}` is {wanted}, not {_described(value)}{_remedy(value, attribute.types)}")


def _aware(value: datetime, name: str) -> datetime:
    if value.utcoffset() is None:
        raise QueryError(
            f"`{name}` is compared with the naive datetime {value.isoformat()}, which is a different moment in each "
            f"time zone: say which, as value.replace(tzinfo=UTC) or value.astimezone()"
        )
    return value


def _finite(value: float | Decimal, name: str) -> float | Decimal:
    if not (value.is_finite() if isinstance(value, Decimal) else math.isfinite(value)):
        raise QueryError(f"`{name}` cannot be compared with {value}")
    if isinstance(value, Decimal) and value and value.adjusted() < -30:
        raise QueryError(f"`{name}` is compared with {value}, smaller than any number there")
    _check_range(value, name)
    return value


def _check_range(value: float | Decimal, name: str) -> None:
    if not -_LARGEST < value < _LARGEST:
        raise QueryError(f"`{name}` is compared with a number of more than 30 digits")


def _timestamp(value: datetime, comparison: str) -> int:
    since = value - _EPOCH
    return -(-since // _SECOND) if comparison in _ROUNDED_UP else since // _SECOND


def _iso(moment: datetime) -> str:
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def _rounded_up(moment: datetime) -> datetime:
    whole = moment.replace(microsecond=0)
    if whole == moment or moment.year == MAXYEAR:  # datetime.max stands for "no end", and has no next second
        return whole
    return whole + _SECOND


def _quoted(text: str, name: str, escape: Escape) -> str:
    if escape == "backslash":
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    elif escape == "double":
        text = text.replace('"', '""')
    elif '"' in text or "\\" in text:
        found = "a double quote" if '"' in text else "a backslash"
        raise QueryError(
            f"the text for `{name}` holds {found}, and how the service escapes it is unknown: {_UNQUOTABLE_REMEDY}"
        )
    return f'"{text}"'


def _moment(value: Scalar, name: str) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
        except ValueError:
            raise QueryError(f"`{name}` takes aware datetimes; {value!r} is no ISO text of one") from None
    if isinstance(value, datetime):
        try:
            return _aware(value, name).astimezone(UTC)
        except OverflowError:
            raise QueryError(f"`{name}` cannot take {value.isoformat()}: it is out of range in UTC") from None
    if isinstance(value, date):
        raise QueryError(f"`{name}` takes datetimes, not the date {value}: {_ZONE_REMEDY}")
    raise QueryError(f"`{name}` takes aware datetimes, not {_described(value)}")


def _day(value: Scalar, name: str) -> date:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise QueryError(f"`{name}` takes dates; {value!r} is no ISO text of one") from None
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise QueryError(f"`{name}` takes dates, not {_described(value)}")


def _fit(value: Scalar, member: Any) -> tuple[bool, Scalar]:
    """Whether the value can be compared with one member of an annotation, and the value to send."""
    if typing.get_origin(member) is list:
        (inner,) = typing.get_args(member)
        if value == "anyone":  # the special value of lists of users (BEHAVIOUR.md, Lists)
            return inner in (int, str, Any), value
        return _fit(value, inner)
    if member is bool:
        return isinstance(value, bool), value
    if isinstance(value, bool):
        return member is Any, value
    if member is int or _is_enum_of(member, int):
        if isinstance(value, str) and _WHOLE.fullmatch(value):
            return True, int(value)
        return isinstance(value, int | float | Decimal), value
    if member in (Decimal, float):
        if isinstance(value, str) and _NUMERAL.fullmatch(value):
            return True, Decimal(value)
        return isinstance(value, int | float | Decimal), value
    if member is datetime:
        return isinstance(value, int | datetime), value
    if member is date:
        return (isinstance(value, date) and not isinstance(value, datetime)) or _is_iso_date(value), value
    if member is str:
        return isinstance(value, str), value
    return member is Any or (_is_enum_of(member, str) and isinstance(value, str)), value


def _is_enum_of(member: Any, plain: type) -> bool:
    return isinstance(member, type) and issubclass(member, enum.Enum) and issubclass(member, plain)


def _is_iso_date(value: Scalar) -> bool:
    if not isinstance(value, str) or len(value) != 10:
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _wanted(member: Any) -> str:
    if typing.get_origin(member) is list:
        return f"a list of which each is {_wanted(typing.get_args(member)[0])}"
    if isinstance(member, type) and issubclass(member, enum.Enum):
        return f"one of {', '.join(str(known.value) for known in member)}"
    known: dict[Any, str] = {
        bool: "True or False",
        int: "a whole number",
        Decimal: "a number",
        float: "a number",
        str: "text",
        datetime: "a moment",
        date: "a date",
    }
    return known.get(member, "an object, which no filter can be asked of")


def _described(value: object) -> str:
    if isinstance(value, str):
        return f"the text {value!r}" if len(value) <= 60 else "a text"
    if isinstance(value, datetime):
        return f"the datetime {value.isoformat()}"
    if isinstance(value, date):
        return f"the date {value.isoformat()}"
    if isinstance(value, bool | int | float | Decimal):
        return str(value)
    return f"a {type(value).__name__}"


def _object_remedy(value: object) -> str:
    if isinstance(value, Iterable):
        return ": for several values use .in_(values)"
    if hasattr(value, "id"):
        return ": give its id"
    return ""


def _remedy(value: Scalar, types: tuple[Any, ...]) -> str:
    if isinstance(value, datetime):
        return ": give value.date() in the time zone you mean" if date in types else ""
    if isinstance(value, date):
        return f": {_ZONE_REMEDY}" if datetime in types else ""
    if isinstance(value, str):
        return ": give an aware datetime" if datetime in types else ""
    if not isinstance(value, bool) and str in types:
        return f': give it as text, "{value}"'
    return ""
