"""Answers: the envelope, the service's way of refusing, XML for those who ask for it, and drifted types."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from xml.sax.saxutils import escape

import attrs

from paymo_async.sandbox.schema import Table
from paymo_async.sandbox.values import dump, is_list, is_object, load

__all__ = ["CDN_401", "JSON", "PROXY_502", "Answer", "drifted", "envelope", "message", "to_xml", "worded", "xml_type"]

JSON: Final = "application/json"

CDN_401 = b"<html><head><title>401 Authorization Required</title></head><body><h1>401</h1><hr>cdn</body></html>"
"""What a wrong key can get in place of JSON."""

PROXY_502 = b"<html><head><title>%d %b</title></head><body><center><h1>%d %b</h1></center></body></html>"
"""A proxy's page; takes the status and its words, twice."""


@attrs.define
class Answer:
    """One answer before it is written."""

    status: int = 200
    body: bytes = b""
    content_type: str = JSON
    headers: dict[str, str] = attrs.field(factory=dict[str, str])


def envelope(table: Table, objects: Sequence[bytes], *, odd_keys: bool) -> bytes:
    """Objects in a list under the response key; the company alone is an object.

    odd_keys: the keys that were seen of the live service (`project_templates`) in place of the path; those of the
    galleries begin with a colon (`:estimatetemplates`).
    """
    declared = table.declaration
    key = (_odd_key(declared.path, declared.keys) if odd_keys else declared.path).encode()
    if declared.singleton:
        return b'{"%b":%b}' % (key, objects[0])
    return b'{"%b":[%b]}' % (key, b",".join(objects))


def _odd_key(path: str, keys: Sequence[str]) -> str:
    return f":{keys[-1]}" if path.endswith("gallery") else keys[-1]


def message(status: int, text: str) -> Answer:
    """A refusal in the service's form."""
    return Answer(status, dump({"message": text}))


def worded(answer: Answer, accept: str) -> Answer:
    """The answer as the caller's Accept header wants it: JSON stays, or becomes XML; other bodies stay anyway."""
    if answer.content_type != JSON or not answer.body or "xml" not in accept.lower():
        return answer
    wanted = xml_type(accept)
    return answer if wanted is None else Answer(answer.status, to_xml(answer.body), wanted, answer.headers)


@functools.lru_cache(maxsize=256)
def xml_type(accept: str) -> str | None:
    """The XML type that an Accept header prefers to JSON, None where JSON will do.

    JSON answers to equal wishes, to `*/*` and to what neither of the two fits. A browser, which takes HTML before XML,
    gets JSON (guessed).
    """
    ranges = dict(_ranges(accept))
    if ranges.get("text/html", 0.0) > 0:
        return None
    best = max(_XML_TYPES, key=lambda kind: _quality(ranges, kind))
    return _XML_TYPES[best] if _quality(ranges, best) > _quality(ranges, JSON) else None


def to_xml(body: bytes) -> bytes:
    """A JSON body as XML: the root is `<response>`, objects in a list are `<item>`."""
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + _element("response", load(body)).encode()


def drifted(body: bytes) -> bytes:
    """The same objects as live answers drift (BEHAVIOUR.md, Basics), the same way each time.

    Numbers are texts, `created_on` is null, `updated_on` is absent, and each object has an attribute that no one knows.
    """
    return dump({key: _drift(value) for key, value in load(body).items()})


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    """Media ranges and their q-values; a q that is no number counts as 1."""
    for part in accept.lower().split(","):
        kind, *parameters = (piece.strip() for piece in part.split(";"))
        weights = [found[1] for item in parameters if (found := _WEIGHT.fullmatch(item))]
        yield kind, float(weights[0]) if weights else 1.0


def _quality(ranges: Mapping[str, float], kind: str) -> float:
    """How much a type is wanted: what names it best says so."""
    for name in (kind, kind.partition("/")[0] + "/*", "*/*", "*"):
        if name in ranges:
            return ranges[name]
    return 0.0


def _element(tag: str, value: Any) -> str:
    tag = _tag(tag)
    if is_object(value):
        return f"<{tag}>{''.join(_element(name, item) for name, item in value.items())}</{tag}>"
    if is_list(value):
        return f"<{tag}>{''.join(_element('item', item) for item in value)}</{tag}>"
    if value is None:
        return f"<{tag}/>"
    text = str(value).lower() if isinstance(value, bool) else _NO_XML.sub("\ufffd", str(value))
    return f"<{tag}>{escape(text, _CARRIAGE)}</{tag}>"


def _tag(name: str) -> str:
    """A name as XML allows it; those of free objects (a document's options) may hold anything, and keys a colon."""
    name = name.removeprefix(":")
    if _TAG.fullmatch(name):
        return name
    return "_" + re.sub(r"[^A-Za-z0-9_.-]", "_", name)


def _drift(value: Any) -> Any:
    if is_object(value):
        kept = {name: None if name == "created_on" else _drift(item) for name, item in value.items()}
        kept.pop("updated_on", None)
        return {**kept, "new_this_month": {"beta": "1"}}
    if is_list(value):
        return [_drift(item) for item in value]
    if value is None or isinstance(value, bool):
        return value
    return str(value)


_CARRIAGE = {"\r": "&#13;"}
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAG = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_WEIGHT = re.compile(r"q *= *([01]?\.?[0-9]{0,3}(?<=[0-9]))")
_XML_TYPES: Mapping[str, str] = {"application/xml": "application/xml", "text/xml": "text/xml; charset=utf-8"}
