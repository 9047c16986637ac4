"""The 2500 cut: what is counted, how pages are sized, and what cannot be completed."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from fake_service import FakeService
from hypothesis import given
from hypothesis import strategies as st

from paymo_async.conditions import Where
from paymo_async.errors import TruncatedError
from paymo_async.models.base import UNSET, declaration
from paymo_async.models.clients import Client
from paymo_async.models.comments import Comment
from paymo_async.models.entries import TimeEntry
from paymo_async.models.projects import Project
from paymo_async.models.reports import Report
from paymo_async.models.tasks import Task, Tasklist
from paymo_async.models.users import User
from paymo_async.query import F, build_include
from paymo_async.resources.projects import Projects
from paymo_async.truncation import complete, count_nested, cut_type, density, largest_page


def tree(cls: type[Any], include: Any):
    return build_include(declaration(cls), include)


async def none_found(cls: type[Any], where: Where, include: Any) -> list[Any]:
    return []


def test_nested_objects_are_counted_by_type_over_all_levels_and_parents():
    projects = [
        Project(id=1, client=Client(id=1), tasklists=[Tasklist(id=1, tasks=[Task(id=1), Task(id=2)])]),
        Project(id=2, client=Client(id=1), tasklists=UNSET, extra={"novelties": [1, 2, 3], "word": "x"}),
        Project(id=3, client=UNSET, tasklists=[]),
    ]
    counts = count_nested(projects, tree(Project, "client,tasklists.tasks"))
    assert counts == {"clients": 2, "tasklists": 1, "tasks": 2, "novelties": 3}


def test_without_a_declaration_only_unknown_lists_are_counted():
    assert count_nested([Project(id=1, extra={"x": [1]})], build_include(None, "anything")) == {"x": 1}


def test_a_type_that_is_also_the_listed_one_counts_both():
    assert cut_type(1500, "tasks", Counter(tasks=1000)) == "tasks"
    assert cut_type(1499, "tasks", Counter(tasks=1000)) is None
    assert cut_type(2500, "tasks", Counter(users=2499)) is None
    assert density(10, "tasks", Counter(tasks=20, users=5)) == 3.0
    assert density(0, "tasks", Counter()) == density(5, "tasks", Counter()) == 0.0


@pytest.mark.parametrize(
    ("cls", "include", "seen", "size"),
    [
        (TimeEntry, None, None, 2500),
        (TimeEntry, "task", None, 2499),
        (TimeEntry, "task.project,user", None, 2499),
        (Task, "project.client", None, 2499),
        (Project, "tasks", None, 200),
        (Project, "tasks", 50.0, 40),
        (Project, "tasks", 0.0, 2500),
        (Project, "tasks", 10_000.0, 1),
        (TimeEntry, "task.subtasks", None, 200),
        (TimeEntry, [F.raw("novelty")], None, 200),
        (Comment, "user,thread", None, 2499),
        (Task, "user,project.tasks.user", 0.0, 2499),
    ],
)
def test_pages_are_as_large_as_the_cut_allows(cls: type[Any], include: Any, seen: float | None, size: int):
    assert largest_page(tree(cls, include), declaration(cls).path, seen) == size


@given(st.floats(0, 1e6))
def test_a_page_is_never_empty_nor_above_the_cut(seen: float):
    assert 1 <= largest_page(tree(Project, "tasks"), "projects", seen) <= 2500


async def test_children_that_do_not_name_their_parent_cannot_be_completed():
    with pytest.raises(TruncatedError, match="came without id"):
        await complete(Project(tasks=[]), tree(Project, "tasks"), Where(), "tasks", none_found)
    with pytest.raises(TruncatedError, match="not known here"):
        await complete(Project(id=1), tree(Project, [F.raw("x")]), Where(), "x", none_found)


async def test_children_without_a_way_back_cannot_be_completed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("paymo_async.truncation.foreign_key", lambda child, parent: None)
    with pytest.raises(TruncatedError, match="do not name their parent"):
        await complete(Project(id=1), tree(Project, "tasks"), Where(), "tasks", none_found)


async def test_a_parent_of_the_cut_type_is_asked_for_again_and_others_are_left():
    asked: list[str] = []

    async def fetch(cls: type[Any], where: Where, include: Any) -> list[Any]:
        asked.append(f"{declaration(cls).path}?{where.text}&{include.text}")
        return [Report(id=7, user=User(id=3, name="Ann"), client=Client(id=2))]

    report = Report(id=7, user=UNSET, client=Client(id=2, name="kept"))
    await complete(report, tree(Report, "user,client"), Where(), "users", fetch)
    assert report.user == User(id=3, name="Ann")
    assert report.client == Client(id=2, name="kept")
    assert asked == ["reports?id=7&id,user"]


async def test_a_parent_behind_a_parent_is_asked_for_again_when_its_type_was_cut():
    async def fetch(cls: type[Any], where: Where, include: Any) -> list[Any]:
        return [TimeEntry(id=7, task=Task(id=1, project=Project(id=2)))]

    entry = TimeEntry(id=7, task=Task(id=1, project=UNSET))
    await complete(entry, tree(TimeEntry, "task.project"), Where(), "projects", fetch)
    assert entry.task.project == Project(id=2)
    await complete(entry, tree(TimeEntry, "task.project"), Where(), "users", none_found)


async def test_a_parent_of_an_object_without_id_cannot_be_asked_for():
    with pytest.raises(TruncatedError, match="reports came without id"):
        await complete(Report(), tree(Report, "user"), Where(), "users", none_found)


async def test_a_collection_behind_a_parent_that_is_not_there_is_passed_over():
    project = Project(id=1, client=UNSET)
    await complete(project, tree(Project, "client.invoices"), Where(), "invoices", none_found)
    assert project.client is UNSET


async def test_an_answer_with_an_unreadable_root_alone_is_not_completed():
    service = FakeService(
        projects=[{"id": 1, "price": {"not": "money"}}], tasklists=[{"id": i, "project_id": 1} for i in range(1, 2600)]
    )
    found = await Projects(service.account(on_undecodable=lambda error: None)).list(include="tasklists", page_size=1)
    assert found == []
