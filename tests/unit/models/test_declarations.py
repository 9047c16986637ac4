"""The declarations against `shared/paymo-api/api.json`, and what BEHAVIOUR.md says beside it."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import paymo_async.models as package
from paymo_async.models import (
    UNSET,
    Company,
    InvoiceItem,
    Model,
    Priority,
    Report,
    ReportItem,
    Task,
    TaskAssignment,
    TimeEntry,
    by_path,
    models,
)
from paymo_async.models.base import Attribute, OneOf, declaration

API_FILE = Path(__file__).resolve().parents[4] / "shared" / "paymo-api" / "api.json"
API: dict[str, Any] = json.loads(API_FILE.read_text()) if API_FILE.exists() else {}
needs_api = pytest.mark.skipif(not API, reason="shared/paymo-api/api.json is not beside this checkout")

UNCONFIRMED = {"companiesdaysexceptions", "usersdaysexceptions", "leavetypes", "statsreports"}


def resources() -> list[Any]:
    return [pytest.param(path, entry, id=path) for path, entry in API.items()] or [pytest.param("", {}, id="none")]


@needs_api
def test_every_documented_resource_is_declared_and_nothing_else_but_leave_planning() -> None:
    declared = {declaration(model).path for model in models()}
    assert declared == set(API) | UNCONFIRMED
    assert {path for path in declared if not declaration(by_path(path)).confirmed} == UNCONFIRMED


@needs_api
@pytest.mark.parametrize(("path", "entry"), resources())
def test_every_attribute_of_the_api_is_declared(path: str, entry: dict[str, Any]) -> None:
    assert set(entry["attributes"]) <= set(declaration(by_path(path)).attributes)


@needs_api
@pytest.mark.parametrize(("path", "entry"), resources())
def test_every_include_has_its_target_and_arity(path: str, entry: dict[str, Any]) -> None:
    declared = {
        name: (declaration(found.target).path, found.many)
        for name, found in declaration(by_path(path)).includes.items()
    }
    assert declared == {name: (found["target"], found["many"]) for name, found in entry["includes"].items()}


@needs_api
@pytest.mark.parametrize(("path", "entry"), resources())
def test_create_only_unselectable_and_keys_are_as_the_api_has_them(path: str, entry: dict[str, Any]) -> None:
    declared = declaration(by_path(path))
    for name in entry["create_only"]:
        assert declared.attributes[name].marks.create_only, name
    unselectable = {name for name, found in declared.attributes.items() if found.marks.unselectable}
    assert unselectable == set(entry["unselectable"])
    assert declared.keys[0] == path
    assert entry["response_key"].lstrip(":") in declared.keys


@needs_api
@pytest.mark.parametrize(("path", "entry"), resources())
def test_what_a_create_requires_is_declared_and_can_be_set(path: str, entry: dict[str, Any]) -> None:
    declared = declaration(by_path(path))
    written = [
        "||".join("&".join(group) for group in rule.groups) if isinstance(rule, OneOf) else rule
        for rule in declared.requires
    ]
    assert written == entry["required_on_create"]
    for rule in declared.requires:
        for name in [name for group in rule.groups for name in group] if isinstance(rule, OneOf) else [rule]:
            marks = declared.attributes[name].marks
            assert not marks.read_only, name
            assert not marks.filter_only, name


@needs_api
def test_report_options_hold_every_documented_switch() -> None:
    attributes = declaration(Report).attributes
    for wire, listed in (("include", "include_options"), ("extra", "extra_options")):
        nested = attributes[wire].model
        assert nested is not None
        assert set(API["reports"][listed]) <= set(declaration(nested).attributes)


def test_every_annotation_is_of_a_type_the_codec_knows() -> None:
    scalars = {int, str, bool, Decimal, date, datetime, Any}

    def known(found: Any) -> bool:
        if isinstance(found, type) and issubclass(found, Model):
            return True
        if found in scalars or str(found) in {"dict[str, typing.Any]", "list[typing.Any]"}:
            return True
        if getattr(found, "__origin__", None) is list:
            return known(found.__args__[0])
        return isinstance(found, type) and found.__module__ == "paymo_async.models.enums"

    for model in models():
        for attribute in declaration(model).attributes.values():
            assert all(known(found) for found in attribute.types), (model, attribute)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("reports", "download_token"), ("reports", "permalink"), ("estimates", "pdf_link"), ("invoices", "token"),
        ("files", "token"), ("sessions", "id"), ("users", "password"), ("clientcontacts", "password"),
        ("hooks", "secret"), ("company", "op_stripe_secret_key"), ("company", "op_paypal_email"),
    ],
)  # fmt: skip
def test_secrets_are_marked_and_out_of_the_repr(path: str, name: str) -> None:
    found = declaration(by_path(path)).attributes[name]
    assert found.marks.secret
    assert "hush" not in repr(by_path(path)(**{found.name: "hush"}))


@pytest.mark.parametrize(
    ("path", "name", "mark"),
    [
        ("entries", "client_id", "filter_only"), ("entries", "time_interval", "filter_only"),
        ("bookings", "project_id", "filter_only"), ("bookings", "task_id", "filter_only"),
        ("bookings", "date_interval", "filter_only"), ("users", "password", "write_only"),
        ("tasks", "subtasks_order", "write_only"), ("tasklists", "tasks_order", "write_only"),
        ("projects", "tasklists_order", "write_only"), ("projects", "template_id", "write_only"),
        ("milestones", "linked_tasklists", "unselectable"), ("estimates", "items", "write_only"),
        ("invoices", "items", "write_only"), ("recurringprofiles", "items", "write_only"),
        ("hooks", "secret", "write_only"), ("tasks", "progress_status", "hidden"), ("tasks", "code", "read_only"),
        ("comments", "thread_id", "create_only"), ("invoices", "estimate_id", "create_only"),
    ],
)  # fmt: skip
def test_marks_follow_the_behaviour_of_the_service(path: str, name: str, mark: str) -> None:
    assert getattr(declaration(by_path(path)).attributes[name].marks, mark)


def test_a_client_can_be_archived() -> None:
    marks = declaration(by_path("clients")).attributes["active"].marks
    assert not marks.read_only


def test_only_the_company_is_a_singleton_and_three_lists_must_be_filtered() -> None:
    assert [model for model in models() if declaration(model).singleton] == [Company]
    filtered = {declaration(model).path for model in models() if declaration(model).must_filter}
    assert filtered == {"bookings", "userstasks", "usersdaysexceptions"}
    for path in filtered:
        declared = declaration(by_path(path))
        assert set(declared.must_filter) <= set(declared.attributes)


def test_an_attribute_and_an_include_may_share_a_name_of_the_service() -> None:
    declared = declaration(InvoiceItem)
    assert isinstance(declared.by_name["entry_ids"], Attribute)
    assert declared.by_name["entry_ids"].wire == "entries"
    assert declared.includes["entries"].target is TimeEntry


def test_the_service_s_extra_is_called_options_on_a_report() -> None:
    assert declaration(Report).attributes["extra"].name == "options"


def test_an_unknown_enum_value_equals_its_own_text_or_number() -> None:
    assert Priority(60) == 60
    assert Priority(60).value == 60
    assert by_path("reports")(type="brand_new").type == "brand_new"


def test_durations_have_a_timedelta_beside_them() -> None:
    assert TimeEntry(duration=2700).tracked == timedelta(minutes=45)
    assert TimeEntry().tracked is None
    assert TimeEntry(duration=None).tracked is None
    assert ReportItem(time=0).tracked == timedelta(0)
    assert ReportItem().tracked is None
    assert TaskAssignment(tracked_time=60).tracked == timedelta(minutes=1)
    assert TaskAssignment().tracked is None


def test_an_object_starts_with_nothing_set() -> None:
    assert Task().name is UNSET
    assert [value for _, value in Task(name="Logo").set_attributes()] == ["Logo"]


def test_the_package_lists_every_public_class_once() -> None:
    assert dir(package) == sorted(package.__all__)
    assert len(set(package.__all__)) == len(package.__all__)
    for name in package.__all__:
        assert getattr(package, name) is not None
    assert {model.__name__ for model in models()} <= set(package.__all__)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="Tusk"):
        package.Tusk  # noqa: B018


def test_an_unknown_path_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        by_path("tusks")


def test_importing_the_package_builds_no_class() -> None:
    script = "import sys, paymo_async.models; print([m for m in sys.modules if m.startswith('paymo_async.models.')])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
