"""Bookings, time entries' timers, and recurring tasks."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from paymo_async.sandbox.rules.recurringtasks import next_day

TASK = 2093082
OWNER, JUDITH = 23129, 23130
DAYS = {"start_date": "2026-03-02", "end_date": "2026-03-06", "hours_per_day": 4}


async def assignment(call, task_id=TASK):
    return (await call.ids("userstasks", f"task_id={task_id}"))[0]


class TestBookings:
    async def test_one_is_the_assigned_users_and_counts_all_its_days(self, call):
        made = await call.create("bookings", user_task_id=await assignment(call), **DAYS)
        assert (made["user_id"], made["creator_id"], made["booked_hours"]) == (JUDITH, OWNER, 20)
        changed = await call.update(f"bookings/{made['id']}", end_date="2026-03-02", hours_per_day=2.5)
        assert (changed["booked_hours"], changed["description"]) == (2.5, None)

    @pytest.mark.parametrize(
        ("given", "name"),
        [
            ({"end_date": "2026-03-01"}, "end_date"),
            ({"start_date": "2026-03-07"}, "end_date"),
            ({"hours_per_day": 0}, "hours_per_day"),
            ({"hours_per_day": 24.5}, "hours_per_day"),
            ({"hours_per_day": None}, "hours_per_day"),
            ({"start_date": "soon"}, "start_date"),
            ({"user_task_id": 99}, "user_task_id"),
            ({"user_id": OWNER}, "user_id"),
            ({"project_id": 397706}, "project_id"),
        ],
    )
    async def test_what_does_not_fit_is_refused_on_create_and_update(self, call, given, name):
        whole = {"user_task_id": await assignment(call), **DAYS}
        assert f"`{name}`" in await call.refused("POST", "bookings", 400, json={**whole, **given})
        made = await call.create("bookings", **whole)
        assert f"`{name}`" in await call.refused("PUT", f"bookings/{made['id']}", 400, json=given)

    @pytest.mark.parametrize("missing", ["start_date", "end_date", "hours_per_day"])
    async def test_what_is_missing_is_named(self, call, missing):
        given = {"user_task_id": await assignment(call), **DAYS}
        del given[missing]
        assert await call.refused("POST", "bookings", 400, json=given) == f"Missing required params: {missing}"

    async def test_a_list_must_be_filtered_and_by_names_that_only_filter(self, call):
        early = await call.create("bookings", user_task_id=await assignment(call), **DAYS)
        late = {**DAYS, "start_date": "2026-04-01", "end_date": "2026-04-30"}
        other = await call.create("bookings", user_task_id=await assignment(call, 2093083), **late)
        assert "filter" in await call.refused("GET", "bookings", 400)
        assert await call.ids("bookings", f"task_id={TASK}") == [early["id"]]
        assert await call.ids("bookings", "project_id=397706") == [early["id"], other["id"]]
        assert await call.ids("bookings", "project_id=397707") == []
        assert await call.ids("bookings", 'date_interval in ("2026-03-06","2026-03-31")') == [early["id"]]
        assert await call.ids("bookings", 'date_interval in ("2026-03-07","2026-03-31")') == []

    async def test_one_goes_with_its_assignment_however_that_ends(self, call):
        for task_id, method, path, given in (
            (2093082, "DELETE", f"userstasks/{await assignment(call, 2093082)}", None),
            (2093083, "PUT", "tasks/2093083", {"users": [OWNER]}),
            (2093084, "DELETE", "tasks/2093084", None),
            (2093085, "DELETE", f"users/{JUDITH}", None),
        ):
            made = await call.create("bookings", user_task_id=await assignment(call, task_id), **DAYS)
            assert (await call(method, path, json=given)).status == 200
            await call.refused("GET", f"bookings/{made['id']}", 404)


class TestTimers:
    async def test_another_users_timer_can_be_given_to_nobody_who_has_one(self, call):
        start = {"task_id": TASK, "start_time": "2026-01-05T09:00:00Z"}
        await call.create("entries", user_id=OWNER, **start)
        theirs = await call.create("entries", user_id=JUDITH, **start)
        assert "timer" in await call.refused("PUT", f"entries/{theirs['id']}", 409, json={"user_id": OWNER})
        await call.update(f"entries/{theirs['id']}", end_time="2026-01-05T09:30:00Z")
        assert (await call.update(f"entries/{theirs['id']}", user_id=OWNER))["user_id"] == OWNER

    async def test_one_that_stops_within_a_minute_is_refused_and_runs_on(self, call):
        timer = await call.create("entries", task_id=TASK, user_id=OWNER, start_time="2026-01-05T09:00:00Z")
        end = {"end_time": "2026-01-05T09:00:59Z"}
        assert "minute" in await call.refused("PUT", f"entries/{timer['id']}", 400, json=end)
        assert await call.ids("entries", f"user_id={OWNER} and end_time=null") == [timer["id"]]
        stopped = await call.update(f"entries/{timer['id']}", end_time="2026-01-05T09:01:00Z")
        assert (stopped["duration"], stopped["project_id"]) == (60, 397706)

    @pytest.mark.parametrize(
        ("given", "name"),
        [
            ({"task_id": 9}, "task_id"),
            ({"user_id": 9}, "user_id"),
            ({"project_id": 397706}, "project_id"),
            ({"client_id": 151303}, "client_id"),
            ({"start_time": "today"}, "start_time"),
        ],
    )
    async def test_what_does_not_fit_is_refused(self, call, given, name):
        whole = {"task_id": TASK, "user_id": OWNER, "start_time": "2026-01-05T09:00:00Z", **given}
        assert f"`{name}`" in await call.refused("POST", "entries", 400, json=whole)


def days(first, number, after="2026-01-01", **given):
    profile = {"frequency": "daily", "interval": 1, "recurring_start_date": first, **given}
    found, day = [], date.fromisoformat(after)
    while len(found) < number and (following := next_day(profile, day)) is not None:
        day = following
        found.append(day)
    return found


def schedule(first, **given):
    return [f"{day:%m-%d}" for day in days(first, 4, **given)]


class TestSchedules:
    def test_every_so_many_days_from_the_start(self):
        assert schedule("2026-01-05") == ["01-05", "01-06", "01-07", "01-08"]
        assert schedule("2026-01-05", interval=10, after="2026-01-31") == ["02-04", "02-14", "02-24", "03-06"]

    def test_every_so_many_weeks_on_given_weekdays_or_the_starts_own(self):
        assert schedule("2026-01-07", frequency="weekly") == ["01-07", "01-14", "01-21", "01-28"]
        on_day = {"frequency": "weekly", "interval": 2, "on_day": [1, 3, 0]}  # the start is a Wednesday
        assert schedule("2026-01-07", **on_day) == ["01-07", "01-11", "01-19", "01-21"]

    def test_every_so_many_months_on_given_days_or_the_starts_own(self):
        assert schedule("2026-01-31", frequency="monthly") == ["01-31", "02-28", "03-31", "04-30"]
        on_day = {"frequency": "monthly", "interval": 6, "on_day": [15, 1]}
        assert schedule("2026-01-10", **on_day) == ["01-15", "07-01", "07-15", "01-01"]

    def test_until_ends_it(self):
        assert schedule("2026-01-05", until="2026-01-06") == ["01-05", "01-06"]
        assert schedule("2026-01-05", until="2026-01-06", after="2026-01-06") == []

    @pytest.mark.parametrize("frequency", ["daily", "weekly", "monthly"])
    def test_a_start_long_ago_falls_on_the_same_days_as_counted_through(self, frequency):
        given = {"frequency": frequency, "interval": 3}
        every = days("1990-01-31", 9999, after="1990-01-01", until="2027-12-31", **given)
        assert days("1990-01-31", 4, **given) == [day for day in every if day > date(2026, 1, 1)][:4]

    def test_the_last_year_of_the_calendar_ends_it(self):
        assert schedule("9999-12-30", frequency="daily") == ["12-30", "12-31"]
        assert schedule("9999-11-30", frequency="monthly") == ["11-30", "12-30"]


NOW = datetime(2026, 4, 22, 8, 21, tzinfo=UTC)  # a Wednesday


@pytest.fixture
def at(call):
    """The account on the morning of a Wednesday, before recurring work is done."""
    call.box.clock.freeze(NOW)
    return call


async def profile(call, **given):
    whole = {"name": "Tidy up", "project_id": 397706, "frequency": "daily", "interval": 1}
    return await call.create("taskrecurringprofiles", **{**whole, "recurring_start_date": "2026-04-22", **given})


async def made_by(call, key):
    return await call.get("tasks", where=f"recurring_profile_id={key}")


class TestRecurringTasks:
    async def test_the_first_day_comes_after_the_one_on_which_it_was_made(self, at):
        assert (await profile(at))["next_processing_date"] == "2026-04-23"
        weekly = await profile(at, frequency="weekly", on_day=[1, 3], recurring_start_date="2026-04-23")
        assert weekly["next_processing_date"] == "2026-04-27"

    async def test_an_id_says_nothing_in_a_create_and_is_refused_in_an_update(self, at):
        made = await profile(at, id=99)
        assert made["id"] == 1
        said = await at.refused("PUT", "taskrecurringprofiles/1", 400, json={"id": 99})
        assert said == "Field is read only: `id`"

    async def test_days_may_come_as_text(self, at):
        assert (await profile(at, frequency="weekly", on_day="1,3"))["on_day"] == [1, 3]

    async def test_a_new_one_is_filled_from_the_company(self, at):
        made = await profile(at)
        assert (made["active"], made["priority"], made["on_day"], made["users"]) == (True, 50, [], [])
        assert (made["user_id"], made["company_id"], made["notifications"]) == (OWNER, 123, "{}")
        assert (made["generated_count"], made["last_generated_on"]) == (None, None)
        assert (made["processing_timezone"], made["processing_hour"]) == ("US/Eastern", "09:00:00")

    async def test_tasks_are_made_when_nine_oclock_of_their_day_has_passed(self, at):
        given = {"users": [JUDITH], "priority": 75, "budget_hours": 1.5, "billable": True, "description": "<i>all</i>"}
        made = await profile(at, due_date_offset=3, **given)
        at.box.clock.move(hours=24)
        assert await made_by(at, made["id"]) == []
        at.box.clock.move(hours=1)
        (task,) = await made_by(at, made["id"])
        assert {name: task[name] for name in given} == given
        assert (task["name"], task["due_date"], task["start_date"]) == ("Tidy up", "2026-04-26", "2026-04-23")
        assert (task["created_on"], task["code"], task["user_id"]) == ("2026-04-23T09:00:00Z", "UP-20", OWNER)
        assert (await at.one(f"tasklists/{task['tasklist_id']}"))["name"] == "Default Task List"
        after = await at.one(f"taskrecurringprofiles/{made['id']}")
        assert (after["generated_count"], after["last_generated_on"]) == (1, "2026-04-23")
        assert after["next_processing_date"] == "2026-04-24"

    async def test_days_that_pass_at_once_are_all_worked_through(self, at):
        made = await profile(at, interval=2, tasklist_id=499)
        at.box.clock.move(days=7)
        tasks = await made_by(at, made["id"])
        assert [task["start_date"] for task in tasks] == ["2026-04-24", "2026-04-26", "2026-04-28"]
        assert {(task["tasklist_id"], task["due_date"]) for task in tasks} == {(499, None)}

    async def test_occurrences_and_until_end_it(self, at):
        counted, dated = await profile(at, occurrences=2), await profile(at, until="2026-04-25")
        at.box.clock.move(days=10)
        assert [len(await made_by(at, one["id"])) for one in (counted, dated)] == [2, 3]
        for one in (counted, dated):
            assert (await at.one(f"taskrecurringprofiles/{one['id']}"))["next_processing_date"] is None
        more = await at.update(f"taskrecurringprofiles/{counted['id']}", occurrences=3)
        assert more["next_processing_date"] == "2026-05-03"

    async def test_one_rests_while_it_or_its_project_is_not_active(self, at):
        resting, archived = await profile(at, active=False), await profile(at, project_id=397707)
        at.box.clock.move(days=3)
        assert await made_by(at, resting["id"]) == await made_by(at, archived["id"]) == []
        await at.update(f"taskrecurringprofiles/{resting['id']}", active=True)
        await at.update("projects/397707", active=True)
        at.box.clock.move(days=1, hours=1)
        assert [len(await made_by(at, one["id"])) for one in (resting, archived)] == [1, 2]

    async def test_one_can_be_made_like_a_task(self, at):
        await at.update(f"tasks/{TASK}", budget_hours=3, description="As ever")
        given = {"name": "Again", "frequency": "daily", "interval": 1, "recurring_start_date": "2026-04-22"}
        made = await at.create("taskrecurringprofiles", task_id=TASK, description="New", **given)
        assert (made["project_id"], made["tasklist_id"], made["users"]) == (397706, 499, [JUDITH])
        assert (made["budget_hours"], made["description"]) == (3, "New")
        assert (await at("DELETE", f"tasks/{TASK}")).status == 200
        assert (await at.one(f"taskrecurringprofiles/{made['id']}"))["task_id"] is None

    async def test_a_list_that_is_gone_makes_way_for_the_default_one(self, at):
        made = await profile(at, tasklist_id=499)
        assert (await at("DELETE", "tasklists/499")).status == 200
        at.box.clock.move(days=1, hours=1)
        (first,) = await made_by(at, made["id"])
        assert (await at.one(f"tasklists/{first['tasklist_id']}"))["name"] == "Default Task List"

    async def test_a_deleted_one_leaves_its_tasks_and_a_deleted_project_takes_it_along(self, at):
        made, other = await profile(at), await profile(at)
        at.box.clock.move(days=2)
        tasks = [task["id"] for task in await made_by(at, made["id"])]
        assert (await at("DELETE", f"taskrecurringprofiles/{made['id']}")).status == 200
        assert {(await at.one(f"tasks/{key}"))["recurring_profile_id"] for key in tasks} == {None}
        assert (await at("DELETE", "projects/397706")).status == 200
        await at.refused("GET", f"taskrecurringprofiles/{other['id']}", 404)

    async def test_one_whose_maker_is_gone_goes_on(self, at):
        made = await profile(at, users=[JUDITH])
        at.box.account.save("taskrecurringprofiles", {**made, "user_id": JUDITH})
        assert (await at("DELETE", f"users/{JUDITH}")).status == 200
        at.box.clock.move(days=1, hours=1)
        assert [(task["user_id"], task["users"]) for task in await made_by(at, made["id"])] == [(None, [])]

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"frequency": "yearly"}, "Invalid value for `frequency`"),
            ({"interval": 0}, "Invalid value for `interval`"),
            ({"occurrences": 0}, "Invalid value for `occurrences`"),
            ({"until": "2026-04-21"}, "Invalid value for `until`: it is before `recurring_start_date`"),
            ({"frequency": "weekly", "on_day": [7]}, "Invalid value for `on_day`"),
            ({"frequency": "monthly", "on_day": [0]}, "Invalid value for `on_day`"),
            ({"project_id": 9}, "Invalid reference: `project_id`"),
            ({"project_id": None}, "Missing required params: project_id or task_id"),
            ({"task_id": 9}, "Invalid reference: `task_id`"),
            ({"tasklist_id": 9}, "Invalid reference: `tasklist_id`"),
            ({"project_id": 397707, "tasklist_id": 499}, "Invalid reference: `tasklist_id`"),
            ({"users": [9]}, "Invalid reference: `users`"),
            ({"recurring_start_date": None}, "Invalid value for `recurring_start_date`"),
            ({"generated_count": 4}, "Field is read only: `generated_count`"),
        ],
    )
    async def test_what_does_not_fit_is_refused(self, at, given, said):
        whole = {"name": "x", "project_id": 397706, "frequency": "daily", "interval": 1}
        whole |= {"recurring_start_date": "2026-04-22", **given}
        assert await at.refused("POST", "taskrecurringprofiles", 400, json=whole) == said

    async def test_an_update_is_checked_as_well_and_moves_the_next_day(self, at):
        path = f"taskrecurringprofiles/{(await profile(at))['id']}"
        assert "interval" in await at.refused("PUT", path, 400, json={"interval": -1})
        assert "read only" in await at.refused("PUT", path, 400, json={"task_id": TASK})
        assert "project_id" in await at.refused("PUT", path, 400, json={"project_id": None})
        assert (await at.update(path, frequency="weekly"))["next_processing_date"] == "2026-04-29"

    async def test_another_name_does_not_skip_the_day(self, at):
        made = await profile(at)
        at.box.clock.move(days=1)
        renamed = await at.update(f"taskrecurringprofiles/{made['id']}", name="Sweep", active=True)
        assert renamed["next_processing_date"] == "2026-04-23"
