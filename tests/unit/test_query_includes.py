"""Includes: what is sent, what is known of it, what is refused."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from paymo_async import models
from paymo_async.errors import QueryError
from paymo_async.models.base import UNSET, Model, attribute, declaration, include, resource
from paymo_async.query import F, IncludeTree, build_include

TASK = declaration(models.Task)


@resource("shelves", requires=())
class Cupboard(Model):
    id: int = UNSET
    label: str = attribute(wire="name_tag")
    interval: str = attribute(filter_only=True)
    door: list[Door] = include(wire="doors")


@resource("doors")
class Door(Model):
    id: int = UNSET


def text_of(cls: type[Model], asked: Any) -> str:
    return build_include(declaration(cls), asked).text


@pytest.mark.parametrize(
    ("cls", "asked", "text"),
    [
        (models.Task, None, ""),
        (models.Task, "", ""),
        (models.Task, " ", ""),
        (models.Task, [], ""),
        (models.Task, "project", "project"),
        (models.Task, "project, entries", "project,entries"),
        (models.Task, ["project", "entries.user"], "project,entries.user"),
        (models.Task, ("project,entries", "user"), "project,entries,user"),
        (models.Task, "project.client.name", "project.client.name"),
        (models.Task, "project,project.client", "project,project.client"),
        (models.Task, "project.client,project", "project,project.client"),
        (models.Task, "project.name,project.id,project.name", "project.name,project.id"),
        (models.Task, "project,project", "project"),
        (models.Task, "id,name", "id,name"),
        (models.Task, "project,id,name", "id,name,project"),
        (models.Task, "*,progress_status,project.name", "*,progress_status,project.name"),
        (models.Task, F.project, "project"),
        (models.Task, F.project.client, "project.client"),
        (models.Task, F.raw("novelties"), "novelties"),
        (models.Task, ["project", F.raw("novelties.name"), F.entries], "project,entries,novelties.name"),
        (models.Project, "tasklists.tasks.entries.user.name", "tasklists.tasks.entries.user.name"),
        (Cupboard, "label,door.id", "name_tag,doors.id"),
    ],
)
def test_names_are_sent_as_asked_in_the_services_spelling(cls: type[Model], asked: Any, text: str):
    assert text_of(cls, asked) == text


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("projects", r"did you mean `project` \(one object\)"),
        ("entry", "did you mean `entries`"),
        ("subtask", r"did you mean `subtasks` \(a list\)"),
        ("usr", "did you mean `user"),
        ("zzz", "tasks has no include or attribute `zzz`. Includes: project, tasklist"),
        ("project.clent", "projects has no include or attribute `clent`; did you mean `client`"),
        ("name.length", "`name` of tasks is an attribute"),
        ("subtasks_order", "sent and never answered"),
        ("entries.time_interval", "exists only in `where`"),
        ("user.language", "refused when it is named: leave it out"),
        ("project.*", r"`\*` stands alone"),
        ("*.name", r"`\*` stands alone"),
        ("project,,entries", "empty name"),
        ("project,", "empty name"),
        ("project..client", "not a name"),
        ("project&where=1", "not a name"),
        ("na me", "not a name"),
        ([12], "takes names, not 12"),
    ],
)
def test_what_the_declarations_do_not_hold_is_refused(asked: Any, told: str):
    with pytest.raises(QueryError, match=told):
        build_include(TASK, asked)


def test_an_unselectable_name_of_the_root_comes_with_the_star():
    with pytest.raises(QueryError, match=r"leave it out, or ask for `\*`"):
        build_include(declaration(models.User), "id,language")


def test_the_known_names_are_listed_where_they_are_few():
    with pytest.raises(QueryError, match=r"has no include or attribute `x`. Known: doors, id, name_tag, interval\.$"):
        build_include(declaration(Cupboard), "x")
    with pytest.raises(QueryError, match="Known: id"):
        build_include(declaration(Door), "x")


def test_every_included_level_is_known_with_its_declaration():
    tree = build_include(declaration(models.Client), "projects.tasks.user,invoices")
    assert [(path, level.path, many) for path, level, many in tree] == [
        ("projects", "projects", True),
        ("projects.tasks", "tasks", True),
        ("projects.tasks.user", "users", False),
        ("invoices", "invoices", True),
    ]
    below = tree.at("projects.tasks")
    assert below is not None
    assert below.text == "user"
    assert tree.at("projects.milestones") is None
    assert tree.at("expenses.user") is None
    assert tree.children["invoices"].named is not False


@pytest.mark.parametrize(
    ("asked", "narrows_root", "lacks_id"),
    [
        ("project", False, False),
        ("name", True, True),
        ("id,name", True, False),
        ("*,progress_status", False, False),
        ("project.name,entries.id,user", False, False),
        ("name,project.client.name", True, True),
    ],
)
def test_a_narrowed_root_is_known_and_whether_it_lacks_its_id(asked: str, narrows_root: bool, lacks_id: bool):
    tree = build_include(TASK, asked)
    assert (tree.narrows_root, tree.lacks_id) == (narrows_root, lacks_id)
    assert not tree.with_id().lacks_id


def test_an_id_is_added_only_where_it_would_be_missing():
    assert build_include(TASK, "name,project").with_id().text == "id,name,project"
    tree = build_include(TASK, "id,name")
    assert tree.with_id() is tree


def test_without_a_declaration_names_pass_and_nothing_is_known_of_them():
    tree = build_include(None, "anything.at.all,more,more")
    assert tree.text == "anything.at.all,more"
    assert list(tree) == []
    assert not tree.is_empty


def test_a_tree_is_taken_as_it_is_and_checked_against_another_declaration():
    tree = build_include(TASK, "project,user.name")
    assert build_include(TASK, tree) is tree
    assert build_include(declaration(models.TimeEntry), build_include(TASK, "user")).text == "user"
    with pytest.raises(QueryError, match="did you mean"):
        build_include(declaration(models.Client), tree)


def test_raw_names_survive_a_move_to_another_declaration():
    tree = build_include(declaration(models.Client), build_include(TASK, [F.raw("novelties")]))
    assert tree.text == "novelties"


def test_names_that_were_never_checked_are_checked_once_there_is_a_declaration():
    assert [path for path, _, _ in build_include(TASK, build_include(None, "project.client"))] == [
        "project",
        "project.client",
    ]
    with pytest.raises(QueryError, match="did you mean `project`"):
        build_include(TASK, build_include(None, "projct"))


def test_trees_that_ask_the_same_are_equal():
    assert build_include(TASK, "project") == build_include(TASK, ["project"])
    assert len({build_include(TASK, "project"), build_include(TASK, "project")}) == 1
    assert build_include(TASK, "user") != build_include(declaration(models.TimeEntry), "user")
    assert build_include(TASK, "user") != "user"
    assert repr(build_include(TASK, "user")) == "IncludeTree('user')"
    assert IncludeTree().is_empty
    assert pickle.loads(pickle.dumps(IncludeTree(raw=("a",)))).text == "a"


def test_every_include_of_every_resource_can_be_asked_for():
    for cls in models.models():
        declared = declaration(cls)
        assert build_include(declared, list(declared.includes)).text == ",".join(declared.includes)
