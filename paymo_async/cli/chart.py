"""The chart: tracked time per project, from the project rows of all reports.

Reports overlap: one of this month and one of this year hold the same hours. Adding them up would count time twice. So
of each project only reports whose days do not overlap are added, chosen so that their sum is the largest possible
(weighted interval scheduling: sort by the last day; the best up to a report is the best without it, or it and the best
of what ended before it began). Monthly reports add up to their year, and beside the year's own report they count for
nothing more. A report that does not say its days is taken to overlap with all others.
"""

from __future__ import annotations

import importlib
import io
import math
import warnings
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

import attrs

from paymo_async.cli.folder import write_whole
from paymo_async.cli.rows import SHEETS, Plain

__all__ = ["Bar", "ChartFormat", "ChartPart", "draw_chart", "longest_disjoint", "top", "tracked_hours"]

ChartFormat = Literal["png", "svg"]


@attrs.frozen
class ChartPart:
    """A project's tracked time in one report. start, end: seconds since 1970 that the report covers."""

    start: float
    end: float
    seconds: int


@attrs.frozen
class Bar:
    """One bar. others: how many projects it sums up, 0 for a project's own."""

    label: str
    hours: float
    others: int = 0


def tracked_hours(reports: Iterable[Plain]) -> list[Bar]:
    """The hours of each project, largest first; no hour counts twice."""
    names: dict[Any, str] = {}
    parts: defaultdict[Any, list[ChartPart]] = defaultdict(list)
    for report in reports:
        start, end = _days(report)
        seconds: defaultdict[Any, int] = defaultdict(int)
        for item in SHEETS["reports"].units_of(report):
            if item.get("type") != "project":
                continue
            title = item.get("title") or "(no name)"
            key = item.get("project_id") or title
            names[key] = title
            seconds[key] += int(item.get("time") or 0)  # below days or users a project has several rows
        for key, total in seconds.items():
            parts[key].append(ChartPart(start, end, total))
    bars = [Bar(names[key], longest_disjoint(of_project) / 3600) for key, of_project in parts.items()]
    return sorted((bar for bar in bars if bar.hours > 0), key=lambda bar: (-bar.hours, bar.label))


def longest_disjoint(parts: Iterable[ChartPart]) -> int:
    """The largest sum of seconds over parts that do not overlap; one may begin at the second another ends."""
    ordered = sorted(parts, key=lambda part: (part.end, part.start))
    ends: list[float] = []
    best = [0]
    for part in ordered:
        # Two parts of one and the same moment are no neighbours: the later begins where the earlier began.
        before = bisect_right(ends, part.start)
        while before and ordered[before - 1].start >= part.start:
            before -= 1
        best.append(max(best[-1], best[before] + part.seconds))
        ends.append(part.end)
    return best[-1]


def top(bars: list[Bar], most: int) -> list[Bar]:
    """At most so many bars; the smallest are summed in the last one."""
    if len(bars) <= most:
        return bars
    shown, rest = bars[: most - 1], bars[most - 1 :]
    return [*shown, Bar(f"{len(rest)} other projects", sum(bar.hours for bar in rest), len(rest))]


def draw_chart(reports: Iterable[Plain], path: Path, format: ChartFormat, *, most: int = 16) -> bool:
    """Draws the chart into a file, whole or not at all; False where no report holds a project's time.

    Needs matplotlib. The same reports give the same bytes.
    """
    bars = tracked_hours(reports)
    if not bars:
        return False
    # As Any: its own types name what strict checkers cannot follow.
    mpl: Any = importlib.import_module("matplotlib")
    figures: Any = importlib.import_module("matplotlib.figure")
    agg: Any = importlib.import_module("matplotlib.backends.backend_agg")
    shown = top(bars, most)
    with mpl.rc_context(_STYLE), warnings.catch_warnings():
        # A letter that the font lacks shows as a box, and is no reason to talk about fonts.
        warnings.filterwarnings("ignore", message=r".*[Gg]lyph.*")
        figure = figures.Figure(figsize=(9, 1.3 + 0.36 * len(shown)), dpi=144)
        agg.FigureCanvasAgg(figure)  # measures texts, also those of an SVG
        _paint(figure, shown, len(bars))
        drawn = io.BytesIO()
        figure.savefig(drawn, format=format, facecolor="white", metadata={"Date": None} if format == "svg" else None)
    write_whole(path, [drawn.getvalue()])
    return True


_STYLE: Final[dict[Any, Any]] = {
    "font.family": "sans-serif",
    "font.size": 9.5,
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "paymo-async",
    "text.parse_math": False,  # a project may be called "$100 a month, $200 later"
}
_OWN: Final = "#2f6f9f"
_REST: Final = "#b7c0c8"
_INK: Final = "#222222"
_FAINT: Final = "#6b7480"
_LABEL: Final = 44  # characters


def _paint(figure: Any, shown: list[Bar], projects: int) -> None:
    axes = figure.add_axes((0, 0, 1, 1))
    height = figure.get_figheight()
    places = range(len(shown))
    # The sum of many projects would dwarf each of them: it is told, and not drawn.
    hours = [0.0 if bar.others else bar.hours for bar in shown]
    axes.barh(places, hours, height=0.68, color=_OWN)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_xlim(0, max(hours) * 1.12)
    axes.set_yticks(places, [_short(bar.label) for bar in shown])
    axes.tick_params(axis="y", length=0, labelcolor=_INK, pad=6)
    axes.set_xticks([])
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)
    axes.spines["left"].set_color(_REST)
    for place, (bar, drawn) in enumerate(zip(shown, hours, strict=True)):
        text = f"{_hours(bar.hours)} together" if bar.others else _hours(bar.hours)
        axes.annotate(text, (drawn, place), xytext=(5, 0), textcoords="offset points", va="center", color=_FAINT)
    longest = max(label.get_window_extent(figure.canvas.get_renderer()).width for label in axes.get_yticklabels())
    left = 0.03 + (longest / figure.dpi + 0.1) / figure.get_figwidth()
    axes.set_position((left, 0.28 / height, 0.97 - left, 1 - 1.16 / height))
    figure.text(0.03, 1 - 0.36 / height, "Tracked time per project", size=14, weight="bold", color=_INK)
    words = f"hours in {projects} {'project' if projects == 1 else 'projects'}; "
    words += "where reports overlap in time, no hour counts twice"
    figure.text(0.03, 1 - 0.62 / height, words, size=9, color=_FAINT)


def _short(label: str) -> str:
    label = " ".join(label.split())
    return label if len(label) <= _LABEL else label[: _LABEL - 3].rstrip() + "..."


def _hours(value: float) -> str:
    return f"{value:,.1f} h" if value < 100 else f"{value:,.0f} h"


def _days(report: Plain) -> tuple[float, float]:
    """What a report covers, in seconds since 1970; all time where it does not say."""
    info: Plain = report.get("info") or {}
    start = _moment(info.get("start_date"), report.get("start_date"))
    end = _moment(info.get("end_date"), report.get("end_date"))
    if start is None or end is None:
        return -math.inf, math.inf
    return start, end


def _moment(*values: Any) -> float | None:
    for value in values:
        if isinstance(value, int | float):
            return float(value)
        if isinstance(value, str) and value:
            try:
                return datetime.fromisoformat(value).timestamp()
            except ValueError:
                continue
    return None
