"""What the plan allows of users, projects, estimates, invoices, recurring profiles and expenses, and how many exist.

That a plan limits them is the service's (403); what counts is guessed: active users, and all of the others. The company
tells how many users and projects are active, and how many there are of the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from paymo_async.sandbox.filters import having
from paymo_async.sandbox.values import Problem
from paymo_async.sandbox.where import Filter

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["recount", "recount_billing", "refuse_beyond"]

_NAMES: Final[Mapping[str, str]] = {
    "users": "users",
    "projects": "projects",
    "estimates": "estimates",
    "invoices": "invoices",
    "recurringprofiles": "recurring_profiles",
    "expenses": "expenses",
}
"""By path, what the company's `max_...` and `current_...` call them."""

_ACTIVE: Final = Filter('"active" = 1')
_LIMITED: Final[Mapping[str, Filter]] = {"users": _ACTIVE}
_COUNTED: Final[Mapping[str, Filter]] = {"users": _ACTIVE, "projects": _ACTIVE}

_TEMPLATED: Final = (("estimates", "estimatetemplates"), ("invoices", "invoicetemplates"))


def refuse_beyond(account: Account, path: str) -> None:
    """Raises Problem 403 where the plan allows no further object."""
    name = _NAMES[path]
    most = account.company().get(f"max_{name}")
    if most is not None and account.store.count(account.tables[path], _LIMITED.get(path)) >= int(most):
        words = name.replace("_", " ")
        raise Problem(403, f"Could not add {words[:-1]}. Maximum number of {words} reached.")


def recount(account: Account, *paths: str) -> None:
    """Brings some of the company's counts in line."""
    tables = account.tables
    account.set_company(
        {f"current_{_NAMES[path]}": account.store.count(tables[path], _COUNTED.get(path)) for path in paths}
    )


def recount_billing(account: Account) -> None:
    """Brings the company's counts of what is billed in line, and how often each template is used."""
    recount(account, "estimates", "invoices", "recurringprofiles", "expenses")
    for path, templates in _TEMPLATED:
        for template in account.store.find(account.tables[templates], Filter()):
            number = account.store.count(account.tables[path], having(template_id=template["id"]))
            if template.get(f"{path}_count") != number:
                account.store.put(account.tables[templates], {**template, f"{path}_count": number})
