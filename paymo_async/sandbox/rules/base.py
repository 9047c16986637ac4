"""What a resource's own rule may do while its objects are made, changed and deleted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from paymo_async.sandbox.filters import having

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["Rule", "Values", "keep_one_default"]

Values = dict[str, Any]


class Rule:
    """The rule of a resource that has none: every hook does nothing.

    verbs: what the resource allows beside reading, if it is readable. ignores: what a create may hold in vain.
    `values`, `changes`, `old` and `new` are objects in the stored form; `given` is what the request set of them. A hook
    refuses by raising Problem: nothing is written then.
    """

    verbs: frozenset[str] = frozenset({"create", "update", "delete"})
    readable: bool = True
    ignores: frozenset[str] = frozenset()

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        """Before a new object is stored; completes `values` in place."""

    def created(self, account: Account, values: Values, user_id: int) -> None:
        """After it was stored, `id` included."""

    def accepting(self, account: Account, old: Values, given: Values) -> Values:
        """Before changes are checked: takes out of `given` what this resource lets pass, and returns it."""
        return {}

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        """Before changes are stored; completes `changes` in place. What is taken out of `old` is an attribute less."""

    def updated(self, account: Account, old: Values, new: Values) -> None:
        """After they were stored."""

    def deleting(self, account: Account, old: Values) -> None:
        """Before an object and what goes with it is deleted."""

    def deleted(self, account: Account, old: Values) -> None:
        """After it is gone."""

    def reading(self, account: Account, values: Values) -> Values | None:
        """What one object's GET adds to the stored ones (a report's content); None for nothing."""
        return None

    def daily(self, account: Account, day: date) -> None:
        """What the service does by itself each day at 09:00 UTC (recurring invoices and tasks)."""


def keep_one_default(account: Account, path: str, chosen: Values) -> None:
    """Takes `is_default` from all objects of a path but one."""
    others = having(is_default=True).and_("id <> ?", chosen["id"])
    for other in account.store.find(account.tables[path], others):
        account.save(path, {**other, "is_default": False})
