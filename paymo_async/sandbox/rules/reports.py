"""The rule of reports: static ones keep their content, live ones compute it when read, temp ones are not kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from paymo_async.sandbox.reporting import GROUPS, computed, coverage, moment
from paymo_async.sandbox.rules.base import Rule, Values
from paymo_async.sandbox.values import Problem
from paymo_async.sandbox.where import Filter

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["ReportRule"]

_PRESETS = {"all", "all_active", "all_archived"}


class ReportRule(Rule):
    """Updating takes the same parameters as creating; the content follows."""

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        _check(values)
        values["name"] = values["name"] or f"Report {account.now()[:16].replace('T', ' ')}"
        for name in ("projects", "clients", "users"):
            values[name] = values[name] or "all"
        values["include"] = _flags(values["include"])
        values["active"] = given.get("active", True)
        token = account.token(48)
        values["download_token"] = account.token(40)
        values["permalink"] = token  # becomes a link when the id is known
        self._keep(account, values)

    def created(self, account: Account, values: Values, user_id: int) -> None:
        path, token = account.tables["reports"], values["permalink"]
        values["permalink"] = f"{account.url}reports/{values['id']}/?token={token}&format=html"
        if values["type"] == "temp":
            account.store.delete(path, Filter("id = ?", (values["id"],)))
            return
        account.store.put(path, values)

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        for name in ("include", "extra"):
            if name in changes:
                changes[name] = {**(old.get(name) or {}), **(changes[name] or {})}
        if changes.get("date_interval"):
            changes |= {"start_date": None, "end_date": None}
        elif changes.get("start_date") is not None:
            changes["date_interval"] = None
        new = {**old, **changes}
        _check(new)
        self._keep(account, new)
        changes |= {name: new[name] for name in ("start_date", "end_date", "info", "content") if name in new}

    def reading(self, account: Account, values: Values) -> Values | None:
        if values["type"] != "live" and values.get("content") is not None:
            return {"content": values["content"]}
        return computed(account, values)

    @staticmethod
    def _keep(account: Account, values: Values) -> None:
        kept = values["type"] != "live"
        values |= computed(account, values) if kept else {"info": coverage(account, values), "content": None}


def _check(values: Values) -> None:
    for name in ("start_date", "end_date"):
        values[name] = moment(values.get(name))
    for name in ("projects", "clients", "users"):
        chosen = values.get(name)
        if isinstance(chosen, list) or chosen in (None, "") or chosen in _PRESETS:
            continue
        if not (name == "projects" and str(chosen).removeprefix("status_id=").isdecimal()):
            raise Problem(400, f"Invalid value for `{name}`")
    unknown = [name for name in values.get("include") or () if name not in GROUPS]
    if unknown:
        raise Problem(400, f"Unknown field or reference: `include.{unknown[0]}`")


def _flags(wanted: Mapping[str, Any] | None) -> Values:
    return {name: bool((wanted or {}).get(name)) for name in GROUPS}
