"""Models as plain values and as JSON text, and back."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from paymo_async.errors import DecodeError
from paymo_async.models import Client, Estimate, EstimateItem, InvoiceItem, Report, Task, TimeEntry
from paymo_async.wire.plain import from_plain, to_json, to_plain


def estimate() -> Estimate:
    return Estimate(
        id=1498,
        status="draft",
        date=date(2013, 7, 29),
        created_on=datetime(2013, 7, 29, 13, 35, 56, tzinfo=UTC),
        total=Decimal("9424.50"),
        tax=Decimal(3),
        permalink="hush",
        invoice_id=None,
        client=Client(id=1, extra={"hue": Decimal("0.10")}),
        estimateitems=[EstimateItem(id=2, estimate=Estimate(download_token="hush"))],
        extra={"mood": [Decimal("1.0")]},
    )


def test_a_plain_form_is_ready_for_json_and_holds_no_secret() -> None:
    plain = estimate().to_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert plain == {
        "id": 1498,
        "status": "draft",
        "date": "2013-07-29",
        "created_on": "2013-07-29T13:35:56Z",
        "total": 9424.5,
        "tax": 3,
        "invoice_id": None,
        "client": {"id": 1, "hue": 0.1},
        "estimateitems": [{"id": 2, "estimate": {}}],
        "mood": [1],
    }


def test_secrets_come_at_every_depth_when_asked_for() -> None:
    plain = estimate().to_dict(secrets=True)
    assert plain["permalink"] == "hush"
    assert plain["estimateitems"][0]["estimate"] == {"download_token": "hush"}
    assert b"hush" not in estimate().to_json()
    assert estimate().to_json(secrets=True).count(b"hush") == 2


def test_json_text_has_every_number_as_it_came() -> None:
    text = estimate().to_json()
    assert b'"total":9424.50,"tax":3,' in text
    assert b'"mood":[1.0]' in text
    assert b'"hue":0.10' in text


@pytest.mark.parametrize(
    ("number", "plain", "text"),
    [
        ("9424.5", 9424.5, b"9424.5"), ("9394", 9394, b"9394"), ("9394.00", 9394, b"9394.00"), ("-0.1", -0.1, b"-0.1"),
        ("0.1234567890123456789", "0.1234567890123456789", b"0.1234567890123456789"),
        ("1E+400", "1E+400", b"1E+400"), ("1E+20", 10**20, b"1E+20"), ("NaN", "NaN", b'"NaN"'),
        ("-Infinity", "-Infinity", b'"-Infinity"'),
        ("12345678901234567.25", "12345678901234567.25", b"12345678901234567.25"),
    ],
)  # fmt: skip
def test_no_number_is_rounded(number: str, plain: Any, text: bytes) -> None:
    found = Task(price_per_hour=Decimal(number))
    value = to_plain(found)["price_per_hour"]
    assert (value, type(value)) == (plain, type(plain))
    assert to_json(found) == b'{"price_per_hour":%b}' % text


def test_a_plain_form_leads_back_to_the_same_object() -> None:
    assert Estimate.from_dict(estimate().to_dict(secrets=True)) == estimate()
    assert Estimate.from_dict(json.loads(estimate().to_json(secrets=True))) == estimate()


def test_fractions_in_unknown_fields_become_exact() -> None:
    found = from_plain(Task, {"id": 1, "new": {"rates": [0.1, "x"]}})
    assert found.extra == {"new": {"rates": [Decimal("0.1"), "x"]}}


def test_plain_forms_use_the_service_s_names() -> None:
    report = Report.from_dict({"id": 1, "extra": {"rounding_step": 15}, "new": 1})
    assert report.options.rounding_step == 15
    assert report.extra == {"new": 1}
    assert report.to_dict() == {"id": 1, "extra": {"rounding_step": 15}, "new": 1}


def test_objects_and_ids_under_one_name_lead_back_too() -> None:
    for line in (InvoiceItem(entry_ids=[1, 2]), InvoiceItem(entries=[TimeEntry(id=1)])):
        assert InvoiceItem.from_dict(line.to_dict()) == line


@pytest.mark.parametrize("data", [None, 5, ["id"], {"id": {}}])
def test_what_cannot_be_read_is_a_decode_error(data: Any) -> None:
    with pytest.raises(DecodeError, match="Task"):
        Task.from_dict(data)


def test_a_naive_datetime_object_is_refused() -> None:
    with pytest.raises(DecodeError, match=r"\$\.start_time"):
        TimeEntry.from_dict({"start_time": datetime(2020, 1, 1)})  # noqa: DTZ001  # on purpose
