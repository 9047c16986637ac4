"""Request bodies in XML: parameters inside `<request>` (BEHAVIOUR.md, Content types).

    <request>
      <name>Logo</name>
      <users><item>23129</item><item>23130</item></users>
      <items><item><item>Design</item><price_unit>90</price_unit></item></items>
    </request>

No more is known of the form than that; lists and objects are taken as the sandbox's own XML answers write them
(guessed). An element is a list when its attribute is one, when it says `type="array"`, or when all that it holds has
one name; and an element that comes several times is a list, too. `nil="true"` is null. Document types are refused, and
with them all entities that could grow or fetch anything.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple, NoReturn
from xml.parsers import expat

from paymo_async.sandbox.values import Problem

__all__ = ["read_xml"]

_DEEPEST: Final = 50


class _Element(NamedTuple):
    """An element while it is read. parts: of its text. children: what is in it, by tag."""

    tag: str
    attributes: dict[str, str]
    parts: list[str]
    children: list[tuple[str, Any]]


def read_xml(body: bytes, charset: str | None, lists: Collection[str]) -> dict[str, Any]:
    """The parameters of a request. charset: of the header, which wins over the document's own; lists: the attributes
    that are lists. Raises Problem 400.
    """
    reader = _Reader(lists)
    parser = expat.ParserCreate(charset, None)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = reader.start
    parser.CharacterDataHandler = reader.text
    parser.EndElementHandler = reader.end
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError, LookupError):  # the others of an encoding that it does not know
        raise Problem(400, "Invalid XML in request body") from None
    return reader.found


class _Reader:
    """Builds the parameters from a parser's events."""

    def __init__(self, lists: Collection[str]) -> None:
        self.found: dict[str, Any] = {}
        self._lists = lists
        self._open: list[_Element] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self._open and tag != "request":
            raise Problem(400, "Parameters must be inside <request>")
        if len(self._open) >= _DEEPEST:
            raise Problem(400, "Invalid XML in request body")
        self._open.append(_Element(tag, attributes, [], []))

    def text(self, text: str) -> None:
        self._open[-1].parts.append(text)

    def end(self, tag: str) -> None:
        element = self._open.pop()
        if self._open:
            self._open[-1].children.append((tag, self._value(element)))
        else:
            self.found = _object(element.children)

    def _value(self, element: _Element) -> Any:
        attributes, children = element.attributes, element.children
        if attributes.get("nil", attributes.get("xsi:nil")) == "true":
            return None
        if attributes.get("type") == "array" or (children and (element.tag in self._lists or _alike(children))):
            return [value for _, value in children]
        return _object(children) if children else "".join(element.parts)


def _alike(children: Sequence[tuple[str, Any]]) -> bool:
    return len(children) > 1 and len({tag for tag, _ in children}) == 1


def _object(children: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Values by tag; those of a tag that comes again are a list."""
    by_tag: dict[str, list[Any]] = {}
    for tag, value in children:
        by_tag.setdefault(tag, []).append(value)
    return {tag: values[0] if len(values) == 1 else values for tag, values in by_tag.items()}


def _refuse(*_: object) -> NoReturn:
    raise Problem(400, "Invalid XML in request body: document types are not allowed")
