"""Ids already seen, in 8 bytes each.

A listing drops repeated ids across pages, so it must remember all it has given: a million ids as a set of Python ints
are 90 MB. Here they lie in sorted arrays. Ids that come in order, as they mostly do, are appended to the last array at
the speed of a copy, and whether one was seen is a bisection. Ids out of order begin a new array; small arrays are
merged into larger ones, each time two have about the same size, so that there are few of them, up to a size at which
merging would cost more memory than it saves.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Hashable, Iterable
from typing import TypeGuard

__all__ = ["SeenIds"]

_LARGEST_MERGE = 65_536  # ids; merging makes a Python list of both for a moment


class SeenIds:
    """Remembers ids. Integers of up to 63 bits are kept compactly, anything else in a set."""

    __slots__ = ("_count", "_other", "_runs")

    def __init__(self, ids: Iterable[Hashable] = ()) -> None:
        self._runs: list[array[int]] = []
        self._other: set[Hashable] = set()
        self._count = 0
        self.add_new(ids)

    def __len__(self) -> int:
        return self._count

    def __contains__(self, id: Hashable) -> bool:
        if _is_compact(id):
            return any(_holds(run, id) for run in self._runs)
        return id in self._other

    def add_new(self, ids: Iterable[Hashable]) -> list[bool]:
        """Adds ids; for each, in order, whether it was new (a repeat within `ids` is not)."""
        given = list(ids)
        if self._are_all_beyond(given):
            self._count += len(given)
            self._append(array("q", sorted(given)))  # type: ignore[type-var, arg-type]  # all are integers
            return [True] * len(given)
        news: list[bool] = []
        fresh: set[int] = set()
        for id in given:
            new = id not in self and id not in fresh
            news.append(new)
            if not new:
                continue
            if _is_compact(id):
                fresh.add(id)
            else:
                self._other.add(id)
        self._count += sum(news)
        if fresh:
            self._append(array("q", sorted(fresh)))
        return news

    def _are_all_beyond(self, ids: list[Hashable]) -> bool:
        """Whether these are distinct integers, all higher than any before: the usual page of a listing."""
        if not ids or not all(map(_is_compact, ids)) or len(set(ids)) < len(ids):
            return False
        lowest = min(ids)  # type: ignore[type-var]  # all are integers
        return all(lowest > run[-1] for run in self._runs)  # type: ignore[operator]  # likewise

    def _append(self, run: array[int]) -> None:
        runs = self._runs
        if runs and run[0] > runs[-1][-1]:
            runs[-1].extend(run)
            return
        runs.append(run)
        while len(runs) > 1 and len(runs[-2]) < 2 * len(runs[-1]) and len(runs[-2]) + len(runs[-1]) < _LARGEST_MERGE:
            last = runs.pop()
            runs[-1] = array("q", sorted([*runs[-1], *last]))


def _is_compact(id: Hashable) -> TypeGuard[int]:
    return type(id) is int and -(2**63) <= id < 2**63


def _holds(run: array[int], id: int) -> bool:
    if not run[0] <= id <= run[-1]:
        return False
    return run[bisect_left(run, id)] == id
