"""What drifted, value by value, and the converter for users' own formats."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from paymo_async.models import (
    Client,
    Company,
    Estimate,
    EstimateItem,
    Priority,
    Project,
    Report,
    ReportItem,
    Task,
    UserType,
)
from paymo_async.models.base import UNSET
from paymo_async.wire.tolerant import Misfit, iso_utc, make_converter, reader

READER = reader()
MIDNIGHT = datetime(2015, 1, 17, tzinfo=UTC)
NAIVE = datetime(2015, 1, 17)  # noqa: DTZ001  # on purpose
EVENING = datetime(2015, 1, 17, 18, 23, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        (int, 72, 72), (int, "72", 72), (int, Decimal("72.0"), 72), (int, "72.0", 72), (int, True, 1), (int, "", None),
        (int, 72.0, 72), (int, "-3", -3), (int, Decimal("1E+2"), 100),
        (Decimal, "9424.50", Decimal("9424.50")), (Decimal, 5, Decimal(5)), (Decimal, 0.1, Decimal("0.1")),
        (Decimal, "", None), (Decimal, Decimal("1.10"), Decimal("1.10")),
        (bool, 1, True), (bool, "0", False), (bool, "TRUE", True), (bool, "False", False), (bool, "", None),
        (bool, Decimal("0.0"), False), (bool, True, True), (bool, False, False),
        (str, 5, "5"), (str, True, "true"), (str, False, "false"), (str, Decimal("1.10"), "1.10"), (str, "x", "x"),
        (str, 1.5, "1.5"),
        (date, "2015-01-17", date(2015, 1, 17)), (date, "2015-01-17T23:59:59-08:00", date(2015, 1, 17)),
        (date, "2015-01-17 00:00:00", date(2015, 1, 17)), (date, "", None), (date, "0000-00-00", None),
        (date, 1421453000, date(2015, 1, 17)), (date, "1421453000", date(2015, 1, 17)),
        (date, date(2015, 1, 17), date(2015, 1, 17)), (date, MIDNIGHT, date(2015, 1, 17)),
        (date, "0000-00-00 00:00:00", None),
        (datetime, "2015-01-17T18:23:02Z", EVENING), (datetime, "2015-01-17 18:23:02", EVENING),
        (datetime, "2015-01-17T18:23:02", EVENING), (datetime, "2015-01-17T10:23:02-08:00", EVENING),
        (datetime, "2015-01-17", MIDNIGHT), (datetime, "", None), (datetime, "0000-00-00 00:00:00", None),
        (datetime, "0000-00-00", None), (datetime, "0000-00-00T00:00:00Z", None), (datetime, 1421518982, EVENING),
        (datetime, "1421518982", EVENING), (datetime, Decimal("1421518982.0"), EVENING), (datetime, EVENING, EVENING),
        (datetime, date(2015, 1, 17), MIDNIGHT), (datetime, -1, datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (datetime, "1421518982.25", EVENING + timedelta(milliseconds=250)),
        (Priority, "75", Priority.HIGH), (Priority, 60, 60), (Priority, "", None), (Priority, Decimal("25.0"), 25),
        (UserType, "Guest", UserType.GUEST), (UserType, 5, "5"),
        (list[int], "1,2, 3", [1, 2, 3]), (list[int], "", []), (list[int], 5, [5]), (list[int], ["1", None], [1, None]),
        (list[int], {"0": 1, "1": "2"}, [1, 2]), (list[str], "a,b", ["a", "b"]), (list[str], {}, []),
        (list[Task], {"id": 1}, [Task(id=1)]), (list[Task], {"0": {"id": 1}}, [Task(id=1)]), (list[Task], "", []),
        (list[Task], [None, {"id": "1"}], [None, Task(id=1)]), (list[Task], 7, [Task(id=7)]),
        (dict[str, Any], [], {}), (dict[str, Any], "", {}), (dict[str, Any], {"a": 1}, {"a": 1}),
        (Task, [], Task()), (Task, {}, Task()), (Task, "", None), (Task, "12", Task(id=12)),
        (Task, Task(id=1), Task(id=1)),
        (int | bool | None, False, False), (int | bool | None, "15", 15), (int | bool | None, "false", False),
        (bool | str | None, "paypal", "paypal"), (bool | str | None, Decimal(1), True), (bool | str | None, None, None),
        (list[int] | str, "all", "all"), (list[int] | str, ["5"], [5]), (list[int] | str, 5, [5]),
        (datetime | int | None, "2015-01-17 18:23:02", EVENING), (datetime | int | None, "1421518982", 1421518982),
    ],
)  # fmt: skip
def test_drifted_values_are_read(type_: Any, value: Any, expected: Any) -> None:
    found = READER.structure(value, type_) if value is not None else None
    assert found == expected
    assert type(found) is type(expected) or isinstance(found, Priority | UserType)


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        (int, 72.5), (int, "many"), (int, [1]), (int, "NaN"), (int, None), (Decimal, "dear"), (Decimal, True),
        (Decimal, [1]), (bool, 2), (bool, "on"), (bool, []), (str, ["x"]), (str, {}),
        (date, "2015-13-01"), (date, "soon"), (date, [2015]), (date, True), (date, "2015-01-17T99"),
        (datetime, "2015-01-17T25:00:00Z"), (datetime, 10**18), (datetime, {}), (datetime, NAIVE),
        (datetime, Decimal("NaN")), (datetime, Decimal("Infinity")),
        (Priority, "high"), (list[int], ["x"]), (list[int], "1,x"), (dict[str, Any], [1]), (dict[str, Any], 5),
        (Task, True), (Task, "twelve"), (Task, [1]), (Task, 1.5), (int | bool, "maybe"), (ReportItem, [1]),
        (list[int] | datetime, "soon"), (list[Task], ["x"]),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_a_misfit(type_: Any, value: Any) -> None:
    with pytest.raises(Misfit):
        READER.structure(value, type_)


def test_a_misfit_says_where_it_is() -> None:
    with pytest.raises(Misfit) as caught:
        READER.structure({"id": 1, "client": {"projects": [{}, {"users": ["x"]}]}}, Estimate)
    assert caught.value.path == ["client", "projects", 1, "users", 0]
    assert (caught.value.value, caught.value.expected) == ("x", "a whole number")


def test_nulls_everywhere_are_none() -> None:
    found = READER.structure({"id": None, "total": None, "tax_on_tax": "", "estimateitems": None}, Estimate)
    assert (found.id, found.total, found.tax_on_tax, found.estimateitems) == (None, None, None, None)
    assert found.client is UNSET


def test_the_documented_company_settings_are_read() -> None:
    found = READER.structure({"hide_tax_field": "", "working_days": "1,2,3", "online_payments": "1"}, Company)
    assert (found.hide_tax_field, found.working_days, found.online_payments) == (None, "1,2,3", "1")


def test_php_s_empty_objects_are_empty() -> None:
    found = READER.structure({"id": 1, "include": [], "extra": [], "info": {}, "content": {"items": {}}}, Report)
    assert found.include is not None
    assert list(found.include.set_attributes()) == []
    assert found.content.items == []


def test_the_converter_structures_with_the_service_s_names() -> None:
    converter = make_converter()
    assert converter.structure({"id": "1", "extra": {"order": "days,users"}}, Report).options.order == ["days", "users"]


def test_the_converter_unstructures_what_is_set_without_secrets() -> None:
    found = Estimate(
        id=1,
        status="sent",
        date=date(2020, 1, 2),
        created_on=datetime(2020, 1, 2, 3, tzinfo=timezone(timedelta(hours=2))),
        total=Decimal("9.50"),
        download_token="hush",
        client=None,
        estimateitems=[EstimateItem(id=2)],
        extra={"new": Decimal("1.10")},
    )
    expected = {
        "id": 1,
        "status": "sent",
        "date": "2020-01-02",
        "created_on": "2020-01-02T01:00:00Z",
        "total": Decimal("9.50"),
        "client": None,
        "estimateitems": [{"id": 2}],
        "new": Decimal("1.10"),
    }
    assert make_converter().unstructure(found) == expected
    assert make_converter(secrets=True).unstructure(found) == {**expected, "download_token": "hush"}


def test_a_users_hook_on_its_own_converter_changes_no_other() -> None:
    converter = make_converter()
    converter.register_unstructure_hook(date, lambda value: value.year)
    assert converter.unstructure(Task(due_date=date(2020, 1, 2))) == {"due_date": 2020}
    assert make_converter().unstructure(Task(due_date=date(2020, 1, 2))) == {"due_date": "2020-01-02"}


def test_utc_text_refuses_a_naive_datetime() -> None:
    assert iso_utc(EVENING) == "2015-01-17T18:23:02Z"
    with pytest.raises(ValueError, match="give it a time zone"):
        iso_utc(NAIVE)


def test_an_included_object_may_be_an_id() -> None:
    found = READER.structure({"client": "3", "tasks": [4, {"id": 5}]}, Project)
    assert (found.client, found.tasks) == (Client(id=3), [Task(id=4), Task(id=5)])
