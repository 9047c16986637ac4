"""What is sent on create and update, and what is refused before anything is sent."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from paymo_async.errors import InvalidRequest
from paymo_async.models import (
    Booking,
    Client,
    ClientContact,
    Comment,
    Estimate,
    EstimateItem,
    EstimateStatus,
    File,
    InvoiceItem,
    InvoicePayment,
    Model,
    Priority,
    Project,
    Report,
    ReportInclude,
    ReportOptions,
    Session,
    Task,
    TimeEntry,
    User,
)
from paymo_async.wire.encode import create_fields, encode_create, encode_update, update_fields

NAIVE = datetime(2020, 1, 1)  # noqa: DTZ001  # on purpose


def test_exactly_what_is_set_is_sent() -> None:
    task = Task(name="Logo", tasklist_id=546, users=[204], due_date=date(2015, 1, 17), description=None, billable=False)
    assert encode_create(task) == (
        b'{"name":"Logo","tasklist_id":546,"description":null,"due_date":"2015-01-17","users":[204],"billable":false}'
    )


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (Decimal("9424.50"), b"9424.50"), (5, b"5"), ("10.00", b"10.00"), (0.1, b"0.1"), (None, b"null"),
        (Decimal("0.1234567890123456789"), b"0.1234567890123456789"), (10**30, b"1" + b"0" * 30),
    ],
)  # fmt: skip
def test_amounts_are_sent_to_the_last_digit(given: Any, sent: bytes) -> None:
    assert encode_update(Task(price_per_hour=given)) == b'{"price_per_hour":%b}' % sent


@pytest.mark.parametrize("given", ["dear", True, Decimal("NaN"), float("inf"), [1], "NaN"])
def test_what_is_no_amount_is_refused(given: Any) -> None:
    with pytest.raises(InvalidRequest, match=r"Task\.price_per_hour"):
        encode_update(Task(price_per_hour=given))


def test_datetimes_are_sent_in_utc_and_naive_ones_are_refused() -> None:
    there = datetime(2014, 12, 10, 9, tzinfo=timezone(-timedelta(hours=8)))
    assert encode_update(TimeEntry(start_time=there)) == b'{"start_time":"2014-12-10T17:00:00Z"}'
    with pytest.raises(InvalidRequest, match=r"TimeEntry\.start_time: .* give it a time zone"):
        encode_update(TimeEntry(start_time=NAIVE))


def test_a_date_and_a_datetime_are_not_mixed_up() -> None:
    with pytest.raises(InvalidRequest, match=r"Task\.due_date: .* give its \.date\(\)"):
        encode_update(Task(due_date=datetime(2014, 12, 10, tzinfo=UTC)))
    with pytest.raises(InvalidRequest, match=r"TimeEntry\.start_time: .* a datetime with a time zone is due"):
        encode_update(TimeEntry(start_time=date(2014, 12, 10)))


def test_the_days_of_a_report_are_sent_as_unix_time() -> None:
    report = Report(
        type="temp",
        start_date=datetime(2020, 1, 1, tzinfo=UTC),
        end_date=1577923200,
        users="all",
        clients=[1],
        include=ReportInclude(days=True),
        options=ReportOptions(rounding_step=False, order=["days"]),
    )
    assert encode_create(report) == (
        b'{"type":"temp","start_date":1577836800,"end_date":1577923200,"clients":[1],"users":"all",'
        b'"include":{"days":true},"extra":{"rounding_step":false,"order":["days"]}}'
    )
    with pytest.raises(InvalidRequest, match=r"Report\.start_date"):
        encode_update(Report(start_date=NAIVE))


def test_enums_are_sent_as_their_values() -> None:
    assert encode_update(Task(priority=Priority.HIGH)) == b'{"priority":75}'
    assert encode_update(Estimate(status=EstimateStatus.SENT)) == b'{"status":"sent"}'
    assert encode_update(Estimate(status=EstimateStatus("brand new"))) == b'{"status":"brand new"}'


def test_unknown_fields_are_sent_too() -> None:
    task = Task(extra={"new": {"rate": Decimal("1.50"), "at": datetime(2020, 1, 1, tzinfo=UTC)}})
    assert encode_update(task) == b'{"new":{"rate":1.50,"at":"2020-01-01T00:00:00Z"}}'
    with pytest.raises(InvalidRequest, match=r"Task\.extra\['new'\]: .* time zone"):
        encode_update(Task(extra={"new": [NAIVE]}))
    with pytest.raises(InvalidRequest, match="'new' cannot be written as JSON"):
        encode_update(Task(extra={"new": object()}))
    with pytest.raises(InvalidRequest, match=r"extra\['new'\]: JSON has no number for NaN"):
        encode_update(Task(extra={"new": float("nan")}))


def test_secrets_are_sent_when_they_are_set() -> None:
    assert encode_update(ClientContact(access=True, password="hush")) == b'{"access":true,"password":"hush"}'


def test_lines_from_an_answer_are_sent_back_with_their_ids() -> None:
    kept = EstimateItem(id=100, created_on=datetime(2020, 1, 1, tzinfo=UTC), estimate=Estimate(id=1))
    changed = EstimateItem(id=101, quantity=2, price_unit=Decimal("1.10"), extra={"unit": "h"})
    assert encode_update(Estimate(items=[kept, changed, EstimateItem(item="New")])) == (
        b'{"items":[{"id":100},{"id":101,"price_unit":1.10,"quantity":2,"unit":"h"},{"item":"New"}]}'
    )
    with pytest.raises(InvalidRequest, match=r"EstimateItem\.quantity"):
        encode_update(Estimate(items=[EstimateItem(quantity="many")]))


def test_ids_of_entries_go_with_an_invoice_line() -> None:
    assert encode_create(InvoiceItem(item="Work", entry_ids=[1, 2])) == b'{"item":"Work","entries":[1,2]}'


@pytest.mark.parametrize(
    ("model", "refusal"),
    [
        (Task(code="PD-1"), r"not sent: Task\.code: only the service sets this"),
        (Task(id=1, code="PD-1"), r"not sent: Task\.id, Task\.code: only the service sets this"),
        (Task(project=Project(id=1)), r"Task\.project: an include is only read; set ids"),
        (Task(project_id=1), r"Task\.project_id: this is fixed once the object exists"),
        (TimeEntry(client_id=1), r"TimeEntry\.client_id: this exists only in `where`"),
        (Task(id=1, project_id=1), r"Task\.id: .*; not sent: Task\.project_id: this is fixed"),
        (Task(), "nothing to update"),
    ],
)
def test_an_update_that_cannot_be_meant_is_refused(model: Model, refusal: str) -> None:
    with pytest.raises(InvalidRequest, match=refusal):
        encode_update(model)


@pytest.mark.parametrize(
    ("model", "refusal"),
    [
        (Task(name="x"), "to create a Task, set tasklist_id or project_id"),
        (Task(), "set name, and tasklist_id or project_id"),
        (Task(name=None, project_id=1), "to create a Task, set name$"),
        (Comment(content="x"), "thread_id or task_id or discussion_id or file_id"),
        (TimeEntry(task_id=1, date=date(2020, 1, 1)), "date with duration or start_time with end_time"),
        (InvoicePayment(amount=5), "set invoice_id"),
        (Booking(project_id=1), r"Booking\.project_id: this exists only in `where`"),
        (Client(name="x", created_on=datetime(2020, 1, 1, tzinfo=UTC)), r"Client\.created_on"),
    ],
)
def test_a_create_that_lacks_something_is_refused_with_the_list(model: Model, refusal: str) -> None:
    with pytest.raises(InvalidRequest, match=refusal):
        encode_create(model)


def test_what_is_fixed_later_can_be_created() -> None:
    assert encode_create(Task(name="x", project_id=1)) == b'{"name":"x","project_id":1}'
    assert encode_create(Comment(content="x", thread_id=1)) == b'{"content":"x","thread_id":1}'


def test_a_required_field_may_come_another_way() -> None:
    assert create_fields(File(task_id=1), given=("file",)) == {"task_id": 1}
    assert encode_create(Client(extra={"name": "x"})) == b'{"name":"x"}'
    with pytest.raises(InvalidRequest, match="set file"):
        create_fields(File(task_id=1))


def test_a_session_is_created_with_nothing() -> None:
    assert encode_create(Session()) == b"{}"


def test_an_uploaded_file_is_attached_by_an_update() -> None:
    file = File(token="060bee", comment_id=123456)
    assert encode_update(file, attach=True) == b'{"comment_id":123456,"token":"060bee"}'
    with pytest.raises(InvalidRequest, match=r"File\.comment_id"):
        update_fields(file)


def test_text_that_utf_8_cannot_hold_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="'name' cannot be written as JSON"):
        encode_create(User(email="a", name="\ud800"))
