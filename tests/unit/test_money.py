"""The amounts of documents, computed as the service computes them."""

from __future__ import annotations

from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paymo_async import EstimateItem
from paymo_async.money import Priced, exact, totals

AMOUNT = st.decimals(0, 10_000, places=2)
PERCENT = st.decimals(0, 100, places=2)


def amounts(lines, **given) -> tuple[str, ...]:
    return tuple(str(amount) for amount in attrs.astuple(totals(lines, **given)))


def test_the_rule_is_subtotal_less_discount_plus_taxes():
    lines = [Priced(50, 120, apply_tax=True), Priced("45.5", 2, apply_tax=False)]
    assert amounts(lines, tax=10) == ("6091.00", "0.00", "600.00", "0.00", "6691.00")
    assert amounts(lines, tax=10, tax2=5) == ("6091.00", "0.00", "600.00", "300.00", "6991.00")
    assert amounts(lines, tax=10, tax2=5, tax_on_tax=True) == ("6091.00", "0.00", "600.00", "330.00", "7021.00")
    assert amounts(lines, tax=10, discount=50) == ("6091.00", "3045.50", "300.00", "0.00", "3345.50")


def test_lines_of_a_document_count_whether_read_or_new():
    lines = [EstimateItem(item="x", price_unit=Decimal("9.99"), quantity=Decimal(3), apply_tax=True), EstimateItem()]
    assert amounts(lines, tax=Decimal("7.5")) == ("29.97", "0.00", "2.25", "0.00", "32.22")


def test_halves_of_a_cent_go_up_and_floats_count_by_their_text():
    assert amounts([Priced("0.005", 1)])[0] == "0.01"
    assert amounts([Priced(0.1, 3)])[0] == "0.30"


@pytest.mark.parametrize("nothing", [None, "", 0, False])
def test_what_is_absent_counts_as_nothing(nothing):
    assert exact(nothing) == 0
    assert amounts([], tax=nothing) == ("0.00",) * 5


@given(st.lists(st.tuples(AMOUNT, AMOUNT, st.booleans()), max_size=5), PERCENT, PERCENT, st.booleans(), PERCENT)
def test_a_total_is_the_sum_of_its_parts_and_taxes_never_lower_it(lines, tax, tax2, on_tax, discount):
    found = totals([Priced(*line) for line in lines], tax=tax, tax2=tax2, tax_on_tax=on_tax, discount=discount)
    assert found.total == found.subtotal - found.discount_amount + found.tax_amount + found.tax2_amount
    assert found.tax_amount >= 0
    assert found.total >= 0
