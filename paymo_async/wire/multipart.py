"""Bodies of `multipart/form-data` around a file that is not held in memory: what stands before and after its bytes.

The framing follows what browsers send (RFC 7578): names in UTF-8 as they are, with `"` and line ends percent-encoded,
so that no name can end its header early. Numbers are written exactly, true and false as `true` and `false`; null is
left out, since a form has none; and a list is its field again for each item, as `users[]`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeGuard

import attrs

from paymo_async.errors import InvalidRequest

__all__ = ["Frame", "form_fields", "frame"]


@attrs.frozen(slots=True)
class Frame:
    """head and tail: the bytes around the file's own. content_type: of the whole body."""

    head: bytes
    tail: bytes
    content_type: str

    def length(self, size: int) -> int:
        """Bytes of the whole body around a file of `size` bytes."""
        return len(self.head) + size + len(self.tail)


def frame(
    boundary: str, field: str, filename: str, content_type: str, fields: Mapping[str, Any] | None = None
) -> Frame:
    """The frame of a form that holds `fields`, and then one file.

    boundary: random, so that it cannot occur in the file. Raises `InvalidRequest` for a field that no form can hold.
    """
    parts = [_part(boundary, name, text) for name, text in form_fields(fields or {})]
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(field)}"; filename="{_quoted(filename)}"\r\n'
        f"Content-Type: {content_type}\r\n\r\n"
    )
    whole = "".join((*parts, head))
    try:
        encoded = whole.encode()
    except UnicodeEncodeError as error:
        raise InvalidRequest(f"A form cannot hold this text: {error}") from None
    return Frame(encoded, f"\r\n--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}")


def form_fields(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Fields as a form's names and texts. Raises `InvalidRequest` for an object, which a form cannot hold."""
    for name, value in fields.items():
        if value is None:
            continue
        if _is_list(value):
            for item in value:
                yield f"{name}[]", _text(name, item)
        else:
            yield name, _text(name, value)


def _is_list(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _part(boundary: str, name: str, text: str) -> str:
    return f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n{text}\r\n'


def _quoted(name: str) -> str:
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    raise InvalidRequest(f"{name!r} cannot go along with a file: a form holds no {type(value).__name__}; set it after")
