"""Expenses: money spent for a client, billed by a line of an invoice (`expense_id`), with a receipt as `file`.

Guessed: without a day it is today's; amounts are not negative; tags are texts; an emptied `file` takes the pictures of
the receipt along.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from paymo_async.sandbox.assets import THUMBS
from paymo_async.sandbox.filters import saying
from paymo_async.sandbox.rules.base import Rule, Values
from paymo_async.sandbox.rules.billing import check_amounts
from paymo_async.sandbox.rules.plan import recount_billing, refuse_beyond
from paymo_async.sandbox.values import Problem

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["ExpenseRule"]


class ExpenseRule(Rule):
    """Expenses. A `quantity` is taken and not kept (observed)."""

    ignores: frozenset[str] = frozenset({"quantity"})

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        refuse_beyond(account, "expenses")
        _check(values)
        values["date"] = values.get("date") or account.today()
        values["download_token"] = account.token(40)
        for name in ("notes", "file"):
            values[name] = values.get(name) or ""

    def created(self, account: Account, values: Values, user_id: int) -> None:
        recount_billing(account)

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        _check(changes)
        if "file" in changes and not changes["file"]:
            changes["file"] = ""
            for name in THUMBS:
                old.pop(name, None)

    def deleted(self, account: Account, old: Values) -> None:
        recount_billing(account)
        receipts = saying("expense_id", old["id"])
        for file in account.store.find(account.tables["files"], receipts):
            account.delete("files", file["id"])


def _check(values: Mapping[str, Any]) -> None:
    check_amounts(values)
    if not all(isinstance(tag, str) for tag in values.get("tags") or ()):
        raise Problem(400, "Invalid value for `tags`")
