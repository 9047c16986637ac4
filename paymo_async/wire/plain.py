"""Models as plain values and JSON text, and back: for web apps, files and caches.

Nothing is rounded. In JSON text every number stands as it came; plain values have no exact fraction, so there a Decimal
becomes an int or a float only where that is the very same number, and text otherwise.
"""

from __future__ import annotations

import functools
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from paymo_async.models.base import Model
from paymo_async.wire.codec import read_plain
from paymo_async.wire.envelope import is_list, is_object
from paymo_async.wire.tolerant import make_converter

if TYPE_CHECKING:
    from collections.abc import Mapping

    import cattrs

__all__ = ["from_plain", "to_json", "to_plain"]

M = TypeVar("M", bound=Model)

_LONGEST_INT: Final = 100  # digits; beyond that, a number such as 1E+999999 would fill the memory


def to_plain(model: Model, *, secrets: bool = False) -> dict[str, Any]:
    """A JSON-ready dict of what is set; see `Model.to_dict`."""
    made: dict[str, Any] = _plain_converter(secrets=secrets).unstructure(model)
    return made


def to_json(model: Model, *, secrets: bool = False) -> bytes:
    """The same as UTF-8 JSON with exact numbers; see `Model.to_json`."""
    return _EXACT.encode(_json_converter(secrets=secrets).unstructure(model))


def from_plain(cls: type[M], data: Mapping[str, Any]) -> M:
    """The object of such a dict, or of one from the service. Raises `DecodeError`."""
    return read_plain(cls, _exact(data))


def _exact(value: Any) -> Any:
    """Plain values with Decimals for floats, by their shortest text, as they come from the service."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if is_list(value):
        return [_exact(element) for element in value]
    if is_object(value):
        return {name: _exact(element) for name, element in value.items()}
    return value


_EXACT: Final = msgspec.json.Encoder(decimal_format="number")


@functools.cache
def _plain_converter(*, secrets: bool) -> cattrs.Converter:
    made = make_converter(secrets=secrets)
    made.register_unstructure_hook(Decimal, _plain_number)
    return made


@functools.cache
def _json_converter(*, secrets: bool) -> cattrs.Converter:
    made = make_converter(secrets=secrets)
    made.register_unstructure_hook(Decimal, _json_number)
    return made


def _plain_number(value: Decimal) -> int | float | str:
    if not value.is_finite() or value.adjusted() > _LONGEST_INT:
        return str(value)
    if value == value.to_integral_value():
        return int(value)
    near = float(value)
    return near if Decimal(repr(near)) == value else str(value)


def _json_number(value: Decimal) -> Decimal | str:
    return value if value.is_finite() else str(value)  # JSON has no NaN
