"""A report's rows as a tree, a table and CSV."""

from __future__ import annotations

import csv
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paymo_async import InvalidRequest, Report, ReportItem
from paymo_async.reporting import rows_of, table, to_csv, total, tree


def row(type: str, title: str, level: int, time: int = 0, **more) -> ReportItem:
    return ReportItem.from_dict({"type": type, "title": title, "level": level, "time": time, **more})


ROWS = [
    row("project", "Site", 1, 5400, pct=75),
    row("task", "Logo", 2, 3600, pct=50),
    row("task", "Fonts, all", 2, 1800, pct=25),
    row("project", "Shop", 1, 1800, pct=25),
    row("total", "Total", 0, 7200, pct=100),
]


def shape(nodes) -> list:
    return [(node.item.title, shape(node.children)) for node in nodes]


def test_rows_hang_below_the_nearest_row_that_stands_higher():
    assert shape(tree(ROWS)) == [("Site", [("Logo", []), ("Fonts, all", [])]), ("Shop", [])]


def test_a_report_itself_can_be_given():
    report = Report.from_dict({"id": 1, "content": {"items": [item.to_dict() for item in ROWS]}})
    assert rows_of(report) == ROWS
    assert shape(tree(report)) == shape(tree(ROWS))


def test_a_report_of_a_list_has_no_content_and_says_so():
    with pytest.raises(InvalidRequest, match=r"reports.get"):
        tree(Report.from_dict({"id": 1}))
    assert rows_of(Report.from_dict({"id": 1, "content": {}})) == []


@pytest.mark.parametrize(
    ("levels", "made"),
    [
        ([1, 3, 2, 3], [("0", [("1", []), ("2", [("3", [])])])]),
        ([3, 1, 2], [("0", []), ("1", [("2", [])])]),
        ([2, 2, 1], [("0", []), ("1", []), ("2", [])]),
        ([], []),
    ],
)
def test_jumps_between_levels_lose_no_row(levels, made):
    assert shape(tree([row("task", str(place), level) for place, level in enumerate(levels)])) == made


@given(st.lists(st.integers(1, 6), max_size=30))
def test_a_walk_gives_all_rows_in_their_order(levels):
    rows = [row("task", str(place), level) for place, level in enumerate(levels)]
    assert [node.item for root in tree(rows) for node in root.walk()] == rows
    for root in tree(rows):
        for node in root.walk():
            assert all(child.item.level > node.item.level for child in node.children)


def test_the_total_is_the_totals_row_or_the_sum_of_the_outermost():
    assert total(ROWS) == timedelta(hours=2)
    assert total(ROWS[:-1]) == timedelta(hours=2)
    assert total([]) == timedelta()
    assert total([row("total", "Total", 0, 60)]) == timedelta(minutes=1)
    assert tree(ROWS)[0].time == timedelta(hours=1.5)


def test_a_table_has_a_dict_for_each_innermost_row_with_the_titles_above_it():
    assert table(ROWS) == [
        {"project": "Site", "task": "Logo", "seconds": 3600, "hours": 1.0, "pct": Decimal(50)},
        {"project": "Site", "task": "Fonts, all", "seconds": 1800, "hours": 0.5, "pct": Decimal(25)},
        {"project": "Shop", "task": "", "seconds": 1800, "hours": 0.5, "pct": Decimal(25)},
    ]


def test_rows_of_one_type_below_each_other_or_without_a_type_have_columns_of_their_own():
    rows = [row("task", "a", 1), row("task", "b", 2), ReportItem.from_dict({"level": 3, "title": "c"})]
    assert table(rows) == [{"task": "a", "task_2": "b", "row_3": "c", "seconds": 0, "hours": 0.0, "pct": None}]


def test_csv_is_the_table_and_reads_back():
    text = to_csv(ROWS, delimiter=";")
    assert text.splitlines()[0] == "project;task;seconds;hours;pct"
    assert [line["task"] for line in csv.DictReader(text.splitlines(), delimiter=";")] == ["Logo", "Fonts, all", ""]
    assert to_csv([]) == "seconds,hours,pct\r\n"
