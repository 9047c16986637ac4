"""Faults on demand: which requests go wrong, and how.

    box.faults.add("500", path="estimates", call=3)      the third GET, POST, ... of /estimates answers 500
    box.faults.add("latency", seconds=0.2)               every answer takes 0.2 s longer
    box.faults.add("reset", path="reports/*", times=1)   the next request for one report loses its connection

A fault counts the requests that its path and method match. Several may act on one request; of those that end it, the
one added first wins.

The same as text, for a command line, a file or the control API; `Fault.parse` reads it and `str` writes it:

    500 path=estimates call=3
    latency seconds=0.2
    reset path=reports/* times=1
    502 method=POST call=2,4,7 probability=0.5 seed=9
    429 call=10-20 seconds=3

The effect comes first, then the parts that differ from their defaults, as NAME=VALUE in any order. A value that holds a
blank is quoted as in a shell.
"""

from __future__ import annotations

import math
import random
import re
import shlex
from collections.abc import Callable, Collection, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final, Literal, Self, get_args

import attrs

__all__ = ["EFFECTS", "Calls", "Effect", "Fault", "Faults"]

Effect = Literal[
    "429",
    "500",
    "502",
    "503",
    "401",
    "403",
    "latency",
    "reset",
    "reset-after",
    "cut-body",
    "long-length",
    "short-length",
    "stalled-body",
    "slow-body",
    "wrong-type",
    "drift",
    "odd-key",
    "repeat-page",
    "stale-page",
    "moved-object",
]

EFFECTS: Final[tuple[str, ...]] = get_args(Effect)
"""What a fault can do.

In place of the answer: 429: the limit, with Retry-After. 500: the service's own. 502, 503: a proxy's HTML. 401: a CDN's
HTML. 403: the refusal of those who are not in a project, which the sandbox never gives by itself.

On its way: latency: waits `seconds` first. reset: the connection is lost before the request is processed; reset-after:
when it was. cut-body: half of the body, then the connection is lost. long-length: the headers promise more than the
body holds; short-length: less. stalled-body: half of the body, then silence until the client gives up or the sandbox
ends. slow-body: the body in ten pieces, with a pause of `seconds` before each.

Around it: wrong-type: the right body as text/html. drift: numbers come as texts, some attributes as null, some not at
all, and unknown ones appear. odd-key: the list is under another key.

Of a list that changes while it is read: repeat-page: a page shows what the page before it showed. stale-page: a GET
answers what the same one answered before. moved-object: a page begins with the last object of the page before it and
lacks its own last one, which is on no page.
"""

Calls = int | range | tuple[int, ...] | None
"""The numbers of the matching requests on which a fault acts, from 1; None for all."""


def _calls(call: int | Collection[int] | None) -> Calls:
    """One form for equal sets of numbers: what is compared and written as text. Raises ValueError."""
    if call is None:
        return None
    numbers: range | tuple[int, ...]
    if isinstance(call, range) and call.step == 1:
        numbers = call
    else:
        numbers = (call,) if isinstance(call, int) else tuple(sorted({*call}))
    first = next(iter(numbers), None)
    if first is None:
        raise ValueError("call: there must be a number in it")
    if first < 1:
        raise ValueError("call: requests are counted from 1")
    return numbers if len(numbers) > 1 else first


def _upper(method: str) -> str:
    return method.upper()


@attrs.define(repr=False)
class Fault:
    """A rule: what goes wrong, and with which requests.

    path: a pattern on the path below the API's root (`reports/*`). method: `*` for all. call: the numbers of matching
    requests on which it acts, the first is 1; None for all. times: how often it acts at most. probability: of acting,
    by a generator with `seed`. seconds: the latency, the pause of a slow body, or the Retry-After of a 429.
    Raises ValueError for an unknown effect and for numbers that make no sense.
    """

    effect: Effect
    path: str = "*"
    method: str = attrs.field(default="*", converter=_upper)
    call: Calls = attrs.field(default=None, kw_only=True, converter=_calls)
    times: int | None = attrs.field(default=None, kw_only=True)
    probability: float = attrs.field(default=1.0, kw_only=True)
    seconds: float = attrs.field(default=1.0, kw_only=True)
    seed: int = attrs.field(default=1, kw_only=True)
    seen: int = attrs.field(default=0, init=False)
    acted: int = attrs.field(default=0, init=False)
    _random: random.Random = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        if self.effect not in EFFECTS:
            raise ValueError(f"unknown effect {self.effect!r}; known are {', '.join(EFFECTS)}")
        if self.times is not None and self.times < 0:
            raise ValueError(f"times: {self.times} is less than none")
        if not 0 <= self.probability <= 1:
            raise ValueError(f"probability: {self.probability} is not between 0 and 1")
        if not 0 <= self.seconds < math.inf:
            raise ValueError(f"seconds: {self.seconds} is no time to wait")
        self._random = random.Random(self.seed)  # noqa: S311  # chance of a test, to be repeated

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads a fault from its text. Raises ValueError, which names the part that is wrong."""
        try:
            words = shlex.split(text)
        except ValueError as wrong:  # a quote that is not closed
            raise ValueError(f"{text!r}: {wrong}") from None
        if not words:
            raise ValueError("a fault begins with its effect; known are " + ", ".join(EFFECTS))
        parts: dict[str, str] = {}
        for word in words[1:]:
            name, equals, value = word.partition("=")
            if not equals:
                raise ValueError(f"{word!r} is no part of a fault; parts are NAME=VALUE")
            if name in parts or name == "effect":
                raise ValueError(f"{name}: is given twice")
            parts[name] = value
        return cls.from_dict({"effect": words[0], **parts})

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Self:
        """Reads a fault from its parts by name, as `to_dict` gives them; texts of numbers will do.

        Raises ValueError, which names the part that is wrong.
        """
        if given.get("effect") is None:
            raise ValueError("effect: is missing; known are " + ", ".join(EFFECTS))
        taken: dict[str, Any] = {}
        for name, value in given.items():
            if name not in _PARTS:
                raise ValueError(f"unknown part {name!r}; known are {', '.join(_PARTS)}")
            if value is not None:  # as if it were not there
                taken[name] = _PARTS[name](name, value)
        return cls(**taken)

    def to_dict(self) -> dict[str, Any]:
        """All parts of the rule by name, as JSON can hold them; not how often it acted."""
        made: dict[str, Any] = {name: getattr(self, name) for name in _PARTS}
        if isinstance(self.call, range):
            made["call"] = _written(self.call)
        return made

    def __repr__(self) -> str:
        return f"<Fault {self}, acted {self.acted} of {self.seen}>"

    def __str__(self) -> str:
        """The text that `parse` reads."""
        parts = (attribute for attribute in attrs.fields(type(self)) if attribute.name in _PARTS)
        given = ((part.name, getattr(self, part.name)) for part in parts if getattr(self, part.name) != part.default)
        return " ".join(value if name == "effect" else f"{name}={_written(value)}" for name, value in given)

    def strikes(self, method: str, path: str) -> bool:
        """Whether it acts on this request; counts the request."""
        if not self.concerns(method, path):
            return False
        self.seen += 1
        calls = (self.call,) if isinstance(self.call, int) else self.call
        if calls is not None and self.seen not in calls:
            return False
        if self.times is not None and self.acted >= self.times:
            return False
        if self.probability < 1 and self._random.random() >= self.probability:
            return False
        self.acted += 1
        return True

    def concerns(self, method: str, path: str) -> bool:
        """Whether its path and method match this request."""
        return self.method in ("*", method) and fnmatchcase(path, self.path)


class Faults:
    """The faults of a sandbox, in the order they were added."""

    def __init__(self, faults: Collection[Fault] = ()) -> None:
        self._faults = list(faults)

    def add(
        self,
        fault: Fault | Effect,
        *,
        path: str = "*",
        method: str = "*",
        call: int | Collection[int] | None = None,
        times: int | None = None,
        probability: float = 1.0,
        seconds: float = 1.0,
        seed: int = 1,
    ) -> Fault:
        """Adds a fault, given whole or by its parts, and returns it. Raises ValueError as Fault does."""
        made = (
            fault
            if isinstance(fault, Fault)
            else Fault(fault, path, method, call=call, times=times, probability=probability, seconds=seconds, seed=seed)
        )
        self._faults.append(made)
        return made

    def remove(self, fault: Fault) -> None:
        """Takes a fault away, and not one that is equal to it. Raises ValueError where it is not among them."""
        del self._faults[[id(one) for one in self._faults].index(id(fault))]

    def clear(self) -> None:
        """Takes all away."""
        self._faults.clear()

    def striking(self, method: str, path: str) -> dict[Effect, Fault]:
        """The faults that act on a request, by effect, the first added first."""
        struck: dict[Effect, Fault] = {}
        for fault in tuple(self._faults):  # a copy: other threads add and remove
            if fault.strikes(method, path):
                struck.setdefault(fault.effect, fault)
        return struck

    def concerning(self, effect: Effect, method: str, path: str) -> bool:
        """Whether a fault with this effect may act on such requests, now or later."""
        return any(fault.effect == effect and fault.concerns(method, path) for fault in tuple(self._faults))

    def __iter__(self) -> Iterator[Fault]:
        return iter(tuple(self._faults))

    def __len__(self) -> int:
        return len(self._faults)

    def __repr__(self) -> str:
        return f"Faults({[str(fault) for fault in self._faults]})"


def _written(value: str | float | range | tuple[int, ...]) -> str:
    if isinstance(value, range):
        return f"{value.start}-{value.stop - 1}"
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    text = str(value)
    return shlex.quote(text) if re.search(r"[\s'\"\\]", text) else text


def _text(name: str, value: Any) -> str:
    if isinstance(value, str | int):  # 500 is an effect, too
        return str(value)
    raise ValueError(f"{name}: {value!r} is no text")


def _whole(name: str, value: Any) -> int:
    if isinstance(value, bool) or not re.fullmatch(r"-?[0-9]{1,18}", str(value)):
        raise ValueError(f"{name}: {value!r} is no whole number")
    return int(value)


def _number(name: str, value: Any) -> float:
    try:
        return float("" if isinstance(value, bool) else value)
    except (TypeError, ValueError):
        raise ValueError(f"{name}: {value!r} is no number") from None


def _numbers(name: str, value: Any) -> int | Collection[int]:
    """A number, a list of them (`2,4,7`), or a span of them (`10-20`)."""
    if isinstance(value, list | tuple):
        return [_whole(name, number) for number in value]  # pyright: ignore[reportUnknownVariableType]  # from outside
    if span := re.fullmatch(r"([0-9]{1,18})-([0-9]{1,18})", str(value)):
        return range(int(span[1]), int(span[2]) + 1)
    if "," in str(value):
        return [_whole(name, number) for number in str(value).split(",")]
    return _whole(name, value)


_PARTS: Mapping[str, Callable[[str, Any], Any]] = {
    "effect": _text,
    "path": _text,
    "method": _text,
    "call": _numbers,
    "times": _whole,
    "probability": _number,
    "seconds": _number,
    "seed": _whole,
}
