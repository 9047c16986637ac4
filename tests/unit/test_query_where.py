"""`where` held against the declarations: names, values, included children, resources that must be filtered."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from paymo_async import models
from paymo_async.errors import QueryError
from paymo_async.models.base import UNSET, Model, attribute, declaration, include, nested, resource
from paymo_async.models.openenum import OpenStrEnum
from paymo_async.query import F, Where, build_include, build_where

NOON = datetime(2020, 3, 11, 19, 20, 41, tzinfo=UTC)


class Shade(OpenStrEnum):
    LIGHT = "light"
    DARK = "dark"


@nested
class Detail(Model):
    text: str = UNSET


@resource("shelves", requires=("name",))
class Shelf(Model):
    """A small parent, whose Python names differ from the service's."""

    id: int = UNSET
    name: str = UNSET
    label: str = attribute(wire="name_tag")
    shade: Shade | None = UNSET
    size: int | str = UNSET
    odd: float = UNSET
    anything: Any = UNSET
    whatever: list[Any] = UNSET
    detail: Detail = UNSET
    details: list[Detail] = UNSET
    tags: list[str] = UNSET
    password: str = attribute(write_only=True)
    volumes: list[Volume] = include(wire="books")
    note: Note = include()


@resource("books", requires=("name",))
class Volume(Model):
    id: int = UNSET
    shelf: Shelf = include()


@nested
class Note(Model):
    text: str = UNSET


def text_of(cls: type[Model], where: Any = None, /, *, including: str = "", **equals: Any) -> str:
    declared = declaration(cls)
    return build_where(declared, where, equals, include=build_include(declared, including)).text


@pytest.mark.parametrize(
    ("cls", "equals", "text"),
    [
        (models.Task, {"complete": False, "project_id": 12}, "complete=false and project_id=12"),
        (models.Task, {"project_id": [12, 15]}, "project_id in (12,15)"),
        (models.Task, {"project_id": (i for i in (12, 12))}, "project_id in (12)"),
        (models.Task, {"project_id": ["12", 12]}, "project_id in (12)"),
        (models.Task, {"user_id": None}, "user_id=null"),
        (models.Task, {"mytasks": True}, "mytasks=true"),
        (models.Task, {"users": "anyone"}, 'users="anyone"'),
        (models.Task, {"users": ["anyone", "12"]}, 'users in ("anyone",12)'),
        (models.Task, {"users": 12}, "users=12"),
        (models.Task, {"project_id": "12"}, "project_id=12"),
        (models.Task, {"budget_hours": "1.50"}, "budget_hours=1.50"),
        (models.Task, {"budget_hours": 1.5}, "budget_hours=1.5"),
        (models.Task, {"priority": models.Priority.CRITICAL}, "priority=100"),
        (models.Task, {"priority": 60}, "priority=60"),
        (models.Task, {"priority": "50"}, "priority=50"),
        (models.Task, {"due_date": date(2015, 1, 17)}, 'due_date="2015-01-17"'),
        (models.Task, {"due_date": "2015-01-17"}, 'due_date="2015-01-17"'),
        (models.Task, {"created_on": NOON}, "created_on=1583954441"),
        (models.Task, {"created_on": 1583954441}, "created_on=1583954441"),
        (models.Task, {"progress_status": "x"}, 'progress_status="x"'),
        (models.TimeEntry, {"client_id": 3}, "client_id=3"),
        (models.Estimate, {"status": "brand_new"}, 'status="brand_new"'),
        (models.Estimate, {"status": ["draft", "sent"]}, 'status in ("draft","sent")'),
        (models.Report, {"date_interval": "all_time"}, 'date_interval="all_time"'),
        (models.Report, {"date_interval": ["today"]}, 'date_interval in ("today")'),
        (
            models.Booking,
            {"date_interval": ("2016-12-01", date(2017, 1, 1))},
            'date_interval in ("2016-12-01","2017-01-01")',
        ),
        (
            models.TimeEntry,
            {"time_interval": (NOON, NOON)},
            'time_interval in ("2020-03-11T19:20:41Z","2020-03-11T19:20:41Z")',
        ),
        (Shelf, {"label": "x"}, 'name_tag="x"'),
        (Shelf, {"name_tag": "x"}, 'name_tag="x"'),
        (Shelf, {"size": "12"}, 'size="12"'),
        (Shelf, {"size": 12}, "size=12"),
        (Shelf, {"odd": "1.5"}, "odd=1.5"),
        (Shelf, {"anything": True}, "anything=true"),
        (Shelf, {"whatever": "x"}, 'whatever="x"'),
        (Shelf, {"whatever": True}, "whatever=true"),
        (Shelf, {"shade": Shade("new")}, 'shade="new"'),
        (Shelf, {"tags": "x"}, 'tags="x"'),
    ],
)
def test_keywords_ask_for_equality_under_the_services_names(cls: type[Model], equals: dict[str, Any], text: str):
    assert text_of(cls, **equals) == text


@pytest.mark.parametrize(
    ("where", "text"),
    [
        (F.name.like("Log%") & (F.id > 3), 'name like "Log%" and id>3'),
        (F.id > 3, "id>3"),
        (F.name.not_like("Log%"), 'name not like "Log%"'),
        (F.id.not_in([]) & (F.id > 3), "id>3"),
        (F.users.not_in([1]), "users not in (1)"),
        (F.raw("brand_new") == "x", 'brand_new="x"'),
        (F.raw("project.active") == True, "project.active=true"),  # noqa: E712  # a comparison is a value here
        (F.duration_by_staff == 1, None),
    ],
)
def test_conditions_are_checked_and_raw_names_are_not(where: Any, text: str | None):
    if text is None:
        with pytest.raises(QueryError, match="tasks has no attribute `duration_by_staff`"):
            text_of(models.Task, where)
    else:
        assert text_of(models.Task, where) == text


@pytest.mark.parametrize(
    ("cls", "equals", "told"),
    [
        (models.Task, {"projct_id": 1}, "did you mean `project_id`"),
        (models.Task, {"Complete": True}, "did you mean `complete`"),
        (models.Task, {"mytask": True}, "did you mean `mytasks`"),
        (models.Task, {"mytasks": 1}, "True or False"),
        (models.Task, {"mytasks": [True]}, "True or False"),
        (models.Project, {"mytasks": True}, "no attribute `mytasks`"),
        (models.Task, {"project": 1}, "an include.*F.project.id"),
        (models.Task, {"project_id": "twelve"}, "a whole number, not the text 'twelve'"),
        (models.Task, {"project_id": True}, "a whole number, not True"),
        (models.Task, {"project_id": NOON}, "not the datetime"),
        (models.Task, {"project_id": UNSET}, "UNSET"),
        (models.Task, {"complete": 1}, "True or False, not 1"),
        (models.Task, {"complete": "true"}, "True or False, not the text"),
        (models.Task, {"budget_hours": "many"}, "a number, not the text"),
        (models.Task, {"name": 12}, 'give it as text, "12"'),
        (models.Task, {"name": True}, "is text, not True"),
        (models.Task, {"name": "x" * 70 + '"'}, "double quote"),
        (models.Task, {"priority": "high"}, "one of 25, 50, 75, 100"),
        (models.Task, {"created_on": date(2015, 1, 17)}, "a moment.*time zone.*Europe/Paris"),
        (models.Task, {"created_on": "2015-01-17"}, "give an aware datetime"),
        (models.Task, {"created_on": Decimal("1.5")}, "a moment, not 1.5"),
        (models.Task, {"due_date": NOON}, r"value\.date\(\)"),
        (models.Task, {"due_date": 20150117}, "a date, not 20150117"),
        (models.Task, {"due_date": "2015-13-17"}, "a date, not the text"),
        (models.Task, {"due_date": "tomorrow"}, "a date, not the text"),
        (models.Task, {"project_id": "x" * 70}, "not a text"),
        (models.Task, {"users": "nobody"}, "a list of which each is a whole number"),
        (models.Task, {"users": ["anyone", None]}, "== None"),
        (models.Task, {"subtasks_order": 1}, "sent and never answered"),
        (models.Estimate, {"status": 1}, "one of draft, sent"),
        (models.TimeEntry, {"time_interval": "2014-12-01T00:00:00Z"}, r"in_\(\(start, end\)\) only"),
        (models.Booking, {"date_interval": ("today", "tomorrow")}, "no ISO text"),
        (Shelf, {"detail": 1}, "an object, which no filter"),
        (Shelf, {"details": 1}, "a list of which each is an object"),
        (Shelf, {"tags": "anyone"}, None),
        (Shelf, {"password": "x"}, "never answered"),
        (Volume, {"name": "x"}, "no attribute `name`. Known: id."),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_remedy(cls: type[Model], equals: dict[str, Any], told: str | None):
    if told is None:  # "anyone" stands for users: a list of texts takes it as any other text
        assert text_of(cls, **equals) == 'tags="anyone"'
        return
    with pytest.raises(QueryError, match=told):
        text_of(cls, **equals)


@pytest.mark.parametrize("where", [F.id.like("1%"), F.complete.not_like("t%"), F.due_date.like("2015%")])
def test_only_text_can_be_matched_with_a_pattern(where: Any):
    with pytest.raises(QueryError, match="is not text"):
        text_of(models.Task, where)


def test_the_time_interval_cannot_be_excluded():
    with pytest.raises(QueryError, match="only"):
        text_of(models.TimeEntry, F.time_interval.not_in((NOON, NOON)))


def test_included_children_are_filtered_by_a_path():
    active = F.projects.active == True  # noqa: E712
    assert text_of(models.Client, active & F.projects.tasks.id.in_([1]), including="projects.tasks") == (
        "projects.active=true and projects.tasks.id in (1)"
    )
    assert text_of(Shelf, F.volumes.id == 1, including="books") == "books.id=1"
    assert text_of(models.Client, including="projects", **{"projects.active": True}) == "projects.active=true"


@pytest.mark.parametrize(
    ("cls", "where", "including", "told"),
    [
        (models.Client, F.projects.active == True, "", "add include='projects'"),  # noqa: E712
        (models.Client, F.projects.tasks.id == 1, "projects", "add include='projects.tasks'"),
        (models.Client, F.projects.mytasks == True, "projects", "no attribute `mytasks`"),  # noqa: E712
        (models.Client, F.projects.tasks.mytasks == True, "projects.tasks", "no attribute `mytasks`"),  # noqa: E712
        (models.Client, F.project.active == True, "projects", "has no include `project`; did you mean `projects`"),  # noqa: E712
        (models.Client, F.name.length == 1, "", "`name` of clients is an attribute"),
        (models.Task, F.project.active == True, "project", "start from `projects`.*include='tasks'.*F.project_id.in_"),  # noqa: E712
        (models.Estimate, F.invoice.id == 1, "invoice", "start from `invoices`: list them by their own attributes, or"),
        (
            models.Client,
            F.projects.client.id == 1,
            "projects.client",
            "clients cannot be filtered by `projects.client.id`",
        ),
        (Shelf, F.note.text == "x", "note", "filter the answer yourself"),
    ],
)
def test_a_path_goes_through_included_lists_only(cls: type[Model], where: Any, including: str, told: str):
    with pytest.raises(QueryError, match=told):
        text_of(cls, where, including=including)


def test_without_an_include_tree_nothing_is_included():
    with pytest.raises(QueryError, match="add include='projects'"):
        build_where(declaration(models.Client), F.projects.id == 1, {})


@pytest.mark.parametrize(
    ("where", "equals"),
    [(None, {}), (F.id == 1, {}), (None, {"user_id": []}), (F.user_id.not_in([]), {})],
)
def test_a_resource_that_must_be_filtered_says_by_what(where: Any, equals: dict[str, Any]):
    if equals:
        assert build_where(declaration(models.Booking), where, equals).is_never
        return
    with pytest.raises(QueryError, match=r"bookings can only be listed with a filter by one of .*`date_interval`"):
        build_where(declaration(models.Booking), where, equals)


@pytest.mark.parametrize("where", [F.user_id == 1, F.raw("task_id") == 1, "anything=1"])
def test_a_required_filter_may_be_given_in_any_form(where: Any):
    assert not build_where(declaration(models.Booking), where, {}).is_empty


def test_a_where_that_was_built_can_be_built_again():
    declared = declaration(models.TimeEntry)
    once = build_where(declared, F.time_interval.in_((NOON, NOON)), {"user_id": ["1", 2]})
    assert build_where(declared, once, {}) == once
    assert build_where(declared, Where(), {}) == Where()


def test_every_attribute_of_every_resource_can_be_named():
    for cls in models.models():
        declared = declaration(cls)
        free = [a for a in declared.attributes.values() if not a.marks.write_only and not a.wire.endswith("_interval")]
        where = Where(tuple(F[a.wire] == None for a in free))  # noqa: E711
        must = dict.fromkeys(declared.must_filter[:1])
        assert all(a.wire in build_where(declared, where, must).text for a in free)
