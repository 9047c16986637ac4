"""Envelopes: where in an answer the objects are.

Every answer wraps its objects in a list under the response key, which is mostly the path (BEHAVIOUR.md, Basics). Not
always: some paths answer under another key, `company` holds one object, and a key may change. So the known keys come
first, and failing them the body's only list. What is left over is no answer, and never an empty list.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeGuard

import msgspec

from paymo_async.errors import DecodeError, UnexpectedContent
from paymo_async.wire.redaction import redact_body

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["exact_json", "find_items", "is_list", "is_object", "raw_items"]

_FAILURES = frozenset({"error", "errors", "message", "messages", "warning", "warnings"})
_BOM = b"\xef\xbb\xbf"

_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_elements = msgspec.json.Decoder(list[msgspec.Raw])
_untyped = msgspec.json.Decoder(float_hook=Decimal)


def raw_items(body: bytes, keys: Sequence[str]) -> tuple[str, list[msgspec.Raw]]:
    """The key under which the objects were found, and each object's own bytes.

    A body that is a list itself has the key "". Raises msgspec's errors where the body is no strict JSON, and
    `UnexpectedContent` where it is, and holds no objects.
    """
    if body.lstrip()[:1] == b"[":
        return "", _elements.decode(body)
    if body.lstrip()[:1] != b"{":
        _untyped.decode(body)
        raise _unexpected(body)
    members = _members.decode(body)
    key = _choose({name: _raw_kind(raw) for name, raw in members.items()}, keys)
    found = members[key]
    if _raw_kind(found) == "list":
        return key, _elements.decode(found)
    keyed = _members.decode(found)
    if _is_keyed({name: _raw_kind(raw) for name, raw in keyed.items()}):
        return key, list(keyed.values())
    return key, [found]


def find_items(body: bytes, keys: Sequence[str]) -> tuple[str, list[Any]]:
    """The same for a body that is not strict JSON (NaN, a byte order mark): the objects as plain values.

    Raises `DecodeError` where the body is cut or broken, and `UnexpectedContent` where it is something else.
    """
    plain = exact_json(body)
    if is_list(plain):
        return "", plain
    if not is_object(plain):
        raise _unexpected(body)
    key = _choose({name: _kind(value) for name, value in plain.items()}, keys)
    found = plain[key]
    if is_list(found):
        return key, found
    if _is_keyed({name: _kind(value) for name, value in found.items()}):
        return key, list(found.values())
    return key, [found]


def exact_json(body: bytes) -> Any:
    """Plain values with exact numbers: a fraction is a Decimal, also where Python's `NaN` or `Infinity` stands."""
    try:
        return _untyped.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError, RecursionError):
        pass  # Python's own parser takes what JSON does not have, and says better what is wrong
    try:
        return json.loads(body.removeprefix(_BOM), parse_float=Decimal, parse_constant=Decimal)
    except (ValueError, RecursionError) as error:
        if body.removeprefix(_BOM).lstrip()[:1] not in (b"{", b"["):
            raise _unexpected(body) from None
        raise DecodeError(f"the answer is not whole JSON: {error}", body=_text(body)) from error


def is_list(value: Any) -> TypeGuard[list[Any]]:
    """Whether a plain value is a JSON list."""
    return isinstance(value, list)


def is_object(value: Any) -> TypeGuard[Mapping[str, Any]]:
    """Whether a plain value is a JSON object."""
    return isinstance(value, Mapping)


def _choose(kinds: Mapping[str, str], keys: Sequence[str]) -> str:
    for key in keys:
        if kinds.get(key) in ("list", "object"):
            return key
    lists = [name for name, kind in kinds.items() if kind == "list" and name not in _FAILURES]
    if len(lists) == 1 and not any(key in kinds for key in keys):
        return lists[0]
    seen = ", ".join(f"{name} ({kind})" for name, kind in kinds.items()) or "none at all"
    problem = "more than one list" if len(lists) > 1 else "no list of objects"
    expected = " or ".join(keys) or "any key"
    raise UnexpectedContent(f"{problem} under {expected}; the keys are: {seen}", resource=keys[0] if keys else "")


def _is_keyed(kinds: Mapping[str, str]) -> bool:
    """Whether an object stands for a list: PHP writes one with a gap as `{"0": .., "2": ..}`, an empty one as `{}`."""
    return all(name.isdigit() and kind == "object" for name, kind in kinds.items())


def _raw_kind(raw: msgspec.Raw) -> str:
    return {b"[": "list", b"{": "object", b"n": "null"}.get(bytes(memoryview(raw)[:1]), "value")


def _kind(value: Any) -> str:
    if isinstance(value, list):
        return "list"
    if isinstance(value, dict):
        return "object"
    return "null" if value is None else "value"


def _unexpected(body: bytes) -> UnexpectedContent:
    return UnexpectedContent("the answer is not a JSON object", body=_text(body))


def _text(body: bytes) -> str:
    return redact_body(body.decode("utf-8", errors="replace"))
