"""Templates of estimates and of invoices: one of each kind is the default.

Guessed: making one the default takes that from the other; a default, or one in use, may be deleted, and the documents
that used it then have none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from paymo_async.sandbox.rules.base import Rule, Values, keep_one_default

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["DocumentTemplateRule", "ReadOnly"]


class ReadOnly(Rule):
    """A resource that can only be read (the galleries)."""

    verbs: frozenset[str] = frozenset()


class DocumentTemplateRule(Rule):
    """Templates of one kind. path: theirs; setting: the company's name for the default one; title: of new ones."""

    def __init__(self, path: str, setting: str, title: str) -> None:
        self._path = path
        self._setting = setting
        self._title = title

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        if given.get("title") is None:
            values["title"] = self._title

    def created(self, account: Account, values: Values, user_id: int) -> None:
        self._settle(account, values)

    def updated(self, account: Account, old: Values, new: Values) -> None:
        self._settle(account, new)

    def deleted(self, account: Account, old: Values) -> None:
        if old["is_default"]:
            account.set_company({self._setting: None})

    def _settle(self, account: Account, template: Values) -> None:
        if template["is_default"]:
            keep_one_default(account, self._path, template)
            account.set_company({self._setting: template["id"]})
        elif account.company().get(self._setting) == template["id"]:
            account.set_company({self._setting: None})
