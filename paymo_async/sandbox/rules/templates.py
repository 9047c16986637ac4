"""Rules of project templates: copied out of projects and into them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from paymo_async.sandbox.filters import having
from paymo_async.sandbox.rules.base import Rule, Values
from paymo_async.sandbox.rules.ordering import in_order, next_seq
from paymo_async.sandbox.rules.tasks import TASK_TERMS, known_users

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["ProjectTemplateRule", "TemplateTaskRule", "TemplateTasklistRule", "apply_template"]

# What a task and a task of a template have in common.
_COPIED: Final = ("name", *TASK_TERMS)


class ProjectTemplateRule(Rule):
    """`project_id` on create copies that project's task lists and tasks into the new template."""

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        if values["project_id"] is not None:
            account.referred("projects", values["project_id"], "project_id")

    def created(self, account: Account, values: Values, user_id: int) -> None:
        for tasklist in in_order(account, "tasklists", having(project_id=values["project_id"])):
            like = {"name": tasklist["name"], "template_id": values["id"]}
            made = account.create("projecttemplatestasklists", like, user_id)
            for task in in_order(account, "tasks", having(tasklist_id=tasklist["id"])):
                account.create("projecttemplatestasks", {**_copied(task), "tasklist_id": made["id"]}, user_id)


class TemplateTasklistRule(Rule):
    """A new task list is the last of its template. Guessed: its `milestone_id` must exist."""

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        self._check(account, values)
        if values["seq"] is None:
            among = having(template_id=values["template_id"])
            values["seq"] = next_seq(account, "projecttemplatestasklists", among, first=0)

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        self._check(account, changes)

    @staticmethod
    def _check(account: Account, values: Values) -> None:
        if values.get("milestone_id") is not None:
            account.referred("milestones", values["milestone_id"], "milestone_id")


class TemplateTaskRule(Rule):
    """A task of a template is the last of its task list, and in that one's template."""

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        values["description"] = values["description"] or ""
        if values["seq"] is None:
            values["seq"] = self._last(account, values["tasklist_id"])
        self._complete(account, values)

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        if changes.get("tasklist_id", old["tasklist_id"]) != old["tasklist_id"]:
            changes.setdefault("seq", self._last(account, changes["tasklist_id"]))
        self._complete(account, changes)

    @staticmethod
    def _last(account: Account, tasklist_id: int) -> int:
        among = having(tasklist_id=tasklist_id)
        return next_seq(account, "projecttemplatestasks", among, first=0)

    @staticmethod
    def _complete(account: Account, values: Values) -> None:
        if "tasklist_id" in values:
            values["template_id"] = account.get("projecttemplatestasklists", values["tasklist_id"])["template_id"]
        if "users" in values:
            values["users"] = known_users(account, values["users"])


def apply_template(account: Account, project_id: int, template_id: int | None, user_id: int) -> None:
    """Adds a template's task lists and tasks to those of a project. Raises Problem for an unknown template."""
    if template_id is None:
        return
    account.referred("projecttemplates", template_id, "template_id")
    for tasklist in in_order(account, "projecttemplatestasklists", having(template_id=template_id)):
        made = account.create("tasklists", {"name": tasklist["name"], "project_id": project_id}, user_id)
        for task in in_order(account, "projecttemplatestasks", having(tasklist_id=tasklist["id"])):
            account.create("tasks", {**_copied(task), "tasklist_id": made["id"]}, user_id)


def _copied(task: Values) -> Values:
    return {name: task[name] for name in _COPIED if task.get(name) is not None}
