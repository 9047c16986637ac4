"""Rules of documents with lines: estimates, invoices, recurring profiles (BEHAVIOUR.md, Rules of single resources).

Totals and lines as a whole set are written here once; `paymo_async.money` has the arithmetic, `numbering` the numbers.
What each kind of document adds is in `estimates`, `invoices` and `recurring`.

Guessed: a line without a quantity counts one; prices may be negative (a credit), quantities not; taxes and discounts
are between 0 and 100 percent. A new document takes its texts from the company's settings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import attrs

from paymo_async import money
from paymo_async.sandbox.filters import having
from paymo_async.sandbox.rules.base import Rule, Values
from paymo_async.sandbox.rules.ordering import in_order, next_seq
from paymo_async.sandbox.values import Problem, accept, defaults, is_object, plain

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account
    from paymo_async.sandbox.schema import Table

__all__ = [
    "Billing",
    "DocumentRule",
    "LineRule",
    "bill_to",
    "check_amounts",
    "company_info",
    "copied_lines",
    "is_set",
    "lines_of",
    "totals",
]


class Billing(NamedTuple):
    """One kind of document with lines: its paths, the lines' foreign key, and what the company's settings call it."""

    path: str
    lines: str
    fk: str
    title: str
    templates: str
    footer: str = ""
    format: str = ""
    next_number: str = ""


def totals(document: Mapping[str, Any], lines: Iterable[Mapping[str, Any]]) -> Values:
    """The computed amounts of a document."""
    priced = (money.Priced(line.get("price_unit"), line.get("quantity"), line.get("apply_tax")) for line in lines)
    computed = money.totals(
        priced,
        tax=document.get("tax"),
        tax2=document.get("tax2"),
        tax_on_tax=bool(document.get("tax_on_tax")),
        discount=document.get("discount"),
    )
    return {name: plain(amount) for name, amount in attrs.asdict(computed).items()}


def check_amounts(values: Mapping[str, Any]) -> None:
    """Refuses prices, quantities and percentages that are out of range, or finer than ten decimals."""
    for name, (lowest, highest) in _RANGES.items():
        number = money.exact(values.get(name))
        if not lowest <= number <= highest or number != round(number, 10):
            raise Problem(400, f"Invalid value for `{name}`")


_RANGES: Final[Mapping[str, tuple[int, int]]] = {
    "price_unit": (-(10**12), 10**12),
    "quantity": (0, 10**9),
    "amount": (0, 10**12),
    "tax": (0, 100),
    "tax2": (0, 100),
    "discount": (0, 100),
}


class LineRule(Rule):
    """Lines, by themselves or as a document's `items`: each change recomputes the document."""

    def __init__(self, billing: Billing) -> None:
        self.billing: Billing = billing

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        if not values.get(self.billing.fk):
            raise Problem(400, f"Missing required params: {self.billing.fk}")
        self.complete(account, values, given)
        if values.get("seq") is None:
            among = having(**{self.billing.fk: values[self.billing.fk]})
            values["seq"] = next_seq(account, self.billing.lines, among, first=0)

    def created(self, account: Account, values: Values, user_id: int) -> None:
        self.attach(account, values)
        self.recompute(account, values[self.billing.fk])

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        check_amounts(changes)

    def updated(self, account: Account, old: Values, new: Values) -> None:
        if self.billed(old) != self.billed(new):
            self.release(account, old)
            self.attach(account, new)
        for key in {old[self.billing.fk], new[self.billing.fk]}:
            self.recompute(account, key)

    def deleted(self, account: Account, old: Values) -> None:
        self.recompute(account, old[self.billing.fk])

    def complete(self, account: Account, line: Values, given: Mapping[str, Any]) -> None:
        """Before a new line is stored: fills in what was not given, and checks it."""
        if given.get("quantity") is None:
            line["quantity"] = 1
        check_amounts(line)
        _require_item(line)

    def billed(self, line: Mapping[str, Any]) -> tuple[Any, ...]:
        """What a line bills, to be compared."""
        return ()

    def attach(self, account: Account, line: Values) -> None:
        """After a line was stored: marks what it bills."""

    def release(self, account: Account, line: Values) -> None:
        """Before a line bills something else: takes those marks back. Where a line goes, its marks go by themselves."""

    def recompute(self, account: Account, key: Any) -> None:
        """Brings a document's amounts in line with its lines."""
        document = account.look(self.billing.path, key)
        if document is None:
            return
        document |= totals(document, lines_of(account, self.billing, key))
        self.settle(account, document)
        account.save(self.billing.path, document)

    def settle(self, account: Account, document: Values) -> None:
        """What else follows from the amounts; completes `document` in place."""


class DocumentRule(Rule):
    """Documents with lines. rule: of the lines."""

    def __init__(self, rule: LineRule) -> None:
        self.lines: LineRule = rule
        self.billing: Billing = rule.billing

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        client = account.referred("clients", values["client_id"], "client_id")
        _fill(self.billing, account.company(), client, values, given)
        check_amounts(values)
        values |= totals(values, ())

    def created(self, account: Account, values: Values, user_id: int) -> None:
        self._write_lines(account, values, values.pop("items", None) or ())
        account.store.put(account.tables[self.billing.path], values)
        self.lines.recompute(account, values["id"])

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        check_amounts(changes)
        if "items" in changes:
            self._write_lines(account, old, changes.pop("items") or ())

    def updated(self, account: Account, old: Values, new: Values) -> None:
        self.lines.recompute(account, new["id"])

    def _write_lines(self, account: Account, document: Values, items: Sequence[Any]) -> None:
        """`items` is the whole new set: a line with a known id is kept or changed, the others go."""
        billing, table = self.billing, account.tables[self.billing.lines]
        old = {line["id"]: line for line in lines_of(account, billing, document["id"])}
        wanted = [_item(billing, document, place, item) for place, item in enumerate(items)]
        kept = [key for key, _ in wanted if key is not None]
        if len(set(kept)) < len(kept) or not old.keys() >= set(kept):
            raise Problem(400, "Invalid reference: `items`")
        new = [self._line(account, table, old.get(key), {**given, billing.fk: document["id"]}) for key, given in wanted]
        # All that lines bill no longer is free before any line bills anew: time may move from one to another.
        for key in old.keys() - set(kept):
            account.delete(billing.lines, key)
        changed = [(line, old.get(line["id"], {})) for line in new if line != old.get(line["id"])]
        for line, before in changed:
            if before and self.lines.billed(line) != self.lines.billed(before):
                self.lines.release(account, before)
        for line, before in changed:
            stored = account.save(billing.lines, line) if before else account.add(billing.lines, line)
            if self.lines.billed(line) != self.lines.billed(before):
                self.lines.attach(account, stored)

    def _line(self, account: Account, table: Table, old: Values | None, given: Values) -> Values:
        owner = {self.billing.fk: given.pop(self.billing.fk)}
        taken = accept(table, given, creating=old is None)
        if old is None:
            line = {**defaults(table), **taken, **owner}
            self.lines.complete(account, line, taken)
            return line
        line = {**old, **taken}
        check_amounts(line)
        _require_item(line)
        return line


def lines_of(account: Account, billing: Billing, key: Any) -> list[Values]:
    """A document's lines, in their order."""
    return in_order(account, billing.lines, having(**{billing.fk: key}))


def copied_lines(account: Account, billing: Billing, key: Any) -> list[Values]:
    """A document's lines as the `items` of another one."""
    lines = lines_of(account, billing, key)
    return [{name: line[name] for name in _OF_LINES if line.get(name) is not None} for line in lines]


_OF_LINES: Final = ("item", "description", "price_unit", "quantity", "apply_tax", "seq")


def is_set(company: Mapping[str, Any], name: str) -> bool:
    """Whether one of the company's settings is on: they are texts, a new one may be a boolean."""
    return str(company.get(name)) in ("1", "True")


def _item(billing: Billing, document: Values, place: int, item: Any) -> tuple[int | None, Values]:
    """An entry of `items`: the id of the line that it keeps, None for a new one, and what it sets."""
    if not is_object(item):
        raise Problem(400, "Invalid value for `items`")
    given = {"seq": place, **item}
    if given.pop(billing.fk, document["id"]) != document["id"]:
        raise Problem(400, f"Invalid value for `{billing.fk}`")
    key = given.pop("id", None)
    if key is None:
        return None, given
    if not str(key).isdecimal():
        raise Problem(400, "Invalid reference: `items`")
    return int(key), given


def _require_item(values: Mapping[str, Any]) -> None:
    if not values["item"]:
        raise Problem(400, "Missing required params: item")


def _fill(billing: Billing, company: Values, client: Values, values: Values, given: Mapping[str, Any]) -> None:
    texts = {
        "title": billing.title,
        "bill_to": bill_to(client),
        "company_info": company_info(company),
        "footer": company.get(billing.footer) or "",
        "notes": "",
        "language": "",
        "tax_text": company.get("default_tax_text") or "",
        "tax2_text": company.get("default_tax2_text") or "",
        "discount_text": "Discount",
    }
    values |= {name: text for name, text in texts.items() if given.get(name) is None}
    for name in ("tax", "tax2"):
        if name not in given:
            values[name] = plain(money.exact(company.get(f"default_{name}")))
    if "tax_on_tax" not in given:
        values["tax_on_tax"] = is_set(company, "tax_on_tax")


def bill_to(client: Mapping[str, Any]) -> str:
    """Whom a document is for, as the documented ones say it: the town, state and postal code are one line."""
    region = " ".join(str(client[name]) for name in ("state", "postal_code") if client.get(name))
    town = ", ".join(part for part in (client.get("city"), region) if part)
    return _lines({**client, "city": town}, ("name", "address", "city", "country", "fiscal_information"))


def company_info(company: Mapping[str, Any]) -> str:
    """Whom a document is from."""
    return _lines(company, ("name", "address", "email", "phone", "fiscal_information"))


def _lines(owner: Mapping[str, Any], names: Sequence[str]) -> str:
    return "\n".join(str(owner[name]).strip() for name in names if owner.get(name))
