"""The chart: which hours count, which bars show, and that it is drawn whole."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paymo_async.cli.chart import Bar, ChartPart, draw_chart, longest_disjoint, top, tracked_hours


def report(start: Any, end: Any, *rows: tuple[str, int]) -> dict[str, Any]:
    items = [{"type": "project", "title": title, "time": time} for title, time in rows]
    total = {"type": "total", "title": "Total", "time": sum(time for _, time in rows)}
    return {"id": 1, "info": {"start_date": start, "end_date": end}, "content": {"items": [*items, total]}}


JANUARY = ("2025-01-01T00:00:00Z", "2025-01-31T23:59:59Z")
FEBRUARY = ("2025-02-01T00:00:00Z", "2025-02-28T23:59:59Z")
YEAR = ("2025-01-01T00:00:00Z", "2025-12-31T23:59:59Z")


def test_months_add_up():
    assert tracked_hours([report(*JANUARY, ("Shop", 3600)), report(*FEBRUARY, ("Shop", 7200))]) == [Bar("Shop", 3.0)]


def test_an_hour_that_two_reports_hold_counts_once():
    reports = [report(*JANUARY, ("Shop", 3600)), report(*FEBRUARY, ("Shop", 7200)), report(*YEAR, ("Shop", 14400))]
    assert tracked_hours(reports) == [Bar("Shop", 4.0)]


def test_the_same_report_twice_is_one():
    assert tracked_hours([report(*JANUARY, ("Shop", 3600))] * 2) == [Bar("Shop", 1.0)]


def test_rows_of_a_project_within_one_report_are_added():
    assert tracked_hours([report(*JANUARY, ("Shop", 1800), ("Shop", 1800))]) == [Bar("Shop", 1.0)]


def test_a_report_that_does_not_say_its_days_overlaps_with_all():
    reports = [report(None, None, ("Shop", 3600)), report(*JANUARY, ("Shop", 1800)), report("?", 5, ("Shop", 60))]
    assert tracked_hours(reports) == [Bar("Shop", 1.0)]


def test_days_may_be_unix_timestamps_of_the_report_itself():
    first = {**report(None, None, ("Shop", 3600)), "info": None, "start_date": 0, "end_date": 10}
    second = {**report(None, None, ("Shop", 3600)), "info": None, "start_date": 10, "end_date": 20}
    assert tracked_hours([first, second]) == [Bar("Shop", 2.0)]


def test_projects_are_told_apart_by_id_and_sorted_by_hours():
    items = [
        {"type": "project", "project_id": 1, "title": "Site", "time": 3600},
        {"type": "project", "project_id": 2, "title": "Site", "time": 7200},
        {"type": "project", "project_id": 3, "title": None, "time": 60},
        {"type": "project", "project_id": 4, "title": "Idle", "time": 0},
        {"type": "project", "project_id": 5, "title": "Untold", "time": None},
        {"type": "task", "project_id": 1, "title": "Draw", "time": 3600},
    ]
    bars = tracked_hours([{"content": {"items": items}}])
    assert [(bar.label, bar.hours) for bar in bars] == [("Site", 2.0), ("Site", 1.0), ("(no name)", 1 / 60)]


def test_the_smallest_are_summed_in_the_last_bar():
    bars = [Bar(f"P{n}", float(n)) for n in range(9, 0, -1)]
    assert top(bars, 9) == bars
    assert top(bars, 3) == [bars[0], bars[1], Bar("7 other projects", 28.0, 7)]


PARTS = st.builds(
    lambda start, length, seconds: ChartPart(float(start), float(start + length), seconds),
    st.integers(0, 12),
    st.integers(0, 5),
    st.integers(0, 50),
)


def _disjoint(parts: tuple[ChartPart, ...]) -> bool:
    ordered = sorted(parts, key=lambda part: (part.start, part.end))
    return all(a.end <= b.start and a.start < b.start for a, b in itertools.pairwise(ordered))


@given(st.lists(PARTS, max_size=7))
def test_the_choice_of_reports_is_the_best_of_all_choices(parts: list[ChartPart]):
    choices = (choice for n in range(len(parts) + 1) for choice in itertools.combinations(parts, n))
    best = max(sum(part.seconds for part in choice) for choice in choices if _disjoint(choice))
    assert longest_disjoint(parts) == best


def test_all_time_beside_a_month_is_whichever_is_longer():
    assert longest_disjoint([ChartPart(-math.inf, math.inf, 5), ChartPart(0.0, 1.0, 7)]) == 7


@pytest.mark.parametrize(("format", "magic"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_a_chart_is_drawn_whole_and_the_same_each_time(tmp_path: Path, format: str, magic: bytes):
    rows = [(f"Projekt {n} für 日本 $a_1$", 3600 * n) for n in range(1, 30)]
    for name in ("one", "two"):
        assert draw_chart([report(*JANUARY, *rows)], tmp_path / name, format)
    drawn = (tmp_path / "one").read_bytes()
    assert drawn.startswith(magic)
    assert drawn == (tmp_path / "two").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]
    if format == "svg":
        assert "14 other projects" in drawn.decode()
        assert "Tracked time per project" in drawn.decode()
        assert "$a_1$" in drawn.decode()


def test_without_project_rows_there_is_no_chart(tmp_path: Path):
    assert not draw_chart([report(*JANUARY)], tmp_path / "chart.png", "png")
    assert not list(tmp_path.iterdir())


def test_a_long_name_is_cut_for_its_label(tmp_path: Path):
    assert draw_chart([report(*JANUARY, ("Long " * 40, 3600))], tmp_path / "chart.svg", "svg")
    assert "Long Long L..." in (tmp_path / "chart.svg").read_text()
