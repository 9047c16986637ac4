"""Side by side: candidates in turns, so that what slows the machine slows all of them; medians, as ratios."""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

__all__ = ["compare", "compare_async", "print_table"]


def compare(candidates: dict[str, Callable[[], Any]], rounds: int, baseline: str) -> dict[str, float]:
    """The median time of each candidate as a multiple of the baseline's, the results' release included.

    Every candidate runs once unmeasured, then once in each round; the order turns by one from round to round.
    """
    for run in candidates.values():
        run()
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for number in range(rounds):
        for name in _turned(list(candidates), number):
            started = time.perf_counter()
            candidates[name]()
            times[name].append(time.perf_counter() - started)
    return _ratios(times, baseline)


async def compare_async(
    candidates: dict[str, Callable[[], Awaitable[Any]]], rounds: int, baseline: str
) -> dict[str, float]:
    """The same for coroutine functions, each awaited alone."""
    for run in candidates.values():
        await run()
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for number in range(rounds):
        for name in _turned(list(candidates), number):
            started = time.perf_counter()
            await candidates[name]()
            times[name].append(time.perf_counter() - started)
    return _ratios(times, baseline)


def print_table(title: str, rows: dict[str, dict[str, float]], *, digits: int = 2) -> None:
    """Prints rows of numbers as aligned text, the first row's names as columns."""
    columns = list(next(iter(rows.values())))
    first = max(len(name) for name in (title, *rows))
    widths = [max(len(column), 7) for column in columns]
    print(f"{title:<{first}}  " + "  ".join(f"{column:>{w}}" for column, w in zip(columns, widths, strict=True)))
    for name, row in rows.items():
        cells = (
            f"{row[column]:>{w}.{digits}f}" if column in row else f"{'-':>{w}}"
            for column, w in zip(columns, widths, strict=True)
        )
        print(f"{name:<{first}}  " + "  ".join(cells))
    print()


def _turned(names: list[str], number: int) -> list[str]:
    start = number % len(names)
    return names[start:] + names[:start]


def _ratios(times: dict[str, list[float]], baseline: str) -> dict[str, float]:
    medians = {name: statistics.median(measured) for name, measured in times.items()}
    return {name: median / medians[baseline] for name, median in medians.items()}
