"""Rules of projects, task lists and tasks."""

# ruff: noqa: S608  # what is spliced into SQL are names of the declarations; values go as parameters

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from paymo_async.sandbox.rules.base import Rule, Values
from paymo_async.sandbox.rules.people import recount
from paymo_async.sandbox.values import Problem
from paymo_async.sandbox.where import Filter

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["DEFAULT_TASK_LIST", "ProjectRule", "TaskRule", "TasklistRule"]

DEFAULT_TASK_LIST = "Default Task List"
"""Where tasks land that name a project and no task list."""


class ProjectRule(Rule):
    """Without a client a sample client is made; `users` and `managers` are whole lists."""

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        most = account.company().get("max_projects")
        if most is not None and account.store.count(account.tables["projects"]) >= int(most):
            raise Problem(403, "Could not add project. Maximum number of projects reached.")
        if not values["client_id"]:
            values["client_id"] = account.create("clients", {"name": "Sample Client"}, user_id)["id"]
        values["active"] = given.get("active", True)
        values["code"] = values["code"] or _initials(values["name"])
        values["color"] = values["color"] or "#68BE5E"
        values["users"] = values["users"] or [user_id]
        values["managers"] = values["managers"] or [user_id]
        for name, path in (("workflow_id", "workflows"), ("status_id", "projectstatuses")):
            values[name] = values[name] or _first_id(account, path)
        values.pop("tasklists_order", None)

    def created(self, account: Account, values: Values, user_id: int) -> None:
        apply_template(account, values["id"], values.get("template_id"), user_id)
        assign(account, [*values["users"], *values["managers"]])
        recount(account, "current_projects", "projects")

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        reorder(account, "tasklists", Filter('"project_id" = ?', (old["id"],)), changes.pop("tasklists_order", ()))
        apply_template(account, old["id"], changes.pop("template_id", None), user_id)

    def updated(self, account: Account, old: Values, new: Values) -> None:
        if new["workflow_id"] != old.get("workflow_id"):
            self._reset_statuses(account, new)
        members = (*old["users"], *old["managers"], *new["users"], *new["managers"])
        assign(account, members)
        recount(account, "current_projects", "projects")

    def deleted(self, account: Account, old: Values) -> None:
        assign(account, [*old["users"], *old["managers"]])
        recount(account, "current_projects", "projects")

    @staticmethod
    def _reset_statuses(account: Account, project: Values) -> None:
        for task in account.store.find(account.tables["tasks"], Filter('"project_id" = ?', (project["id"],))):
            status = status_of(account, project, complete=task["complete"])
            account.save("tasks", {**task, "status_id": status})


class TasklistRule(Rule):
    """A new task list is the last of its project; `tasks_order` reorders, and a part of the ids will do."""

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        account.referred("projects", values["project_id"], "project_id")
        values.pop("tasks_order", None)
        if values["seq"] is None:
            values["seq"] = next_seq(account, "tasklists", Filter('"project_id" = ?', (values["project_id"],)))

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        reorder(account, "tasks", Filter('"tasklist_id" = ?', (old["id"],)), changes.pop("tasks_order", ()))


class TaskRule(Rule):
    """Codes, the Default Task List, and `complete` that moves the status."""

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        values.pop("subtasks_order", None)
        if not values.get("tasklist_id"):
            values["tasklist_id"] = self._default_list(account, values["project_id"], user_id)
        values["project_id"] = account.get("tasklists", values["tasklist_id"])["project_id"]
        project = account.get("projects", values["project_id"])
        number = (project.get("task_code_increment") or 0) + 1
        account.save("projects", {**project, "task_code_increment": number})
        values["code"] = f"{project['code']}-{number}"
        values["billable"] = given.get("billable", project["billable"])
        values["priority"] = values["priority"] or 50
        if values["seq"] is None:
            values["seq"] = next_seq(account, "tasks", Filter('"tasklist_id" = ?', (values["tasklist_id"],)))
        self._status(account, project, values, values, given, user_id)

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        reorder(account, "subtasks", Filter('"task_id" = ?', (old["id"],)), changes.pop("subtasks_order", ()))
        if changes.get("tasklist_id", old["tasklist_id"]) != old["tasklist_id"]:
            changes["project_id"] = account.get("tasklists", changes["tasklist_id"])["project_id"]
        project = account.get("projects", changes.get("project_id", old["project_id"]))
        if "complete" in changes or "status_id" in changes:
            self._status(account, project, old, changes, dict(changes), user_id)

    @staticmethod
    def _status(
        account: Account, project: Values, old: Values, values: Values, given: Mapping[str, Any], user_id: int
    ) -> None:
        """`complete` moves the status, and the Complete status completes (the latter guessed from the former)."""
        status = given.get("status_id")
        if "complete" in given or status is None:
            complete = bool(given.get("complete", old["complete"]))
            status = status_of(account, project, complete=complete)
        else:
            complete = status == status_of(account, project, complete=True)
        was = bool(old["complete"]) and old is not values
        values |= {"status_id": status, "complete": complete}
        if complete and not was:
            values |= {"completed_on": account.now(), "completed_by": user_id}
        if not complete:
            values |= {"completed_on": None, "completed_by": None}

    @staticmethod
    def _default_list(account: Account, project_id: int, user_id: int) -> int:
        named = Filter("\"project_id\" = ? AND (body ->> '$.name') = ?", (project_id, DEFAULT_TASK_LIST))
        for found in account.store.find(account.tables["tasklists"], named, limit=1):
            return int(found["id"])
        made = account.create("tasklists", {"name": DEFAULT_TASK_LIST, "project_id": project_id}, user_id)
        return int(made["id"])


def apply_template(account: Account, project_id: int, template_id: int | None, user_id: int) -> None:
    """Adds a template's task lists and tasks to those of a project."""
    if template_id is None:
        return
    account.referred("projecttemplates", template_id, "template_id")
    for tasklist in _in_order(account, "projecttemplatestasklists", Filter('"template_id" = ?', (template_id,))):
        made = account.create("tasklists", {"name": tasklist["name"], "project_id": project_id}, user_id)
        for task in _in_order(account, "projecttemplatestasks", Filter('"tasklist_id" = ?', (tasklist["id"],))):
            copied = {name: task[name] for name in _COPIED if task.get(name) is not None}
            account.create("tasks", {**copied, "tasklist_id": made["id"]}, user_id)


_COPIED = (
    "name",
    "description",
    "billable",
    "flat_billing",
    "budget_hours",
    "price_per_hour",
    "estimated_price",
    "users",
)


def _in_order(account: Account, path: str, among: Filter) -> list[Values]:
    return sorted(account.store.find(account.tables[path], among), key=lambda one: (one.get("seq") or 0, one["id"]))


def assign(account: Account, users: Sequence[int]) -> None:
    """Brings `assigned_projects` and `managed_projects` of users in line with the projects."""
    for key in sorted(set(users)):
        user = account.look("users", key)
        if user is None:
            raise Problem(400, "Invalid reference: `users`")
        for mine, theirs in (("assigned_projects", "users"), ("managed_projects", "managers")):
            found = account.store.query(
                f"SELECT id FROM \"projects\" WHERE EXISTS (SELECT 1 FROM json_each(body -> '$.{theirs}') "
                "WHERE value = ?) ORDER BY id",
                (key,),
            )
            user[mine] = [project for (project,) in found]
        account.store.put(account.tables["users"], user)


def status_of(account: Account, project: Values, *, complete: bool) -> int | None:
    """The Complete or the Backlog status of a project's workflow, None where it has no such."""
    statuses = account.store.find(
        account.tables["workflowstatuses"], Filter('"workflow_id" = ?', (project.get("workflow_id"),))
    )
    action = "complete" if complete else "backlog"
    for status in statuses:
        if status.get("action") == action:
            return int(status["id"])
    return None


def next_seq(account: Account, path: str, among: Filter) -> int:
    """The place after the last."""
    ((last,),) = account.store.query(f'SELECT coalesce(max(seq), 0) FROM "{path}" WHERE {among.sql}', among.params)
    return int(last) + 1


def reorder(account: Account, path: str, among: Filter, order: Sequence[int]) -> None:
    """Gives `seq` anew: first the ids in `order`, then the others as they stood."""
    if not order:
        return
    found = {item["id"]: item for item in account.store.find(account.tables[path], among)}
    if not found.keys() >= set(order):
        raise Problem(400, f"Invalid reference: `{path}_order`")
    rest = sorted((key for key in found if key not in order), key=lambda key: (found[key].get("seq") or 0, key))
    for seq, key in enumerate((*dict.fromkeys(order), *rest), start=1):
        account.save(path, {**found[key], "seq": seq})


def _first_id(account: Account, path: str) -> int | None:
    found = account.store.find(account.tables[path], Filter(), limit=1)
    return int(found[0]["id"]) if found else None


def _initials(name: str) -> str:
    return "".join(word[0] for word in re.findall(r"\w+", name))[:4].upper() or "P"
