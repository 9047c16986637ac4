"""Rules of tasks, subtasks, and who a task is assigned to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from paymo_async.sandbox.filters import having, saying
from paymo_async.sandbox.rules.base import Rule, Values
from paymo_async.sandbox.rules.ordering import next_seq, reorder
from paymo_async.sandbox.rules.workflows import status_of
from paymo_async.sandbox.values import Problem, defaults
from paymo_async.sandbox.where import Filter

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = [
    "DEFAULT_TASK_LIST",
    "TASK_TERMS",
    "AssignmentRule",
    "SubtaskRule",
    "TaskRule",
    "assign_tasks",
    "known_users",
    "retrack",
]

DEFAULT_TASK_LIST: Final = "Default Task List"
"""Where tasks land that name a project and no task list."""

TASK_TERMS: Final = (
    "description",
    "billable",
    "flat_billing",
    "budget_hours",
    "price_per_hour",
    "estimated_price",
    "users",
)
"""What tasks have in common with what they are copied from: tasks of templates, and recurring profiles."""


class TaskRule(Rule):
    """Codes, the Default Task List, `complete` that moves the status, and `users` kept in step with `userstasks`.

    Guessed: a task that moves to another project gets a code of that one and keeps whether it is complete; its time,
    subtasks, files and thread move along. A status must be of the project's workflow.
    """

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        values.pop("subtasks_order", None)
        if not values.get("tasklist_id"):
            values["tasklist_id"] = _default_list(account, values["project_id"], user_id)
        project = account.get("projects", account.get("tasklists", values["tasklist_id"])["project_id"])
        values["project_id"] = project["id"]
        values["users"] = known_users(account, values["users"])
        values["code"] = _next_code(account, project)
        values["billable"] = given.get("billable", project["billable"])
        values["description"] = values["description"] or ""
        values["priority"] = values["priority"] or 50
        if values["seq"] is None:
            values["seq"] = next_seq(account, "tasks", having(tasklist_id=values["tasklist_id"]))
        _set_status(account, project, {}, values, given, user_id)

    def created(self, account: Account, values: Values, user_id: int) -> None:
        _keep_assignments(account, values)

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        order = changes.pop("subtasks_order", ())
        reorder(account, "subtasks", having(task_id=old["id"]), order, first=0)
        if "users" in changes:
            changes["users"] = known_users(account, changes["users"])
        here = there = account.get("projects", old["project_id"])
        if changes.get("tasklist_id", old["tasklist_id"]) != old["tasklist_id"]:
            there = self._move(account, old, changes)
        other_workflow = there.get("workflow_id") != here.get("workflow_id")
        if other_workflow or not {"complete", "status_id"}.isdisjoint(changes):
            _set_status(account, there, old, changes, dict(changes), user_id)

    def updated(self, account: Account, old: Values, new: Values) -> None:
        _keep_assignments(account, new)
        if new["project_id"] != old["project_id"]:
            self._move_along(account, new)

    @staticmethod
    def _move(account: Account, old: Values, changes: Values) -> Values:
        """Into another task list, and its project, which is returned."""
        to = having(tasklist_id=changes["tasklist_id"])
        changes.setdefault("seq", next_seq(account, "tasks", to))
        project = account.get("projects", account.get("tasklists", changes["tasklist_id"])["project_id"])
        if project["id"] != old["project_id"]:
            changes |= {"project_id": project["id"], "code": _next_code(account, project)}
        return project

    @staticmethod
    def _move_along(account: Account, task: Values) -> None:
        of_task = having(task_id=task["id"])
        commented = 'SELECT id FROM "comments" WHERE "task_id" = ?'
        of_comments = Filter(f'"comment_id" IN ({commented})', (task["id"],))
        along = (
            *((path, of_task) for path in ("entries", "subtasks", "threads", "files")),
            ("files", of_comments),
        )
        for path, among in along:
            for values in account.store.find(account.tables[path], among):
                account.save(path, {**values, "project_id": task["project_id"]})


class SubtaskRule(Rule):
    """A subtask is in its task's project; `complete` sets when and by whom."""

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        values["project_id"] = account.referred("tasks", values["task_id"], "task_id")["project_id"]
        if values["seq"] is None:
            among = having(task_id=values["task_id"])
            values["seq"] = next_seq(account, "subtasks", among, first=0)
        _note_completion(account, values, values["complete"], False, user_id)

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        if "complete" in changes:
            _note_completion(account, changes, changes["complete"], old["complete"], user_id)


class AssignmentRule(Rule):
    """An assignment is the same fact as a user among a task's `users`: each follows the other.

    Guessed: nobody is assigned to a task twice; `tracked_time` is the time of that user on that task.
    """

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        self._refuse_twice(account, values)
        task = account.get("tasks", values["task_id"])
        values |= {"tracked_time": _tracked(account, values), "task_complete": task["complete"]}

    def created(self, account: Account, values: Values, user_id: int) -> None:
        self._name(account, values)

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        new = {**old, **changes}
        self._refuse_twice(account, new)
        task = account.get("tasks", new["task_id"])
        changes |= {"tracked_time": _tracked(account, new), "task_complete": task["complete"]}

    def updated(self, account: Account, old: Values, new: Values) -> None:
        if (old["task_id"], old["user_id"]) == (new["task_id"], new["user_id"]):
            return
        self._unname(account, old)
        self._name(account, new)
        for booking in account.store.find(account.tables["bookings"], having(user_task_id=new["id"])):
            account.save("bookings", {**booking, "user_id": new["user_id"]})

    def deleted(self, account: Account, old: Values) -> None:
        self._unname(account, old)

    @staticmethod
    def _refuse_twice(account: Account, values: Values) -> None:
        same = having(task_id=values["task_id"], user_id=values["user_id"])
        if account.store.count(account.tables["userstasks"], same.and_("id <> ?", values.get("id", 0))):
            raise Problem(400, "The user is already assigned to this task")

    @staticmethod
    def _name(account: Account, assignment: Values) -> None:
        task = account.get("tasks", assignment["task_id"])
        if assignment["user_id"] not in task["users"]:
            account.save("tasks", {**task, "users": [*task["users"], assignment["user_id"]]})

    @staticmethod
    def _unname(account: Account, assignment: Values) -> None:
        task = account.look("tasks", assignment["task_id"])
        if task is not None and assignment["user_id"] in task["users"]:
            account.save("tasks", {**task, "users": [user for user in task["users"] if user != assignment["user_id"]]})


def assign_tasks(account: Account) -> None:
    """Makes the assignments that the tasks' `users` stand for and a seed has not made."""
    table = account.tables["userstasks"]
    blank, first = defaults(table), account.store.next_id(table)
    tracked = {(task, user): seconds for task, user, seconds in account.store.query(_ALL_TRACKED)}
    made: list[Values] = []
    for key, (task, user, complete, moment) in enumerate(account.store.query(_UNASSIGNED), start=first):
        one: Values = {"id": key, "task_id": task, "user_id": user, "created_on": moment, "updated_on": moment}
        facts = {"tracked_time": tracked.get((task, user)) or 0, "task_complete": bool(complete)}
        made.append({**blank, **one, **facts})
    account.store.bulk(table, made)


_ALL_TRACKED = 'SELECT "task_id", "user_id", sum("duration") FROM "entries" GROUP BY "task_id", "user_id"'
_UNASSIGNED = (
    "SELECT t.id, u.value, t.complete, t.body ->> '$.created_on' FROM \"tasks\" t, json_each(t.body -> '$.users') u "
    'WHERE NOT EXISTS (SELECT 1 FROM "userstasks" a WHERE a.task_id = t.id AND a.user_id = u.value) '
    "ORDER BY t.id, u.key"
)


def known_users(account: Account, users: Sequence[int] | None, name: str = "users") -> list[int]:
    """A list of user ids without repetitions. Raises Problem 400, with the attribute's name, where one is unknown."""
    wanted = list(dict.fromkeys(users or ()))
    for key in wanted:
        account.referred("users", key, name)
    return wanted


def retrack(account: Account, entry: Values) -> None:
    """Brings the `tracked_time` of an entry's assignment in line with the entries."""
    of_both = having(task_id=entry["task_id"], user_id=entry["user_id"])
    for assignment in account.store.find(account.tables["userstasks"], of_both):
        tracked = _tracked(account, assignment)
        if assignment.get("tracked_time") != tracked:
            account.store.put(account.tables["userstasks"], {**assignment, "tracked_time": tracked})


def _tracked(account: Account, assignment: Values) -> int:
    ((seconds,),) = account.store.query(
        'SELECT coalesce(sum("duration"), 0) FROM "entries" WHERE "task_id" = ? AND "user_id" = ?',
        (assignment["task_id"], assignment["user_id"]),
    )
    return int(seconds)


def _keep_assignments(account: Account, task: Values) -> None:
    """Makes and deletes assignments until they are those of the task's `users`."""
    table = account.tables["userstasks"]
    held = {one["user_id"]: one for one in account.store.find(table, having(task_id=task["id"]))}
    for user in task["users"]:
        if user not in held:
            made: Values = {**defaults(table), "task_id": task["id"], "user_id": user}
            made |= {"tracked_time": _tracked(account, made), "task_complete": task["complete"]}
            account.add("userstasks", made)
        elif held[user]["task_complete"] != task["complete"]:
            account.save("userstasks", {**held[user], "task_complete": task["complete"]})
    for user in held.keys() - set(task["users"]):
        account.delete("userstasks", held[user]["id"])


def _set_status(
    account: Account, project: Values, old: Values, values: Values, given: Mapping[str, Any], user_id: int
) -> None:
    """`complete` moves the status, and the Complete status completes (the latter guessed from the former).

    old: the task before, empty for a new one.
    """
    was = bool(old.get("complete"))
    status = given.get("status_id")
    if status is not None and account.get("workflowstatuses", status)["workflow_id"] != project.get("workflow_id"):
        raise Problem(400, "Invalid reference: `status_id`")
    if "complete" in given or status is None:
        complete = bool(given.get("complete", was))
        status = status_of(account, project, complete=complete)
    else:
        complete = status == status_of(account, project, complete=True)
    values |= {"status_id": status, "complete": complete}
    _note_completion(account, values, complete, was, user_id)


def _note_completion(account: Account, values: Values, complete: bool, was: bool, user_id: int) -> None:
    if complete and not was:
        values |= {"completed_on": account.now(), "completed_by": user_id}
    if not complete:
        values |= {"completed_on": None, "completed_by": None}


def _next_code(account: Account, project: Values) -> str:
    number = (project.get("task_code_increment") or 0) + 1
    account.save("projects", {**project, "task_code_increment": number})
    return f"{project['code']}-{number}"


def _default_list(account: Account, project_id: int, user_id: int) -> int:
    named = saying("name", DEFAULT_TASK_LIST).and_('"project_id" = ?', project_id)
    for found in account.store.find(account.tables["tasklists"], named, limit=1):
        return int(found["id"])
    made = account.create("tasklists", {"name": DEFAULT_TASK_LIST, "project_id": project_id}, user_id)
    return int(made["id"])
