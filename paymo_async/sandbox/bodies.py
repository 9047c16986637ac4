"""Request bodies: JSON, forms, uploads and XML, all to one dict (BEHAVIOUR.md, Content types)."""

from __future__ import annotations

import re
from email.message import Message
from typing import Any, Final
from urllib.parse import parse_qsl
from xml.etree.ElementTree import Element, ParseError
from xml.etree.ElementTree import fromstring as parse_xml

import msgspec

from paymo_async.sandbox.assets import Upload
from paymo_async.sandbox.values import Problem, is_object, load

__all__ = ["MULTIPART", "read_body", "read_multipart"]

MULTIPART: Final = "multipart/form-data"


def read_body(content_type: str, body: bytes) -> dict[str, Any]:
    """What a request sends. Empty bodies are empty objects. Raises Problem 400, or 415 for an unknown type."""
    if not body.strip():
        return {}
    reader = _READERS.get(content_type)
    if reader is None:
        raise Problem(415, f"Unsupported content type: {content_type}")
    return reader(body)


def read_multipart(content_type: str, body: bytes) -> tuple[dict[str, Any], dict[str, Upload]]:
    """A form's fields and its files, by their names. Raises Problem 400 for a body that is cut or none at all."""
    boundary = _header(content_type).get_param("boundary")
    if not isinstance(boundary, str) or not boundary:
        raise Problem(400, "Invalid multipart body")
    opening, *parts, closing = (b"\r\n" + body).split(b"\r\n--" + boundary.encode())
    if opening or not closing.startswith(b"--"):
        raise Problem(400, "Invalid multipart body")
    fields: list[tuple[str, str]] = []
    files: dict[str, Upload] = {}
    for part in parts:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        named = dict(re.findall(r'(name|filename)="([^"]*)"', head.decode(errors="replace")))
        if "filename" in named:
            kind = re.search(rb"(?i)^content-type: *(.+?) *$", head, re.MULTILINE)
            filename = named["filename"].replace("%22", '"')
            files[named.get("name", "")] = Upload(filename, kind[1].decode().strip() if kind else "text/plain", content)
        else:
            fields.append((named.get("name", ""), content.decode(errors="replace")))
    return _fields(fields), files


def _header(content_type: str) -> Message:
    made = Message()
    made["Content-Type"] = content_type
    return made


def _json(body: bytes) -> dict[str, Any]:
    try:
        given = load(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Problem(400, "Invalid JSON in request body") from None
    if not is_object(given):
        raise Problem(400, "The request body must be an object")
    return given


def _form(body: bytes) -> dict[str, Any]:
    return _fields(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))


def _fields(given: list[tuple[str, str]]) -> dict[str, Any]:
    """Fields; `users[]=1&users[]=2` is a list."""
    made: dict[str, Any] = {}
    for name, value in given:
        if name.endswith("[]"):
            made.setdefault(name[:-2], []).append(value)
        else:
            made[name] = value
    return made


def _xml(body: bytes) -> dict[str, Any]:
    """Parameters inside `<request>`; an element that holds elements of one name is a list, of several an object."""
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:  # entities that expand to gigabytes have no use here
        raise Problem(400, "Invalid XML in request body")
    try:
        root = parse_xml(body)  # noqa: S314  # declarations of entities were refused above
    except ParseError:
        raise Problem(400, "Invalid XML in request body") from None
    if root.tag != "request":
        raise Problem(400, "Parameters must be inside <request>")
    return {child.tag: _element(child) for child in root}


def _element(element: Element) -> Any:
    children = list(element)
    if not children:
        return element.text or ""
    if element.tag in _LISTS or len({child.tag for child in children}) < len(children):
        return [_element(child) for child in children]
    return {child.tag: _element(child) for child in children}


_LISTS = frozenset({"items", "users", "managers", "projects", "clients"})
_READERS = {
    "application/json": _json,
    "text/json": _json,
    "application/x-www-form-urlencoded": _form,
    "text/xml": _xml,
    "application/xml": _xml,
}
