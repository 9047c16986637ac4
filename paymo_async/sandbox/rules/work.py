"""Rules of projects, task lists and milestones."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from paymo_async.sandbox.filters import having, listing
from paymo_async.sandbox.rules.base import Rule, Values
from paymo_async.sandbox.rules.ordering import in_order, next_seq, reorder
from paymo_async.sandbox.rules.plan import recount, refuse_beyond
from paymo_async.sandbox.rules.tasks import known_users
from paymo_async.sandbox.rules.templates import apply_template
from paymo_async.sandbox.rules.workflows import default_workflow, status_of
from paymo_async.sandbox.values import Problem
from paymo_async.sandbox.where import Filter

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["MilestoneRule", "ProjectRule", "TasklistRule", "assign"]


class ProjectRule(Rule):
    """Without a client a sample client is made; `users` and `managers` are whole lists."""

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        refuse_beyond(account, "projects")
        if not values["client_id"]:
            values["client_id"] = account.create("clients", {"name": "Sample Client"}, user_id)["id"]
        values["active"] = given.get("active", True)
        values["code"] = values["code"] or _initials(values["name"])
        values["color"] = values["color"] or "#68BE5E"
        values["description"] = values["description"] or ""
        for name in _MEMBERS:
            values[name] = known_users(account, values[name], name) or [user_id]
        values["workflow_id"] = values["workflow_id"] or default_workflow(account)
        values["status_id"] = values["status_id"] or _first_status(account)
        values.pop("tasklists_order", None)

    def created(self, account: Account, values: Values, user_id: int) -> None:
        apply_template(account, values["id"], values.get("template_id"), user_id)
        assign(account, [*values["users"], *values["managers"]])
        recount(account, "projects")

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        reorder(account, "tasklists", having(project_id=old["id"]), changes.pop("tasklists_order", ()))
        for name in _MEMBERS & changes.keys():
            changes[name] = known_users(account, changes[name], name)
        template_id = changes.pop("template_id", None)
        if template_id is not None:
            apply_template(account, old["id"], template_id, user_id)
            # The new tasks took codes of this project.
            changes["task_code_increment"] = account.get("projects", old["id"])["task_code_increment"]

    def updated(self, account: Account, old: Values, new: Values) -> None:
        if new["workflow_id"] != old.get("workflow_id"):
            self._reset_statuses(account, new)
        members = (*old["users"], *old["managers"], *new["users"], *new["managers"])
        assign(account, members)
        recount(account, "projects")

    def deleted(self, account: Account, old: Values) -> None:
        assign(account, [*old["users"], *old["managers"]])
        recount(account, "projects")

    @staticmethod
    def _reset_statuses(account: Account, project: Values) -> None:
        for task in account.store.find(account.tables["tasks"], having(project_id=project["id"])):
            status = status_of(account, project, complete=task["complete"])
            if task["status_id"] != status:
                account.save("tasks", {**task, "status_id": status})


class TasklistRule(Rule):
    """A new task list is the last of its project; `tasks_order` reorders, and a part of the ids will do.

    Guessed: its milestone is one of the same project.
    """

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        account.referred("projects", values["project_id"], "project_id")
        values.pop("tasks_order", None)
        if values["seq"] is None:
            values["seq"] = next_seq(account, "tasklists", having(project_id=values["project_id"]))
        self._check(account, values)

    def created(self, account: Account, values: Values, user_id: int) -> None:
        _note_lists(account, values["milestone_id"])

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        reorder(account, "tasks", having(tasklist_id=old["id"]), changes.pop("tasks_order", ()))
        self._check(account, {**old, **changes})

    def updated(self, account: Account, old: Values, new: Values) -> None:
        for milestone_id in {old["milestone_id"], new["milestone_id"]}:
            _note_lists(account, milestone_id)

    def deleted(self, account: Account, old: Values) -> None:
        _note_lists(account, old["milestone_id"])

    @staticmethod
    def _check(account: Account, values: Values) -> None:
        milestone = account.look("milestones", values["milestone_id"])
        if milestone is not None and milestone["project_id"] != values["project_id"]:
            raise Problem(400, "Invalid reference: `milestone_id`")


class MilestoneRule(Rule):
    """`linked_tasklists` and the task lists' `milestone_id` are the same fact: each follows the other.

    Guessed: the lists are of the milestone's project, so a milestone that changes its project loses them.
    """

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        values["send_reminder"] = values["send_reminder"] or 0
        self._check(account, values)

    def created(self, account: Account, values: Values, user_id: int) -> None:
        self._link(account, values)

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        if changes.get("project_id", old["project_id"]) != old["project_id"]:
            changes.setdefault("linked_tasklists", [])
        self._check(account, {**old, **changes})

    def updated(self, account: Account, old: Values, new: Values) -> None:
        self._link(account, new)

    @staticmethod
    def _check(account: Account, values: Values) -> None:
        for key in values["linked_tasklists"]:
            if account.referred("tasklists", key, "linked_tasklists")["project_id"] != values["project_id"]:
                raise Problem(400, "Invalid reference: `linked_tasklists`")
        if (values["send_reminder"] or 0) < 0:
            raise Problem(400, "Invalid value for `send_reminder`")

    @staticmethod
    def _link(account: Account, milestone: Values) -> None:
        wanted = set(milestone["linked_tasklists"])
        held = {one["id"] for one in _lists_of(account, milestone["id"])}
        for key in sorted(wanted ^ held):
            tasklist = account.get("tasklists", key)
            account.save("tasklists", {**tasklist, "milestone_id": milestone["id"] if key in wanted else None})
            _note_lists(account, tasklist["milestone_id"])
        _note_lists(account, milestone["id"])


def assign(account: Account, users: Sequence[int]) -> None:
    """Brings `assigned_projects` and `managed_projects` of users in line with the projects."""
    for key in sorted(set(users)):
        user = account.get("users", key)
        for mine, theirs in (("assigned_projects", "users"), ("managed_projects", "managers")):
            found = account.store.select(account.tables["projects"], listing(theirs, key))
            user[mine] = sorted(project.id for project in found)
        account.store.put(account.tables["users"], user)


_MEMBERS = frozenset({"users", "managers"})


def _lists_of(account: Account, milestone_id: int) -> list[Values]:
    return in_order(account, "tasklists", having(milestone_id=milestone_id))


def _note_lists(account: Account, milestone_id: int | None) -> None:
    """Tells a milestone which task lists it has."""
    milestone = account.look("milestones", milestone_id)
    if milestone is not None:
        linked = [one["id"] for one in _lists_of(account, milestone["id"])]
        account.store.put(account.tables["milestones"], {**milestone, "linked_tasklists": linked})


def _first_status(account: Account) -> int | None:
    found = account.store.find(account.tables["projectstatuses"], Filter(), limit=1)
    return int(found[0]["id"]) if found else None


def _initials(name: str) -> str:
    return "".join(word[0] for word in re.findall(r"\w+", name))[:4].upper() or "P"
