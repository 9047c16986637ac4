"""Conditions as values: `F.complete == False`, joined with `&`, and how a long one is split.

`F` turns any name into one that can be compared; each comparison gives a `Condition`, and `&` joins conditions into a
`Where`. Neither knows the resources: names and types are checked when a request is made (`query.build_where`).

Splitting. A URL must stay short, and `in (...)` is the only part of a filter that can be cut without changing what it
means: the answers to the pieces together are the answer to the whole. The number of pieces is the number of requests,
so each list is cut into the fewest pieces that fit its share of the room, the room being what the rest of the filter
leaves of the URL. Two lists of lengths a and b in pieces of x and y characters make a/x * b/y requests, which for a
given x + y is least when x = y. So all lists get the same share, except that none gets more than its whole length or
less than its longest value: the share is the greatest at which all of them fit.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, ClassVar, Final, Literal, NoReturn, TypeAlias

from paymo_async.errors import QueryError
from paymo_async.literals import Escape, Scalar, encoded, literal, pair, scalar, whole_second

__all__ = ["INTERVALS", "Condition", "F", "Name", "Names", "Operator", "RawName", "Where", "is_several"]

Operator: TypeAlias = Literal["=", "!=", ">", ">=", "<", "<=", "like", "not like", "in", "not in"]

INTERVALS: Final = ("time_interval", "date_interval")
"""Names whose `in` takes the two ends of an interval, not a list of values (BEHAVIOUR.md, Dates and money)."""

_NAME: Final = re.compile(r"[a-z_]\w*", re.ASCII | re.IGNORECASE)
_NEGATED: Final[Mapping[str, str]] = {
    "=": "{} != ...",
    "!=": "{} == ...",
    ">": "{} <= ...",
    ">=": "{} < ...",
    "<": "{} >= ...",
    "<=": "{} > ...",
    "like": "{}.not_like(...)",
    "not like": "{}.like(...)",
    "in": "{}.not_in(...)",
    "not in": "{}.in_(...)",
}
_NO_LISTS: Final[tuple[type, ...]] = (str, bytes, Mapping)
_NO_TRUTH: Final = (
    "a condition is neither true nor false here: join conditions with & and parentheses, as in "
    "(F.a == 1) & (F.b > 2), not with `and`; a range is (F.a > 1) & (F.a < 5)"
)


class Name:
    """A name to compare: `==`, `!=`, `<`, `<=`, `>`, `>=`, `like`, `not_like`, `in_`, `not_in` give a `Condition`.

    `F.projects.active` is the attribute of an included child; `F["in_"]` or `F.projects["like"]` reaches names that
    Python or this class has taken. `== None` asks for null.
    """

    __slots__ = ("_text",)

    _checked: ClassVar[bool] = True

    def __init__(self, text: str) -> None:
        for part in text.split("."):
            if not _NAME.fullmatch(part):
                raise QueryError(f"{text!r} is not a name: letters, digits, underscores, and dots between them")
        self._text = text

    def __getattr__(self, name: str) -> Name:
        if name.startswith("_"):  # copy, pickle and inspect ask for these
            raise AttributeError(f'{name!r}: names that begin with an underscore are written {self!r}["{name}"]')
        return self[name]

    def __getitem__(self, name: str) -> Name:
        if not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance]  # what `x in F.id` asks for
            raise QueryError(f"{self!r} holds no values: write {self!r}.in_(values)")
        return type(self)(f"{self._text}.{name}")

    def __eq__(self, value: object) -> Condition:  # type: ignore[override]  # a comparison is a value here
        return self._compared("=", value)

    def __ne__(self, value: object) -> Condition:  # type: ignore[override]  # likewise
        return self._compared("!=", value)

    def __lt__(self, value: Any) -> Condition:
        return self._ordered("<", value)

    def __le__(self, value: Any) -> Condition:
        return self._ordered("<=", value)

    def __gt__(self, value: Any) -> Condition:
        return self._ordered(">", value)

    def __ge__(self, value: Any) -> Condition:
        return self._ordered(">=", value)

    # Equality gives a Condition, so a set could not hold names.
    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # object says it is a method

    def like(self, pattern: str) -> Condition:
        """Text matching a pattern, in which `%` stands for any text and `_` for any one character."""
        return self._matched("like", pattern)

    def not_like(self, pattern: str) -> Condition:
        """Text that does not match the pattern."""
        return self._matched("not like", pattern)

    def in_(self, values: Iterable[Any]) -> Condition:
        """One of these values, repeats dropped. No values match nothing: such a listing is empty without a request.

        For `time_interval` and `date_interval` the values are the interval's start and end.
        """
        return self._among("in", values)

    def not_in(self, values: Iterable[Any]) -> Condition:
        """None of these values. No values exclude nothing."""
        return self._among("not in", values)

    def __repr__(self) -> str:
        return f"F.{self._text}"

    def __str__(self) -> str:
        return self._text

    def _compared(self, operator: Operator, value: Any) -> Condition:
        if isinstance(value, Name):
            raise QueryError(f"{self!r} can be compared with values only, not with {value!r}")
        kept = scalar(value, self._text)
        if operator in ("=", "!="):
            whole_second(kept, self._text)
        return Condition(self._text, operator, kept, self._checked)

    def _ordered(self, operator: Operator, value: Any) -> Condition:
        if value is None or isinstance(value, bool):
            raise QueryError(f"{self!r} {operator} {value}: null, true and false have no order, only == and !=")
        return self._compared(operator, value)

    def _matched(self, operator: Operator, pattern: Any) -> Condition:
        if not isinstance(pattern, str):
            raise QueryError(f"{operator} takes a text, with % and _ as wildcards, not a {type(pattern).__name__}")
        return self._compared(operator, pattern)

    def _among(self, operator: Operator, values: Any) -> Condition:
        if not is_several(values):
            raise QueryError(f"`{operator}` takes a list of values, not a {type(values).__name__}")
        kept = tuple(scalar(value, self._text) for value in _in_stable_order(values))
        if None in kept:
            raise QueryError(f"what null does in a list is unknown: ask for it alone, with {self!r} == None")
        last = self._text.rpartition(".")[2]
        # The reports' attribute `date_interval` holds presets, so texts are left for the declaration to judge.
        if last == "time_interval" or (last in INTERVALS and not all(isinstance(value, str) for value in kept)):
            kept = pair(kept, last)
        elif last not in INTERVALS:
            kept = tuple({(type(value), value): whole_second(value, self._text) for value in kept}.values())
        return Condition(self._text, operator, kept, self._checked)


class RawName(Name):
    """A name that is sent unchecked."""

    __slots__ = ()

    _checked = False

    def __repr__(self) -> str:
        return f"F.raw({str(self)!r})"


class Names:
    """What `F` is: its attributes are names, `F["..."]` one that Python cannot spell, `raw` gives an unchecked one."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Name:
        if name.startswith("_"):
            raise AttributeError(f'{name!r}: names that begin with an underscore are written F["{name}"]')
        return Name(name)

    def __getitem__(self, name: str) -> Name:
        return Name(name)

    def raw(self, name: str) -> RawName:
        """A name that is sent unchecked: what the service knows and this version does not."""
        return RawName(name)

    def __repr__(self) -> str:
        return "F"


F: Final = Names()
"""`F.name` is the attribute `name` of whatever resource the condition is used on."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Condition:
    """One comparison. Made by comparing names of `F`; equal to another one that reads the same.

    value: a scalar, or a tuple of them for `in` and `not in`. checked: whether the name is to be held against the
    declaration.
    """

    name: str
    operator: Operator
    value: Scalar | tuple[Scalar, ...]
    checked: bool = True

    @property
    def text(self) -> str:
        """As it is sent; `QueryError` for a text that cannot be quoted safely."""
        return self.written("refuse")

    def written(self, escape: Escape) -> str:
        """As it is sent under this setting of `escape`; empty for a `not in` without values, which is always true."""
        if isinstance(self.value, tuple):
            return f"{self.name} {self.operator} ({','.join(self.items(escape))})" if self.value else ""
        written = literal(self.value, self.operator, self.name, escape=escape)
        if self.operator in ("like", "not like"):
            return f"{self.name} {self.operator} {written}"
        if self.operator == "!=" and self.value == "anyone":
            return f"{self.name}<>{written}"  # the only form of it that is documented
        return f"{self.name}{self.operator}{written}"

    def items(self, escape: Escape) -> list[str]:
        """The written values of a list; empty for another comparison."""
        values = self.value if isinstance(self.value, tuple) else ()
        return [literal(v, self.operator, self.name, escape=escape, iso=self.is_interval) for v in values]

    @property
    def is_interval(self) -> bool:
        """Whether the two values are the ends of an interval."""
        return self.name.rpartition(".")[2] in INTERVALS and isinstance(self.value, tuple)

    @property
    def is_never(self) -> bool:
        """Whether nothing can match: `in` without values."""
        return self.operator == "in" and self.value == ()

    def __and__(self, other: Condition | Where) -> Where:
        return Where((self,)) & other

    def __or__(self, other: object) -> NoReturn:
        if isinstance(other, Condition) and other.name == self.name and {self.operator, other.operator} <= {"=", "in"}:
            raise QueryError(f"the service has no `or`: write F.{self.name}.in_([...]) for one of several values")
        _refuse_or()

    def __invert__(self) -> NoReturn:
        raise QueryError(f"the service has no `not`: write {_NEGATED[self.operator].format(f'F.{self.name}')}")

    def __bool__(self) -> bool:
        raise QueryError(_NO_TRUTH)

    def __eq__(self, other: object) -> bool:
        return _shown(self) == _shown(other) if isinstance(other, Condition) else NotImplemented

    def __hash__(self) -> int:
        return hash(_shown(self))

    def __repr__(self) -> str:
        return f"Condition({_shown(self)!r})"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Where:
    """Conditions that must all hold. Without any, everything matches.

    parts: conditions, and texts that are sent as they are. escape: see `paymo_async.literals`.
    """

    parts: tuple[Condition | str, ...] = ()
    escape: Escape = "refuse"

    @property
    def text(self) -> str:
        """As it is sent, before percent-encoding. Raises `QueryError` where nothing can match (see `is_never`)."""
        if self.is_never:
            raise QueryError(f"nothing can match {self!r}: there is nothing to ask for")
        return " and ".join(text for part in self.parts if (text := _written(part, self.escape)))

    @property
    def is_never(self) -> bool:
        """Whether nothing can match, since a list of values is empty: the answer is known without a request."""
        return any(isinstance(part, Condition) and part.is_never for part in self.parts)

    @property
    def is_empty(self) -> bool:
        """Whether everything matches."""
        return not any(_written(part, "backslash") for part in self.parts) and not self.is_never

    @property
    def conditions(self) -> Iterator[Condition]:
        """The parts that were given as conditions."""
        return (part for part in self.parts if isinstance(part, Condition))

    def split(self, max_chars: int) -> list[Where]:
        """The same filter in pieces, each at most `max_chars` characters long once it is percent-encoded.

        Their answers together are the whole answer: each is for other values of one or more `in` lists, in order.
        Raises `QueryError` where what cannot be split is too long by itself.
        """
        whole = len(encoded(self.text))
        if whole <= max_chars:
            return [self]
        lists = list(self._lists())
        room = max_chars - whole + sum(one.length for one in lists)
        if sum(one.widest for one in lists) > room:
            raise QueryError(
                f"this filter is {whole} characters long in a URL and {max_chars} fit, however it is split. Only `in` "
                f"lists can be, of conditions made with F: ask for more, and filter the answer yourself"
            )
        share = bisect_right(range(whole), room, key=lambda level: sum(one.limited(level) for one in lists)) - 1
        return [self._with(lists, cut) for cut in product(*(one.cut(share) for one in lists))]

    def under(self, path: str) -> Where:
        """The conditions on the included objects at this path, as conditions on a list of those objects.

        `(F.active == True) & (F.projects.billable == True)` under `projects` is `billable=true`. Raises `QueryError`
        where a part was given as text that names the path, since it cannot be taken apart.
        """
        prefix = f"{path}."
        kept: list[Condition | str] = []
        for part in self.parts:
            if isinstance(part, str):
                if prefix in part:
                    raise QueryError(f"cannot tell what {part!r} asks of {path}: write it with F.{prefix}...")
            elif part.name.startswith(prefix):
                kept.append(replace(part, name=part.name.removeprefix(prefix)))
        return Where(tuple(kept), self.escape)

    def __and__(self, other: Condition | Where) -> Where:
        if isinstance(other, Condition):
            return Where((*self.parts, other), self.escape)
        if not isinstance(other, Where):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers without a checker
            return NotImplemented
        return Where(self.parts + other.parts, other.escape if self.escape == "refuse" else self.escape)

    def __or__(self, other: object) -> NoReturn:
        _refuse_or()

    def __invert__(self) -> NoReturn:
        raise QueryError("the service has no `not`, and none for several conditions at once: negate a single one")

    def __bool__(self) -> bool:
        raise QueryError(_NO_TRUTH)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Where):
            return NotImplemented
        return self.escape == other.escape and [*map(_shown, self.parts)] == [*map(_shown, other.parts)]

    def __hash__(self) -> int:
        return hash((self.escape, *map(_shown, self.parts)))

    def __repr__(self) -> str:
        return f"Where({' and '.join(text for part in self.parts if (text := _shown(part)))!r})"

    def _lists(self) -> Iterator[_List]:
        for index, part in enumerate(self.parts):
            if isinstance(part, Condition) and part.operator == "in" and not part.is_interval:
                yield _List(index, part, self.escape)

    def _with(self, lists: list[_List], cut: Iterable[tuple[Scalar, ...]]) -> Where:
        parts = list(self.parts)
        for one, values in zip(lists, cut, strict=True):
            parts[one.index] = replace(one.condition, value=values)
        return Where(tuple(parts), self.escape)


class _List:
    """The values of one `in`, and how many characters of a URL they take."""

    __slots__ = ("condition", "index", "length", "sizes", "values", "widest")

    def __init__(self, index: int, condition: Condition, escape: Escape) -> None:
        assert isinstance(condition.value, tuple)
        self.index = index
        self.condition = condition
        self.values = condition.value
        self.sizes = [len(encoded(item)) for item in condition.items(escape)]
        self.length = sum(self.sizes) + len(self.sizes) - 1  # the commas stay as they are
        self.widest = max(self.sizes)

    def limited(self, share: int) -> int:
        return min(max(share, self.widest), self.length)

    def cut(self, share: int) -> Iterator[tuple[Scalar, ...]]:
        limit = self.limited(share)
        start = taken = 0
        for index, size in enumerate(self.sizes):
            if taken + size > limit:
                yield self.values[start:index]
                start, taken = index, 0
            taken += size + 1
        yield self.values[start:]


def is_several(value: Any) -> bool:
    """Whether this stands for several values: any iterable but a text, bytes or a mapping."""
    return isinstance(value, Iterable) and not isinstance(value, _NO_LISTS)


def _written(part: Condition | str, escape: Escape) -> str:
    return part if isinstance(part, str) else part.written(escape)


def _shown(part: Condition | str) -> str:
    # Never raises: reprs and comparisons must work for what cannot be sent as well.
    if isinstance(part, Condition) and part.is_never:
        return f"{part.name} in ()"
    return _written(part, "backslash")


def _in_stable_order(values: Iterable[Any]) -> Iterable[Any]:
    """Sets in sorted order where they have one, so that the same filter is always the same URL."""
    if not isinstance(values, AbstractSet):
        return values
    try:
        return sorted(values)
    except TypeError:
        return values


def _refuse_or() -> NoReturn:
    raise QueryError(
        "the service has no `or`: use .in_([...]) for several values of one attribute, or make two lists and join them"
    )
