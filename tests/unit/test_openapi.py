"""The OpenAPI document: valid, and as the declarations and resources have it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from paymo_async import openapi
from paymo_async.models import Invoice, Priority, Report, Task, models
from paymo_async.models.base import declaration
from paymo_async.reference import groups, notes, operations, type_text

DOCUMENT = openapi.document()
SCHEMAS = DOCUMENT["components"]["schemas"]
PATHS = DOCUMENT["paths"]


def methods(path: str) -> set[str]:
    return set(PATHS.get(path, {}))


def properties(name: str) -> Any:
    return SCHEMAS[name]["properties"]


def test_a_validator_finds_nothing_wrong():
    validator = pytest.importorskip("openapi_spec_validator", reason="openapi-spec-validator is not installed")
    validator.validate(json.loads(json.dumps(DOCUMENT)))


def test_every_reference_leads_somewhere():
    def refs(value: Any) -> set[str]:
        if isinstance(value, dict):
            own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
            return own.union(*map(refs, value.values()))
        return set().union(*map(refs, value)) if isinstance(value, list) else set()

    for ref in refs(DOCUMENT):
        place: Any = DOCUMENT
        for part in ref.removeprefix("#/").split("/"):
            place = place[part]
        assert place, ref


def test_every_model_and_attribute_is_in_it_but_those_for_filters_only():
    for model in models():
        declared = declaration(model)
        expected = {member.wire for member in declared.members if not member.marks.filter_only}
        assert set(properties(model.__name__)) == expected


def test_paths_have_the_methods_that_the_resources_offer():
    verbs = {"list": "get", "get": "get", "create": "post", "update": "put", "delete": "delete"}
    for resource in (one for members in groups().values() for one in members):
        declared = declaration(resource.model)
        offered = operations(resource)
        at_root = {verbs[name] for name in offered if name in ("list", "create") or declared.singleton}
        assert methods(f"/{declared.path}") == at_root
        if not declared.singleton:
            at_id = {verbs[name] for name in offered if name in ("get", "update", "delete")}
            assert methods(f"/{declared.path}/{{id}}") == at_id


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/company", {"get", "put"}), ("/estimatetemplatesgallery", {"get"}), ("/threads", {"get"}), ("/me", {"get"}),
        ("/sessions/{id}", {"get", "delete"}), ("/statsreports", {"post"}), ("/statsreports/{id}", set()),
        ("/tasks", {"get", "post"}), ("/tasks/{id}", {"get", "put", "delete"}),
    ],
)  # fmt: skip
def test_what_the_service_does_not_do_is_not_in_it(path: str, expected: set[str]):
    assert methods(path) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("id", {"type": "integer", "readOnly": True}),
        ("name", {"type": "string"}),
        ("complete", {"type": "boolean"}),
        ("price_per_hour", {"type": ["number", "null"]}),
        ("created_on", {"type": "string", "format": "date-time", "readOnly": True}),
        ("due_date", {"type": ["string", "null"], "format": "date"}),
        ("users", {"type": "array", "items": {"type": "integer"}}),
        ("project_id", {"type": "integer", "x-create-only": True}),
        ("subtasks_order", {"type": "array", "writeOnly": True, "x-unselectable": True}),
        ("progress_status", {"readOnly": True, "x-hidden": True}),
        ("priority", {"$ref": "#/components/schemas/Priority"}),
    ],
)
def test_types_and_marks_of_a_task(name: str, expected: dict[str, Any]):
    found = properties("Task")[name]
    assert {key: found[key] for key in expected} == expected
    assert ("readOnly" in found) == ("readOnly" in expected)
    assert "default" not in found


def test_units_come_from_the_docstrings_of_the_attributes():
    assert properties("TimeEntry")["duration"]["description"] == "Seconds."
    assert "description" not in properties("Task")["name"]


def test_enums_name_what_is_known_and_allow_the_rest():
    known, other = SCHEMAS["Priority"]["anyOf"]
    assert known == {"enum": [member.value for member in Priority]}
    assert other == {"type": "integer"}


def test_includes_are_read_and_have_their_target_and_arity():
    assert properties("Task")["project"]["anyOf"] == [{"$ref": "#/components/schemas/Project"}, {"type": "null"}]
    assert properties("Task")["entries"]["items"] == {"$ref": "#/components/schemas/TimeEntry"}
    assert properties("Task")["entries"]["readOnly"]


def test_a_create_requires_what_the_declaration_requires():
    assert SCHEMAS["TaskCreate"]["allOf"] == [
        {"$ref": "#/components/schemas/Task"},
        {"required": ["name"]},
        {"anyOf": [{"required": ["tasklist_id"]}, {"required": ["project_id"]}]},
    ]
    body = PATHS["/tasks"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/TaskCreate"}
    assert "requestBody" not in PATHS["/sessions"]["post"]


def test_lists_are_filtered_and_paged():
    names = [one["$ref"].rpartition("/")[2] for one in PATHS["/tasks"]["get"]["parameters"]]
    assert names == ["where", "include", "partial_include", "page", "page_size"]
    (where, *_) = PATHS["/bookings"]["get"]["parameters"]
    assert where["required"]
    assert "date_interval" in where["description"]


def test_every_operation_may_be_refused_and_says_how():
    for path, found in PATHS.items():
        for method, operation in found.items():
            assert {"400", "401", "403", "429", "5XX"} <= set(operation["responses"]), (path, method)
    assert "409" in PATHS["/entries"]["post"]["responses"]
    assert "409" not in PATHS["/tasks"]["post"]["responses"]
    assert "404" in PATHS["/tasks/{id}"]["delete"]["responses"]
    assert "Retry-After" in DOCUMENT["components"]["responses"]["TooManyRequests"]["headers"]


def test_the_envelope_is_a_list_under_each_seen_key_and_one_object_for_the_company():
    def envelope(path: str) -> Any:
        return PATHS[path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]["properties"]

    assert set(envelope("/projecttemplates")) == {"projecttemplates", "project_templates"}
    assert envelope("/tasks/{id}")["tasks"]["type"] == "array"
    assert envelope("/company") == {"company": {"$ref": "#/components/schemas/Company"}}


def test_documents_are_offered_where_the_service_writes_them():
    assert set(PATHS["/reports/{id}"]["get"]["responses"]["200"]["content"]) == {
        "application/json",
        "application/pdf",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
    assert "format" in json.dumps(PATHS["/invoices/{id}"]["get"]["parameters"])


def test_resources_without_documentation_are_marked():
    marked = {path for path, found in PATHS.items() for one in found.values() if one.get("x-unconfirmed")}
    assert {path.split("/")[1] for path in marked} == {
        "companiesdaysexceptions", "usersdaysexceptions", "leavetypes", "statsreports",
    }  # fmt: skip
    assert SCHEMAS["LeaveType"]["x-unconfirmed"]
    assert "x-unconfirmed" not in SCHEMAS["Task"]


def test_secrets_and_both_ways_to_sign_in_are_described():
    assert properties("Report")["permalink"]["x-secret"]
    assert set(DOCUMENT["components"]["securitySchemes"]) == {"basic", "session"}
    assert DOCUMENT["components"]["securitySchemes"]["session"]["name"] == "X-Session"


@pytest.mark.parametrize(
    ("model", "name", "expected"),
    [
        (
            Report, "start_date",
            {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "integer"}, {"type": "null"}]},
        ),
        (Report, "projects", {"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "string"}]}),
        (Report, "include", {"$ref": "#/components/schemas/ReportInclude"}),
        (Invoice, "status", {"$ref": "#/components/schemas/InvoiceStatus"}),
        (Task, "progress_status", {}),
    ],
)  # fmt: skip
def test_attributes_of_several_types_say_all_of_them(model: Any, name: str, expected: dict[str, Any]):
    assert openapi.schema(declaration(model).attributes[name]) == expected


def test_the_module_writes_the_document(capsys: pytest.CaptureFixture[str]):
    openapi.main()
    assert json.loads(capsys.readouterr().out) == DOCUMENT


def test_a_model_without_its_source_has_no_notes_and_a_schema_all_the_same():
    names: dict[str, Any] = {"__name__": "paymo_async.models.tasks"}
    source = "from paymo_async.models.base import *\n@resource('huts')\nclass Hut(Model):\n    walls: list = UNSET\n"
    exec(source, names)
    attribute = declaration(names["Hut"]).attributes["walls"]
    assert notes(names["Hut"]) == {}
    assert openapi.schema(attribute) == {}
    assert type_text(attribute) == "list"


def test_an_undocumented_shape_is_anything():
    attribute = declaration(Task).attributes["progress_status"]
    assert type_text(attribute) == "Any"
    assert type_text(declaration(Task).includes["entries"]) == "list[TimeEntry]"
