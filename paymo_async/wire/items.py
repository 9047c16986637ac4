"""The items of one long answer while it arrives: a report of 200,000 rows without the whole of it in memory.

The array of items stands somewhere in the body, at a path such as `("reports", 0, "content", "items")`. Bytes come in
chunks that are cut anywhere: within a character, a string, an escape, a number. What leaves are batches, each a JSON
list of whole items, ready for a fast decoder. Memory holds the item that is not complete, and one chunk.

To find where items end, an exact scan counts brackets outside strings. It is a loop in Python over every bracket, and
as slow as any streaming parser. So most boundaries are guessed and then proved. The guess: items of one array look
alike where they meet, say `"},{"id":`, so the last place in the buffer that looks like the boundary before it is likely
one. The proof: if `[` + everything up to there + `]` is one JSON value, then the guess was right, for JSON is read in
one way only, from left to right: all brackets are closed there, and it is inside no string. The proof is the decoding
that the items need anyway, so it costs nothing. A guess that fails costs one decoding; after three the exact scan takes
the chunk. It also takes what no guess covers: the first item, what follows the last boundary, and the array's end.

Before the array and behind it, the exact scan runs alone. Behind it, it makes sure that the body is whole: an answer
that was cut never looks complete.
"""

from __future__ import annotations

import enum
import functools
import re
from typing import TYPE_CHECKING, Final, Generic, TypeVar

import msgspec

from paymo_async.errors import DecodeError, IncompleteBody, UnexpectedContent
from paymo_async.models.base import Model
from paymo_async.wire.codec import Decoded, decode_array
from paymo_async.wire.redaction import redact_body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["ItemSplitter", "ItemStream"]

M = TypeVar("M", bound=Model)
T = TypeVar("T")


class _Cutter(Generic[T]):
    """Cuts batches of items out of a body that arrives in chunks, and reads each with `read`.

    read: takes a JSON list, and raises `DecodeError` (ours or msgspec's) for what is not one whole JSON value.
    """

    def __init__(self, path: Sequence[str | int], read: Callable[[bytes], T]) -> None:
        self.where: str = "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
        self._path = list(path)
        self._read = read
        self._state = _State.BEFORE
        self._buffer = bytearray()
        self._scanned: int = 0  # so much of the buffer was scanned exactly;
        self._in_string = False  # that ends within a string,
        self._depth = 0  # and with so many brackets open (within the array: those of an item)
        self._steps: list[str | int | None] = []  # before the array: the name or place in each open object or list
        self._names: list[str] = []  # and the names in the body's own object
        self._comma_due = False  # items were taken, so the buffer starts with a comma
        self._boundary = b""  # how two items met,
        self._tail = 0  # with so many bytes before the comma
        self._misses = 0  # chunks in a row for which every guess failed

    def _take(self, data: bytes) -> list[T]:
        self._buffer += data
        if self._state is _State.BEFORE:
            self._find_array()
        batches = list(self._take_items()) if self._state is _State.WITHIN else []
        if self._state is _State.BEHIND:
            self._find_end()
        return batches

    @property
    def held(self) -> int:
        """How many bytes of the body are kept: the item that is not complete."""
        return len(self._buffer)

    def close(self) -> None:
        """Ends the body. Raises `IncompleteBody` when it was not whole."""
        if self._state is not _State.WHOLE:
            raise IncompleteBody(f"the answer ended early, {self._state.value} the list at {self.where}")

    def _find_array(self) -> None:
        """Follows the document token by token, up to the array's bracket."""
        buffer = self._buffer
        position = 0
        while (token := _TOKEN.match(buffer, position)) is not None:
            start, end = token.span(1)
            mark = bytes(buffer[start : start + 1])
            if mark == b'"':
                end = _in_string(buffer, max(end, self._scanned)) + 1
                if end > len(buffer) or buffer[end - 1] != _QUOTE:
                    self._scanned = end - 1  # the string ends in a later chunk
                    break
            if mark == b"[" and self._steps == self._path:
                self._state = _State.WITHIN
                position = end
                break
            self._step(mark, bytes(buffer[start:end]))
            position = end
        else:
            self._scanned = position
        if self._state is _State.WITHIN:
            self._scanned = position
        self._drop(position)

    def _step(self, mark: bytes, text: bytes) -> None:
        """Takes one token of what stands before the array."""
        steps = self._steps
        if not steps and mark not in (b"{", b"[") and text not in _BOM:
            raise UnexpectedContent(
                "the answer is not a JSON object", body=redact_body(text.decode("utf-8", "replace"))
            )
        if mark == b"{":
            steps.append(None)
        elif mark == b"[":
            steps.append(0)
        elif mark in (b"}", b"]"):
            steps.pop()
            if not steps:
                raise UnexpectedContent(f"no list at {self.where}; the keys are: {', '.join(self._names) or 'none'}")
        elif mark == b",":
            step = steps[-1]
            steps[-1] = step + 1 if isinstance(step, int) else None
        elif mark == b'"' and steps[-1] is None:
            name = _name(text)
            steps[-1] = name
            if len(steps) == 1:
                self._names.append(name)

    def _take_items(self) -> Iterator[T]:
        yield from self._guess()
        end = self._scan_items()
        is_closed = self._state is _State.BEHIND
        if not end and not is_closed:
            return
        batch = self._batch(end)
        if batch[1:-1].strip():
            yield self._read(batch)
        elif self._comma_due or not is_closed:
            raise DecodeError(f"the answer is broken: an item is missing in the list at {self.where}")
        self._comma_due = True
        self._drop(end)
        if is_closed:
            self._drop(1)  # the array's own bracket
            self._depth = len(self._steps)

    def _batch(self, end: int) -> bytes:
        start = self._buffer.index(b",") + 1 if self._comma_due else 0
        return b"[" + self._buffer[start:end] + b"]"

    def _guess(self) -> Iterator[T]:
        """The items up to the last boundary that looks like one seen before, and is one."""
        if not self._boundary or self._misses == _MOST_MISSES:
            return
        place = len(self._buffer)
        for _ in range(_GUESSES):
            place = self._buffer.rfind(self._boundary, max(0, self._scanned - self._tail), place)
            if place < 0:
                return
            comma = place + self._tail
            try:
                batch = self._read(self._batch(comma))
            except (msgspec.DecodeError, DecodeError, RecursionError):
                continue
            yield batch
            self._drop(comma)
            self._scanned, self._depth, self._in_string = 1, 0, False
            self._comma_due = True
            self._misses = 0
            return
        self._misses += 1

    def _scan_items(self) -> int:
        """Scans the rest of the buffer exactly; up to where items are complete (0: none is)."""
        end = 0
        while (position := self._next_mark(_IN_ITEM if self._depth else _BETWEEN_ITEMS)) >= 0:
            mark = self._buffer[position]
            if mark == _COMMA:
                end = position
                self._learn(position)
            elif mark in _OPENING:
                self._depth += 1
            elif self._depth:
                self._depth -= 1
            else:
                self._state = _State.BEHIND
                return position
        return end

    def _learn(self, comma: int) -> None:
        meeting = _MEETING.match(self._buffer, comma)
        if meeting is None or comma < 2:
            return
        # A number's last digit differs from item to item; what else stands before the bracket is alike.
        self._tail = 2 if self._buffer[comma - 2] in _ALIKE else 1
        self._boundary = bytes(self._buffer[comma - self._tail : meeting.end()])

    def _find_end(self) -> None:
        while self._depth and (position := self._next_mark(_IN_ITEM)) >= 0:
            self._depth += 1 if self._buffer[position] in _OPENING else -1
        if not self._depth:
            self._state = _State.WHOLE
        self._drop(self._scanned)

    def _next_mark(self, skip: re.Pattern[bytes]) -> int:
        """The place of the next byte, outside strings, at which `skip` stops; -1 at the end of the buffer."""
        buffer, position = self._buffer, self._scanned
        while True:
            if self._in_string:
                position = _in_string(buffer, position)
                if position == len(buffer) or buffer[position] != _QUOTE:
                    self._scanned = position
                    return -1
                position += 1
                self._in_string = False
            position = _end(skip, buffer, position)
            if position == len(buffer):
                self._scanned = position
                return -1
            self._scanned = position + 1
            if buffer[position] != _QUOTE:
                return position
            self._in_string = True
            position += 1

    def _drop(self, count: int) -> None:
        del self._buffer[:count]
        self._scanned -= count


class ItemSplitter(_Cutter[bytes]):
    """Cuts the items of the array at `path` out of a body that arrives in chunks."""

    def __init__(self, path: Sequence[str | int]) -> None:
        super().__init__(path, _proved)

    def feed(self, data: bytes) -> list[bytes]:
        """The items that are complete now: none, one or two JSON lists of them.

        Raises `DecodeError` for broken JSON, `UnexpectedContent` for a body without such an array.
        """
        return self._take(data)


class ItemStream(_Cutter[Decoded[M]]):
    """Models of the items of the array at `path` in a body that arrives in chunks."""

    def __init__(self, cls: type[M], path: Sequence[str | int]) -> None:
        super().__init__(path, functools.partial(decode_array, cls))
        self._place = 0

    def feed(self, data: bytes) -> Decoded[M]:
        """The models of the items that are complete now, often none; `places` and paths count from the array's start.

        Raises `DecodeError` for broken JSON, `UnexpectedContent` for a body without such an array.
        """
        found = Decoded[M]([])
        for batch in self._take(data):
            for error, place in zip(batch.undecodable, batch.places, strict=True):
                error.path = f"{self.where}[{place + self._place}]{error.path.partition(']')[2]}"
                found.places.append(place + self._place)
            found.undecodable.extend(batch.undecodable)
            found.items.extend(batch.items)
            self._place += batch.count
        return found


class _State(enum.Enum):
    BEFORE = "before"
    WITHIN = "within"
    BEHIND = "behind"
    WHOLE = "whole, behind"


_GUESSES: Final = 3
_MOST_MISSES: Final = 4  # after so many chunks without a hit, items are not alike, and guessing ends

_QUOTE: Final = ord('"')
_COMMA: Final = ord(",")
_OPENING: Final = frozenset[int](b"{[")
_ALIKE: Final = frozenset(b'"}]')
_BOM: Final = b"\xef\xbb\xbf"

_STRING: Final = rb'"(?:[^"\\]++|\\.)*+"'
_STRING_REST: Final = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
_TOKEN: Final = re.compile(rb'\s*([{}\[\]:,"]|[^\s{}\[\]:,"]+)')
_IN_ITEM: Final = re.compile(rb'(?:[^"{}\[\]]++|' + _STRING + rb")*+", re.DOTALL)
_BETWEEN_ITEMS: Final = re.compile(rb'(?:[^",{}\[\]]++|' + _STRING + rb")*+", re.DOTALL)
_MEETING: Final = re.compile(rb",\s*\{\s*" + _STRING + rb"\s*:", re.DOTALL)

_PROOF: Final = msgspec.json.Decoder(msgspec.Raw)


def _proved(batch: bytes) -> bytes:
    _PROOF.decode(batch)
    return batch


def _in_string(buffer: bytearray, position: int) -> int:
    """Where a string's closing quote is, or how far it can be followed: to the end, or to a lone backslash."""
    return _end(_STRING_REST, buffer, position)


def _end(pattern: re.Pattern[bytes], buffer: bytearray, position: int) -> int:
    match = pattern.match(buffer, position)
    return match.end() if match else position


def _name(text: bytes) -> str:
    try:
        return msgspec.json.decode(text, type=str)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DecodeError(f"the answer is broken: a name in it is no text: {error}") from error
