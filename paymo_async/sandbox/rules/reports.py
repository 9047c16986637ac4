"""The rule of reports: static ones keep their content, live ones compute it when read, temp ones are not kept."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from paymo_async.models.base import declaration
from paymo_async.models.reports import ReportOptions
from paymo_async.sandbox.filters import having
from paymo_async.sandbox.reporting import GROUPS, computed, coverage
from paymo_async.sandbox.rules.base import Rule, Values
from paymo_async.sandbox.tracked import moment
from paymo_async.sandbox.values import Problem, is_list

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["ReportRule"]


class ReportRule(Rule):
    """Updating takes the same parameters as creating; the content follows."""

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        _check(values)
        _refer(account, values, _LISTS)
        values["name"] = values["name"] or f"Report {account.now()[:16].replace('T', ' ')}"
        values["include"] = {name: values["include"].get(name, False) for name in GROUPS}
        values["active"] = given.get("active", True)
        token = account.token(48)
        values["download_token"] = account.token(40)
        values["permalink"] = token  # becomes a link when the id is known
        self._keep(account, values)

    def created(self, account: Account, values: Values, user_id: int) -> None:
        path, token = account.tables["reports"], values["permalink"]
        values["permalink"] = f"{account.url}reports/{values['id']}/?token={token}&format=html"
        if values["type"] == "temp":
            account.store.delete(path, having(id=values["id"]))
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
        _refer(account, new, [name for name in _LISTS if name in changes])
        self._keep(account, new)
        changes |= {name: new[name] for name in _FOLLOWING}

    def reading(self, account: Account, values: Values) -> Values | None:
        if values["type"] != "live" and values.get("content") is not None:
            return {"content": values["content"]}
        return computed(account, values)

    @staticmethod
    def _keep(account: Account, values: Values) -> None:
        kept = values["type"] != "live"
        values |= computed(account, values) if kept else {"info": coverage(account, values), "content": None}


def _check(values: Values) -> None:
    """Brings the parameters into the stored form. Raises Problem 400."""
    _check_span(values)
    for name in _LISTS:
        values[name] = _chosen(name, values.get(name))
    values["include"] = _flags("include", values.get("include"), GROUPS)
    values["extra"] = _options(values.get("extra"))


def _check_span(values: Values) -> None:
    """Two moments win over an interval; one alone, none at all or an end before the start are refused (guessed)."""
    start, end = (moment(values.get(name)) for name in ("start_date", "end_date"))
    if (start is None) != (end is None):
        raise Problem(400, f"Missing required params: {'start_date' if start is None else 'end_date'}")
    if start is not None and end is not None:
        if start > end:
            raise _wrong("end_date")
        values["date_interval"] = None
    elif not values.get("date_interval"):
        raise Problem(400, "Missing required params: date_interval or start_date, end_date")
    values |= {"start_date": start, "end_date": end}


def _refer(account: Account, values: Values, names: Iterable[str]) -> None:
    """Refuses ids of what does not exist, of which there would be no time at all (guessed)."""
    for name in names:
        for key in values[name] if is_list(values[name]) else ():
            account.referred(name, key, name)


def _chosen(name: str, value: Any) -> Any:
    """Ids, or a preset."""
    if value in (None, ""):
        return "all"
    if is_list(value) and all(str(item).isdecimal() for item in value):
        return [int(item) for item in value]
    if isinstance(value, str) and (value in _PRESETS or (name == "projects" and _STATUS.fullmatch(value))):
        return value
    raise _wrong(name)


def _options(given: Any) -> Values:
    extra: Values = dict(given or {})
    step, order = extra.pop("rounding_step", _ABSENT), extra.pop("order", _ABSENT)
    made = _flags("extra", extra, _FLAGS)
    if step is not _ABSENT:
        made["rounding_step"] = _step(step)
    if order is not _ABSENT:
        if not is_list(order) or not all(isinstance(name, str) and name in GROUPS for name in order):
            raise _wrong("extra.order")
        made["order"] = order
    return made


def _step(value: Any) -> Any:
    """Minutes; false, null and true stand for no step, as the service sends it."""
    if value is None or isinstance(value, bool):
        return value
    if not str(value).isdecimal() or int(value) > _MINUTES_OF_A_DAY:
        raise _wrong("extra.rounding_step")
    return int(value)


def _flags(name: str, given: Mapping[str, Any] | None, known: Collection[str]) -> Values:
    made: Values = {}
    for flag, value in (given or {}).items():
        if flag not in known:
            raise Problem(400, f"Unknown field or reference: `{name}.{flag}`")
        if str(value).lower() not in _BOOLEANS:
            raise _wrong(f"{name}.{flag}")
        made[flag] = _BOOLEANS[str(value).lower()]
    return made


def _wrong(name: str) -> Problem:
    return Problem(400, f"Invalid value for `{name}`")


_ABSENT = object()
_LISTS = ("projects", "clients", "users")
# What an update may change beside what it names.
_FOLLOWING = (
    *("start_date", "end_date", "date_interval", "projects", "clients", "users", "include", "extra"),
    *("info", "content"),
)
_PRESETS = frozenset({"all", "all_active", "all_archived"})
_STATUS = re.compile("status_id=[0-9]{1,15}")
_FLAGS = frozenset(declaration(ReportOptions).attributes) - {"rounding_step", "order"}
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False, "none": False, "": False}
_MINUTES_OF_A_DAY = 24 * 60
