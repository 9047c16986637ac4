"""Rules of clients, their contacts, users, the company and sessions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from paymo_async.sandbox.filters import having, listing, saying
from paymo_async.sandbox.rules.base import Rule, Values
from paymo_async.sandbox.rules.plan import recount, recount_billing, refuse_beyond
from paymo_async.sandbox.values import Problem, iso
from paymo_async.sandbox.where import Filter

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["ClientRule", "CompanyRule", "ContactRule", "SessionRule", "UserRule", "hashed"]

_SESSION_SECONDS = 30 * 86400
_WEEK_STARTS = (None, *range(7))  # 0 is Sunday


class ClientRule(Rule):
    """A new client is active; deleting one takes its projects, tasks and time along."""

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        values["active"] = given.get("active", True)

    def deleting(self, account: Account, old: Values) -> None:
        # One by one, since its users forget each project.
        for project in account.store.find(account.tables["projects"], having(client_id=old["id"])):
            account.delete("projects", project["id"])

    def deleted(self, account: Account, old: Values) -> None:
        recount_billing(account)


class ContactRule(Rule):
    """`access` with a `password` opens the client portal.

    Guessed: access needs an address too; closing the portal forgets the password; one contact of a client is the main
    one, at first the first.
    """

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        values["is_main"] = values["is_main"] or not _contacts(account, values["client_id"])
        self._portal(values, values)

    def created(self, account: Account, values: Values, user_id: int) -> None:
        self._only_main(account, values)

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        self._portal({**old, **changes}, changes)

    def updated(self, account: Account, old: Values, new: Values) -> None:
        self._only_main(account, new)

    @staticmethod
    def _portal(contact: Values, changes: Values) -> None:
        if contact["access"] and not (contact.get("password") and contact.get("email")):
            raise Problem(400, "Access to the client portal needs `email` and `password`")
        if "password" in changes:
            changes["password"] = hashed(changes["password"])
        if not contact["access"]:
            changes["password"] = ""

    @staticmethod
    def _only_main(account: Account, contact: Values) -> None:
        for other in _contacts(account, contact["client_id"]):
            if contact["is_main"] and other["is_main"] and other["id"] != contact["id"]:
                account.save("clientcontacts", {**other, "is_main": False})


class UserRule(Rule):
    """Active users count against the plan; their addresses are unique, and passwords are kept as hashes.

    Guessed: neither the owner, who is the first user, nor the last active Admin can be deleted.
    """

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        self._unique(account, values["email"])
        values["name"] = given.get("name") or values["email"].split("@")[0]
        values["type"] = given.get("type") or "Employee"
        values["active"] = given.get("active", True)
        if values["active"]:
            refuse_beyond(account, "users")
        if "password" in values:
            values["password"] = hashed(values["password"])

    def created(self, account: Account, values: Values, user_id: int) -> None:
        self._assign(account, values)
        recount(account, "users")

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        if changes.get("email", old["email"]) != old["email"]:
            self._unique(account, changes["email"])
        if "password" in changes:
            changes["password"] = hashed(changes["password"])
        if changes.get("active") and not old["active"]:
            refuse_beyond(account, "users")

    def updated(self, account: Account, old: Values, new: Values) -> None:
        self._assign(account, new)
        recount(account, "users")

    def deleting(self, account: Account, old: Values) -> None:
        ((owner,),) = account.store.query('SELECT min(id) FROM "users"')
        if old["id"] == owner:
            raise Problem(403, "Could not delete user: the owner of the account stays")
        admins = Filter("\"active\" = 1 AND (body ->> '$.type') = 'Admin'")
        if not account.store.count(account.tables["users"], admins.and_("id <> ?", old["id"])):
            raise Problem(403, "Could not delete user: the last active Admin stays")

    def deleted(self, account: Account, old: Values) -> None:
        self._assign(account, {**old, "assigned_projects": [], "managed_projects": []})
        for path in ("tasks", "projecttemplatestasks", "taskrecurringprofiles"):
            names = listing("users", old["id"])
            for values in account.store.find(account.tables[path], names):
                account.save(path, {**values, "users": [user for user in values["users"] if user != old["id"]]})
        recount(account, "users")

    @staticmethod
    def _unique(account: Account, email: str) -> None:
        if account.store.count(account.tables["users"], saying("email", email)):
            raise Problem(400, "Email address already in use")

    @staticmethod
    def _assign(account: Account, user: Values) -> None:
        """Projects hold the lists; a user's two are the same facts seen from the other side."""
        for mine, theirs in (("assigned_projects", "users"), ("managed_projects", "managers")):
            wanted = set(user.get(mine) or ())
            holds = listing(theirs, user["id"])
            held = {project["id"] for project in account.store.find(account.tables["projects"], holds)}
            for key in sorted(wanted ^ held):
                project = account.referred("projects", key, mine)
                members = [member for member in project[theirs] if member != user["id"]]
                account.save("projects", {**project, theirs: [*members, user["id"]] if key in wanted else members})


class CompanyRule(Rule):
    """Settings are texts (`"30"`, `"1"`, `""`), also after an update that sent numbers.

    Next numbers that are none, and a week that begins on no day, are refused (guessed).
    """

    verbs: frozenset[str] = frozenset({"update"})

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        for name in ("next_invoice_number", "next_estimate_number"):
            if changes.get(name) and not (changes[name].isascii() and changes[name].isdecimal()):
                raise Problem(400, f"Invalid value for `{name}`")
        if changes.get("week_start") not in _WEEK_STARTS:
            raise Problem(400, "Invalid value for `week_start`")
        for name, value in changes.items():
            if isinstance(old.get(name), str) and isinstance(value, bool | int | Decimal):
                changes[name] = str(int(value)) if isinstance(value, bool) else str(value)


class SessionRule(Rule):
    """A session is a token for about 30 days, made with an empty body, and never updated."""

    verbs: frozenset[str] = frozenset({"create", "delete"})

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        values |= {
            "id": account.token(32),
            "user_id": user_id,
            "ip": "127.0.0.1",
            "expires_on": iso(account.clock() + _SESSION_SECONDS),
        }


def hashed(password: str) -> str:
    """A password as it is kept."""
    return hashlib.sha256(password.encode()).hexdigest()


def _contacts(account: Account, client_id: int) -> list[Values]:
    return account.store.find(account.tables["clientcontacts"], having(client_id=client_id))
