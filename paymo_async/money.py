"""The amounts of an estimate, invoice or recurring profile, computed here as the service computes them.

The arithmetic (BEHAVIOUR.md, Rules of single resources), exact in Decimal:

    subtotal        = sum of price_unit * quantity
    discount_amount = subtotal * discount %
    taxed           = the lines with apply_tax, less the same discount
    tax_amount      = taxed * tax %
    tax2_amount     = (taxed, plus tax_amount with tax_on_tax) * tax2 %
    total           = subtotal - discount_amount + tax_amount + tax2_amount

Two things are not documented and guessed here: each amount is rounded to cents, halves up, and the discount lowers what
is taxed. So show these amounts as a preview, and take what the service answers for the truth.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, Protocol

import attrs

__all__ = ["Line", "Priced", "Totals", "cents", "exact", "totals"]

_CENT: Final = Decimal("0.01")


class Line(Protocol):
    """What is added up: a line of any document, read or not yet sent."""

    @property
    def price_unit(self) -> Any:
        """The price of one."""

    @property
    def quantity(self) -> Any:
        """How many."""

    @property
    def apply_tax(self) -> Any:
        """Whether it is taxed."""


@attrs.frozen(slots=True)
class Priced:
    """A line that is nothing but its numbers."""

    price_unit: Any = 0
    quantity: Any = 1
    apply_tax: Any = False


@attrs.frozen(slots=True, kw_only=True)
class Totals:
    """The computed amounts, under the service's names."""

    subtotal: Decimal
    discount_amount: Decimal
    tax_amount: Decimal
    tax2_amount: Decimal
    total: Decimal


def totals(
    lines: Iterable[Line],
    *,
    tax: Any = 0,
    tax2: Any = 0,
    tax_on_tax: bool = False,
    discount: Any = 0,
) -> Totals:
    """The amounts of these lines. tax, tax2, discount: percent, as Decimal, int or numeral; absent counts as 0."""
    amounts = [(exact(line.price_unit) * exact(line.quantity), bool(line.apply_tax)) for line in lines]
    subtotal = sum((amount for amount, _ in amounts), Decimal())
    kept = 1 - exact(discount) / 100
    taxed = sum((amount for amount, taxable in amounts if taxable), Decimal()) * kept
    off = cents(subtotal * (1 - kept))
    first = cents(taxed * exact(tax) / 100)
    second = cents((taxed + (first if tax_on_tax else 0)) * exact(tax2) / 100)
    return Totals(
        subtotal=cents(subtotal),
        discount_amount=off,
        tax_amount=first,
        tax2_amount=second,
        total=cents(subtotal) - off + first + second,
    )


def exact(value: Any) -> Decimal:
    """The number as a Decimal; 0 for what is absent, null or empty. A float counts by its shortest text."""
    return Decimal(str(value)) if value else Decimal()


def cents(amount: Decimal) -> Decimal:
    """Rounded to two places, halves up."""
    return amount.quantize(_CENT, ROUND_HALF_UP)
