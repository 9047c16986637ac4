"""Rules of workflows, their statuses, and the statuses of projects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from paymo_async.sandbox.filters import having
from paymo_async.sandbox.rules.base import Rule, Values, keep_one_default
from paymo_async.sandbox.rules.ordering import in_order, next_seq
from paymo_async.sandbox.values import Problem
from paymo_async.sandbox.where import Filter

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["ProjectStatusRule", "WorkflowRule", "WorkflowStatusRule", "default_workflow", "status_of"]

_FIXED: Final = (("Backlog", "5BDBF6", "backlog"), ("Complete", "68BE5E", "complete"))


class WorkflowRule(Rule):
    """A new one has the statuses Backlog and Complete; one with projects cannot be deleted.

    Guessed: one workflow is the default, which new projects get, and it cannot be deleted.
    """

    def created(self, account: Account, values: Values, user_id: int) -> None:
        for seq, (name, color, action) in enumerate(_FIXED, start=1):
            status = {"workflow_id": values["id"], "name": name, "color": color, "seq": seq, "action": action}
            account.add("workflowstatuses", status)
        if values["is_default"]:
            keep_one_default(account, "workflows", values)

    def updated(self, account: Account, old: Values, new: Values) -> None:
        if new["is_default"] and not old["is_default"]:
            keep_one_default(account, "workflows", new)

    def deleting(self, account: Account, old: Values) -> None:
        if _in_use(account, "projects", "workflow_id", old):
            raise Problem(400, "Could not delete workflow: it has projects")
        if old["is_default"]:
            raise Problem(400, "Could not delete workflow: it is the default one")


class WorkflowStatusRule(Rule):
    """A status with tasks cannot be deleted.

    Guessed: a new one stands before Complete; Backlog and Complete themselves cannot be deleted; neither they nor a
    status with tasks can go to another workflow.
    """

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        siblings = having(workflow_id=values["workflow_id"])
        values["action"] = ""
        values["seq"] = next_seq(account, "workflowstatuses", siblings)
        for status in in_order(account, "workflowstatuses", siblings):
            if status.get("action") == "complete":
                values["seq"] = status["seq"]
                account.save("workflowstatuses", {**status, "seq": status["seq"] + 1})

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        if changes.get("workflow_id", old["workflow_id"]) != old["workflow_id"]:
            self._refuse(account, old, "move")

    def deleting(self, account: Account, old: Values) -> None:
        self._refuse(account, old, "delete")

    @staticmethod
    def _refuse(account: Account, status: Values, verb: str) -> None:
        if status.get("action"):
            raise Problem(400, f"Could not {verb} workflow status: every workflow has its {status['name']}")
        if _in_use(account, "tasks", "status_id", status):
            raise Problem(400, f"Could not {verb} workflow status: it has tasks")


class ProjectStatusRule(Rule):
    """Guessed: the service's own statuses (`readonly`) stay as they are, and one with projects cannot be deleted."""

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        values["active"] = given.get("active", True)
        if values["seq"] is None:
            values["seq"] = next_seq(account, "projectstatuses", Filter(), first=0)

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        self._refuse_own(old, "change")

    def deleting(self, account: Account, old: Values) -> None:
        self._refuse_own(old, "delete")
        if _in_use(account, "projects", "status_id", old):
            raise Problem(400, "Could not delete project status: it has projects")

    @staticmethod
    def _refuse_own(old: Values, verb: str) -> None:
        if old.get("readonly"):
            raise Problem(400, f"Could not {verb} project status: it is read only")


def status_of(account: Account, project: Values, *, complete: bool) -> int | None:
    """The Complete or the Backlog status of a project's workflow, None where it has no such."""
    action = "complete" if complete else "backlog"
    for status in in_order(account, "workflowstatuses", having(workflow_id=project.get("workflow_id"))):
        if status.get("action") == action:
            return int(status["id"])
    return None


def default_workflow(account: Account) -> int | None:
    """The default workflow; the first where none is the default, None where there is none at all."""
    for chosen in (Filter('"is_default" = 1'), Filter()):
        for found in account.store.find(account.tables["workflows"], chosen, limit=1):
            return int(found["id"])
    return None


def _in_use(account: Account, path: str, fk: str, one: Values) -> bool:
    return account.store.count(account.tables[path], having(**{fk: one["id"]})) > 0
