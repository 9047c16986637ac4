"""Rules of time entries and timers (BEHAVIOUR.md, Dates and money)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from paymo_async.sandbox.rules.base import Rule, Values
from paymo_async.sandbox.rules.tasks import retrack
from paymo_async.sandbox.schema import RUNNING
from paymo_async.sandbox.values import Problem, iso, timestamp
from paymo_async.sandbox.where import Filter

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["EntryRule"]

_SHORTEST = 60  # seconds


class EntryRule(Rule):
    """An entry has two times, or a day and a duration; with a start alone it is a running timer, one a user."""

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        timed = values.get("start_time") is not None
        if timed and values.get("date") is not None:
            raise Problem(400, "Use either `start_time` and `end_time`, or `date` and `duration`")
        values["added_manually"] = given.get("added_manually", not timed or values.get("end_time") is not None)
        self._complete(account, values)

    def created(self, account: Account, values: Values, user_id: int) -> None:
        retrack(account, values)

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        new: Values = {**old, **changes}
        if changes.get("date") is not None:
            new["start_time"] = new["end_time"] = None
        elif changes.get("start_time") is not None:
            new["date"] = None
            new.setdefault("end_time", None)
        if "duration" in changes and "end_time" not in changes and old.get("end_time") and new.get("start_time"):
            new["end_time"] = iso(timestamp(str(new["start_time"])) + int(changes["duration"] or 0))
        self._complete(account, new)
        for name in ("start_time", "end_time", "date"):
            if name not in new:
                old.pop(name, None)  # the two forms of an entry have different keys
                changes.pop(name, None)
        changes |= {name: value for name, value in new.items() if old.get(name, _ABSENT) != value}

    def updated(self, account: Account, old: Values, new: Values) -> None:
        retrack(account, old)
        retrack(account, new)

    def deleted(self, account: Account, old: Values) -> None:
        retrack(account, old)

    def _complete(self, account: Account, entry: Values) -> None:
        """Gives an entry the keys of its form and what follows from them. Raises Problem."""
        entry["project_id"] = account.referred("tasks", entry["task_id"], "task_id")["project_id"]
        entry["is_bulk"] = entry.get("start_time") is None
        if entry["is_bulk"]:
            if entry.get("date") is None:
                raise Problem(400, "Missing required params: start_time or date")
            for name in ("start_time", "end_time"):
                entry.pop(name, None)
        else:
            entry.pop("date", None)
            end = entry["end_time"] = entry.get("end_time")
            entry["duration"] = None if end is None else timestamp(end) - timestamp(entry["start_time"])
        if not entry["is_bulk"] and entry["end_time"] is None:
            self._refuse_second_timer(account, entry)
        elif (entry["duration"] or 0) < _SHORTEST:
            raise Problem(400, "Time entries of less than a minute are not allowed")

    @staticmethod
    def _refuse_second_timer(account: Account, entry: Values) -> None:
        running = Filter(f'"user_id" = ? AND {RUNNING} AND id <> ?', (entry["user_id"], entry.get("id", 0)))
        if account.store.count(account.tables["entries"], running):
            raise Problem(409, "A timer is already running for this user")


_ABSENT = object()
