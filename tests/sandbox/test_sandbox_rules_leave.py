"""Leave: exceptions of the company and of users, types of leave, and the statistics of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

OWNER, JUDITH = 23129, 23130


@pytest.fixture
def year(call):
    """The account in the middle of 2026."""
    call.box.clock.freeze(datetime(2026, 7, 1, 12, tzinfo=UTC))
    return call


async def stats(call, kind, **params):
    made = await call.create("statsreports", type=kind, params={"user_id": JUDITH, **params})
    (content,) = made["content"]
    return content


async def working_days(call, start, end, **params):
    found = await stats(call, "user_working_days_count", start_date=start, end_date=end, **params)
    return found["working_days"], found["working_hours"]


async def annual_leave(call, date_interval="this_year"):
    return await stats(call, "user_annual_leave_stats", date_interval=date_interval)


class TestDays:
    @pytest.mark.parametrize(
        ("path", "whose"), [("companiesdaysexceptions", {}), ("usersdaysexceptions", {"user_id": JUDITH})]
    )
    async def test_an_exception_has_days_hours_and_a_creator(self, call, path, whose):
        leave = await call.create("leavetypes", name="Holiday")
        made = await call.create(path, **whose, date="2026-12-24", end_date="2026-12-26", leave_type_id=leave["id"])
        assert (made["creator_id"], made["is_working"], made["hours_per_day"]) == (OWNER, False, None)
        assert (await call.update(f"{path}/{made['id']}", hours_per_day=4))["hours_per_day"] == 4
        assert await call.ids(path, "date>=2026-01-01") == [made["id"]]
        assert (await call("DELETE", f"leavetypes/{leave['id']}")).status == 200
        assert (await call.one(f"{path}/{made['id']}"))["leave_type_id"] is None
        assert (await call("DELETE", f"{path}/{made['id']}")).status == 200

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"date": None}, "Invalid value for `date`"),
            ({"end_date": "2026-01-01"}, "Invalid value for `end_date`: it is before `date`"),
            ({"hours_per_day": 25}, "Invalid value for `hours_per_day`"),
            ({"hours_per_day": -1}, "Invalid value for `hours_per_day`"),
            ({"leave_type_id": 9}, "Invalid reference: `leave_type_id`"),
            ({"user_id": 9}, "Invalid reference: `user_id`"),
            ({"creator_id": OWNER}, "Field is read only: `creator_id`"),
            ({"half": True}, "Unknown field or reference: `half`"),
        ],
    )
    async def test_what_does_not_fit_is_refused(self, call, given, said):
        whole = {"user_id": JUDITH, "date": "2026-01-02"}
        assert await call.refused("POST", "usersdaysexceptions", 400, json={**whole, **given}) == said
        made = await call.create("usersdaysexceptions", **whole)
        assert await call.refused("PUT", f"usersdaysexceptions/{made['id']}", 400, json=given) == said

    async def test_user_and_day_are_needed_and_so_is_a_filter(self, call):
        said = await call.refused("POST", "usersdaysexceptions", 400, json={"date": "2026-01-01"})
        assert said == "Missing required params: user_id"
        said = await call.refused("POST", "companiesdaysexceptions", 400, json={})
        assert said == "Missing required params: date"
        assert "filter" in await call.refused("GET", "usersdaysexceptions", 400)
        assert await call.get("companiesdaysexceptions") == []

    async def test_a_new_type_of_leave_is_paid_unless_it_says_otherwise(self, call):
        assert (await call.create("leavetypes", name="Holiday"))["paid"] is True
        assert (await call.create("leavetypes", name="Sabbatical", paid=False))["paid"] is False
        assert "name" in await call.refused("POST", "leavetypes", 400, json={"paid": True})


class TestWorkingDays:
    async def test_a_week_has_the_companys_days_and_the_users_hours(self, call):
        assert await working_days(call, "2026-06-01", "2026-06-07") == (5, 40)
        await call.update(f"users/{JUDITH}", workday_hours=6.5)
        assert await working_days(call, "2026-06-01", "2026-06-07") == (5, 32.5)
        await call.update("company", working_days="0,6")
        assert await working_days(call, "2026-06-01", "2026-06-07") == (2, 13)
        assert await working_days(call, "2026-06-06", "2026-06-06") == (1, 6.5)

    async def test_a_user_without_hours_works_eight(self, call):
        await call.update(f"users/{JUDITH}", workday_hours=None)
        assert await working_days(call, "2026-06-01", "2026-06-01") == (1, 8)

    async def test_days_off_of_the_company_count_for_all(self, call):
        await call.create("companiesdaysexceptions", date="2026-06-04")
        await call.create("companiesdaysexceptions", date="2026-06-05", hours_per_day=3)
        assert await working_days(call, "2026-06-01", "2026-06-07") == (4, 29)
        assert await working_days(call, "2026-06-01", "2026-06-07", user_id=OWNER) == (4, 29)

    async def test_days_can_be_worked_that_else_are_not(self, call):
        await call.create("companiesdaysexceptions", date="2026-06-06", is_working=True, hours_per_day=4)
        await call.create("usersdaysexceptions", user_id=JUDITH, date="2026-06-07", is_working=True)
        assert await working_days(call, "2026-06-01", "2026-06-07") == (7, 52)
        assert await working_days(call, "2026-06-01", "2026-06-07", user_id=OWNER) == (6, 44)

    async def test_leave_is_the_users_alone(self, call):
        await call.create("usersdaysexceptions", user_id=JUDITH, date="2026-06-02", end_date="2026-06-03")
        assert await working_days(call, "2026-06-01", "2026-06-07") == (3, 24)
        assert await working_days(call, "2026-06-01", "2026-06-07", user_id=OWNER) == (5, 40)


class TestAnnualLeave:
    async def test_paid_leave_counts_on_days_that_would_be_worked(self, year):
        holiday = (await year.create("leavetypes", name="Holiday"))["id"]
        unpaid = (await year.create("leavetypes", name="Sabbatical", paid=False))["id"]
        await year.create("companiesdaysexceptions", date="2026-06-04")
        mine = {"user_id": JUDITH, "leave_type_id": holiday}
        await year.create("usersdaysexceptions", **mine, date="2026-06-01", end_date="2026-06-07")
        await year.create("usersdaysexceptions", **mine, date="2026-06-08", hours_per_day=2)
        await year.create("usersdaysexceptions", user_id=JUDITH, leave_type_id=unpaid, date="2026-06-09")
        await year.create("usersdaysexceptions", user_id=OWNER, leave_type_id=holiday, date="2026-06-09")
        assert await annual_leave(year) == {
            "user_id": JUDITH,
            "start_date": "2026-01-01",
            "end_date": "2026-12-31",
            "annual_leave_days_number": None,
            "days_taken": 4.25,
            "days_left": None,
            "leave_types": [
                {"leave_type_id": holiday, "days": 4.25, "hours": 34},
                {"leave_type_id": unpaid, "days": 1, "hours": 8},
            ],
        }

    async def test_what_is_left_is_counted_from_the_users_days(self, year):
        account = year.box.account
        account.save("users", {**account.get("users", JUDITH), "annual_leave_days_number": 25})
        holiday = (await year.create("leavetypes", name="Holiday"))["id"]
        await year.create("usersdaysexceptions", user_id=JUDITH, leave_type_id=holiday, date="2026-06-01")
        found = await annual_leave(year)
        assert (found["annual_leave_days_number"], found["days_taken"], found["days_left"]) == (25, 1, 24)

    async def test_the_interval_says_which_days(self, year):
        holiday = (await year.create("leavetypes", name="Holiday"))["id"]
        for day in ("2025-12-31", "2026-07-01", "2026-06-30"):
            await year.create("usersdaysexceptions", user_id=JUDITH, leave_type_id=holiday, date=day)
        taken = [(await annual_leave(year, name))["days_taken"] for name in ("this_year", "last_year", "today")]
        assert taken == [2, 1, 1]


class TestStatsReports:
    async def test_one_is_computed_and_not_kept(self, call):
        params = {"user_id": JUDITH, "start_date": "2026-06-01", "end_date": "2026-06-02"}
        made = await call.create("statsreports", type="user_working_days_count", params=params)
        assert (made["type"], made["params"]) == ("user_working_days_count", params)
        assert call.box.account.store.count(call.box.account.tables["statsreports"]) == 0
        for method, path in (("GET", "statsreports"), ("GET", "statsreports/1"), ("DELETE", "statsreports/1")):
            await call.refused(method, path, 405)

    @pytest.mark.parametrize(
        ("kind", "params", "name"),
        [
            ("user_pay", {"user_id": JUDITH}, "type"),
            ("user_annual_leave_stats", {"date_interval": "this_year"}, "params.user_id"),
            ("user_annual_leave_stats", {"user_id": 9, "date_interval": "this_year"}, "params.user_id"),
            ("user_annual_leave_stats", {"user_id": JUDITH}, "date_interval"),
            ("user_annual_leave_stats", {"user_id": JUDITH, "date_interval": "all_time"}, "date_interval"),
            ("user_working_days_count", {"user_id": JUDITH}, "start_date"),
            ("user_working_days_count", {"user_id": JUDITH, "start_date": 1, "end_date": 2}, "start_date"),
            (
                "user_working_days_count",
                {"user_id": JUDITH, "start_date": "2026-06-02", "end_date": "2026-06-01"},
                "end_date",
            ),
        ],
    )
    async def test_what_does_not_fit_is_refused(self, call, kind, params, name):
        said = await call.refused("POST", "statsreports", 400, json={"type": kind, "params": params})
        assert name in said

    async def test_type_and_params_are_needed(self, call):
        assert "type" in await call.refused("POST", "statsreports", 400, json={"params": {}})
        assert "params" in await call.refused("POST", "statsreports", 400, json={"type": "x"})
