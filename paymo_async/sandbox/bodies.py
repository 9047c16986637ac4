"""Request bodies: JSON, forms, uploads and XML, all to one dict (BEHAVIOUR.md, Content types).

Forms say lists and objects as PHP reads them (guessed): `users[]=1&users[]=2`, `users=1,2`, `items[0][item]=Logo` and
`include[days]=1`. In forms and in XML all values are texts: `given` tells, so that an empty one can stand for null.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Collection, Iterable
from email.message import Message
from email.utils import collapse_rfc2231_value
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl

import msgspec

from paymo_async.sandbox.assets import Upload
from paymo_async.sandbox.values import Problem, is_object, load
from paymo_async.sandbox.xmlbodies import read_xml

__all__ = ["Given", "read_body"]

_MOST_FIELDS: Final = 10_000
_DEEPEST: Final = 10
_JSON = ("application/json", "text/json")
_XML = ("text/xml", "application/xml")


class Given(NamedTuple):
    """What a request sends. uploads: a form's files, by the names of their fields. typed: whether numbers can be told
    from texts.
    """

    fields: dict[str, Any]
    uploads: dict[str, Upload]
    typed: bool


def read_body(content_type: str, body: bytes, lists: Collection[str] = ()) -> Given:
    """Reads a body by its whole Content-Type header, JSON where there is none. An empty body is an empty object.

    lists: the attributes that are lists, which in XML with one element do not look like it. Raises Problem: 400 for
    what cannot be read, 415 for an unknown type or charset.
    """
    header = _header(content_type or "application/json")
    kind = header.get_content_type() if "/" in content_type else content_type.strip().lower() or _JSON[0]
    charset = _charset(header)
    if not body.strip():
        return Given({}, {}, typed=True)
    if kind in _JSON:
        return Given(_json(body, charset), {}, typed=True)
    if kind in _XML:
        return Given(read_xml(body, charset, lists), {}, typed=False)
    if kind == "application/x-www-form-urlencoded":
        return Given(_form(body, charset or "utf-8"), {}, typed=False)
    if kind == "multipart/form-data":
        return _multipart(header, body)
    raise Problem(415, f"Unsupported content type: {kind}")


def _header(value: str) -> Message:
    made = Message()
    made["Content-Type"] = re.sub(r"[\r\n]", "", value)
    return made


def _charset(header: Message) -> str | None:
    """The charset that is named, in Python's spelling. Raises Problem 415 for an unknown one."""
    named = header.get_param("charset")
    if not isinstance(named, str) or not named:
        return None
    try:
        found = codecs.lookup(named)
        " ".encode(found.name)  # zip and hex are codecs too
    except (LookupError, ValueError):
        raise Problem(415, f"Unsupported charset: {named}") from None
    return found.name


def _json(body: bytes, charset: str | None) -> dict[str, Any]:
    """An object. The refusal is the service's (observed); a form sent as JSON gets it too."""
    try:
        text = body.decode(json.detect_encoding(body) if charset in (None, "utf-8") else charset)
        given = load(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise Problem(400, "Decoding failed: Syntax error") from None
    if not is_object(given):
        raise Problem(400, "The request body must be an object")
    return given


def _form(body: bytes, charset: str) -> dict[str, Any]:
    try:
        pairs = parse_qsl(
            body.decode(charset), keep_blank_values=True, encoding=charset, errors="strict", max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        raise Problem(400, "Invalid form in request body") from None
    return _fields(pairs)


def _multipart(header: Message, body: bytes) -> Given:
    boundary = header.get_param("boundary")
    if not isinstance(boundary, str) or not boundary:
        raise Problem(400, "Invalid multipart body")
    opening, *parts = (b"\r\n" + body).split(b"\r\n--" + boundary.encode(errors="surrogateescape"))
    if opening or not parts or not parts.pop().startswith(b"--") or len(parts) > _MOST_FIELDS:
        raise Problem(400, "Invalid multipart body")
    fields: list[tuple[str, str]] = []
    uploads: dict[str, Upload] = {}
    for part in parts:
        head, divided, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        try:
            described = _part(head.decode())
            name, filename = (_parameter(described, of) for of in ("name", "filename"))
            if not divided or name is None:
                raise Problem(400, "Invalid multipart body")
            if filename is None:
                fields.append((name, content.decode(_charset(described) or "utf-8")))
            else:
                uploads[name] = Upload(_bare(filename), described.get_content_type(), content)
        except UnicodeError:
            raise Problem(400, "Invalid multipart body") from None
    return Given(_fields(fields), uploads, typed=False)


def _part(head: str) -> Message:
    """The headers of one part."""
    made = Message()
    for line in re.sub(r"\r\n[ \t]+", " ", head).split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            made[name.strip()] = value.strip()
    return made


def _parameter(part: Message, name: str) -> str | None:
    found = part.get_param(name, header="Content-Disposition")
    return None if found is None else collapse_rfc2231_value(found).replace("%22", '"')


def _bare(filename: str) -> str:
    """A file's name without the folders that some programs send along."""
    return re.split(r"[/\\]", filename)[-1]


def _fields(given: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Fields by name, with the lists and objects that their brackets say."""
    made: dict[str, Any] = {}
    for name, value in given:
        *above, last = _steps(name)
        node = made
        for step in above:
            node = node.setdefault(_place(node, step), {})
            if not is_object(node):
                raise Problem(400, f"Invalid value for `{name}`")
        node[_place(node, last)] = value
    return {name: _listed(value) for name, value in made.items()}


def _steps(name: str) -> list[str]:
    """`items[0][item]` as `items`, `0`, `item`; a name without brackets, or with odd ones, is one step."""
    found = re.fullmatch(r"([^\[\]]+)((?:\[[^\[\]]*\])+)", name)
    if found is None:
        return [name]
    steps = [found[1], *found[2][1:-1].split("][")]
    if len(steps) > _DEEPEST:
        raise Problem(400, f"Invalid value for `{found[1]}`")
    return steps


def _place(node: dict[str, Any], step: str) -> str:
    """The key of a step; of `[]` the number after the last one."""
    return step or str(len(node))


def _listed(value: Any) -> Any:
    """Objects whose keys are numbers are lists; one empty text is an empty list, since a form has no other."""
    if not is_object(value):
        return value
    items = {key: _listed(item) for key, item in value.items()}
    if not all(key.isdecimal() and key.isascii() for key in items):
        return items
    ordered = [items[key] for key in sorted(items, key=int)]
    return [] if ordered == [""] else ordered
