"""From bytes to models: whole pages, what is odd in them, and what is no answer at all."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from paymo_async.errors import DecodeError, UnexpectedContent
from paymo_async.models import (
    UNSET,
    Client,
    Company,
    Estimate,
    EstimateItem,
    InvoiceItem,
    Model,
    Project,
    ProjectTemplate,
    Report,
    ReportItem,
    Session,
    Task,
    TimeEntry,
    models,
)
from paymo_async.models.base import declaration
from paymo_async.wire.codec import decode_array, decode_item, decode_items, decode_one
from paymo_async.wire.twins import FLAT, FULL

EXAMPLES_FILE = Path(__file__).resolve().parents[4] / "shared" / "paymo-api" / "examples.json"
EXAMPLES: list[dict[str, Any]] = json.loads(EXAMPLES_FILE.read_text()) if EXAMPLES_FILE.exists() else []
RESPONSES = [
    pytest.param(example["json"], id=f"{example['section']}-{example['sha']}")
    for example in EXAMPLES
    if example["kind"] == "response"
]


def body(key: str, *objects: Any) -> bytes:
    return json.dumps({key: list(objects)}).encode()


@pytest.mark.skipif(not EXAMPLES, reason="shared/paymo-api/examples.json is not beside this checkout")
@pytest.mark.parametrize("answer", RESPONSES or [{}])
def test_every_documented_answer_is_read_whole(answer: dict[str, Any]) -> None:
    (key,) = answer
    model = next(model for model in models() if key in declaration(model).keys)
    decoded = decode_items(model, json.dumps(answer).encode())
    sent = answer[key] if isinstance(answer[key], list) else [answer[key]]
    assert decoded.undecodable == []
    assert [item.id for item in decoded.items] == [found["id"] for found in sent]
    for item, found in zip(decoded.items, sent, strict=True):
        read = {member.wire for member, _ in item.set_attributes()} | set(item.extra)
        assert read == set(found)


@pytest.mark.skipif(not EXAMPLES, reason="shared/paymo-api/examples.json is not beside this checkout")
@pytest.mark.parametrize("answer", RESPONSES or [{}])
def test_a_documented_object_by_itself_is_read_the_same_by_the_short_way_or_left(answer: dict[str, Any]) -> None:
    (key,) = answer
    model = next(model for model in models() if key in declaration(model).keys)
    read = decode_items(model, json.dumps(answer).encode()).items
    assert decode_one(model, json.dumps(answer).encode()) in ([None] if len(read) != 1 else [None, read[0]])


def test_one_plain_object_goes_the_short_way() -> None:
    assert decode_one(Task, body("tasks", {"id": 1, "name": "Design"})) == Task(id=1, name="Design")


@pytest.mark.parametrize(
    "answer",
    [
        body("tasks"),
        body("tasks", {"id": 1}, {"id": 2}),
        body("tasks", {"id": []}),
        body("other", {"id": 1}),
        b'{"tasks":{"id":1}}',
        b'{"tasks":[{"id":1}',
        b"<html>",
    ],
)
def test_what_is_no_single_plain_object_is_left_to_a_closer_look(answer: bytes) -> None:
    assert decode_one(Task, answer) is None


def test_the_short_way_takes_what_the_service_added_once_it_was_met() -> None:
    answer = body("clients", {"id": 1, "mood_ring": "blue"})
    decode_items(Client, answer)
    read = decode_one(Client, answer)
    assert read is not None
    assert read.extra == {"mood_ring": "blue"}


def test_amounts_are_exact_to_the_last_zero() -> None:
    (found,) = decode_items(
        Estimate, b'{"estimates":[{"total":9424.50,"tax":"3.10","tax2":12345678901234567890.12}]}'
    ).items
    assert str(found.total) == "9424.50"
    assert str(found.tax) == "3.10"
    assert str(found.tax2) == "12345678901234567890.12"


def test_datetimes_are_aware_and_dates_are_dates() -> None:
    answer = body("entries", {"start_time": "2014-12-11T09:30:00Z", "date": "2014-12-11", "end_time": "1418290200"})
    (entry,) = decode_items(TimeEntry, answer).items
    assert entry.start_time == entry.end_time == datetime(2014, 12, 11, 9, 30, tzinfo=UTC)
    assert entry.start_time.tzinfo is UTC
    assert entry.date == date(2014, 12, 11)


def test_absent_is_unset_and_null_is_none() -> None:
    (task,) = decode_items(Task, body("tasks", {"id": 1, "name": None, "users": None, "project": None})).items
    assert task.name is None
    assert task.users is None
    assert task.project is None
    assert task.due_date is UNSET
    assert task.entries is UNSET


def test_the_text_null_stays_text() -> None:
    (task,) = decode_items(Task, body("tasks", {"name": "null", "description": "NULL"})).items
    assert (task.name, task.description) == ("null", "NULL")


def test_includes_become_objects_at_every_depth() -> None:
    project = {"name": "AT&T", "client": {"id": 3, "name": "AT&T"}, "tasklists": [{"id": 4, "tasks": [{"id": 5}]}]}
    (task,) = decode_items(Task, body("tasks", {"id": 1, "project": project})).items
    assert task.project == Project(name="AT&T", client=Client(id=3, name="AT&T"), tasklists=[task.project.tasklists[0]])
    assert task.project.tasklists[0].tasks[0] == Task(id=5)
    assert task.project.id is UNSET


def test_unknown_enum_values_are_kept() -> None:
    (task,) = decode_items(Task, body("tasks", {"priority": 60})).items
    (report,) = decode_items(Report, body("reports", {"type": "weekly"})).items
    assert task.priority == 60
    assert report.type == "weekly"


def test_an_open_options_object_keeps_exact_numbers() -> None:
    (found,) = decode_items(Task, b'{"tasks":[{"progress_status":{"done":[0.10]}}]}').items
    assert str(found.progress_status["done"][0]) == "0.10"


def test_unknown_fields_at_every_depth_go_to_extra() -> None:
    answer = body(
        "estimates",
        {"id": 1, "mood": 1.5, "client": {"id": 2, "hue": {"a": [1.5]}}, "estimateitems": [{"id": 3}, {"size": None}]},
        {"id": 4, "mood": None},
        {"id": 5},
    )
    first, second, third = decode_items(Estimate, answer).items
    assert first.extra == {"mood": Decimal("1.5")}
    assert first.client.extra == {"hue": {"a": [Decimal("1.5")]}}
    assert [line.extra for line in first.estimateitems] == [{}, {"size": None}]
    assert second.extra == {"mood": None}
    assert third._extra is None


def test_a_page_with_unknown_fields_is_read_the_same_the_second_time() -> None:
    answer = body("estimates", {"id": 1, "mood_of_the_day": 1, "estimateitems": [{"hue`s": 1}]})
    assert decode_items(Estimate, answer) == decode_items(Estimate, answer)
    (found,) = decode_items(Estimate, answer).items
    assert found.estimateitems[0].extra == {"hue`s": 1}
    (other,) = decode_items(Estimate, body("estimates", {"id": 1, "another_field": 2})).items
    assert other.extra == {"another_field": 2}


def test_more_unknown_fields_than_twins_take_are_still_kept() -> None:
    many = {f"field_{number}": number for number in range(40)}
    (found,) = decode_items(Client, body("clients", {"id": 1, **many})).items
    assert found == Client(id=1, extra=many)


def test_a_drifted_record_among_good_ones_is_read_too() -> None:
    good = {"id": 1, "duration": 60}
    decoded = decode_items(TimeEntry, body("entries", good, {"id": 2, "date": "0000-00-00", "new": 1}, good))
    assert decoded.items[1] == TimeEntry(id=2, date=None, extra={"new": 1})
    assert [entry.id for entry in decoded.items] == [1, 2, 1]


def test_unknown_fields_and_drift_mix_in_one_page() -> None:
    rows = [{"id": number, "new": number, "billed": "" if number % 3 else True} for number in range(30)]
    decoded = decode_items(TimeEntry, body("entries", *rows))
    assert [entry.extra for entry in decoded.items] == [{"new": number} for number in range(30)]
    assert [entry.billed for entry in decoded.items] == [None if number % 3 else True for number in range(30)]


def test_an_unreadable_record_is_an_error_with_its_place_and_the_rest_is_read() -> None:
    lines = [{"id": 7}, {"id": 8, "seq": "many"}]
    decoded = decode_items(Estimate, body("estimates", {"id": 1}, {"id": 2, "estimateitems": lines}, {"id": 3}))
    assert [found.id for found in decoded.items] == [1, 3]
    assert decoded.places == [1]
    assert decoded.count == 3
    (error,) = decoded.undecodable
    assert (error.resource, error.id, error.value) == ("estimates", 2, "many")
    assert error.path == "$.estimates[1].estimateitems[1].seq"
    assert "$.estimateitems[1].seq is 'many', not a whole number" in str(error)
    assert pickle.loads(pickle.dumps(error)).path == error.path


def test_a_secret_is_in_no_error() -> None:
    decoded = decode_items(Estimate, body("estimates", {"id": 1, "download_token": ["hush"]}))
    assert decoded.undecodable[0].value == "[secure]"
    assert "hush" not in str(decoded.undecodable[0])
    sessions = decode_items(Session, body("sessions", {"id": "hush", "expires_on": "soon"}))
    assert "hush" not in str(sessions.undecodable[0])
    assert sessions.undecodable[0].id is None


def test_a_cut_body_shows_no_secret() -> None:
    with pytest.raises(DecodeError) as caught:
        decode_items(Estimate, b'{"estimates":[{"id":1,"download_token":"hush","number":"#1"')
    assert "hush" not in caught.value.body
    assert "#1" in caught.value.body


def test_a_nested_class_has_no_key_of_its_own() -> None:
    assert decode_items(ReportItem, b'{"rows":[{"time":60}]}').items == [ReportItem(time=60)]
    with pytest.raises(UnexpectedContent, match="no list of objects under any key"):
        decode_items(ReportItem, b'{"rows":5}')


def test_a_long_value_is_cut_in_the_text_of_an_error() -> None:
    decoded = decode_items(Task, body("tasks", {"id": 1, "seq": "x" * 5000}))
    assert len(str(decoded.undecodable[0])) < 400
    assert len(decoded.undecodable[0].value) == 5000


@pytest.mark.parametrize("odd", [None, 5, "text", [1]])
def test_what_is_no_object_is_undecodable(odd: Any) -> None:
    decoded = decode_items(Task, body("tasks", {"id": 1}, odd))
    assert decoded.places == [1]
    assert decoded.undecodable[0].path == "$.tasks[1]"


@pytest.mark.parametrize("key", ["projecttemplates", "project_templates", "told", "anything_new"])
def test_the_objects_are_found_under_any_likely_key(key: str) -> None:
    assert decode_items(ProjectTemplate, body(key, {"id": 1}), keys=("told",)).items == [ProjectTemplate(id=1)]


def test_other_keys_beside_the_list_do_no_harm() -> None:
    answer = b'{"meta":{"a":[1]},"tasks":[{"id":1}],"more":[{"id":2}]}'
    assert decode_items(Task, answer).items == [Task(id=1)]


def test_the_company_comes_as_an_object_or_as_a_list_of_one() -> None:
    assert decode_items(Company, b'{"company":{"id":1}}').items == [Company(id=1)]
    assert decode_items(Company, b'{"company":[{"id":1}]}').items == [Company(id=1)]
    assert decode_items(Company, b'{"company":{"id":1,"hide_tax_field":""}}').items == [
        Company(id=1, hide_tax_field=None)
    ]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b'{"tasks":{"id":5}}', [Task(id=5)]),
        (b'{"tasks":{"0":{"id":5},"2":{"id":6}}}', [Task(id=5), Task(id=6)]),
        (b'{"tasks":{}}', []),
        (b'{"tasks":[]}', []),
        (b'[{"id":5}]', [Task(id=5)]),
        (b' \n{"tasks" : [ {"id":5} ] } ', [Task(id=5)]),
        (b'\xef\xbb\xbf{"tasks":[{"id":5}]}', [Task(id=5)]),
        (b'\xef\xbb\xbf[{"id":5}]', [Task(id=5)]),
        (b'{"tasks":[{"id":5,"id":6}]}', [Task(id=6)]),
    ],
)
def test_lists_in_the_ways_that_the_service_may_write_them(answer: bytes, expected: list[Task]) -> None:
    assert decode_items(Task, answer).items == expected


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"<html>", b"Bad gateway", b"null", b"5", b'"tasks"', b"{}", b'{"tasks":null}', b'{"tasks":"none"}',
        b'{"message":"no"}', b'{"a":[],"b":[]}', b'{"errors":[{"id":1}]}', b'{"task":{"id":1}}',
        b'\xef\xbb\xbf5', b'{"tasks":null,"others":[{"id":1}]}',
    ],
)  # fmt: skip
def test_what_is_no_answer_is_never_an_empty_list(answer: bytes) -> None:
    with pytest.raises(UnexpectedContent):
        decode_items(Task, answer)


def test_an_unexpected_envelope_names_the_keys_that_were_seen() -> None:
    with pytest.raises(UnexpectedContent, match=r"more than one list .* a \(list\), b \(list\)"):
        decode_items(Task, b'{"a":[],"b":[]}')


@pytest.mark.parametrize("cut", range(1, len(b'{"tasks":[{"id":1,"name":"caf\xc3\xa9"}]}')))
def test_a_cut_body_is_an_error_wherever_it_is_cut(cut: int) -> None:
    with pytest.raises(DecodeError) as caught:
        decode_items(Task, b'{"tasks":[{"id":1,"name":"caf\xc3\xa9"}]}'[:cut])
    assert not isinstance(caught.value, UnexpectedContent)


def test_text_behind_the_answer_is_an_error() -> None:
    with pytest.raises(DecodeError, match="not whole JSON"):
        decode_items(Task, b'{"tasks":[]}{}')


def test_a_body_nested_beyond_reason_is_an_error() -> None:
    with pytest.raises(DecodeError):
        decode_items(Task, b'{"tasks":[{"new":' + b"[" * 100_000)


def test_python_s_nan_is_kept_and_harms_no_other_record() -> None:
    decoded = decode_items(Estimate, b'{"estimates":[{"id":1,"total":NaN},{"id":2,"total":1.50}]}')
    assert decoded.items[0].total.is_nan()
    assert str(decoded.items[1].total) == "1.50"


def test_broken_text_spoils_its_own_record_only() -> None:
    decoded = decode_items(Task, b'{"tasks":[{"id":1,"name":"\xff"},{"id":2}]}')
    assert decoded.items == [Task(id=2)]
    assert decoded.undecodable[0].resource == "tasks"
    assert decoded.undecodable[0].path == "$.tasks[0]"


def test_half_a_surrogate_pair_spoils_its_own_record_only() -> None:
    decoded = decode_items(Task, b'{"tasks":[{"id":1,"name":"\\ud800"},{"id":2}]}')
    assert decoded.items == [Task(id=2)]
    assert decoded.places == [0]


def test_a_number_too_long_for_python_is_an_error_and_no_crash() -> None:
    decoded = decode_items(Task, b'{"tasks":[{"id":%b},{"id":2}]}' % (b"9" * 5000))
    assert (decoded.items, decoded.places) == ([Task(id=2)], [0])
    assert decode_items(Task, b'{"tasks":[{"id":%b}]}' % (b"9" * 40)).items[0].id == int("9" * 40)


def test_ids_may_stand_where_objects_were_due() -> None:
    decoded = decode_items(InvoiceItem, body("invoiceitems", {"id": 1, "entries": [4, 5], "expense": 6}))
    assert decoded.items[0].entry_ids == [4, 5]
    assert decoded.items[0].entries is UNSET
    assert decoded.items[0].expense.id == 6
    objects = decode_items(InvoiceItem, body("invoiceitems", {"id": 1, "entries": [{"id": 4, "duration": "1"}]}))
    assert objects.items[0].entries == [TimeEntry(id=4, duration=1)]


def test_one_odd_row_in_a_report_is_found_among_thousands() -> None:
    rows: list[dict[str, Any]] = [{"type": "entry", "time": number} for number in range(3000)]
    rows[2000]["time"] = "60.0"
    rows[2001]["pct"] = ""
    (report,) = decode_items(Report, body("reports", {"id": 1, "content": {"items": rows}})).items
    assert report.content.items[2000].time == 60
    assert report.content.items[2001] == ReportItem(type="entry", time=2001, pct=None)
    assert len(report.content.items) == 3000


def test_a_single_object_is_decoded_without_an_envelope() -> None:
    raw = b'{"id":"109404","name":"New","files_count":0,"project":{"name":"AT&T","hue":1}}'
    task = decode_item(Task, raw)
    assert task == Task(id=109404, name="New", project=Project(name="AT&T", extra={"hue": 1}), extra={"files_count": 0})
    with pytest.raises(DecodeError) as caught:
        decode_item(Task, b'{"id":3,"due_date":"soon"}')
    assert (caught.value.id, caught.value.path) == (3, "$.due_date")
    with pytest.raises(DecodeError) as broken:
        decode_item(Task, b'{"id":3')
    assert broken.value.resource == "tasks"


def test_an_array_is_decoded_without_an_envelope() -> None:
    decoded = decode_array(ReportItem, b'[{"time":60},{"time":"long"},{"time":"120","new":1}]')
    assert decoded.items == [ReportItem(time=60), ReportItem(time=120, extra={"new": 1})]
    assert decoded.undecodable[0].path == "$[1].time"
    assert decoded.undecodable[0].resource == "ReportItem"


def test_models_are_the_same_whichever_path_they_took() -> None:
    plain = {"id": 1, "number": "#1", "total": 9424.5, "date": "2020-01-02", "created_on": "2020-01-02T03:04:05Z"}
    fast = decode_items(Estimate, body("estimates", plain)).items
    tolerant = decode_items(Estimate, body("estimates", {**plain, "discount": ""})).items
    tolerant[0].discount = UNSET
    assert fast == tolerant
    assert decode_items(Estimate, body("estimates", {**plain, "new": 1})).items[0].total == fast[0].total


def test_a_flat_page_makes_no_twin_of_what_includes_would_need() -> None:
    assert {cls.__name__ for cls in FLAT._reachable(TimeEntry)} == {"TimeEntry"}
    assert {cls.__name__ for cls in FLAT._reachable(Estimate)} == {"Estimate", "EstimateItem"}
    assert Task in set(FULL._reachable(TimeEntry))


def test_a_refusal_that_is_no_unknown_field_has_no_wider_kind() -> None:
    assert FLAT.wider(Task, "Expected `int`, got `str`", envelope=True) is None
    assert FLAT.wider(Task, "Object contains unknown field `x` - at `$.tasks[0].nowhere.else`", envelope=True) is None
    assert FULL.wider(Task, "Object contains unknown field `project` - at `$.tasks[0]`", envelope=True) is None
    wider = FLAT.wider(Task, "Object contains unknown field `x` - at `$.tasks[0]`", envelope=True)
    assert wider is not None
    assert wider.wider(Task, "Object contains unknown field `x` - at `$.tasks[0]`", envelope=True) is None
    assert FLAT.wider(Task, "Object contains unknown field `x`", envelope=False) is wider


def test_every_model_has_its_twins() -> None:
    for model in models():
        for kind in (FLAT, FULL):
            assert isinstance(kind.twin(model).copy(kind.twin(model).struct()), Model)


def test_twins_are_made_once() -> None:
    assert FULL.twin(EstimateItem) is FULL.twin(EstimateItem)
