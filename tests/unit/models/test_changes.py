"""The least update between two states of one object."""

from __future__ import annotations

from decimal import Decimal

import pytest

from paymo_async.errors import InvalidRequest
from paymo_async.models.base import UNSET
from paymo_async.models.changes import changes
from paymo_async.models.projects import Project
from paymo_async.models.tasks import Task

OLD = Task(id=1, name="Logo", budget_hours=Decimal(2), users=[1], due_date=None, code="A-1", extra={"new": 1})


def test_only_what_differs_and_can_be_changed_is_set():
    new = Task(id=1, name="Sign", budget_hours=Decimal("2.0"), users=[1, 2], code="B-1", project_id=5)
    assert changes(OLD, new) == Task(name="Sign", users=[1, 2])


def test_null_and_absent_are_told_apart():
    assert changes(Task(user_id=3), Task(user_id=None)) == Task(user_id=None)
    assert changes(Task(user_id=3), Task(user_id=UNSET)) == Task()


def test_unknown_fields_are_compared_too():
    assert changes(OLD, Task(extra={"new": 2, "other": 3})).extra == {"new": 2, "other": 3}
    assert changes(OLD, Task(extra={"new": 1})) == Task()


def test_two_kinds_and_two_ids_are_refused():
    with pytest.raises(InvalidRequest, match="Task and Project"):
        changes(OLD, Project())
    with pytest.raises(InvalidRequest, match="of 1 and 2"):
        changes(OLD, Task(id=2))
