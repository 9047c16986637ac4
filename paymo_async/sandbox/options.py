"""What a sandbox is given, read: short forms of an option are taken, and what cannot be meant is refused at once."""

from __future__ import annotations

import difflib
import math
import os
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias, get_args

from paymo_async.sandbox.clock import Clock
from paymo_async.sandbox.faults import Fault
from paymo_async.sandbox.ratelimit import Model, RateModel
from paymo_async.sandbox.schema import schema

__all__ = [
    "Faulty",
    "Limit",
    "Time",
    "read_clock",
    "read_cut",
    "read_faults",
    "read_lacks",
    "read_limit",
    "read_plan",
    "read_port",
    "read_state",
]

Limit: TypeAlias = RateModel | tuple[int, float] | tuple[int, float, Model]
"""A rate limit: requests, seconds, and how they are counted."""

Faulty: TypeAlias = Fault | str | Collection[Fault | str]
"""Faults, also as texts that `Fault.parse` reads."""

Time: TypeAlias = Clock | Callable[[], float] | datetime | str
"""A clock, or a moment at which time stands still."""


def read_limit(given: Limit | None) -> RateModel | None:
    """The rate limit. Raises TypeError or ValueError."""
    if given is None:
        return None
    wrong = f"rate_limit: is requests and seconds, as (5, 5.0) or (5, 5.0, 'leaky'), not {given!r}"
    if not isinstance(given, tuple) or len(given) not in (2, 3):  # pyright: ignore[reportUnnecessaryIsInstance]  # untyped callers
        raise TypeError(wrong)
    made = RateModel(given[0], given[1]) if len(given) == 2 else RateModel(given[0], given[1], given[2])
    if not _number(made.limit) or not _number(made.period):
        raise TypeError(wrong)
    if made.limit < 1 or made.limit != int(made.limit) or not 0 < made.period < math.inf:
        raise ValueError(wrong)
    if made.model not in get_args(Model):
        raise ValueError(f"rate_limit: unknown model {made.model!r}; known are {', '.join(get_args(Model))}")
    return made


def read_faults(given: Faulty) -> list[Fault]:
    """The faults. Raises TypeError or ValueError, which names the part that is wrong."""
    several = (given,) if isinstance(given, str | Fault) else given
    made = [Fault.parse(one) if isinstance(one, str) else one for one in several]
    for one in made:
        if not isinstance(one, Fault):  # pyright: ignore[reportUnnecessaryIsInstance]  # untyped callers
            raise TypeError(f"faults: a fault is a Fault or its text, as '502 path=clients*', not {one!r}")
    return made


def read_clock(given: Time) -> Clock:
    """The clock; a text without a time zone is in UTC. Raises ValueError for one that is no moment, or TypeError."""
    if isinstance(given, Clock):
        return given
    if isinstance(given, str):
        try:
            given = datetime.fromisoformat(given)
        except ValueError:
            raise ValueError(f"clock: {given!r} does not read like 2026-01-31T08:59:00Z") from None
        return Clock(given if given.tzinfo else given.replace(tzinfo=UTC))
    if isinstance(given, datetime):
        return Clock(given)
    if callable(given):
        return Clock(source=given)
    raise TypeError(f"clock: is a moment, as '2026-01-31T08:59:00Z', or a callable of seconds, not {given!r}")


def read_state(given: str | os.PathLike[str] | None) -> Path | None:
    """The file that keeps the state."""
    return None if given is None else Path(given)


def read_port(given: int) -> int:
    """The port to listen on. Raises ValueError."""
    if not _number(given) or not 0 <= given <= 65535:
        raise ValueError(f"port: is a number from 0 to 65535, of which 0 takes a free one, not {given!r}")
    return int(given)


def read_cut(given: int | None) -> int | None:
    """The objects of one type in an answer. Raises ValueError."""
    if given is not None and (not _number(given) or given < 1):
        raise ValueError(f"cut: is a number from 1, or None for whole answers, not {given!r}")
    return given


def read_plan(given: Mapping[str, int | None] | None) -> dict[str, int | None]:
    """Limits by the company's names for them. Raises ValueError for an unknown one."""
    limits = dict(given or {})
    known = sorted(name for name in schema().tables["company"].attributes if name.startswith("max_"))
    for name in limits:
        if name not in known:
            raise ValueError(f"plan: unknown limit {name!r}; known are {', '.join(known)}")
    return limits


def read_lacks(given: str | Collection[str]) -> frozenset[str]:
    """The resources that the plan does not have. Raises ValueError for an unknown one."""
    paths = frozenset((given,) if isinstance(given, str) else given)
    known = schema().tables
    for path in sorted(paths - known.keys()):
        near = difflib.get_close_matches(path, known, 1)
        raise ValueError(f"lacks: {path!r} is no resource" + (f"; did you mean {near[0]!r}?" if near else ""))
    return paths


def _number(given: Any) -> bool:
    return isinstance(given, int | float) and not isinstance(given, bool)
