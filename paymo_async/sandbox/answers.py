"""Answers: the envelope, the service's way of refusing, XML for those who ask for it, and drifted types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

import attrs

from paymo_async.sandbox.schema import Table
from paymo_async.sandbox.values import dump, is_list, is_object, load

__all__ = ["CDN_401", "PROXY_502", "Answer", "drifted", "envelope", "message", "to_xml", "wants_xml"]

CDN_401 = b"<html><head><title>401 Authorization Required</title></head><body><h1>401</h1><hr>cdn</body></html>"
"""What a wrong key can get in place of JSON."""

PROXY_502 = b"<html><head><title>%d %b</title></head><body><center><h1>%d %b</h1></center></body></html>"
"""A proxy's page; takes the status and its words, twice."""


@attrs.define
class Answer:
    """One answer before it is written."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = attrs.field(factory=dict[str, str])


def envelope(table: Table, objects: Sequence[bytes], *, odd_keys: bool) -> bytes:
    """Objects in a list under the response key; the company alone is an object.

    odd_keys: the keys that were seen of the live service (`project_templates`) in place of the path.
    """
    declared = table.declaration
    key = (next(reversed(declared.keys)) if odd_keys else declared.path).encode()
    if declared.singleton:
        return b'{"%b":%b}' % (key, objects[0])
    return b'{"%b":[%b]}' % (key, b",".join(objects))


def message(status: int, text: str) -> Answer:
    """A refusal in the service's form."""
    return Answer(status, dump({"message": text}))


def wants_xml(accept: str) -> bool:
    """Whether an Accept header names XML and not JSON."""
    return "xml" in accept and "json" not in accept and "html" not in accept


def to_xml(body: bytes) -> bytes:
    """A JSON body as XML: the root is `<response>`, objects in a list are `<item>`."""
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + _element("response", load(body)).encode()


def drifted(body: bytes) -> bytes:
    """The same objects with numbers as texts and moments as null, as live answers drift."""
    return dump(_drift(load(body)))


def _element(tag: str, value: Any) -> str:
    if is_object(value):
        return f"<{tag}>{''.join(_element(name, item) for name, item in value.items())}</{tag}>"
    if is_list(value):
        return f"<{tag}>{''.join(_element('item', item) for item in value)}</{tag}>"
    if value is None:
        return f"<{tag}/>"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"<{tag}>{escape(text)}</{tag}>"


def _drift(value: Any) -> Any:
    if is_object(value):
        return {name: None if name in _FADING else _drift(item) for name, item in value.items()}
    if is_list(value):
        return [_drift(item) for item in value]
    if value is None or isinstance(value, bool):
        return value
    return str(value)


_FADING = frozenset({"created_on"})
