"""What the plan allows of estimates, invoices, recurring profiles and expenses, and how many there are.

That a plan limits them is the service's (403, as for users); that the counts are of all objects is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from paymo_async.sandbox.values import Problem
from paymo_async.sandbox.where import Filter

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["recount_all", "refuse_beyond"]

_COUNTED: Final[Mapping[str, str]] = {
    "estimates": "estimates",
    "invoices": "invoices",
    "recurringprofiles": "recurring_profiles",
    "expenses": "expenses",
}
"""By path, what the company's `max_...` and `current_...` call them."""

_TEMPLATED: Final = (("estimates", "estimatetemplates"), ("invoices", "invoicetemplates"))


def refuse_beyond(account: Account, path: str) -> None:
    """Raises Problem 403 where the plan allows no further object."""
    name = _COUNTED[path]
    most = account.company().get(f"max_{name}")
    if most is not None and account.store.count(account.tables[path]) >= int(most):
        words = name.replace("_", " ")
        raise Problem(403, f"Could not add {words[:-1]}. Maximum number of {words} reached.")


def recount_all(account: Account) -> None:
    """Brings the company's counts in line, and how often each template is used."""
    company = account.company()
    counts = {f"current_{name}": account.store.count(account.tables[path]) for path, name in _COUNTED.items()}
    if company and any(company.get(name) != number for name, number in counts.items()):
        account.store.put(account.tables["company"], {**company, **counts})
    for path, templates in _TEMPLATED:
        for template in account.store.find(account.tables[templates], Filter()):
            number = account.store.count(account.tables[path], Filter('"template_id" = ?', (template["id"],)))
            if template.get(f"{path}_count") != number:
                account.store.put(account.tables[templates], {**template, f"{path}_count": number})
